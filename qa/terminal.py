"""Answers, passages and progress as lines for a terminal. No control character of a document reaches it."""

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from index import DocumentInfo, Index, Passage, Progress
from qa.types import Answer, Citation
from qa.wording import counted

_AROUND = 160
"""Characters shown on either side of a quote: about a line each."""
_NEAREST = 3
"""Passages named after an abstention."""


def answer_lines(answer: Answer, index: Index) -> list[str]:
    """The answer with markers, then each source with its quote highlighted where it stands."""
    lines = ["", *(_fill(_answer_words(answer), indent="") if answer.answered else _wrapped(answer.text))]
    for note in answer.notes:
        lines += ["", *_wrapped(f"Note: {note}")]
    if not answer.answered:
        if answer.passages:
            lines += ["", _dim("Nearest passages:")]
        for passage in answer.passages[:_NEAREST]:
            lines += passage_lines(passage)
        return [*lines, _dim(f"(confidence {answer.confidence:.0%})"), ""]
    lines.append("")
    for citation in answer.citations:
        lines += _citation_lines(citation, answer.citations, index)
    searched = counted(answer.searched, "document")
    return [*lines, _dim(f"(confidence {answer.confidence:.0%}, {searched} searched)"), ""]


def passage_lines(passage: Passage) -> list[str]:
    """Where a passage is, and its beginning."""
    where = _where(passage.document.source, passage.page, passage.heading)
    text = _shortened(printable(passage.chunk.text), 2 * _width())
    also = [_dim(f"    also in {printable(', '.join(passage.duplicates))}")] if passage.duplicates else []
    return [f"  {where}", *_wrapped(text, indent="    "), *also]


def document_line(document: DocumentInfo) -> str:
    """One line on a document."""
    size = f"{document.characters:,} characters, {document.chunks} chunks"
    return f"  {printable(document.source)}  {document.media_type}  {size}"


def printable(text: str) -> str:
    """One line of text without control, format and invisible characters."""
    return " ".join(printable_text(text).split())


def printable_text(text: str) -> str:
    """Text with its lines, without characters that a terminal would obey (escapes) or that reorder what is read."""
    return "".join(_visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if category == "Cf":  # invisible: direction marks, joiners, tags
        return ""
    return "�" if category in {"Cc", "Cn", "Co", "Cs"} else character


def read_question() -> str:
    """The next question typed, or "" at the end. One that comes out of a pipe is printed, to stand over its answer."""
    typed = sys.stdin.isatty()
    try:
        question = input("\n? " if typed else "").strip()
    except EOFError:
        return ""
    if question and not typed:
        print(f"\n? {printable(question)}", flush=True)
    return question


class ProgressBar:
    """Files, chunks per second and time left: a bar on a terminal, a line now and then elsewhere. On stderr."""

    _LINE_EVERY = 100
    """Files between two plain lines."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._told = 0

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def update(self, progress: Progress) -> None:
        """Show how far it is."""
        if sys.stderr.isatty():
            self._draw(progress)
        elif progress.files_done - self._told >= self._LINE_EVERY:
            self._told = progress.files_done
            print(f"{progress.files_done} of {progress.files_total} files, {progress.chunks} chunks", file=sys.stderr)

    def _draw(self, progress: Progress) -> None:
        if self._bar is None:
            from tqdm import tqdm

            # What needed no work is no progress: it would make the time left far too short.
            self._bar = tqdm(total=progress.files_total, initial=progress.files_done, unit="file", leave=False)
        self._bar.n = progress.files_done
        rate = progress.chunks / max(self._bar.format_dict["elapsed"], 1e-3)
        name = _shortened(printable(progress.source), 30)
        self._bar.set_postfix_str(f"{progress.chunks} chunks, {rate:.0f}/s {name}")


def _citation_lines(citation: Citation, shown: Sequence[Citation], index: Index) -> list[str]:
    """Source, page and heading; then the quote inside what stands around it, as far as no other quote ``shown``."""
    others = [other for other in shown if other.document_id == citation.document_id]
    first = max([other.end for other in others if other.end <= citation.start], default=0)
    last = min([other.start for other in others if other.start >= citation.end], default=citation.end + _AROUND)
    start, end = max(first, citation.start - _AROUND), min(last, citation.end + _AROUND)
    before = index.text_at(citation.document_id, start, citation.start).rsplit("\n\n", 1)[-1]
    after = index.text_at(citation.document_id, citation.end, end).split("\n\n", 1)[0]
    if len(before) == _AROUND:
        before = f"…{before.split(' ', 1)[-1]}"
    if len(after) == _AROUND:
        after = f"{after.rsplit(' ', 1)[0]}…"
    quote = printable(citation.quote)
    words = [
        *_words(printable(before), _dim),
        *_words(quote if _styled() else f"«{quote}»", _highlight),  # in a pipe no colour sets it apart
        *_words(printable(after), _dim),
    ]
    where = _where(citation.source, citation.page, citation.heading)
    return [f"[{citation.number}] {where}", *_fill(words, indent="    "), ""]


def _answer_words(answer: Answer) -> list[tuple[str, str]]:
    """(plain, styled) per word of the answer with its markers, the short answer in bold."""
    words = []
    for sentence in answer.sentences:
        start, end = sentence.answer or (0, 0)
        for match in re.finditer(r"\S+", sentence.text):
            if plain := printable(match.group()):
                marked = match.start() < end and match.end() > start
                words.append((plain, _bold(plain) if marked else plain))
        words += _words("".join(f"[{number}]" for number in sentence.citations), str)
    return words


def _words(text: str, style: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """(plain, styled) per word, so that lines can be filled by what is seen."""
    return [(word, style(word)) for word in text.split()]


def _fill(words: list[tuple[str, str]], *, indent: str) -> list[str]:
    lines: list[str] = []
    line: list[str] = []
    used = len(indent)
    for plain, styled in words:
        if line and used + 1 + len(plain) > _width():
            lines.append(indent + " ".join(line))
            line, used = [], len(indent)
        line.append(styled)
        used += len(plain) + 1
    return [*lines, indent + " ".join(line)] if line else lines


def _where(source: str, page: int | None, heading: str | None) -> str:
    parts = [_bold(printable(source))]
    if page is not None:
        parts.append(f"page {page}")
    if heading:
        parts.append(printable(heading))
    return ", ".join(parts)


def _wrapped(text: str, *, indent: str = "") -> list[str]:
    return textwrap.wrap(printable(text), width=_width(), initial_indent=indent, subsequent_indent=indent)


def _shortened(text: str, width: int) -> str:
    """The beginning of a text, to the last whole word if it has any."""
    if len(text) <= width:
        return text
    cut = text[: width - 2]
    return f"{cut.rsplit(' ', 1)[0]} …"


def _width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 110)


def _styled() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _style(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if _styled() else text


def _bold(text: str) -> str:
    return _style("1", text)


def _dim(text: str) -> str:
    return _style("2", text)


def _highlight(text: str) -> str:
    return _style("1;33", text)
