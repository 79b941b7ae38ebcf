"""A question and the passages found -> which sentences answer it, and how sure that is.

The span reader (``span_reader.py``) reads the passages; then two small models, fitted on questions with known answers
that it was not trained on (``evals/fit.py``), weigh what it read together with the signals of the search: one scores
every sentence, the other turns the best sentence and its lead into the chance that the documents hold the answer at
all. No language model, a tenth of a second. The chance is calibrated for collections where every second question can
be answered.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Chunk, Passage, SearchResult
from index.terms import stems
from qa.codes import names_unknown_code
from qa.expectation import asks_for_several
from qa.features import (
    QUESTION_FEATURES,
    SENTENCE_FEATURES,
    Features,
    SentencePlace,
    numbered,
    sentence_features,
)
from qa.span_reader import SpanReader

_WEIGHTS_FILE = Path(__file__).parent / "models" / "reader.json"
_PAUSES = (0.25, 0.5)
"""Shares of the passages after which reading stops if one surely answers. On 200 questions of SQuAD 3.5 are read in the
mean with both, 4.8 with the second alone, 7.4 with none, and the first sentence is right for as many (.850)."""
_CODE_NOWHERE = 0.01
"""Confidence at most where a code, version, year, model or numbered thing of the question stands in none of the
passages found: of 189 questions with such a code that the fit asks (``evals/fit.py``) one had its answer there, of 6 on
such a model none."""
_SIGNS = re.compile(r"[-_]+")
"""What stands between the words of a file's name."""
_CLOSE = 2.0
"""Passages that search scores this little below the best are read in any case: a source that disagrees is as near."""

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that may answer: where it is, and its score (higher is better, comparable within one question)."""

    place: SentencePlace
    score: float


def document_of(item: Evidence, result: SearchResult) -> str:
    """The id of the document that a sentence stands in."""
    return result.passages[item.place.passage].document.id


@dataclass(frozen=True, slots=True)
class Reading:
    """All sentences, best first, and the chance in [0, 1] that they hold the answer."""

    evidence: tuple[Evidence, ...]
    confidence: float

    @property
    def passages(self) -> tuple[int, ...]:
        """Numbers of the passages that hold a sentence, by their best one: those that answer come first."""
        return tuple(dict.fromkeys(item.place.passage for item in self.evidence))


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted numbers; see :func:`evals.fit.fit_listwise` and :func:`evals.fit.fit_confidence` for their making."""

    sentence: Mapping[str, Array]
    confidence: Mapping[str, Array]
    threshold: float

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Weights":
        """From the form in which they are stored."""
        arrays = {
            part: {name: np.array(values, dtype=np.float32) for name, values in content.get(part, {}).items()}
            for part in ("sentence", "confidence")
        }
        return cls(arrays["sentence"], arrays["confidence"], float(content.get("threshold", 0.5)))

    def scores(self, table: Array) -> Array:
        """One score per row of sentence features."""
        result: Array = table @ self.sentence["weights"]
        return result

    def confidences(self, rows: Array) -> Array:
        """One chance in [0, 1] per row of :func:`confidence_features`."""
        part = self.confidence
        logits = (rows - part["mean"]) / part["scale"] @ part["weights"] + part["bias"]
        result: Array = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return result


def read(question: str, result: SearchResult, span_reader: SpanReader, *, budget: int) -> Reading:
    """Score every sentence of the passages found, of which the span reader reads up to ``budget`` word pieces."""
    found = read_features(question, result, span_reader, budget=budget)
    if not found.places:
        return Reading((), 0.0)
    weights = shipped_weights()
    scores = weights.scores(found.table)
    confidence = float(weights.confidences(confidence_features(found, scores)[None])[0])
    if names_unknown_code(question, result.passages):
        confidence = min(confidence, _CODE_NOWHERE)
    order = sorted(range(len(scores)), key=lambda row: (-scores[row], row))
    return Reading(tuple(Evidence(found.places[row], float(scores[row])) for row in order), confidence)


def read_features(question: str, result: SearchResult, span_reader: SpanReader, *, budget: int) -> Features:
    """What the weights weigh, for every sentence of the passages found."""
    numbers = numbered(stems(question))
    chunks = [_named(passage, numbers) for passage in result.passages]
    spans = span_reader.read(question, chunks, budget=budget, pauses=_pauses(question, result))
    return sentence_features(question, result, spans)


def _named(passage: Passage, numbers: AbstractSet[str]) -> Chunk:
    """The chunk, under its file's name too where that alone holds one of the question's numbers: "rules-2026.docx"."""
    chunk, name = passage.chunk, PurePosixPath(passage.document.source).stem
    if not numbers or not (numbers & set(stems(name))) - set(stems(chunk.context)):
        return chunk
    return replace(chunk, context=f"{_SIGNS.sub(' ', name)} > {chunk.context}")


def _pauses(question: str, result: SearchResult) -> list[int]:
    """After how many passages reading may stop: not before those about as good as the best; never for a list."""
    scores = [passage.score for passage in result.passages]
    if asks_for_several(question) or not scores:
        return []
    close = sum(score >= scores[0] - _CLOSE for score in scores)
    return [max(math.ceil(len(scores) * share), close) for share in _PAUSES]


def confidence_features(found: Features, scores: Array) -> Array:
    """What confidence is made of: the best sentence's features, its score, its lead, and those of the question."""
    ranked = np.sort(scores)[::-1]
    best = int(np.argmax(scores))
    lead = ranked[0] - (ranked[1] if len(ranked) > 1 else ranked[0] - 5.0)
    crowd = np.log(np.exp(scores - ranked[0]).sum())  # how many sentences are about as good
    return np.concatenate([found.table[best], [ranked[0], lead, crowd], found.question]).astype(np.float32)


def default_threshold() -> float:
    """The confidence below which nothing is answered; fitted as ``evals/fit.py`` says."""
    return shipped_weights().threshold


@cache
def shipped_weights() -> Weights:
    """The weights in the package.

    :raises ValueError: they were fitted for other features than this code computes.
    """
    content = json.loads(_WEIGHTS_FILE.read_text(encoding="utf-8"))
    for name, expected in (("sentence_features", SENTENCE_FEATURES), ("question_features", QUESTION_FEATURES)):
        _same(content[name], expected)
    return Weights.from_dict(content)


def _same(stored: Sequence[str], expected: Sequence[str]) -> None:
    if list(stored) != list(expected):
        raise ValueError(f"{_WEIGHTS_FILE} was fitted for other features; run: python -m evals.fit --data FOLDER")
