"""Document -> chunks: by structure and sentences, at most what the embedder reads, with exact offsets all the way.

A document is cut into units (a sentence, a table row, a heading, a line of code); units are packed into chunks that
never cross a heading, page, slide or sheet. No text is copied or searched for afterwards: every unit and chunk is a
pair of offsets into ``Document.text`` from the start, so ``text[start:end]`` is right by construction.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.sentences import sentence_spans
from index.types import Chunk, Document, Span

CHUNKER_VERSION = "1"
"""Stored with every index. Change it whenever the same document would be cut in other places."""

_BLOCKS = frozenset({"heading", "paragraph", "item", "row", "code"})
_BOUNDARIES = frozenset({"page", "slide", "sheet", "section"})
_LOCATORS = frozenset({"sheet", "section", "table"})
_CONTEXT_SHARE = 4
"""The headings may take a quarter of the embedder's window: more would crowd out the text they describe."""
_BLANK_LINES = re.compile(r"\n[^\S\n]*\n")
_LINE = re.compile(r"[^\n]+")
BULLET = re.compile(r"[-*+•–·▪◦][^\S\n]+")
_DOT_LEADERS = re.compile(r"(?:\.[ \u00a0]?){8,}|…{3,}")
"""A table of contents: it names things and says nothing of them."""
_WORD_CHARACTER = re.compile(r"[^\W_]")

_GOOD_SHARE = 0.9
"""A chunk this close to its target ends where a paragraph ends rather than inside the next one."""

TokenOffsets = Callable[[str], Sequence[tuple[int, int]]]
"""Text -> half-open character offsets of the embedder's word pieces, in order."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest stretch that a chunk takes or leaves.

    ``quotable``: may be shown as an answer. ``markup``: holds no word ("##", "---"), so belongs to what follows.
    """

    start: int
    end: int
    tokens: int
    quotable: bool
    markup: bool
    opens_block: bool


def split(document: Document, *, token_offsets: TokenOffsets, max_tokens: int) -> list[Chunk]:
    """Cut ``document`` into chunks of at most ``max_tokens`` word pieces, context included, in text order.

    Nothing but white space lies outside the chunks, and they do not overlap. ``max_tokens`` leaves out the special
    tokens that the embedder adds itself.
    """
    chunks: list[Chunk] = []
    labels = _Labels(document)
    context_room = max_tokens // _CONTEXT_SHARE
    for run in _runs(document, _units(document, token_offsets, max_tokens - context_room)):
        for group in _pack(run, document.text, token_offsets, max_tokens - context_room):
            start, end = group[0].start, group[-1].end
            context = _context(labels, group, token_offsets, context_room)
            quotable = tuple((unit.start, unit.end) for unit in group if unit.quotable)
            chunks.append(Chunk(document.id, len(chunks), start, end, document.text[start:end], context, quotable))
    return chunks


def _units(document: Document, token_offsets: TokenOffsets, limit: int) -> Iterator[_Unit]:
    """All units of the document in order; each holds at most ``limit`` word pieces."""
    text = document.text
    for start, end, kind in _blocks(document):
        opens_block = True
        for left, right in _pieces(text, start, end, kind):
            offsets = [(left + a, left + b) for a, b in token_offsets(text[left:right])]
            for a, b, count in _within_limit(text, left, right, offsets, limit):
                markup = not _WORD_CHARACTER.search(text, a, b)
                quotable = not markup and kind not in {"heading", "other"} and not _DOT_LEADERS.search(text, a, b)
                yield _Unit(a, b, count, quotable, markup, opens_block)
                opens_block = False


def _blocks(document: Document) -> Iterator[tuple[int, int, str]]:
    """The loader's blocks, and ``other`` for text that it put in none (markup, hidden comments, everything if none)."""
    position = 0
    loose = "other" if any(span.kind in _BLOCKS for span in document.spans) else "paragraph"
    for span in document.spans:
        if span.kind in _BLOCKS and span.start >= position:
            yield from _paragraphs(document.text, position, span.start, loose)
            yield span.start, span.end, span.kind
            position = span.end
    yield from _paragraphs(document.text, position, len(document.text), loose)


def _paragraphs(text: str, start: int, end: int, kind: str) -> Iterator[tuple[int, int, str]]:
    position = start
    for gap in [*(match.span() for match in _BLANK_LINES.finditer(text, start, end)), (end, end)]:
        if trimmed := _trim(text, position, gap[0]):
            yield *trimmed, kind
        position = gap[1]


def _pieces(text: str, start: int, end: int, kind: str) -> list[tuple[int, int]]:
    """Sentences of prose, lines of code, all else whole."""
    if kind in {"paragraph", "item"}:
        bullet = BULLET.match(text, start, end) if kind == "item" else None
        body = bullet.end() if bullet else start
        marks = [(start, start + 1)] if bullet else []
        return marks + [(body + a, body + b) for a, b in sentence_spans(text[body:end])]
    if kind == "code":
        lines = (_trim(text, *match.span()) for match in _LINE.finditer(text, start, end))
        return [line for line in lines if line]
    return [(start, end)]


def _within_limit(
    text: str, start: int, end: int, offsets: list[tuple[int, int]], limit: int
) -> Iterator[tuple[int, int, int]]:
    """Cut a unit that is too long at white space near the limit, else between word pieces."""
    starts = [a for a, _ in offsets]
    first = 0
    while len(offsets) - first > limit:
        window = text[start : offsets[first + limit - 1][1]]
        cut = max(window.rfind(" "), window.rfind("\n"), window.rfind("\t"))
        # A cut in the first half would leave crumbs; a run of text without white space is cut between word pieces.
        position = start + cut if cut > len(window) // 2 else offsets[first + limit // 2][0]
        position = max(position, start + 1)
        following = bisect_left(starts, position, first)
        if trimmed := _trim(text, start, position):
            yield *trimmed, following - first
        first, start = following, position
    if trimmed := _trim(text, start, end):
        yield *trimmed, len(offsets) - first


def _runs(document: Document, units: Iterator[_Unit]) -> Iterator[list[_Unit]]:
    """Group units between the places that no chunk may cross. A run of headings alone goes with what follows."""
    boundaries = sorted({span.start for span in document.spans if span.kind in _BOUNDARIES})
    run: list[_Unit] = []
    markup: list[_Unit] = []
    region = -1
    for unit in units:
        if unit.markup:
            markup.append(unit)
            continue
        here = bisect_right(boundaries, unit.start)
        if here != region and any(earlier.quotable for earlier in run):
            yield run
            run = []
        region = here
        run += [*markup, unit]
        markup = []
    if run or markup:
        yield run + markup


class _Labels:
    """Labels of the spans around a position, outermost first. Positions must not decrease: spans are walked once."""

    def __init__(self, document: Document) -> None:
        # A file name that serves as title says nothing of the text.
        self._title = [document.title] if document.title not in document.source else []
        self._waiting = [span for span in reversed(document.spans) if span.kind in _LOCATORS]
        self._open: list[Span] = []

    def at(self, position: int, *, before: int) -> list[str]:
        """Labels around ``position``, without those of sections whose heading does not stand before ``before``."""
        while self._waiting and self._waiting[-1].start <= position:
            self._open.append(self._waiting.pop())
        self._open = [span for span in self._open if span.end > position]
        headings = [span.label for span in self._open if span.kind != "section" or span.start < before]
        return [label for label in dict.fromkeys([*self._title, *headings]) if label.strip()]


def _context(labels: _Labels, group: list[_Unit], token_offsets: TokenOffsets, room: int) -> str:
    """Title, headings and table header above the group, outermost first, without headings that stand inside it.

    Holds at most ``room - 1`` word pieces: one is left for what joining it to the text may add.
    """
    first = next((unit for unit in group if unit.quotable), group[0])
    parts = labels.at(first.start, before=group[0].start)
    while parts and len(token_offsets(" > ".join(parts))) >= room:
        # The innermost heading says most; when even that is too long it is cut, since it is only context.
        if len(parts) == 1:
            return parts[0][: token_offsets(parts[0])[max(0, room // 2 - 1)][0]].strip()
        parts = parts[1:]
    return " > ".join(parts)


def _pack(run: list[_Unit], text: str, token_offsets: TokenOffsets, room: int) -> Iterator[list[_Unit]]:
    """Fill chunks evenly: three of 90 word pieces, not two of 125 and one of 20. Prefer to end with a block."""
    left = sum(unit.tokens for unit in run)
    group: list[_Unit] = []
    count = 0
    target = left / max(1, -(-left // room))
    for unit in run:
        # A sentence that straddles the target goes to the side where more of it lies.
        full = count + unit.tokens > room or count + unit.tokens / 2 > target
        good_place = unit.opens_block and count > _GOOD_SHARE * target
        if (full or good_place) and any(earlier.quotable for earlier in group):
            yield from _checked(group, text, token_offsets, room)
            left -= count
            group, count = [], 0
            target = left / max(1, -(-left // room))
        group.append(unit)
        count += unit.tokens
    if group:
        yield from _checked(group, text, token_offsets, room)


def _checked(group: list[_Unit], text: str, token_offsets: TokenOffsets, room: int) -> Iterator[list[_Unit]]:
    """Halve a group that is over the limit when counted as one text: counts of parts need not add up."""
    if len(group) == 1 or len(token_offsets(text[group[0].start : group[-1].end])) <= room:
        yield group
        return
    middle = len(group) // 2
    yield from _checked(group[:middle], text, token_offsets, room)
    yield from _checked(group[middle:], text, token_offsets, room)


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The stretch without white space at its ends, or nothing if there is nothing else."""
    part = text[start:end]
    stripped = part.strip()
    if not stripped:
        return None
    start += len(part) - len(part.lstrip())
    return start, start + len(stripped)
