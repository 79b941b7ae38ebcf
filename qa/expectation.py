"""What kind of answer a question wants, and what kinds a sentence offers. Pure; English."""

import re
from collections.abc import Set as AbstractSet
from typing import Literal

from qa.number_words import ALTERNATIVES

Kind = Literal["date", "number", "person", "place", "reason", "manner", "thing"]
KINDS: tuple[Kind, ...] = ("date", "number", "person", "place", "reason", "manner", "thing")

_UNITS = "many|much|long|far|old|tall|large|big|high|often|fast|deep|wide|heavy|thick|hot|cold|soon|late"
_ASKED: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("number", re.compile(
        rf"\bhow (?:{_UNITS})\b|\b(?:what|which) (?:is the |was the )?(?:\w+ )?(?:percent\w*|number|amount|proportion|"
        r"fraction|share|price|cost|rate|size|weight|temperature|length|height|distance|age|limit|fee|total)\b|"
        r"\bpercentage\b", re.IGNORECASE)),
    ("date", re.compile(
        r"\bwhen\b|\b(?:what|which) (?:year|date|day|month|decade|century|time)\b|\bsince what\b|\bdeadline\b",
        re.IGNORECASE)),
    ("person", re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)),
    ("place", re.compile(
        r"\bwhere\b|\b(?:what|which) (?:city|country|countries|state|states|place|location|region|area|town|village)\b",
        re.IGNORECASE)),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused|causes)\b|\breasons?\b", re.IGNORECASE)),
    ("manner", re.compile(r"\bhow\b", re.IGNORECASE)),
)  # fmt: skip

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:{_MONTHS})\b|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:1\d|20)\d\d\b|\b\d{{3,4}}s\b|"
    r"\b\d+(?:st|nd|rd|th)\b|\bcentur(?:y|ies)\b|\b(?:within|after|before|until) \d+ (?:days?|weeks?|months?|years?)\b"
)
_NUMBER = re.compile(rf"\d|\b(?:{ALTERNATIVES}|half|third|quarter|several|percent|twice|once|no|none)\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|so that|in order to|as a result|therefore|caused|reason|thus|hence|to avoid|"
    r"to prevent|for fear)\b", re.IGNORECASE)  # fmt: skip
_NAME = re.compile(r"(?<![.!?“\"]\s)(?<!^)\b[A-Z][\w’'-]+")

_ASKS_FOR_LIST = re.compile(
    r"\b(?:list|name|enumerate)\b|\bwho (?:are|were|all)\b|"
    r"\b(?:which|what)\s+(?!(?:is|was|does|has)\b)(?:\w+\s+)?(?:are|were|\w{3,}(?<!s)s)\b|"
    r"\ball\b|\b(?:steps|reasons|rules|conditions|requirements|exceptions|ways|kinds|types|ingredients|contents of)\b",
    re.IGNORECASE,
)

_ASKS_FOR_CONTENT = re.compile(
    r"\bwhat(?:['’]s| (?:is|are|was|were|do|does|did|must|should|can|may|will))\b.{0,120}"
    r"\b(?:contain(?:ed)?|included?|comprise|consist of|made (?:up )?of)\s*[?.]?\s*$|"
    r"\bwhat(?:['’]s| is| are| was| were) (?:(?:included|contained) in\b|"
    r"in (?:it|them|(?:the|an?) (?:\w+ ){0,2}\w+)\s*[?.]?\s*$)",
    re.IGNORECASE,
)
"""What something holds, asked at the question's end: a clause about it before the end asks for something else."""


def expected_kind(question: str) -> Kind:
    """The kind of answer that the wording of a question asks for; ``thing`` when it does not say."""
    return next((kind for kind, pattern in _ASKED if pattern.search(question)), "thing")


def asks_for_list(question: str) -> bool:
    """Whether a question wants several things rather than one."""
    if _ASKS_FOR_LIST.search(question):
        return True
    return bool(_ASKS_FOR_CONTENT.search(question)) and expected_kind(question) == "thing"


def asks_for_several(question: str) -> bool:
    """Whether a question wants several sentences: a list, or an explanation."""
    return asks_for_list(question) or expected_kind(question) in {"reason", "manner"}


def offers(sentence: str, kind: Kind, *, question_words: AbstractSet[str]) -> float:
    """How well a sentence could answer such a question, from 0 (not) to 1. Names in the question do not count."""
    if kind == "date":
        return float(bool(_DATE.search(sentence)))
    if kind == "number":
        return float(bool(_NUMBER.search(sentence)))
    if kind == "reason":
        return float(bool(_REASON.search(sentence)))
    if kind in {"person", "place"}:
        return min(len({name.lower() for name in _NAME.findall(sentence)} - question_words), 2) / 2
    return 0.0
