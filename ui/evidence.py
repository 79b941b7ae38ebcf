"""A place in a document -> HTML of the panel that shows it: the document's own text with the quote marked. Pure."""

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from index import Document, Span
from index.loaders.pdf_places import PagePicture
from ui.markup import Mark, escape, marked, name

AROUND = 6_000
"""Characters shown on either side of the quote at first."""
MORE = 40_000
"""Characters that "show more" adds."""
_LONGEST_PIECE = 4_000
"""A longer block is shown in pieces, so that a browser lays out only what is seen."""
_BLOCKS = {"heading", "paragraph", "item", "row", "code"}
_LINE_END = re.compile(r"\n[ \t]*\n|\n")
_MARKDOWN_SIGNS = re.compile(r"^#{1,6} |\*\*|__")
"""Shown, since quotes are to the character, but more faintly than the words."""
_KINDS = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/epub+zip": "EPUB", "application/json": "JSON", "application/jsonl": "JSON lines",
    "application/x-ndjson": "JSON lines", "message/rfc822": "E-mail", "text/csv": "CSV", "text/html": "HTML",
    "text/markdown": "Markdown", "text/plain": "Text",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A neighbouring citation: what the button asks for, and what it says."""

    request: dict[str, int | str]
    label: str


@dataclass(frozen=True, slots=True)
class View:
    """What the panel shows. ``marks`` hold at most one that is current: where the panel opens.

    ``request`` is what opened the panel; ``before`` and ``after`` are the characters shown around the place.
    ``position`` is like "1 of 3". ``download`` is an address, None if the file is gone, as ``missing`` then says.
    """

    document: Document
    marks: tuple[Mark, ...]
    request: dict[str, int | str]
    page: int | None = None
    heading: str | None = None
    before: int = AROUND
    after: int = AROUND
    position: str = ""
    previous: Step | None = None
    following: Step | None = None
    download: str | None = None
    missing: str = ""
    picture: PagePicture | None = None
    picture_note: str = ""


def panel(view: View) -> str:
    """The panel: head, page as a picture if there is one, text."""
    return (
        f'<div class="panel">{_head(view)}<div class="panel-body" tabindex="0" role="region" '
        f'aria-label="The document">{_picture(view)}<div class="text-view">{_text(view)}</div></div></div>'
    )


def gone(message: str) -> str:
    """The panel where there is nothing to show any more."""
    return (
        '<div class="panel"><div class="panel-head"><div class="panel-title"><h2 tabindex="-1" id="panel-title">'
        f'Not there any more</h2></div>{_close()}</div><div class="panel-body"><p class="calm" dir="auto">'
        f"{escape(message)}</p></div></div>"
    )


def media_name(media_type: str) -> str:
    """What people call a media type."""
    return _KINDS.get(media_type, media_type.rpartition("/")[2].upper() or "File")


def window(document: Document, place: tuple[int, int], *, before: int, after: int) -> tuple[int, int]:
    """The stretch of a document to show around a place: whole blocks where they are not too long."""
    length = len(document.text)
    start, end = max(0, place[0] - before), min(length, place[1] + after)
    for block in blocks(document.spans):
        if block.start < start < block.end and start - block.start < _LONGEST_PIECE:
            start = block.start
        if block.start < end < block.end and block.end - end < _LONGEST_PIECE:
            end = block.end
    return start, end


def blocks(spans: Sequence[Span]) -> list[Span]:
    """The spans that are blocks of text, in order; they do not overlap."""
    return [span for span in spans if span.kind in _BLOCKS]


def pieces(document: Document, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """All visible text of a stretch, in order, as (start, end, kind of block)."""
    done = start
    for block in blocks(document.spans):
        if block.end <= start or block.start >= end:
            continue
        begin = _line_start(document.text, done, max(block.start, done))
        yield from _lines(document.text, done, begin, "paragraph")
        done = min(block.end, end)
        yield from _cut(document.text, begin, done, block.kind)
    yield from _lines(document.text, done, end, "paragraph")


def _head(view: View) -> str:
    document = view.document
    facts = [media_name(document.media_type)]
    facts += [f"page {view.page}"] if view.page is not None else []
    facts += [escape(view.heading)] if view.heading else []
    named = document.title not in {"", document.source, PurePosixPath(document.source).stem}
    title = escape(document.title) if named else name(document.source)
    file = f'<p class="panel-file" dir="auto">{name(document.source)}</p>' if named else ""
    return (
        f'<div class="panel-head"><div class="panel-title"><h2 tabindex="-1" id="panel-title" dir="auto">'
        f"{title}</h2>{file}"
        f'<p class="panel-facts" dir="auto">{" · ".join(facts)}</p></div>{_close()}'
        f'<div class="panel-tools">{_steps(view)}{_views(view)}{_download(view)}</div></div>'
    )


def _close() -> str:
    return '<button type="button" class="tool close" data-close aria-label="Close the evidence">Close</button>'


def _steps(view: View) -> str:
    if not view.position:
        return ""
    return (
        f'<span class="steps" role="group" aria-label="Citations">{_step(view.previous, "Previous")}'
        f'<span class="position">{escape(view.position)}</span>{_step(view.following, "Next")}</span>'
    )


def _step(step: Step | None, word: str) -> str:
    if step is None:
        return f'<button type="button" class="tool" disabled>{word}</button>'
    return (
        f'<button type="button" class="tool" data-evidence="{escape(json.dumps(step.request))}" data-step="{word}" '
        f'aria-label="{word} citation: {escape(step.label)}">{word}</button>'
    )


def _views(view: View) -> str:
    """Buttons that choose between the printed page and the text; page.js says which is pressed."""
    if view.picture is None:
        return ""
    return (
        '<span class="views" role="group" aria-label="Show as">'
        '<button type="button" class="tool" data-view="page" aria-pressed="true">Page</button>'
        '<button type="button" class="tool" data-view="text" aria-pressed="false">Text</button></span>'
        '<button type="button" class="tool" data-zoom aria-pressed="false">Zoom</button>'
    )


def _download(view: View) -> str:
    if view.download is None:
        return f'<span class="calm small" dir="auto">{escape(view.missing)}</span>' if view.missing else ""
    return f'<a class="tool" href="{escape(view.download)}" download>Download</a>'


def _picture(view: View) -> str:
    """The page as a picture, with boxes over the quoted words."""
    picture = view.picture
    if picture is None:
        return f'<p class="calm small">{escape(view.picture_note)}</p>' if view.picture_note else ""
    boxes = "".join(
        f'<span class="box" style="left:{box.left:.3%};top:{box.top:.3%};width:{box.width:.3%};'
        f'height:{box.height:.3%}"></span>'
        for box in picture.boxes
    )
    data = base64.b64encode(picture.png).decode("ascii")
    label = f"Page {view.page} as it is printed" + (", with the quoted words marked" if picture.boxes else "")
    note = f'<p class="calm small">{escape(view.picture_note)}</p>' if view.picture_note else ""
    return (
        f'<figure class="page-view"><div class="sheet" style="aspect-ratio:{picture.width}/{picture.height}">'
        f'<img src="data:image/png;base64,{data}" alt="{label}" width="{picture.width}" height="{picture.height}">'
        f"{boxes}</div><figcaption>{label}</figcaption>{note}</figure>"
    )


def _text(view: View) -> str:
    document = view.document
    current = next((mark for mark in view.marks if mark.current), None)
    place = (current.start, current.end) if current else (0, 0)
    start, end = window(document, place, before=view.before, after=view.after)
    pages = [span for span in document.spans if span.kind in {"page", "slide", "sheet"}]
    starts = [span.start for span in pages]
    shown: list[str] = []
    told = bisect_right(starts, start) - 1  # the locator that the reader knows to be in
    for begin, stop, kind in pieces(document, start, end):
        here = bisect_right(starts, begin) - 1
        if here != told or (not shown and here >= 0):
            told = here
            shown.append(f'<p class="divider">{pages[here].kind.capitalize()} {escape(pages[here].label)}</p>')
        words = marked(document.text[begin:stop], begin, view.marks)
        if document.media_type == "text/markdown":
            words = _MARKDOWN_SIGNS.sub(r'<span class="sign">\g<0></span>', words)
        around = " here" if current and begin < current.end and current.start < stop else ""
        shown.append(f'<p class="block {kind}{around}" dir="auto">{words}</p>')
    above = _more(view, "before", "Show more above") if start > 0 else ""
    below = _more(view, "after", "Show more below") if end < len(document.text) else ""
    return f'{above}<div class="text">{"".join(shown)}</div>{below}'


def _more(view: View, side: str, label: str) -> str:
    amounts = {"before": view.before, "after": view.after}
    amounts[side] += MORE
    request = escape(json.dumps({**view.request, **amounts}))
    return (
        f'<p class="more"><button type="button" class="tool" data-evidence="{request}" data-more>{label}</button></p>'
    )


def _lines(text: str, start: int, end: int, kind: str) -> Iterator[tuple[int, int, str]]:
    """What stands between blocks, if it is more than white space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield from _cut(text, start, end, kind)


def _line_start(text: str, start: int, end: int) -> int:
    """Where the block at ``end`` begins with the sign before it on its line: a heading's ``##``, a bullet."""
    line = text.rfind("\n", start, end) + 1
    return line if line > start else end if text[start:end].isspace() else start


def _cut(text: str, start: int, end: int, kind: str) -> Iterator[tuple[int, int, str]]:
    """A block as it is, or in pieces of whole lines where it is very long."""
    while end - start > _LONGEST_PIECE:
        stop = start + _LONGEST_PIECE
        breaks = [match.end() for match in _LINE_END.finditer(text, start + 1, stop)]
        stop = breaks[-1] if breaks else stop
        yield start, stop, kind
        start = stop
    if start < end:
        yield start, end, kind
