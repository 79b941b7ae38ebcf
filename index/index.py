"""The index: open a store, make it equal to a folder, search it. The one class of this room.

The process that owns the store (``read_only=False``) writes, and searches vectors through Chroma. Any number of others
may read at the same time: they scan the catalog's vectors, see every finished document, and never touch Chroma.
"""

import threading
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from index.catalog import Catalog
from index.catalog_rows import StoredChunk
from index.embed import Encoder, embed_query, open_encoder
from index.errors import ModelMismatchError, StoreError, UsageError
from index.files import SourceFile, find_files
from index.filter import Filter
from index.places import Place, place_in, section_in
from index.scan import CatalogVectors, nearest
from index.search import (
    Candidate,
    collapse,
    inverse_document_frequencies,
    join_neighbours,
    joined_stretches,
    rank,
    similarities,
)
from index.spelling import corrections
from index.split import CHUNKER_VERSION
from index.store import CATALOG, StoreLock, create_store
from index.sync import ProgressCallback, SyncReport, sync_files
from index.terms import ANALYSIS_VERSION, parse_query
from index.types import Chunk, Document, DocumentInfo, Passage, SearchResult, Vector

if TYPE_CHECKING:
    from index.vectors import ChromaVectors

_CANDIDATES = 40
"""Chunks taken from each of the two searches: together they hold the right paragraph for 99.6 % of SQuAD questions."""
_LEXICAL_DEPTH = 400
"""Full-text scores are read this deep, so that a chunk found by its vector has its words counted too."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Chunks that may answer a question, its topic words' weights, and how many documents were searched."""

    candidates: tuple[Candidate, ...]
    weights: dict[str, float]
    searched: int


@dataclass(frozen=True, slots=True)
class Status:
    """What a store holds."""

    store: str
    documents: int
    chunks: int
    model: str
    bytes: int


class Index:
    """An open store. Close it, or use it in a ``with`` statement."""

    def __init__(
        self, *, store: Path, catalog: Catalog, lock: StoreLock | None, open_encoder: Callable[[], Encoder]
    ) -> None:
        """Take finished parts; :meth:`open` is the usual way in."""
        self.store = store
        self._catalog = catalog
        self._lock = lock
        self._make_encoder = open_encoder
        self._encoder: Encoder | None = None
        self._scan = CatalogVectors(catalog)
        self._chroma: ChromaVectors | None = None
        self._guard = threading.RLock()

    @classmethod
    def open(
        cls,
        store: str | Path,
        *,
        model: str | None = None,
        encoder: Encoder | None = None,
        threads: int = 2,
        read_only: bool = False,
    ) -> "Index":
        """Open the store in a folder, which is made if it is not there (unless reading).

        ``model`` is the folder of a sentence-transformers model; None is the shipped one. ``encoder`` is one of your
        own, instead of a model.

        :raises StoreLockedError: another process writes to it.
        :raises StoreError: there is no store (when reading), it is damaged or of another version.
        """
        store = Path(store)
        lock = None
        if not read_only:
            create_store(store)
            lock = StoreLock(store)
            lock.acquire()
        try:
            catalog = Catalog(store / CATALOG, read_only=read_only)
        except BaseException:
            if lock is not None:
                lock.release()
            raise
        make_encoder = partial(open_encoder, model, threads=threads) if encoder is None else lambda: encoder
        return cls(store=store, catalog=catalog, lock=lock, open_encoder=make_encoder)

    def __enter__(self) -> "Index":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all files and give the store free."""
        with self._guard:
            try:
                if self._chroma is not None:
                    self._chroma.close()
                    self._chroma = None
            finally:
                self._catalog.close()
                if self._lock is not None:
                    self._lock.release()

    # Writing

    def sync(
        self,
        *paths: str | Path,
        keep_removed: bool = False,
        progress: ProgressCallback | None = None,
    ) -> SyncReport:
        """Make the store equal to the folders and files given.

        New and changed files (by content) are read, renamed ones get their new name, unchanged ones are left alone, and
        what is in none of the folders is removed unless ``keep_removed``, or its file is an upload, kept in the store's
        own folder. If only files are given, nothing is removed.
        A file that cannot be read is in the report's ``failed`` and stops nothing.

        :raises UsageError: a path is not there.
        """
        self._must_write()
        given = [Path(path) for path in paths]
        if not given:
            raise UsageError("Name at least one folder or file to index.")
        unreadable: dict[str, str] = {}
        files = find_files(given, store=self.store, unreadable=unreadable)
        keep = keep_removed or not any(path.is_dir() for path in given)
        return self._sync(files, unreadable, keep_removed=keep, progress=progress)

    def add(self, files: Mapping[str, str | Path], *, progress: ProgressCallback | None = None) -> SyncReport:
        """Read files under names of your own (source -> path), new or changed; nothing is removed.

        Chroma is made equal when it is next needed: importing it takes longer than reading a few files.
        """
        self._must_write()
        given = [SourceFile(source, Path(files[source])) for source in sorted(files)]
        return self._sync(given, {}, keep_removed=True, progress=progress, open_chroma=False)

    def _sync(
        self, files: Sequence[SourceFile], unreadable: Mapping[str, str], *, keep_removed: bool,
        progress: ProgressCallback | None, open_chroma: bool = True,
    ) -> SyncReport:  # fmt: skip
        with self._guard:
            report = sync_files(
                self._catalog, files, store=self.store.resolve(), open_encoder=self._open_encoder,
                keep_removed=keep_removed, unreadable=unreadable, progress=progress,
            )  # fmt: skip
            changed = report.added or report.updated or report.removed
            if (changed and open_chroma) or self._chroma is not None:
                report = replace(report, notices=(*report.notices, *self._update_chroma()))
        return report

    def remove(self, sources: Sequence[str]) -> int:
        """Remove documents by source or glob pattern; the number removed.

        :raises UsageError: a name matches no document.
        """
        self._must_write()
        with self._guard:
            known = [document.source for document in self._catalog.documents()]
            matched = {
                name: [source for source in known if source == name or fnmatchcase(source, name)] for name in sources
            }
            if missing := [name for name, found in matched.items() if not found]:
                raise UsageError(f"No document is called {missing[0]!r}; `qa status --documents` lists them.")
            with self._catalog.transaction():
                count = self._catalog.remove({source for found in matched.values() for source in found})
                self._catalog.drop_unused_vectors()
            if self._chroma is not None:  # opening it takes seconds, and makes it equal to the catalog anyway
                self._update_chroma()
        return count

    # Reading

    def search(self, question: str, *, top_k: int = 8, where: Filter | None = None) -> SearchResult:
        """The passages that best match a question, best first, at most ``top_k``.

        Words in "double quotes" must stand together in a passage (compared by their stems, like all words).
        """
        with self._guard, self._catalog.snapshot():
            found = self.candidates(question, where=where)
            ranked = collapse(rank(found.candidates, question, found.weights), top_k)
            spans = {place: self._catalog.spans_at(*place) for place in (_begin(item.chunk) for item in ranked)}
            kept = [replace(item, section=section_in(spans[_begin(item.chunk)])) for item in ranked]
            texts = {place: self._catalog.text_at(*place) for place in joined_stretches(kept)}
            joined = join_neighbours(kept, texts)
            ids = {item.chunk.document_id for item in joined} | {other for item in joined for other in item.duplicates}
            infos = self._catalog.document_infos(ids)
            passages = []
            for item in joined:
                chunk = item.chunk
                place = place_in(spans[_begin(chunk)])
                duplicates = tuple(dict.fromkeys(infos[other].source for other in item.duplicates))
                passages.append(
                    Passage(chunk, infos[chunk.document_id], item.score, item.signals, item.similarities, place.page,
                            place.heading, duplicates)
                )  # fmt: skip
            return SearchResult(tuple(passages), found.weights, found.searched)

    def candidates(self, question: str, *, where: Filter | None = None) -> Candidates:
        """What :meth:`search` ranks: the chunks that are best by their words or by their vector, in no set order."""
        with self._guard, self._catalog.snapshot():
            documents, chunks = self._catalog.counts()
            accepted = None
            if where is not None:
                accepted = {document.id for document in self._catalog.documents() if where.accepts(document)}
                documents = len(accepted)
            query = parse_query(question)
            weights = inverse_document_frequencies(self._catalog.chunk_counts(query.stems), chunks)
            if not documents or not query.stems:
                return Candidates((), weights, documents)
            vector = embed_query(self._open_encoder(), question)
            lexical = dict(self._catalog.full_text(query, limit=_LEXICAL_DEPTH, accepted=accepted))
            found = self._chunks_near(vector, lexical, accepted, only_lexical=bool(query.phrases))
            return Candidates(tuple(self._candidates(found, vector, lexical)), weights, documents)

    def corrections(self, question: str) -> dict[str, str]:
        """Mistyped words of a question and the documents' words that were meant; see :mod:`index.spelling`."""
        with self._guard, self._catalog.snapshot():
            counts = self._catalog.chunk_counts(parse_query(question).stems)
            if all(counts.values()) or not self._catalog.counts()[0]:
                return {}
            return corrections(
                question, frozenset(stem for stem, count in counts.items() if count),
                stems_like=self._catalog.stems_like, text_with=self._catalog.text_with,
                token_offsets=self._open_encoder().token_offsets,
            )  # fmt: skip

    def locate(self, document_id: str, position: int) -> Place:
        """Where a reader of the document finds a character of it."""
        with self._guard:
            return place_in(self._catalog.spans_at(document_id, position))

    def section_of(self, chunk: Chunk) -> int:
        """Where the innermost section, slide or sheet begins that a chunk's first sentence stands in; 0 if in none."""
        with self._guard:
            return section_in(self._catalog.spans_at(*_begin(chunk)))

    def text_at(self, document_id: str, start: int, end: int) -> str:
        """A document's ``text[start:end]``; empty if there is no such document."""
        with self._guard:
            return self._catalog.text_at(document_id, start, end)

    def chunk_from(self, document_id: str, position: int) -> Chunk | None:
        """A document's first chunk that begins at ``position`` or after it; None at the document's end."""
        with self._guard:
            return self._catalog.chunk_from(document_id, position)

    def documents(self) -> list[DocumentInfo]:
        """All documents, by source."""
        with self._guard:
            return self._catalog.documents()

    def document(self, source: str) -> Document:
        """One document with its text.

        :raises UsageError: there is none of that name.
        """
        with self._guard:
            document = self._catalog.document(source)
        if document is None:
            raise UsageError(f"No document is called {source!r}; `qa status --documents` lists them.")
        return document

    def status(self) -> Status:
        """What the store holds; opens no model."""
        with self._guard:
            documents, chunks = self._catalog.counts()
            size = sum(path.stat().st_size for path in self.store.rglob("*") if path.is_file())
            return Status(str(self.store), documents, chunks, self._catalog.meta("model") or "none yet", size)

    def verify(self, *, repair: bool = False) -> list[str]:
        """What is wrong with the store, as sentences; empty when all is well.

        With ``repair`` the vector index is made equal to the catalog, rebuilt if need be, and what was mended is said.
        """
        with self._guard:
            problems = self._catalog.problems()
            if repair:
                self._must_write()
                problems += self._update_chroma()
            return problems

    # Parts

    def _must_write(self) -> None:
        if self._lock is None:
            raise StoreError(f"The store {self.store} was opened for reading only.")

    def _open_encoder(self) -> Encoder:
        """The encoder the store was made with, opened at first need."""
        if self._encoder is None:
            encoder = self._make_encoder()
            made = f"{encoder.fingerprint}/{CHUNKER_VERSION}/{ANALYSIS_VERSION}"
            stored = self._catalog.meta("fingerprint")
            if stored is None and self._lock is not None:
                with self._catalog.transaction():
                    self._catalog.set_meta("fingerprint", made)
                    self._catalog.set_meta("model", encoder.name)
            elif stored is not None and stored != made:
                raise ModelMismatchError(
                    f"The index in {self.store} was made with {self._catalog.meta('model')}; this is {encoder.name}"
                    f"{'' if stored.split('/')[0] != encoder.fingerprint else ' of another version'}. Name that model "
                    "with --embedding-model, or index your folder into a new store."
                )
            self._encoder = encoder
        return self._encoder

    def _update_chroma(self) -> list[str]:
        """Make Chroma equal to the catalog; what had to be mended beyond that, as sentences."""
        from index.vectors import open_vectors, reconcile

        if self._chroma is None:
            self._chroma, notices = open_vectors(self.store, self._catalog)
            return notices
        reconcile(self._chroma, self._catalog)
        return []

    def _chunks_near(
        self, vector: Vector, lexical: dict[int, float], accepted: Set[str] | None, *, only_lexical: bool
    ) -> list[StoredChunk]:
        """Chunks that are best by words or by vector; with quoted phrases only those that hold them."""
        found = {stored.row: stored for stored in self._catalog.chunks_by_row(list(lexical)[:_CANDIDATES])}
        if only_lexical:
            return list(found.values())
        if accepted is not None:
            near = nearest(*self._catalog.vectors_of(accepted), vector, _CANDIDATES)
        elif self._lock is None:
            near = self._scan.nearest(vector, _CANDIDATES)
        else:
            if self._chroma is None:
                self._update_chroma()
            assert self._chroma is not None
            near = self._chroma.nearest(vector, _CANDIDATES)
        for stored in self._catalog.chunks_by_vector([key for key, _ in near]):
            if accepted is None or stored.chunk.document_id in accepted:
                found[stored.row] = stored
        return list(found.values())

    def _candidates(self, found: Sequence[StoredChunk], vector: Vector, lexical: dict[int, float]) -> list[Candidate]:
        keys = list({stored.vector_key for stored in found})
        known, matrix = self._catalog.vectors(keys)
        semantic = dict(zip(known, (matrix @ vector).tolist(), strict=True)) if known else {}
        sentences = self._catalog.sentence_vectors(keys)
        return [
            Candidate(
                stored.chunk,
                lexical.get(stored.row, 0.0),
                semantic[stored.vector_key],
                similarities(vector, sentences[stored.vector_key]),
            )
            for stored in found
        ]


def _begin(chunk: Chunk) -> tuple[str, int]:
    """The document's id, and where in it a chunk's first sentence begins."""
    return chunk.document_id, chunk.sentences[0][0] if chunk.sentences else chunk.start
