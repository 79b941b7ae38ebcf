"""Short answers with the paragraph given, by SQuAD's own measures.

    python -m evals.reader.measure --data dev-v2.0.json [--reader FOLDER] [--questions 0]

F1 and exact match as in SQuAD 2.0 (Rajpurkar et al. 2018): over the answerable questions, where an answer must be
given; and over all, at the margin below which "no answer" is said that is best for F1 (so an upper bound, as is usual).
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evals.datasets import SquadQuestion, read_squad
from evals.metrics import auroc, exact_match, token_f1
from index.sentences import sentence_spans
from index.types import Chunk
from qa.span_reader import SHIPPED_READER, Span, SpanReader


def whole_chunk(text: str) -> Chunk:
    """A text as one chunk with its sentences."""
    return Chunk("paragraph", 0, 0, len(text), text, "", tuple(sentence_spans(text)))


def best_span(reader: SpanReader, question: str, text: str) -> Span:
    """The short answer that the reader gives from a text."""
    spans = [span for span in reader.read(question, [whole_chunk(text)], budget=10**9)[0] if span is not None]
    return max(spans, key=lambda span: span.margin, default=Span(0, 0, float("-inf")))


def measure(reader: SpanReader, questions: Sequence[SquadQuestion]) -> dict[str, float | None]:
    """All measures over the questions."""
    margins, exact, f1 = [], [], []
    for question in questions:
        text = question.paragraph.text
        span = best_span(reader, question.question, text)
        gold = [answer for _, answer in question.answers] or [""]
        given = text[span.start : span.end]
        margins.append(span.margin)
        exact.append(exact_match(given, gold))
        f1.append(token_f1(given, gold))
    answerable = np.array([bool(question.answers) for question in questions])
    margin, exactly, overlap = np.array(margins), np.array(exact), np.array(f1)
    return {
        "questions": len(questions),
        "answerable: exact match": float(exactly[answerable].mean()),
        "answerable: F1": float(overlap[answerable].mean()),
        "answerability: AUROC": auroc(margin[answerable].tolist(), margin[~answerable].tolist()),
        "all: best exact match": _best_overall(margin, exactly, answerable),
        "all: best F1": _best_overall(margin, overlap, answerable),
    }


def _best_overall(margin: np.ndarray, score: np.ndarray, answerable: np.ndarray) -> float:
    """The mean score at the best threshold: refusing is worth 1 where there is no answer, 0 where there is."""
    order = np.argsort(-margin)
    gained = np.cumsum(np.where(answerable[order], score[order], -1.0))  # answering one question more
    return float((max(0.0, gained.max()) + (~answerable).sum()) / len(margin))


def main() -> None:
    """Measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reader", type=Path, default=SHIPPED_READER)
    parser.add_argument("--questions", type=int, default=0, help="drawn with a fixed seed; 0: all")
    options = parser.parse_args()
    _, questions = read_squad(options.data)
    if options.questions:
        questions = random.Random(0).sample(questions, min(len(questions), options.questions))
    print(json.dumps(measure(SpanReader.open(options.reader, threads=2), questions), indent=2))


if __name__ == "__main__":
    main()
