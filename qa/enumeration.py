"""A short answer that is one of several things said together ("the Baltic states and Poland") -> all of them. Pure."""

import re

_SMALL = (
    "in|at|of|on|by|for|with|as|while|who|which|that|to|from|have|has|had|were|are|is|was|did|do|but|also|not|only|"
    "since|until|after|before|may|can|will|would"
)
_ARTICLE = r"(?:(?:the|a|an|its|their)\s+)?"
_WORD = r"[A-Z](?:[\w’'.-]*\w)?"
_NAME = rf"(?<![\w.]){_ARTICLE}{_WORD}(?:\s+(?:of\s+(?:the\s+)?)?{_WORD}){{0,3}}"
_TAIL = rf"(?:\s+(?!(?:and|or|{_SMALL})\b)[a-z’'-]+){{0,2}}"
"""Small words that end a name: "the Baltic [states]"."""
_ITEM = _NAME + _TAIL
_JOIN = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|as well as|&)\s+)"
_BEFORE = re.compile(rf"(?:{_ITEM}{_JOIN})+$")
_LAST = rf"(?:{_NAME}|(?<![\w.])the\s+{_WORD}{_TAIL})"
_AFTER = re.compile(rf"(?:{_JOIN}{_ITEM})*{_JOIN}{_LAST}(?=\s*[.,;:()?!]|\s*$|\s+(?:{_SMALL})\b)")
"""Ends where a list ends, not where a new clause may begin ("Poland, and Macron said nothing")."""
_TOGETHER = re.compile(r"\s(?:and|or|as well as|&)\s")
_OPENING = re.compile(r"^\W*(?:However|Therefore|Thus|Later|Today|Yesterday|Instead|Meanwhile|Also|Then|\w+ly),\s*")
_FURTHEST = 300
"""Characters on either side that are looked at: the time grows with their square."""
_IS_NAME = re.compile(rf"{_ARTICLE}[A-Z]")


def whole_enumeration(text: str, start: int, end: int) -> tuple[int, int]:
    """Half-open offsets of the enumeration of names around ``text[start:end]``; the same offsets if there is none.

    For questions that ask for several things, of which a reader that marks one stretch often marks the last.
    """
    if not _IS_NAME.match(text[start:end]):
        return start, end
    lowest = max(0, start - _FURTHEST)
    opening = _OPENING.match(text)
    if opening is not None:
        lowest = min(start, max(lowest, opening.end()))
    before = _BEFORE.search(text[lowest:start])
    after = _AFTER.match(text[: end + _FURTHEST], end)
    first = lowest + before.start() if before else start
    last = after.end() if after else end
    return (first, last) if _TOGETHER.search(text[first:last]) else (start, end)
