"""Chroma is a cache of the catalog: it is mended or rebuilt, and damage never ends the process."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.catalog import Catalog
from index.embed import ChunkVectors, unit_rows
from index.scan import CatalogVectors, nearest
from index.types import VectorMatrix
from index.vectors import ChromaVectors, open_vectors, reconcile


def rows(count: int, seed: int = 0) -> VectorMatrix:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, 8)).astype(np.float32))


def fill(catalog: Catalog, *keys: str) -> None:
    """Store a vector under each key, always the same for the same key."""
    with catalog.transaction():
        catalog.put_vectors((key, ChunkVectors(rows(1, seed=ord(key[0]) + len(key))[0], rows(0))) for key in keys)


@pytest.fixture
def catalog(store: Path) -> Iterator[Catalog]:
    """A catalog with five vectors, which no chunk uses."""
    store.mkdir()
    catalog = Catalog(store / "catalog.sqlite", read_only=False)
    fill(catalog, *"abcde")
    yield catalog
    catalog.close()


@pytest.fixture
def opened(store: Path, catalog: Catalog) -> Path:
    """The folder of a sound index that was closed."""
    vectors, notices = open_vectors(store, catalog)
    assert notices == []
    vectors.close()
    return next(store.glob("vectors-*"))


def is_sound(store: Path, catalog: Catalog) -> list[str]:
    """Open, compare with the catalog, close; the notices."""
    vectors, notices = open_vectors(store, catalog)
    assert vectors.keys() == set(catalog.vector_keys())
    keys, matrix = catalog.all_vectors()
    for key, row in zip(keys, matrix, strict=True):
        ((found, similarity),) = vectors.nearest(row, 1)
        assert found == key
        assert similarity == pytest.approx(1, abs=1e-5)
    vectors.close()
    assert len(list(store.glob("vectors-*"))) == 1
    return notices


def test_a_new_index_holds_what_the_catalog_holds(store: Path, catalog: Catalog) -> None:
    assert is_sound(store, catalog) == []
    assert is_sound(store, catalog) == []


def test_an_empty_catalog_has_an_empty_index(store: Path) -> None:
    store.mkdir()
    catalog = Catalog(store / "catalog.sqlite", read_only=False)
    vectors, notices = open_vectors(store, catalog)
    assert (vectors.keys(), notices) == (set(), [])
    assert vectors.nearest(rows(1)[0], 5) == []
    vectors.close()
    catalog.close()


def test_the_nearest_come_first_as_in_an_exact_scan(store: Path, catalog: Catalog) -> None:
    vectors, _ = open_vectors(store, catalog)
    query = rows(1, seed=7)[0]
    exact = CatalogVectors(catalog).nearest(query, 3)
    found = vectors.nearest(query, 3)
    assert [key for key, _ in found] == [key for key, _ in exact]
    assert [value for _, value in found] == pytest.approx([value for _, value in exact], abs=1e-5)
    assert len(vectors.nearest(query, 50)) == 5
    vectors.close()


def test_a_scan_follows_the_changes_of_another_process(store: Path, catalog: Catalog) -> None:
    reader = Catalog(store / "catalog.sqlite", read_only=True)
    scan = CatalogVectors(reader)
    query = rows(1, seed=7)[0]
    changes: list[Callable[[], object]] = [
        lambda: None, lambda: fill(catalog, "f", "gg"), lambda: None, catalog.drop_unused_vectors,
        lambda: fill(catalog, "hhh", "a"), lambda: fill(catalog, "b"),
    ]  # fmt: skip
    for change in changes:
        change()
        assert scan.nearest(query, 50) == CatalogVectors(reader).nearest(query, 50)
    assert len(scan.nearest(query, 50)) == 3
    reader.close()


def test_reconciling_adds_what_is_missing_and_removes_what_is_too_much(store: Path, catalog: Catalog) -> None:
    vectors, _ = open_vectors(store, catalog)
    assert reconcile(vectors, catalog) == []
    vectors.put(["x", "y"], rows(2))
    vectors.delete(["a", "unknown"])
    assert reconcile(vectors, catalog) == [
        "Removed 2 vectors that no document has any more.",
        "Restored 1 vectors from the catalog.",
    ]
    assert vectors.keys() == set("abcde")
    vectors.close()
    assert is_sound(store, catalog) == []


def test_what_changed_while_it_was_closed_is_taken_over(store: Path, catalog: Catalog, opened: Path) -> None:
    fill(catalog, "f", "g")
    with catalog.transaction():
        catalog._connection.execute("DELETE FROM vectors WHERE key = 'a'")
    assert is_sound(store, catalog) == [
        "Removed 1 vectors that no document has any more.",
        "Restored 2 vectors from the catalog.",
    ]
    assert opened.exists(), "what is sound is mended, not rebuilt"


def test_more_vectors_than_fit_into_one_call(store: Path, catalog: Catalog) -> None:
    with catalog.transaction():
        catalog.put_vectors((f"key {number}", ChunkVectors(row, rows(0))) for number, row in enumerate(rows(2_500)))
    vectors, _ = open_vectors(store, catalog)
    assert len(vectors.keys()) == 2_505
    with catalog.transaction():
        catalog.drop_unused_vectors()
    reconcile(vectors, catalog)
    assert vectors.keys() == set()
    vectors.close()


def test_a_deleted_folder_is_made_again(store: Path, catalog: Catalog, opened: Path) -> None:
    shutil.rmtree(opened)
    assert is_sound(store, catalog) == []


def files_of(folder: Path, pattern: str) -> list[Path]:
    found = [path for path in folder.rglob(pattern) if path.is_file()]
    assert found
    return found


def truncate(path: Path) -> None:
    path.write_bytes(b"")


def garble(path: Path) -> None:
    path.write_bytes(bytes(number * 7 % 256 for number in range(max(512, path.stat().st_size))))


def delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("pattern", "damage"), [("chroma.sqlite3", truncate), ("*.bin", garble), ("*", garble), ("*", delete)]
)
def test_damaged_files_are_noticed_and_rebuilt(
    store: Path, catalog: Catalog, opened: Path, pattern: str, damage: Callable[[Path], None]
) -> None:
    for path in files_of(opened, pattern):
        damage(path)
    assert is_sound(store, catalog) != [] or pattern == "*.bin", "so few vectors are in the database too"
    assert is_sound(store, catalog) == []


def test_a_torn_graph_of_many_vectors_is_rebuilt(store: Path, catalog: Catalog) -> None:
    """Beyond a thousand vectors Chroma drops them from its database, and the graph's files are all there is."""
    with catalog.transaction():
        catalog.put_vectors((f"key {number}", ChunkVectors(row, rows(0))) for number, row in enumerate(rows(1_500)))
    vectors, _ = open_vectors(store, catalog)
    vectors.close()
    for path in files_of(store, "*.bin"):
        truncate(path)
    vectors, notices = open_vectors(store, catalog)
    assert notices != []
    keys, matrix = catalog.vectors([f"key {number}" for number in range(0, 1_500, 50)])
    assert [vectors.nearest(row, 1)[0][0] for row in matrix] == keys
    vectors.close()


def test_a_process_that_was_killed_leaves_no_marker_and_its_index_is_probed(
    store: Path, catalog: Catalog, opened: Path
) -> None:
    (opened / "clean.json").unlink()
    assert is_sound(store, catalog) == [], "the files are sound although nobody said so"
    assert (opened / "clean.json").exists()


def test_a_damaged_marker_does_not_matter(store: Path, catalog: Catalog, opened: Path) -> None:
    (opened / "clean.json").write_text("[1")
    assert is_sound(store, catalog) == []


def test_the_marker_is_gone_while_there_are_changes(store: Path, catalog: Catalog) -> None:
    vectors, _ = open_vectors(store, catalog)
    vectors.put(["x"], rows(1))
    (folder,) = store.glob("vectors-*")
    assert not (folder / "clean.json").exists()
    vectors.close()
    assert (folder / "clean.json").exists()


def test_left_over_folders_are_removed(store: Path, catalog: Catalog, opened: Path) -> None:
    shutil.copytree(opened, store / "vectors-0")
    (store / "vectors-x").mkdir()
    is_sound(store, catalog)


def test_an_index_of_another_distance_is_rebuilt(
    store: Path, catalog: Catalog, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(opened)
    opened.mkdir()
    monkeypatch.setattr("index.vectors._CONFIGURATION", {"hnsw": {"space": "l2"}})
    with pytest.raises(Exception, match="l2"):
        ChromaVectors(opened)
    monkeypatch.undo()
    (notice,) = is_sound(store, catalog)
    assert "rebuilt" in notice


# The exact scan


def test_the_scan_orders_equal_vectors_by_key() -> None:
    matrix = np.repeat(rows(1), 4, axis=0)
    assert [key for key, _ in nearest(list("dbca"), matrix, matrix[0], 4)] == list("abcd")
    assert len(nearest(list("dbca"), matrix, matrix[0], 2)) == 2
    assert nearest([], np.zeros((0, 0), dtype=np.float32), matrix[0], 5) == []


def test_the_scan_reads_again_what_another_process_changed(store: Path, catalog: Catalog) -> None:
    reader = Catalog(store / "catalog.sqlite", read_only=True)
    scan = CatalogVectors(reader)
    query = rows(1)[0]
    assert len(scan.nearest(query, 10)) == 5
    fill(catalog, "f")
    assert len(scan.nearest(query, 10)) == 6
    reader.close()
