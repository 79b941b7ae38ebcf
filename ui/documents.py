"""The documents of a collection and the files that are on their way -> HTML. Pure."""

import json
from collections.abc import Sequence

from ui.collection import DocumentRow
from ui.evidence import media_name
from ui.jobs import Job, JobFile
from ui.markup import count, escape, name

_MOST_ROWS = 200
"""Shown at once; the search box finds the others."""
_MOST_FILES = 100
_STATES = {"waiting": "Waiting", "reading": "Reading", "done": "Ready", "failed": "Failed", "ready": "Ready"}


def listing(rows: Sequence[DocumentRow], wanted: str, collection: str, *, deletable: bool = False) -> str:
    """The documents whose name or title holds all words of ``wanted``; if it may be, a button to delete them all."""
    return _table(rows, wanted, collection) + (_deletion(rows, collection) if deletable else "")


def _table(rows: Sequence[DocumentRow], wanted: str, collection: str) -> str:
    words = wanted.casefold().split()
    found = [row for row in rows if all(word in f"{row.source} {row.title}".casefold() for word in words)]
    if not rows:
        return (
            '<div class="empty"><h2>No documents yet</h2><p>Drop files above: PDF, Word, PowerPoint, Excel, HTML, '
            "Markdown, text, CSV, JSON, e-mail or e-books.</p></div>"
        )
    if not found:
        return f'<div class="empty"><p>No document is called “<bdi>{escape(wanted)}</bdi>”.</p></div>'
    more = (
        f'<p class="quiet">The first {_MOST_ROWS} of {len(found):,}; type above to find others.</p>'
        if len(found) > _MOST_ROWS
        else ""
    )
    body = "".join(_row(row, collection) for row in found[:_MOST_ROWS])
    return (
        f'<table class="documents"><caption>{_summary(rows, found)}</caption><thead><tr><th scope="col">Document</th>'
        '<th scope="col">Type</th><th scope="col" class="number">Size</th><th scope="col" class="number">Pages</th>'
        '<th scope="col" class="number">Chunks</th><th scope="col">Date</th><th scope="col">Status</th>'
        f'<th scope="col"><span class="unseen">Actions</span></th></tr></thead><tbody>{body}</tbody></table>{more}'
    )


def progress(jobs: Sequence[Job]) -> str:
    """The jobs that are not finished, and the last one with what failed in it."""
    running = [job for job in jobs if not job.finished]
    shown = running or list(jobs[-1:])
    return "".join(_job(job) for job in shown)


def notice(text: str, *, undo: str = "", failure: bool = False) -> str:
    """One sentence about what was just done. ``undo``: the token that takes it back."""
    if not text:
        return ""
    button = f'<button type="button" class="tool" data-undo="{escape(undo)}">Undo</button>' if undo else ""
    kind = "failure" if failure else "done"
    return f'<div class="notice {kind}" role="status"><span dir="auto">{escape(text)}</span>{button}</div>'


def size_words(size: int | None) -> str:
    """Bytes as people read them."""
    if size is None:
        return "–"
    if size < 1_000_000:
        return f"{max(size / 1e3, 0.1):,.0f} kB" if size >= 1000 else f"{size} B"
    return f"{size / 1e6:,.1f} MB"


def _summary(rows: Sequence[DocumentRow], found: Sequence[DocumentRow]) -> str:
    failed = sum(row.status == "failed" for row in rows)
    parts = [count(len(rows), "document")]
    parts += [f"{len(found):,} shown"] if len(found) < len(rows) else []
    parts += [f"{failed:,} could not be read"] if failed else []
    return " · ".join(parts)


def _row(row: DocumentRow, collection: str) -> str:
    title = row.title if row.title and row.title not in {row.source, row.source.rpartition(".")[0]} else ""
    shown = name(row.source)
    if row.status == "ready":
        request = escape(json.dumps({"source": row.source, "collection": collection}))
        shown = f'<button type="button" class="open" data-evidence="{request}">{shown}</button>'
    notes = "".join(f'<p class="small calm" dir="auto">{escape(text)}</p>' for text in row.notices)
    error = f'<p class="small error" dir="auto">{_error(row.source, row.error)}</p>' if row.error else ""
    subtitle = f'<p class="small quiet" dir="auto">{escape(title)}</p>' if title else ""
    return (
        f'<tr><th scope="row" dir="auto">{shown}{subtitle}{error}{notes}</th>'
        f'<td data-label="Type">{escape(media_name(row.media_type)) if row.media_type else "–"}</td>'
        f'<td class="number" data-label="Size">{size_words(row.bytes)}</td>'
        f"{_number('Pages', row.pages)}{_number('Chunks', row.chunks)}"
        f'<td data-label="Date">{escape(row.date[:10]) or "–"}</td>'
        f'<td data-label="Status"><span class="status {row.status}">{_STATES[row.status]}</span></td>'
        f'<td class="actions">{_actions(row)}</td></tr>'
    )


def _deletion(rows: Sequence[DocumentRow], collection: str) -> str:
    """A button that deletes the collection; page.js asks the question first."""
    held = f"its {count(len(rows), 'document')}" if rows else "no documents in it"
    question = (
        f"Delete the collection “{name(collection)}” with {held}? What was uploaded to it is deleted too. "
        "This cannot be undone."
    )
    return (
        f'<p class="last"><button type="button" class="tool" data-delete="{escape(collection)}" '
        f'data-confirm="{question}" aria-haspopup="dialog">Delete this collection…</button></p>'
    )


def _number(label: str, value: int | None) -> str:
    return f'<td class="number{"" if value else " none"}" data-label="{label}">{value or "–"}</td>'


def _actions(row: DocumentRow) -> str:
    if row.status in {"waiting", "reading"}:
        return ""
    source, label = escape(row.source), name(row.source)
    again = (
        f'<button type="button" class="tool" data-reindex="{source}" aria-label="Read again: {label}">'
        "Read again</button>"
        if row.status == "ready" or row.bytes is not None  # of a file that failed and is gone, nothing can be read
        else ""
    )
    remove = f'<button type="button" class="tool" data-remove="{source}" aria-label="Remove {label}">Remove</button>'
    return again + remove


def _job(job: Job) -> str:
    total = len(job.files)
    ended = job.done + job.failed
    failed = [file for file in job.files if file.state == "failed"]
    if job.finished:
        head = f"{count(job.done, 'file')} added" if job.done or not failed else "No file was added"
        head += f", {count(len(failed), 'file')} could not be read" if failed else ""
    else:
        head = f"{ended:,} of {count(total, 'file')} read"
    files = [file for file in job.files if not job.finished or file.state == "failed"]
    items = "".join(_file(file) for file in files[:_MOST_FILES])
    rest = f'<li class="quiet">and {len(files) - _MOST_FILES:,} more</li>' if len(files) > _MOST_FILES else ""
    bar = (
        ""
        if job.finished
        else f'<progress max="{total}" value="{ended}" aria-label="Files read">{ended} of {total}</progress>'
    )
    message = f'<p class="small calm">{escape(job.message)}</p>' if job.message else ""
    listed = f'<ul class="files">{items}{rest}</ul>' if items else ""
    told = f'<div role="status"><h2>{head}</h2></div>{bar}{message}{listed}'
    return f'<section class="job" aria-label="Files being added">{told}</section>'


def _file(file: JobFile) -> str:
    error = f'<span class="small error" dir="auto">{_error(file.source, file.error)}</span>' if file.error else ""
    return (
        f'<li><span class="file-name" dir="auto">{name(file.source)}</span>'
        f'<span class="status {file.state}">{_STATES[file.state]}</span>{error}</li>'
    )


def _error(source: str, error: str) -> str:
    """What is wrong with a file; its name stands beside it already."""
    text = error.removeprefix(f"{source}: ")
    return escape(text[:1].upper() + text[1:])
