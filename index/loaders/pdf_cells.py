"""From the lines of a PDF page, as it draws them, to rows: cells that stand side by side, each with all its lines."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from statistics import median

from index.loaders.pdf_lines import PageLine, is_marker
from index.loaders.tables import is_number

_FOOTNOTE_MARKS = re.compile(r"(?:[®™©*†‡]|\(\d{1,2}\)|\s)+$")
_TRAILING_SIGN = re.compile(r"(?:^|\s)([$€£¥](?: ?\()?|\()$")
_CLOSING_SIGN = re.compile(r"[)%]+(?: ?%)?$|\)% ?$")
_MAX_STACKED_LINES = 4
_MAX_STACKED_CHARS = 40
"""A table's header cell has at most so many lines, and they are short; more is a column of a page."""
_COLUMN_GAP = 1.6
"""A gap of this many font sizes separates columns; justified text stays below it."""
_LEAST_GAP = 0.7
"""So does one of this many, if what follows starts where a column does in other lines."""
_WIDE = 2.0
"""and if it is so many times as wide as the narrowest of its line: else the line is justified."""
_OTHER_LINES = 2
_BROKEN = re.compile(r"[^\W\d_]- (?!and\b|or\b)[a-z]")
_CELL_PITCH = 1.4
"""The lines of one cell stand at most so many font sizes apart."""
_ALIGNED = 0.4
"""They start within this part of a font size."""
_SLACK = 2.0
"""Font sizes that may stay empty at a line's end: a cell's margins, and what the next word is guessed amiss."""
_CLOSER = 0.85
"""Lines of a cell stand nearer to each other than this part of the distance of rows, where rows are set apart."""
_NEAR = 40
"""Lines on either side among which a cell's column is looked for."""


def least_gap(gaps: Sequence[float]) -> float:
    """Return the white between two words of a line above which it may be that of columns, all in font sizes."""
    narrowest = min(gaps) if len(gaps) > 2 and max(gaps) <= _COLUMN_GAP else 0.0
    return max(_LEAST_GAP, min(_WIDE * narrowest, _COLUMN_GAP))


def merge_rows(lines: Iterable[PageLine]) -> list[PageLine]:
    """Join neighbours that stand side by side, as the cells of a table do, and tidy their cells."""
    merged: list[PageLine] = []
    for line in _split_at_columns(list(lines)):
        if _FOOTNOTE_MARKS.match(line.text) and len(line.cells) == 1:
            continue  # marks that stand above a line are drawn, and read, as lines of their own
        before = merged[-1] if merged else None
        if before and _beside(before, line):
            merged[-1] = _side_by_side(before, line)
        else:
            merged.append(line)
    whole = _with_whole_cells(_unstacked(_with_whole_cells(merged)))  # again, for rows whose first cell was stacked
    return [_tidy(line) for line in whole]


def _split_at_columns(lines: list[PageLine]) -> list[PageLine]:
    """Put together what only a wide space separates, and not the border of columns.

    A column is where cells of other lines start too, or where other numbers end, among them lines that surely have
    several cells.
    """
    rows = [line for line in lines if _is_surely_row(line)]
    lefts = Counter(round(left) for row in rows for left, _ in row.places[1:])
    rights = Counter(round(right) for row in rows for _, right in row.places[1:])
    return [_joined_but_at(lefts, rights, line) if min(line.gaps) <= _COLUMN_GAP else line for line in lines]


def _is_surely_row(line: PageLine) -> bool:
    return any(gap > _COLUMN_GAP for gap in line.gaps[1:])


def _joined_but_at(lefts: Mapping[int, int], rights: Mapping[int, int], line: PageLine) -> PageLine:
    def in_others(counts: Mapping[int, int], place: float) -> bool:
        near = sum(counts.get(round(place) + shift, 0) for shift in (-1, 0, 1))
        return near - _is_surely_row(line) >= _OTHER_LINES

    cells, places = [line.cells[0]], [line.places[0]]
    for cell, (left, right), gap in list(zip(line.cells, line.places, line.gaps, strict=True))[1:]:
        if gap > _COLUMN_GAP or in_others(lefts, left) or (is_number(cell) and in_others(rights, right)):
            cells.append(cell)
            places.append((left, right))
        else:
            cells[-1], places[-1] = f"{cells[-1]} {cell}", (places[-1][0], right)
    return replace(line, cells=tuple(cells), places=tuple(places))


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
            row, cell_start = _side_by_side(row, cell), behind
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
        (len(line.text) <= _MAX_STACKED_CHARS or len(line.cells) > 1)
        and line.left >= row.right - 0.5 * line.size
        and row.bottom - 0.3 * line.size <= line.bottom <= row.top
    )


def _stacked(lines: list[PageLine]) -> PageLine:
    if len(lines) == 1:
        return lines[0]
    text = " ".join(line.text for line in lines)
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    return replace(
        lines[0],
        cells=(text,),
        places=((left, right),),
        left=left,
        right=right,
        bottom=lines[-1].bottom,
        is_tall=True,
    )


def _side_by_side(left: PageLine, right: PageLine) -> PageLine:
    return replace(
        left,
        cells=left.cells + right.cells,
        places=left.places + right.places,
        right=max(left.right, right.right),
        bottom=min(left.bottom, right.bottom),
        top=max(left.top, right.top),
        bold=left.bold and right.bold,
        is_tall=left.is_tall or right.is_tall,
    )


@dataclass(slots=True)
class _Cell:
    """A cell that grows: its lines, where it starts, and where its last line ends and stands."""

    lines: list[str]
    left: float
    right: float
    line_right: float
    bottom: float

    def text(self) -> str:
        """All its lines in one; a hyphen at a line's end stays, for nobody knows whose it is."""
        joints = (
            "" if _BROKEN.search(f"{above} {below}", len(above) - 2) else " " for above, below in pairwise(self.lines)
        )
        return "".join(chain.from_iterable(zip(self.lines, [*joints, ""], strict=True)))


@dataclass(slots=True)
class _Row:
    """A row whose cells may have more lines to come."""

    first: PageLine
    cells: list[_Cell]
    has_grown: bool

    @classmethod
    def of(cls, line: PageLine) -> "_Row":
        """A row that begins with a line."""
        row = cls(line, [], line.is_tall)
        row.add(line)
        return row

    def add(self, line: PageLine) -> None:
        """Add the cells of a line, each to the one that it goes on or as a new one."""
        for text, (left, right) in zip(line.cells, line.places, strict=True):
            above = self.above(line, left)
            if above is None:
                self.cells.append(_Cell([text], left, right, right, line.bottom))
            else:
                above.lines.append(text)
                above.bottom = line.bottom
                above.right, above.line_right = max(above.right, right), right
                self.has_grown = True
        self.cells.sort(key=lambda cell: cell.left)

    def above(self, line: PageLine, left: float) -> _Cell | None:
        """Return the cell whose next line may start at ``left``; none in the first column, where rows begin."""
        pitch = _CELL_PITCH * line.size
        below = (cell for cell in self.cells[1:] if 0 < cell.bottom - line.bottom <= pitch)
        return next((cell for cell in below if abs(cell.left - left) <= _ALIGNED * line.size), None)

    def whole(self) -> PageLine:
        """Return the row as one line."""
        return replace(
            self.first,
            cells=tuple(cell.text() for cell in self.cells),
            places=tuple((cell.left, cell.right) for cell in self.cells),
            right=max(cell.right for cell in self.cells),
            bottom=min(cell.bottom for cell in self.cells),
            is_tall=self.has_grown,
        )


def _with_whole_cells(lines: list[PageLine]) -> list[PageLine]:
    """Put the second and later lines of cells to their rows, wherever in the page's order they come."""
    done: list[PageLine | _Row] = []
    pitch = _row_pitch(lines)
    for place, line in enumerate(lines):
        row = done[-1] if done and isinstance(done[-1], _Row) else None
        if row and _goes_on(row, line, lines[max(0, place - _NEAR) : place + _NEAR], pitch):
            row.add(line)
        elif len(line.cells) > 1 and not is_marker(line.cells[0]) and not is_number(line.cells[0]):
            done.append(_Row.of(line))
        else:  # items of a list too, of which the lines below are a paragraph's
            done.append(line)
    return [each.whole() if isinstance(each, _Row) else each for each in done]


def _row_pitch(lines: Sequence[PageLine]) -> float:
    """Return the usual distance of lines with several cells, in font sizes; 0 if there are no two."""
    rows = [line for line in lines if len(line.cells) > 1]
    distances = [(above.bottom - below.bottom) / below.size for above, below in pairwise(rows)]
    return median([distance for distance in distances if distance > 0] or [0.0])


def _goes_on(row: _Row, line: PageLine, near: Sequence[PageLine], row_pitch: float) -> bool:
    """Say whether each cell of a line is another line of one of the row's cells, or the first of a cell beside them.

    Another line: the cell above was full, and what follows begins small or nearer than rows stand to each other.
    Beside: some PDFs write all lines of a cell before the next cell.
    """
    if line.left <= row.cells[0].right or abs(line.size - row.first.size) > 0.1 * line.size:
        return False
    is_below = is_another = False
    for text, (left, right) in zip(line.cells, line.places, strict=True):
        above = row.above(line, left)
        if above is None:
            is_beside = abs(line.top - row.first.top) <= 0.4 * line.size and left >= row.cells[-1].right
            if not (is_beside and row.has_grown):
                return False
            continue
        is_below = True
        needed = (right - left) * (len(text.split(" ", 1)[0]) + 1) / len(text)
        if is_number(above.lines[-1]) or above.line_right + needed < _column_end(above, near) - _SLACK * line.size:
            return False
        is_another |= text[0].islower() or above.bottom - line.bottom <= _CLOSER * row_pitch * line.size
    return is_another or not is_below


def _column_end(cell: _Cell, near: Sequence[PageLine]) -> float:
    """Return where a cell's column ends: where the next starts, or at the edge of what does not start right of it."""
    starts = (left for line in near if len(line.cells) > 1 for left, _ in line.places if left > cell.right)
    edge = max((line.right for line in near if line.left <= cell.left), default=cell.right)
    return min(min(starts, default=edge), edge)


def _beside(before: PageLine, line: PageLine) -> bool:
    overlap = min(before.top, line.top) - max(before.bottom, line.bottom)
    height = min(before.top - before.bottom, line.top - line.bottom)
    return overlap > 0.6 * height and line.left >= before.right - 0.5 * line.size


def _tidy(line: PageLine) -> PageLine:
    """Put currency signs, brackets and bullets, which stand in columns of their own, to the text they belong to."""
    tidied: list[str] = []
    opening = ""  # a sign at the end of the last cell that belongs to the next one
    for cell in line.cells:
        cell = f"{opening} {cell}".lstrip()
        sign = _TRAILING_SIGN.search(cell)
        opening = sign[1] if sign else ""
        cell = cell[: sign.start()] if sign else cell
        if tidied and (_CLOSING_SIGN.match(cell) or (len(tidied) == 1 and is_marker(tidied[0]))):
            tidied[-1] += cell if _CLOSING_SIGN.match(cell) else f" {cell}"
        elif cell:
            tidied.append(cell)
    return replace(line, cells=(*tidied, opening) if opening else tuple(tidied))
