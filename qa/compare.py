"""A sentence against its evidence, fact by fact. Pure; English."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from index.terms import stems
from qa.align import exchanged
from qa.facts import Date, Facts, Name, Number, facts, opposites

_NEIGHBOURS = 2
"""Topic words on either side of a fact that say what it is a fact about."""
_LEAD = 2
"""Another fact of the evidence must share so many more of these words to show that the sentence took the wrong one."""
_MOST = 0.6
"""A further sentence may bring a fact only if it holds more than this share of the words beside it."""
_CLOSE = 0.05
"""How far a number that is said to be rough may be from the source's."""
_ROUGHLY = re.compile(r"\b(?:about|around|roughly|nearly|almost|approximately|some|circa|more than|over|up to)\s+\W*$",
                      re.IGNORECASE)  # fmt: skip
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|its|their|this|these|that|those|who|which)\b", re.IGNORECASE
)
_YEAR = range(1000, 2200)
_SHORTEST_ROOT = 4
"""Germany and German are one name: one begins with the other, and so much of it is left."""


@dataclass(frozen=True)
class EvidenceText:
    """One sentence of a source: its facts, its stems, those above and before it, and ``context``: only those above."""

    facts: Facts
    words: frozenset[str]
    around: frozenset[str]
    context: frozenset[str]
    text: str


@dataclass(frozen=True)
class Claim:
    """What a sentence says: ``words`` are its topic words without figures, ``figures`` the stems of its figures."""

    text: str
    facts: Facts
    words: frozenset[str]
    question: frozenset[str]
    names: tuple[Name, ...]

    @classmethod
    def of(cls, text: str, *, known_names: frozenset[tuple[str, ...]], question: frozenset[str]) -> "Claim":
        """A capital that opens a sentence makes a name only if the sources use the word as one."""
        found = facts(text)
        names = tuple(name for name in found.names if not name.opens or name.stems in known_names)
        return cls(text, found, frozenset(stem for stem, _ in found.words), question, names)

    @cached_property
    def figures(self) -> frozenset[str]:
        """Stems of numbers and codes, which count as words of the sentence too."""
        places = [(n.start, n.end) for n in self.facts.numbers] + [(n.start, n.end) for n in self.names]
        return frozenset(stem for start, end in places for stem in stems(self.text[start:end]))

    @cached_property
    def size(self) -> int:
        """How many topic words and facts it has."""
        codes = sum(stem[0].isdigit() for name in self.names for stem in name.stems[-1:])
        return len(self.words) + len(self.facts.numbers) + len(self.facts.dates) + codes

    def missing_facts(self, evidence: Sequence[EvidenceText]) -> list[Number | Date | Name]:
        """The facts that no sentence of the evidence holds."""
        found: list[Number | Date | Name] = []
        found += [number for number in self.facts.numbers if not any(_holds_number(self, number, e) for e in evidence)]
        found += [date for date in self.facts.dates if not any(_holds_date(date, e) for e in evidence)]
        found += [name for name in self.names if not any(_holds_name(name, e) for e in evidence)]
        return found

    def places_fact(self, wanted: Sequence[Number | Date | Name], evidence: EvidenceText) -> bool:
        """Whether a sentence holds a wanted fact, and speaks of what this sentence says it of."""
        return any(_holds(self, fact, evidence) and self.placed(fact, evidence) for fact in wanted)

    def placed(self, fact: Number | Date | Name, evidence: EvidenceText) -> bool:
        """Whether most topic words next to a fact stand in the evidence too."""
        near = self.near(fact)
        return bool(near) and len(near & evidence.words) > _MOST * len(near)

    def between(self, places: Sequence[int]) -> str:
        """What is written from the first of some words to the last."""
        last = re.match(r"[\w'’-]+", self.text[places[-1] :])
        return self.text[places[0] : places[-1] + (last.end() if last else 0)]

    def near(self, fact: Number | Date | Name) -> frozenset[str]:
        """The topic words next to a fact, two on either side."""
        return _near(self.facts, fact)


def contradiction(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    """What in the sentence the evidence does not say, or says otherwise; "" if nothing."""
    return (
        _wrong_number(claim, evidence)
        or _wrong_date(claim, evidence)
        or _wrong_name(claim, evidence)
        or _turned_round(claim, evidence)
        or _opposite(claim, evidence)
        or exchanged(claim.text, evidence[0].text)
    )


def _wrong_number(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    for number in claim.facts.numbers:
        said = claim.text[number.start : number.end]
        if number.value == 1 and said.lower() == "one":  # seldom a count: "the one", "one of them"
            continue
        holders = _holders(claim, number, evidence)
        if not holders:
            others = [item.text[n.start : n.end] for item in evidence for n in item.facts.numbers]
            return f"It says {said}; the source {f'says {others[0]}' if others else 'gives no such number'}."
        values = {own.value for own in claim.facts.numbers}
        if all(_better_placed(claim, number, item.facts.numbers, item, values) for item in holders):
            return f"It says {said}, which the source says of something else."
    return ""


def _wrong_date(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    for date in claim.facts.dates:
        if not _holders(claim, date, evidence):
            said = claim.text[date.start : date.end]
            others = [item.text[d.start : d.end] for item in evidence for d in item.facts.dates]
            return f"It says {said}; the source {f'says {others[0]}' if others else 'gives no such date'}."
    return ""


def _wrong_name(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    own = {name.stems for name in claim.names}
    for name in claim.names:
        said = claim.text[name.start : name.end]
        if not _holders(claim, name, evidence) and not any(_stands_for(name, item, own) for item in evidence):
            return f"It names {said}, which the source does not."
    return ""


def _turned_round(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    said = claim.facts
    negated = frozenset().union(*(item.facts.negated for item in evidence))
    plain = frozenset().union(*(item.facts.plain for item in evidence))
    if denied := (said.negated & plain) - negated:
        return f"It denies what the source says ({_written(claim, denied)})."
    if affirmed := ((negated - plain) & said.plain) - said.negated:
        return f"It says what the source denies ({_written(claim, affirmed)})."
    return ""


def _opposite(claim: Claim, evidence: Sequence[EvidenceText]) -> str:
    words = {stem for item in evidence for stem in item.words}
    for stem, _ in claim.facts.words:
        if stem not in words and (opposites(stem) & words) - claim.words:
            return f"It says {_written(claim, frozenset({stem}))}, the source the opposite."
    return ""


def _holders(claim: Claim, fact: Number | Date | Name, evidence: Sequence[EvidenceText]) -> list[EvidenceText]:
    """The evidence that holds a fact: the main sentence, or a further one that holds what stands beside it too."""
    return [
        item
        for place, item in enumerate(evidence)
        if _holds(claim, fact, item) and (place == 0 or claim.placed(fact, item))
    ]


def _holds(claim: Claim, fact: Number | Date | Name, evidence: EvidenceText) -> bool:
    if isinstance(fact, Number):
        return _holds_number(claim, fact, evidence)
    return _holds_date(fact, evidence) if isinstance(fact, Date) else _holds_name(fact, evidence)


def _holds_number(claim: Claim, number: Number, evidence: EvidenceText) -> bool:
    close = _CLOSE if _ROUGHLY.search(claim.text[: number.start]) else 0.0
    for other in evidence.facts.numbers:
        same_unit = number.unit == other.unit or not number.unit or not other.unit
        if same_unit and abs(number.value - other.value) <= close * abs(other.value):
            return True
    if any(date.year == number.value or date.day == number.value for date in evidence.facts.dates):
        return True
    if not number.value.is_integer():
        return False
    digits = str(int(number.value))
    return digits in evidence.context or (number.value in _YEAR and digits in evidence.around)


def _holds_date(date: Date, evidence: EvidenceText) -> bool:
    years = {number.value for number in evidence.facts.numbers} | {d.year for d in evidence.facts.dates}
    return any(
        date.month == other.month
        and (date.day is None or other.day is None or date.day == other.day)
        and (date.day is None or other.day is not None)
        and (date.year is None or date.year in years or str(date.year) in evidence.around)
        and (date.year is None or other.year is None or date.year == other.year)
        for other in evidence.facts.dates
    )


def _holds_name(name: Name, evidence: EvidenceText) -> bool:
    if all(_same_word(stem, evidence.words) for stem in name.stems):
        return True
    initials = "".join(match[0] for match in re.findall(r"\b[A-Z]\w+", evidence.text)).lower()
    return len(name.stems) == 1 and len(name.stems[0]) > 2 and name.stems[0] in initials


def _same_word(stem: str, words: frozenset[str]) -> bool:
    return stem in words or any(
        min(len(stem), len(word)) >= _SHORTEST_ROOT
        and abs(len(stem) - len(word)) <= _SHORTEST_ROOT - 1
        and (stem.startswith(word) or word.startswith(stem))
        for word in words
    )


def _stands_for(name: Name, evidence: EvidenceText, own: set[tuple[str, ...]]) -> bool:
    """Whether the source means this name without saying it: a pronoun, with the name before it or above it."""
    if not all(_same_word(stem, evidence.around) for stem in name.stems):
        return False
    others = {other.stems for other in evidence.facts.names if not other.opens} - own
    return not others or bool(_PRONOUN.search(evidence.text))


def _better_placed(
    claim: Claim, number: Number, numbers: Sequence[Number], evidence: EvidenceText, values: set[float]
) -> bool:
    """Whether another number of the evidence, which the sentence does not give, stands where this one is put."""
    if "|" in evidence.text:
        return False  # cells of a row have no words of their own beside them
    near = claim.near(number)
    here = max((len(near & _near(evidence.facts, o)) for o in numbers if o.value == number.value), default=_LEAD)
    return any(
        len(near & _near(evidence.facts, other)) >= here + _LEAD
        for other in numbers
        if other.value not in values and (other.unit == number.unit or not other.unit or not number.unit)
    )


def _near(found: Facts, fact: Number | Date | Name) -> frozenset[str]:
    before = [stem for stem, start in found.words if start < fact.start][-_NEIGHBOURS:]
    after = [stem for stem, start in found.words if start >= fact.end][:_NEIGHBOURS]
    return frozenset(before + after)


def _written(claim: Claim, found: frozenset[str]) -> str:
    word = next((start for stem, start in claim.facts.words if stem in found), None)
    match = re.match(r"\w+", claim.text[word:]) if word is not None else None
    return match.group() if match else min(found)
