"""Retrieval, sentence choice, abstention and citations on SQuAD paragraphs, each a document of its own.

    python -m evals.bench.squad --data dev-v2.0.json --distractors distractors-v2.0.json [--questions 1000]

Every answerable question is asked four times: with everything in the store; with its own paragraph alone; with its own
paragraph taken out (the near miss: the article is there, the fact is not); with its whole article taken out. As many of
SQuAD's own unanswerable questions, whose paragraph is there and looks as if it answered, are asked once.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from evals.datasets import SquadQuestion, names_by_article, read_squad, write_paragraphs
from evals.metrics import (
    auroc,
    contains_answer,
    exact_match,
    false_answers_at_coverage,
    hit_at,
    mean_reciprocal_rank,
    token_f1,
)
from index import Filter, Index
from index.embed import embed_query
from index.terms import parse_query
from qa import Answer, Assistant, Settings
from qa.reader import default_threshold

Ranker = Callable[[str], Sequence[str]]
"""Question -> names of documents, best first, without repeats."""


def rankers(index: Index) -> dict[str, Ranker]:
    """Our search, and its two halves alone, over the same chunks."""
    names = {document.id: document.source for document in index.documents()}
    catalog = index._catalog

    def lexical(question: str) -> Sequence[str]:
        rows = [row for row, _ in catalog.full_text(parse_query(question), limit=60, accepted=None)]
        chunks = {stored.row: stored.chunk for stored in catalog.chunks_by_row(rows)}
        return list(dict.fromkeys(names[chunks[row].document_id] for row in rows))

    keys, matrix = catalog.all_vectors()
    by_key = {stored.vector_key: names[stored.chunk.document_id] for stored in catalog.chunks_by_vector(keys)}

    def semantic(question: str) -> Sequence[str]:
        similarities = matrix @ embed_query(index._open_encoder(), question)
        return list(dict.fromkeys(by_key[keys[row]] for row in np.argsort(-similarities)[:60]))

    def ours(question: str) -> Sequence[str]:
        return list(dict.fromkeys(p.document.source for p in index.search(question, top_k=20).passages))

    return {"full text alone (FTS5 BM25)": lexical, "embedder alone (MiniLM int8)": semantic, "ours": ours}


def retrieval(index: Index, questions: Sequence[SquadQuestion]) -> dict[str, dict[str, float | None]]:
    """Hit@1, Hit@5 and MRR@10 of each ranker."""
    table = {}
    for name, ranker in rankers(index).items():
        ranks: list[int | None] = []
        for question in questions:
            found = list(ranker(question.question))
            ranks.append(found.index(question.paragraph.name) + 1 if question.paragraph.name in found else None)
        table[name] = {"Hit@1": hit_at(ranks, 1), "Hit@5": hit_at(ranks, 5), "MRR@10": mean_reciprocal_rank(ranks)}
    return table


def _first_holds_answer(answer: Answer, question: SquadQuestion) -> bool:
    gold = [text for _, text in question.answers]
    return bool(answer.sentences) and contains_answer(answer.sentences[0].text, gold)


def _short_answer(answer: Answer) -> str:
    """What is marked in the first sentence, or all of it."""
    if not answer.sentences:
        return ""
    sentence = answer.sentences[0]
    return sentence.text[slice(*sentence.answer)] if sentence.answer else sentence.text


def measure(
    assistant: Assistant,
    questions: Sequence[SquadQuestion],
    unanswerable: Sequence[SquadQuestion],
    articles: dict[str, frozenset[str]],
) -> dict[str, float | None]:
    """Ask every question in the four ways; ``articles`` maps an article to the names of its paragraphs."""
    whole, near, far, first, given, exact, cited = [], [], [], [], [], 0, 0
    f1, matches, read_first = [], [], []
    for question in questions:
        answer = assistant.ask(question.question)
        whole.append(answer.confidence)
        first.append(_first_holds_answer(answer, question))
        gold = [text for _, text in question.answers]
        f1.append(token_f1(_short_answer(answer), gold))
        matches.append(exact_match(_short_answer(answer), gold))
        read_first.append(bool(answer.passages) and answer.passages[0].document.source == question.paragraph.name)
        exact += sum(_is_exact(assistant, answer))
        cited += len(answer.citations)
        name = question.paragraph.name
        alone = assistant.ask(question.question, where=Filter(sources=(name,)))
        given.append(_first_holds_answer(alone, question))
        near.append(assistant.ask(question.question, where=Filter(exclude=frozenset({name}))).confidence)
        article = articles[question.paragraph.article]
        far.append(assistant.ask(question.question, where=Filter(exclude=article)).confidence)
    alike = [assistant.ask(question.question).confidence for question in unanswerable]
    threshold = default_threshold()
    shown = [hit for hit, confidence in zip(first, whole, strict=True) if confidence >= threshold]
    return {
        "questions": len(questions),
        "Hit@1 of the passages as read": float(np.mean(read_first)),
        "short answer: F1": float(np.mean(f1)),
        "short answer: exact match": float(np.mean(matches)),
        "first sentence holds a gold answer": float(np.mean(first)),
        "the same, of the questions answered at the shipped threshold": float(np.mean(shown)),
        "the same, right paragraph given": float(np.mean(given)),
        "article left out: AUROC": auroc(whole, far),
        "article left out: wrongly answered at 90 % coverage": false_answers_at_coverage(whole, far, 0.9),
        "paragraph left out: AUROC": auroc(whole, near),
        "paragraph left out: wrongly answered at 90 % coverage": false_answers_at_coverage(whole, near, 0.9),
        "SQuAD's unanswerable: AUROC": auroc(whole, alike),
        "SQuAD's unanswerable: wrongly answered at 90 % coverage": false_answers_at_coverage(whole, alike, 0.9),
        "threshold": threshold,
        "answerable refused at it": float(np.mean(np.array(whole) < threshold)),
        "article left out, answered at it": float(np.mean(np.array(far) >= threshold)),
        "paragraph left out, answered at it": float(np.mean(np.array(near) >= threshold)),
        "citations": cited,
        "citations exact": exact / cited if cited else None,
    }


def _is_exact(assistant: Assistant, answer: Answer) -> list[bool]:
    return [
        assistant.index.document(citation.source).text[citation.start : citation.end] == citation.quote
        for citation in answer.citations
    ]


def main() -> None:
    """Index, measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--distractors", type=Path)
    parser.add_argument("--questions", type=int, default=1000, help="for answers, drawn with a fixed seed; 0: all")
    parser.add_argument("--only", choices=["retrieval", "answers"])
    parser.add_argument("--store", type=Path, help="keep the store here, to measure again sooner")
    options = parser.parse_args()
    paragraphs, questions = read_squad(*[path for path in (options.data, options.distractors) if path])
    unanswerable = [question for question in questions if not question.answers]
    questions = [question for question in questions if question.answers]
    chosen = random.Random(0).sample(questions, min(len(questions), options.questions or len(questions)))
    alike = random.Random(0).sample(unanswerable, min(len(unanswerable), len(chosen)))
    with tempfile.TemporaryDirectory() as work:
        folder = options.store or Path(work)
        write_paragraphs(paragraphs, folder / "documents")
        with Assistant.open(folder / "store", settings=Settings(threshold=0.0)) as assistant:
            report = assistant.index.sync(folder / "documents")
            result: dict[str, object] = {"documents": report.documents, "chunks": report.chunks}
            if options.only != "answers":
                result["retrieval"] = retrieval(assistant.index, questions)
            if options.only != "retrieval":
                result["answers"] = measure(assistant, chosen, alike, names_by_article(paragraphs))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
