"""The index as its callers see it: search, filters, readers beside a writer, errors, repair."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from index import Filter, Index, ModelMismatchError, Progress, StoreError, UsageError
from index.embed import Encoder, Encoding

from ..helpers import ROOT, SEEDS, HashEncoder

Write = Callable[[Mapping[str, str | bytes]], Path]

FILES = {
    "manuals/pump.md": "---\ndate: 2025-03-01\n---\n# Pump manual\n\n## Cleaning\n\nRinse the pump with warm water.\n",
    "manuals/lamp.md": "---\ndate: 2026-02-01\n---\n# Lamp manual\n\nThe lamp weighs 300 g. It ships in a box.\n",
    "notes.txt": "Nobody rinsed the lamp in warm weather, because the pump was broken.\n",
    "prices.csv": "Item,Price\nPump,120\nLamp,35\n",
}


@pytest.fixture
def folder_of_four(write: Write) -> Path:
    folder = write(FILES)
    os.utime(folder / "notes.txt", (1_700_000_000, 1_700_000_000))  # 14 November 2023
    return folder


@pytest.fixture
def index(store: Path, folder_of_four: Path) -> Iterator[Index]:
    with Index.open(store, encoder=HashEncoder(max_tokens=60)) as index:
        index.sync(folder_of_four)
        yield index


@pytest.fixture
def reader(index: Index) -> Iterator[Index]:
    """Another opening of the same store, for reading only."""
    with Index.open(index.store, encoder=HashEncoder(max_tokens=60), read_only=True) as reader:
        yield reader


def sources(index: Index, question: str, **filters: object) -> list[str]:
    where = Filter(**filters) if filters else None  # type: ignore[arg-type]
    return [passage.document.source for passage in index.search(question, where=where).passages]


# Searching


@pytest.mark.parametrize("read_only", [False, True])
def test_the_passage_with_the_words_comes_first(index: Index, reader: Index, read_only: bool) -> None:
    result = (reader if read_only else index).search("How do I rinse the pump with water?")
    best = result.passages[0]
    assert (best.document.source, best.heading, best.page) == ("manuals/pump.md", "Pump manual > Cleaning", None)
    assert index.document("manuals/pump.md").text[best.chunk.start : best.chunk.end] == best.chunk.text
    assert len(best.similarities) == len(best.chunk.sentences)
    assert [passage.score for passage in result.passages] == sorted((p.score for p in result.passages), reverse=True)
    assert result.searched == 4
    assert set(result.weights) == {"rins", "pump", "water"}


def test_owner_and_reader_find_the_same(index: Index, reader: Index) -> None:
    for question in ("rinse the pump", "300 g", "who broke it", '"warm water"', "price of a lamp"):
        assert index.search(question) == reader.search(question)


def test_top_k_limits_the_passages(index: Index) -> None:
    assert len(index.search("pump lamp", top_k=2).passages) == 2
    assert len(index.search("pump lamp", top_k=50).passages) >= 4


@pytest.mark.parametrize("question", ["", " ", "?!", '"', '""', "\0", "🙂"])
def test_a_question_without_words_finds_nothing(index: Index, question: str) -> None:
    assert index.search(question).passages == ()


@pytest.mark.parametrize("question", ["zzz unknown", "x" * 10_000, "pump " * 3_000, "AND OR (", "\udcff pump", "İ"])
def test_odd_questions_are_no_errors(index: Index, question: str) -> None:
    index.search(question)


def test_quoted_words_must_stand_as_they_are(index: Index) -> None:
    assert sources(index, '"warm water"') == ["manuals/pump.md"]
    assert sources(index, 'the lamp and "warm weather"') == ["notes.txt"]
    assert sources(index, '"WARM Weathers"') == ["notes.txt"]
    assert sources(index, '"water warm"') == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sources": ("manuals/*",)}, {"manuals/pump.md", "manuals/lamp.md"}),
        ({"sources": ("*.txt", "prices.csv")}, {"notes.txt", "prices.csv"}),
        ({"sources": ("MANUALS/*",)}, set()),
        ({"exclude": frozenset({"notes.txt", "manuals/pump.md"})}, {"manuals/lamp.md", "prices.csv"}),
        ({"media_types": ("text/markdown",)}, {"manuals/pump.md", "manuals/lamp.md"}),
        ({"since": "2025-06-01"}, {"manuals/lamp.md", "prices.csv"}),
        ({"since": "2025-03-01", "until": "2025-03-01"}, {"manuals/pump.md"}),
        ({"until": "2023-11-14"}, {"notes.txt"}),
        ({"sources": ("manuals/*",), "until": "2025-12-31"}, {"manuals/pump.md"}),
        ({"sources": ("nothing",)}, set()),
    ],
)
def test_filters(index: Index, filters: dict[str, object], expected: set[str]) -> None:
    assert set(sources(index, "pump lamp", **filters)) == expected
    assert index.search("pump", where=Filter(**filters)).searched == len(expected)  # type: ignore[arg-type]


def test_what_a_filter_leaves_out_does_not_push_out_what_it_lets_in(write: Write, store: Path) -> None:
    folder = write(
        {f"{n}.txt": f"The pump of house {n} is red.\n" for n in range(60)} | {"one.md": "A pump is blue.\n"}
    )
    with Index.open(store, encoder=HashEncoder()) as index:
        index.sync(folder)
        assert sources(index, "pump of the house", media_types=("text/markdown",)) == ["one.md"]
        assert sources(index, "something else", media_types=("text/markdown",)) == ["one.md"]


def test_neighbouring_chunks_are_one_passage(write: Write, store: Path) -> None:
    text = " ".join(f"The pump number {n} is red." for n in range(12)) + "\n"
    with Index.open(store, encoder=HashEncoder()) as index:
        index.sync(write({"a.txt": text}))
        assert index.status().chunks > 2
        (passage,) = index.search("pump", top_k=20).passages
        assert passage.chunk.text == text.strip()
        assert len(passage.chunk.sentences) == len(passage.similarities) == 12


def test_places_are_told_as_a_reader_looks_for_them(index: Index) -> None:
    text = index.document("prices.csv").text
    document_id = index.document("prices.csv").id
    place = index.locate(document_id, text.index("35"))
    assert (place.page, place.heading) == (None, "row 2")
    assert index.text_at(document_id, 0, 4) == text[:4]
    manual = index.document("manuals/pump.md")
    assert index.locate(manual.id, manual.text.index("Rinse")).heading == "Pump manual > Cleaning"
    assert index.locate("nobody", 0) == (None, None, "")


def test_pages_of_a_pdf_are_told(store: Path, real_encoder: Encoder) -> None:
    with Index.open(store, encoder=real_encoder) as index:
        index.sync(SEEDS / "Meridian P40 user manual.pdf")
        best = index.search("How long does the battery run when it is full?").passages[0]
        assert "18 hours" in best.chunk.text
        assert best.page is not None
        assert 1 < best.page <= 8


# Documents, status, removal


def test_documents_and_status(index: Index) -> None:
    assert [document.source for document in index.documents()] == sorted(FILES)
    status = index.status()
    assert (status.documents, status.model) == (4, "hash")
    assert status.chunks == sum(document.chunks for document in index.documents())
    assert status.bytes > 10_000
    with pytest.raises(UsageError, match=r"no such\.md"):
        index.document("no such.md")


def test_documents_are_removed_by_name_or_pattern(index: Index) -> None:
    assert index.remove(["manuals/*", "notes.txt", "*/pump.md"]) == 3
    assert [document.source for document in index.documents()] == ["prices.csv"]
    assert sources(index, '"warm water"') == []
    assert index.verify(repair=True) == []


def test_removing_an_unknown_name_removes_nothing(index: Index) -> None:
    with pytest.raises(UsageError, match="unknown"):
        index.remove(["notes.txt", "unknown.txt"])
    assert len(index.documents()) == 4


def test_a_name_with_brackets_can_be_removed(index: Index, write: Write) -> None:
    index.sync(write({"a [1].txt": "The pump [1].\n"}))
    assert index.remove(["a [1].txt"]) == 1


# Readers beside a writer


def test_a_reader_sees_each_document_as_soon_as_it_is_written(index: Index, reader: Index, write: Write) -> None:
    assert sources(reader, '"herring"') == []
    seen: list[int] = []
    folder = write({"a.txt": "The herring came.\n", "b.txt": "The herring went.\n"})
    index.sync(folder, progress=lambda _: seen.append(len(reader.documents())))
    assert seen[-1] == 6
    assert 5 in seen
    assert sorted(sources(reader, '"herring"')) == ["a.txt", "b.txt"]
    index.remove(["a.txt"])
    assert sources(reader, '"herring"') == ["b.txt"]
    assert reader.search("anything").searched == 5


class _DisturbedEncoder(HashEncoder):
    """Something happens to the store while a question is read."""

    def __init__(self, disturb: Callable[[], object]) -> None:
        super().__init__(max_tokens=60)
        self.disturb = disturb

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        self.disturb()
        return super().encode(texts)


@pytest.mark.parametrize("gone", [["*"], ["manuals/*"]])
def test_a_search_is_not_disturbed_by_a_writer(index: Index, store: Path, gone: list[str]) -> None:
    """It finds what was there when it began, or what is there now, but nothing in between."""
    with Index.open(store, encoder=_DisturbedEncoder(lambda: index.remove(gone)), read_only=True) as reader:
        result = reader.search("rinse the pump and the lamp")
        assert {passage.document.source for passage in result.passages} == set(FILES)


def test_searching_goes_on_while_files_change(index: Index, store: Path, write: Write) -> None:
    """Twenty updates of four files; each search finds whole documents."""
    errors: list[BaseException] = []
    done = threading.Event()

    def search() -> None:
        try:
            with Index.open(store, encoder=HashEncoder(max_tokens=60), read_only=True) as reader:
                while not done.is_set():
                    for passage in reader.search("rinse the pump and the lamp").passages:
                        assert passage.chunk.text
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    for number in range(20):
        changed = {name: content.replace("pump", f"pump {number}") for name, content in FILES.items()}
        index.sync(write(changed))
    done.set()
    thread.join()
    assert errors == []


def test_one_index_can_be_used_by_several_threads(index: Index) -> None:
    expected = index.search("rinse the pump")
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(index.search("rinse the pump"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 8


def test_files_are_added_under_names_of_ones_own(index: Index, write: Write) -> None:
    folder = write({"temporary-1": "The crane lifts 40 t.", "notes.txt": "New notes."})
    report = index.add({"cranes/big.txt": folder / "temporary-1", "notes.txt": folder / "notes.txt"})
    assert (report.added, report.updated, report.removed, report.documents) == (1, 1, 0, 5)
    assert index.document("cranes/big.txt").text == "The crane lifts 40 t."


def test_a_reader_cannot_write(reader: Index, folder: Path) -> None:
    for write in (lambda: reader.sync(folder), lambda: reader.remove(["*"]), lambda: reader.verify(repair=True)):
        with pytest.raises(StoreError, match="reading only"):
            write()
    assert reader.verify() == []


def test_a_reader_never_loads_chroma_or_torch(index: Index) -> None:
    program = """
import sys
from index import Index
from tests.helpers import HashEncoder
with Index.open(sys.argv[1], encoder=HashEncoder(max_tokens=60), read_only=True) as index:
    assert index.search("rinse the pump").passages
    assert index.status().documents == 4
heavy = {"chromadb", "torch", "sentence_transformers", "nltk", "transformers", "pypdfium2"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program, str(index.store)], cwd=ROOT, check=True)


# Damage and mistakes


def test_reading_a_store_that_is_not_there_makes_none(store: Path) -> None:
    with pytest.raises(StoreError, match="qa index"):
        Index.open(store, read_only=True)
    assert not store.exists()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_of_another_model_is_refused(index: Index, store: Path, folder_of_four: Path, read_only: bool) -> None:
    index.close()
    other = HashEncoder(max_tokens=60, name="other model")
    with Index.open(store, encoder=other, read_only=read_only) as opened:
        with pytest.raises(ModelMismatchError, match=r"made with hash; this is other model"):
            opened.search("pump")
        assert len(opened.documents()) == 4, "documents can be read with any model"
    with Index.open(store, encoder=other) as opened:
        (folder_of_four / "new.txt").write_text("The pump.")
        with pytest.raises(ModelMismatchError, match="--embedding-model"):
            opened.sync(folder_of_four)
        assert len(opened.documents()) == 4


def test_the_vector_index_is_rebuilt_when_it_is_gone(index: Index, store: Path) -> None:
    expected = index.search("rinse the pump")
    index.close()
    for path in store.glob("vectors-*"):
        shutil.rmtree(path)
    with Index.open(store, encoder=HashEncoder(max_tokens=60)) as opened:
        assert opened.search("rinse the pump") == expected


def test_verify_repairs_the_vector_index(index: Index, store: Path) -> None:
    expected = index.search("rinse the pump")
    index.close()
    for path in store.glob("vectors-*/chroma/chroma.sqlite3"):
        path.write_bytes(b"")
    with Index.open(store, encoder=HashEncoder(max_tokens=60)) as opened:
        assert opened.verify() == [], "the catalog is sound"
        assert len(opened.verify(repair=True)) == 1
        assert opened.verify(repair=True) == []
        assert opened.search("rinse the pump") == expected


def test_verify_tells_of_damage(index: Index, store: Path) -> None:
    connection = sqlite3.connect(store / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE documents SET text = upper(text) WHERE source = 'notes.txt'")
    connection.close()
    assert index.verify() == ["1 chunks whose text is not in their document"]


def test_an_interrupted_sync_does_not_leave_the_vector_index_behind(index: Index, write: Write) -> None:
    """In a process that goes on after an interruption, as a server does."""
    index.search("pump")
    folder = write({"new.txt": "The herring came back.\n"})

    def interrupt(progress: Progress) -> None:
        if progress.files_done == progress.files_total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index.sync(folder, progress=interrupt)
    assert index.sync(folder).unchanged == 5
    assert index._chroma is not None
    assert index._chroma.keys() == set(index._catalog.vector_keys())


def test_closing_twice_is_no_error(index: Index) -> None:
    index.close()
    index.close()
