"""Make the catalog equal to a set of files: what is new, changed, renamed, gone. One transaction per document.

Interrupt it at any time: finished documents stay, and vectors embedded so far are found again by the next run.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from os.path import relpath
from pathlib import Path, PurePath

from index.catalog import Catalog
from index.catalog_rows import vector_key
from index.embed import Encoder, embed_chunks
from index.errors import LoadError
from index.files import SourceFile
from index.load import LOADERS_VERSION, document_id, load
from index.split import split
from index.store import UPLOADS
from index.types import Chunk, Document

_CHUNKS_AT_ONCE = 512
"""Chunks gathered before they are embedded: enough to sort by length across small files, little enough to lose."""


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be read, and why in one sentence."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did. The first five count documents; ``documents`` and ``chunks`` are what the store holds now."""

    added: int
    updated: int
    renamed: int
    unchanged: int
    removed: int
    failed: tuple[FailedFile, ...]
    notices: tuple[str, ...]
    documents: int
    chunks: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is. ``chunks`` counts chunks embedded; ``source`` is the file read last, and ``error`` says why it
    could not be read.
    """

    files_done: int
    files_total: int
    chunks: int
    source: str
    error: str = ""


ProgressCallback = Callable[[Progress], None]


@dataclass
class _Run:
    """Counters of one sync."""

    files_total: int
    report: ProgressCallback | None
    files_done: int = 0
    chunks: int = 0
    added: int = 0
    updated: int = 0
    failed: list[FailedFile] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def tell(self, source: str, error: str = "") -> None:
        if self.report is not None:
            self.report(Progress(self.files_done, self.files_total, self.chunks, source, error))


@dataclass(frozen=True, slots=True)
class _Loaded:
    file: SourceFile
    content_hash: str
    document: Document
    chunks: list[tuple[Chunk, str]]
    """Each with the key of its vector."""


def sync_files(
    catalog: Catalog,
    files: Sequence[SourceFile],
    *,
    store: Path,
    open_encoder: Callable[[], Encoder],
    keep_removed: bool,
    unreadable: Mapping[str, str],
    progress: ProgressCallback | None,
) -> SyncReport:
    """Bring the catalog in line with ``files``. The encoder is opened only if there is something to embed.

    ``unreadable`` are folders that could not be listed (what their sources begin with -> why): nothing is known of
    their documents, so those are kept.
    """
    begun = time.monotonic()
    known = catalog.content_hashes()
    run = _Run(files_total=len(files), report=progress)
    gone = {
        source for source in set(known) - {file.source for file in files} if not source.startswith(tuple(unreadable))
    }
    if not keep_removed:
        gone -= _uploaded(catalog)
    for folder, reason in unreadable.items():
        message = f"The folder {folder or '.'} cannot be listed ({reason}); documents indexed from it before are kept."
        run.failed.append(FailedFile(folder, message))
    pending: list[tuple[SourceFile, str]] = []
    unchanged = 0
    for file in files:
        try:
            digest = _digest(file.path)
        except OSError as error:
            message = f"{file.source}: cannot be read ({error.strerror}); check that it exists and may be read"
            run.failed.append(_failed(file, message, known))
            continue
        if known.get(file.source) == _as_read(digest):
            unchanged += 1
        else:
            pending.append((file, digest))
    run.files_done = len(files) - len(pending)
    run.tell("")
    renamed: list[tuple[SourceFile, str]] = []
    if not keep_removed:
        renamed = _rename(catalog, pending, known, gone, store)
        run.files_done += len(renamed)
        run.tell("")
    moved = set(renamed)
    remaining = [item for item in pending if item not in moved]
    if remaining:
        encoder = open_encoder()
        for group in _groups(_load_all(remaining, known, encoder, run)):
            _embed(catalog, encoder, group, run)
            for loaded in group:
                _put(catalog, loaded, known, store, run)
    removed = 0
    with catalog.transaction():
        if not keep_removed:
            removed = catalog.remove(gone)
        catalog.drop_unused_vectors()
    documents, chunks = catalog.counts()
    return SyncReport(
        added=run.added, updated=run.updated, renamed=len(renamed), unchanged=unchanged, removed=removed,
        failed=tuple(run.failed), notices=tuple(run.notices), documents=documents, chunks=chunks,
        seconds=time.monotonic() - begun,
    )  # fmt: skip


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _as_read(digest: str) -> str:
    """What tells that a document need not be read again: its file's bytes, and what read them."""
    return f"{digest}/{LOADERS_VERSION}"


def _uploaded(catalog: Catalog) -> set[str]:
    """Sources whose file the store itself keeps: that another folder does not hold them says nothing."""
    return {info.source for info in catalog.documents() if PurePath(info.origin).parts[:1] == (UPLOADS,)}


def _rename(
    catalog: Catalog, pending: Sequence[tuple[SourceFile, str]], known: dict[str, str], gone: set[str], store: Path
) -> list[tuple[SourceFile, str]]:
    """Move documents whose file has a new name; ``gone`` loses the old names."""
    by_content: dict[str, list[str]] = {}
    for source in sorted(gone, reverse=True):
        by_content.setdefault(f"{known[source]}{_suffix(source)}", []).append(source)
    renamed = []
    for file, digest in pending:
        same = by_content.get(f"{_as_read(digest)}{_suffix(file.source)}")
        if file.source in known or not same:
            continue
        old = same.pop()
        gone.discard(old)
        document = catalog.document(old)
        assert document is not None
        title = Path(file.source).stem if document.title == Path(old).stem else document.title
        with catalog.transaction():
            catalog.rename(
                old=old, new=file.source, document_id=document_id(file.source, digest), title=title,
                origin=relpath(file.path, store),
            )  # fmt: skip
        renamed.append((file, digest))
    return renamed


def _suffix(source: str) -> str:
    """The same bytes are another document under another extension."""
    return Path(source).suffix.lower()


def _load_all(
    pending: Sequence[tuple[SourceFile, str]], known: dict[str, str], encoder: Encoder, run: _Run
) -> Iterator[_Loaded]:
    """Read and cut each file; what cannot be read is noted and left out."""
    for file, digest in pending:
        run.tell(file.source)
        try:
            document = load(file.path, file.source)
            modified = datetime.fromtimestamp(file.path.stat().st_mtime, tz=UTC).date().isoformat()
        except LoadError as error:
            run.failed.append(_failed(file, str(error), known))
            run.files_done += 1
            run.tell(file.source, run.failed[-1].error)
            continue
        document = replace(document, metadata={**document.metadata, "modified": modified})
        run.notices += [f"{file.source}: {notice}" for notice in document.notices]
        chunks = split(document, token_offsets=encoder.token_offsets, max_tokens=encoder.max_tokens)
        yield _Loaded(file, digest, document, [(chunk, vector_key(chunk)) for chunk in chunks])


def _failed(file: SourceFile, message: str, known: dict[str, str]) -> FailedFile:
    kept = "; the version indexed before is kept" if file.source in known else ""
    return FailedFile(file.source, f"{message}{kept}")


def _groups(loaded: Iterator[_Loaded]) -> Iterator[list[_Loaded]]:
    group: list[_Loaded] = []
    count = 0
    for item in loaded:
        group.append(item)
        count += len(item.chunks)
        if count >= _CHUNKS_AT_ONCE:
            yield group
            group, count = [], 0
    if group:
        yield group


def _embed(catalog: Catalog, encoder: Encoder, group: Sequence[_Loaded], run: _Run) -> None:
    """Store a vector for every chunk of the group that has none yet."""
    chunks = {key: chunk for loaded in group for chunk, key in loaded.chunks}
    known = catalog.known_vectors(chunks)
    new = {key: chunk for key, chunk in chunks.items() if key not in known}
    keys = {chunk.id: key for key, chunk in new.items()}
    last = group[-1].file.source

    def embedded(count: int) -> None:
        run.chunks += count
        run.tell(last)

    waiting = []
    try:
        for chunk, vectors in embed_chunks(encoder, list(new.values()), progress=embedded):
            waiting.append((keys[chunk.id], vectors))
            if len(waiting) >= _CHUNKS_AT_ONCE:
                with catalog.transaction():
                    catalog.put_vectors(waiting)
                waiting = []
    finally:  # also when interrupted
        with catalog.transaction():
            catalog.put_vectors(waiting)


def _put(catalog: Catalog, loaded: _Loaded, known: dict[str, str], store: Path, run: _Run) -> None:
    with catalog.transaction():
        catalog.put(
            loaded.document,
            origin=relpath(loaded.file.path, store),
            content_hash=_as_read(loaded.content_hash),
            chunks=loaded.chunks,
        )
    if loaded.file.source in known:
        run.updated += 1
    else:
        run.added += 1
    run.files_done += 1
    run.tell(loaded.file.source)
