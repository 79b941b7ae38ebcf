"""What the reader learns from: a question, a passage, and where in it the answer is, or that it is not there."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from evals.datasets import Paragraph
from index.sentences import sentence_spans
from index.terms import stems, terms, topic_stems
from qa.followup import topic_words

ARTICLES = "new_wiki"
"""In the name of SQuADShifts' file of articles: documents as our users have them, unlike comments and reviews."""
COMMENTS = ("reddit", "amazon_reviews")
"""In the names of its other files."""
_CROPPED = 0.5
"""Share of passages of which only the sentences around the answer are read: twice the examples for the same time."""
_AS_TYPED = 0.15
"""Share of questions in small letters and without a question mark, as people type them into a search box."""
_KEYWORDS = 0.06
"""Share of questions of which only the words that say what is asked for are left."""
_FEWEST = 3
"""Words that must be left of a question: fewer ask for nothing in particular."""
_FOLLOWS = 0.12
"""Share of questions asked as follow-ups are: after them, in brackets, the topic of another question on the passage."""


@dataclass(frozen=True, slots=True)
class Example:
    """``start`` and ``end``: half-open character offsets of the answer in ``passage``; both None if it is not there."""

    question: str
    passage: str
    start: int | None
    end: int | None


def one_in(count: int, text: str) -> bool:
    """Whether a text is of the one in ``count`` that is kept out of training, by hash."""
    return sha256(text.encode()).digest()[0] % count == 0


def held_out(paragraph: Paragraph) -> bool:
    """Whether a paragraph is kept out of training: every fourth article, or every tenth comment or review, by hash.

    Of other files nothing is: whoever adds one measures with another.
    """
    file = paragraph.article.partition("/")[0]
    if ARTICLES in file:
        return one_in(4, paragraph.article)
    return any(name in file for name in COMMENTS) and one_in(10, paragraph.text)


def cropped(example: Example, rng: random.Random) -> Example:
    """Up to three sentences on either side of the answer, or of what comes nearest to it, for some passages."""
    if rng.random() >= _CROPPED:
        return example
    spans = sentence_spans(example.passage)
    if len(spans) < 4:
        return example
    first, last = _about(example, spans, rng)
    begin = spans[max(0, first - rng.randint(0, 3))][0]
    stop = spans[min(len(spans) - 1, last + rng.randint(0, 3))][1]
    return _stretch(example, begin, stop) or example  # an answer may be cut where sentences end inside it


def alone(example: Example, rng: random.Random) -> Example | None:
    """The one sentence that answers or comes nearest to it, much as the reader reads it again (``qa/span_reader.py``).

    None if that is the whole passage, or the answer stands in two. A table counts as one sentence here.
    """
    spans = sentence_spans(example.passage)
    first, last = _about(example, spans, rng) if len(spans) > 1 else (0, 0)
    return _stretch(example, *spans[first]) if first == last and len(spans) > 1 else None


def _about(example: Example, spans: Sequence[tuple[int, int]], rng: random.Random) -> tuple[int, int]:
    """Numbers of the first and the last sentence of the answer.

    Where there is none, twice that of a sentence that shares most words with the question: what looks like an answer
    mostly stands there.
    """
    start, end = example.start, example.end
    if start is None or end is None:
        asked = set(topic_stems(terms(example.question)))
        shared = [len(asked & set(stems(example.passage[begin:stop]))) for begin, stop in spans]
        nearest = rng.choice([number for number, count in enumerate(shared) if count == max(shared)])
        return nearest, nearest
    first = max((n for n, span in enumerate(spans) if span[0] <= start), default=0)
    return first, max(first, min((n for n, span in enumerate(spans) if span[1] >= end), default=len(spans) - 1))


def _stretch(example: Example, begin: int, stop: int) -> Example | None:
    """The example with a part of its passage; None if that cuts the answer."""
    passage = example.passage[begin:stop]
    if example.start is None or example.end is None:
        return replace(example, passage=passage)
    if example.start < begin or example.end > stop:
        return None
    return replace(example, passage=passage, start=example.start - begin, end=example.end - begin)


def as_typed(example: Example, rng: random.Random) -> Example:
    """Some questions as people type them: in small letters and without a mark, or the words alone that say what of."""
    dice = rng.random()
    if dice < _AS_TYPED:
        return replace(example, question=example.question.lower().rstrip(" ?"))
    if dice < _AS_TYPED + _KEYWORDS:
        words = [example.question[term.start : term.end] for term in terms(example.question) if not term.stop]
        return replace(example, question=" ".join(words)) if len(words) >= _FEWEST else example
    return example


def following(example: Example, before: Sequence[str], rng: random.Random) -> Example:
    """Some questions as ``qa/followup.py`` writes them: the topic of one of the questions ``before`` in brackets."""
    if not before or rng.random() >= _FOLLOWS:
        return example
    topic = topic_words(rng.choice(before), example.question)
    return replace(example, question=f"{example.question} ({topic})") if topic else example
