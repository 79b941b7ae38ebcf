"""The catalog: what is put in comes out again, all or nothing, and a damaged file is an error and no crash."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.catalog import SCHEMA_VERSION, Catalog
from index.catalog_rows import pack_sentences, vector_key
from index.embed import ChunkVectors, unit_rows
from index.errors import StoreError
from index.terms import parse_query, stems
from index.types import Chunk, Document, Span


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(tmp_path / "catalog.sqlite", read_only=False)
    yield catalog
    catalog.close()


def document_of(source: str, text: str, **changes: object) -> Document:
    document = Document(f"id of {source}", source, "A title", text, "text/plain")
    return replace(document, **changes)  # type: ignore[arg-type]


def chunks_of(document: Document, *texts: str, context: str = "") -> list[Chunk]:
    chunks, position = [], 0
    for ordinal, text in enumerate(texts):
        start = document.text.index(text, position)
        position = start + len(text)
        chunks.append(Chunk(document.id, ordinal, start, position, text, context, ((start, position),)))
    return chunks


def vectors_for(seed: int, sentences: int = 1) -> ChunkVectors:
    rows = unit_rows(np.random.default_rng(seed).standard_normal((sentences + 1, 8)).astype(np.float32))
    return ChunkVectors(rows[0], rows[1:])


def put(catalog: Catalog, document: Document, chunks: Sequence[Chunk]) -> None:
    with catalog.transaction():
        catalog.put_vectors((vector_key(chunk), vectors_for(place)) for place, chunk in enumerate(chunks))
        catalog.put(
            document,
            origin=f"../{document.source}",
            content_hash=f"hash of {document.source}",
            chunks=[(chunk, vector_key(chunk)) for chunk in chunks],
        )


def found(catalog: Catalog, question: str, accepted: set[str] | None = None) -> list[str]:
    hits = catalog.full_text(parse_query(question), limit=10, accepted=accepted)
    by_row = {stored.row: stored.chunk.text for stored in catalog.chunks_by_row([row for row, _ in hits])}
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
    return [by_row[row] for row, _ in hits]


def test_a_document_comes_out_as_it_was_put_in(catalog: Catalog) -> None:
    text = "Größe 💡.\n\nThe pump. It \x0c stops\u2028here."
    document = document_of(
        "deep/a ä.md",
        text,
        spans=(Span(0, len(text), "section", "H"), Span(0, 8, "heading"), Span(10, len(text), "paragraph", "“x”")),
        metadata={"date": "2026-01-02", "author": "Å"},
        notices=("One page holds no text.",),
    )
    chunks = chunks_of(document, "Größe 💡.", "The pump. It \x0c stops\u2028here.", context="H > I")
    put(catalog, document, chunks)
    assert catalog.document("deep/a ä.md") == document
    assert catalog.document("a") is None
    (info,) = catalog.documents()
    assert (info.source, info.characters, info.chunks, info.origin) == (
        document.source,
        len(text),
        2,
        f"../{document.source}",
    )
    assert (info.metadata, info.notices) == (document.metadata, document.notices)
    assert catalog.document_infos([document.id, "unknown"]) == {document.id: info}
    assert catalog.content_hashes() == {document.source: f"hash of {document.source}"}
    assert catalog.counts() == (1, 2)
    stored = catalog.chunks_by_vector([vector_key(chunk) for chunk in chunks])
    assert sorted((item.chunk for item in stored), key=lambda chunk: chunk.ordinal) == chunks
    assert {item.vector_key for item in stored} == {vector_key(chunk) for chunk in chunks}
    assert catalog.problems() == []


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), st.data())
def test_any_text_is_cut_at_the_same_places_as_in_python(text: str, data: st.DataObject) -> None:
    catalog = Catalog(Path(":memory:"), read_only=False)
    put(catalog, document_of("a", text), [])
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert catalog.text_at("id of a", start, end) == text[start:end]
    assert catalog.document("a") == document_of("a", text)
    catalog.close()


def test_text_of_an_unknown_document_is_empty(catalog: Catalog) -> None:
    assert catalog.text_at("nobody", 0, 10) == ""
    assert catalog.spans_at("nobody", 0) == []


def test_spans_around_a_place_come_outermost_first(catalog: Catalog) -> None:
    spans = (Span(0, 20, "page", "1"), Span(0, 10, "section", "A"), Span(0, 3, "heading"), Span(10, 20, "section", "B"))
    put(catalog, document_of("a", "x" * 20, spans=spans), [])
    assert catalog.spans_at("id of a", 0) == list(spans[:3])
    assert catalog.spans_at("id of a", 10) == [spans[0], spans[3]]
    assert catalog.spans_at("id of a", 20) == []


def test_a_new_version_takes_the_place_of_the_old(catalog: Catalog) -> None:
    old = document_of("a", "The pump stops.")
    put(catalog, old, chunks_of(old, "The pump stops."))
    new = document_of("a", "The lamp glows.", id="another id")
    put(catalog, new, chunks_of(new, "The lamp glows."))
    assert catalog.document("a") == new
    assert catalog.counts() == (1, 1)
    assert found(catalog, "pump") == []
    assert found(catalog, "lamp") == ["The lamp glows."]
    assert catalog.problems() == []


def test_removed_documents_leave_nothing_behind(catalog: Catalog) -> None:
    for source in ("a", "b"):
        document = document_of(source, f"The pump {source} stops. Both wait.")
        put(catalog, document, chunks_of(document, f"The pump {source} stops.", "Both wait."))
    with catalog.transaction():
        assert catalog.remove(["a", "nobody"]) == 1
        dropped = catalog.drop_unused_vectors()
    assert len(dropped) == 1, "the vector of the shared text stays"
    assert len(catalog.vector_keys()) == 2
    assert found(catalog, "pump") == ["The pump b stops."]
    assert catalog.chunk_counts(["pump", "wait", "none"]) == {"pump": 1, "wait": 1, "none": 0}
    assert catalog.spans_at("id of a", 0) == []
    assert catalog.problems() == []


def test_a_renamed_document_keeps_its_chunks_and_is_found_by_its_new_name(catalog: Catalog) -> None:
    document = document_of("old/manual.md", "The pump stops.")
    put(catalog, document, chunks_of(document, "The pump stops."))
    keys = catalog.vector_keys()
    with catalog.transaction():
        catalog.rename(old="old/manual.md", new="guide.md", document_id="new id", title="guide", origin="../guide.md")
    assert catalog.document("old/manual.md") is None
    assert catalog.document("guide.md") == replace(document, id="new id", source="guide.md", title="guide")
    assert catalog.vector_keys() == keys
    assert [stored.chunk.document_id for stored in catalog.chunks_by_vector(keys)] == ["new id"]
    assert found(catalog, "guide") == ["The pump stops."]
    assert found(catalog, "manual") == []
    assert catalog.problems() == []


def test_a_failed_transaction_leaves_no_trace(catalog: Catalog) -> None:
    document = document_of("a", "The pump stops.")

    def fail() -> None:
        with catalog.transaction():
            catalog.put_vectors([("key", vectors_for(1))])
            catalog.put(
                document, origin="", content_hash="", chunks=[(chunks_of(document, "The pump stops.")[0], "key")]
            )
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert catalog.counts() == (0, 0)
    assert catalog.vector_keys() == []
    assert found(catalog, "pump") == []


def test_a_reader_sees_whole_transactions_and_cannot_write(catalog: Catalog, tmp_path: Path) -> None:
    reader = Catalog(tmp_path / "catalog.sqlite", read_only=True)
    before = reader.generation()
    document = document_of("a", "The pump stops.")
    with catalog.transaction():
        catalog.put_vectors([("key", vectors_for(1))])
        catalog.put(document, origin="", content_hash="", chunks=[(chunks_of(document, "The pump stops.")[0], "key")])
        assert reader.counts() == (0, 0)
    assert reader.counts() == (1, 1)
    assert reader.generation() != before
    with pytest.raises(sqlite3.OperationalError):
        reader.set_meta("a", "b")
    reader.close()


# Full text


@pytest.fixture
def library(catalog: Catalog) -> Catalog:
    texts = {
        "battery.md": ["The battery lasts 18 hours.", "Charge the battery pack P40-214 fully."],
        "errors.md": ["ERR-4042 means the zero check failed.", "ERR-4015: the check of zero 4042 pumps."],
        "cafe.md": ["The Café is open, don't worry.", "保証期間は24か月です。"],
    }
    for source, parts in texts.items():
        document = document_of(source, " ".join(parts))
        put(catalog, document, chunks_of(document, *parts, context="Section Harbour"))
    return catalog


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("how long do batteries last", "The battery lasts 18 hours."),
        ("What is ERR-4042?", "ERR-4042 means the zero check failed."),
        ("err4042", "ERR-4042 means the zero check failed."),
        ('"zero check"', "ERR-4042 means the zero check failed."),
        ("18h", "The battery lasts 18 hours."),
        ("P40-214", "Charge the battery pack P40-214 fully."),
        ("CAFE", "The Café is open, don't worry."),
        ("保証", "保証期間は24か月です。"),
    ],
)
def test_full_text_finds(library: Catalog, question: str, first: str) -> None:
    assert found(library, question)[0] == first


@pytest.mark.parametrize(
    "question",
    [
        "",
        "???",
        '"',
        '""',
        "AND OR NOT NEAR",
        "NEAR(battery lamp)",
        "body:x",
        "x*",
        "^x",
        "x AND",
        "(((",
        "'; --",
        "{a b}: c",
        "-x",
        "+",
        "\\",
        "%",
    ],
)
def test_no_question_is_a_syntax_error(library: Catalog, question: str) -> None:
    found(library, question)


def test_every_quoted_phrase_must_be_there(library: Catalog) -> None:
    assert found(library, 'battery "zero check" "check failed"') == ["ERR-4042 means the zero check failed."]
    assert found(library, '"zero check" "battery"') == []
    assert found(library, '"check zero"') == []


def test_headings_and_file_names_help_to_find_but_weigh_less(library: Catalog) -> None:
    assert len(found(library, "harbour")) == 6
    assert found(library, "battery") == found(library, "battery")
    assert set(found(library, "battery")) == {
        "The battery lasts 18 hours.",
        "Charge the battery pack P40-214 fully.",
    }
    assert len(found(library, "errors")) == 2


def test_only_accepted_documents_are_searched(library: Catalog) -> None:
    assert found(library, "zero battery", {"id of battery.md"})
    assert set(found(library, "zero battery", {"id of battery.md"})) <= {
        "The battery lasts 18 hours.",
        "Charge the battery pack P40-214 fully.",
    }
    assert found(library, "battery", set()) == []


_WORDS = st.text(alphabet=st.characters(categories=["L", "N", "M"]), min_size=1, max_size=5)


@settings(max_examples=100)
@given(_WORDS)
def test_every_word_of_a_text_is_found_and_counted(word: str) -> None:
    """SQLite cuts words by its own rules, which must not undo ours."""
    catalog = Catalog(Path(":memory:"), read_only=False)
    document = document_of("x", f"before {word} after")
    put(catalog, document, chunks_of(document, document.text))
    for stem in stems(word):
        assert catalog.chunk_counts([stem]) == {stem: 1}
    if stems(word):
        assert found(catalog, f'"{word}"') == [document.text]
        assert found(catalog, f'"before {word} after"') == [document.text]
    catalog.close()


# Vectors


def test_vectors_come_out_as_they_were_put_in(catalog: Catalog) -> None:
    vectors = {f"key {number}": vectors_for(number, sentences=number % 4) for number in range(2_000)}
    with catalog.transaction():
        catalog.put_vectors(vectors.items())
    keys, matrix = catalog.vectors(list(vectors))
    assert sorted(keys) == sorted(vectors) == sorted(catalog.vector_keys())
    assert all(np.array_equal(row, vectors[key].vector) for key, row in zip(keys, matrix, strict=True))
    assert catalog.known_vectors(["key 1", "key 1999", "unknown"]) == {"key 1", "key 1999"}
    sentences = catalog.sentence_vectors(list(vectors))
    for key, rows in sentences.items():
        expected = vectors[key].sentences
        assert rows.shape == expected.shape
        cosines = (rows * expected).sum(axis=1) / np.linalg.norm(rows.astype(np.float32), axis=1)
        assert np.all(cosines > 0.999)
    assert catalog.all_vectors()[1].shape == (2_000, 8)


def test_no_vectors_are_an_empty_matrix(catalog: Catalog) -> None:
    assert catalog.vectors([])[0] == []
    assert catalog.all_vectors()[1].shape == (0, 0)
    assert catalog.vectors_of(["nobody"])[0] == []
    assert catalog.sentence_vectors([]) == {}


def test_sentence_vectors_of_zero_are_stored() -> None:
    assert pack_sentences(np.zeros((2, 8), dtype=np.float32)) == bytes(16)
    assert pack_sentences(np.zeros((0, 8), dtype=np.float32)) == b""


def test_vectors_of_some_documents(library: Catalog) -> None:
    keys, matrix = library.vectors_of(["id of battery.md", "id of cafe.md", "nobody"])
    assert len(keys) == len(matrix) == 4


def test_equal_chunks_share_a_vector_whatever_their_document(catalog: Catalog) -> None:
    first, second = document_of("a", "Some words."), document_of("b", "xx Some words.")
    (one,), (other,) = chunks_of(first, "Some words."), chunks_of(second, "Some words.")
    assert vector_key(one) == vector_key(other)
    assert vector_key(one) != vector_key(replace(one, context="Heading"))
    assert vector_key(one) != vector_key(replace(one, sentences=((0, 4), (5, 11))))
    put(catalog, first, [one])
    put(catalog, second, [other])
    assert len(catalog.vector_keys()) == 1
    assert len(catalog.chunks_by_vector(catalog.vector_keys())) == 2


# Opening


def test_reading_without_a_store_tells_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="qa index"):
        Catalog(tmp_path / "catalog.sqlite", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("content", [b"", b"no database" * 100, b"SQLite format 3\0" + bytes(5_000)])
def test_a_file_that_is_no_catalog_is_an_error_or_filled_anew(tmp_path: Path, content: bytes, read_only: bool) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(content)
    if content == b"" and not read_only:
        Catalog(path, read_only=False).close()
        return
    with pytest.raises(StoreError, match="index your folder again"):
        Catalog(path, read_only=read_only)


def test_a_catalog_of_another_version_is_refused(catalog: Catalog, tmp_path: Path) -> None:
    catalog.set_meta("schema", "99")
    with pytest.raises(StoreError, match=f"format 99, this version reads {SCHEMA_VERSION}"):
        Catalog(tmp_path / "catalog.sqlite", read_only=True)


def test_damage_inside_is_told(library: Catalog, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE chunks SET text = 'something else' WHERE ordinal = 0")
        connection.execute("DELETE FROM terms WHERE rowid = 1")
        connection.execute("DELETE FROM vectors WHERE key = (SELECT vector_key FROM chunks LIMIT 1)")
    connection.close()
    assert library.problems() == [
        "3 chunks whose text is not in their document",
        "1 chunks without a vector",
        "1 chunks missing from the full-text index",
    ]
