"""What each part of reading adds: search alone, its signals weighed, the trained reader alone, and both together.

    python -m evals.bench.ablation --data SQUADSHIFTS --evaluation dev-v2.0.json [--distractors distractors-v2.0.json]

Every variant is fitted anew, by ``evals.fit`` on questions that the reader was not trained on, with the
numbers it may not see set to 0; then it answers the same questions of the evaluation with everything in the store, with
their paragraph taken out, and with their article taken out.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evals.datasets import SquadQuestion, names_by_article, read_squad, write_paragraphs
from evals.fit import Askings, fit_reader, gather
from evals.metrics import auroc, contains_answer, false_answers_at_coverage, token_f1
from index import Filter, Index
from qa.features import SENTENCE_FEATURES, Features
from qa.reader import Weights, confidence_features, read_features
from qa.settings import Settings
from qa.span_reader import SpanReader, shipped_span_reader

OF_THE_READER = ("unread", "span margin", "span lead", "passage margin")
"""The sentence features that the trained reader gives; all others are of the search and the words."""
Array = NDArray[np.float32]
Scorer = Callable[[Features], tuple[Array, float]]
"""Features -> a score per sentence and the confidence."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A question of the evaluation: what is found with everything there, without its paragraph, without its article."""

    question: SquadQuestion
    own: tuple[bool, ...]
    whole: Features
    near: Features
    far: Features


def measured(
    index: Index, questions: Iterable[SquadQuestion], articles: Mapping[str, frozenset[str]]
) -> list[Measured]:
    """Search and read in the three ways. ``own`` says of each passage whether it is of the question's paragraph."""
    settings = Settings()
    reader = shipped_span_reader(settings.threads)
    found = []
    for question in questions:
        name = question.paragraph.name
        results = [
            index.search(question.question, top_k=settings.top_k, where=Filter(exclude=left_out))
            for left_out in (frozenset[str](), frozenset({name}), articles[question.paragraph.article])
        ]
        read = [read_features(question.question, result, reader, budget=settings.read_budget) for result in results]
        own = tuple(passage.document.source == name for passage in results[0].passages)
        found.append(Measured(question, own, *read))
    return found


def by_search_alone(found: Features) -> tuple[Array, float]:
    """The nearest sentence of the best passage; confident as far as it is near."""
    gap, similarity = (found.table[:, SENTENCE_FEATURES.index(name)] for name in ("passage gap", "similarity"))
    scores: Array = np.where(gap >= gap.max(), similarity, similarity - 2.0)
    return scores, float(scores.max())


def fitted(answers: tuple[Askings, Askings], hidden: Iterable[str]) -> Scorer:
    """A scorer that was fitted without the ``hidden`` sentence features, and does not see them."""
    seen = np.array([name not in set(hidden) for name in SENTENCE_FEATURES], dtype=np.float32)

    def masked(found: Features) -> Features:
        return replace(found, table=found.table * seen)

    articles, written = (
        [[replace(way, features=masked(way.features)) for way in ways] for ways in part] for part in answers
    )
    weights = Weights.from_dict(fit_reader(articles, written))

    def score(found: Features) -> tuple[Array, float]:
        found = masked(found)
        scores = weights.scores(found.table)
        return scores, float(weights.confidences(confidence_features(found, scores)[None])[0])

    return score


def table_row(questions: Sequence[Measured], scorer: Scorer) -> dict[str, float | None]:
    """All measures of one variant."""
    passage, sentence, whole_f1, short_f1 = [], [], [], []
    confidence: dict[str, list[float]] = {"whole": [], "near": [], "far": []}
    for item in questions:
        gold = [text for _, text in item.question.answers]
        scores, sure = scorer(item.whole)
        best = item.whole.places[int(np.argmax(scores))]
        short = best.text[best.span.start - best.start : best.span.end - best.start] if best.span else best.text
        passage.append(item.own[best.passage])
        sentence.append(contains_answer(best.text, gold))
        whole_f1.append(token_f1(best.text, gold))
        short_f1.append(token_f1(short, gold))
        confidence["whole"].append(sure)
        for way, found in (("near", item.near), ("far", item.far)):
            confidence[way].append(scorer(found)[1] if found.places else 0.0)
    given, near, far = (confidence[way] for way in ("whole", "near", "far"))
    return {
        "right passage first": float(np.mean(passage)),
        "first sentence holds a gold answer": float(np.mean(sentence)),
        "F1 of the sentence": float(np.mean(whole_f1)),
        "F1 of the short answer": float(np.mean(short_f1)),
        "article left out: AUROC": auroc(given, far),
        "paragraph left out: AUROC": auroc(given, near),
        "paragraph left out: wrongly answered at 90 % coverage": false_answers_at_coverage(given, near, 0.9),
    }


def main() -> None:
    """Gather, fit every variant, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with squadshifts-*.json, to fit on")
    parser.add_argument("--evaluation", type=Path, required=True, help="a SQuAD file, to measure on")
    parser.add_argument("--distractors", type=Path)
    parser.add_argument("--fit-questions", type=int, default=800)
    parser.add_argument("--questions", type=int, default=300, help="of the evaluation, drawn with a fixed seed")
    options = parser.parse_args()
    paragraphs, questions = read_squad(*[path for path in (options.evaluation, options.distractors) if path])
    answerable = [question for question in questions if question.answers]
    chosen = random.Random(0).sample(answerable, min(len(answerable), options.questions))
    with tempfile.TemporaryDirectory() as work:
        write_paragraphs(paragraphs, Path(work) / "documents")
        with Index.open(Path(work) / "store") as index:
            index.sync(Path(work) / "documents")
            asked = measured(index, chosen, names_by_article(paragraphs))
        _, articles, written = gather(
            options.data,
            options.fit_questions,
            Path(work) / "fit",
            SpanReader.open(threads=2),
            search=False,
            reader=True,
        )
    parts = (articles, written)
    signals = [name for name in SENTENCE_FEATURES if name not in OF_THE_READER]
    variants: dict[str, Scorer] = {
        "search alone": by_search_alone,
        "signals of the search, weighed": fitted(parts, OF_THE_READER),
        "trained reader alone": fitted(parts, signals),
        "both": fitted(parts, ()),
    }
    print(json.dumps({name: table_row(asked, scorer) for name, scorer in variants.items()}, indent=2))


if __name__ == "__main__":
    main()
