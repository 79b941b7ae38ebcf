"""What a button asks to see -> the place in the document, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote as url_quote

from index import Document, UsageError
from index.loaders.pdf_places import PagePicture
from qa import Answer
from ui.conversation import Exchange, find
from ui.evidence import AROUND, Step, View, gone, panel
from ui.library import Library
from ui.markup import Mark
from ui.messages import Request, request_of
from ui.pictures import picture_of

_MOST_AROUND = 4_000_000
_REMOVED = "This document is not in the collection any more. Its words in the answer are as they were."
_CHANGED = "The document has changed since this answer was given. Ask again to see where it stands now."
_NO_FILE = "The file itself is not there any more; this is the text that was read from it."
_NO_BOXES = "The quoted words could not be marked on the picture; they are marked in the text below."


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in a document, and where it stands among its neighbours. ``position`` is like "1 of 3"."""

    source: str
    start: int
    end: int
    quote: str
    number: int
    page: int | None
    heading: str | None


def evidence(library: Library, exchanges: Sequence[Exchange], collection: str, message: str) -> str:
    """The panel for what a button asks for: a citation or passage of an answer, or a whole document."""
    try:
        request = request_of(message)
        if "source" in request:
            return _whole(library, str(request.get("collection", collection)), request)
        return _cited(library, exchanges, request)
    except UsageError as error:
        return gone(str(error))


def _whole(library: Library, collection: str, request: Request) -> str:
    source = str(request["source"])
    try:
        document = library.document(collection, source)
    except UsageError:
        return gone(_REMOVED)
    path, missing = _file(library, collection, source)
    around = _around(request)
    asked: Request = {"source": source, "collection": collection}
    return panel(
        View(document, (), asked, before=around[0], after=around[1], missing=missing,
             download=_address(collection, document) if path else None)
    )  # fmt: skip


def _cited(library: Library, exchanges: Sequence[Exchange], request: Request) -> str:
    exchange = find(exchanges, _number(request, "exchange"))
    if exchange is None or exchange.answer is None:
        raise UsageError("This answer is not in the conversation any more.")
    kind = "citation" if "citation" in request else "passage"
    places = _citations(exchange.answer) if kind == "citation" else _passages(exchange.answer)
    at = next((at for at, place in enumerate(places) if place.number == _number(request, kind)), None)
    if at is None:
        raise UsageError("This place is not in the answer.")
    place = places[at]
    try:
        document = library.document(exchange.collection, place.source)
    except UsageError:
        return gone(_REMOVED)
    if document.text[place.start : place.end] != place.quote:
        return gone(_CHANGED)
    path, missing = _file(library, exchange.collection, place.source)
    picture = _picture(path, document, place)
    marks = tuple(
        Mark(other.start, other.end, other.number, current=other is place)
        for other in places
        if other is place or (kind == "citation" and other.source == place.source)
    )
    around = _around(request)
    return panel(
        View(
            document, marks, {"exchange": exchange.number, kind: place.number}, place.page, place.heading,
            around[0], around[1], f"{at + 1} of {len(places)}",
            _step(exchange, kind, places[at - 1]) if at else None,
            _step(exchange, kind, places[at + 1]) if at + 1 < len(places) else None,
            _address(exchange.collection, document) if path else None, missing, picture,
            _NO_BOXES if picture is not None and not picture.boxes else "",
        )
    )  # fmt: skip


def _citations(answer: Answer) -> list[_Place]:
    return [
        _Place(item.source, item.start, item.end, item.quote, item.number, item.page, item.heading)
        for item in answer.citations
    ]


def _passages(answer: Answer) -> list[_Place]:
    return [
        _Place(item.document.source, item.chunk.start, item.chunk.end, item.chunk.text, number, item.page, item.heading)
        for number, item in enumerate(answer.passages)
    ]


def _step(exchange: Exchange, kind: str, place: _Place) -> Step:
    return Step({"exchange": exchange.number, kind: place.number}, place.source)


def _number(request: Request, key: str) -> int:
    value = request.get(key)
    if not isinstance(value, int):
        raise UsageError("This is no place in a document.")
    return value


def _around(request: Request) -> tuple[int, int]:
    before, after = (request.get(side, AROUND) for side in ("before", "after"))
    if not isinstance(before, int) or not isinstance(after, int):
        return AROUND, AROUND
    return min(max(before, 0), _MOST_AROUND), min(max(after, 0), _MOST_AROUND)


def _file(library: Library, collection: str, source: str) -> tuple[Path | None, str]:
    """The document's file, or else why it cannot be given out."""
    try:
        return library.original(collection, source), ""
    except UsageError:
        return None, _NO_FILE


def _address(collection: str, document: Document) -> str:
    return f"/api/v1/documents/{document.id}/original?collection={url_quote(collection, safe='')}"


def _picture(path: Path | None, document: Document, place: _Place) -> PagePicture | None:
    """The page that the place is on; a quote that goes on overleaf is marked to the page's end."""
    if path is None or document.media_type != "application/pdf":
        return None
    for span in document.spans:
        if span.kind == "page" and span.start <= place.start < span.end:
            quote = (place.start - span.start, min(place.end, span.end) - span.start)
            return picture_of(path, int(span.label), document.text[span.start : span.end], quote)
    return None
