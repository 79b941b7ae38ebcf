"""Figures of merit, as pure functions. A figure that was not measured is None, never 0."""

import re
import string
from collections import Counter
from collections.abc import Sequence

import numpy as np


def hit_at(ranks: Sequence[int | None], k: int) -> float | None:
    """Share of questions whose first right passage is among the best ``k``. Ranks are 1-based; None is not found."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else None


def mean_reciprocal_rank(ranks: Sequence[int | None], k: int = 10) -> float | None:
    """Mean of 1 / rank of the first right passage, 0 beyond ``k`` (MRR@k)."""
    return sum(1 / rank for rank in ranks if rank is not None and rank <= k) / len(ranks) if ranks else None


def ndcg_at(relevant: Sequence[bool], total_relevant: int, k: int = 10) -> float | None:
    """nDCG@k for yes/no relevance: gain 1 / log2(rank + 1), divided by that of the best order (Järvelin 2002)."""
    if not total_relevant:
        return None
    gain = sum(1 / np.log2(rank + 2) for rank, hit in enumerate(relevant[:k]) if hit)
    return float(gain / sum(1 / np.log2(rank + 2) for rank in range(min(k, total_relevant))))


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """Chance that a random positive scores above a random negative, ties counting half (Mann-Whitney U)."""
    if not positives or not negatives:
        return None
    sorted_negatives = np.sort(np.asarray(negatives))
    below = np.searchsorted(sorted_negatives, positives, side="left")
    up_to = np.searchsorted(sorted_negatives, positives, side="right")
    return float((below + up_to).sum() / 2 / (len(positives) * len(negatives)))


def false_answers_at_coverage(positives: Sequence[float], negatives: Sequence[float], coverage: float) -> float | None:
    """Share of negatives answered when the threshold is set so that this share of positives is answered."""
    if not positives or not negatives:
        return None
    threshold = float(np.quantile(np.asarray(positives), 1 - coverage))
    return float((np.asarray(negatives) >= threshold).mean())


def normalise_answer(text: str) -> str:
    """Lower case, no punctuation, no articles, single spaces (the official SQuAD script)."""
    text = "".join(character for character in text.lower() if character not in string.punctuation)
    return " ".join(re.sub(r"\b(?:a|an|the)\b", " ", text).split())


def contains_answer(text: str, answers: Sequence[str]) -> bool:
    """Whether a normalised gold answer stands in the normalised text, as whole words."""
    words = f" {normalise_answer(text)} "
    return any(f" {normalised} " in words for answer in answers if (normalised := normalise_answer(answer)))


def bootstrap_interval(values: Sequence[float], *, seed: int = 0, rounds: int = 1000) -> tuple[float, float] | None:
    """95 % interval of the mean, by drawing the sample anew with replacement (Efron 1979); fixed by ``seed``."""
    if not values:
        return None
    sample = np.asarray(values, dtype=float)
    generator = np.random.default_rng(seed)
    means = [sample[generator.integers(0, len(sample), len(sample))].mean() for _ in range(rounds)]
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def exact_match(text: str, answers: Sequence[str]) -> float:
    """1 if the normalised text is a normalised gold answer, else 0 (SQuAD)."""
    return float(any(normalise_answer(text) == normalise_answer(answer) for answer in answers))


def token_f1(text: str, answers: Sequence[str]) -> float:
    """Best harmonic mean of token precision and recall against a gold answer (SQuAD)."""
    words = normalise_answer(text).split()
    return max((_f1(words, normalise_answer(answer).split()) for answer in answers), default=0.0)


def _f1(words: Sequence[str], gold: Sequence[str]) -> float:
    if not words or not gold:
        return float(words == gold)
    common = sum((Counter(words) & Counter(gold)).values())
    return 2 * common / (len(words) + len(gold))


def expected_calibration_error(confidences: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> float | None:
    """Mean gap between confidence and outcome over bins of equal width, weighted by size (Guo et al. 2017)."""
    if not confidences:
        return None
    values, truth = np.asarray(confidences), np.asarray(outcomes, dtype=float)
    bin_of = np.minimum((values * bins).astype(int), bins - 1)
    gaps = [abs(values[bin_of == b].mean() - truth[bin_of == b].mean()) * (bin_of == b).mean() for b in set(bin_of)]
    return float(sum(gaps))


def coverage_at_precision(confidences: Sequence[float], right: Sequence[bool], precision: float = 0.95) -> float | None:
    """Largest share of questions that can be answered, most confident first, while this share of them is right."""
    if not confidences:
        return None
    order = np.argsort(-np.asarray(confidences), kind="stable")
    hits = np.cumsum(np.asarray(right, dtype=float)[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(hits >= precision)[0]
    return float((enough[-1] + 1) / len(order)) if len(enough) else 0.0


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which this share of values lies."""
    return float(np.quantile(np.asarray(values), share)) if values else None
