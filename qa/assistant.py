"""Ask a store a question: search, read, choose, cite, or say that the documents do not answer it."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from index import Filter, Index, Passage, SearchResult
from index.spelling import respelled
from qa.followup import accepted, heard, leans_on_history, standalone
from qa.llm import LanguageModel, LanguageModelError, open_model
from qa.parts import question_parts
from qa.prompt import rewrite_prompt
from qa.quoted import Part, abstention, cite, quoted_answer, reading_notes
from qa.reader import Reading, default_threshold, read
from qa.settings import Settings
from qa.span_reader import shipped_span_reader
from qa.types import Answer, Citation, Sentence, Turn
from qa.verify import EvidenceSpan
from qa.written import AnswerWriter, WrittenAnswer

_TURNS_BACK = 3
"""Turns that are taken away again, one by one, from a follow-up that finds nothing."""
_SURE = 0.5
"""Confidence from which a follow-up is answered as if the turns right before it had not been: "How loud is it?" after a
question on an error code asks of the machine that was spoken of before."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with all that bears on its answer; the fields are the parameters of :meth:`Assistant.ask`."""

    question: str
    history: Sequence[Turn]
    where: Filter | None
    top_k: int
    cancel: threading.Event | None = None


class Assistant:
    """An open store that answers questions. Close it, or use it in a ``with`` statement.

    ``index`` is the store itself: ``assistant.index.sync(folder)``.
    """

    def __init__(self, index: Index, settings: Settings, model: LanguageModel | None = None) -> None:
        """Take an open index; :meth:`open` is the usual way in. Without a ``model`` answers are quoted."""
        self.index = index
        self.settings = settings
        self.model = model

    @classmethod
    def open(
        cls,
        store: str | Path | None = None,
        *,
        settings: Settings | None = None,
        read_only: bool = False,
        model: str | object | None = None,
    ) -> "Assistant":
        """Open a store (default: ``QA_STORE``, else ``.qa`` in the current folder), which is made if it is not there.

        ``model`` (default: ``QA_MODEL``) writes the answers: a name as in :data:`qa.llm.SPELLING`, or any LlamaIndex
        LLM. Without one they are quoted.

        :raises StoreLockedError: another process writes to it (``read_only=True`` opens it all the same).
        :raises StoreError: there is none (when reading), or it cannot be used.
        :raises LanguageModelError: the model cannot be used as it is; whether its server runs is seen when it is asked.
        """
        settings = settings or Settings.from_environment()
        if store is not None:
            settings = replace(settings, store=Path(store))
        writer = configured_model(settings, model)
        index = Index.open(
            settings.store, model=settings.embedding_model, threads=settings.threads, read_only=read_only
        )
        return cls(index, settings, writer)

    def without_model(self) -> "Assistant":
        """An assistant for the same open store that quotes."""
        return Assistant(self.index, self.settings)

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
        for part in self._stream(_Asked(question, history, where, top_k or self.settings.top_k)):
            if isinstance(part, Answer):
                return part
        raise AssertionError("a stream ends with its answer")

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        where: Filter | None = None,
        cancel: threading.Event | None = None,
    ) -> Iterator[Sentence | Answer]:
        """Each sentence as soon as it stands, then the whole answer, equal to what :meth:`ask` returns.

        Setting ``cancel`` stops a language model; what stands by then is the answer.
        """
        yield from self._stream(_Asked(question, history, where, self.settings.top_k, cancel))

    def _stream(self, asked: _Asked) -> Iterator[Sentence | Answer]:
        begun = time.perf_counter()
        failure: tuple[str, ...] = ()
        if self.model is not None:
            try:
                yield from self._write(self.model, asked)
            except LanguageModelError as error:
                failure = (f"Quoted, since the language model failed: {error}",)
            else:
                return
        parts = self._read_parts(asked)
        read_at = time.perf_counter()
        answer = quoted_answer(asked.question, parts, self.index, limit=self.settings.max_sentences)
        ended = time.perf_counter()
        timings = {"read": (read_at - begun) * 1e3, "compose": (ended - read_at) * 1e3, "total": (ended - begun) * 1e3}
        yield from answer.sentences
        yield replace(answer, timings=timings, notes=(*answer.notes, *failure))

    def _write(self, model: LanguageModel, asked: _Asked) -> Iterator[Sentence | Answer]:
        """The model's answer, sentence by sentence as each is checked, then as a whole.

        :raises LanguageModelError: it failed before a sentence stood.
        """
        begun = time.perf_counter()
        question, search_text = _standing_alone(model, asked)
        corrected = self.index.corrections(search_text)
        search_text = respelled(search_text, corrected)
        result = self.index.search(search_text, top_k=asked.top_k, where=asked.where)
        confidence = self._read(search_text, result).confidence
        read_at = time.perf_counter()
        writer = AnswerWriter(
            question, result.passages, model, unsupported=self.settings.unsupported,
            max_sentences=self.settings.max_sentences, cancel=asked.cancel, cite=self._cite,
        )  # fmt: skip
        notes = reading_notes(corrected)
        try:
            yield from writer.sentences()
        except LanguageModelError as error:
            if not writer.answer.answered:
                raise
            notes = (*notes, f"The answer is not whole: {error}")
        ended = time.perf_counter()
        timings = {"read": (read_at - begun) * 1e3, "write": (ended - read_at) * 1e3, "total": (ended - begun) * 1e3}
        yield _written_answer(asked.question, writer.answer, result, confidence, model.name, notes, timings)

    def _cite(self, number: int, passage: Passage, span: EvidenceSpan) -> Citation | None:
        return cite(self.index, number, passage, span.start, span.end, span.text)

    def _read_parts(self, asked: _Asked) -> list[Part]:
        """Search and read for each single question; a later one may lean on an earlier ("... and when did it end?")."""
        parts: list[Part] = []
        turns = list(asked.history)
        for single in question_parts(asked.question):
            alone = standalone(single, turns)
            part = self._read_part(single, alone, asked, self.threshold)
            if not part.answered and not parts:
                sure = max(self.threshold, _SURE)
                older = (
                    self._read_part(single, text, asked, sure)
                    for text in _of_turns_before(single, alone, asked.history)
                )
                part = next((other for other in older if other.answered), part)
            parts.append(part)
            turns.append(Turn(single))
        return parts

    def _read_part(self, single: str, alone: str, asked: _Asked, threshold: float) -> Part:
        """Search and read for one single question, which ``alone`` says in full."""
        corrected = self.index.corrections(alone)
        single, alone = respelled(single, corrected), respelled(alone, corrected)
        result = self.index.search(alone, top_k=asked.top_k, where=asked.where)
        reading = self._read(alone, result)
        return Part(single, result, reading, bool(reading.evidence) and reading.confidence >= threshold, corrected)

    def _read(self, question: str, result: SearchResult) -> Reading:
        span_reader = shipped_span_reader(self.settings.threads)
        return read(question, result, span_reader, budget=self.settings.read_budget)


def configured_model(settings: Settings, model: str | object | None = None) -> LanguageModel | None:
    """The language model given, else the one of the settings, ready to be asked; None if there is none.

    :raises LanguageModelError: it cannot be used as it is.
    """
    wanted = model or settings.model
    if not wanted:
        return None
    return open_model(wanted, key=settings.model_key or None, timeout=settings.model_timeout)


def _of_turns_before(question: str, alone: str, history: Sequence[Turn]) -> list[str]:
    """A follow-up as it would stand alone had the last turn not been, or the last two, ...: each with a topic.

    ``alone`` is how it stands alone after all of them.
    """
    earlier = [history[:-back] for back in range(1, _TURNS_BACK + 1)]
    readings = dict.fromkeys(standalone(question, turns) for turns in earlier if turns)
    return [text for text in readings if text not in (question, alone)]


def _standing_alone(model: LanguageModel, asked: _Asked) -> tuple[str, str]:
    """What to ask the model and what to search for; its rewriting of a follow-up counts if it adds nothing new."""
    question, history = asked.question, asked.history
    if not history or not leans_on_history(question):
        return question, question
    rewritten = accepted(heard(model.stream(rewrite_prompt(question, history))), question, history)
    by_rules = standalone(question, history)
    return rewritten or by_rules, f"{rewritten} ({by_rules})" if rewritten else by_rules


def _written_answer(
    question: str, written: WrittenAnswer, result: SearchResult, confidence: float, model: str, notes: tuple[str, ...],
    timings: dict[str, float],
) -> Answer:  # fmt: skip
    notes = (*written.notes, *notes)
    if not written.answered:
        return Answer(question, False, abstention(result.searched), confidence, model, passages=result.passages,
                      notes=notes, searched=result.searched, timings=timings)  # fmt: skip
    return Answer(
        question, True, " ".join(sentence.text for sentence in written.sentences), confidence, model,
        written.sentences, written.citations, result.passages, notes, result.searched, timings,
    )  # fmt: skip
