"""Training examples: a question, a passage, and where in it the answer is, or that it is not there.

Positives come from SQuAD-format files and QAMR. Negatives are of the kinds a reader meets: the same passage without the
sentence that answers (the near miss), and another passage that shares the question's words.
"""

import csv
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.datasets import SquadQuestion, read_squad
from index.sentences import sentence_spans
from index.terms import STOP_WORDS, stems

_NEAR_MISSES = 0.30
"""Share of questions that are also asked of their own passage without its answer."""
_OTHERS = 0.20
"""Share of questions that are also asked of the most alike passage that does not hold their answer."""
_QAMR_NEIGHBOURS = 4
"""Sentences around a QAMR sentence, drawn at random, so that a reader must find the right one."""


@dataclass(frozen=True, slots=True)
class Example:
    """``start`` and ``end`` are half-open character offsets of the answer in ``passage``; both None if it is not there."""

    question: str
    passage: str
    start: int | None
    end: int | None


def squad_examples(paths: Sequence[Path], limit: int, rng: random.Random) -> list[Example]:
    """Up to ``limit`` questions of SQuAD-format files, drawn evenly over the files, with negatives for some."""
    examples: list[Example] = []
    for path in paths:
        paragraphs, questions = read_squad(path)
        rng.shuffle(questions)
        chosen = [question for question in questions if question.answers][: limit // len(paths)]
        alike = _AlikePassages([paragraph.text for paragraph in paragraphs])
        for question in chosen:
            examples += _with_negatives(question, alike, rng)
    return examples


def qamr_examples(folder: Path, limit: int, rng: random.Random) -> list[Example]:
    """Up to ``limit`` QAMR questions whose answer both validators marked, each among random other sentences."""
    sentences = {
        line.split("\t")[0]: _detokenised(line.rstrip("\n").split("\t")[1])
        for line in (folder / "wiki-sentences.tsv").read_text(encoding="utf-8").splitlines()
    }
    keys = sorted(sentences)
    rows = [row for name in ("dev.tsv", "test.tsv") for row in _rows(folder / name)]
    rng.shuffle(rows)
    examples = []
    for row in rows:
        if len(examples) >= limit:
            break
        words, text = sentences.get(row[0], ([], ""))
        marked = [int(number) for number in row[6].split()] if row[6] else []
        if not words or not marked or marked != list(range(marked[0], marked[-1] + 1)) or marked[-1] >= len(words):
            continue
        start, end = words[marked[0]][0], words[marked[-1]][1]
        others = [sentences[rng.choice(keys)][1] for _ in range(rng.randrange(_QAMR_NEIGHBOURS + 1))]
        place = rng.randrange(len(others) + 1)
        before = "".join(f"{other} " for other in others[:place])
        if others and rng.random() < _NEAR_MISSES / 2:
            examples.append(Example(row[5], " ".join(others), None, None))
        passage = f"{before}{text}{''.join(f' {other}' for other in others[place:])}"
        examples.append(Example(row[5], passage, len(before) + start, len(before) + end))
    return examples


def without_answer(passage: str, start: int, answer: str) -> str | None:
    """The passage without the sentences that hold the answer; None if nothing much is left."""
    spans = sentence_spans(passage)
    kept = [passage[a:b] for a, b in spans if not a <= start < b and answer.lower() not in passage[a:b].lower()]
    return " ".join(kept) if len(kept) >= 2 else None


def _with_negatives(question: SquadQuestion, alike: "_AlikePassages", rng: random.Random) -> list[Example]:
    start, answer = question.answers[0]
    passage = question.paragraph.text
    examples = [Example(question.question, passage, start, start + len(answer))]
    if rng.random() < _NEAR_MISSES and (rest := without_answer(passage, start, answer)) is not None:
        examples.append(Example(question.question, rest, None, None))
    if rng.random() < _OTHERS and (other := alike.nearest(question.question, answer)) is not None:
        examples.append(Example(question.question, other, None, None))
    return examples


class _AlikePassages:
    """Finds the passage that shares the rarest words with a question and does not hold its answer."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._passages = passages
        self._holders: dict[str, list[int]] = {}
        for number, passage in enumerate(passages):
            for stem in set(stems(passage)):
                self._holders.setdefault(stem, []).append(number)

    def nearest(self, question: str, answer: str) -> str | None:
        scores: dict[int, float] = {}
        for stem in set(stems(question)) - STOP_WORDS:
            holders = self._holders.get(stem, [])
            for number in holders if len(holders) < 300 else []:
                scores[number] = scores.get(number, 0.0) + 1 / len(holders) ** 0.5
        for number in sorted(scores, key=lambda n: -scores[n])[:5]:
            if answer.lower() not in self._passages[number].lower():
                return self._passages[number]
        return None


def _rows(path: Path) -> Iterable[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)


_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}
_NO_SPACE_BEFORE = re.compile(r"^(?:[.,;:!?%)\]]|'s|'re|'ve|n't|'ll|'d|'m|')$")


def _detokenised(line: str) -> tuple[list[tuple[int, int]], str]:
    """Words with a space between them -> offsets of the words, and the text as a person would write it."""
    text, spans = "", []
    for word in line.split():
        word = _BRACKETS.get(word, word)
        if text and not _NO_SPACE_BEFORE.match(word) and not text.endswith(("(", "[")):
            text += " "
        spans.append((len(text), len(text) + len(word)))
        text += word
    return spans, text
