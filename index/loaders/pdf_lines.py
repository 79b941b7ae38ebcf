"""The lines of a PDF page, and which of them only repeat at the edge of every page. Knows no PDF library."""

import re
from collections import Counter
from collections.abc import Sequence
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
_TELLING_WORDS = 3
"""A running line with fewer words (Page 3 of 8, Confidential) is not worth reading even once."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"(?<!\d)\d{1,5}(?!\d)")
_PAGE_OF = re.compile(
    r"(?:^|[^\w\s] *|\b(?:page|pg|p|seite|página|pagina|side|sheet|blatt)\.? *)(\d{1,5})"
    r" *(?:of|/|von|de|di|sur|av) *(\d{1,5})(?!\d)",
    re.IGNORECASE,
)
"""A page's number before that of all pages: © 2025 Example Ltd, page 3 of 8."""
_TELLS = re.compile(r"[:\d]")
_BULLETS = "•‣◦▪●○■□–*-➢✓·\uf0b7\uf0a7"
_MARKER = re.compile(rf"(?:[{re.escape(_BULLETS)}]|\(?[a-zA-Z\d]{{1,2}}\)|\d{{1,2}}\.|[a-z]\.)$")

_RunningKey: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text on a page; lengths are points, ``bottom`` and ``top`` grow upwards.

    ``places`` holds the left and right of each of its ``cells`` and ``gaps`` the white before it in font sizes, as long
    as these are as on the page; ``is_tall`` tells that some cell has several lines, ``is_running`` that it is the
    header or footer of many pages.
    """

    cells: tuple[str, ...]
    places: tuple[tuple[float, float], ...]
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool
    is_tall: bool = False
    is_running: bool = False
    gaps: tuple[float, ...] = ()

    @property
    def text(self) -> str:
        """The line as it reads, whatever gaps it has."""
        return " ".join(self.cells)


def without_running_lines(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """Drop headers, footers and page numbers, which return on very many pages; the first that says something is kept.

    They have the same text at the same place, or the same text around a number that counts the pages.
    """
    counts: Counter[_RunningKey] = Counter()
    for page, lines in enumerate(pages):
        counts.update({key for line in _edges(lines) for key in _running_keys(line, page)})
    needed = max(_MIN_RUNNING_PAGES, _RUNNING_SHARE * sum(1 for lines in pages if lines))
    again = _again_in_a_row(pages)
    told: set[str] = set()
    kept = []
    for page, lines in enumerate(pages):
        running, first = set(again), set[int]()
        for line in _edges(lines):
            if keys := [key for key in _running_keys(line, page) if counts[key] >= needed]:
                texts = {text for text, _, _ in keys if len(_WORD.findall(text)) >= _TELLING_WORDS}
                (running if not texts or texts & told else first).add(id(line))
                told |= texts
        body = [
            replace(line, is_running=True) if id(line) in first else line for line in lines if id(line) not in running
        ]
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
    """Say whether a line is a row of a table: gaps between cells, and in them numbers, little text or several lines."""
    if len(line.cells) < 2:
        return False
    numbers = sum(map(is_number, line.cells[1:]))
    return numbers > 0 or len(line.text) < 45 * len(line.cells) or line.is_tall


def _edges(lines: Sequence[PageLine]) -> list[PageLine]:
    by_height = sorted(lines, key=lambda line: line.bottom)
    return by_height[:_EDGE_LINES] + by_height[_EDGE_LINES:][-_EDGE_LINES:]


def _running_keys(line: PageLine, page: int) -> list[_RunningKey]:
    # The place is rounded in two ways, so that places near each other share one of them.
    low, high = int(line.bottom / _POSITION_STEP), int(line.bottom / _POSITION_STEP + 0.5)
    keys = [(line.text, "low", low), (line.text, "high", high)]
    numbers = [match.span() for match in _NUMBER.finditer(line.text)]
    at_edge = dict.fromkeys(numbers[:1] + numbers[-1:])
    of_all = [match.span(1) for match in _PAGE_OF.finditer(line.text) if int(match[1]) <= int(match[2])]
    for start, end in dict.fromkeys([*at_edge, *of_all]):
        around = line.text[:start] + "#" + line.text[end:]
        shift = int(line.text[start:end]) - page
        keys.append((around, "counts", shift))
        if (start, end) in at_edge and len(line.text) <= _MAX_FOOTER_CHARS and around.strip("# |") != around:
            # The name of a chapter beside the page number: at the same place of every page, as a heading may not be.
            keys += [("", f"counts, low {low}", shift), ("", f"counts, high {high}", shift)]
    return keys
