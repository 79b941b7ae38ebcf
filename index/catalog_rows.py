"""The catalog's tables, and what their rows hold as our own types. Pure."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index.types import Chunk, DocumentInfo, VectorMatrix

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE documents (
    id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, origin TEXT NOT NULL, title TEXT NOT NULL,
    media_type TEXT NOT NULL, content_hash TEXT NOT NULL, metadata TEXT NOT NULL, notices TEXT NOT NULL,
    characters INTEGER NOT NULL, chunks INTEGER NOT NULL, text TEXT NOT NULL -- last: a list of documents skips it
);
CREATE TABLE spans (
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE ON UPDATE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL
);
CREATE INDEX spans_by_document ON spans (document_id, start);
CREATE TABLE vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL, sentences BLOB NOT NULL);
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY,
    document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ordinal INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, context TEXT NOT NULL,
    text TEXT NOT NULL, sentences TEXT NOT NULL, vector_key TEXT NOT NULL REFERENCES vectors (key),
    UNIQUE (document_id, ordinal)
);
CREATE INDEX chunks_by_vector ON chunks (vector_key);
CREATE VIRTUAL TABLE terms USING fts5 (body, context, tokenize = ascii); -- stems; it cuts at our spaces only
CREATE VIRTUAL TABLE term_counts USING fts5vocab (terms, row);
CREATE TRIGGER terms_follow_chunks AFTER DELETE ON chunks BEGIN DELETE FROM terms WHERE rowid = old.row; END;
"""
"""The tables; ``index/catalog.py`` makes them."""
INFO_COLUMNS = "id, source, title, media_type, metadata, notices, characters, origin, chunks"
"""Columns of a document in the order of :func:`document_info`."""
_VARIABLES = 900
"""Values per statement: SQLite builds may allow as few as 999."""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk with the row and the vector key that other parts know it by."""

    row: int
    vector_key: str
    chunk: Chunk


def vector_key(chunk: Chunk) -> str:
    """Digest of what decides a chunk's vectors: what is embedded, and where its sentences lie in it."""
    content = json.dumps([chunk.embedding_text, chunk.sentence_offsets_in_embedding_text], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def pack_sentences(matrix: VectorMatrix) -> bytes:
    """Unit rows as int8, a quarter of the size; the angle moves by less than half a degree."""
    if not len(matrix):
        return b""
    scale = 127 / np.abs(matrix).max(axis=1, keepdims=True).clip(min=1e-9)
    return bytes(np.rint(matrix * scale).astype(np.int8).tobytes())


def pairs(stored: str) -> tuple[tuple[int, int], ...]:
    """Half-open pairs of offsets from the form in which they are stored."""
    return tuple((start, end) for start, end in json.loads(stored))


def document_info(row: Sequence[object]) -> DocumentInfo:
    """A document without its text, from :data:`INFO_COLUMNS`."""
    return DocumentInfo(
        id=str(row[0]), source=str(row[1]), title=str(row[2]), media_type=str(row[3]),
        metadata=json.loads(str(row[4])), notices=tuple(json.loads(str(row[5]))), characters=int(str(row[6])),
        origin=str(row[7]), chunks=int(str(row[8])),
    )  # fmt: skip


def matrix_of(rows: Sequence[tuple[str, bytes]]) -> tuple[list[str], VectorMatrix]:
    """Keys and vectors in rows, in the order given."""
    keys = [row[0] for row in rows]
    if not keys:
        return [], np.zeros((0, 0), dtype=np.float32)
    return keys, np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(keys), -1)


def parts(values: list[object] | list[str]) -> Iterator[list[object]]:
    """Values in groups that fit into one statement."""
    for first in range(0, len(values), _VARIABLES):
        yield list(values[first : first + _VARIABLES])


def marks(values: Sequence[object]) -> str:
    """As many placeholders as there are values."""
    return ",".join("?" * len(values))
