"""A short answer that is one of several things said together ("the Baltic states and Poland") -> all of them. Pure."""

import re

_ARTICLE = r"(?:(?:the|a|an|its|their)\s+)?"
_NAME = rf"{_ARTICLE}[A-Z0-9](?:[\w’'.-]*\w)?(?:\s+(?:of\s+(?:the\s+)?)?[A-Z](?:[\w’'.-]*\w)?){{0,3}}"
_NAMED = rf"{_NAME}(?:\s+(?!and\b|or\b)[a-z’'-]+){{0,2}}"
"""With the small words that may end it before the next one comes ("the Baltic [states] and ...")."""
_BETWEEN = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|as well as|&)\s+)"
_BEFORE = re.compile(rf"(?:{_NAMED}{_BETWEEN})+$")
_AFTER = re.compile(rf"(?:{_BETWEEN}{_NAME})+")
_FURTHEST = 300
"""Characters before the short answer that are looked at: the time grows with their square."""
_IS_NAME = re.compile(rf"{_ARTICLE}[A-Z0-9]")


def whole_enumeration(text: str, start: int, end: int) -> tuple[int, int]:
    """Half-open offsets of the enumeration of names around ``text[start:end]``; the same offsets if there is none.

    For questions that ask for several things, of which a reader that marks one stretch often marks the last.
    """
    if not _IS_NAME.match(text[start:end]):
        return start, end
    first = max(0, start - _FURTHEST)
    before = _BEFORE.search(text[first:start])
    after = _AFTER.match(text, end)
    return (first + before.start() if before else start), (after.end() if after else end)
