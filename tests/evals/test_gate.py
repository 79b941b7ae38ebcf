"""The gate opens and shuts for the right reasons."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.gate import compare, read_baseline, to_baseline, write_baseline
from evals.types import Result
from index import UsageError

PRINTS = {"documents": "d", "samples": "s", "model": "m"}


def result(name: str, *, correct: bool = True, answerable: bool = True, answered: bool = True) -> Result:
    return Result(
        id=name, question=f"{name}?", answerable=answerable, tags=("t",), answered=answered, text=f"text of {name}",
        confidence=0.8 if answered else 0.2, correct=correct, exact_match=0.0, token_f1=0.5, ranks=(1,), found=1,
        wanted=1, citations=1, right_citations=1, cited=1, exact=True, stage=None if correct else "wrong sentence",
        sources=("a.txt",), milliseconds=5.0,
    )  # fmt: skip


def run() -> list[Result]:
    """Forty answerable samples, all right, and twenty that are rightly refused."""
    right = [result(f"a{number}") for number in range(40)]
    refused = [result(f"u{number}", answerable=False, answered=False) for number in range(20)]
    return [*right, *refused]


def test_the_same_run_passes() -> None:
    verdict = compare(run(), to_baseline(run(), PRINTS), PRINTS)
    assert verdict.passed
    assert verdict.flips == ()


def test_a_fallen_figure_shuts_it_and_the_flip_is_named() -> None:
    now = [replace(run()[0], correct=False, stage="wrong sentence"), *run()[1:]]
    verdict = compare(now, to_baseline(run(), PRINTS), PRINTS)
    assert not verdict.passed
    assert any("answer contained" in failure for failure in verdict.failures)
    assert [(flip.id, flip.was_correct, flip.stage) for flip in verdict.flips] == [("a0", True, "wrong sentence")]


def test_getting_better_passes_and_is_shown() -> None:
    before = to_baseline([replace(run()[0], correct=False), *run()[1:]], PRINTS)
    verdict = compare(run(), before, PRINTS)
    assert verdict.passed
    assert [(flip.id, flip.was_correct) for flip in verdict.flips] == [("a0", False)]


def test_one_citation_that_is_not_exact_shuts_it() -> None:
    verdict = compare([replace(run()[0], exact=False), *run()[1:]], to_baseline(run(), PRINTS), PRINTS)
    assert any("a0" in failure and "own text" in failure for failure in verdict.failures)


def test_an_answer_to_what_was_rightly_refused_shuts_it_even_within_tolerance() -> None:
    many = [*run(), *(result(f"v{number}", answerable=False, answered=False) for number in range(400))]
    now = [replace(item, answered=True, correct=False, confidence=0.4) if item.id == "u3" else item for item in many]
    verdict = compare(now, to_baseline(many, PRINTS), PRINTS)
    assert [failure for failure in verdict.failures if "u3" in failure]


@pytest.mark.parametrize("changed", ["documents", "samples"])
def test_a_baseline_of_other_documents_or_samples_is_no_baseline(changed: str) -> None:
    verdict = compare(run(), to_baseline(run(), PRINTS), {**PRINTS, changed: "other"})
    assert any(changed in failure for failure in verdict.failures)


def test_another_model_may_be_compared() -> None:
    assert compare(run(), to_baseline(run(), PRINTS), {**PRINTS, "model": "other"}).passed


def test_samples_left_out_shut_it() -> None:
    assert not compare(run()[:-1], to_baseline(run(), PRINTS), PRINTS).passed


def test_a_missing_baseline_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--update-baseline"):
        read_baseline(tmp_path / "none.json")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 0}'])
def test_what_is_no_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="baseline"):
        read_baseline(path)


def test_a_written_baseline_is_read_back_the_same(tmp_path: Path) -> None:
    baseline = to_baseline(run(), PRINTS)
    write_baseline(tmp_path / "b.json", baseline)
    assert read_baseline(tmp_path / "b.json") == baseline


def test_a_confidence_that_moved_by_arithmetic_alone_does_not_shut_it() -> None:
    many = [*run(), *(result(f"v{number}", answerable=False, answered=False) for number in range(400))]
    now = [replace(item, answered=True, correct=False, confidence=0.21) if item.id == "u3" else item for item in many]
    assert compare(now, to_baseline(many, PRINTS), PRINTS).passed
    assert not compare(now, to_baseline(many, PRINTS), {**PRINTS, "threshold": "0.1"}).passed
