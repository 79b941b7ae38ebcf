"""The data that flows through the index: documents, chunks, passages.

All offsets are half-open character offsets into ``Document.text``, so ``text[start:end]`` is what they name.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float32]
"""One unit vector, shape ``(dimension,)``."""
VectorMatrix: TypeAlias = NDArray[np.float32]
"""Unit vectors in rows, shape ``(texts, dimension)``."""

CELL_BORDER = " | "
"""Between the cells of a row as loaders write it, and between the names of a table's columns in its label."""
MAX_LABEL_CHARS = 300
"""Longer labels of spans are cut: they are shown beside quotes, and a longer one is a paragraph in disguise."""

SpanKind = Literal["page", "slide", "sheet", "section", "table", "heading", "paragraph", "item", "row", "code"]


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of a document.

    Locators say where a reader finds the text: ``page`` and ``slide`` (label: 1-based number), ``sheet`` (label: name),
    ``section`` (label: the heading's text; from its heading line to the end of the section, nested by level) and
    ``table`` (label: the header cells joined by " | ", the first of which may be empty; empty where each row already
    names its columns).

    Blocks say what must not be merged with its neighbours: ``heading``, ``paragraph``, ``item`` (of a list), ``row``
    (of a table; label: 1-based row number where the format has one) and ``code``. Blocks do not overlap one another.
    """

    start: int
    end: int
    kind: SpanKind
    label: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """One source, as text.

    ``source`` is the path relative to the indexed folder, with forward slashes. ``spans`` are sorted by start, longest
    first. ``notices`` are sentences for the user about what could not be read ("3 of 12 pages hold no text ...").
    """

    id: str
    source: str
    title: str
    text: str
    media_type: str
    spans: tuple[Span, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of a document that is searched as one.

    ``text`` is ``Document.text[start:end]``. ``context`` (title and headings above it) is read by the embedder and the
    full-text index but is not part of the text and cannot be quoted. ``sentences`` are the quotable stretches inside,
    as offsets into the document, in order.
    """

    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    context: str
    sentences: tuple[tuple[int, int], ...]

    @property
    def id(self) -> str:
        """Unique in the store; the same document cut the same way has the same ids."""
        return f"{self.document_id}:{self.ordinal}"

    @property
    def embedding_text(self) -> str:
        """What the embedder reads."""
        return f"{self.context}\n{self.text}" if self.context else self.text

    @property
    def columns(self) -> str:
        """The names of the columns of the table that it begins in, joined by bars; empty if it begins in none."""
        innermost = self.context.rpartition(" > ")[2]
        return innermost if CELL_BORDER in innermost else ""

    @property
    def sentence_offsets_in_embedding_text(self) -> tuple[tuple[int, int], ...]:
        """``sentences`` as offsets into ``embedding_text``."""
        shift = len(self.embedding_text) - len(self.text) - self.start
        return tuple((start + shift, end + shift) for start, end in self.sentences)


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A document without its text.

    ``origin`` is the path of its file when it was indexed, from the store's folder; ``characters`` is its length.
    """

    id: str
    source: str
    title: str
    media_type: str
    metadata: dict[str, str]
    notices: tuple[str, ...]
    characters: int
    origin: str
    chunks: int


@dataclass(frozen=True, slots=True)
class Signals:
    """Why a passage was found. ``lexical``: BM25 as a share of the best passage's; ``semantic``: cosine of question and
    chunk; ``sentence``: cosine of question and the chunk's nearest sentence; ``coverage``: share of the question's
    topic words, weighted by rarity, that stand in the passage.
    """

    lexical: float
    semantic: float
    sentence: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A place found for a question: one chunk, or neighbouring chunks joined.

    ``chunk`` spans the joined chunks. ``score``: higher is better, comparable within one search only.
    ``similarities`` holds the cosine of the question and each of ``chunk.sentences``, in order. ``duplicates`` are
    sources that hold (nearly) the same passage and were left out for it.
    """

    chunk: Chunk
    document: DocumentInfo
    score: float
    signals: Signals
    similarities: tuple[float, ...]
    page: int | None = None
    heading: str | None = None
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Passages, best first; the weight (inverse document frequency) of each of the question's topic words, as stems in
    the question's order; and how many documents were searched.
    """

    passages: tuple[Passage, ...]
    weights: dict[str, float]
    searched: int
