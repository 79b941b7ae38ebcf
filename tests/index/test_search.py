"""Ranking: what the words and vectors say, repeats collapsed, neighbours joined."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from index.search import (
    FEATURES,
    Candidate,
    Scored,
    collapse,
    features,
    inverse_document_frequencies,
    join_neighbours,
    joined_stretches,
    rank,
    similarities,
)
from index.types import Chunk, Signals


def chunk_of(text: str, *, document: str = "a", ordinal: int = 0, start: int = 0, context: str = "") -> Chunk:
    """A chunk with one sentence per full stop."""
    sentences, position = [], 0
    for part in text.split(". "):
        begin = text.index(part, position)
        position = min(len(text), begin + len(part) + 1)
        sentences.append((start + begin, start + position))
    return Chunk(document, ordinal, start, start + len(text), text, context, tuple(sentences))


def candidate(text: str, *, lexical: float = 0.0, semantic: float = 0.0, **place: object) -> Candidate:
    return Candidate(chunk_of(text, **place), lexical, semantic, (semantic,))  # type: ignore[arg-type]


def scored(text: str, score: float, *, similarity: float = 0.5, **place: object) -> Scored:
    chunk = chunk_of(text, **place)  # type: ignore[arg-type]
    return Scored(chunk, score, Signals(0, 0, 0, 0), (similarity,) * len(chunk.sentences))


def test_rare_words_weigh_more() -> None:
    weights = inverse_document_frequencies({"the": 100, "pump": 10, "herring": 1, "none": 0}, 100)
    assert 0 < weights["the"] < weights["pump"] < weights["herring"] < weights["none"]


def test_cosines_do_not_depend_on_the_length_of_the_stored_rows() -> None:
    vector = np.array([1, 0], dtype=np.float32)
    rows = np.array([[127, 0], [3, 4], [0, 9], [-5, 0], [0, 0]], dtype=np.int8)
    assert similarities(vector, rows) == pytest.approx((1, 0.6, 0, -1, 0))
    assert similarities(vector, rows[:0]) == ()


def test_features_are_what_their_names_say() -> None:
    weights = {"batteri": 3.0, "last": 1.0}
    near = candidate("The battery is new. It will last.", lexical=8.0, semantic=0.4)
    apart = candidate("The battery is new. Wait. Then it will last.", lexical=4.0, semantic=0.2)
    title = candidate("It will be new.", context="Battery")
    table = features([near, apart, title], "does the battery last", weights)
    columns = dict(zip(FEATURES, table.T.round(3).tolist(), strict=True))
    assert columns["lexical"] == [1.0, 0.5, 0.0]
    assert columns["semantic"] == pytest.approx([0.4, 0.2, 0.0])
    assert columns["sentence"] == pytest.approx([0.4, 0.2, 0.0])
    assert columns["coverage nearby"] == [1.0, 0.75, 0.0]
    assert columns["coverage"] == [1.0, 1.0, 0.75]
    assert columns["word pairs"] == pytest.approx([1 / 3, 1 / 3, 0.0], abs=1e-3)


def test_no_candidates_are_no_result() -> None:
    assert features([], "anything", {}).shape == (0, len(FEATURES))
    assert rank([], "anything", {}) == []
    assert collapse([], 5) == []
    assert join_neighbours([], {}) == []


def test_the_passage_with_the_words_and_the_meaning_comes_first() -> None:
    weights = {"batteri": 3.0, "last": 1.0}
    right = candidate("The battery will last 18 hours.", lexical=9.0, semantic=0.7, document="c")
    half = candidate("The battery is grey.", lexical=4.0, semantic=0.4, document="b")
    wrong = candidate("The pier was opened in 1824.", semantic=0.05, document="a")
    found = rank([wrong, half, right], "How long does the battery last?", weights)
    assert [item.chunk.document_id for item in found] == ["c", "b", "a"]
    assert astuple(found[0].signals) == pytest.approx((1.0, 0.7, 0.7, 1.0))


def test_equal_scores_are_in_the_order_of_the_documents() -> None:
    items = [candidate("Same.", document=name, start=start) for name, start in [("b", 0), ("a", 9), ("a", 0)]]
    for order in (items, items[::-1]):
        found = rank(order, "same", {"same": 1.0})
        assert [(item.chunk.document_id, item.chunk.start) for item in found] == [("a", 0), ("a", 9), ("b", 0)]


WARRANTY = "The warranty of the instrument is {} months from the date of delivery to the customer."


def test_the_same_passage_in_two_documents_is_shown_once_with_both_names() -> None:
    text = WARRANTY.format(24)
    found = collapse([scored(text, 3, document="a"), scored(text.upper(), 2, document="b"), scored("Else.", 1)], 5)
    assert [(item.chunk.document_id, item.duplicates) for item in found] == [("a", ("b",)), ("a", ())]


def test_passages_that_differ_in_a_number_are_both_shown() -> None:
    found = collapse([scored(WARRANTY.format(24), 3, document="a"), scored(WARRANTY.format(36), 2, document="b")], 5)
    assert [item.chunk.document_id for item in found] == ["a", "b"]


def test_no_more_than_asked_for_are_kept() -> None:
    items = [scored(f"Passage about {word}.", 9 - place) for place, word in enumerate(["tea", "fish", "salt", "ice"])]
    assert collapse(items, 2) == items[:2]


def test_repeats_do_not_count_against_the_limit() -> None:
    items = [scored("The same words.", 3), scored("The same words.", 2), scored("Other matters.", 1)]
    assert [item.chunk.text for item in collapse(items, 2)] == ["The same words.", "Other matters."]


def test_chunks_that_follow_one_another_are_joined_with_the_best_score() -> None:
    first = scored("The pump starts.", 1, ordinal=3, start=100, similarity=0.1)
    second = scored("It stops. It starts.", 5, ordinal=4, start=118, similarity=0.9)
    alone = scored("Elsewhere.", 3, ordinal=6, start=300)
    other = scored("Another.", 9, document="b", ordinal=5, start=0)
    items = [second, alone, first, other]
    assert joined_stretches(items) == [("a", 100, 138)]
    text = "The pump starts.\n\nIt stops. It starts."
    found = join_neighbours(items, {("a", 100, 138): text})
    assert [(item.chunk.document_id, item.chunk.start, item.score) for item in found] == [
        ("b", 0, 9),
        ("a", 100, 5),
        ("a", 300, 3),
    ]
    joined = found[1]
    assert (joined.chunk.text, joined.chunk.end, joined.chunk.ordinal) == (text, 138, 3)
    assert joined.similarities == (0.1, 0.9, 0.9)
    assert [text[start - 100 : end - 100] for start, end in joined.chunk.sentences] == [
        "The pump starts.",
        "It stops.",
        "It starts.",
    ]


def test_a_section_is_not_joined_to_the_one_before_it() -> None:
    development = scored("The level is 0.", 3)
    release = replace(scored("The level is 3.", 2, ordinal=1, start=40), section=20)
    more = replace(scored("It takes longer.", 1, ordinal=2, start=80), section=20)
    assert joined_stretches([development, release, more]) == [("a", 40, 96)]
