"""A question, the passages found and a language model -> checked sentences, as they are written, and what they cite."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index import Passage
from qa.markers import SentenceStream, Written
from qa.prompt import BUDGET, NO_ANSWER, Message, build_prompt
from qa.types import Citation, Sentence
from qa.verify import Checked, Checker, EvidenceSpan

Unsupported = Literal["remove", "mark"]
"""What becomes of a sentence that the passages do not say."""


_TOO_MANY = 3
"""So many times the sentences that were asked for: a small model that lists or repeats is not listened to further."""


class Model(Protocol):
    """What writes; see :class:`qa.llm.LanguageModel`."""

    def stream(self, messages: Sequence[Message], *, cancel: threading.Event | None = None) -> Iterator[str]:
        """Text, piece by piece."""


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """What is left of a model's answer. Nothing left is an abstention.

    ``removed`` sentences were not supported; ``struck`` says of each of them (or of those kept and marked) why.
    ``forged`` numbers named no passage. ``left_out`` names documents with orders to a model that it was not shown.
    """

    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    removed: int
    forged: int
    struck: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def answered(self) -> bool:
        """Whether a sentence stands that the passages say."""
        return any(sentence.supported for sentence in self.sentences)

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened to the answer, in plain sentences."""
        marked = len(self.struck) - self.removed
        found = []
        if self.removed:
            found.append(f"{_count(self.removed, 'sentence')} removed: the documents do not say so.")
        if marked:
            found.append(f"{_count(marked, 'sentence')} marked: the documents do not say so.")
        if self.forged:
            found.append(f"{_count(self.forged, 'citation')} removed: no such passage was shown.")
        if self.left_out:
            found.append(f"Left out, since it gives orders to a language model: text in {', '.join(self.left_out)}.")
        return tuple(found)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun} was" if number == 1 else f"{number} {noun}s were"


class AnswerWriter:
    """Streams one answer. Iterate :meth:`sentences`, then read :attr:`answer`: the same however the text arrives."""

    def __init__(
        self,
        question: str,
        passages: Sequence[Passage],
        model: Model,
        *,
        cite: "Cite",
        unsupported: Unsupported = "remove",
        max_sentences: int = 4,
        budget: int = BUDGET,
        cancel: threading.Event | None = None,
    ) -> None:
        """``question`` stands alone; ``passages`` come best first."""
        self._prompt = build_prompt(question, passages, budget=budget, max_sentences=max_sentences)
        self._checker = Checker(self._prompt.passages, question)
        self._model = model
        self._unsupported = unsupported
        self._cancel = cancel
        self._cite = cite
        self._citations: list[Citation] = []
        self._sentences: list[Sentence] = []
        self._struck: list[str] = []
        self._forged = 0
        self._written = 0
        self._most = _TOO_MANY * max_sentences

    def sentences(self) -> Iterator[Sentence]:
        """Each sentence once it is checked.

        :raises LanguageModelError: the model failed; what was given out before stands.
        """
        if not self._prompt.passages:
            return
        stream = SentenceStream(len(self._prompt.passages))
        for piece in self._model.stream(self._prompt.messages, cancel=self._cancel):
            yield from self._take(stream.feed(piece))
            if self._written >= self._most:
                return
        if self._cancel is None or not self._cancel.is_set():  # else what is left is half a sentence
            yield from self._take(stream.finish())

    def write(self) -> WrittenAnswer:
        """The whole answer at once."""
        for _ in self.sentences():
            pass
        return self.answer

    @property
    def answer(self) -> WrittenAnswer:
        """What stands so far."""
        removed = len(self._struck) if self._unsupported == "remove" else 0
        return WrittenAnswer(
            tuple(self._sentences), tuple(self._citations), removed, self._forged, tuple(self._struck),
            self._prompt.left_out,
        )  # fmt: skip

    def _take(self, written: Iterator[Written]) -> Iterator[Sentence]:
        for item in written:
            if self._written >= self._most:
                return
            self._forged += item.forged
            if not item.text or NO_ANSWER in item.text:
                continue
            self._written += 1
            checked = self._checker.check(item)
            if (sentence := self._kept(checked)) is not None:
                self._sentences.append(sentence)
                yield sentence

    def _kept(self, checked: Checked) -> Sentence | None:
        if checked.verdict == "supported":
            found = [self._number(span) for span in checked.evidence]
            numbers = tuple(dict.fromkeys(number for number in found if number is not None))
            if not numbers:
                return None  # the document changed under us: nothing is better than the wrong words
            if any(set(numbers) <= set(s.citations) and s.text == checked.written.text for s in self._sentences):
                return None  # small models repeat themselves
            return Sentence(checked.written.text, numbers, supported=True)
        self._struck.append(f"{checked.written.text} ({checked.reason})")
        return None if self._unsupported == "remove" else Sentence(checked.written.text, (), supported=False)

    def _number(self, span: EvidenceSpan) -> int | None:
        """The number of the citation of a place, which is made if it is new; None if it can no longer be cited."""
        passage = self._prompt.passages[span.passage - 1]
        for known in self._citations:
            if (known.document_id, known.start, known.end) == (passage.document.id, span.start, span.end):
                return known.number
        citation = self._cite(len(self._citations) + 1, passage, span)
        if citation is None:
            return None
        self._citations.append(citation)
        return citation.number


class Cite(Protocol):
    """Makes the citation of a place, or None if the document has changed meanwhile and no longer says this there."""

    def __call__(self, number: int, passage: Passage, span: EvidenceSpan) -> Citation | None:
        """``number`` is the new citation's."""
