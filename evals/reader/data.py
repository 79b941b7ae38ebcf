"""All training examples: from SQuADShifts (CC BY 4.0), QAMR (MIT), QED (CC BY-SA 3.0), and ``written.py``.

A quarter of the articles and of the documents is never trained on: on it the confidence is fitted, which would be too
sure of passages that the reader has learnt by heart.
"""

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from evals.datasets import Paragraph, SquadQuestion, read_squad
from evals.reader.example import ARTICLES, COMMENTS, Example, as_typed, cropped, following, held_out
from evals.reader.negatives import AlikePassages, altered_question, without_answer
from evals.reader.written import answered_questions, document_examples, unanswered_examples

_NEAR_MISSES = 0.25
"""Share of questions that are also asked of their own passage without the sentences that answer."""
_ALTERED = 0.30
"""Share of questions that are also asked with a name, number or word changed so that their passage answers no more."""
_OTHERS = 0.45
"""Share of questions on articles that are also asked of the passage most like the question that does not answer it."""
_SHARES = {ARTICLES: 0.5, **dict.fromkeys(COMMENTS, 0.1)}
"""Of the questions in SQuADShifts' files, others each round: beside those on articles there is what was written to go
with them, and those on comments and reviews are most, and least like documents. Any other file is read whole."""


def examples(data: Path, rng: random.Random) -> list[Example]:
    """All examples of one epoch."""
    found: list[Example] = []
    for path in sorted(data.glob("squadshifts-*.json")):
        share = next((share for name, share in _SHARES.items() if name in path.name), 1.0)
        are_articles = not any(name in path.name for name in COMMENTS)
        found += asked_examples(*read_squad(path), rng, share=share, are_articles=are_articles)
    found += asked_examples(*read_searched(data / "qed-dev.jsonlines"), rng, share=1.0, are_articles=True)
    found += qamr_examples(data / "qamr", rng)
    found += document_examples(rng)
    return [as_typed(example, rng) for example in found]


def asked_examples(
    paragraphs: Sequence[Paragraph],
    questions: Sequence[SquadQuestion],
    rng: random.Random,
    *,
    share: float,
    are_articles: bool,
) -> Iterator[Example]:
    """A share of the questions, each with its paragraph, some also with one that does not answer.

    On articles also those that were written to have no answer. Those that the file itself says have none are all asked.
    """
    unanswered = [question for question in questions if not question.answers and not held_out(question.paragraph)]
    asked = [*questions, *answered_questions(paragraphs)]
    asked = [question for question in asked if question.answers and not held_out(question.paragraph)]
    asked = rng.sample(asked, round(share * len(asked)))
    articles: dict[str, list[str]] = {}
    for paragraph in paragraphs:
        if not held_out(paragraph):
            articles.setdefault(paragraph.article, []).append(paragraph.text)
    alike = {article: AlikePassages(texts) for article, texts in articles.items()}
    on_paragraph: dict[str, list[str]] = {}
    for question in asked:
        on_paragraph.setdefault(question.paragraph.name, []).append(question.question)
    for question in asked:
        positive = _positive(question)
        before = [other for other in on_paragraph[question.paragraph.name] if other != question.question]
        yield following(cropped(positive, rng), before, rng)
        for negative in _negatives(positive, alike[question.paragraph.article], rng, others=are_articles):
            yield following(negative, before, rng)
    for question in unanswered:
        yield cropped(Example(question.question, question.paragraph.text, None, None), rng)
    if are_articles:
        yield from unanswered_examples(paragraphs, questions, rng)


def _positive(question: SquadQuestion) -> Example:
    """The answer that most people marked; of equally frequent ones the shortest."""
    counts = Counter(question.answers)
    start, answer = min(counts, key=lambda item: (-counts[item], len(item[1])))
    return Example(question.question, question.paragraph.text, start, start + len(answer))


def _negatives(positive: Example, alike: AlikePassages, rng: random.Random, *, others: bool) -> Iterator[Example]:
    assert positive.start is not None
    answer = positive.passage[positive.start : positive.end]
    if rng.random() < _NEAR_MISSES and (rest := without_answer(positive.passage, positive.start, answer)) is not None:
        yield cropped(Example(positive.question, rest, None, None), rng)
    if rng.random() < _ALTERED and (changed := altered_question(positive.question, positive.passage, rng)) is not None:
        yield replace(cropped(positive, rng), question=changed, start=None, end=None)
    if others and rng.random() < _OTHERS and (other := alike.nearest(positive.question, answer)) is not None:
        yield cropped(Example(positive.question, other, None, None), rng)


def read_searched(path: Path) -> tuple[list[Paragraph], list[SquadQuestion]]:
    """QED (Lamm et al. 2020): what people typed into a web search (Natural Questions), and a paragraph that answers.

    All paragraphs count as one article's: they come from as many articles.
    """
    paragraphs: dict[str, Paragraph] = {}
    questions = []
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        words, text = detokenised(row["paragraph_text"])
        paragraph = paragraphs.setdefault(text, Paragraph(f"p{len(paragraphs):05d}.txt", path.stem, text))
        if (answer := _searched_answer(row)) is not None:
            first = len(row["paragraph_text"][: answer["start"]].split())
            start, end = words[first][0], words[first + len(answer["string"].split()) - 1][1]
            found = ((start, text[start:end]),)
            questions.append(SquadQuestion(str(row["example_id"]), row["question_text"], paragraph, found))
    return list(paragraphs.values()), questions


def _searched_answer(row: dict[str, Any]) -> dict[str, Any] | None:
    """The answer that was found evidence for, else the shortest in one piece; None where all are lists."""
    explained = [answer["paragraph_reference"] for answer in row["annotation"].get("answer", ())]
    if len(explained) == 1:
        return dict(explained[0])
    whole = [parts[0] for parts in row["original_nq_answers"] if len(parts) == 1]
    return min(whole, key=lambda answer: len(answer["string"]), default=None)


def qamr_examples(folder: Path, rng: random.Random) -> Iterator[Example]:
    """QAMR's questions on single sentences, each sentence among its neighbours in the article it comes from.

    Only questions where a validator marked the very answer of the writer; at most three to a sentence, since they
    repeat each other.
    """
    sentences = _qamr_sentences(folder)
    articles: dict[str, list[str]] = {}
    for key in sentences:
        articles.setdefault(key.rsplit(":", 2)[0], []).append(key)
    asked: Counter[str] = Counter()
    rows = [row for name in ("dev.tsv", "test.tsv") for row in _rows(folder / name)]
    rng.shuffle(rows)
    for key, question, marked in (
        (row[0], row[5], row[6]) for row in rows if row[6] in {part.partition(":")[2] for part in row[7:9]}
    ):
        answer = _token_span(marked)
        words, text = sentences.get(key, ([], ""))
        if answer is None or answer[1] >= len(words) or asked[key] >= 3:
            continue
        asked[key] += 1
        start, end = words[answer[0]][0], words[answer[1]][1]
        before, after = _neighbours(key, articles[key.rsplit(":", 2)[0]], rng)
        lead = "".join(f"{sentences[other][1]} " for other in before)
        tail = "".join(f" {sentences[other][1]}" for other in after)
        yield Example(question, f"{lead}{text}{tail}", len(lead) + start, len(lead) + end)
        if before or after:
            rest = f"{lead}{tail.strip()}".strip()
            if rng.random() < _NEAR_MISSES and text[start:end].lower() not in rest.lower():
                yield Example(question, rest, None, None)
        if rng.random() < _ALTERED / 2 and (changed := altered_question(question, text, rng)) is not None:
            yield Example(changed, f"{lead}{text}{tail}", None, None)


def _neighbours(key: str, article: Sequence[str], rng: random.Random) -> tuple[Sequence[str], Sequence[str]]:
    place = article.index(key)
    return article[max(0, place - rng.randint(0, 3)) : place], article[place + 1 : place + 1 + rng.randint(0, 3)]


def _qamr_sentences(folder: Path) -> dict[str, tuple[list[tuple[int, int]], str]]:
    lines = (folder / "wiki-sentences.tsv").read_text(encoding="utf-8").splitlines()
    found = {key: detokenised(text) for key, text in (line.split("\t") for line in lines)}
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(":")[2:]]))


def _rows(path: Path) -> Iterable[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


def _token_span(marked: str) -> tuple[int, int] | None:
    """First and last token of an answer, if it is in one piece."""
    tokens = [int(number) for number in marked.split()]
    return (tokens[0], tokens[-1]) if tokens and tokens == list(range(tokens[0], tokens[-1] + 1)) else None


_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}
_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]]|'s|'re|'ve|n't|'ll|'d|'m|')$")


def detokenised(line: str) -> tuple[list[tuple[int, int]], str]:
    """Words with a space between them -> offsets of the words, and the text as a person would write it."""
    text, spans = "", []
    for word in line.split():
        word = _BRACKETS.get(word, word)
        if text and not _NO_SPACE_BEFORE.match(word) and not text.endswith(("(", "[")):
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    return spans, text
