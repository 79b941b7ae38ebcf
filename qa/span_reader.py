"""The trained reader: a question and sentences -> where in each the short answer is, and how much speaks for it.

A small BERT (``qa/models/reader``, made by ``evals/reader``) marks the first and last word piece of the answer; a
question that the passage does not answer points at the first piece, as in SQuAD 2.0 (Devlin et al. 2019, section 4.3).
Here every sentence gets its own best answer, whose margin over "not answered here" says how well it answers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.types import Chunk

if TYPE_CHECKING:
    from index.onnx_model import OnnxModel, Pieces

SHIPPED_READER = Path(__file__).parent / "models" / "reader"
_WINDOW = 320
"""Word pieces read at once, as in training."""
_QUESTION = 64
"""Word pieces of a question that are read; longer ones tell a story first, so their end counts."""
_ANSWER = 30
"""Word pieces of the longest short answer; of SQuAD's answers 99 % are shorter."""
_CONTEXT = 64
"""Word pieces of the title and headings above a passage that are read before it, the nearest heading last: on our
own samples the right sentence is first for 66 % with them, 63 % without."""
_SURE = 2.0
"""Margin from which a passage surely answers."""
_OVERLAP = 2
"""Sentences that two windows of a long passage share, so that each is read with what stands before it."""

Array = NDArray[np.float32]
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """The best short answer in a sentence, as offsets into the document.

    ``margin`` is its score less that of "not answered here": in natural-log units, above 0 where the reader would
    rather answer, comparable between passages.
    """

    start: int
    end: int
    margin: float


@dataclass(frozen=True, slots=True)
class _Window:
    """A run of sentences that is read at once: which sentences, and which pieces of the passage."""

    chunk: int
    sentences: range
    pieces: range


class SpanReader:
    """An open reader."""

    def __init__(self, model: "OnnxModel") -> None:
        self._model = model

    @classmethod
    def open(cls, folder: Path = SHIPPED_READER, *, threads: int) -> "SpanReader":
        """Open a reader's folder after checking its files.

        :raises ModelError: a file is missing or is not the one the checksum was made for.
        """
        from index.onnx_model import OnnxModel  # a fifth of a second, which `qa --help` need not wait

        return cls(OnnxModel.open(folder, threads=threads))

    def read(
        self, question: str, chunks: Sequence[Chunk], *, budget: int, pauses: Sequence[int] = ()
    ) -> list[list[Span | None]]:
        """The best short answer in each sentence of each chunk, in their order.

        Chunks are read until ``budget`` word pieces are used up. ``pauses``: after how many chunks (rising) no more are
        read if one of these surely answers. None stands for a sentence that was not read, or that holds no word.
        """
        found: list[list[Span | None]] = [[None] * len(chunk.sentences) for chunk in chunks]
        asked, *texts = self._model.pieces([question, *(chunk.text for chunk in chunks)])
        head = [*asked.ids[-_QUESTION:], self._model.last]
        above = [list(pieces.ids[-_CONTEXT:]) for pieces in self._model.pieces([chunk.context for chunk in chunks])]
        rooms = [_WINDOW - len(head) - len(context) - 2 for context in above]
        windows = list(_within(budget, len(head), _all_windows(chunks, texts, rooms)))

        def read_one(window: _Window) -> list[Span | None]:
            return self._read_window(head, above[window.chunk], window, chunks[window.chunk], texts[window.chunk])

        for begin, end in pairwise((0, *pauses, len(chunks))):
            some = [window for window in windows if begin <= window.chunk < end]
            for window, spans in zip(some, self._model.map(read_one, some), strict=True):
                for sentence, span in zip(window.sentences, spans, strict=True):
                    known = found[window.chunk][sentence]
                    if span is not None and (known is None or span.margin > known.margin):
                        found[window.chunk][sentence] = span
            if any(span is not None and span.margin >= _SURE for spans in found for span in spans):
                break
        return found

    def _read_window(
        self, head: list[int], above: list[int], window: _Window, chunk: Chunk, pieces: "Pieces"
    ) -> list[Span | None]:
        body = [pieces.ids[number] for number in window.pieces]
        ids = [self._model.first, *head, *above, *body, self._model.last]
        types = [0] * (1 + len(head)) + [1] * (len(ids) - 1 - len(head))
        start, end = self._model.run(ids, types)
        nothing = float(start[0] + end[0])
        shift = 1 + len(head) + len(above) - window.pieces.start
        spans: list[Span | None] = []
        for sentence in window.sentences:
            inside = _pieces_of(pieces, chunk.sentences[sentence], chunk.start, window.pieces)
            first, last, score = _best_span(start, end, inside.start + shift, inside.stop + shift)
            if last < first:
                spans.append(None)
                continue
            left, right = pieces.offsets[first - shift][0], pieces.offsets[last - shift][1]
            spans.append(Span(chunk.start + left, chunk.start + right, score - nothing))
        return spans


@cache
def shipped_span_reader(threads: int) -> SpanReader:
    """The reader in the package, opened once for a process: all assistants share it, from any thread."""
    return SpanReader.open(threads=threads)


def _all_windows(chunks: Sequence[Chunk], texts: Sequence["Pieces"], rooms: Sequence[int]) -> Iterator[_Window]:
    for number, (chunk, pieces, room) in enumerate(zip(chunks, texts, rooms, strict=True)):
        yield from _windows(number, chunk, pieces, room)


def _windows(number: int, chunk: Chunk, pieces: "Pieces", room: int) -> Iterator[_Window]:
    """Runs of whole sentences that fit into ``room``; a sentence that does not is cut."""
    places = [_pieces_of(pieces, place, chunk.start, range(len(pieces.ids))) for place in chunk.sentences]
    first = 0
    while first < len(places):
        last = first + 1
        while last < len(places) and places[last].stop - places[first].start <= room:
            last += 1
        begin = places[first].start
        yield _Window(number, range(first, last), range(begin, min(max(places[last - 1].stop, begin), begin + room)))
        first = last if last == len(places) else max(first + 1, last - _OVERLAP)


def _within(budget: int, head: int, windows: Iterator[_Window]) -> Iterator[_Window]:
    """Windows until the budget is used up; one at least."""
    used = 0
    for window in windows:
        used += len(window.pieces) + head
        if used > budget and used > len(window.pieces) + head:
            return
        yield window


def _pieces_of(pieces: "Pieces", place: Stretch, shift: int, among: range) -> range:
    """The pieces that lie in a sentence; ``place`` counts from the document's start, ``shift`` is the chunk's."""
    start, end = place[0] - shift, place[1] - shift
    first = among.start
    while first < among.stop and pieces.offsets[first][1] <= start:
        first += 1
    last = first
    while last < among.stop and pieces.offsets[last][0] < end:
        last += 1
    return range(first, last)


def _best_span(start: Array, end: Array, first: int, stop: int) -> tuple[int, int, float]:
    """First and last piece and score of the best span in ``[first, stop)``; (0, -1, 0) if that is empty."""
    count = stop - first
    if count <= 0:
        return 0, -1, 0.0
    scores = start[first:stop, None] + end[None, first:stop]
    place = int(np.argmax(np.where(_in_order(count), scores, -np.inf)))
    return first + place // count, first + place % count, float(scores[place // count, place % count])


@lru_cache(maxsize=_WINDOW)
def _in_order(count: int) -> NDArray[np.bool_]:
    """``[first, last]`` of ``count`` pieces: whether a short answer may begin and end there."""
    after = np.arange(count)[None, :] - np.arange(count)[:, None]
    allowed: NDArray[np.bool_] = (after >= 0) & (after < _ANSWER)
    return allowed
