"""Choosing the loader, and refusing what cannot be read."""

import os
from pathlib import Path

import pytest

import index.load
from index.errors import LoadError
from index.load import SUPPORTED_EXTENSIONS, content_hash, document_id, load


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_document_names_its_source_and_version(tmp_path: Path) -> None:
    path = write(tmp_path / "notes.txt", b"Some words.")
    document = load(path, "folder/notes.txt")
    assert document.source == "folder/notes.txt"
    assert document.title == "notes"
    assert document.media_type == "text/plain"
    assert document.id == document_id("folder/notes.txt", content_hash(b"Some words."))
    assert len(document.id) == 32


def test_id_changes_with_source_and_contents() -> None:
    ids = {document_id(source, content_hash(data)) for source in ("a", "b") for data in (b"x", b"y")}
    assert len(ids) == 4


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf\n"])
@pytest.mark.parametrize("extension", [".txt", ".md", ".csv", ".json", ".html"])
def test_files_without_text_are_refused(tmp_path: Path, extension: str, data: bytes) -> None:
    path = write(tmp_path / f"a{extension}", data)
    with pytest.raises(LoadError, match=r"a\.\w+: holds no text"):
        load(path, path.name)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.bin", bytes(range(256)) * 4, "binary data with the extension '.bin'"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(64), "a PNG image"),
        ("a.pdf", b"MZ\x90\0" + bytes(64), "a Windows program"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "an Office file of the old kind or with a password"),
        ("a.zip", b"PK\3\4" + bytes(64), "a zip archive"),
    ],
)
def test_foreign_files_are_named(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    with pytest.raises(LoadError) as caught:
        load(write(tmp_path / name, data), name)
    assert str(caught.value).startswith(
        f"{name}: is not a kind of file we read ({kind}); convert it to one of: csv, docx"
    )


def test_binary_data_named_as_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"a\.txt: holds binary data"):
        load(write(tmp_path / "a.txt", bytes(range(256)) * 4), "a.txt")


def test_web_page_with_another_extension_is_read_as_one(tmp_path: Path) -> None:
    document = load(write(tmp_path / "a.pdf", b"<!DOCTYPE html><html><body><p>Hello.</p></body></html>"), "a.pdf")
    assert (document.media_type, document.text) == ("text/html", "Hello.")


def test_text_without_extension_is_plain_text(tmp_path: Path) -> None:
    assert load(write(tmp_path / "README", b"Read me first."), "README").media_type == "text/plain"


def test_missing_file_and_too_large_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LoadError, match=r"gone\.txt: cannot be opened \(No such file"):
        load(tmp_path / "gone.txt", "gone.txt")
    monkeypatch.setattr(index.load, "MAX_FILE_BYTES", 10)
    with pytest.raises(LoadError, match=r"a\.txt: has 11 bytes, more than the 10 we read"):
        load(write(tmp_path / "a.txt", b"Hello world"), "a.txt")


def test_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(LoadError, match="is not a regular file"):
        load(tmp_path / "a.txt", "a.txt")


def test_extensions_are_lower_case_with_dot() -> None:
    assert {
        ".txt",
        ".md",
        ".html",
        ".pdf",
        ".docx",
        ".pptx",
        ".xlsx",
        ".csv",
        ".eml",
        ".epub",
        ".json",
    } <= SUPPORTED_EXTENSIONS
    assert all(extension.startswith(".") and extension == extension.lower() for extension in SUPPORTED_EXTENSIONS)
