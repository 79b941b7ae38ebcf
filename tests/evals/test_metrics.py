"""Figures against values worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals import metrics


def test_ranks() -> None:
    ranks = [1, 3, None, 12]
    assert metrics.hit_at(ranks, 1) == 0.25
    assert metrics.hit_at(ranks, 5) == 0.5
    assert metrics.mean_reciprocal_rank(ranks) == pytest.approx((1 + 1 / 3) / 4)


def test_ndcg_of_the_best_order_is_1_and_falls_with_the_rank() -> None:
    assert metrics.ndcg_at([True, True, False], 2) == pytest.approx(1.0)
    assert metrics.ndcg_at([False, True], 1) == pytest.approx(1 / 1.58496, abs=1e-4)
    assert metrics.ndcg_at([False] * 10, 3) == 0


def test_auroc() -> None:
    assert metrics.auroc([0.9, 0.8], [0.1, 0.2]) == 1
    assert metrics.auroc([0.5], [0.5]) == 0.5
    assert metrics.auroc([0.9, 0.1], [0.5]) == 0.5


def test_false_answers_at_coverage() -> None:
    positives = [0.1, 0.5, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]
    assert metrics.false_answers_at_coverage(positives, [0.4, 0.55], 0.9) == 0.5


@pytest.mark.parametrize(
    ("text", "answers", "contained"),
    [
        ("It lasts 16 hours.", ["16 hours"], True),
        ("It lasts 116 hours.", ["16 hours"], False),
        ("The Baltic states, and Poland!", ["baltic states and poland"], True),
        ("Nothing of the kind.", ["", "the"], False),
    ],
)
def test_an_answer_is_contained_as_whole_words(text: str, answers: list[str], contained: bool) -> None:
    assert metrics.contains_answer(text, answers) is contained


def test_token_f1_and_exact_match() -> None:
    assert metrics.token_f1("the Baltic states", ["Baltic states and Poland"]) == pytest.approx(2 * 2 / (2 + 4))
    assert metrics.exact_match("The Hague.", ["hague"]) == 1
    assert metrics.token_f1("", ["x"]) == 0


def test_calibration_error_is_0_when_confidence_is_the_share_that_is_right() -> None:
    assert metrics.expected_calibration_error([0.75] * 4, [True, True, True, False]) == pytest.approx(0)
    assert metrics.expected_calibration_error([1.0, 1.0], [False, False]) == 1


def test_coverage_at_precision_keeps_the_confident_ones() -> None:
    confidences = [0.9, 0.8, 0.7, 0.6]
    assert metrics.coverage_at_precision(confidences, [True, True, False, False], 0.95) == 0.5
    assert metrics.coverage_at_precision(confidences, [False, True, True, True], 0.95) == 0


@pytest.mark.parametrize(
    "measured",
    [
        metrics.hit_at([], 1),
        metrics.mean_reciprocal_rank([]),
        metrics.auroc([], [0.1]),
        metrics.ndcg_at([True], 0),
        metrics.expected_calibration_error([], []),
        metrics.coverage_at_precision([], []),
        metrics.percentile([], 0.5),
        metrics.bootstrap_interval([]),
    ],
)
def test_what_was_not_measured_is_missing_never_0(measured: object) -> None:
    assert measured is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_interval_holds_the_mean_and_is_the_same_twice(values: list[float]) -> None:
    interval = metrics.bootstrap_interval(values, rounds=200)
    assert interval == metrics.bootstrap_interval(values, rounds=200)
    assert interval is not None
    assert interval[0] <= interval[1]
    assert min(values) - 1e-9 <= interval[0] <= interval[1] <= max(values) + 1e-9
