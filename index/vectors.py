"""Chroma: the nearest vectors. A cache of the catalog, checked at open and rebuilt when it is not sound.

Chroma keeps its graph in files that a killed process can leave torn; such a store may take the process down with it
when it is opened. So unless it was closed cleanly and its files are as they were then, a child process opens it first.
Only the process that holds the store's lock may open it at all: a second one loses vectors without an error.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from chromadb.errors import ChromaError

from index.catalog import Catalog
from index.errors import StoreError
from index.types import Vector, VectorMatrix

_COLLECTION = "vectors"
_CONFIGURATION = {"hnsw": {"space": "cosine", "ef_search": 200}}
"""Given at creation, since a later change is ignored; 200 keeps recall at .998 up to 500,000 vectors for 0.2 ms."""
_BATCH = 1_000
"""Rows per call: under Chroma's limit (5,461), few enough for steady progress."""
_MARKER = "clean.json"
_PROBE_SECONDS = 120
_UNSOUND = "The vector index in {} is damaged; it is rebuilt from the catalog."


class ChromaVectors:
    """One collection, keyed like ``Catalog.vectors``. Create it with :func:`open_vectors`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Typed loosely: Chroma's own types leave out what it takes and gives.
        settings: Any = Settings
        connect: Any = chromadb.PersistentClient
        self._client = connect(
            path=str(folder / "chroma"), settings=settings(anonymized_telemetry=False, _env_file=None)
        )
        self._collection = self._client.get_or_create_collection(
            _COLLECTION, configuration=_CONFIGURATION, embedding_function=None
        )
        space = self._collection.configuration_json["hnsw"]["space"]
        if space != "cosine":
            raise StoreError(f"The vector index in {folder} measures {space} distance, not cosine.")
        self._dirty = False
        self._mark_clean()

    def keys(self) -> set[str]:
        """Keys of all stored vectors."""
        return set(self._collection.get(include=[])["ids"])

    def put(self, keys: Sequence[str], matrix: VectorMatrix) -> None:
        """Add vectors in rows; a key that is there already is replaced."""
        self._mark_dirty()
        for first in range(0, len(keys), _BATCH):
            part = slice(first, first + _BATCH)
            self._collection.upsert(ids=list(keys[part]), embeddings=matrix[part])

    def delete(self, keys: Sequence[str]) -> None:
        """Remove vectors; unknown keys are ignored."""
        self._mark_dirty()
        for first in range(0, len(keys), _BATCH):
            self._collection.delete(ids=list(keys[first : first + _BATCH]))

    def nearest(self, vector: Vector, count: int) -> list[tuple[str, float]]:
        """Keys and cosine similarity of the nearest vectors, nearest first."""
        found = self._collection.query(query_embeddings=[vector], n_results=count, include=["distances"])
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    def close(self) -> None:
        """Close the client and note that the files are sound."""
        self._client.close()
        self._dirty = False
        self._mark_clean()

    def _mark_dirty(self) -> None:
        if not self._dirty:
            self._dirty = True
            (self._folder / _MARKER).unlink(missing_ok=True)

    def _mark_clean(self) -> None:
        marker = self._folder / _MARKER
        temporary = marker.with_suffix(".tmp")
        temporary.write_text(json.dumps(_file_states(self._folder)))
        temporary.replace(marker)


def open_vectors(store: Path, catalog: Catalog) -> tuple[ChromaVectors, list[str]]:
    """Open the store's vector index and make it equal to the catalog; also what had to be mended, as sentences.

    Call it only while holding the store's lock.
    """
    notices: list[str] = []
    folder = _current_folder(store)
    if folder is not None and not (_closed_cleanly(folder) or _survives_a_probe(folder)):
        notices.append(_UNSOUND.format(store))
        folder = None
    vectors = None
    if folder is not None:
        try:
            vectors = ChromaVectors(folder)
            notices += reconcile(vectors, catalog)
        except (ChromaError, StoreError, ValueError) as error:
            notices.append(f"{_UNSOUND.format(store)} ({error})")
            vectors = None
    if vectors is None:
        vectors = _rebuild(store, catalog)
    _remove_others(store, keep=vectors._folder)
    return vectors, notices


def reconcile(vectors: ChromaVectors, catalog: Catalog) -> list[str]:
    """Add what the catalog has and Chroma has not, and the reverse."""
    expected, present = set(catalog.vector_keys()), vectors.keys()
    notices = []
    if extra := sorted(present - expected):
        vectors.delete(extra)
        notices.append(f"Removed {len(extra)} vectors that no document has any more.")
    if missing := sorted(expected - present):
        _copy(catalog, vectors, missing)
        notices.append(f"Restored {len(missing)} vectors from the catalog.")
    return notices


def _rebuild(store: Path, catalog: Catalog) -> ChromaVectors:
    """A new index in a new folder: Chroma cannot reuse a path that it has had open in the same process."""
    numbers = [int(path.name.split("-")[1]) for path in store.glob("vectors-*") if path.name.split("-")[1].isdigit()]
    folder = store / f"vectors-{max(numbers, default=0) + 1}"
    folder.mkdir(mode=0o700)
    vectors = ChromaVectors(folder)
    _copy(catalog, vectors, catalog.vector_keys())
    return vectors


def _copy(catalog: Catalog, vectors: ChromaVectors, keys: Sequence[str]) -> None:
    for first in range(0, len(keys), _BATCH):
        found, matrix = catalog.vectors(keys[first : first + _BATCH])
        vectors.put(found, matrix)


def _current_folder(store: Path) -> Path | None:
    folders = sorted(store.glob("vectors-*"), key=lambda path: (len(path.name), path.name))
    return folders[-1] if folders else None


def _remove_others(store: Path, *, keep: Path) -> None:
    for path in store.glob("vectors-*"):
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)


def _file_states(folder: Path) -> dict[str, list[int]]:
    """Size and time of change of each of Chroma's files."""
    return {
        path.relative_to(folder).as_posix(): [(state := path.stat()).st_size, state.st_mtime_ns]
        for path in sorted((folder / "chroma").rglob("*"))
        if path.is_file()
    }


def _closed_cleanly(folder: Path) -> bool:
    try:
        states = json.loads((folder / _MARKER).read_text())
    except (OSError, ValueError):
        return False
    return bool(states == _file_states(folder))


def _survives_a_probe(folder: Path) -> bool:
    """Let a child process open the index and read every vector; a torn file kills the child, not us."""
    command = [sys.executable, "-m", "index.vectors", str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=_PROBE_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def _probe(folder: Path) -> None:
    """Touch everything: each vector by id (a row without its vector raises), and the graph by a query."""
    vectors = ChromaVectors(folder)
    keys = sorted(vectors.keys())
    for first in range(0, len(keys), _BATCH):
        found = vectors._collection.get(ids=keys[first : first + _BATCH], include=["embeddings"])["embeddings"]
        if found is None or len(found) != len(keys[first : first + _BATCH]):
            raise SystemExit(1)
        vectors.nearest(found[0], 10)


if __name__ == "__main__":
    _probe(Path(sys.argv[1]))
