"""What every loader returns, and the two helpers that lay spans over a text.

``Outline`` records spans at offsets the caller knows (txt and md: the file's own text). ``TextBuilder`` composes a text
block by block and knows the offsets itself (all other formats).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from index.types import MAX_LABEL_CHARS, Span, SpanKind

_KIND_ORDER: dict[SpanKind, int] = {"page": 0, "slide": 1, "sheet": 2, "section": 3, "table": 4}
"""Of spans over the same characters the wider notion comes first; plain blocks come last."""

_TIGHT_KINDS = frozenset({"row", "item"})
"""Neighbours of these kinds stand on consecutive lines, everything else is set apart by an empty line."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters, but for white space
    # Soft hyphens, zero width, direction of writing:
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"  # tag characters: text nobody sees, used to smuggle instructions
    # Joiners shape Persian, the scripts of India and emoji; after Latin, Greek or Cyrillic letters they only hide.
    "|(?<![\u0600-\u1fff\u2100-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class LoadedText:
    """What a loader makes of a file's bytes. ``spans`` are sorted; an empty ``title`` means the format holds none."""

    text: str
    spans: tuple[Span, ...]
    title: str = ""
    media_type: str = "text/plain"
    metadata: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


def visible(text: str) -> str:
    """Drop characters nobody sees (control, zero-width, direction, tag) and lone surrogates; all others stay."""
    if text.isascii() and text.isprintable():  # most cells of most tables
        return text
    return _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))


def one_line(text: str) -> str:
    """Return the visible text with every run of white space as one space."""
    return " ".join(visible(text).split())


def file_stem(name: str) -> str:
    """Title of last resort: the file's name without folder and extension."""
    return PurePosixPath(name).stem


class Outline:
    """Collects blocks, nested sections and locators in reading order."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._sections: list[tuple[int, int, str]] = []  # open ones, outermost first: level, start, label
        self.end = 0
        """End of the last block."""

    def block(self, start: int, end: int, kind: SpanKind, label: str = "") -> None:
        """Record a block behind all earlier ones."""
        self._spans.append(Span(start, end, kind, label[:MAX_LABEL_CHARS]))
        self.end = end

    def heading(self, start: int, end: int, level: int, label: str) -> None:
        """Record a heading and open its section; sections of the same or a deeper level end before it."""
        self.close_sections(level)
        self._sections.append((level, start, label[:MAX_LABEL_CHARS]))
        self.block(start, end, "heading")

    def locate(self, start: int, end: int, kind: SpanKind, label: str) -> None:
        """Record a locator over blocks that are already there; an empty one is dropped."""
        if end > start:
            self._spans.append(Span(start, end, kind, label[:MAX_LABEL_CHARS]))

    def close_sections(self, level: int = 0) -> None:
        """End all open sections of this level and deeper ones."""
        while self._sections and self._sections[-1][0] >= level:
            _, start, label = self._sections.pop()
            self.locate(start, self.end, "section", label)

    def spans(self) -> tuple[Span, ...]:
        """End what is open and return everything in document order."""
        self.close_sections()
        return tuple(sorted(self._spans, key=lambda span: (span.start, -span.end, _KIND_ORDER.get(span.kind, 9))))


class TextBuilder:
    """Composes a document's text out of blocks."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._starts: list[int] = []  # of each block
        self._length = 0
        self._last_kind: SpanKind | None = None
        self._outline = Outline()
        self.first_heading = ""

    def __bool__(self) -> bool:
        return bool(self._starts)

    def add(self, text: str, kind: SpanKind = "paragraph", label: str = "") -> None:
        """Append a block, without its invisible characters; text of white space only adds nothing."""
        text = visible(text).strip()
        if text:
            self._append(text, kind)
            self._outline.block(self._starts[-1], self._length, kind, label)

    def aside(self, text: str) -> None:
        """Append text that is read but never an answer by itself, as the names of a table's columns: no block."""
        text = visible(text).strip()
        if text:
            self._append(text, "row")

    def heading(self, text: str, level: int) -> None:
        """Append a heading, which opens a section that ends at the next heading of its level or above."""
        text = one_line(text)
        if text:
            self._append(text, "heading")
            self._outline.heading(self._starts[-1], self._length, level, text)
            self.first_heading = self.first_heading or text

    @contextmanager
    def within(self, kind: SpanKind, label: str) -> Iterator[None]:
        """Lay a locator over everything that is added inside; where nothing is, there is no locator."""
        blocks_before, self._last_kind = len(self._starts), None  # a new table or page is always set apart
        yield
        if len(self._starts) > blocks_before:
            self._outline.locate(self._starts[blocks_before], self._length, kind, label)
        self._last_kind = None

    def close_sections(self) -> None:
        """End all open sections here, before a part that belongs to none of them."""
        self._outline.close_sections()

    def build(self) -> tuple[str, tuple[Span, ...]]:
        """Return the text and its spans."""
        return "".join(self._parts), self._outline.spans()

    def _append(self, text: str, kind: SpanKind) -> None:
        if self._starts:
            tight = kind == self._last_kind and kind in _TIGHT_KINDS
            self._parts.append("\n" if tight else "\n\n")
            self._length += len(self._parts[-1])
        self._starts.append(self._length)
        self._parts.append(text)
        self._length += len(text)
        self._last_kind = kind
