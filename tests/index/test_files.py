"""Which files of a folder are documents."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from index.errors import UsageError
from index.files import SourceFile, find_files

from ..helpers import write_files

Write = Callable[[Mapping[str, str | bytes]], Path]


def sources(*paths: Path, store: Path = Path("/nowhere")) -> list[str]:
    return [file.source for file in find_files(paths, store=store)]


def test_files_are_found_in_all_folders_in_order(write: Write) -> None:
    folder = write({"b.txt": "", "a.md": "", "deep/er/c.txt": "", "Z.txt": "", "no extension": ""})
    assert sources(folder) == ["Z.txt", "a.md", "b.txt", "deep/er/c.txt", "no extension"]
    assert all(file.path.read_bytes() == b"" for file in find_files([folder], store=Path("/nowhere")))


def test_hidden_files_and_folders_are_left_out(write: Write) -> None:
    assert sources(write({".secret": "", ".git/config": "", "a/.b/c.txt": "", "seen.txt": ""})) == ["seen.txt"]


def test_an_ignore_file_works_like_gits(write: Write) -> None:
    folder = write(
        {
            ".qaignore": "# old things\n*.log\n!keep.log\ndrafts/\n/top.txt\n",
            "a.log": "",
            "keep.log": "",
            "drafts/a.txt": "",
            "deep/drafts/a.txt": "",
            "top.txt": "",
            "deep/top.txt": "",
        }
    )
    assert sources(folder) == ["deep/top.txt", "keep.log"]


def test_an_ignore_file_that_is_not_text_does_no_harm(write: Write) -> None:
    assert sources(write({".qaignore": b"\xff\xfe*.log\n*.tmp\n", "a.txt": "", "b.tmp": ""})) == ["a.txt"]


def test_links_out_of_the_folder_are_not_followed(write: Write, tmp_path: Path) -> None:
    outside = write_files(tmp_path / "outside", {"secret.txt": "secret"})
    folder = write({"a.txt": "", "deep/b.txt": ""})
    (folder / "out.txt").symlink_to(outside / "secret.txt")
    (folder / "out").symlink_to(outside, target_is_directory=True)
    (folder / "broken.txt").symlink_to(folder / "gone.txt")
    (folder / "inside.txt").symlink_to(folder / "deep" / "b.txt")
    (folder / "deep" / "loop").symlink_to(folder, target_is_directory=True)
    assert sources(folder) == ["a.txt", "deep/b.txt", "inside.txt"]


def test_a_folder_that_is_a_link_itself_is_read(write: Write, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write({"a.txt": ""}), target_is_directory=True)
    assert sources(tmp_path / "link") == ["a.txt"]


@pytest.mark.timeout(20)
def test_a_pipe_is_left_out_and_not_waited_for(write: Write) -> None:
    folder = write({"a.txt": ""})
    os.mkfifo(folder / "pipe.txt")
    assert sources(folder) == ["a.txt"]
    with pytest.raises(UsageError, match=r"pipe\.txt"):
        sources(folder / "pipe.txt")


def test_the_store_inside_the_folder_is_left_out(write: Write) -> None:
    folder = write({"a.txt": "", "store/catalog.sqlite": "", "deep/store/b.txt": ""})
    assert sources(folder, store=folder / "store") == ["a.txt", "deep/store/b.txt"]
    assert sources(folder, store=folder / "deep" / ".." / "store") == ["a.txt", "deep/store/b.txt"]


def test_the_folder_may_be_given_in_any_way(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write({"a.txt": "", "deep/b.txt": ""})
    monkeypatch.chdir(folder / "deep")
    assert sources(Path("..")) == sources(folder / "deep" / "..") == ["a.txt", "deep/b.txt"]
    assert sources(Path()) == ["b.txt"]


def test_a_single_file_is_called_by_its_name(write: Write) -> None:
    folder = write({"deep/a.txt": ""})
    assert find_files([folder / "deep" / "a.txt"], store=Path("/nowhere")) == [
        SourceFile("a.txt", folder / "deep" / "a.txt")
    ]


def test_several_folders_give_their_names(tmp_path: Path) -> None:
    one = write_files(tmp_path / "one", {"a.txt": ""})
    two = write_files(tmp_path / "two", {"a.txt": ""})
    single = write_files(tmp_path, {"single.txt": ""}) / "single.txt"
    assert sources(one, two, single) == ["one/a.txt", "single.txt", "two/a.txt"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    one = write_files(tmp_path / "one" / "docs", {"a.txt": "1"})
    two = write_files(tmp_path / "two" / "docs", {"a.txt": "2"})
    with pytest.raises(UsageError, match=r"docs/a\.txt") as caught:
        sources(one, two)
    assert str(one) in str(caught.value)
    assert str(two) in str(caught.value)


def test_one_file_given_twice_is_one(write: Write) -> None:
    folder = write({"a.txt": ""})
    assert sources(folder, folder) == ["documents/a.txt"]
    assert sources(folder / "a.txt", folder / "a.txt") == ["a.txt"]


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such"):
        sources(tmp_path / "no such")


def test_odd_names_are_kept_readable(folder: Path) -> None:
    for name in [b"caf\xe9.txt", "Größe 💡.txt".encode(), b"a\nb.txt", b"back\\slash.txt"]:
        Path(os.fsdecode(bytes(folder) + b"/" + name)).write_text("x")
    found = find_files([folder], store=Path("/nowhere"))
    assert [file.source for file in found] == ["Größe 💡.txt", "a\nb.txt", "back\\slash.txt", "caf\ufffd.txt"]
    assert all(file.path.read_text() == "x" for file in found)
