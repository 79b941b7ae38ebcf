"""Answers and documents for tests of the page, and a reader of its HTML."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from index import Chunk, Document, DocumentInfo, Passage, Signals, Span
from qa import Answer, Citation, Sentence

_VOID = {"img", "input", "br", "hr", "meta", "link"}


@dataclass
class Seen:
    """What a browser would make of some HTML: tags, attributes, and the text inside chosen elements."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: str = ""
    marks: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.tags.append(tag)
        self.seen.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag == "mark":
            self.seen.marks.append("")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, "elements are nested rightly"

    def handle_data(self, data: str) -> None:
        self.seen.text += data
        if "mark" in self.open:
            self.seen.marks[-1] += data


def read_html(html: str) -> Seen:
    """Parse a whole piece of HTML, which must be well formed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert not reader.open, "every element is closed"
    return reader.seen


def document(
    text: str, *spans: Span, source: str = "a.txt", title: str = "", media_type: str = "text/plain"
) -> Document:
    """A document of that text."""
    return Document("id", source, title, text, media_type, tuple(spans))


def citation(number: int, text: str, *, start: int = 0, source: str = "a.txt", heading: str | None = None) -> Citation:
    """A citation of ``text``, which begins at ``start``."""
    return Citation(number, "id", source, "", None, heading, start, start + len(text), text)


def passage(text: str, *, source: str = "a.txt") -> Passage:
    """A passage that was read."""
    info = DocumentInfo("id", source, "", "text/plain", {}, (), len(text), source, 1)
    chunk = Chunk("id", 0, 0, len(text), text, "", ((0, len(text)),))
    return Passage(chunk, info, 1.0, Signals(1, 1, 1, 1), (1.0,))


def answer(*texts: str, source: str = "a.txt", notes: tuple[str, ...] = (), confidence: float = 0.9) -> Answer:
    """An answer of sentences that are quoted as they are, each from a document of its own."""
    citations = tuple(citation(number, text, source=source) for number, text in enumerate(texts, start=1))
    sentences = tuple(Sentence(item.quote, (item.number,), supported=True) for item in citations)
    return Answer("question?", True, " ".join(texts), confidence, "test", sentences, citations, notes=notes, searched=3)


def abstention(*texts: str, source: str = "a.txt") -> Answer:
    """The statement that the documents do not hold the answer."""
    passages = tuple(passage(text, source=source) for text in texts)
    return Answer("question?", False, "The 3 documents searched do not answer this question.", 0.07, "test",
                  passages=passages, searched=3)  # fmt: skip
