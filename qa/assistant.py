"""Ask a store a question: search, read, choose, cite, or say that the documents do not answer it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from index import Filter, Index, Passage, SearchResult
from qa.followup import standalone
from qa.parts import question_parts
from qa.reader import Evidence, Reading, default_threshold, read
from qa.select import Conflict, definition_first, find_conflict, select
from qa.settings import Settings
from qa.span_reader import shipped_span_reader
from qa.types import Answer, Citation, Sentence, Turn
from qa.wording import place_in, readable

EXTRACTIVE = "extractive"
"""Name of the answerer that quotes sentences and needs no language model."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One single question of a question, with what was found and read for it."""

    question: str
    result: SearchResult
    reading: Reading
    answered: bool


class Assistant:
    """An open store that answers questions. Close it, or use it in a ``with`` statement.

    ``index`` is the store itself: ``assistant.index.sync(folder)``.
    """

    def __init__(self, index: Index, settings: Settings) -> None:
        """Take an open index; :meth:`open` is the usual way in."""
        self.index = index
        self.settings = settings

    @classmethod
    def open(
        cls, store: str | Path | None = None, *, settings: Settings | None = None, read_only: bool = False
    ) -> "Assistant":
        """Open a store (default: ``QA_STORE``, else ``.qa`` in the current folder), which is made if it is not there.

        :raises StoreLockedError: another process writes to it (``read_only=True`` opens it all the same).
        :raises StoreError: there is none (when reading), or it cannot be used.
        """
        settings = settings or Settings.from_environment()
        if store is not None:
            settings = replace(settings, store=Path(store))
        index = Index.open(
            settings.store, model=settings.embedding_model, threads=settings.threads, read_only=read_only
        )
        return cls(index, settings)

    def __enter__(self) -> "Assistant":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the store."""
        self.index.close()

    @property
    def threshold(self) -> float:
        """The confidence below which nothing is answered."""
        return default_threshold() if self.settings.threshold is None else self.settings.threshold

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter | None = None,
        top_k: int | None = None,
    ) -> Answer:
        """The answer, with citations, or an abstention.

        ``history`` holds the conversation so far, oldest first, so that "and who opposed it?" is understood.
        """
        begun = time.perf_counter()
        parts = self._read_parts(question, history, where, top_k or self.settings.top_k)
        read_at = time.perf_counter()
        answer = self._compose(question, parts)
        ended = time.perf_counter()
        timings = {"read": (read_at - begun) * 1e3, "compose": (ended - read_at) * 1e3, "total": (ended - begun) * 1e3}
        return replace(answer, timings=timings)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter | None = None,
    ) -> Iterator[Sentence | Answer]:
        """Each sentence as soon as it stands, then the whole answer, equal to what :meth:`ask` returns."""
        answer = self.ask(question, history=history, where=where)
        yield from answer.sentences
        yield answer

    def _read_parts(
        self,
        question: str,
        history: Sequence[Turn],
        where: Filter | None,
        top_k: int,
    ) -> list[_Part]:
        """Search and read for each single question; a later one may lean on an earlier ("... and when did it end?")."""
        threshold = self.threshold
        parts: list[_Part] = []
        turns = list(history)
        for single in question_parts(question):
            alone = standalone(single, turns)
            result = self.index.search(alone, top_k=top_k, where=where)
            reading = self._read(alone, result)
            answered = bool(reading.evidence) and reading.confidence >= threshold
            parts.append(_Part(single, result, reading, answered))
            turns.append(Turn(single))
        return parts

    def _read(self, question: str, result: SearchResult) -> Reading:
        span_reader = shipped_span_reader(self.settings.threads)
        return read(question, result, span_reader, budget=self.settings.read_budget)

    def _compose(self, question: str, parts: Sequence[_Part]) -> Answer:
        answered = [part for part in parts if part.answered]
        passages = _merged_passages(parts)
        searched = parts[0].result.searched
        confidence = min(part.reading.confidence for part in (answered or parts))
        sentences: list[Sentence] = []
        citations: list[Citation] = []
        notes: list[str] = []
        for part in answered:
            self._add(part, sentences, citations, notes)
        if not sentences:
            return Answer(question, False, _abstention(searched), confidence, EXTRACTIVE, passages=passages,
                          searched=searched)  # fmt: skip
        notes += [f"The documents do not answer: {part.question}" for part in parts if not part.answered]
        return Answer(
            question, True, " ".join(sentence.text for sentence in sentences), confidence, EXTRACTIVE,
            tuple(sentences), tuple(citations), passages, tuple(notes), searched,
        )  # fmt: skip

    def _add(self, part: _Part, sentences: list[Sentence], citations: list[Citation], notes: list[str]) -> None:
        """Add a part's sentences, each with its citation, unless an earlier part brought them."""
        evidence = definition_first(part.question, part.reading.evidence)
        chosen = select(part.question, evidence, part.result, limit=self.settings.max_sentences)
        conflict = find_conflict(part.question, evidence, part.result)
        if conflict is not None:
            chosen = [conflict.first, conflict.second, *(item for item in chosen[1:] if item is not conflict.second)]
            notes.append(_disagreement(conflict, part.result))
        for item in chosen:
            passage = part.result.passages[item.place.passage]
            place = (passage.document.id, item.place.start, item.place.end)
            if place in {(known.document_id, known.start, known.end) for known in citations}:
                continue
            citation, header = self._citation(len(citations) + 1, passage, item)
            if self.index.text_at(*place) != citation.quote:
                continue  # the document changed under us: nothing is better than the wrong words
            citations.append(citation)
            text = readable(citation.quote, media_type=passage.document.media_type, table_header=header)
            sentences.append(
                Sentence(text, (citation.number,), supported=True, answer=_short_answer(text, item, passage))
            )

    def _citation(self, number: int, passage: Passage, item: Evidence) -> tuple[Citation, str]:
        """The citation of a sentence, and the column names if it is a table's row."""
        document = passage.document
        place = self.index.locate(document.id, item.place.start)
        citation = Citation(
            number, document.id, document.source, document.title, place.page, place.heading, item.place.start,
            item.place.end, item.place.text,
        )  # fmt: skip
        return citation, place.table_header


def _merged_passages(parts: Sequence[_Part]) -> tuple[Passage, ...]:
    """The passages of all parts without repeats, those of the first part first, and those that answer before others."""
    found: dict[tuple[str, int], Passage] = {}
    for part in parts:
        passages = part.result.passages
        for number in dict.fromkeys((*part.reading.passages, *range(len(passages)))):
            found.setdefault((passages[number].document.id, passages[number].chunk.start), passages[number])
    return tuple(found.values())


_WHOLE = 0.7
"""A short answer longer than this share of its sentence is the sentence: marking it would say nothing."""


def _short_answer(text: str, item: Evidence, passage: Passage) -> tuple[int, int] | None:
    """Where the short answer stands in a sentence as shown; None where the reader did not find one."""
    span, place = item.place.span, item.place
    if span is None or span.margin < 0 or span.end - span.start > _WHOLE * (place.end - place.start):
        return None
    start = passage.chunk.start
    part = readable(passage.chunk.text[span.start - start : span.end - start], media_type=passage.document.media_type)
    return place_in(text, part, share=(span.start - place.start) / (place.end - place.start))


def _disagreement(conflict: Conflict, result: SearchResult) -> str:
    first, second = (result.passages[item.place.passage].document.source for item in (conflict.first, conflict.second))
    return f"The sources disagree: {first} says {conflict.values[0]}, {second} says {conflict.values[1]}."


def _abstention(searched: int) -> str:
    if not searched:
        return "There are no documents to search."
    documents = "The document" if searched == 1 else f"The {searched} documents"
    return f"{documents} searched {'does' if searched == 1 else 'do'} not answer this question."
