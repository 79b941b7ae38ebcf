"""A follow-up and the conversation before it -> a question that can be searched and read alone, by rules.

Where a language model is attached it may write the question instead, if it brings no word from outside.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.terms import terms
from qa.types import Turn

_REFERS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|then|one|ones|instead|else|"
    r"afterwards?|beforehand|otherwise|"
    r"the (?:former|latter|same|other|others|first|second|last|previous|rest|delay|difference|reason))\b",
    re.IGNORECASE,
)
_NO_REFERENCE = re.compile(
    r"\b(?:is|are|was|were|will|would|can) there\b|\bthere (?:is|are|was|were)\b|"
    r"(?<=\w )(?<!\bis )(?<!\bwas )(?<!\bdo )(?<!\bdoes )(?<!\bdid )(?<!\bwill )(?<!\bcan )(?<!\bwhy )that(?= \w)",
    re.IGNORECASE,
)
"""Words that look like references and are none: "is there a limit", "the rule that applies"."""
_CONTINUES = re.compile(
    r"^\s*(?:and|but|or|so|also|then|ok(?:ay)?|what about|how about|what else|who else|anything else|any|why|how so|"
    r"since when|until when|by when|by whom|where exactly|which ones?|how many|how much|when|what if|what can|which)\b"
    r"[^a-z]*",
    re.IGNORECASE,
)
_JOINED = re.compile(r"^\s*(?:and|but|or|so)\b", re.IGNORECASE)
_FILLER = re.compile(r"^\s*(?:and|but|or|so|also|then|ok(?:ay)?)\b[\s,]*", re.IGNORECASE)
_ELLIPSIS = re.compile(
    r"^(?:(?:what|how) about\s+)?(?:(?P<preposition>in|for|on|at|by|with|from|to|of|under|after|before|during)\s+)?"
    r"(?P<thing>(?:the\s+|a\s+)?[\w.%-]+(?:\s+[\w.%-]+){0,3})\s*\??$",
    re.IGNORECASE,
)
"""What is left of a question that repeats the one before in another place: "and in Graz?", "what about the pouch?"."""
_ASKS = re.compile(
    r"\b(?:who|whom|whose|what|when|where|why|which|how|is|are|was|were|do|does|did|can|could|will|would|may|must|has|"
    r"have|had|should)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:they|them|their|he|him|his|she|her)\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*|\b\w*\d[\w.-]*\w\b")
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_DEGREE = frozenset("many much long far old large big high often fast heavy".split())
"""What is asked of the topic, not the topic: "how long", "how many"."""
_FEW_TOPIC_WORDS = 2
"""A question with this few topic words leans on what was said before if it also begins like one that does."""
_MOST_NAMES = 3
_MOST_TURNS = 4
"""Turns further back are another topic, or have been carried on by the turns between."""
_LONGEST_REWRITE = 300


@dataclass(frozen=True, slots=True)
class Resolved:
    """``search``: the question with the conversation's topic; ``asked``: without it, for the next follow-up."""

    search: str
    asked: str


def resolve(question: str, history: Sequence[Turn]) -> Resolved:
    """The question with what it leaves unsaid.

    "And in Graz?" after "What is the hotel cap in Vienna?" becomes "What is the hotel cap in Graz?"; other follow-ups
    get the topic words of the questions before in brackets.
    """
    if not history or not leans_on_history(question):
        return Resolved(question, question)
    recent = history[-_MOST_TURNS:]
    own = _FILLER.sub("", question).strip()
    before = resolve(recent[-1].question, recent[:-1])
    if filled := _filled(own, before.asked):
        return Resolved(filled, filled)
    topic = topic_words(before.search, own)
    names = _answer_names(recent[-1], f"{own} {topic}") if _PERSONAL.search(own) else ""
    added = " ".join(part for part in (names, topic) if part)
    return Resolved(f"{own} ({added})" if added else own, own)


def standalone(question: str, history: Sequence[Turn]) -> str:
    """``question`` itself if it can stand alone, else with the topic of the questions before it in brackets.

    ("And who opposed it?" after "Which countries backed Macron's idea?" becomes "who opposed it? (countries backed
    Macron's idea)".) Sentences of answers are never added: that is known to make retrieval worse; names of the last
    answer are, where a pronoun may mean them.
    """
    return resolve(question, history).search


def heard(pieces: Iterable[str]) -> str:
    """A model's rewriting, listened to only while :func:`accepted` may still take it: small models go on and on."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text.strip()) > _LONGEST_REWRITE or "\n" in text.strip():
            break
    return text


def accepted(rewritten: str, question: str, history: Sequence[Turn]) -> str | None:
    """A model's rewriting, if it is one question on one line that brings no word from outside the conversation.

    Small models answer where they should rewrite, in words of the conversation.
    """
    lines = [line.strip(" \"'“”") for line in rewritten.strip().splitlines() if line.strip()]
    if len(lines) != 1 or len(lines[0]) > _LONGEST_REWRITE:
        return None
    if not lines[0].endswith("?") and not _ASKS.match(lines[0]):
        return None
    said = {term.stem for turn in history for text in (turn.question, turn.answer) for term in terms(text)}
    said |= {term.stem for term in terms(question)}
    words = [term for term in terms(lines[0]) if not term.stop]
    if not words or any(term.stem not in said for term in words):
        return None
    return lines[0]


def leans_on_history(question: str) -> bool:
    """Whether a question refers to what was said before: by a pronoun, by going on, or by being short of a topic."""
    topic_words = [term for term in terms(question) if not term.stop]
    if _REFERS.search(_NO_REFERENCE.sub(" ", question)) or _JOINED.match(question):
        return True
    if not topic_words or (len(topic_words) <= _FEW_TOPIC_WORDS and bool(_CONTINUES.match(question))):
        return True
    named = _NAME.search(question[1:])
    return not named and (len(topic_words) <= _FEW_TOPIC_WORDS or question.lower().startswith(("why ", "any ")))


def topic_words(said: str, own: str) -> str:
    """The topic words of what was said, as written ("P40", "ERR-4061"), without those that the question has itself."""
    have = {term.stem for term in terms(own)}
    kept: list[str] = []
    end = -1  # of the last word kept
    for term in terms(said):
        if not term.stop and term.stem not in have and said[term.start : term.end].lower() not in _DEGREE:
            have.add(term.stem)
            between = said[end : term.start] if end >= 0 else " "
            if between in ("", "-"):
                kept[-1] += between + said[term.start : term.end]
            else:
                kept.append(said[term.start : term.end])
            end = term.end
    return " ".join(kept)


def _answer_names(turn: Turn, known: str) -> str:
    """Names that the last answer brought, which a pronoun may mean."""
    have = {term.stem for term in terms(known)}
    found = [
        " ".join(name[term.start : term.end] for term in terms(name) if not term.stop)
        for name in dict.fromkeys(_NAME.findall(turn.answer))
        if not name[0].isdigit() and any(not term.stop and term.stem not in have for term in terms(name))
    ]
    return " ".join(found[:_MOST_NAMES])


def _filled(own: str, before: str) -> str:
    """The question before with the new thing in the place of the old; "" where no place is plain."""
    match = _ELLIPSIS.match(own)
    if match is None or _ASKS.search(match.group("thing")):
        return ""
    thing, preposition = match.group("thing"), match.group("preposition")
    if (year := _YEAR.fullmatch(thing)) and _YEAR.search(before):
        return _YEAR.sub(year.group(), before, count=1)
    if preposition:
        name = r"[A-Z0-9][\w.%-]*"
        for old in (rf"{name}(?:\s+{name})*", r"(?:a\s+)?[\w-]+\s+(?=$)", r"a\s+[\w-]+\s+[\w-]+"):
            if found := re.search(rf"\b{preposition}\s+(?:the\s+)?{old}", before.rstrip(" ?")):
                return f"{before[: found.start()]}{preposition} {thing}{before[found.end() :]}"
    if thing[0].isupper() and not preposition:
        names = [found for found in _NAME.finditer(before) if found.start() > 0]
        if len(names) == 1 and not names[0].group().endswith(("'s", "’s")):
            return f"{before[: names[0].start()]}{thing}{before[names[0].end() :]}"
    return ""
