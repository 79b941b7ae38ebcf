"""The trained reader as shipped: it finds short answers, and their places are exact."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import ModelError
from index.onnx_model import Pieces
from index.sentences import sentence_spans
from index.types import Chunk
from qa.span_reader import SHIPPED_READER, Span, SpanReader

NOTICE = (
    "The town hall was built in 1874 by Emil Brandt. It burnt down in 1921. The present building is by Ada Keller. "
    "Visitors may climb the tower on Sundays."
)


@pytest.fixture(scope="module")
def reader() -> SpanReader:
    return SpanReader.open(threads=1)


def chunk(text: str, *, start: int = 0) -> Chunk:
    sentences = tuple((begin + start, end + start) for begin, end in sentence_spans(text))
    return Chunk("d", 0, start, start + len(text), text, "", sentences)


def best(reader: SpanReader, question: str, text: str, *, budget: int = 10_000) -> tuple[str, Span]:
    spans = [span for span in reader.read(question, [chunk(text)], budget=budget)[0] if span is not None]
    span = max(spans, key=lambda item: item.margin)
    return text[span.start : span.end], span


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who designed the present building?", "Ada Keller"),
        ("When did the town hall burn down?", "1921"),
        ("When was the town hall built?", "1874"),
        ("On which day can visitors climb the tower?", "Sundays"),
    ],
)
def test_short_answers_are_found(reader: SpanReader, question: str, answer: str) -> None:
    assert best(reader, question, NOTICE)[0].strip(".") == answer


def test_a_question_that_is_answered_has_the_higher_margin(reader: SpanReader) -> None:
    answered = best(reader, "When did the town hall burn down?", NOTICE)[1].margin
    assert answered > best(reader, "What does the ferry to Norway cost?", NOTICE)[1].margin
    rest = NOTICE.replace("It burnt down in 1921. ", "")
    assert answered > best(reader, "When did the town hall burn down?", rest)[1].margin


def test_each_sentence_has_its_own_answer_inside_it(reader: SpanReader) -> None:
    passage = chunk(NOTICE, start=500)
    (spans,) = reader.read("When did it happen?", [passage], budget=10_000)
    assert len(spans) == len(passage.sentences) == 4
    for span, (start, end) in zip(spans, passage.sentences, strict=True):
        assert span is not None
        assert start <= span.start < span.end <= end


def test_the_best_sentences_are_read_again_alone(reader: SpanReader, monkeypatch: pytest.MonkeyPatch) -> None:
    question, passage = "When did the town hall burn down?", chunk(f"{NOTICE} Dogs wait outside.", start=40)

    def margins() -> list[float]:
        return [span.margin for span in reader.read(question, [passage], budget=10_000)[0] if span is not None]

    twice = margins()
    monkeypatch.setattr("qa.span_reader._AGAIN", 0)
    once = margins()
    nearest = sorted(range(5), key=lambda sentence: -once[sentence])[:3]
    assert [number for number in range(5) if twice[number] != once[number]] == sorted(nearest)
    for number in nearest:  # no stretch is better in the mean than the best of each reading
        begin, end = passage.sentences[number]
        alone = best(reader, question, passage.text[begin - 40 : end - 40])[1].margin
        assert twice[number] <= (once[number] + alone) / 2 + 1e-4


class TwoReadings:
    """A model for one word per piece: its scores depend on how many words it is shown."""

    first, last = 1, 2

    def __init__(self, scores: dict[int, tuple[list[float], list[float]]]) -> None:
        self._scores = scores

    def pieces(self, texts: list[str]) -> list[Pieces]:
        found = [[match.span() for match in re.finditer(r"[\w.]+", text)] for text in texts]
        return [Pieces([7] * len(places), places) for places in found]

    def run(self, ids: list[int], types: list[int]) -> list[np.ndarray]:
        shown = len(ids) - types.count(0) - 1
        return [np.array(part, dtype=np.float32) for part in self._scores[shown]]

    def map(self, function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
        return [function(item) for item in items]


def test_the_mean_of_both_readings_decides_piece_by_piece() -> None:
    # Shown: [first] question [last] heading "One two." "Three four." [last]; then the heading and one sentence.
    together = [2.0, 0, 0, 0, 1, 1, 9, 4, 0], [2.0, 0, 0, 0, 1, 1, 9, 5, 0]
    alone = [0.0, 0, 0, 0, 1, 7, 0], [0.0, 0, 0, 0, 1, 8, 0]
    model = TwoReadings({5: together, 3: alone})
    passage = Chunk("d", 0, 100, 119, "One two. Three four", "Heading", ((100, 108), (109, 119)))
    first, second = SpanReader(model).read("Who?", [passage], budget=100)[0]  # type: ignore[arg-type]
    # Together less half of 4: three 7, four 2; alone: three 1, four 7: their mean 4 and 4.5 to begin at.
    assert second == Span(115, 119, (2 + 7) / 2 + (3 + 8) / 2)
    assert first == Span(104, 108, (-1 + 7) / 2 + (-1 + 8) / 2)


def test_what_is_over_budget_is_not_read(reader: SpanReader) -> None:
    first, second = reader.read("When?", [chunk(NOTICE), chunk(NOTICE)], budget=45)
    assert None not in first
    assert second == [None] * 4
    assert reader.read("When?", [chunk(NOTICE)], budget=1)[0] == first, "one window is read, whatever the budget"


def test_the_rest_is_read_only_where_the_first_do_not_surely_answer(reader: SpanReader) -> None:
    question = "When did the town hall burn down?"
    weather = chunk("It rained all day. The ferry was late.")
    answered = reader.read(question, [chunk(NOTICE), weather, weather, weather], budget=10_000, pauses=[2])
    assert [None in spans for spans in answered] == [False, False, True, True]
    sooner = reader.read(question, [chunk(NOTICE), weather, weather, weather], budget=10_000, pauses=[1, 2])
    assert [None in spans for spans in sooner] == [False, True, True, True]
    late = reader.read(question, [weather, weather, weather, chunk(NOTICE)], budget=10_000, pauses=[2])
    assert not any(None in spans for spans in late)
    third = reader.read(question, [weather, chunk(NOTICE), weather, weather], budget=10_000, pauses=[1, 2])
    assert [None in spans for spans in third] == [False, False, True, True]


def test_a_long_passage_is_read_to_its_end(reader: SpanReader) -> None:
    filler = "The archive also keeps letters, plans and photographs of the old quarter. " * 60
    answer, _ = best(
        reader, "When did the town hall burn down?", f"{filler}It was in 1921 that the town hall burnt down."
    )
    assert answer.strip(".") == "1921"


def test_reading_does_not_depend_on_what_is_read_beside_it(reader: SpanReader) -> None:
    alone = reader.read("Who built it?", [chunk(NOTICE)], budget=10_000)[0]
    both = reader.read("Who built it?", [chunk("It rained."), chunk(NOTICE)], budget=10_000)[1]
    assert alone == both


def test_a_forked_process_reads_as_well() -> None:
    """Servers and multiprocessing fork; the child has none of the threads that read in its parent."""
    program = (
        "import os, signal\n"
        "from qa.span_reader import SpanReader\n"
        "from tests.qa.test_span_reader import NOTICE, chunk\n"
        "reader = SpanReader.open(threads=2)\n"
        "read = lambda: reader.read('When?', [chunk(NOTICE), chunk('It rained.')], budget=1000)\n"
        "before = read()\n"
        "if (child := os.fork()) == 0:\n"
        "    signal.alarm(20)\n"
        "    os._exit(0 if read() == before else 1)\n"
        "raise SystemExit(os.waitpid(child, 0)[1])\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


@given(question=st.text(max_size=60), text=st.text(max_size=200))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_spans_inside_its_sentences(reader: SpanReader, question: str, text: str) -> None:
    passage = chunk(text)
    (spans,) = reader.read(question, [passage], budget=10_000)
    assert len(spans) == len(passage.sentences)
    for span, (start, end) in zip(spans, passage.sentences, strict=True):
        assert span is None or start <= span.start < span.end <= end


def test_a_sentence_longer_than_a_window_is_cut_and_no_error(reader: SpanReader) -> None:
    (spans,) = reader.read("word?", [chunk("word " * 900)], budget=10_000)
    assert len(spans) == 1


def test_a_very_long_question_is_no_error(reader: SpanReader) -> None:
    assert len(reader.read("why " * 900, [chunk(NOTICE)], budget=10_000)[0]) == 4


@pytest.mark.parametrize("name", ["tokenizer.json", "onnx/model_int8.onnx"])
def test_a_reader_that_is_not_ours_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(SHIPPED_READER, tmp_path / "reader")
    file = tmp_path / "reader" / name
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelError, match=file.name):
        SpanReader.open(tmp_path / "reader", threads=1)


def test_the_shipped_reader_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED_READER.rglob("*") if file.is_file()) < 40e6
