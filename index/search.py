"""Candidates -> passages: scored on what the words and the vectors say, repeats collapsed, neighbours joined. Pure.

BM25 and cosine are put on one scale by weights fitted on questions whose paragraph is known (``evals/fit.py``), not
fused by rank: rank fusion loses 8 points of Hit@1 on SQuAD paragraphs, since it forgets how sure each side was.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.terms import stems
from index.types import Chunk, Signals, Vector

_WEIGHTS_FILE = Path(__file__).parent / "models" / "search_weights.json"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NEAR_DUPLICATE = 0.9
"""Jaccard similarity of words from which two passages say the same; the usual choice in web de-duplication."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that one of the two searches found. ``lexical`` is 0 where the full-text search did not."""

    chunk: Chunk
    lexical: float
    semantic: float
    similarities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score and the reasons for it; later also a group of joined chunks.

    ``section`` tells the sections of a document apart.
    """

    chunk: Chunk
    score: float
    signals: Signals
    similarities: tuple[float, ...]
    duplicates: tuple[str, ...] = ()
    section: int = 0


def inverse_document_frequencies(counts: Mapping[str, int], total: int) -> dict[str, float]:
    """BM25's weight of a word: ln(1 + (N - n + 0.5) / (n + 0.5)); n of N chunks hold it (Robertson & Zaragoza 2009)."""
    return {stem: math.log(1 + (total - count + 0.5) / (count + 0.5)) for stem, count in counts.items()}


def similarities(vector: Vector, sentences: NDArray[np.int8]) -> tuple[float, ...]:
    """Cosine of a unit vector with each row."""
    if not len(sentences):
        return ()
    rows = sentences.astype(np.float32)
    return tuple(float(value) for value in (rows @ vector) / np.linalg.norm(rows, axis=1).clip(min=1e-9))


def features(candidates: Sequence[Candidate], question: str, weights: Mapping[str, float]) -> NDArray[np.float32]:
    """One row per candidate, columns as in ``FEATURES``; ``weights`` are the topic words' document frequencies."""
    best = max((candidate.lexical for candidate in candidates), default=0.0) or 1.0
    total = sum(weights.values()) or 1.0
    words = stems(question)
    pairs = set(pairwise(words))
    rows = []
    for candidate in candidates:
        body = stems(candidate.chunk.text)
        everything = set(body).union(stems(candidate.chunk.context))
        rows.append(
            (
                candidate.lexical / best,
                candidate.semantic,
                max(candidate.similarities, default=candidate.semantic),
                max((_coverage(weights, near) for near in _stems_around_sentences(candidate.chunk)), default=0.0)
                / total,
                _coverage(weights, everything) / total,
                len(pairs.intersection(pairwise(body))) / max(1, len(pairs)),
            )
        )
    return np.array(rows, dtype=np.float32).reshape(len(rows), len(FEATURES))


FEATURES = ("lexical", "semantic", "sentence", "coverage nearby", "coverage", "word pairs")


def rank(candidates: Sequence[Candidate], question: str, weights: Mapping[str, float]) -> list[Scored]:
    """Candidates with scores, best first; ties by document and place, so that the order is always the same."""
    table = features(candidates, question, weights)
    scores = table @ _feature_weights()
    scored = [
        Scored(
            candidate.chunk,
            float(score),
            Signals(float(row[0]), float(row[1]), float(row[2]), float(row[4])),
            candidate.similarities,
        )
        for candidate, score, row in zip(candidates, scores, table, strict=True)
    ]
    return sorted(scored, key=lambda item: (-item.score, item.chunk.document_id, item.chunk.start))


def collapse(scored: Sequence[Scored], limit: int) -> list[Scored]:
    """The best ``limit``, leaving out what a better passage says in (nearly) the same words; that one notes them.

    Passages that differ in a number are never the same, however alike their words: that is where sources disagree.
    """
    kept: list[tuple[Scored, frozenset[str], list[str]]] = []
    for item in scored:
        if len(kept) == limit:
            break
        words = frozenset(stems(item.chunk.text))
        numbers = _NUMBER.findall(item.chunk.text)
        for place, (other, other_words, other_numbers) in enumerate(kept):
            union = len(words | other_words) or 1
            if numbers == other_numbers and len(words & other_words) / union >= _NEAR_DUPLICATE:
                if item.chunk.document_id != other.chunk.document_id:
                    other = replace(other, duplicates=(*other.duplicates, item.chunk.document_id))
                kept[place] = (other, other_words, other_numbers)
                break
        else:
            kept.append((item, words, numbers))
    return [item for item, _, _ in kept]


def join_neighbours(scored: Sequence[Scored], texts: Mapping[tuple[str, int, int], str]) -> list[Scored]:
    """Join chunks that follow one another in a section into one passage with the best score of them.

    ``texts`` gives the text of (document id, start, end) for the joined stretches: see :func:`joined_stretches`.
    """
    joined = []
    for group in _neighbours(scored):
        best = max(group, key=lambda item: item.score)
        first, last = group[0].chunk, group[-1].chunk
        if len(group) > 1:
            chunk = replace(
                first,
                end=last.end,
                text=texts[first.document_id, first.start, last.end],
                sentences=tuple(sentence for item in group for sentence in item.chunk.sentences),
            )
            best = replace(
                best,
                chunk=chunk,
                similarities=tuple(value for item in group for value in item.similarities),
                duplicates=tuple(dict.fromkeys(source for item in group for source in item.duplicates)),
            )
        joined.append(best)
    return sorted(joined, key=lambda item: (-item.score, item.chunk.document_id, item.chunk.start))


def joined_stretches(scored: Sequence[Scored]) -> list[tuple[str, int, int]]:
    """Document id, start and end of every passage that :func:`join_neighbours` makes of several chunks."""
    groups = (group for group in _neighbours(scored) if len(group) > 1)
    return [(group[0].chunk.document_id, group[0].chunk.start, group[-1].chunk.end) for group in groups]


def _neighbours(scored: Sequence[Scored]) -> list[list[Scored]]:
    groups: list[list[Scored]] = []
    for item in sorted(scored, key=lambda item: (item.chunk.document_id, item.chunk.ordinal)):
        last = groups[-1][-1] if groups else None
        place = (item.chunk.document_id, item.section, item.chunk.ordinal)
        if last and (last.chunk.document_id, last.section, last.chunk.ordinal + 1) == place:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _stems_around_sentences(chunk: Chunk) -> list[set[str]]:
    """Per sentence, the stems of it and the one before: a question's words are often spread over two."""
    of_each = [set(stems(chunk.text[start - chunk.start : end - chunk.start])) for start, end in chunk.sentences]
    return [words | (of_each[place - 1] if place else set()) for place, words in enumerate(of_each)]


def _coverage(weights: Mapping[str, float], present: set[str]) -> float:
    return sum(weight for stem, weight in weights.items() if stem in present)


@cache
def _feature_weights() -> NDArray[np.float32]:
    fitted = json.loads(_WEIGHTS_FILE.read_text(encoding="utf-8"))["weights"]
    return np.array([fitted[name] for name in FEATURES], dtype=np.float32)
