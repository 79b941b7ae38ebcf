"""Plain text: the file as it is, with paragraphs, list items and the headings that are beyond doubt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.loaders.builder import LoadedText, Outline, one_line
from index.loaders.decode import decode
from index.types import Span

_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪·–]|\(?[a-zA-Z\d]{1,2}\)|(?P<number>\d{1,3})\.)[ \t]+\S")
_UNDERLINES = {"=": 1, "-": 2, "~": 3}
"""Underline character to heading level."""
_NUMBERED_HEADING = re.compile(r"(?P<number>\d{1,3}(?:\.\d{1,3})*)\.?[ \t]+[^\W\d_]")
_CAPITALS_LEVEL = 1
_LONE_HEADING_LEVEL = 3
"""Of a short line without number or underline: inside of whatever is numbered or underlined around it."""
_MAX_HEADING_CHARS = 70
_MAX_HEADING_WORDS = 9
_SENTENCE_END = re.compile(r"[.!?…。！？:;][\"'”’»)\]]*$")
_MAX_WRAPPED_WIDTH = 130
"""Nobody wraps lines by hand beyond this width; a longer line is a paragraph of its own."""
_MIN_SENTENCE_SHARE = 0.8
"""Share of inner lines that must end a sentence before each line counts as a paragraph."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line without the white space around it; ``start`` and ``end`` are offsets into the file's text."""

    start: int
    end: int
    text: str
    indent: int


def load_text(data: bytes, name: str) -> LoadedText:
    """Read a plain text file; the title is its first line if that is a heading.

    :raises LoadError: if the file is binary.
    """
    decoded = decode(data, name)
    spans, title = outline_of(decoded.text)
    return LoadedText(decoded.text, spans, title, notices=decoded.notices)


def outline_of(text: str) -> tuple[tuple[Span, ...], str]:
    """Return the spans of a plain text and its title, which is its first line if that is a heading."""
    groups = list(_groups(split_lines(text)))
    line_per_paragraph = _ends_sentences([line for group in groups for line in group[:-1]])
    outline, title = Outline(), ""
    for place, group in enumerate(groups):
        following = groups[place + 1] if place + 1 < len(groups) else []
        headings = _headings(group, following, is_first=place == 0)
        for line, level in headings:
            outline.heading(line.start, line.end, level, one_line(line.text))
        if headings and place == 0:
            title = one_line(headings[0][0].text)
        rest = group[_lines_of(headings, group) :]
        _add_blocks(outline, rest, line_per_paragraph)
    return outline.spans(), title


def split_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text; blank ones have an empty ``text``."""
    offset = 0
    for raw in text.split("\n"):
        stripped = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        yield Line(offset + indent, offset + indent + len(stripped), stripped, indent)
        offset += len(raw) + 1


def _groups(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Yield runs of lines between blank ones."""
    group: list[Line] = []
    for line in lines:
        if line.text:
            group.append(line)
        elif group:
            yield group
            group = []
    if group:
        yield group


def _headings(group: list[Line], following: list[Line], *, is_first: bool) -> list[tuple[Line, int]]:
    """Return the heading a group starts with, if any, as a list of at most one line and level."""
    line = group[0]
    level = _underlined_level(group)
    if level == 0 and _may_be_heading(line.text):
        numbered = _NUMBERED_HEADING.match(line.text)
        depth = numbered["number"].count(".") + 1 if numbered else 0
        has_body = bool(following) and (is_first or _is_body(following))
        if depth > 1 or (len(group) == 1 and has_body and depth == 1):
            level = depth
        elif len(group) == 1 and has_body:
            level = _CAPITALS_LEVEL if line.text.isupper() else _LONE_HEADING_LEVEL
    return [(line, level)] if level else []


def _lines_of(headings: list[tuple[Line, int]], group: list[Line]) -> int:
    """Count the lines a heading takes, its underline included."""
    return (2 if _underlined_level(group) else 1) if headings else 0


def _underlined_level(group: list[Line]) -> int:
    if len(group) < 2 or len(group[0].text) > _MAX_HEADING_CHARS:
        return 0
    underline = group[1].text
    is_rule = len(underline) >= 3 and not underline.strip(underline[0])
    return _UNDERLINES.get(underline[0], 0) if is_rule else 0


def _may_be_heading(text: str) -> bool:
    """Say whether a line looks like a title: short, capitalised, no punctuation at its end."""
    return (
        len(text) <= _MAX_HEADING_CHARS
        and len(text.split()) <= _MAX_HEADING_WORDS
        and (text[0].isupper() or text[0].isdigit())
        and sum(character.isalpha() for character in text) * 2 > len(text)
        and (text[-1].isalnum() or text[-1] in ")\"'”’?")
    )


def _is_body(group: list[Line]) -> bool:
    """Say whether a group reads on like text, so that the lone line before it can be its heading."""
    first = group[0].text
    return len(group) > 1 or len(first) > _MAX_HEADING_CHARS or bool(_SENTENCE_END.search(first) or _ITEM.match(first))


def _ends_sentences(lines: list[Line]) -> bool:
    return bool(lines) and sum(bool(_SENTENCE_END.search(line.text)) for line in lines) >= _MIN_SENTENCE_SHARE * len(
        lines
    )


def _add_blocks(outline: Outline, group: list[Line], line_per_paragraph: bool) -> None:
    """Add a group's lines as list items with their continuation lines, and as paragraphs."""
    if max((len(line.text) for line in group), default=0) > _MAX_WRAPPED_WIDTH:
        line_per_paragraph = True
    start, in_list = 0, False
    for place, line in enumerate(group):
        is_item = _starts_item(line, in_list=in_list, is_first=place == 0)
        if place > start and (is_item or (line_per_paragraph and not in_list)):
            _add(outline, group[start:place], in_list)
            start = place
        in_list = in_list or is_item
    _add(outline, group[start:], in_list)


def _starts_item(line: Line, *, in_list: bool, is_first: bool) -> bool:
    match = _ITEM.match(line.text)
    # A wrapped sentence may start a line with "24. "; a list that starts in mid-paragraph starts with 1.
    return match is not None and (in_list or is_first or match["number"] in (None, "1"))


def _add(outline: Outline, lines: list[Line], is_item: bool) -> None:
    if lines:
        outline.block(lines[0].start, lines[-1].end, "item" if is_item else "paragraph")
