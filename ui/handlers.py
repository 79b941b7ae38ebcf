"""What each button of the page does, from plain values to plain values. Knows the library, and no Gradio."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from index import AnswerableError
from qa import Answer, Turn
from ui import conversation, documents, render
from ui.conversation import Exchange
from ui.library import DEFAULT, Library
from ui.markup import escape
from ui.messages import request_of

RecordFeedback = Callable[..., object]
"""``record(answer, mark, comment=..., history=...)`` with mark "right", "partly" or "wrong"."""

Exchanges = tuple[Exchange, ...]

_MARKS = {"right", "partly", "wrong"}
_LONGEST_QUESTION = 4_000
_LONGEST_COMMENT = 2_000


class DocumentsPart(NamedTuple):
    """What the Documents tab shows. ``busy``: files are still being read, so look again soon."""

    notice: str
    progress: str
    listing: str
    busy: bool


def answer(library: Library, exchanges: Exchanges, question: str, collection: str) -> Iterator[Exchanges]:
    """The conversation with a question, again with each sentence of its answer, and with the whole answer."""
    question = question.strip()[:_LONGEST_QUESTION]
    exchanges = conversation.stopped(exchanges)
    if not question:
        yield exchanges
        return
    before = conversation.history(exchanges, collection)
    exchanges = conversation.asked(exchanges, question, collection)
    yield exchanges
    try:
        for part in library.assistant(collection).stream(question, history=before):
            exchanges = conversation.heard(exchanges, part)
            yield exchanges
    except AnswerableError as error:
        yield conversation.failed(exchanges, str(error))


def again(exchanges: Exchanges, message: str) -> tuple[Exchanges, str, str]:
    """The conversation before its last question, that question, and its collection; empty if another one is meant."""
    if not exchanges or exchanges[-1].number != request_of(message).get("again"):
        return exchanges, "", ""
    return exchanges[:-1], exchanges[-1].question, exchanges[-1].collection


def talk(library: Library, exchanges: Sequence[Exchange], collection: str, *, feedback: bool) -> str:
    """The conversation, or what stands where none has begun."""
    if exchanges:
        return render.conversation(exchanges, feedback=feedback)
    try:
        rows = library.documents(collection)
        return render.welcome(documents=len(rows), examples=library.example_questions(collection, 4) if rows else ())
    except AnswerableError as error:
        return f'<p class="failure" role="alert">{escape(str(error))}</p>'


def mark(record: RecordFeedback, exchanges: Exchanges, message: str) -> Exchanges:
    """Keep what the reader thinks of an answer; messages that are not ours change nothing."""
    request = request_of(message)
    number, value, comment = request.get("number"), request.get("mark"), str(request.get("comment", ""))
    exchange = conversation.find(exchanges, number) if isinstance(number, int) else None
    if exchange is None or exchange.answer is None or value not in _MARKS or exchange.mark:
        return exchanges
    number = exchange.number
    before = tuple(item for item in exchanges if item.number < number)
    turns = conversation.history(before, exchange.collection)
    record(exchange.answer, value, comment=comment[:_LONGEST_COMMENT], history=turns)
    return conversation.marked(exchanges, number, value)


def ask(library: Library, question: str, history: Sequence[dict[str, str]], collection: str) -> dict[str, Any]:
    """One answer as plain data; ``history`` holds {"question": ..., "answer": ...}, oldest first."""
    turns = [Turn(str(turn.get("question", "")), str(turn.get("answer", ""))) for turn in history]
    result: Answer = library.assistant(collection).ask(question.strip()[:_LONGEST_QUESTION], history=turns)
    return result.to_dict()


def shown(library: Library, collection: str, wanted: str, notice: str = "") -> DocumentsPart:
    """The Documents tab as it stands."""
    try:
        jobs = library.jobs(collection)
        rows = library.documents(collection)
        listing = documents.listing(rows, wanted, collection, deletable=collection != DEFAULT)
    except AnswerableError as error:
        return DocumentsPart(documents.notice(str(error), failure=True), "", "", busy=False)
    return DocumentsPart(notice, documents.progress(jobs), listing, any(not job.finished for job in jobs))


def upload(library: Library, collection: str, files: Sequence[tuple[str, str]]) -> str:
    """Add uploaded files (name, temporary path); what to say about it."""
    return _told(lambda: library.add_files(collection, [(shown_name, Path(path)) for shown_name, path in files]))


def add_folder(library: Library, collection: str, folder: str) -> str:
    """Add a folder of the server; what to say about it."""
    return _told(lambda: library.add_folder(collection, folder.strip()))


def change(library: Library, collection: str, message: str) -> str:
    """Remove a document, take that back, or read it again, as a button of the list asks; what to say about it."""
    request = request_of(message)
    if "undo" in request:
        return _told(lambda: library.undo(collection, str(request["undo"])))
    if "reindex" in request:
        return _told(lambda: library.reindex(collection, [str(request["reindex"])]))
    if "remove" not in request:
        return ""
    source = str(request["remove"])
    try:
        token = library.remove(collection, [source])
    except AnswerableError as error:
        return documents.notice(str(error), failure=True)
    return documents.notice(f"{source} was removed.", undo=token)


def create(library: Library, wanted: str) -> tuple[str, str]:
    """Make a collection: its name ("" if it could not be made), and what to say about it."""
    try:
        made = library.create(wanted)
    except AnswerableError as error:
        return "", documents.notice(str(error), failure=True)
    return made, documents.notice(f"The collection {made} was made. Add documents to it.")


def delete(library: Library, collection: str, message: str) -> tuple[str, str]:
    """Delete the collection that a button asks to: the collection to show now, and what to say about it."""
    wanted = str(request_of(message).get("delete", ""))
    try:
        library.delete(wanted)
    except AnswerableError as error:
        return collection if collection in library.names() else DEFAULT, documents.notice(str(error), failure=True)
    return DEFAULT, documents.notice(f"The collection {wanted} was deleted.")


def report(path: Path | None) -> str:
    """The last report of the evals, shut in a frame that can run nothing; or how one is made."""
    try:
        page = path.read_text(encoding="utf-8") if path is not None else ""
    except (OSError, UnicodeDecodeError):
        page = ""
    if not page:
        return (
            '<div class="empty"><h2>No report yet</h2><p>Measure the answers with questions whose answers you know. '
            'Answers that you mark on this page become such questions.</p><pre class="command">qa eval questions.jsonl '
            "--report reports</pre></div>"
        )
    title = "Report of the last evaluation"
    return f'<iframe class="report" sandbox="" title="{title}" srcdoc="{escape(page)}"></iframe>'


def _told(action: Callable[[], object]) -> str:
    """Nothing if all went well: the progress speaks for itself."""
    try:
        action()
    except AnswerableError as error:
        return documents.notice(str(error), failure=True)
    return ""
