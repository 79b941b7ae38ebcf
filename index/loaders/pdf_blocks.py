"""From a PDF's lines to headings, paragraphs, list items and table rows. Knows no PDF library."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, groupby, pairwise, takewhile
from statistics import median

from index.loaders.builder import TextBuilder
from index.loaders.pdf_lines import PageLine, is_bullet, is_marker, is_row
from index.loaders.pdf_tables import add_rows, names_dates
from index.types import CELL_BORDER

_HEADING_SIZE = 1.12
"""A short line in a font this much larger than the body's is a heading."""
_MAX_HEADING_CHARS = 120
_TEXT_KINDS = ("heading", "paragraph")
_TEXT_SHARE = 0.05
"""A document with less text than this beside its tables has headings, if anything, and they are no measure."""
_PARAGRAPH_PITCH = 1.25
"""A line that stands this much lower than lines usually do starts a paragraph."""
_DEFAULT_PITCH = 1.2
"""Distance of lines in font sizes, where a page has too few lines to measure it."""
_INDENT = 1.0
"""First-line indent, in font sizes, that starts a paragraph."""
_SHORT_LINE = 0.75
"""A line that fills less than this part of the column ended its paragraph if it ends a sentence."""
_VERY_SHORT_LINE = 0.55
"""A line that fills less than this part was broken on purpose, whatever it ends with."""
_CENTRED = 6.0
"""A line that starts this many font sizes left of the one above follows a centred title."""
_COLUMN_STEP = 24.0
"""Points; lines of one column start within it."""
_MAX_LINES_IN_TABLE = 3
_TABLE_PITCH = 3.2
"""Rows of one table stand at most so many font sizes apart."""
_OFF_CENTRE = 0.08
"""What stands this part of a table's width beside its middle belongs to some of its columns."""
_MAX_ROW_NAME_CHARS = 40
"""A longer line with a colon introduces a table, and is no part of it."""
_SENTENCE_END = re.compile(r"[.!?:;][\"”’)]*$")
_WORD = re.compile(r"[^\W\d_]{3,}")
_BROKEN_WORD = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_FIRST_WORD = re.compile(r"([^\W\d_]+)")
_WIDE_SCRIPT = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class _Style:
    """What is usual in a document: the body's font size, whether it is bold, heading sizes, and all its words."""

    size: float
    bold: bool
    heading_sizes: tuple[float, ...]
    words: frozenset[str]


def add_pages(builder: TextBuilder, pages: Sequence[Sequence[PageLine]]) -> None:
    """Append the blocks of all pages, with a ``page`` span for each that has any."""
    style = _style(pages)
    for number, lines in enumerate(pages, start=1):
        with builder.within("page", str(number)):
            for group in _groups(lines, style):
                _add_group(builder, group, style)


def title_of(lines: Sequence[PageLine]) -> str:
    """Return the first lines in a page's largest font; empty if that is the font of half the page."""
    lines = [line for line in lines if not line.is_running]
    smallest = max((line.size for line in lines), default=0.0) / _HEADING_SIZE
    if sum(line.size > smallest for line in lines) * 2 > len(lines):
        return ""
    from_title = dropwhile(lambda line: line.size <= smallest, lines)
    title = " ".join(line.text for line in takewhile(lambda line: line.size > smallest, from_title))
    is_text = sum(character.isalpha() for character in title) * 2 > len(title)
    return title if is_text and 3 <= len(title) <= _MAX_HEADING_CHARS else ""


def _style(pages: Sequence[Sequence[PageLine]]) -> _Style:
    characters: Counter[float] = Counter()
    bold_characters = 0
    words: set[str] = set()
    every = [line for lines in pages for line in lines]
    text = [line for line in every if not is_row(line)]  # tables are often set in smaller print than the text
    for line in text if _characters(text) > _TEXT_SHARE * _characters(every) else every:
        characters[round(line.size, 1)] += len(line.text)
        bold_characters += line.bold * len(line.text)
    for line in every:
        words.update(word.lower() for word in _WORD.findall(line.text))
    size = max(characters, key=lambda each: characters[each], default=10.0)
    larger = sorted((each for each in characters if each > size * _HEADING_SIZE), reverse=True)
    return _Style(size, bold_characters * 2 > sum(characters.values()), tuple(larger), frozenset(words))


def _characters(lines: Sequence[PageLine]) -> int:
    return sum(len(line.text) for line in lines)


def _groups(lines: Sequence[PageLine], style: _Style) -> Iterator[tuple[str, list[PageLine]]]:
    """Yield the lines that form one block, one table or the page's running lines, with what it is."""
    kinds = _kinds(lines, style)
    for kind, run in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        run_lines = [line for _, line in run]
        if kind in ("row", "running"):
            yield kind, run_lines
        elif run_lines:
            yield from ((kind, block) for block in _blocks(run_lines, kind, _pitch(lines)))


def _kinds(lines: Sequence[PageLine], style: _Style) -> list[str]:
    kinds = [_kind(line, style) for line in lines]
    # Few lines between rows belong to the table: "Current assets:", or a label that needed a second line.
    for place in range(1, len(lines) - 1):
        following = kinds[place + 1 : place + 1 + _MAX_LINES_IN_TABLE]
        is_close = lines[place - 1].bottom - lines[place].bottom < _TABLE_PITCH * lines[place].size
        if kinds[place] in _TEXT_KINDS and kinds[place - 1] == "row" and "row" in following and is_close:
            kinds[place] = "row"
    # Right above a table's dates it names several columns ("Three Months Ended", in bold or not); right above its rows
    # it may name those ("Operating expenses:").
    middle = (min((line.left for line in lines), default=0) + max((line.right for line in lines), default=0)) / 2
    above = [place for place in range(len(lines) - 1) if kinds[place] in _TEXT_KINDS and kinds[place + 1] == "row"]
    for place in above:
        if lines[place].bottom - lines[place + 1].bottom >= _TABLE_PITCH * lines[place].size:
            continue
        behind = next((n for n in range(place + 1, len(lines)) if kinds[n] != "row"), len(lines))
        rows = lines[place + 1 : behind]
        if (kinds[place] == "paragraph" and _names_rows(lines[place])) or _is_over_columns(lines[place], rows, middle):
            kinds[place] = "row"
    return kinds


def _kind(line: PageLine, style: _Style) -> str:
    if line.is_running:
        return "running"
    return "row" if is_row(line) else "heading" if _is_heading(line, style) else "paragraph"


def _names_rows(line: PageLine) -> bool:
    """Say whether a line right above rows is their name."""
    return line.text.endswith(":") and len(line.text) <= _MAX_ROW_NAME_CHARS


def _is_over_columns(line: PageLine, rows: Sequence[PageLine], middle: float) -> bool:
    """Say whether a short line right above a table stands over some of its dates, beside its middle: its title's place.

    ``middle`` is where the page's middle is: what stands there is the page's title.
    """
    left, right = min(row.left for row in rows), max(row.right for row in rows)
    width = right - left
    is_beside = all(
        abs((line.left + line.right) / 2 - centre) > _OFF_CENTRE * width for centre in ((left + right) / 2, middle)
    )
    return (
        is_beside
        and line.right - line.left < width / 2
        and line.left > left + width / 4
        and ":" not in line.text
        and names_dates(rows[0])
    )


def _is_heading(line: PageLine, style: _Style) -> bool:
    text = line.text
    looks_apart = line.size > style.size * _HEADING_SIZE or (
        line.bold and not style.bold and line.size > style.size * 0.9
    )
    return (
        looks_apart
        and len(text) <= _MAX_HEADING_CHARS
        and sum(character.isalpha() for character in text) * 2 > len(text)
        and text[0].isalnum()
        and not (text.endswith((".", ",", ";")) and not text.isupper())
        and not is_bullet(text)
    )


def _pitch(lines: Sequence[PageLine]) -> float:
    """Return the usual distance of two lines on a page, in font sizes."""
    pairs = ((above, below) for above, below in pairwise(lines) if not below.is_tall)
    ratios = [(above.bottom - below.bottom) / below.size for above, below in pairs]
    usual = [ratio for ratio in ratios if 0.8 < ratio < 3]
    return median(usual) if len(usual) > 2 else _DEFAULT_PITCH


def _blocks(lines: list[PageLine], kind: str, pitch: float) -> Iterator[list[PageLine]]:
    """Yield the paragraphs, list items or headings in a run of lines."""
    rights: dict[int, float] = {}  # where lines end, by where they start: the right edges of columns
    for line in lines:
        for column in _columns(line):
            rights[column] = max(rights.get(column, 0.0), line.right)
    block = [lines[0]]
    for above, below in pairwise(lines):
        filled = (above.right - above.left) / max(max(rights[column] for column in _columns(above)) - above.left, 1.0)
        if _starts_block(above, below, kind, pitch, filled):
            yield block
            block = []
        block.append(below)
    yield block


def _columns(line: PageLine) -> tuple[int, int]:
    """Return two numbers of which lines that start near each other share at least one."""
    return int(line.left / _COLUMN_STEP) * 2, int(line.left / _COLUMN_STEP + 0.5) * 2 + 1


def _starts_block(above: PageLine, below: PageLine, kind: str, pitch: float, filled: float) -> bool:
    """Say whether a line starts a block; ``filled`` is the part of its column that the line above takes."""
    distance = (above.bottom - below.bottom) / below.size
    if not -0.5 < distance <= pitch * _PARAGRAPH_PITCH + 0.05 or abs(above.size - below.size) > 0.1 * below.size:
        return True
    if kind == "heading":
        return above.bold != below.bold
    if is_bullet(below.text) or is_marker(below.text.split(" ", 1)[0]):
        return True
    if filled < _VERY_SHORT_LINE or above.left - below.left > _CENTRED * below.size:
        return True
    is_indented = below.left - above.left > _INDENT * below.size and not is_bullet(above.text)
    return filled < _SHORT_LINE and (is_indented or bool(_SENTENCE_END.search(above.text)))


def _add_group(builder: TextBuilder, group: tuple[str, list[PageLine]], style: _Style) -> None:
    kind, lines = group
    if kind == "row":
        add_rows(builder, lines)
    elif kind == "running":
        builder.aside(CELL_BORDER.join(cell for line in lines for cell in line.cells))
    elif kind == "heading" or _is_capitals(lines):
        builder.heading(_joined(lines, style), _level(lines[0], style))
    else:
        first_word = lines[0].text.split(" ", 1)[0]
        is_item = is_bullet(lines[0].text) or (is_marker(first_word) and first_word != lines[0].text)
        builder.add(_joined(lines, style), "item" if is_item else "paragraph")


def _is_capitals(lines: list[PageLine]) -> bool:
    """Say whether a block is one short line in capitals, which is a heading in any font; not "• INTEGER;" of a list."""
    text = lines[0].text
    if not text[0].isalnum() or text.endswith((";", ",")):
        return False
    letters = sum(character.isalpha() for character in text)
    return len(lines) == 1 and text.isupper() and letters >= 4 and letters * 2 > len(text) and len(text) <= 80


def _level(line: PageLine, style: _Style) -> int:
    """Return 1 for the largest font; bold text in the body's size comes below all larger ones."""
    larger = [size for size in style.heading_sizes if size > line.size + 0.05]
    return min(len(larger) + 1 if line.bold or line.size > style.size else len(larger) + 2, 6)


def _joined(lines: list[PageLine], style: _Style) -> str:
    """Join a paragraph's lines, and a word that was broken between them where the whole word is known."""
    text = lines[0].text
    for line in lines[1:]:
        broken, rest = _BROKEN_WORD.search(text), _FIRST_WORD.match(line.text)
        if broken and rest:
            is_known = rest[1][0].islower() and (broken[1] + rest[1]).lower() in style.words
            text = (text[:-1] if is_known else text) + line.text
        elif _WIDE_SCRIPT.match(text[-1:]) and _WIDE_SCRIPT.match(line.text):
            text += line.text
        else:
            text += " " + line.text
    return text
