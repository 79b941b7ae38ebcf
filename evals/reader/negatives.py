"""Passages that do not answer a question, though they look as if they did. Pure, but for the dice handed in.

The kinds a reader meets: its own passage without the sentence that answers; a passage that shares the question's
words; and a question about another name, number or sense than the passage tells of (as in SQuAD 2.0, Rajpurkar et al.
2018, whose writers did the same by hand).
"""

import random
import re
from collections.abc import Callable, Sequence

from index.sentences import sentence_spans
from index.terms import STOP_WORDS, stems

_NAME = re.compile(r"(?<=\s)(?:[A-Z][\w'’-]+)(?:\s+(?:of\s+|the\s+)?[A-Z][\w'’-]+)*")
_NAME_IN_PASSAGE = re.compile(r"(?<![.!?]\s)(?<=\s)(?:[A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_AUXILIARY = re.compile(r"\b(did|does|do|is|was|are|were|can|could|has|have|had|would|should)\b", re.IGNORECASE)
_CONTRACTED = {"can": "can't"}

_OPPOSITES = [
    pair.split("/")
    for pair in (
        "first/last largest/smallest biggest/smallest highest/lowest most/least more/fewer before/after "
        "north/south east/west northern/southern eastern/western increase/decrease increased/decreased "
        "rise/fall above/below best/worst early/late earliest/latest oldest/youngest old/new begin/end "
        "began/ended start/stop started/stopped win/lose won/lost male/female men/women father/mother "
        "son/daughter husband/wife left/right public/private internal/external good/bad strong/weak hot/cold "
        "long/short longest/shortest high/low large/small major/minor modern/ancient legal/illegal "
        "positive/negative accept/reject accepted/rejected support/oppose supported/opposed like/dislike "
        "liked/disliked love/hate buy/sell bought/sold import/export maximum/minimum day/night inside/outside "
        "active/inactive include/exclude includes/excludes allowed/forbidden common/rare easy/difficult "
        "cheap/expensive born/died"
    ).split()
]
_OPPOSITE = {word: other for left, right in _OPPOSITES for word, other in ((left, right), (right, left))}
_WORD = re.compile(r"[a-z]+")


def without_answer(passage: str, start: int, answer: str) -> str | None:
    """The passage without the sentences that hold the answer; None if nothing much is left."""
    spans = sentence_spans(passage)
    kept = [passage[a:b] for a, b in spans if not a <= start < b and answer.lower() not in passage[a:b].lower()]
    return " ".join(kept) if len(kept) >= 2 else None


def altered_question(question: str, passage: str, rng: random.Random) -> str | None:
    """The question with a name, a number or a word changed, or denied; None if nothing in it can be changed."""
    ways: list[Callable[[str, str, random.Random], str | None]] = [_other_name, _other_number, _opposite]
    rng.shuffle(ways)
    for way in [*ways, _denied]:  # denial last: it fits every question, and little can be learnt from it
        if (changed := way(question, passage, rng)) is not None:
            return changed
    return None


def _other_name(question: str, passage: str, rng: random.Random) -> str | None:
    names = [match for match in _NAME.finditer(question) if match.group() in passage]
    others = sorted({match.group() for match in _NAME_IN_PASSAGE.finditer(passage)})
    others = [other for other in others if other.lower() not in question.lower()]
    if not names or not others:
        return None
    chosen = rng.choice(names)
    return question[: chosen.start()] + rng.choice(others) + question[chosen.end() :]


def _other_number(question: str, passage: str, rng: random.Random) -> str | None:
    numbers = list(_NUMBER.finditer(question))
    if not numbers:
        return None
    chosen = rng.choice(numbers)
    others = sorted({match.group() for match in _NUMBER.finditer(passage)} - {chosen.group()})
    others = [other for other in others if len(other) == len(chosen.group())]
    if chosen.group().isdigit():
        others.append(str(max(1, int(chosen.group()) + rng.choice([-20, -7, -3, -1, 1, 2, 5, 10]))))
    others = [other for other in others if other != chosen.group()]
    return question[: chosen.start()] + rng.choice(others) + question[chosen.end() :] if others else None


def _opposite(question: str, _: str, rng: random.Random) -> str | None:
    words = [match for match in _WORD.finditer(question) if match.group() in _OPPOSITE]
    if not words:
        return None
    chosen = rng.choice(words)
    return question[: chosen.start()] + _OPPOSITE[chosen.group()] + question[chosen.end() :]


def _denied(question: str, _: str, rng: random.Random) -> str | None:
    found = _AUXILIARY.search(question)
    if found is None or rng.random() < 0.7:
        return None
    word = found.group().lower()
    denial = _CONTRACTED.get(word, f"{word}n't")
    return f"{question[: found.start()]}{denial}{question[found.end() :]}"


class AlikePassages:
    """Finds the passage that shares the rarest words with a question and does not hold its answer."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._passages = passages
        self._holders: dict[str, list[int]] = {}
        for number, passage in enumerate(passages):
            for stem in set(stems(passage)):
                self._holders.setdefault(stem, []).append(number)

    def nearest(self, question: str, answer: str) -> str | None:
        """The most alike of five candidates without ``answer``; None if all of them hold it."""
        alike = (passage for passage in self.most_alike(question, 5) if answer.lower() not in passage.lower())
        return next(alike, None)

    def most_alike(self, question: str, count: int) -> list[str]:
        """The passages most alike, best first."""
        scores: dict[int, float] = {}
        for stem in sorted(set(stems(question)) - STOP_WORDS):
            holders = self._holders.get(stem, [])
            for number in holders if len(holders) < 300 else []:
                scores[number] = scores.get(number, 0.0) + 1 / len(holders) ** 0.5
        return [self._passages[number] for number in sorted(scores, key=lambda n: -scores[n])[:count]]
