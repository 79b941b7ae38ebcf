"""What an answer is: the one object that Python, CLI, REST, UI and evals all carry."""

from dataclasses import asdict, dataclass, field
from typing import Any

from index import Passage


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a document: the document's ``text[start:end]`` is ``quote``, to the character.

    ``number`` is 1-based and what the answer's markers name. ``page`` is 1-based (a slide's number for slides);
    ``heading`` is the path of headings (or the sheet) around the quote. Both are None where there is none.
    """

    number: int
    document_id: str
    source: str
    title: str
    page: int | None
    heading: str | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, with the numbers of its citations. ``supported``: our code found its evidence.

    ``answer`` is where the short answer stands in ``text``, as half-open offsets; None where there is none.
    """

    text: str
    citations: tuple[int, ...]
    supported: bool
    answer: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or (``answered`` False) the statement that the documents do not hold one.

    ``confidence`` in [0, 1] is the estimated chance that the documents hold the answer where we looked; below the
    threshold nothing is answered. ``model`` names what wrote the answer. ``notes`` are plain sentences about it, such
    as that the sources disagree. ``passages`` are what was read, best first. ``timings`` are milliseconds per step.
    """

    question: str
    answered: bool
    text: str
    confidence: float
    model: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    passages: tuple[Passage, ...] = ()
    notes: tuple[str, ...] = ()
    searched: int = 0
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def marked_text(self) -> str:
        """The answer with citation markers: "... the Baltic states and Poland. [1]"."""
        if not self.sentences:
            return self.text
        return " ".join(f"{s.text} {''.join(f'[{number}]' for number in s.citations)}".strip() for s in self.sentences)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, ready for JSON; the form is documented in docs/api.md and stable."""
        return {
            "question": self.question,
            "answered": self.answered,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "model": self.model,
            "sentences": [
                {
                    "text": s.text,
                    "supported": s.supported,
                    "citations": list(s.citations),
                    "start": s.answer[0] if s.answer else None,
                    "end": s.answer[1] if s.answer else None,
                }
                for s in self.sentences
            ],
            "citations": [asdict(citation) for citation in self.citations],
            "passages": [passage_to_dict(passage) for passage in self.passages],
            "notes": list(self.notes),
            "searched": self.searched,
            "timings": {step: round(value, 1) for step, value in self.timings.items()},
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and the text of its answer."""

    question: str
    answer: str = ""


def passage_to_dict(passage: Passage) -> dict[str, Any]:
    """A passage as plain data, ready for JSON."""
    return {
        "document_id": passage.document.id,
        "source": passage.document.source,
        "title": passage.document.title,
        "page": passage.page,
        "heading": passage.heading,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "text": passage.chunk.text,
        "score": round(passage.score, 4),
        "duplicates": list(passage.duplicates),
    }
