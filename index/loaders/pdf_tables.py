"""From the rows of a PDF page to tables whose columns have names. Knows no PDF library."""

import re
from collections.abc import Iterator, Sequence
from statistics import mode

from index.loaders.builder import TextBuilder
from index.loaders.pdf_lines import PageLine
from index.types import CELL_BORDER

_YEAR = re.compile(r"(?:19|20)\d\d$")
_AMOUNT = re.compile(r"\d|(?:^|\| )[-–—](?: \||$)")
_REMARK = re.compile(
    r"\((?:[^|)]*\b)?(?:in [\w%€$£]+(?:[,;][^|)]*)?|unaudited|[%€$£])\)(?: \(unaudited\))?(?= \||$)", re.IGNORECASE
)
"""The unit of a table's amounts, before the names of its columns."""
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?"
_DATE_WORDS = re.compile(rf"\b(?:(?:19|20)\d\d|Q[1-4]|{_MONTH} [0-3]?\d,?|[0-3]?\d {_MONTH})(?!\d)", re.IGNORECASE)


def add_rows(builder: TextBuilder, lines: list[PageLine]) -> None:
    """Append a table; the lines that name its columns become its label."""
    rows: list[str] = []
    for above, line in zip([None, *lines], lines, strict=False):
        row = CELL_BORDER.join(line.cells)
        if above and len(above.cells) == 1 and row[0].islower() and not above.text.endswith((":", ".")):
            rows[-1] += f" {row}"  # a label's second line
        else:
            rows.append(row)
    for table in _tables(_with_years(rows)):
        heads, surely = _header_rows(table)
        for row in table[:heads]:
            builder.aside(row) if surely else builder.add(row, "row")
        header = [row.split(CELL_BORDER) for row in table[:heads]]
        with builder.within("table", _columns_named(header, _width(table[heads:]))):
            for row in table[heads:]:
                builder.add(row, "row")


def names_dates(line: PageLine) -> bool:
    """Say whether a line holds dates alone, such as name the columns of a table."""
    return len(line.cells) > 1 and _surely_names_columns(CELL_BORDER.join(line.cells))


def _tables(rows: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the tables in a run of rows: one begins where its columns are surely named."""
    start = 0
    for place in range(1, len(rows)):
        if _surely_names_columns(rows[place]) and any(map(_has_amount, rows[start:place])):
            above, below = rows[place - 1].split(CELL_BORDER), rows[place].split(CELL_BORDER)
            over = not _has_amount(rows[place - 1]) and 1 < len(above) < len(below) and _stand_over(len(above), below)
            yield rows[start : place - over]
            start = place - over
    yield rows[start:]


def _surely_names_columns(row: str) -> bool:
    """Say whether a row holds nothing but dates, or begins with a unit: (In millions) | Assets | Liabilities."""
    rest, dates = _DATE_WORDS.subn("", row)
    only_dates = CELL_BORDER in row and dates > 0 and not any(character.isalnum() for character in rest)
    return only_dates or (bool(_REMARK.match(row)) and not _has_amount(row))


def _has_amount(row: str) -> bool:
    return bool(_AMOUNT.search(_DATE_WORDS.sub("", row)))


def _header_rows(rows: Sequence[str]) -> tuple[int, bool]:
    """Return how many rows name columns, and whether they surely do and so are never an answer.

    Surely: dates and units, what stands over them, and longer rows of names below. Else the first row of three cells or
    more, if it holds no amount and most others do; with two, it may as well be the first pair of name and value.
    """
    if _has_amount(rows[0]) or not any(map(_has_amount, rows)):
        return 0, False
    surely = any(map(_surely_names_columns, rows[:2]))
    others = [row for row in rows[1:] if CELL_BORDER in row]
    names = max(row.count(CELL_BORDER) for row in rows[:2] if not _has_amount(row))
    if not surely and (names < 2 or sum(map(_has_amount, others)) * 2 < len(others)):
        return 0, False
    heads, widest = 1, rows[0].count(CELL_BORDER)
    while not _has_amount(rows[heads]) and (
        rows[heads].count(CELL_BORDER) > widest or _surely_names_columns(rows[heads])
    ):
        widest = max(widest, rows[heads].count(CELL_BORDER))
        heads += 1
    return heads, surely


def _width(rows: Sequence[str]) -> int:
    """Return how many cells most rows with amounts have."""
    return mode([row.count(CELL_BORDER) + 1 for row in rows if _has_amount(row)] or [0])


def _columns_named(header: Sequence[Sequence[str]], width: int) -> str:
    """Return the columns' names joined by bars, first that of the rows' names, which may be empty or their unit.

    A name over several columns goes before the first of them, where the names below repeat themselves or are all dates:
    else nobody knows over which it stands. ``width`` is the number of cells in a row.
    """
    units = [row[0] for row in header if _REMARK.match(row[0])]
    rows = [named for row in header if (named := row[1:] if _REMARK.match(row[0]) else row)]
    if not rows:
        return ""
    below = max(rows, key=len)
    of_rows, below = (below[0], below[1:]) if len(below) == width and not units else ("", below)
    names = list(below)
    for row in reversed([row for row in rows if row is not below and len(row) < len(below)]):
        step = len(names) // len(row)
        if _stand_over(len(row), below):
            for place, cell in enumerate(row):
                names[place * step] = f"{cell} {names[place * step]}"
    return CELL_BORDER.join([*units[:1], *names] if units else [of_rows, *names] if len(names) == width - 1 else names)


def _stand_over(count: int, below: Sequence[str]) -> bool:
    step, rest = divmod(len(below), count)
    if count == 1:
        return all(_DATE_WORDS.search(name) for name in below)
    return not rest and all(below[place] == below[place % step] for place in range(len(below)))


def _with_years(rows: list[str]) -> list[str]:
    """Put the years of a table's header to their dates, where they stand in a row of their own."""
    for place in range(min(len(rows) - 1, 3)):
        dates, years = rows[place].split(CELL_BORDER), rows[place + 1].split(CELL_BORDER)
        if len(dates) == len(years) > 1 and all(map(_YEAR.match, years)) and all(date.endswith(",") for date in dates):
            joined = CELL_BORDER.join(f"{date} {year}" for date, year in zip(dates, years, strict=True))
            return [*rows[:place], joined, *rows[place + 2 :]]
    return rows
