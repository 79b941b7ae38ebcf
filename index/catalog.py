"""SQLite: the truth. Documents, chunks, vectors and the full-text index, one transaction per document.

Everything else (Chroma) can be rebuilt from here without reading a file or embedding a text again. Vectors are stored
under a digest of what was embedded, so equal texts share one, and a renamed file costs nothing.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.catalog_rows import (
    INFO_COLUMNS,
    SCHEMA,
    StoredChunk,
    document_info,
    marks,
    matrix_of,
    pack_sentences,
    pairs,
    parts,
)
from index.embed import ChunkVectors
from index.errors import StoreError
from index.terms import ParsedQuery, stems
from index.types import Chunk, Document, DocumentInfo, Span, VectorMatrix

SCHEMA_VERSION = "1"
_BUSY_SECONDS = 10
"""A reader waits this long for a writer's commit, which takes milliseconds, before it gives up."""


class Catalog:
    """One SQLite file. Many may read while one writes (write-ahead log); not for use by several threads at once."""

    def __init__(self, path: Path, *, read_only: bool) -> None:
        """Open or create the file.

        :raises StoreError: it is missing (when reading), of another version, or no database.
        """
        self._path = path
        if read_only and not path.exists():
            raise StoreError(
                f"There is no index in {path.parent}; make one with: qa index FOLDER --store {path.parent}"
            )
        try:
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._prepare(read_only)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{path} cannot be read ({error}); {_remedy(error, path.parent)}.") from error

    def _prepare(self, read_only: bool) -> None:
        execute = self._connection.execute
        execute("PRAGMA foreign_keys = ON")
        if read_only:
            execute("PRAGMA query_only = ON")
        else:
            execute("PRAGMA journal_mode = WAL")
            execute("PRAGMA synchronous = FULL")  # a document reported as indexed survives a power cut
            if not execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                with self.transaction():
                    for statement in _statements(SCHEMA):
                        execute(statement)
                    self.set_meta("schema", SCHEMA_VERSION)
        version = self.meta("schema")
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"The index in {self._path.parent} has format {version}, this version reads {SCHEMA_VERSION}; "
                "delete it and index your folder again."
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever another process writes meanwhile."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """A note about the store itself, or None."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Write a note about the store itself."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def generation(self) -> int:
        """A number that changes whenever another connection has written."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    # Documents

    def put(self, document: Document, *, origin: str, content_hash: str, chunks: Sequence[tuple[Chunk, str]]) -> None:
        """Store a document with its chunks and their vector keys, in place of what its source held before.

        ``origin`` is the path of its file, from the store's folder.
        """
        execute = self._connection.execute
        self.remove([document.source])
        execute(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (document.id, document.source, origin, document.title, document.media_type, content_hash,
             json.dumps(document.metadata, ensure_ascii=False), json.dumps(document.notices, ensure_ascii=False),
             len(document.text), len(chunks), document.text),
        )  # fmt: skip
        self._connection.executemany(
            "INSERT INTO spans VALUES (?, ?, ?, ?, ?)",
            [(document.id, span.start, span.end, span.kind, span.label) for span in document.spans],
        )
        source_stems = " ".join(stems(document.source))
        for chunk, key in chunks:
            row = execute(
                "INSERT INTO chunks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                (document.id, chunk.ordinal, chunk.start, chunk.end, chunk.context, chunk.text,
                 json.dumps(chunk.sentences), key),
            ).lastrowid  # fmt: skip
            execute(
                "INSERT INTO terms (rowid, body, context) VALUES (?, ?, ?)",
                (row, " ".join(stems(chunk.text)), f"{' '.join(stems(chunk.context))} {source_stems}"),
            )

    def rename(self, *, old: str, new: str, document_id: str, title: str, origin: str) -> None:
        """Give a document another source and the id that goes with it; chunks and vectors stay."""
        self._connection.execute(
            "UPDATE documents SET source = ?, id = ?, title = ?, origin = ? WHERE source = ?",
            (new, document_id, title, origin, old),
        )
        source_stems = " ".join(stems(new))
        rows = self._connection.execute(
            "SELECT row, context FROM chunks WHERE document_id = ?", (document_id,)
        ).fetchall()
        self._connection.executemany(
            "UPDATE terms SET context = ? WHERE rowid = ?",
            [(f"{' '.join(stems(context))} {source_stems}", row) for row, context in rows],
        )

    def remove(self, sources: Iterable[str]) -> int:
        """Forget documents by source; the number that was there."""
        return sum(
            self._connection.execute("DELETE FROM documents WHERE source = ?", (source,)).rowcount for source in sources
        )

    def content_hashes(self) -> dict[str, str]:
        """Source -> digest of the file it was made from."""
        return dict(self._connection.execute("SELECT source, content_hash FROM documents").fetchall())

    def documents(self) -> list[DocumentInfo]:
        """All documents without their text, by source."""
        rows = self._connection.execute(
            f"SELECT {INFO_COLUMNS} FROM documents ORDER BY source"  # noqa: S608
        )
        return [document_info(row) for row in rows]

    def document_infos(self, ids: Iterable[str]) -> dict[str, DocumentInfo]:
        """Documents without their text, by id; unknown ids are left out."""
        rows = self._select_in(
            f"SELECT {INFO_COLUMNS} FROM documents WHERE id IN",  # noqa: S608
            ids,
        )
        return {row[0]: document_info(row) for row in rows}

    def document(self, source: str) -> Document | None:
        """One document with text and spans."""
        row = self._connection.execute(
            "SELECT id, source, title, text, media_type, metadata, notices FROM documents WHERE source = ?", (source,)
        ).fetchone()
        if row is None:
            return None
        spans = self._connection.execute(
            'SELECT start, "end", kind, label FROM spans WHERE document_id = ? ORDER BY start, "end" DESC', (row[0],)
        )
        return Document(
            id=row[0], source=row[1], title=row[2], text=row[3], media_type=row[4],
            spans=tuple(Span(*span) for span in spans), metadata=json.loads(row[5]), notices=tuple(json.loads(row[6])),
        )  # fmt: skip

    def spans_at(self, document_id: str, position: int) -> list[Span]:
        """Spans of a document around a position, outermost first."""
        rows = self._connection.execute(
            'SELECT start, "end", kind, label FROM spans WHERE document_id = ? AND start <= ? AND "end" > ?'
            ' ORDER BY start, "end" DESC',
            (document_id, position, position),
        )
        return [Span(*row) for row in rows]

    def text_at(self, document_id: str, start: int, end: int) -> str:
        """``text[start:end]`` of a document; empty if there is no such document."""
        row = self._connection.execute(
            "SELECT substr(text, ?, ?) FROM documents WHERE id = ?", (start + 1, end - start, document_id)
        ).fetchone()
        return "" if row is None else str(row[0])

    def counts(self) -> tuple[int, int]:
        """Number of documents and of chunks."""
        row = self._connection.execute(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM chunks)"
        ).fetchone()
        return int(row[0]), int(row[1])

    # Vectors

    def known_vectors(self, keys: Iterable[str]) -> set[str]:
        """Those of ``keys`` that are stored."""
        return {row[0] for row in self._select_in("SELECT key FROM vectors WHERE key IN", keys)}

    def put_vectors(self, vectors: Iterable[tuple[str, ChunkVectors]]) -> None:
        """Store vectors by key."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)",
            [(key, item.vector.astype("<f4").tobytes(), pack_sentences(item.sentences)) for key, item in vectors],
        )

    def drop_unused_vectors(self) -> list[str]:
        """Delete vectors that no chunk has any more; their keys."""
        unused = "SELECT key FROM vectors WHERE NOT EXISTS (SELECT 1 FROM chunks WHERE vector_key = key)"
        keys = [row[0] for row in self._connection.execute(unused)]
        for part in parts(keys):
            self._connection.execute(f"DELETE FROM vectors WHERE key IN ({marks(part)})", part)  # noqa: S608
        return keys

    def vector_keys(self) -> list[str]:
        """Keys of all vectors."""
        return [row[0] for row in self._connection.execute("SELECT key FROM vectors")]

    def vectors_of(self, document_ids: Iterable[str]) -> tuple[list[str], VectorMatrix]:
        """Keys and vectors, in rows, of the chunks of some documents."""
        sql = (
            "SELECT key, vector FROM vectors WHERE key IN (SELECT vector_key FROM chunks WHERE document_id IN"
            " (SELECT value FROM json_each(?)))"
        )
        return matrix_of(self._connection.execute(sql, (json.dumps(sorted(document_ids)),)).fetchall())

    def vectors(self, keys: Sequence[str]) -> tuple[list[str], VectorMatrix]:
        """Keys (those known, in no set order) and their vectors in rows."""
        rows = self._select_in("SELECT key, vector FROM vectors WHERE key IN", keys)
        return matrix_of(rows)

    def all_vectors(self) -> tuple[list[str], VectorMatrix]:
        """Every key and vector."""
        return matrix_of(self._connection.execute("SELECT key, vector FROM vectors").fetchall())

    def sentence_vectors(self, keys: Sequence[str]) -> dict[str, NDArray[np.int8]]:
        """Per key, the chunk's sentence vectors in rows; only their direction has a meaning."""
        rows = self._select_in("SELECT key, length(vector) / 4, sentences FROM vectors WHERE key IN", keys)
        return {key: np.frombuffer(blob, dtype=np.int8).reshape(-1, dimension) for key, dimension, blob in rows}

    # Chunks

    def chunks_by_vector(self, keys: Iterable[str]) -> list[StoredChunk]:
        """All chunks that have one of the vectors."""
        return self._chunks("vector_key", keys)

    def chunks_by_row(self, rows: Iterable[int]) -> list[StoredChunk]:
        """Chunks by row; unknown rows are left out."""
        return self._chunks("row", rows)

    def chunk_from(self, document_id: str, position: int) -> Chunk | None:
        """A document's first chunk that begins at ``position`` or after it."""
        found = self._connection.execute(
            "SELECT row FROM chunks WHERE document_id = ? AND start >= ? ORDER BY start LIMIT 1",
            (document_id, position),
        ).fetchone()
        chunks = self.chunks_by_row([found[0]] if found else [])
        return chunks[0].chunk if chunks else None

    def full_text(self, query: ParsedQuery, *, limit: int, accepted: Set[str] | None) -> list[tuple[int, float]]:
        """Rows of chunks and their BM25 score (higher is better), best first; quoted phrases must be there.

        ``accepted`` are the ids of the documents to search, None for all.
        """
        expression = _match_expression(query)
        if not expression:
            return []
        sql = "SELECT terms.rowid, -bm25(terms, 1.0, ?) AS score FROM terms"
        values: list[object] = [_CONTEXT_WEIGHT]
        if accepted is not None:
            sql += " JOIN chunks ON chunks.row = terms.rowid AND document_id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(accepted)))
        sql += " WHERE terms MATCH ? ORDER BY score DESC LIMIT ?"
        return [(row[0], row[1]) for row in self._connection.execute(sql, (*values, expression, limit))]

    def chunk_counts(self, wanted: Iterable[str]) -> dict[str, int]:
        """In how many chunks (text or context) each stem stands; 0 where in none."""
        wanted = list(wanted)
        counts = dict.fromkeys(wanted, 0)
        for part in parts(wanted):
            sql = f"SELECT term, doc FROM term_counts WHERE term IN ({marks(part)})"  # noqa: S608
            counts.update(self._connection.execute(sql, part))
        return counts

    def stems_like(self, letter: str, length: int) -> list[str]:
        """The stems that begin with a letter and are at most two characters shorter or longer."""
        found = self._connection.execute(
            "SELECT term FROM term_counts WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?",
            (letter, chr(ord(letter) + 1), length - 2, length + 2),
        )
        return [term for (term,) in found]

    def text_with(self, stem: str) -> str:
        """The text of some chunk that holds a stem, and what stands above it; empty if there is none."""
        for row, _ in self.full_text(ParsedQuery((stem,), (), ()), limit=1, accepted=None):
            return self.chunks_by_row([row])[0].chunk.embedding_text
        return ""

    def _chunks(self, column: str, values: Iterable[object]) -> list[StoredChunk]:
        rows = self._select_in(
            'SELECT row, vector_key, document_id, ordinal, start, "end", text, context, sentences FROM chunks'  # noqa: S608
            f" WHERE {column} IN",
            values,
        )
        return [StoredChunk(row[0], row[1], Chunk(*(*row[2:8], pairs(row[8])))) for row in rows]

    def _select_in(self, select: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        return [
            row for part in parts(list(values)) for row in self._connection.execute(f"{select} ({marks(part)})", part)
        ]

    def problems(self) -> list[str]:
        """What SQLite and our own rules find wrong; empty when all is well."""
        try:
            found = [row[0] for row in self._connection.execute("PRAGMA quick_check") if row[0] != "ok"]
        except sqlite3.DatabaseError as error:
            return [f"{self._path} is damaged ({error}); delete {self._path.parent} and index your folder again."]
        checks = {
            "chunks whose text is not in their document": "SELECT count(*) FROM chunks JOIN documents ON"
            ' documents.id = document_id WHERE substr(documents.text, start + 1, "end" - start) <> chunks.text',
            "chunks without a vector": "SELECT count(*) FROM chunks WHERE vector_key NOT IN (SELECT key FROM vectors)",
            "chunks missing from the full-text index": "SELECT count(*) FROM chunks WHERE row NOT IN"
            " (SELECT rowid FROM terms)",
            "documents without chunks": "SELECT count(*) FROM documents WHERE id NOT IN"
            " (SELECT document_id FROM chunks)",
        }
        for name, sql in checks.items():
            if count := self._connection.execute(sql).fetchone()[0]:
                found.append(f"{count} {name}")
        return found


_CONTEXT_WEIGHT = 0.3
"""BM25 weight of headings, title and file name against 1 for the text: they help to find, but do not answer."""


def _match_expression(query: ParsedQuery) -> str:
    """FTS5 expression: any topic word or code-like compound; every quoted phrase."""
    any_of = [f'"{stem}"' for stem in query.stems] + [f'"{" ".join(parts)}"' for parts in query.compounds]
    all_of = [f'"{" ".join(phrase)}"' for phrase in query.phrases]
    if all_of:
        return " AND ".join(all_of)
    return " OR ".join(any_of)


def _remedy(error: sqlite3.DatabaseError, store: Path) -> str:
    """Only a file that is damaged or no database is to be deleted."""
    if "locked" in str(error) or "unable to open" in str(error) or "readonly" in str(error):
        return "another program may be using it: try again, or check that the folder may be read and written"
    return f"delete {store} and index your folder again"


def _statements(script: str) -> Iterator[str]:
    """Single statements: ``executescript`` would commit the transaction it runs in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
