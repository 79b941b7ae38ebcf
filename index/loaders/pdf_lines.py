"""The lines of a PDF page, and which of them only repeat at the edge of every page. Knows no PDF library."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeAlias

from index.loaders.tables import is_number

_EDGE_LINES = 3
"""Running headers and footers are among this many lines at either end of a page."""
_RUNNING_SHARE = 0.4
"""A line that returns on this share of pages is running; a little under one half, for left and right pages differ."""
_MIN_RUNNING_PAGES = 3
_POSITION_STEP = 6.0
"""Points; positions of a running line agree within it."""
_MAX_FOOTER_CHARS = 100
_FIRST_NUMBER = re.compile(r"^\D*(\d{1,5})(?!\d)")
_LAST_NUMBER = re.compile(r"(?<!\d)(\d{1,5})\D*$")
_TELLS = re.compile(r"[:\d]")
_BULLETS = "•‣◦▪●○■□–*-➢✓·\uf0b7\uf0a7"
_FOOTNOTE_MARKS = re.compile(r"(?:[®™©*†‡]|\(\d{1,2}\)|\s)+$")
_MARKER = re.compile(rf"(?:[{re.escape(_BULLETS)}]|\(?[a-zA-Z\d]{{1,2}}\)|\d{{1,2}}\.|[a-z]\.)$")
_TRAILING_SIGN = re.compile(r"(?:^|\s)([$€£¥](?: ?\()?|\()$")
_CLOSING_SIGN = re.compile(r"[)%]+(?: ?%)?$|\)% ?$")
_MAX_STACKED_LINES = 4
_MAX_STACKED_CHARS = 40
"""A table's header cell has at most so many lines, and they are short; more is a column of a page."""

_RunningKey: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text on a page; lengths are points, ``bottom`` and ``top`` grow upwards."""

    cells: tuple[str, ...]
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool

    @property
    def text(self) -> str:
        """The line as it reads, whatever gaps it has."""
        return " ".join(self.cells)


def merge_rows(lines: Iterable[PageLine]) -> list[PageLine]:
    """Join neighbours that stand side by side, as the cells of a table do, and tidy their cells."""
    merged: list[PageLine] = []
    for line in lines:
        if _FOOTNOTE_MARKS.match(line.text) and len(line.cells) == 1:
            continue  # marks that stand above a line are drawn, and read, as lines of their own
        before = merged[-1] if merged else None
        if before and _beside(before, line):
            merged[-1] = _side_by_side(before, line, before.cells + line.cells)
        else:
            merged.append(line)
    return [replace(line, cells=_tidy(line.cells)) for line in _unstacked(merged)]


def _unstacked(lines: list[PageLine]) -> list[PageLine]:
    """Make one row of header cells whose lines are stacked: June 25, / 2022 and, to the right, June 26, / 2021."""
    done: list[PageLine] = []
    place = 0
    while place < len(lines):
        behind = _stack_end(lines, place)
        row, cell_start = _stacked(lines[place:behind]), behind
        while cell_start < len(lines) and _right_of(row, lines[cell_start]):
            behind = _stack_end(lines, cell_start)
            cell = _stacked(lines[cell_start:behind])
            row, cell_start = _side_by_side(row, cell, row.cells + cell.cells), behind
        if len(row.cells) > 1 and cell_start > place + 1:
            done.append(row)
            place = cell_start
        else:
            done.append(lines[place])
            place += 1
    return done


def _stack_end(lines: list[PageLine], start: int) -> int:
    """Return the place behind the lines that form one narrow cell."""
    end = start + 1
    while end < len(lines) and end - start < _MAX_STACKED_LINES and _below(lines[end - 1], lines[end]):
        end += 1
    return end


def _below(above: PageLine, line: PageLine) -> bool:
    return (
        max(len(above.text), len(line.text)) <= _MAX_STACKED_CHARS
        and len(above.cells) == len(line.cells) == 1
        and 0 < above.bottom - line.bottom < 1.5 * line.size
        and above.left < line.right
        and line.left < above.right
    )


def _right_of(row: PageLine, line: PageLine) -> bool:
    return (
        len(line.text) <= _MAX_STACKED_CHARS
        and line.left >= row.right - 0.5 * line.size
        and row.bottom - 0.3 * line.size <= line.bottom <= row.top
    )


def _stacked(lines: list[PageLine]) -> PageLine:
    if len(lines) == 1:
        return lines[0]
    text = " ".join(line.text for line in lines)
    return replace(
        lines[0],
        cells=(text,),
        left=min(line.left for line in lines),
        right=max(line.right for line in lines),
        bottom=lines[-1].bottom,
    )


def _side_by_side(left: PageLine, right: PageLine, cells: tuple[str, ...]) -> PageLine:
    return replace(
        left,
        cells=cells,
        right=max(left.right, right.right),
        bottom=min(left.bottom, right.bottom),
        top=max(left.top, right.top),
        bold=left.bold and right.bold,
    )


def without_running_lines(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """Drop headers, footers and page numbers, which return on very many pages.

    They have the same text at the same place, or the same text around a number that counts the pages.
    """
    counts: Counter[_RunningKey] = Counter()
    for page, lines in enumerate(pages):
        counts.update({key for line in _edges(lines) for key in _running_keys(line, page)})
    needed = max(_MIN_RUNNING_PAGES, _RUNNING_SHARE * sum(1 for lines in pages if lines))
    again = _again_in_a_row(pages)
    kept = []
    for page, lines in enumerate(pages):
        edges = _edges(lines)
        running = {id(line) for line in edges if max(counts[key] for key in _running_keys(line, page)) >= needed}
        body = [line for line in lines if id(line) not in running and id(line) not in again]
        kept.append(body or list(lines))  # a page that only repeats itself is better kept
    return kept


def _again_in_a_row(pages: Sequence[Sequence[PageLine]]) -> set[int]:
    """Return the top lines of pages that repeat those of two neighbours: a chapter's running title.

    The first page's are kept, and so are lines with a figure or a colon, which may tell of their page.
    """
    again: set[int] = set()
    runs: dict[tuple[tuple[str, int], ...], list[int]] = {}
    for lines in pages:
        top = sorted(lines, key=lambda line: -line.bottom)[:_EDGE_LINES] if len(lines) > 2 * _EDGE_LINES else []
        here: dict[tuple[tuple[str, int], ...], list[int]] = {}
        so_far: tuple[tuple[str, int], ...] = ()
        for line in takewhile(lambda line: len(line.cells) == 1 and not _TELLS.search(line.text), top):
            so_far = (*so_far, (line.text, round(line.bottom / _POSITION_STEP)))
            here[so_far] = [*runs.get(so_far, ())[1 - _MIN_RUNNING_PAGES :], id(line)]
            if len(here[so_far]) == _MIN_RUNNING_PAGES:
                again.update(here[so_far][1:])
        runs = here
    return again


def is_marker(cell: str) -> bool:
    """Say whether a cell is nothing but a bullet or the number of a list item."""
    return bool(_MARKER.match(cell))


def is_bullet(text: str) -> bool:
    """Say whether a line starts with a bullet."""
    return len(text) > 2 and text[0] in _BULLETS and text[1] == " "


def is_row(line: PageLine) -> bool:
    """Say whether a line is a row of a table: gaps between cells, with numbers or short texts in them."""
    if len(line.cells) < 2:
        return False
    numbers = sum(map(is_number, line.cells[1:]))
    return numbers > 0 or len(line.text) < 45 * len(line.cells)


def _beside(before: PageLine, line: PageLine) -> bool:
    overlap = min(before.top, line.top) - max(before.bottom, line.bottom)
    height = min(before.top - before.bottom, line.top - line.bottom)
    return overlap > 0.6 * height and line.left >= before.right - 0.5 * line.size


def _tidy(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Put currency signs, brackets and bullets, which stand in columns of their own, to the text they belong to."""
    tidied: list[str] = []
    opening = ""  # a sign at the end of the last cell that belongs to the next one
    for cell in cells:
        cell = f"{opening} {cell}".lstrip()
        sign = _TRAILING_SIGN.search(cell)
        opening = sign[1] if sign else ""
        cell = cell[: sign.start()] if sign else cell
        if tidied and (_CLOSING_SIGN.match(cell) or (len(tidied) == 1 and is_marker(tidied[0]))):
            tidied[-1] += cell if _CLOSING_SIGN.match(cell) else f" {cell}"
        elif cell:
            tidied.append(cell)
    return (*tidied, opening) if opening else tuple(tidied)


def _edges(lines: Sequence[PageLine]) -> list[PageLine]:
    by_height = sorted(lines, key=lambda line: line.bottom)
    return by_height[:_EDGE_LINES] + by_height[_EDGE_LINES:][-_EDGE_LINES:]


def _running_keys(line: PageLine, page: int) -> list[_RunningKey]:
    # The place is rounded in two ways, so that places near each other share one of them.
    place = line.bottom / _POSITION_STEP
    keys = [(line.text, "low", int(place)), (line.text, "high", int(place + 0.5))]
    for pattern in (_FIRST_NUMBER, _LAST_NUMBER):
        if match := pattern.search(line.text):
            around = line.text[: match.start(1)] + "#" + line.text[match.end(1) :]
            keys.append((around, "counts", int(match[1]) - page))
            if len(line.text) <= _MAX_FOOTER_CHARS and around.strip("# |") != around:
                keys.append(("", "counts", int(match[1]) - page))  # the name of a chapter beside the page number
    return keys
