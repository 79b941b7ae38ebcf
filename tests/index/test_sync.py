"""Making the store equal to a folder: nothing is read, embedded or lost without need."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from index import Index, Progress, UsageError

from ..helpers import HashEncoder

Write = Callable[[Mapping[str, str | bytes]], Path]

PUMP = "The pump starts at noon.\n"
LAMP = "The lamp glows in the dark.\n"
BROKEN = b"%PDF-1.7 but nothing that a PDF needs"


@pytest.fixture
def index(store: Path, hash_encoder: HashEncoder) -> Iterator[Index]:
    with Index.open(store, encoder=hash_encoder) as index:
        yield index


def counts(index: Index, *paths: Path, keep_removed: bool = False) -> dict[str, int]:
    """What a sync reports, without zeros."""
    report = index.sync(*paths, keep_removed=keep_removed)
    names = ("added", "updated", "renamed", "unchanged", "removed")
    found = {name: getattr(report, name) for name in names} | {"failed": len(report.failed)}
    assert (report.documents, report.chunks) == (len(index.documents()), index.status().chunks)
    assert index.verify() == []
    return {name: count for name, count in found.items() if count}


def sources(index: Index) -> list[str]:
    return [document.source for document in index.documents()]


def test_new_files_are_added_and_can_be_found(index: Index, write: Write) -> None:
    assert counts(index, write({"pump.txt": PUMP, "deep/lamp.md": LAMP})) == {"added": 2}
    assert sources(index) == ["deep/lamp.md", "pump.txt"]
    assert index.document("pump.txt").text == PUMP
    assert index.search("pump").passages[0].document.source == "pump.txt"


def test_an_empty_folder_is_an_empty_store(index: Index, folder: Path) -> None:
    assert counts(index, folder) == {}
    assert index.search("anything").passages == ()


def test_unchanged_files_are_not_embedded_again(index: Index, write: Write, hash_encoder: HashEncoder) -> None:
    folder = write({"pump.txt": PUMP})
    index.sync(folder)
    os.utime(folder / "pump.txt", (0, 0))
    hash_encoder.encoded.clear()
    assert counts(index, folder) == {"unchanged": 1}
    assert hash_encoder.encoded == []


def test_a_newer_loader_reads_all_files_anew(index: Index, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.txt": "The pump starts.", "b.txt": "The pump stops."})
    index.sync(folder)
    monkeypatch.setattr("index.sync.LOADERS_VERSION", "of tomorrow")
    assert index.sync(folder).updated == 2
    assert index.sync(folder).unchanged == 2


def test_nothing_to_embed_needs_no_encoder(store: Path, write: Write, hash_encoder: HashEncoder) -> None:
    folder = write({"pump.txt": PUMP})
    with Index.open(store, encoder=hash_encoder) as index:
        index.sync(folder)
    with Index.open(store, model="/no/such/model") as index:
        assert counts(index, folder) == {"unchanged": 1}
        (folder / "pump.txt").rename(folder / "other.txt")
        assert counts(index, folder) == {"renamed": 1}


def test_a_changed_file_takes_the_place_of_its_old_version(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP, "b.txt": "The herring came back.\n"})
    index.sync(folder)
    old = index.document("a.txt").id
    write({"a.txt": LAMP})
    assert counts(index, folder) == {"updated": 1, "unchanged": 1}
    assert index.document("a.txt").text == LAMP
    assert index.document("a.txt").id != old
    assert index.search('"pump"').passages == ()
    assert index.search("lamp").passages[0].document.source == "a.txt"


def test_a_change_that_keeps_size_and_time_is_seen(index: Index, write: Write) -> None:
    folder = write({"a.txt": "The pump costs 140.\n"})
    os.utime(folder / "a.txt", (1e9, 1e9))
    index.sync(folder)
    write({"a.txt": "The pump costs 410.\n"})
    os.utime(folder / "a.txt", (1e9, 1e9))
    assert counts(index, folder) == {"updated": 1}


def test_only_changed_paragraphs_are_embedded_again(index: Index, write: Write, hash_encoder: HashEncoder) -> None:
    parts = [f"# Part {word}\n\nThe {word} is here to stay.\n\n" for word in ("pump", "lamp", "fish")]
    folder = write({"a.md": "".join(parts)})
    index.sync(folder)
    hash_encoder.encoded.clear()
    write({"a.md": "".join([*parts[:2], "# Part fish\n\nThe fish has gone away.\n"])})
    assert counts(index, folder) == {"updated": 1}
    assert len(hash_encoder.encoded) == 1
    assert "gone away" in hash_encoder.encoded[0]


def test_a_renamed_file_keeps_its_vectors(index: Index, write: Write, hash_encoder: HashEncoder) -> None:
    folder = write({"old name.txt": PUMP, "lamp.txt": LAMP})
    index.sync(folder)
    keys = index._catalog.vector_keys()
    old = index.document("old name.txt")
    hash_encoder.encoded.clear()
    (folder / "new").mkdir()
    (folder / "old name.txt").rename(folder / "new" / "better.txt")
    assert counts(index, folder) == {"renamed": 1, "unchanged": 1}
    assert hash_encoder.encoded == []
    assert index._catalog.vector_keys() == keys
    assert sources(index) == ["lamp.txt", "new/better.txt"]
    document = index.document("new/better.txt")
    assert (document.title, document.text) == ("better", PUMP)
    assert document.id != old.id
    assert index.search("pump").passages[0].document.source == "new/better.txt"
    assert counts(index, folder) == {"unchanged": 2}


def test_renaming_gives_the_same_as_indexing_anew(index: Index, write: Write, tmp_path: Path) -> None:
    folder = write({"a.md": "# Title\n\n" + PUMP, "b.txt": LAMP, "c.txt": PUMP})
    index.sync(folder)
    (folder / "a.md").rename(folder / "z.md")
    (folder / "b.txt").rename(folder / "y.txt")
    index.sync(folder)
    with Index.open(tmp_path / "anew", encoder=HashEncoder()) as anew:
        anew.sync(folder)
        for source in sources(anew):
            assert index.document(source) == anew.document(source)
        for question in ("pump", "lamp", "title z", "a"):
            assert index.search(question) == anew.search(question)


def test_files_that_swap_their_names_are_updated(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP, "b.txt": LAMP})
    index.sync(folder)
    write({"a.txt": LAMP, "b.txt": PUMP})
    assert counts(index, folder) == {"updated": 2}
    assert (index.document("a.txt").text, index.document("b.txt").text) == (LAMP, PUMP)


def test_removed_files_are_forgotten(index: Index, write: Write) -> None:
    folder = write({"pump.txt": PUMP, "lamp.txt": LAMP})
    index.sync(folder)
    (folder / "pump.txt").unlink()
    assert counts(index, folder) == {"unchanged": 1, "removed": 1}
    assert sources(index) == ["lamp.txt"]
    assert index.search('"pump"').passages == ()
    assert len(index._catalog.vector_keys()) == 1


def test_removed_files_can_be_kept(index: Index, write: Write) -> None:
    folder = write({"pump.txt": PUMP, "lamp.txt": LAMP})
    index.sync(folder)
    (folder / "pump.txt").rename(folder / "moved.txt")
    assert counts(index, folder, keep_removed=True) == {"added": 1, "unchanged": 1}
    assert sources(index) == ["lamp.txt", "moved.txt", "pump.txt"]


def test_uploads_that_the_store_holds_itself_are_kept(index: Index, write: Write) -> None:
    folder = write({"pump.txt": PUMP})
    upload = index.store / "uploads" / "lamp.md"
    upload.parent.mkdir()
    upload.write_text(LAMP)
    index.add({"lamp.md": upload})
    assert counts(index, folder) == {"added": 1}
    assert sources(index) == ["lamp.md", "pump.txt"]
    assert index.remove(["lamp.md"]) == 1


def test_single_files_are_added_without_removing_others(index: Index, write: Write, tmp_path: Path) -> None:
    index.sync(write({"pump.txt": PUMP}))
    (tmp_path / "lamp.txt").write_text(LAMP)
    assert counts(index, tmp_path / "lamp.txt") == {"added": 1}
    assert sources(index) == ["lamp.txt", "pump.txt"]


def test_a_broken_file_is_reported_and_stops_nothing(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP, "b.pdf": BROKEN, "c.txt": b"", "d.txt": LAMP})
    report = index.sync(folder)
    assert (report.added, [failed.source for failed in report.failed]) == (2, ["b.pdf", "c.txt"])
    assert all(failed.error.startswith(failed.source) for failed in report.failed)
    assert sources(index) == ["a.txt", "d.txt"]
    assert counts(index, folder) == {"unchanged": 2, "failed": 2}


def test_a_broken_update_keeps_the_old_version_and_says_so(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP})
    index.sync(folder)
    write({"a.txt": BROKEN})
    report = index.sync(folder)
    assert [failed.error.split("; ")[-1] for failed in report.failed] == ["the version indexed before is kept"]
    assert index.document("a.txt").text == PUMP
    write({"a.txt": LAMP})
    assert counts(index, folder) == {"updated": 1}


def test_a_file_that_vanishes_while_reading_is_reported(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP, "b.txt": LAMP})

    def vanish(progress: Progress) -> None:
        if progress.source == "a.txt":
            (folder / "b.txt").unlink(missing_ok=True)

    report = index.sync(folder, progress=vanish)
    assert (report.added, [failed.source for failed in report.failed]) == (1, ["b.txt"])


def test_notices_of_the_loader_reach_the_user(index: Index, write: Write) -> None:
    report = index.sync(write({"a.txt": "Größe und Maße der Lampe. ".encode() * 9 + b"\xff\xfe"}))
    assert report.notices[0].startswith("a.txt: 2 characters are not valid utf-8")


@pytest.mark.parametrize("stop_at", range(8))
def test_an_interrupted_sync_is_taken_up_where_it_was(
    store: Path, write: Write, hash_encoder: HashEncoder, stop_at: int
) -> None:
    folder = write({f"{word}.txt": f"The {word} is here.\n" for word in ("pump", "lamp", "fish")})
    calls = 0

    def interrupt(_: Progress) -> None:
        nonlocal calls
        calls += 1
        if calls > stop_at:
            raise KeyboardInterrupt

    with Index.open(store, encoder=hash_encoder) as index:
        with pytest.raises(KeyboardInterrupt):
            index.sync(folder, progress=interrupt)
        assert index.verify() == []
    with Index.open(store, encoder=hash_encoder) as index:
        report = index.sync(folder)
        assert report.added + report.unchanged == report.documents == 3
        assert index.verify(repair=True) == []
        assert len(hash_encoder.encoded) == 3, "nothing is embedded twice"
        assert {index.search(word).passages[0].document.source for word in ("pump", "lamp", "fish")} == {
            "pump.txt",
            "lamp.txt",
            "fish.txt",
        }


def test_equal_texts_are_embedded_once(index: Index, write: Write, hash_encoder: HashEncoder) -> None:
    assert counts(index, write({"a.txt": PUMP, "b.txt": PUMP + "\n\n", "c.md": PUMP})) == {"added": 3}
    assert len(hash_encoder.encoded) == 1
    assert len(index._catalog.vector_keys()) == 1


def test_the_same_content_under_two_names_is_two_documents(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP, "b.txt": PUMP})
    assert counts(index, folder) == {"added": 2}
    (passage,) = index.search("pump").passages
    assert (passage.document.source, passage.duplicates) in [("a.txt", ("b.txt",)), ("b.txt", ("a.txt",))]
    (folder / "a.txt").unlink()
    assert counts(index, folder) == {"unchanged": 1, "removed": 1}
    (passage,) = index.search("pump").passages
    assert (passage.document.source, passage.duplicates) == ("b.txt", ())


def test_a_copy_is_added_and_a_copy_of_a_moved_file_is_too(index: Index, write: Write) -> None:
    folder = write({"a.txt": PUMP})
    index.sync(folder)
    write({"b.txt": PUMP})
    assert counts(index, folder) == {"added": 1, "unchanged": 1}
    (folder / "a.txt").rename(folder / "c.txt")
    write({"d.txt": PUMP})
    assert counts(index, folder) == {"added": 1, "renamed": 1, "unchanged": 1}
    assert sources(index) == ["b.txt", "c.txt", "d.txt"]


def test_progress_counts_all_files_and_chunks(index: Index, write: Write) -> None:
    told: list[Progress] = []
    folder = write({"a.txt": PUMP, "b.pdf": BROKEN, "c.txt": LAMP})
    report = index.sync(folder, progress=told.append)
    assert [item.files_done for item in told] == sorted(item.files_done for item in told)
    assert told[-1] == Progress(files_done=3, files_total=3, chunks=report.chunks, source="c.txt")
    assert [(item.source, item.error) for item in told if item.error] == [("b.pdf", report.failed[0].error)]
    told.clear()
    index.sync(folder, progress=told.append)
    assert told[-1].files_done == told[-1].files_total == 3


def test_origin_leads_from_the_store_to_the_file(index: Index, write: Write, store: Path) -> None:
    folder = write({"deep/a.txt": PUMP})
    index.sync(folder)
    (document,) = index.documents()
    assert (store / document.origin).resolve() == (folder / "deep" / "a.txt").resolve()
    assert document.metadata["modified"][:2] == "20"


def test_the_store_may_lie_inside_the_folder(write: Write, hash_encoder: HashEncoder) -> None:
    folder = write({"a.txt": PUMP})
    with Index.open(folder / "store", encoder=hash_encoder) as index:
        assert counts(index, folder) == {"added": 1}
        assert counts(index, folder) == {"unchanged": 1}


def test_a_path_that_is_not_there_changes_nothing(index: Index, write: Write, tmp_path: Path) -> None:
    index.sync(write({"a.txt": PUMP}))
    with pytest.raises(UsageError, match="gone"):
        index.sync(tmp_path / "gone")
    with pytest.raises(UsageError, match="at least one"):
        index.sync()
    assert sources(index) == ["a.txt"]


def test_many_files_are_embedded_in_several_groups(index: Index, write: Write, hash_encoder: HashEncoder) -> None:
    sections = "".join(f"# Part {number}\n\nThe part {{}}{number} is here.\n\n" for number in range(150))
    folder = write({f"{name}.md": sections.replace("{}", name) for name in "abcdefgh"})
    report = index.sync(folder)
    assert (report.added, report.chunks) == (8, 1_200)
    assert len(hash_encoder.encoded) == 1_200
    assert index.search('"part g77"').passages[0].document.source == "g.md"


def test_a_file_that_may_not_be_read_is_reported_and_its_old_version_kept(
    index: Index, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write({"a.txt": PUMP, "b.txt": LAMP})
    index.sync(folder)

    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("index.sync._digest", refuse)
    report = index.sync(folder)
    assert [failed.source for failed in report.failed] == ["a.txt", "b.txt"]
    assert all("Permission denied" in failed.error and "kept" in failed.error for failed in report.failed)
    assert sources(index) == ["a.txt", "b.txt"]


def test_the_same_bytes_under_another_extension_are_read_anew(tmp_path: Path) -> None:
    """A plain text that becomes Markdown gets its headings."""
    folder = tmp_path / "documents"
    folder.mkdir(exist_ok=True)
    (folder / "a.txt").write_text("# Pump\n\nIt needs 12 V.\n")
    with Index.open(tmp_path / "store", encoder=HashEncoder()) as index:
        index.sync(folder)
        (folder / "a.txt").rename(folder / "a.md")
        report = index.sync(folder)
        assert (report.renamed, report.added, report.removed) == (0, 1, 1)
        assert index.document("a.md").media_type == "text/markdown"


def test_a_folder_that_cannot_be_listed_keeps_its_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share that went away, or a folder closed to us, is no reason to forget what was in it."""
    folder = tmp_path / "documents"
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "here.txt").write_text("The harbour opens at six.")
    (folder / "sub" / "there.txt").write_text("The pump needs twelve volts.")
    with Index.open(tmp_path / "store", encoder=HashEncoder()) as index:
        index.sync(folder)
        scandir = os.scandir

        def closed(path: str) -> object:
            if str(path).endswith("sub"):
                raise PermissionError(13, "Permission denied", str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", closed)
        report = index.sync(folder)
        assert report.removed == 0
        assert [failed.source for failed in report.failed] == ["sub/"]
        assert {info.source for info in index.documents()} == {"here.txt", "sub/there.txt"}
