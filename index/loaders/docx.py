"""Word files: headings by style, paragraphs, list items and tables in the order of the document."""

import io
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn

from index.loaders.archive import ARCHIVE_ERRORS, broken, open_archive
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.tables import add_table, has_typed_column, header_place

_Element: TypeAlias = Any
"""An lxml element; python-docx publishes no type for it."""

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_HEADING_STYLE = re.compile(
    r"(?:heading|überschrift|titre|título|titolo|rubrik|kop|nagłówek|заголовок) ?(\d)", re.IGNORECASE
)
_LIST_STYLE = re.compile(r"list|aufzählung", re.IGNORECASE)
_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_RUN, _TEXT = qn("w:r"), qn("w:t")
_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_WRAPPERS = frozenset(
    qn(tag)
    for tag in (
        "w:hyperlink",
        "w:ins",
        "w:moveTo",
        "w:smartTag",
        "w:sdt",
        "w:sdtContent",
        "w:fldSimple",
        "w:dir",
        "w:bdo",
        "w:customXml",
    )
)
"""Elements whose children belong to the text; all others, such as deletions and comments, do not."""
_VALUE = qn("w:val")
_MAX_COLUMNS = 500


def load_docx(data: bytes, name: str) -> LoadedText:
    """Read a Word file, without headers, footers, comments, hidden text and deleted tracked changes.

    :raises LoadError: if the archive or its XML is damaged, or too large when unpacked.
    """
    open_archive(data, name, "Word file").close()
    try:
        document = docx.Document(io.BytesIO(data))
        builder, headings = TextBuilder(), _HeadingLevels(document)
        for element in _blocks(document.element.body):
            if element.tag == _TABLE:
                _add_table(builder, element)
            else:
                _add_paragraph(builder, element, headings)
        properties = document.core_properties
        metadata = {"author": properties.author, "subject": properties.subject, "keywords": properties.keywords}
        metadata = {key: one_line(value) for key, value in metadata.items() if value and value != "python-docx"}
        if properties.modified or properties.created:
            metadata["date"] = (properties.modified or properties.created).date().isoformat()
        title = one_line(properties.title or "")
    except (*ARCHIVE_ERRORS, OpcError, AttributeError, TypeError, SyntaxError) as error:
        # A part that is missing or of another kind shows as a missing attribute; damaged XML is lxml's SyntaxError.
        raise broken(name, "Word file", "its contents are damaged") from error
    text, spans = builder.build()
    return LoadedText(text, spans, headings.title or title or builder.first_heading, _MEDIA_TYPE, metadata)


class _HeadingLevels:
    """Which paragraph styles are headings or list items, and the text in the style Title."""

    def __init__(self, document: Any) -> None:  # noqa: ANN401 - python-docx publishes no type for its parts
        self.title = ""
        self._levels: dict[str, int] = {}
        self._lists: set[str] = set()
        for style in document.styles.element.iterchildren(qn("w:style")):
            self._add(style)

    def _add(self, style: _Element) -> None:
        identifier = style.get(qn("w:styleId")) or ""
        name = style.find(qn("w:name"))
        name_value = (name.get(_VALUE) if name is not None else "") or ""
        outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if match := _HEADING_STYLE.match(name_value):
            self._levels[identifier] = int(match[1])
        elif name_value.lower() == "title":
            self._levels[identifier] = 0
        elif outline is not None and (outline.get(_VALUE) or "9") in "012345678":
            self._levels[identifier] = int(outline.get(_VALUE)) + 1
        elif _LIST_STYLE.match(name_value):
            self._lists.add(identifier)

    def level(self, paragraph: _Element) -> int | None:
        """Return a heading's level, 0 for the document's title, and None for other paragraphs."""
        return self._levels.get(_style(paragraph))

    def is_item(self, paragraph: _Element) -> bool:
        """Say whether a paragraph is numbered or has a list's style."""
        return _style(paragraph) in self._lists or paragraph.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None


def _style(paragraph: _Element) -> str:
    style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return (style.get(_VALUE) or "") if style is not None else ""


def _blocks(parent: _Element) -> Iterator[_Element]:
    """Yield paragraphs and tables, also those inside of content controls."""
    waiting = [parent]
    while waiting:
        element = waiting.pop()
        if element.tag in (_PARAGRAPH, _TABLE):
            yield element
        elif element is parent or element.tag in _WRAPPERS:
            waiting.extend(reversed(list(element)))


def _add_paragraph(builder: TextBuilder, paragraph: _Element, headings: _HeadingLevels) -> None:
    text = _text(paragraph)
    level = headings.level(paragraph)
    if level is not None:
        builder.heading(text, level)
        if level == 0 and not headings.title:
            headings.title = one_line(text)
    else:
        builder.add("\n".join(map(one_line, text.split("\n"))), "item" if headings.is_item(paragraph) else "paragraph")


def _text(paragraph: _Element) -> str:
    """Return the text a reader sees: no deletions, comments or hidden runs."""
    pieces: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag == _RUN:
            if not _is_hidden(element):
                pieces.extend(
                    (child.text or "") if child.tag == _TEXT else _BREAKS.get(child.tag, "") for child in element
                )
        elif element.tag in _WRAPPERS:
            waiting.extend(reversed(element))
    return "".join(pieces)


def _is_hidden(run: _Element) -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(_VALUE) not in ("0", "false", "off")


def _add_table(builder: TextBuilder, table: _Element) -> None:
    rows: list[list[str]] = []
    for row in _children(table, _ROW):
        rows.append(_row_cells(row, rows[-1] if rows else []))
    width = max(map(len, rows), default=0)
    header = header_place(rows)
    if header is not None and width == 2 and not has_typed_column(rows, header):
        header = None  # two columns without numbers are rather a name and what it stands for, in every row
    if width == 1:
        for cells in rows:
            builder.add("\n".join(cells))
    else:
        add_table(builder, rows, header)


def _row_cells(row: _Element, above: list[str]) -> list[str]:
    """Return a row's texts: one that is merged downwards in every row, one that is merged sideways once."""
    cells: list[str] = []
    for cell in _children(row, _CELL):
        span, merge = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"), cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
        width = (span.get(_VALUE) or "1") if span is not None else "1"
        goes_on = merge is not None and merge.get(_VALUE) in (None, "continue")
        text = above[len(cells)] if goes_on and len(cells) < len(above) else _cell_text(cell)
        cells += [text, *[""] * (min(int(width), _MAX_COLUMNS) - 1)]
    return cells[:_MAX_COLUMNS]


def _children(parent: _Element, tag: str) -> Iterator[_Element]:
    """Yield rows or cells, also those inside of content controls, but none of tables inside of cells."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if element.tag == tag:
            yield element
        elif element.tag in _WRAPPERS:
            waiting.extend(reversed(element))


def _cell_text(cell: _Element) -> str:
    return " ".join(filter(None, (one_line(_text(paragraph)) for paragraph in cell.iter(_PARAGRAPH))))
