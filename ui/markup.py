"""Text of documents and people -> HTML that shows it and does nothing else. All text of the page comes through here."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing: in a name they can make it read as another."""
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of a text to be highlighted. ``current``: the one that was asked for; ``number``: its citation's."""

    start: int
    end: int
    number: int = 0
    current: bool = False


def escape(text: str) -> str:
    """``text`` for an element's content or a quoted attribute; what no page can hold becomes a replacement sign."""
    text = _UNSHOWABLE.sub("\ufffd", text)
    return html.escape(text, quote=True).replace("\r", "&#13;")  # a parser would make a line feed of it


def name(text: str) -> str:
    """A file's or a collection's name, escaped, that cannot pass for another by direction marks."""
    return escape(_TURNING.sub("", text))


def marked(text: str, offset: int, marks: Iterable[Mark]) -> str:
    """``text``, which begins at ``offset`` of its document, escaped, with the parts of it in ``marks`` highlighted.

    Where marks overlap, the current one wins, then the earlier.
    """
    parts: list[str] = []
    done = offset
    for mark in _apart(marks):
        start, end = max(mark.start, done), min(mark.end, offset + len(text))
        if start >= end:
            continue
        kind = "quote current" if mark.current else "quote"
        parts.append(escape(text[done - offset : start - offset]))
        parts.append(f'<mark class="{kind}">{escape(text[start - offset : end - offset])}</mark>')
        done = end
    return "".join(parts) + escape(text[done - offset :])


def count(number: int, one: str, several: str = "") -> str:
    """``1 document``, ``2 documents``."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def _apart(marks: Iterable[Mark]) -> Sequence[Mark]:
    """Marks in order of place that do not overlap."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (not mark.current, mark.start)):
        if mark.start < mark.end and all(mark.end <= other.start or other.end <= mark.start for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)
