"""A question and the passages found -> numbers per sentence, for the reader. Pure.

The same numbers are used to fit the reader (``evals/fit.py``) and to run it.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index import Passage, SearchResult
from index.terms import Term, stems, terms
from index.types import CELL_BORDER
from qa.codes import Code, Numbered, alike, codes, holds, numbered_otherwise, numbered_things, padded
from qa.expectation import KINDS, expected_kind, offers
from qa.span_reader import Span
from qa.units import lacks_unit

SENTENCE_FEATURES = (
    "passage lexical", "passage semantic", "passage sentence", "passage coverage", "passage gap",
    "similarity", "similarity rank", "coverage", "coverage with before", "coverage with neighbours",
    "word pairs", "rarest word missing", "rarest word missing in passage", "names missing", "names missing with before",
    "names missing in passage", "numbers missing", "numbers missing in passage",
    "code missing", "code missing in passage",
    "label coverage", "label unasked",
    "length", "first in passage", "is question", "introduces",
    *(f"offers {kind}" for kind in KINDS[:5]), *(f"lacks {kind}" for kind in KINDS[:5]),
    "unit missing", "unit missing at answer",
    "unread", "span margin", "span lead", "passage margin",
)  # fmt: skip
"""Columns of :attr:`Features.table`, in order."""

QUESTION_FEATURES = ("unknown words", "topic words", *(f"asks {kind}" for kind in KINDS))
"""Columns of :attr:`Features.question`, in order."""


_BESIDE = 16
"""Characters on either side of a short answer in which its unit may stand ("between 30 and [40] minutes a day")."""
_AFTER_COLON = ' \n*_)"”'
"""Signs of emphasis and brackets that may stand after a sentence's colon."""
_ORDINAL = re.compile(r"\d{1,3}[.)]?")
"""The number of a row, which its next cell is the label of."""
_LONGEST_LABEL = 80
"""Characters; what stands before the first border of a longer text is no cell."""
_FURTHEST = 15.0
"""Margins beyond this say nothing more; a sentence that was not read counts as having the lowest."""


@dataclass(frozen=True, slots=True)
class SentencePlace:
    """A sentence of a passage: its offsets in the document, its text as written, and the short answer read in it."""

    passage: int
    start: int
    end: int
    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """``table`` has a row per sentence in ``places``; ``question`` describes the question and the search as a whole."""

    places: tuple[SentencePlace, ...]
    table: NDArray[np.float32]
    question: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question's side of the comparison."""

    question: str
    weights: Mapping[str, float]
    total: float
    rarest: float
    pairs: frozenset[tuple[str, str]]
    words: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    codes: frozenset[Code]
    things: frozenset[Numbered]
    kind: int


def numbered(words: Iterable[str]) -> frozenset[str]:
    """The words that hold a digit: years, amounts, models."""
    return frozenset(word for word in words if any(character.isdigit() for character in word))


def introduces(text: str) -> bool:
    """Whether a sentence announces what follows it: its last sign is a colon."""
    return text.rstrip(_AFTER_COLON).endswith((":", "："))


def sentence_features(question: str, result: SearchResult, spans: Sequence[Sequence[Span | None]]) -> Features:
    """Numbers for every sentence of every passage of a search; ``spans`` is what the span reader read in each."""
    weights = result.weights
    words = stems(question)
    asked = _Asked(
        question=question,
        weights=weights,
        total=sum(weights.values()) or 1.0,
        rarest=max(weights.values(), default=1.0) or 1.0,
        pairs=frozenset(pairwise(words)),
        words=frozenset(term.lower() for term in question.replace("?", " ").replace("'s", " ").split()),
        names=_names(question),
        numbers=numbered(words),
        codes=codes(question),
        things=numbered_things(question),
        kind=KINDS.index(expected_kind(question)),
    )
    places: list[SentencePlace] = []
    rows: list[list[float]] = []
    best = max((passage.score for passage in result.passages), default=0.0)
    present: set[str] = set()
    for number, passage in enumerate(result.passages):
        found, table = _passage_features(number, passage, asked, best, spans[number])
        places += found
        rows += table
        present.update(stems(passage.chunk.text))
    _add_similarity_ranks(rows)
    _add_span_leads(rows)
    missing = sum(weight for stem, weight in weights.items() if stem not in present) / asked.total
    kinds = [float(asked.kind == kind) for kind in range(len(KINDS))]
    return Features(
        tuple(places),
        np.array(rows, dtype=np.float32).reshape(len(rows), len(SENTENCE_FEATURES)),
        np.array([missing, math.log1p(len(weights)), *kinds], dtype=np.float32),
    )


def _passage_features(
    number_of_passage: int, passage: Passage, asked: _Asked, best: float, spans: Sequence[Span | None]
) -> tuple[list[SentencePlace], list[list[float]]]:
    chunk = passage.chunk
    texts = [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]
    words_of = [terms(text) for text in texts]
    stems_of = [{term.stem for term in words} for words in words_of]
    everything = set(stems(chunk.text)) | set(stems(chunk.context))
    named = set(stems(passage.document.source))  # a file's name often tells the year or the model it is about
    signals = passage.signals
    beyond = (chunk.context, passage.heading or "", passage.document.source)
    code_missing = _code_missing(asked, "", [chunk.text, *beyond])
    shared = [signals.lexical, signals.semantic, signals.sentence, signals.coverage, passage.score - best]
    highest = max((_margin(span) for span in spans), default=-_FURTHEST)
    places, rows = [], []
    for place, (start, end) in enumerate(chunk.sentences):
        own = stems_of[place]
        before = own | _stems_before(passage, place)
        around = before | (stems_of[place + 1] if place + 1 < len(stems_of) else set())
        kind = KINDS[asked.kind]
        offered = offers(texts[place], kind, question_words=asked.words)
        rows.append(
            [
                *shared,
                passage.similarities[place],
                0.0,  # rank among all sentences, filled in when all are known
                _coverage(asked, own),
                _coverage(asked, before),
                _coverage(asked, around),
                _shared_pairs(asked, words_of[place]),
                _rarest_missing(asked, own),
                _rarest_missing(asked, everything),
                _missing(asked.names, own),
                _missing(asked.names, before),
                _missing(asked.names, everything),
                _missing(asked.numbers, before | named),
                _missing(asked.numbers, everything | named),
                max(
                    _code_missing(asked, texts[place], [_leading(passage, place), *beyond]),
                    _numbered_otherwise(asked, texts[place], passage.heading or ""),
                ),
                code_missing,
                *_label(asked, texts[place]),
                math.log1p(len(words_of[place])) / 4,
                float(place == 0),
                float(texts[place].rstrip().endswith("?")),
                float(introduces(texts[place])),
                *(offered if asked.kind == number else 0.0 for number in range(5)),
                *(float(asked.kind == number and not offered) for number in range(5)),
                float(lacks_unit(asked.question, texts[place], header=chunk.columns)),
                float(lacks_unit(asked.question, _beside(spans[place], texts[place], start), header=chunk.columns)),
                float(spans[place] is None),
                _margin(spans[place]),
                0.0,  # lead over all other sentences, filled in when all are known
                highest,
            ]
        )
        places.append(SentencePlace(number_of_passage, start, end, texts[place], spans[place]))
    return places, rows


def _beside(span: Span | None, sentence: str, start: int) -> str:
    """The short answer and what stands next to it; the whole sentence where none was read."""
    if span is None:
        return sentence
    return sentence[max(0, span.start - start - _BESIDE) : span.end - start + _BESIDE]


def _stems_before(passage: Passage, place: int) -> set[str]:
    """Words that a sentence stands under or after: headings above it, and the text from the previous sentence on."""
    return set(stems(_leading(passage, place))) | set(stems(passage.chunk.context))


def _leading(passage: Passage, place: int) -> str:
    """The text from the previous sentence up to a sentence."""
    chunk = passage.chunk
    begin = chunk.sentences[place - 1][0] if place else chunk.start
    return chunk.text[begin - chunk.start : chunk.sentences[place][0] - chunk.start]


def _code_missing(asked: _Asked, own: str, around: Sequence[str]) -> float:
    """1 if one of the question's codes stands neither in a text nor around it, else 0.

    What stands around does not count for a text that names another of the same kind: a row on the P20 says nothing of
    the P40, whatever the row above it is about.
    """
    if not asked.codes:
        return 0.0
    here, others = padded(own), codes(own) - asked.codes
    near = [padded(text) for text in around]
    for code in asked.codes:
        if holds(here, code):
            continue
        if any(alike(code, other) for other in others) or not any(holds(text, code) for text in near):
            return 1.0
    return 0.0


def _numbered_otherwise(asked: _Asked, own: str, heading: str) -> float:
    """1 if a text tells of house 4 where house 5 is asked for, or stands under a heading that does, else 0.

    It stands in the column of codes that are missing, as the number is what tells such things apart.
    """
    if not asked.things:
        return 0.0
    told = numbered_things(own)
    names = {name for name, _ in told}
    headings = {(name, number) for name, number in numbered_things(heading) if name not in names}
    return float(numbered_otherwise(asked.things, told | headings))


def _label(asked: _Asked, text: str) -> tuple[float, float]:
    """How much of the question the label of a table's row covers, and the share of the label that is not asked for.

    "Graz | 64" is about Graz, "Employees at year end | 458" about those of all sites, whatever is read in them. Both 0
    for what is no row.
    """
    label = frozenset(term.stem for term in terms(_row_label(text)) if not term.stop)
    return _coverage(asked, label), _missing(label, asked.weights.keys())


def _row_label(text: str) -> str:
    """A row's first cell, or the one after its number; of a record ("part: P40-215 | ...") the value. Else nothing."""
    if CELL_BORDER not in text:
        return ""
    first, second, *_ = (cell.strip() for cell in f"{text.strip().removeprefix('|').removesuffix('|')}|".split("|", 2))
    if ": " in first and ": " in second:
        first, second = first.partition(": ")[2], second.partition(": ")[2]
    label = second if _ORDINAL.fullmatch(first) and second[:1].isalpha() else first
    return label if len(label) <= _LONGEST_LABEL else ""


def _add_similarity_ranks(rows: Sequence[list[float]]) -> None:
    """1 for the sentence nearest to the question, 1/2 for the next, and so on."""
    similarity, rank_column = SENTENCE_FEATURES.index("similarity"), SENTENCE_FEATURES.index("similarity rank")
    order = sorted(range(len(rows)), key=lambda row: -rows[row][similarity])
    for rank, row in enumerate(order):
        rows[row][rank_column] = 1 / (rank + 1)


def _add_span_leads(rows: Sequence[list[float]]) -> None:
    """How far a sentence's margin is above that of the best other sentence (below: negative)."""
    margin, lead = SENTENCE_FEATURES.index("span margin"), SENTENCE_FEATURES.index("span lead")
    ranked = sorted((row[margin] for row in rows), reverse=True)
    for row in rows:
        other = next(iter(ranked[1:]), -_FURTHEST) if row[margin] == ranked[0] else ranked[0]
        row[lead] = row[margin] - other


def _margin(span: Span | None) -> float:
    return -_FURTHEST if span is None else max(-_FURTHEST, min(_FURTHEST, span.margin))


def _coverage(asked: _Asked, present: AbstractSet[str]) -> float:
    return sum(weight for stem, weight in asked.weights.items() if stem in present) / asked.total


def _rarest_missing(asked: _Asked, present: set[str]) -> float:
    return max((weight for stem, weight in asked.weights.items() if stem not in present), default=0.0) / asked.rarest


def _missing(wanted: frozenset[str], present: AbstractSet[str]) -> float:
    """The share of ``wanted`` stems that are not there; 0 if none are wanted."""
    return len(wanted - present) / len(wanted) if wanted else 0.0


def _names(question: str) -> frozenset[str]:
    """Stems of what a question names: capitalised words after the first, and anything with a digit."""
    return frozenset(
        term.stem
        for place, term in enumerate(terms(question))
        if term.stem[0].isdigit() or (place and not term.stop and question[term.start].isupper())
    )


def _shared_pairs(asked: _Asked, words: Sequence[Term]) -> float:
    pairs = {(left.stem, right.stem) for left, right in pairwise(words)}
    return len(pairs & asked.pairs) / max(1, len(asked.pairs))
