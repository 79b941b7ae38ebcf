"""Measuring a language model: which samples are drawn, and how the figures are counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.bench.small_model import drawn, figures, measured
from evals.samples import SEED_SAMPLES, read_samples
from evals.types import Evidence, Sample
from qa import Assistant, Settings
from qa.llm import open_model
from tests.helpers import write_files
from tests.helpers_llm import ModelServer

FACT = "The battery of the lamp lasts 18 hours on one charge."
SAMPLES = [
    Sample("a", "How long does the battery of the lamp last?", ("18 hours",), (Evidence("lamp.txt", FACT),)),
    Sample("b", "What does the lamp cost?", answerable=False),
]


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    write_files(tmp_path / "documents", {"lamp.txt": f"{FACT} Charge it with the cable."})
    with Assistant.open(tmp_path / "store", settings=Settings()) as opened:
        opened.index.sync(tmp_path / "documents")
        yield opened


def test_both_kinds_are_drawn_in_proportion() -> None:
    samples = read_samples(SEED_SAMPLES)
    chosen = drawn(samples, 60, 0)
    share = sum(sample.answerable for sample in samples) / len(samples)
    assert len(chosen) == 60
    assert sum(sample.answerable for sample in chosen) == round(60 * share)
    assert chosen == drawn(samples, 60, 0) != drawn(samples, 60, 1)
    assert len({sample.id for sample in chosen}) == 60


def test_what_the_model_wrote_is_counted(assistant: Assistant, capsys: pytest.CaptureFixture[str]) -> None:
    with ModelServer(f"{FACT} [1] It costs 900 dollars. [1] It is grey and heavy. [1]") as server:
        assistant.model = open_model(f"openai:tiny@{server.address}")
        rows = measured([assistant], SAMPLES, show=True)
    assert [(row.answered, row.correct, row.kept, row.struck) for row in rows] == [
        (True, True, 1, 2),
        (True, False, 1, 2),
    ]
    shown = figures(rows)
    assert shown["citations shown, exact"] == "2 of 2 (100%)"
    assert (shown["false answers"], shown["false refusals"]) == ("1 of 1 (100%)", "0 of 1 (0%)")
    assert (shown["sentences written"], shown["… of them struck"]) == ("6", "4")
    assert "a right" in capsys.readouterr().out


def test_an_answer_quoted_since_the_model_failed_is_told_apart(assistant: Assistant) -> None:
    with ModelServer("", "404") as server:
        assistant.model = open_model(f"openai:tiny@{server.address}")
        (row,) = measured([assistant], SAMPLES[:1], show=False)
    assert row.failed
    assert figures([row])["answers that the model failed to write"] == "1"
