"""Quotes as people read them: white space folded, Markdown's signs taken off, table cells with their column's name.

Only for display. A citation's quote stays as it is in the document, to the character.
"""

import re

from index.types import CELL_BORDER
from qa.cells import cells, column_names

_EMPHASIS = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1|(?<!\w)([*_])(?=\S)([^*_]+?)(?<=\S)\3(?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_LABELLED = re.compile(r"\w[\w -]{0,30}: \S")
_BARE = 60
"""Characters of a line "Label: value" that is too short to say by itself what of, and of a heading that may say it."""
_STRAY = re.compile(r"\*\*|(?<!\w)__|__(?!\w)")


def readable(quote: str, *, media_type: str, table_header: str = "") -> str:
    """One line of plain text. ``table_header`` holds a table's column names joined by " | " if the quote is a row."""
    if media_type == "text/markdown":
        quote = _LINK.sub(r"\1", quote)
        quote = _EMPHASIS.sub(lambda match: match.group(2) or match.group(4), quote)
        quote = _STRAY.sub("", quote)
    if quote.lstrip().startswith("|") or (table_header and CELL_BORDER in quote):
        quote = _labelled_row(quote, table_header)
    return " ".join(quote.split())


def under_heading(text: str, heading: str | None) -> str:
    """A bare value after the innermost heading above it: "Default: 30" says nothing without "http.timeout"."""
    above = innermost(heading)
    bare = len(text) <= _BARE and _LABELLED.match(text) and CELL_BORDER not in text
    if not bare or not above or len(above) > _BARE or above in text:
        return text
    return f"{above} – {text}"


def under_group(text: str, before: str) -> str:
    """A row named by one word after the line that heads its group: "Basic | 1.27" needs its "Earnings per share:".

    ``before`` is the text that the row follows. A row of totals ends a group; a longer name says enough by itself.
    """
    if len(text.partition(CELL_BORDER)[0].split()) > 1 or CELL_BORDER not in text or _is_total(text):
        return text
    for line in reversed(before.splitlines()):
        cells = [cell.strip() for cell in line.split("|") if cell.strip()]
        if not cells or _is_total(cells[0]):
            break
        if len(cells) == 1 and cells[0].endswith(":"):
            return f"{cells[0]} {text}"
    return text


def _is_total(row: str) -> bool:
    return row.lower().startswith("total")


def innermost(heading: str | None) -> str:
    """The last part of a path of headings; empty if there is none."""
    return (heading or "").rpartition(" > ")[2]


def place_in(text: str, part: str, *, share: float) -> tuple[int, int] | None:
    """Where ``part`` stands in ``text``, as half-open offsets; None if it does not.

    Of several places the one nearest to ``share`` of the way through counts: where it stood in the quote that ``text``
    was made from.
    """
    places = [match.start() for match in re.finditer(re.escape(part), text)] if part else []
    if CELL_BORDER in text:  # a value, not the name of its column
        places = [place for place in places if text[:place].endswith((": ", CELL_BORDER))] or places
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - share * len(text)))
    return start, start + len(part)


def counted(number: int, noun: str) -> str:
    """A number of things: "1 document", "2,000 chunks"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _labelled_row(row: str, header: str) -> str:
    """The row's cells, each after its column's name where the two surely tally."""
    values = [row[start:end] for start, end in cells(row)]
    names = column_names(header, len(values)) or [""] * len(values)
    return CELL_BORDER.join(_named(name, cell) for name, cell in zip(names, values, strict=True) if cell)


def _named(column: str, cell: str) -> str:
    if column.startswith("(") and column.endswith(")"):  # the amounts' unit, over the rows' names
        return f"{cell} {column}"
    return f"{column}: {cell}" if column else cell
