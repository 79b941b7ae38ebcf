"""Measuring a reader while it is made: on what it never trains on, and where its margin of 0 should lie."""

import random

from evals.datasets import Paragraph, SquadQuestion
from evals.reader.measure import EVEN_MARGIN, Asked, asked_of_paragraph, held_out_on_documents, measure
from evals.reader.written import document_examples
from index.types import Chunk
from qa.span_reader import Span

TEXT = "The mill was built by Olga Stern. It burnt down in 1901."


class _ReadsAs:
    """Stands for a span reader: each question has its margin, the answer is always the first sentence's name."""

    def __init__(self, margins: dict[str, float]) -> None:
        self._margins = margins

    def read(self, question: str, chunks: list[Chunk], *, budget: int) -> list[list[Span | None]]:
        assert budget > len(TEXT), "a passage that is measured on is read whole"
        start = TEXT.index("Olga")
        return [[Span(start, start + len("Olga Stern"), self._margins[question]), None] for _ in chunks]


def asked(question: str, *gold: str) -> Asked:
    paragraph = Paragraph("p.txt", "Mill", TEXT)
    return asked_of_paragraph(SquadQuestion("", question, paragraph, tuple((0, answer) for answer in gold)))


def test_the_even_margin_errs_as_often_on_either_side() -> None:
    questions = [asked(f"yes {n}", "Olga Stern") for n in range(4)] + [asked(f"no {n}") for n in range(4)]
    margins = dict(
        zip((item.question for item in questions), (5.0, 3.0, 2.0, -3.0, 1.5, -1.0, -2.0, -4.0), strict=True)
    )
    found = measure(_ReadsAs(margins), questions)  # type: ignore[arg-type]
    even = found[EVEN_MARGIN]
    assert even is not None
    assert -1.0 < even <= 2.0  # one of four on either side
    assert found["answerable: exact match"] == 1.0


def test_questions_of_one_kind_have_no_even_margin() -> None:
    reads = _ReadsAs({"yes": 1.0})
    assert measure(reads, [asked("yes", "Olga Stern")])[EVEN_MARGIN] is None  # type: ignore[arg-type]


def test_held_out_questions_are_on_documents_that_are_never_trained_on() -> None:
    questions = held_out_on_documents()
    trained = {example.passage for example in document_examples(random.Random(0))}
    assert len(questions) > 1000
    assert not [item.question for item in questions if item.chunk.text in trained]
    answered = [item for item in questions if item.gold]
    assert 0.3 < len(answered) / len(questions) < 0.7
    assert all(item.gold[0] in item.chunk.text for item in answered)
