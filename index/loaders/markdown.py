"""Markdown: the file as it is, with headings, sections, lists, tables and code.

A table's header row is no block: it is the label of the table's span, which covers the body rows. HTML comments are
blanked with spaces of the same length, so that nobody can hide text in them and all offsets stay those of the file.
"""

import re
from dataclasses import dataclass, field

from index.loaders.builder import LoadedText, Outline, one_line
from index.loaders.decode import decode
from index.loaders.text import Line, split_lines
from index.types import CELL_BORDER, SpanKind

_ATX = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_SETEXT = re.compile(r"(=+|-+)$")
_RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_FENCE = re.compile(r"(`{3,}|~{3,})([^`]*)$")
_ITEM = re.compile(r"(?:[-*+]|\d{1,9}[.)])(?:[ \t]+\S|$)")
_DELIMITERS = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?$")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_LINK_DEFINITION = re.compile(r"\[[^\]]+\]:[ \t]*\S+")
_TAGS_ONLY = re.compile(r"(?:</?[a-zA-Z][^<>]*>[ \t]*)+$")
_CODE_OR_COMMENT = re.compile(
    r"(?m)^[ \t>]*(`{3,}|~{3,})[^`\n]*\n(?s:.*?)(?:^[ \t>]*\1|\Z)|`[^`\n]+`|(?P<comment><!--(?s:.*?)-->)"
)
_NOT_NEWLINE = re.compile(r"[^\n]")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_MARKUP = re.compile(r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|~~|`|</?[a-zA-Z][^<>]*>")
_ANCHOR = re.compile(r"[ \t]*\{#[^}]*\}$")
_FIELD = re.compile(r"(title|author|date|description)[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_CODE_INDENT = 4
_MAX_LABEL_SOURCE = 1000
"""Characters of a heading that its label is made from."""
_MAX_FRONT_MATTER_LINES = 100


@dataclass(slots=True)
class _Reader:
    """The lines of a file, what is found in them, and the paragraph or list item that is being read."""

    lines: list[Line]
    outline: Outline = field(default_factory=Outline)
    open_lines: list[Line] = field(default_factory=list)
    open_kind: SpanKind = "paragraph"
    in_list: bool = False
    title: str = ""

    def close(self) -> None:
        """End the open paragraph or item."""
        if self.open_lines:
            self.outline.block(self.open_lines[0].start, self.open_lines[-1].end, self.open_kind)
        self.open_lines = []

    def heading(self, start: int, end: int, level: int, text: str) -> None:
        """Add a heading over what stands between the marks."""
        label = plain(text)
        self.in_list = False
        if label:
            self.outline.heading(start, end, level, label)
            if level == 1:
                self.title = self.title or label


def load_markdown(data: bytes, name: str) -> LoadedText:
    """Read a Markdown file; the title is the first heading of level 1, else the one in its front matter.

    :raises LoadError: if the file is binary.
    """
    decoded = decode(data, name)
    text = _without_comments(decoded.text)
    reader = _Reader(list(split_lines(text)))
    place, metadata = _front_matter(reader.lines)
    while place < len(reader.lines):
        place = _read_block(reader, place)
    reader.close()
    title = reader.title or metadata.get("title", "")
    metadata.pop("title", None)
    return LoadedText(text, reader.outline.spans(), title, "text/markdown", metadata, decoded.notices)


def plain(text: str) -> str:
    """Return a heading's or cell's text without Markdown's marks."""
    text = _ANCHOR.sub("", text[:_MAX_LABEL_SOURCE])
    return one_line(_MARKUP.sub("", _LINK.sub(r"\1", text)).replace("\\", ""))


def _without_comments(text: str) -> str:
    """Blank HTML comments outside of code, keeping every offset."""
    # Up to the last end of a comment every start finds one, so the search never runs on in vain.
    end = text.rfind("-->") + 3
    return _CODE_OR_COMMENT.sub(_blanked, text[:end]) + text[end:]


def _blanked(match: re.Match[str]) -> str:
    return _NOT_NEWLINE.sub(" ", match.group()) if match["comment"] else match.group()


def _front_matter(lines: list[Line]) -> tuple[int, dict[str, str]]:
    """Return the number of lines the front matter takes, and its fields of interest."""
    if lines[0].text != "---":
        return 0, {}
    for place, line in enumerate(lines[1:_MAX_FRONT_MATTER_LINES], start=1):
        if line.text in ("---", "..."):
            fields = (_FIELD.match(each.text) for each in lines[1:place])
            return place + 1, {match[1].lower(): one_line(match[2]).strip("\"'") for match in fields if match}
    return 0, {}


def _read_block(reader: _Reader, place: int) -> int:
    """Read what starts at a line and return the place behind it."""
    line = reader.lines[place]
    if not line.text:
        reader.close()
        return place + 1
    for read in (_read_code, _read_heading, _read_table):
        if behind := read(reader, place):
            return behind
    if _LINK_DEFINITION.match(line.text) or _TAGS_ONLY.match(line.text) or _RULE.match(line.text):
        reader.close()
        return place + 1
    return _read_text(reader, place)


def _read_code(reader: _Reader, place: int) -> int:
    """Read a fenced or an indented block of code, without its fences."""
    line, lines = reader.lines[place], reader.lines
    fence = _FENCE.match(line.text)
    if fence:
        behind = place + 1
        while behind < len(lines) and not _closes(lines[behind].text, fence[1]):
            behind += 1
        code = lines[place + 1 : behind]
        behind = min(behind + 1, len(lines))
    elif line.indent >= _CODE_INDENT and not reader.open_lines and not reader.in_list:
        behind = place
        while behind < len(lines) and _may_be_indented_code(lines[behind]):
            behind += 1
        code = lines[place:behind]
    else:
        return 0
    reader.close()
    filled = [code_line for code_line in code if code_line.text]
    if filled:
        reader.outline.block(filled[0].start, filled[-1].end, "code")
    return behind


def _may_be_indented_code(line: Line) -> bool:
    return not line.text or line.indent >= _CODE_INDENT


def _closes(text: str, fence: str) -> bool:
    return len(text) >= len(fence) and not text.strip(fence[0])


def _read_heading(reader: _Reader, place: int) -> int:
    line = reader.lines[place]
    atx = _ATX.match(line.text)
    if atx:
        reader.close()
        title = line.text[atx.end() :]
        unclosed = title.rstrip("#")
        if unclosed != title and (not unclosed or unclosed[-1] in " \t"):
            title = unclosed.rstrip()
        start = line.start + atx.end()
        reader.heading(start, start + len(title), len(atx[1]), title)
        return place + 1
    setext = _SETEXT.match(line.text)
    if setext and len(reader.open_lines) == 1 and reader.open_kind == "paragraph":
        above = reader.open_lines.pop()
        reader.heading(above.start, above.end, 1 if line.text[0] == "=" else 2, above.text)
        return place + 1
    return 0


def _read_table(reader: _Reader, place: int) -> int:
    """Read a table: its header gives the label, its body rows are blocks."""
    lines = reader.lines
    header = lines[place].text
    if "|" not in header or place + 1 >= len(lines) or not _DELIMITERS.match(lines[place + 1].text):
        return 0
    cells = _cells(header)
    if len(cells) != len(_cells(lines[place + 1].text)):
        return 0
    reader.close()
    behind = place + 2
    while behind < len(lines) and "|" in lines[behind].text:
        reader.outline.block(lines[behind].start, lines[behind].end, "row", str(behind - place - 1))
        behind += 1
    if behind > place + 2:
        names = [plain(cell) for cell in cells]
        label = CELL_BORDER.join(names) if any(names) else ""
        reader.outline.locate(lines[place + 2].start, lines[behind - 1].end, "table", label)
    else:
        reader.outline.block(lines[place].start, lines[place].end, "row")
    return behind


def _cells(row: str) -> list[str]:
    return _CELL_BORDER.split(row.removeprefix("|").removesuffix("|"))


def _read_text(reader: _Reader, place: int) -> int:
    """Read one line of a paragraph or a list item."""
    line = reader.lines[place]
    if _ITEM.match(line.text):
        reader.close()
        reader.open_kind, reader.in_list = "item", True
    elif not reader.open_lines:
        # After an empty line, indented text goes on with the list, other text ends it.
        reader.in_list = reader.in_list and line.indent >= 2
        reader.open_kind = "item" if reader.in_list else "paragraph"
    reader.open_lines.append(line)
    return place + 1
