"""Results of all samples -> the figures people compare. Pure."""

from collections.abc import Callable, Iterable, Sequence

from evals.metrics import (
    auroc,
    bootstrap_interval,
    coverage_at_precision,
    expected_calibration_error,
    mean_reciprocal_rank,
    ndcg_at,
    percentile,
)
from evals.types import Figure, Figures, Result

_ROUNDS = 1000
HIGHER_IS_BETTER: dict[str, bool] = {
    "citation exactness": True,
    "accuracy": True,
    "answer contained": True,
    "token F1": True,
    "exact match": True,
    "citation precision": True,
    "citation recall": True,
    "false answers": False,
    "false refusals": False,
    "answerability AUROC": True,
    "coverage at 95 % precision": True,
    "calibration error": False,
    "hit@1": True,
    "hit@5": True,
    "recall@10": True,
    "MRR@10": True,
    "nDCG@10": True,
    "latency p50 (ms)": False,
    "latency p95 (ms)": False,
}
"""Every figure, in the order of reports, and its direction."""


def figures(results: Sequence[Result]) -> Figures:
    """All figures that could be measured; those that could not are left out.

    Means carry a bootstrap interval; figures over the whole (AUROC, coverage, calibration, percentiles) are drawn anew
    as a whole for theirs.
    """
    answerable = [result for result in results if result.answerable]
    unanswerable = [result for result in results if not result.answerable]
    with_gold = [result for result in answerable if result.wanted]
    cited = [result for result in with_gold if result.citations]
    found: dict[str, Figure | None] = {
        "citation exactness": _mean(result.exact for result in results if result.citations),
        "accuracy": _mean(result.correct for result in results),
        "answer contained": _mean(result.correct for result in answerable),
        "token F1": _mean(result.token_f1 for result in answerable),
        "exact match": _mean(result.exact_match for result in answerable),
        "citation precision": _mean((result.right_citations or 0) / result.citations for result in cited),
        "citation recall": _mean((result.cited or 0) / result.wanted for result in with_gold),
        "false answers": _mean(result.answered for result in unanswerable),
        "false refusals": _mean(not result.answered for result in answerable),
        "answerability AUROC": _whole(results, _auroc) if answerable and unanswerable else None,
        "coverage at 95 % precision": _whole(results, _coverage),
        "calibration error": _whole(results, _calibration),
        "hit@1": _mean(1 in result.ranks for result in with_gold),
        "hit@5": _mean(any(rank <= 5 for rank in result.ranks) for result in with_gold),
        "recall@10": _mean(sum(rank <= 10 for rank in result.ranks) / result.wanted for result in with_gold),
        "MRR@10": _mean(mean_reciprocal_rank([min(result.ranks, default=None)]) for result in with_gold),
        "nDCG@10": _mean(_ndcg(result) for result in with_gold),
        "latency p50 (ms)": _whole(results, lambda some: percentile([item.milliseconds for item in some], 0.5)),
        "latency p95 (ms)": _whole(results, lambda some: percentile([item.milliseconds for item in some], 0.95)),
    }
    return {name: figure for name in HIGHER_IS_BETTER if (figure := found[name]) is not None}


def by_tag(results: Sequence[Result]) -> dict[str, Figure]:
    """Accuracy per tag, by tag."""
    tags = sorted({tag for result in results for tag in result.tags})
    measured = {tag: _mean(result.correct for result in results if tag in result.tags) for tag in tags}
    return {tag: figure for tag, figure in measured.items() if figure is not None}


def _mean(values: Iterable[float | bool | None]) -> Figure | None:
    known = [float(value) for value in values if value is not None]
    interval = bootstrap_interval(known)
    if interval is None:
        return None
    return Figure(sum(known) / len(known), *interval, len(known))


def _whole(results: Sequence[Result], measure: Callable[[Sequence[Result]], float | None]) -> Figure | None:
    value = measure(results)
    return None if value is None else Figure(value, None, None, len(results))


def _auroc(results: Sequence[Result]) -> float | None:
    return auroc(
        [result.confidence for result in results if result.answerable],
        [result.confidence for result in results if not result.answerable],
    )


def _coverage(results: Sequence[Result]) -> float | None:
    """Of what was answered: how much can be kept, most confident first, so that 95 % of it is right."""
    answered = [result for result in results if result.answered]
    kept = coverage_at_precision([r.confidence for r in answered], [bool(r.correct) for r in answered])
    return None if kept is None else kept * len(answered) / len(results)


def _calibration(results: Sequence[Result]) -> float | None:
    return expected_calibration_error([r.confidence for r in results], [r.answerable for r in results])


def _ndcg(result: Result) -> float | None:
    relevant = [rank in result.ranks for rank in range(1, 11)]
    # Places that share a passage count once; places not found count as passages that were missed.
    return ndcg_at(relevant, len(set(result.ranks)) + result.wanted - result.found)
