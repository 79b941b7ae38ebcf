"""A follow-up and the conversation before it -> a question that stands alone, by rules, without a language model."""

import re
from collections.abc import Sequence

from index.terms import terms
from qa.types import Turn

_REFERS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|"
    r"the (?:former|latter|same|other|others|first|second|last|previous))\b",
    re.IGNORECASE,
)
_NO_REFERENCE = re.compile(
    r"\b(?:is|are|was|were|will|would|can) there\b|\bthere (?:is|are|was|were)\b|(?<=\w )that(?= \w)", re.IGNORECASE
)
"""Words that look like references and are none: "is there a limit", "the rule that applies"."""
_CONTINUES = re.compile(
    r"^\s*(?:and|but|or|so|also|then|ok(?:ay)?|what about|how about|what else|who else|anything else|why|how so|"
    r"since when|until when|by whom|where exactly|which ones?|how many|how much|when)\b[^a-z]*",
    re.IGNORECASE,
)
_FILLER = re.compile(r"^\s*(?:and|but|or|so|also|then|ok(?:ay)?)\b[\s,]*", re.IGNORECASE)
_FEW_TOPIC_WORDS = 2
"""A question with this few topic words leans on what was said before if it also begins like one that does."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """``question`` itself if it can stand alone, else with the topic of the question before it in brackets.

    Only the last question that stood alone is used, and only its words, not those of its answer: adding whole turns is
    known to make retrieval worse. ("And who opposed it?" after "Which countries backed Macron's idea?" becomes
    "who opposed it? (countries backed Macron's idea)".)
    """
    if not history or not leans_on_history(question):
        return question
    topic = _topic(standalone(history[-1].question, history[:-1]))
    own = {term.stem for term in terms(question)}
    if not {term.stem for term in terms(topic) if not term.stop} - own:
        return question
    return f"{_FILLER.sub('', question).strip()} ({topic})"


def leans_on_history(question: str) -> bool:
    """Whether a question refers to what was said before: by a pronoun, or by being too short to have a topic."""
    topic_words = [term for term in terms(question) if not term.stop]
    if _REFERS.search(_NO_REFERENCE.sub(" ", question)):
        return True
    return not topic_words or (len(topic_words) <= _FEW_TOPIC_WORDS and bool(_CONTINUES.match(question)))


def _topic(question: str) -> str:
    """The question without its question words: from its first topic word on."""
    inner = re.search(r"\(([^()]*)\)\s*$", question)
    if inner:  # it was a follow-up itself: its own words and the topic before it
        question = f"{question[: inner.start()]} {inner.group(1)}"
    found = [term for term in terms(question) if not term.stop]
    return question[found[0].start :].strip(" ?!.") if found else ""
