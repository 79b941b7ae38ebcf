"""From the rows of a PDF page to tables whose columns have names. Knows no PDF library."""

import re
from collections.abc import Iterator, Sequence

from index.loaders.builder import TextBuilder
from index.loaders.pdf_lines import PageLine

_YEAR = re.compile(r"(?:19|20)\d\d$")
_AMOUNT = re.compile(r"\d|(?:^|\| )[-–—](?: \||$)")
_REMARK = re.compile(
    r"\((?:[^|)]*\b)?(?:in [\w%€$£]+(?:[,;][^|)]*)?|unaudited|[%€$£])\)(?: \(unaudited\))?(?= \||$)", re.IGNORECASE
)
"""The unit of a table's amounts, before the names of its columns."""
_CELLS = " | "
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?"
_DATE_WORDS = re.compile(rf"\b(?:(?:19|20)\d\d|Q[1-4]|{_MONTH} [0-3]?\d,?|[0-3]?\d {_MONTH})(?!\d)", re.IGNORECASE)


def add_rows(builder: TextBuilder, lines: list[PageLine]) -> None:
    """Append a table; its first lines without amounts name the columns and become the table's label."""
    rows: list[str] = []
    for above, line in zip([None, *lines], lines, strict=False):
        row = _CELLS.join(line.cells)
        if above and len(above.cells) == 1 and row[0].islower() and not above.text.endswith((":", ".")):
            rows[-1] += f" {row}"  # a label's second line
        else:
            rows.append(row)
    for table in _tables(_with_years(rows)):
        heads = _header_rows(table)
        for row in table[:heads]:
            builder.aside(row)
        with builder.within("table", _columns_named([row.split(_CELLS) for row in table[:heads]])):
            for row in table[heads:]:
                builder.add(row, "row")


def _tables(rows: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the tables in a run of rows: one begins where its columns are surely named."""
    start = 0
    for place in range(1, len(rows)):
        if _surely_names_columns(rows[place]) and any(map(_has_amount, rows[start:place])):
            yield rows[start:place]
            start = place
    yield rows[start:]


def _surely_names_columns(row: str) -> bool:
    """Say whether a row holds nothing but dates, or begins with a unit: (In millions) | Assets | Liabilities."""
    dates = _CELLS in row and not any(character.isalnum() for character in _DATE_WORDS.sub("", row))
    return dates or (bool(_REMARK.match(row)) and not _has_amount(row))


def _has_amount(row: str) -> bool:
    return bool(_AMOUNT.search(_DATE_WORDS.sub("", row)))


def _header_rows(rows: Sequence[str]) -> int:
    """Return how many rows name columns: the first, if it holds no amount and others do, and then those of dates,
    or of more names.

    Of a table without amounts nobody knows whether it has a header.
    """
    if not any(map(_has_amount, rows)) or _has_amount(rows[0]):
        return 0
    heads, widest = 1, rows[0].count(_CELLS)
    while not _has_amount(rows[heads]) and (
        rows[heads].count(_CELLS) > widest or _DATE_WORDS.search(rows[heads]) or _REMARK.match(rows[heads])
    ):
        widest = max(widest, rows[heads].count(_CELLS))
        heads += 1
    return heads if any(_CELLS in row for row in rows[:heads]) else 0


def _columns_named(header: Sequence[Sequence[str]]) -> str:
    """Return the columns' names joined by bars; the name of several columns goes before the first of them.

    A remark before them ("(In millions)") stands over the rows' names.
    """
    if not header:
        return ""
    remarks = [row[0] for row in header if _REMARK.match(row[0])]
    header = [named for row in header if (named := row[1:] if _REMARK.match(row[0]) else row)]
    widest = max(header, key=len)
    names = list(widest)
    for row in reversed([row for row in header if row is not widest]):
        if len(names) % len(row):  # nobody knows which columns are meant
            return _CELLS.join([*remarks, *(cell for cells in header for cell in cells)])
        step = len(names) // len(row)
        for place, cell in enumerate(row):
            names[place * step] = f"{cell} {names[place * step]}"
    return _CELLS.join([*remarks[:1], *names])


def _with_years(rows: list[str]) -> list[str]:
    """Put the years of a table's header to their dates, where they stand in a row of their own."""
    for place in range(min(len(rows) - 1, 3)):
        dates, years = rows[place].split(_CELLS), rows[place + 1].split(_CELLS)
        if len(dates) == len(years) > 1 and all(map(_YEAR.match, years)) and all(date.endswith(",") for date in dates):
            joined = _CELLS.join(f"{date} {year}" for date, year in zip(dates, years, strict=True))
            return [*rows[:place], joined, *rows[place + 2 :]]
    return rows
