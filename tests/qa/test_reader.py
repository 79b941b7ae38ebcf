"""Which passages are read in any case: enough to see a list whole, and a source that disagrees."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from index import SearchResult
from index.types import Chunk
from qa.reader import default_threshold, read, read_features
from qa.span_reader import Span, SpanReader, shipped_span_reader
from tests.qa.found import found


class Watched:
    """Reads nothing, and knows what it was given and after how many chunks it might stop."""

    def read(self, _: str, chunks: Sequence[Chunk], *, pauses: list[int], **__: int) -> list[list[Span | None]]:
        self.pauses, self.contexts = pauses, [chunk.context for chunk in chunks]
        return [[None] * len(chunk.sentences) for chunk in chunks]


def passages(*scores: float) -> SearchResult:
    _, result = found(*((f"{number}.txt", f"Sentence {number}.", 1.0) for number in range(len(scores))))
    rated = tuple(replace(passage, score=score) for passage, score in zip(result.passages, scores, strict=True))
    return replace(result, passages=rated)


@pytest.mark.parametrize(
    ("question", "scores", "pauses"),
    [
        ("What is the hotel cap?", (9.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0), [2, 4]),
        ("What is the hotel cap?", (9.0, 9.0, 8.5, 8.0, 7.5, 7.2, 2.0, 1.0), [6, 6]),  # a source as near may disagree
        ("Which countries backed it?", (9.0, 3.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0), []),  # one more may be named anywhere
        ("Why was it shut?", (9.0, 3.0, 2.0), []),
        ("What is the hotel cap?", (9.0,), [1, 1]),
        ("What is the hotel cap?", (), []),
    ],
)
def test_what_is_read_though_a_passage_surely_answers(
    question: str, scores: tuple[float, ...], pauses: list[int]
) -> None:
    watched = Watched()
    read_features(question, passages(*scores), cast("SpanReader", watched), budget=1000)
    assert watched.pauses == pauses


@pytest.mark.parametrize(
    ("question", "contexts"),
    [
        ("What was the fee in 2026?", ["fees 2026 > Fees", "2026 > Fees"]),
        ("What was the fee in 2024?", ["Fees", "2026 > Fees"]),
        ("What are the fees?", ["Fees", "2026 > Fees"]),
    ],
)
def test_a_file_name_is_read_where_it_alone_holds_the_year_asked_for(question: str, contexts: list[str]) -> None:
    _, result = found(("old/fees-2026.docx", "It is 9 euros.", 1.0), ("b.txt", "It is 8 euros.", 1.0))
    given = [replace(passage, chunk=replace(passage.chunk, context=context))
             for passage, context in zip(result.passages, ("Fees", "2026 > Fees"), strict=True)]  # fmt: skip
    watched = Watched()
    read_features(question, replace(result, passages=tuple(given)), cast("SpanReader", watched), budget=1000)
    assert watched.contexts == contexts


def test_a_code_that_no_passage_holds_is_not_answered() -> None:
    _, result = found(("codes.md", "ERR-4042 means that the fan stands still.", 1.0))
    known, unknown = (
        read(f"What does {code} mean?", result, shipped_span_reader(1), budget=1000).confidence
        for code in ("ERR-4042", "ERR-4045")
    )
    assert unknown <= 0.01 < default_threshold() < known
