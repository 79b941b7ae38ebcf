"""Tables as text: every row keeps its column names, so that it can be understood, and cited, alone."""

import re
from collections.abc import Sequence

from index.loaders.builder import TextBuilder, one_line
from index.types import CELL_BORDER

Row = Sequence[str]

_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?[\d.,\s]*\d[\d.,]*\s?[)%]?(?:[$€£¥])?$|\d{4}-\d{2}-\d{2}")
_HEADER_SEARCH_ROWS = 10
"""Rows above the header that may hold a title or a remark."""
_MAX_HEADER_CELL_CHARS = 80
"""A longer cell is content, not the name of a column."""
_MAX_CELL_CHARS = 100_000


def header_place(rows: Sequence[Row]) -> int | None:
    """Return the index of the row that names the columns, None if there is none.

    Rows above it are titles: they fill far fewer cells than the table is wide.
    """
    head = rows[:_HEADER_SEARCH_ROWS]
    width = max((_filled(row) for row in rows[: 5 * _HEADER_SEARCH_ROWS]), default=0)
    place = next((index for index, row in enumerate(head) if _filled(row) * 2 > width), None)
    if place is None or width < 2 or place + 1 >= len(rows) or not _names_columns(rows[place]):
        return None
    return place


def add_table(builder: TextBuilder, rows: Sequence[Row], header: int | None, first_number: int = 1) -> None:
    """Append a table's rows as blocks, ``Column: value`` where a header names the column.

    Rows above the header become paragraphs. Labels count the rows below the header from ``first_number``.
    """
    names = [one_line(cell) for cell in rows[header]] if header is not None else []
    body = 0 if header is None else header + 1
    for row in rows[: header or 0]:
        builder.add(joined(row))
    with builder.within("table", ""):
        if names and not any(_filled(row) for row in rows[body:]):
            builder.add(joined(names), "row")
        for number, row in enumerate(rows[body:], start=first_number):
            builder.add(row_text(row, names), "row", str(number))


def row_text(row: Row, names: Sequence[str]) -> str:
    """Return ``Model: X200 | Price: 49``; empty cells are left out, cells without a name stand alone."""
    if not names:
        return joined(row)
    parts = []
    for place, cell in enumerate(row):
        value = one_line(cell[:_MAX_CELL_CHARS])
        name = names[place] if place < len(names) else ""
        if value:
            parts.append(f"{name.removesuffix(':')}: {value}" if name and name != value else value)
    return CELL_BORDER.join(parts)


def joined(row: Row) -> str:
    """Return the cells that hold something, separated by bars; a merged cell's repetitions are left out."""
    cells = [one_line(cell[:_MAX_CELL_CHARS]) for cell in row]
    return CELL_BORDER.join(
        cell for place, cell in enumerate(cells) if cell and (place == 0 or cells[place - 1] != cell)
    )


def is_number(cell: str) -> bool:
    """Say whether a cell holds a number, an amount, a percentage or a date."""
    return bool(_NUMBER.match(cell.strip()[:40]))


def has_typed_column(rows: Sequence[Row], header: int) -> bool:
    """Say whether some column holds numbers below a name: proof that the row above them is a header."""
    body = [row for row in rows[header + 1 :] if _filled(row)]
    for place, name in enumerate(rows[header]):
        cells = [row[place] for row in body if place < len(row) and row[place].strip()]
        if cells and not is_number(name) and sum(map(is_number, cells)) * 2 > len(cells):
            return True
    return False


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell.strip())


def _names_columns(row: Row) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    return (
        len(set(filled)) == len(filled)
        and all(len(cell) <= _MAX_HEADER_CELL_CHARS for cell in filled)
        and sum(is_number(cell) for cell in filled) * 2 < len(filled)
    )
