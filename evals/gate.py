"""The gate: results against a committed baseline. Pure but for reading and writing the file.

It fails when something breaks that must never break, when a figure falls by more than its tolerance, or when there is
nothing valid to compare with. It always names the questions that flipped, both ways.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.figures import HIGHER_IS_BETTER, figures
from evals.types import Result
from index import UsageError

VERSION = 1
TOLERANCES: dict[str, float] = {
    "citation exactness": 0.0,
    "accuracy": 0.01,
    "answer contained": 0.01,
    "citation precision": 0.01,
    "citation recall": 0.01,
    "false answers": 0.01,
    "false refusals": 0.01,
    "answerability AUROC": 0.01,
    "hit@1": 0.01,
    "hit@5": 0.01,
    "recall@10": 0.01,
    "MRR@10": 0.01,
    "nDCG@10": 0.01,
}
"""How far a figure may fall below its baseline. Runs are deterministic, so this only leaves room for arithmetic on
another processor, which may turn a question or two in three hundred. Figures not named here are shown, not gated."""


_NOISE = 0.02
"""A confidence may move this much between processors (int8 arithmetic differs). A question that crosses an unchanged
threshold by less is no broken promise; the figures still count it."""
_MUST_BE_SAME = frozenset({"documents", "samples"})
"""Fingerprints that make a baseline comparable; models and thresholds are what a gate compares."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A sample that went from right to wrong or back."""

    id: str
    question: str
    was_correct: bool
    before: str
    after: str
    stage: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``failures`` are sentences, empty when the gate is open; ``flips`` are in the order of the samples."""

    failures: tuple[str, ...]
    flips: tuple[Flip, ...]

    @property
    def passed(self) -> bool:
        """Whether the gate is open."""
        return not self.failures


def to_baseline(results: Sequence[Result], fingerprints: Mapping[str, str]) -> dict[str, Any]:
    """What is kept of a run; the same run gives the same bytes, so times are left out."""
    kept = {name: round(figure.value, 6) for name, figure in figures(results).items() if "latency" not in name}
    samples = {
        result.id: {
            "answered": result.answered,
            "correct": result.correct,
            "confidence": round(result.confidence, 3),
            "text": result.text,
            "stage": result.stage,
        }
        for result in results
    }
    return {"version": VERSION, "fingerprints": dict(fingerprints), "figures": kept, "samples": samples}


def write_baseline(path: Path, baseline: Mapping[str, Any]) -> None:
    """Write a baseline in a form that shows well as a difference."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(baseline, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_baseline(path: Path) -> dict[str, Any]:
    """A baseline from its file.

    :raises UsageError: it is missing or is none.
    """
    try:
        baseline = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no baseline {path}; make one with --update-baseline and commit it.") from None
    except ValueError as error:
        raise UsageError(f"{path} is not a baseline ({error}); make it anew with --update-baseline.") from error
    if not isinstance(baseline, dict) or baseline.get("version") != VERSION:
        raise UsageError(f"{path} is not a baseline of this version; make it anew with --update-baseline.")
    return baseline


def compare(results: Sequence[Result], baseline: Mapping[str, Any], fingerprints: Mapping[str, str]) -> Verdict:
    """Hold results against a baseline."""
    failures = [
        f"The baseline was made on other {name} ({baseline['fingerprints'].get(name)}, now {value}); if the change is "
        "meant, look at the flips and make it anew with --update-baseline."
        for name, value in fingerprints.items()
        if name in _MUST_BE_SAME and baseline["fingerprints"].get(name) != value
    ]
    same_threshold = baseline["fingerprints"].get("threshold") == fingerprints.get("threshold")
    failures += _broken_invariants(results, baseline["samples"], noise=_NOISE if same_threshold else -1.0)
    failures += _fallen_figures(results, baseline["figures"])
    return Verdict(tuple(failures), tuple(_flips(results, baseline["samples"])))


def _broken_invariants(results: Sequence[Result], before: Mapping[str, Any], *, noise: float) -> list[str]:
    failures = [f"{result.id}: a citation is not the document's own text." for result in results if not result.exact]
    failures += [
        f"{result.id}: was rightly refused and is now answered: {result.question}"
        for result in results
        if not result.answerable
        and result.answered
        and (then := before.get(result.id, {})).get("correct")
        and abs(result.confidence - then["confidence"]) > noise
    ]
    missing = sorted(set(before) - {result.id for result in results})
    if missing:
        failures.append(f"{len(missing)} samples of the baseline were not run, such as {missing[0]}.")
    return failures


def _fallen_figures(results: Sequence[Result], before: Mapping[str, float]) -> list[str]:
    now = figures(results)
    failures = []
    for name, tolerance in TOLERANCES.items():
        if name not in before:
            continue
        if name not in now:
            failures.append(f"{name} was {before[name]:.3f} and could not be measured now.")
            continue
        fall = before[name] - now[name].value if HIGHER_IS_BETTER[name] else now[name].value - before[name]
        if fall > tolerance + 1e-6:  # the baseline is rounded
            failures.append(f"{name} went from {before[name]:.3f} to {now[name].value:.3f} (tolerance {tolerance}).")
    return failures


def _flips(results: Sequence[Result], before: Mapping[str, Any]) -> list[Flip]:
    flips = []
    for result in results:
        then = before.get(result.id)
        if then is None or then["correct"] is None or result.correct is None or then["correct"] == result.correct:
            continue
        stage = result.stage or then.get("stage") or ""
        flips.append(
            Flip(result.id, result.question, bool(then["correct"]), then["text"], result.text, stage, result.sources)
        )
    return flips
