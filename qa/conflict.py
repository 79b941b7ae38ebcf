"""Where two sources answer a question with other figures. Pure; English.

Figures alone contradict nothing: they must be what both sentences answer with, of one unit, and said of the same thing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index import SearchResult
from index.terms import stems
from qa.expectation import expected_kind
from qa.facts import Date, Number, facts
from qa.reader import Evidence, document_of

_LEAD = 4.2
"""A contradicting sentence may score this much less than the best: the sources' wordings differ."""
_SAME_TOPIC = 0.5
"""Two sentences speak of the same thing if they share this much of the shorter one's words."""
_SAME_ANSWER = 0.25
"""The same where both were read to answer the question and hold the same of its words."""
_SAME_QUESTION = 0.5
"""Then more than this much of the question's words, weighed, that one sentence holds must be in the other."""
_READ = -1.0
"""Margin from which a sentence counts as read to answer. Of 400 questions of SQuAD after a figure or date none is said
to be answered in two ways then, nor at 0; at -2 one is, wrongly. Of our own samples one right pair of three is below 0.
"""
_YEARS = range(1000, 2200)

_DEPENDS_ON_THE_DAY = re.compile(
    r"\b(?:next|(?<=the )last|latest|current(?:ly)?|now|today|previous|upcoming)\b", re.IGNORECASE
)
"""What such questions ask, each document says of its own day."""
_PAST = re.compile(
    r"\b(?:earlier|older?|former(?:ly)?|previous(?:ly)?|originally|once|no longer|until|withdrawn|proposed|proposal|"
    r"edition|version|superseded|estimated?|expect(?:s|ed)?)\b",
    re.IGNORECASE,
)
"""What a sentence with one of these says is perhaps no longer, or not yet, so."""
_NO_TOPIC = frozenset(
    stems(
        "after before within during until since from long old many much more than least most about per "
        "eur usd gbp second minute hour day week month year percent metre kilometre kilogram gram number amount "
        "default value setting option"
    )
)
"""Stems that say how much is asked or answered, not of what: "Default: 256" says it of the heading above."""
_BOUND = re.compile(
    r"\b(?:(?P<least>more than|over|above|at least|exceed(?:s|ing)?)|"
    r"(?P<most>less than|fewer than|under|below|at most|up to|not more than|no more than|no longer than))\s+"
    r"(?:(?:EUR|USD|GBP|[€$£])\s?)?$",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|circa|average of)\s+(?:(?:EUR|USD|GBP|[€$£])\s?)?$",
    re.IGNORECASE,
)
_CLOSE = 0.1
"""Figures so near contradict nothing if one of them is "about"."""
_CHANGE = re.compile(r"\b(?:from|of)\s+[^\s,;]+(?:\s+\w+)?\s+to\s+(?:(?:EUR|USD|GBP|[€$£])\s?)?$", re.IGNORECASE)
"""Before the later of two figures: "extended from 24 to 36 months"."""
_DENIED = re.compile(
    r"\b(?:not|instead of|rather than|formerly|previously|no longer)\s+(?:on\s+|from\s+)?$", re.IGNORECASE
)
_LABEL = re.compile(r"^\s*(?:§?\s*\d+(?:\.\d+)*[.)]?\s+(?=[A-Z])|\d+[.)]\s+|[A-Z][\w.-]*\d[\w.-]*:\s+)")
"""The number of a section or an item at the head of a sentence; it is no figure of what is said."""
_SETTING = re.compile(r"^\s*[\w.\[\]\"'-]+\s*:?=\s*\S|[{}]\s*$")
"""A line of code or of settings; what it is the value of stands elsewhere."""
_VALUES = re.compile(r"(?:\|[^\w|]*\d[^|:]*){2}(?:\||$)")
"""Two figures side by side in a row of a table; what each is of stands in the table's head."""
_UNIT = re.compile(r"[\s-]?(?:%|°\s?[CF]|[A-Za-zµ]+)")
_MARKS = re.compile(r"[*_`]")


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences on the same thing with other figures; ``values`` are the figures that differ, as written."""

    first: Evidence
    second: Evidence
    values: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence answers with. ``read``: the reader found it; else it is all that the sentence holds."""

    text: str
    values: tuple[Number | Date, ...]
    read: bool


def find_conflict(question: str, evidence: Sequence[Evidence], result: SearchResult) -> Conflict | None:
    """Where a figure is asked: a sentence of another document that answers as the best one does, with other figures.

    The best one may be stood for by another that says the same in words nearer to those of the contradicting sentence.
    """
    if not evidence or expected_kind(question) not in {"number", "date"} or _DEPENDS_ON_THE_DAY.search(question):
        return None
    near = [(item, _said(item)) for item in evidence if item.score >= evidence[0].score - _LEAD]
    best = near[0][1]
    agreeing = [(item, said) for item, said in near if said is best or _agrees(said, best)]
    for item, said in near:
        document = document_of(item, result)
        if any(document_of(other, result) == document for other, _ in agreeing):
            continue  # a document that says the same as well contradicts nothing
        for first, first_said in agreeing:
            if _contradict(first_said, said) and _same_thing(question, first_said, said, result.weights):
                return Conflict(first, item, (_written(first_said), _written(said)))
    return None


def _agrees(said: _Said, best: _Said) -> bool:
    """Whether the same was read as an answer."""
    return said.read and best.read and any(_agree(value, other) for value in said.values for other in best.values)


def _contradict(first: _Said, second: _Said) -> bool:
    """Whether the values are of one kind, all of them different, and neither sentence holds the other's as well."""
    if not first.values or not second.values or first.read is not second.read:
        return False
    pairs = [(left, right) for left in first.values for right in second.values]
    return (
        all(_comparable(left, right) and not _agree(left, right) for left, right in pairs)
        and not any(_nearly(first.text, left, second.text, right) for left, right in pairs)
        and all(_bound(first.text, left) == _bound(second.text, right) for left, right in pairs)
        and not any(_agree(value, other) for value in first.values for other in _all_values(second.text))
        and not any(_agree(value, other) for value in second.values for other in _all_values(first.text))
    )


def _comparable(left: Number | Date, right: Number | Date) -> bool:
    if isinstance(left, Number) and isinstance(right, Number):
        return left.unit == right.unit
    return isinstance(left, Date) and isinstance(right, Date)


def _agree(left: Number | Date, right: Number | Date) -> bool:
    """Whether two values can be the same one: a date of which less is said agrees with one of which more is."""
    if isinstance(left, Number) and isinstance(right, Number):
        return left.value == right.value and (left.unit == right.unit or not (left.unit and right.unit))
    if isinstance(left, Date) and isinstance(right, Date):
        parts = zip((left.year, left.month, left.day), (right.year, right.month, right.day), strict=True)
        return all(one is None or other is None or one == other for one, other in parts)
    number, date = (left, right) if isinstance(left, Number) else (right, left)
    return isinstance(date, Date) and isinstance(number, Number) and date.year == number.value


def _nearly(text: str, left: Number | Date, other: str, right: Number | Date) -> bool:
    """Whether two numbers are close, and one is said to be rough."""
    if not isinstance(left, Number) or not isinstance(right, Number):
        return False
    rough = _ROUGHLY.search(text[: left.start]) or _ROUGHLY.search(other[: right.start])
    return rough is not None and abs(left.value - right.value) <= _CLOSE * max(abs(left.value), abs(right.value))


def _same_thing(question: str, first: _Said, second: _Said, weights: Mapping[str, float]) -> bool:
    """Whether the sentences share words enough, those of the question too, and name no other thing, year or past."""
    one, other, asked = _topic(first.text), _topic(second.text), _topic(question)
    shared = len(one & other) / (min(len(one), len(other)) or 1)
    if first.read and all(value.unit if isinstance(value, Number) else True for value in first.values):
        both, either = (sum(weights.get(stem, 1.0) for stem in held) for held in (asked & one & other, asked & one))
        enough = shared >= _SAME_ANSWER and both > either * _SAME_QUESTION
    else:
        enough = shared >= _SAME_TOPIC
    codes = (_codes(first.text) - _codes(second.text), _codes(second.text) - _codes(first.text))
    years = (_years(first), _years(second))
    past = bool(_PAST.search(first.text)) is not bool(_PAST.search(second.text))
    return enough and not past and not all(codes) and not (all(years) and not years[0] & years[1])


def _topic(text: str) -> set[str]:
    return {stem for stem, _ in facts(text).words if len(stem) > 1} - _NO_TOPIC


def _codes(text: str) -> set[str]:
    """Stems of models and the like, words with letters and digits."""
    return {name.stems[-1] for name in facts(text).names if any(char.isdigit() for char in text[name.start : name.end])}


def _years(said: _Said) -> set[int]:
    """Years that a sentence names beside what it answers with."""
    inside = {(value.start, value.end) for value in said.values}
    found = facts(said.text)
    years = {date.year for date in found.dates if date.year and (date.start, date.end) not in inside}
    plain = {int(n.value) for n in found.numbers if n.value in _YEARS and not n.unit and (n.start, n.end) not in inside}
    return years | plain


def _said(item: Evidence) -> _Said:
    place = item.place
    if _SETTING.search(place.text) or _VALUES.search(place.text):
        return _Said(place.text, (), read=False)
    label = _LABEL.match(place.text)
    text = _MARKS.sub(" ", place.text)
    text = " " * label.end() + text[label.end() :] if label else text
    if place.span is None or place.span.margin < _READ:
        return _Said(text, _all_values(text) if place.span is None else (), read=False)
    start, end = place.span.start - place.start, place.span.end - place.start
    values = [value for value in _all_values(text) if value.start < end and start < value.end]
    later = [value for value in values if _CHANGE.search(text[: value.start])]
    values = later or [value for value in values if not _DENIED.search(text[: value.start])]
    return _Said(text, tuple(values), read=True)


def _all_values(text: str) -> tuple[Number | Date, ...]:
    found = facts(text)
    return (*found.numbers, *found.dates)


def _bound(text: str, value: Number | Date) -> str:
    """What a value is said to be a limit of: "least", "most", or nothing."""
    match = _BOUND.search(text[: value.start])
    return (match.lastgroup or "") if match else ""


def _written(said: _Said) -> str:
    parts = []
    for value in said.values:
        currency = re.search(r"(?:EUR|USD|GBP|[€$£])\s?$", said.text[: value.start])
        unit = _UNIT.match(said.text, value.end) if isinstance(value, Number) and value.unit and not currency else None
        part = said.text[currency.start() if currency else value.start : unit.end() if unit else value.end]
        parts.append(" ".join(part.split()).rstrip(".,"))
    return ", ".join(dict.fromkeys(parts))
