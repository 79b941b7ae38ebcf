"""The trained reader: a question and sentences -> where in each the short answer is, and how much speaks for it.

A small BERT (``qa/models/reader``, made by ``evals/reader``) marks the first and last word piece of the answer; a
question that the passage does not answer points at the first piece, as in SQuAD 2.0 (Devlin et al. 2019, section 4.3).
Here every sentence gets its own best answer, whose margin over "not answered here" says how well it answers. The best
sentences are then read once more, each alone: with nothing beside it a sentence about something like what is asked
looks less like an answer.
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
_AGAIN = 3
"""Sentences that are read again alone. On 700 held-out questions on articles: AUROC .939 (.935 read once), F1 79.5
(78.1); with the neighbours instead .938 and 78.1; on 700 on documents .880 (.879) and 76.3 (76.0)."""
_OVERLAP = 2
"""Sentences that two windows of a long passage share, so that each is read with what stands before it."""

Array = NDArray[np.float32]
Stretch = tuple[int, int]
_Place = tuple[int, int]
"""A sentence: the number of its chunk, and its own in it."""


@dataclass(frozen=True, slots=True)
class Span:
    """The best short answer in a sentence, as offsets into the document.

    ``margin`` is its score less that of "not answered here": in natural-log units, above 0 where the reader would
    rather answer, comparable between passages; of both readings in the mean where the sentence was read again.
    """

    start: int
    end: int
    margin: float


@dataclass(frozen=True, slots=True)
class _Reading:
    """A sentence as read: for each of its pieces how well the answer begins and ends there, and the piece's offsets.

    Each less half of what speaks for "not answered here".
    """

    start: Array
    end: Array
    offsets: Sequence[Stretch]

    def best(self) -> Span:
        """The best short answer; its offsets count as those of the pieces do."""
        first, last, score = _best_span(self.start, self.end)
        return Span(self.offsets[first][0], self.offsets[last][1], score)


@dataclass(frozen=True, slots=True)
class _Window:
    """A run of sentences that is read at once: which sentences, and which pieces of the passage."""

    chunk: int
    sentences: range
    pieces: range


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and chunks in word pieces: the question's, and of each chunk those above it and its own."""

    chunks: Sequence[Chunk]
    head: list[int]
    above: Sequence[list[int]]
    texts: Sequence["Pieces"]

    def room(self, chunk: int) -> int:
        """Word pieces of a chunk that are read at once."""
        return _WINDOW - len(self.head) - len(self.above[chunk]) - 2


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

        Chunks are read until ``budget`` word pieces are used up; the second reading of three sentences comes on
        top. ``pauses``: after how many chunks (rising) no more are read if one of these surely answers. None stands
        for a sentence that was not read, or that holds no word.
        """
        asked = self._asked(question, chunks)
        once = self._first_readings(asked, budget=budget, pauses=pauses)
        spans = {place: reading.best() for place, reading in once.items()}
        nearest = sorted(spans, key=lambda place: (-spans[place].margin, place))[:_AGAIN]
        windows = [window for place in nearest if (window := _sentence_window(asked, place)) is not None]
        for window, (alone,) in zip(windows, self._read_windows(asked, windows), strict=True):
            place = window.chunk, window.sentences.start
            assert alone is not None, "it was read before, so it holds a word"
            spans[place] = _mean(once[place], alone).best()
        return [
            [spans.get((n, sentence)) for sentence in range(len(chunk.sentences))] for n, chunk in enumerate(chunks)
        ]

    def _asked(self, question: str, chunks: Sequence[Chunk]) -> _Asked:
        words, *texts = self._model.pieces([question, *(chunk.text for chunk in chunks)])
        above = self._model.pieces([chunk.context for chunk in chunks])
        return _Asked(
            chunks,
            [*words.ids[-_QUESTION:], self._model.last],
            [list(pieces.ids[-_CONTEXT:]) for pieces in above],
            texts,
        )

    def _first_readings(self, asked: _Asked, *, budget: int, pauses: Sequence[int]) -> dict[_Place, _Reading]:
        """The first reading of the sentences; of one in two windows the better."""
        windows = list(_within(budget, len(asked.head), _all_windows(asked)))
        best: dict[_Place, tuple[float, _Reading]] = {}
        for begin, end in pairwise((0, *pauses, len(asked.chunks))):
            some = [window for window in windows if begin <= window.chunk < end]
            for window, readings in zip(some, self._read_windows(asked, some), strict=True):
                for sentence, reading in zip(window.sentences, readings, strict=True):
                    if reading is None:
                        continue
                    place, margin = (window.chunk, sentence), reading.best().margin
                    if place not in best or margin > best[place][0]:
                        best[place] = margin, reading
            if any(margin >= _SURE for margin, _ in best.values()):
                break
        return {place: reading for place, (_, reading) in best.items()}

    def _read_windows(self, asked: _Asked, windows: Sequence[_Window]) -> list[list[_Reading | None]]:
        return self._model.map(lambda window: self._read_window(asked, window), windows)

    def _read_window(self, asked: _Asked, window: _Window) -> list[_Reading | None]:
        chunk, pieces, above = asked.chunks[window.chunk], asked.texts[window.chunk], asked.above[window.chunk]
        body = [pieces.ids[number] for number in window.pieces]
        ids = [self._model.first, *asked.head, *above, *body, self._model.last]
        types = [0] * (1 + len(asked.head)) + [1] * (len(ids) - 1 - len(asked.head))
        start, end = self._model.run(ids, types)
        nothing = np.float32((start[0] + end[0]) / 2)
        shift = 1 + len(asked.head) + len(above) - window.pieces.start
        readings: list[_Reading | None] = []
        for sentence in window.sentences:
            inside = _pieces_of(pieces, chunk.sentences[sentence], chunk.start, window.pieces)
            at = slice(inside.start + shift, inside.stop + shift)
            offsets = [(chunk.start + pieces.offsets[n][0], chunk.start + pieces.offsets[n][1]) for n in inside]
            readings.append(_Reading(start[at] - nothing, end[at] - nothing, offsets) if offsets else None)
        return readings


@cache
def shipped_span_reader(threads: int) -> SpanReader:
    """The reader in the package, opened once for a process: all assistants share it, from any thread."""
    return SpanReader.open(threads=threads)


def _all_windows(asked: _Asked) -> Iterator[_Window]:
    for number, (chunk, pieces) in enumerate(zip(asked.chunks, asked.texts, strict=True)):
        yield from _windows(number, chunk, pieces, asked.room(number))


def _sentence_window(asked: _Asked, place: _Place) -> _Window | None:
    """A sentence alone; None if its chunk holds no other, or it does not fit."""
    number, sentence = place
    chunk, pieces = asked.chunks[number], asked.texts[number]
    inside = _pieces_of(pieces, chunk.sentences[sentence], chunk.start, range(len(pieces.ids)))
    if len(chunk.sentences) == 1 or len(inside) > asked.room(number):
        return None
    return _Window(number, range(sentence, sentence + 1), inside)


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


def _pieces_of(pieces: "Pieces", sentence: Stretch, shift: int, among: range) -> range:
    """The pieces that lie in a sentence, whose offsets count from the document's start, ``shift`` is the chunk's."""
    start, end = sentence[0] - shift, sentence[1] - shift
    first = among.start
    while first < among.stop and pieces.offsets[first][1] <= start:
        first += 1
    last = first
    while last < among.stop and pieces.offsets[last][0] < end:
        last += 1
    return range(first, last)


def _mean(one: _Reading, other: _Reading) -> _Reading:
    """Both readings of a sentence as one."""
    half = np.float32(0.5)
    return _Reading((one.start + other.start) * half, (one.end + other.end) * half, one.offsets)


def _best_span(start: Array, end: Array) -> tuple[int, int, float]:
    """First and last piece and score of the best span."""
    count = len(start)
    scores = start[:, None] + end[None, :]
    place = int(np.argmax(np.where(_in_order(count), scores, -np.inf)))
    return place // count, place % count, float(scores[place // count, place % count])


@lru_cache(maxsize=_WINDOW)
def _in_order(count: int) -> NDArray[np.bool_]:
    """``[first, last]`` of ``count`` pieces: whether a short answer may begin and end there."""
    after = np.arange(count)[None, :] - np.arange(count)[:, None]
    allowed: NDArray[np.bool_] = (after >= 0) & (after < _ANSWER)
    return allowed
