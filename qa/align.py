"""A sentence laid beside its source, word by word: was one fact put in the place of another? Pure; English."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from qa.facts import facts

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[’'][^\W\d_]+)?|\d+\w+")
_LONGEST = 5
"""More words than this in one place are another wording, not an exchanged fact."""
_SAME = 0.5
"""Share of the sentence's words that must stand in the source in the same order for the places to mean anything."""
_NEGATION = re.compile(r"^(?:not|no|never|none|neither|nor|cannot|without|\w+n[’']t)$", re.IGNORECASE)


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def exchanged(text: str, source: str) -> str:
    """What stands in ``text`` where ``source`` has another name, number or date, or a negation that only one of them
    has, in words; "" if nothing does. Only places with the same words on both sides count.
    """
    ours, theirs = _words(text), _words(source)
    matcher = SequenceMatcher(None, [w.text for w in ours], [w.text for w in theirs], autojunk=False)
    codes = matcher.get_opcodes()
    if sum(a2 - a1 for tag, a1, a2, _, _ in codes if tag == "equal") < _SAME * len(ours):
        return ""
    for place, (tag, a1, a2, b1, b2) in enumerate(codes):
        if tag == "equal" or not _flanked(codes, place, len(ours)):
            continue
        mine, other = ours[a1:a2], theirs[b1:b2]
        if _negates(text, mine) != _negates(source, other) and max(len(mine), len(other)) <= 3:
            return "It turns the source's words round with a negation."
        if (
            tag == "replace"
            and max(len(mine), len(other)) <= _LONGEST
            and _other_fact(text, ours, mine, source, theirs, other)
        ):
            said, says = text[mine[0].start : mine[-1].end], source[other[0].start : other[-1].end]
            return f"It says {said} where the source says {says}."
    return ""


def _words(text: str) -> list[_Word]:
    return [
        _Word(re.sub(r"[’']s$", "", match.group()).lower().replace(",", ""), match.start(), match.end())
        for match in _WORD.finditer(text)
    ]


def _flanked(codes: Sequence[tuple[str, int, int, int, int]], place: int, length: int) -> bool:
    """Whether equal words stand right before and right after, or one side is the sentence's own beginning or end."""
    left = place == 0 or codes[place - 1][0] == "equal"
    right = place + 1 == len(codes) or codes[place + 1][0] == "equal"
    at_end = codes[place][2] == length and codes[place][4] != codes[-1][4]
    return left and right and not at_end


def _negates(text: str, words: Sequence[_Word]) -> bool:
    """Whether one of the words denies; the "no" of "No. 347" and of "part_no:" does not."""
    return any(
        _NEGATION.match(word.text)
        and not text.startswith(("_", "-"), word.start - 1)
        and not (word.text == "no" and text[word.end : word.end + 1] in {".", ":"})
        for word in words
    )


def _other_fact(
    text: str,
    ours: Sequence[_Word],
    mine: Sequence[_Word],
    source: str,
    theirs: Sequence[_Word],
    other: Sequence[_Word],
) -> bool:
    """Whether both stretches hold a fact of one kind, and the source's is not said somewhere else in ours."""
    for kind in ("figures", "names"):
        said, says = _facts_in(kind, text, mine), _facts_in(kind, source, other)
        if not said or not says or said & says:
            continue
        if kind == "figures" and _values(text, mine) & _values(source, other):
            continue  # 6.2 million, 6,200,000
        if _initials(says) in said or _initials(said) in says:
            continue
        here, there = ([word.text for word in words] for words in (ours, theirs))
        if all(here.count(word) < there.count(word) for word in says):
            return True
    return False


def _facts_in(kind: str, text: str, words: Sequence[_Word]) -> frozenset[str]:
    """The words of a stretch that are names, or figures and months."""
    found = facts(text)
    named = [(name.start, name.end) for name in found.names]
    counted = [(n.start, n.end) for n in found.numbers] + [(date.start, date.end) for date in found.dates]
    places = named if kind == "names" else counted
    return frozenset(word.text for word in words if any(start <= word.start < end for start, end in places))


def _values(text: str, words: Sequence[_Word]) -> frozenset[float]:
    return frozenset(n.value for n in facts(text).numbers if any(n.start <= word.start < n.end for word in words))


def _initials(words: frozenset[str]) -> str:
    return "".join(sorted(word[0] for word in words)) if len(words) > 1 else ""
