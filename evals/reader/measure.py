"""Short answers with the passage given, by SQuAD's own measures.

    python -m evals.reader.measure --data dev-v2.0.json [--reader FOLDER] [--questions 0]
    python -m evals.reader.measure --held-out FOLDER ...

F1 and exact match as in SQuAD 2.0 (Rajpurkar et al. 2018): over the answerable questions, where an answer must be
given; and over all, at the margin below which "no answer" is said that is best for F1 (so an upper bound, as is usual).
``--held-out`` takes the folder of training data and asks what is never trained on: while a reader is made, readers are
compared on that, and not on what measures us.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evals.datasets import SquadQuestion, read_squad
from evals.metrics import auroc, exact_match, token_f1
from evals.reader.example import ARTICLES, held_out
from evals.reader.written import document_questions, paragraph_key, unanswered_questions
from index.sentences import sentence_spans
from index.types import Chunk
from qa.span_reader import SHIPPED_READER, Span, SpanReader

EVEN_MARGIN = "answerability: even margin"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the one passage that it is asked of; ``gold``: all right answers, none where it has none."""

    question: str
    chunk: Chunk
    gold: tuple[str, ...]


def asked_of_paragraph(question: SquadQuestion) -> Asked:
    """A question of SQuAD's form, asked of its own paragraph."""
    text = question.paragraph.text
    chunk = Chunk("paragraph", 0, 0, len(text), text, "", tuple(sentence_spans(text)))
    return Asked(question.question, chunk, tuple(answer for _, answer in question.answers))


def held_out_on_articles(data: Path) -> list[Asked]:
    """Questions on the articles that are never trained on: the dataset's, and those written to have no answer."""
    path = data / f"squadshifts-{ARTICLES}.json"
    if not path.exists():
        raise SystemExit(f"{data} holds no {path.name}; give the folder that docs/reader.md describes.")
    paragraphs, questions = read_squad(path)
    unanswered = [
        SquadQuestion("", question, paragraph, ())
        for paragraph in paragraphs
        for question in unanswered_questions().get(paragraph_key(paragraph), ())
    ]
    return [asked_of_paragraph(item) for item in (*questions, *unanswered) if held_out(item.paragraph)]


def held_out_on_documents() -> list[Asked]:
    """Questions on the written documents that are never trained on, each of the chunk that answers or seems to."""
    return [Asked(question, chunk, (answer,) if answer else ()) for question, chunk, answer in document_questions()]


def best_span(reader: SpanReader, question: str, chunk: Chunk) -> Span:
    """The short answer that the reader gives from a chunk."""
    spans = [span for span in reader.read(question, [chunk], budget=10**9)[0] if span is not None]
    return max(spans, key=lambda span: span.margin, default=Span(chunk.start, chunk.start, float("-inf")))


def measure(reader: SpanReader, questions: Sequence[Asked]) -> dict[str, float | None]:
    """All measures over the questions."""
    margins, exact, f1 = [], [], []
    for question in questions:
        chunk, gold = question.chunk, question.gold or ("",)
        span = best_span(reader, question.question, chunk)
        given = chunk.text[span.start - chunk.start : span.end - chunk.start]
        margins.append(span.margin)
        exact.append(exact_match(given, gold))
        f1.append(token_f1(given, gold))
    answerable = np.array([bool(question.gold) for question in questions])
    margin, exactly, overlap = np.array(margins), np.array(exact), np.array(f1)
    return {
        "questions": len(questions),
        "answerable: exact match": float(exactly[answerable].mean()),
        "answerable: F1": float(overlap[answerable].mean()),
        "answerability: AUROC": auroc(margin[answerable].tolist(), margin[~answerable].tolist()),
        EVEN_MARGIN: _even_margin(margin, answerable),
        "all: best exact match": _best_overall(margin, exactly, answerable),
        "all: best F1": _best_overall(margin, overlap, answerable),
    }


def _even_margin(margin: np.ndarray, answerable: np.ndarray) -> float | None:
    """The margin below which as large a share of the answerable lies as of the others lies above; None of one kind."""
    if answerable.all() or not answerable.any():
        return None
    order = np.sort(margin)
    below = np.searchsorted(np.sort(margin[answerable]), order) / answerable.sum()
    above = 1 - np.searchsorted(np.sort(margin[~answerable]), order) / (~answerable).sum()
    return float(order[int(np.argmin(np.abs(below - above)))])


def _best_overall(margin: np.ndarray, score: np.ndarray, answerable: np.ndarray) -> float:
    """The mean score at the best threshold: refusing is worth 1 where there is no answer, 0 where there is."""
    order = np.argsort(-margin)
    gained = np.cumsum(np.where(answerable[order], score[order], -1.0))  # answering one question more
    return float((max(0.0, gained.max()) + (~answerable).sum()) / len(margin))


def main() -> None:
    """Measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=Path, help="a file of SQuAD's form")
    what.add_argument("--held-out", type=Path, help="the folder of training data: what of it is never trained on")
    parser.add_argument("--reader", type=Path, default=SHIPPED_READER)
    parser.add_argument("--questions", type=int, default=0, help="drawn with a fixed seed; 0: all")
    options = parser.parse_args()
    if options.data:
        asked = {"paragraph given": [asked_of_paragraph(question) for question in read_squad(options.data)[1]]}
    else:
        asked = {"articles": held_out_on_articles(options.held_out), "documents": held_out_on_documents()}
    reader = SpanReader.open(options.reader, threads=2)
    for name, questions in asked.items():
        count = min(len(questions), options.questions or len(questions))
        print(json.dumps({name: measure(reader, random.Random(0).sample(questions, count))}, indent=2))


if __name__ == "__main__":
    main()
