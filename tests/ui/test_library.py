"""Collections: files go in by a child process, come out again, and nothing that happens to the child loses anything."""

import contextlib
import json
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from index import Index, StoreLockedError, UsageError
from index.embed import Encoder
from index.store import StoreLock
from qa import Settings
from ui import jobs
from ui.errors import NotAllowedError, NotThereError, TooMuchError
from ui.jobs import Job
from ui.library import DEFAULT, Library
from ui.uploads import UNDO_SECONDS, UploadLimits

from ..helpers import write_files

SMALL = UploadLimits(file_bytes=100_000, files=10, total_bytes=300_000, stored_bytes=500_000)


@pytest.fixture
def library(store: Path, folder: Path, real_encoder: Encoder) -> Iterator[Library]:
    with Library(store, Settings(), SMALL, [folder], encoder=real_encoder) as library:
        yield library


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    return write_files(tmp_path / "temporary", {})


def wait(library: Library, job: Job) -> dict[str, tuple[str, str]]:
    """State and error of each file, once the job is finished."""
    deadline = time.monotonic() + 240
    while not library.job(job.id).finished:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return {file.source: (file.state, file.error) for file in library.job(job.id).files}


def add(library: Library, temporary: Path, files: Mapping[str, str | bytes], name: str = DEFAULT) -> Job:
    """Upload files under names that need not be file names."""
    given = []
    for number, (source, content) in enumerate(files.items()):
        path = temporary / f"{time.monotonic_ns()}-{number}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        given.append((source, path))
    return library.add_files(name, given)


def sources(library: Library, name: str = DEFAULT) -> list[str]:
    return [row.source for row in library.documents(name) if row.status == "ready"]


def test_an_empty_library(library: Library) -> None:
    assert library.names() == (DEFAULT,)
    assert library.documents() == ()
    assert library.example_questions() == ()
    assert not library.assistant().ask("Anything?").answered
    for call in (library.documents, library.assistant, library.jobs):
        with pytest.raises(NotThereError, match="'nowhere'"):
            call("nowhere")


def test_the_life_of_an_upload(library: Library, temporary: Path, store: Path) -> None:
    job = add(
        library,
        temporary,
        {"../sub/pump.md": "# Pump\n\nThe pump needs 12 V.\n", "image.png": b"\x89PNG\r\n\x1a\n\0\0"},
    )
    states = wait(library, job)
    assert states["sub/pump.md"] == ("done", "")
    assert states["image.png"][0] == "failed"
    assert "PNG image" in states["image.png"][1]
    assert list(temporary.iterdir()) == []
    failed, row = library.documents()
    assert (failed.source, failed.status) == ("image.png", "failed")
    assert (row.title, row.status, row.bytes, row.characters) == ("Pump", "ready", 29, 29)
    assert "12 V" in library.assistant().ask("What does the pump need?").text
    original = library.original(DEFAULT, "sub/pump.md")
    assert original.is_relative_to(store.resolve() / "uploads")
    assert stat.S_IMODE(original.stat().st_mode) == 0o600

    again = wait(library, add(library, temporary, {"sub/pump.md": "# Pump\n\nThe pump needs 24 V.\n"}))
    assert again == {"sub/pump.md": ("done", "")}
    assert "24 V" in library.assistant().ask("What does the pump need?").text
    assert not original.exists(), "the file of the version before is deleted"

    token = library.remove(DEFAULT, ["sub/pump.md", "image.png"])
    assert library.documents() == ()
    assert not library.assistant().ask("What does the pump need?").answered
    with pytest.raises(NotThereError):
        library.undo(DEFAULT, "another token")
    wait(library, library.undo(DEFAULT, token))
    assert sources(library) == ["sub/pump.md"]
    with pytest.raises(NotThereError):
        library.undo(DEFAULT, token)


def test_removed_files_are_kept_for_an_hour_and_no_longer(library: Library, temporary: Path, store: Path) -> None:
    wait(library, add(library, temporary, {"a.txt": "The pump is blue.", "b.txt": "The lamp is red."}))
    path = library.original(DEFAULT, "a.txt")
    token = library.remove(DEFAULT, ["a.txt"])
    library.sweep()
    assert path.exists()
    (note,) = (store / "uploads").glob("removed-*.json")
    content = json.loads(note.read_text())
    note.write_text(json.dumps({**content, "time": content["time"] - UNDO_SECONDS - 1}))
    library.sweep()
    assert not path.exists()
    assert library.original(DEFAULT, "b.txt").exists()
    with pytest.raises(NotThereError):
        library.undo(DEFAULT, token)


def test_a_folder_of_the_users_own_stays_untouched(library: Library, folder: Path, temporary: Path) -> None:
    write_files(folder / "mine", {"notes.md": "The crane lifts 40 t.", "deep/more.txt": "The crane is yellow."})
    wait(library, library.add_folder(DEFAULT, folder / "mine"))
    assert sources(library) == ["deep/more.txt", "notes.md"]
    states = wait(library, add(library, temporary, {"notes.md": "Other notes."}))
    assert states == {"notes (2).md": ("done", "")}, "an upload does not take the place of a file of a folder"
    write_files(folder / "other", {"notes.md": "Notes of another folder."})
    wait(library, library.add_folder(DEFAULT, folder / "other"))
    assert "other/notes.md" in sources(library)
    library.remove(DEFAULT, ["notes.md", "deep/more.txt"])
    library.sweep()
    assert (folder / "mine" / "notes.md").exists()
    with pytest.raises(NotAllowedError):
        library.add_folder(DEFAULT, folder.parent)


def test_an_original_that_is_not_what_was_indexed_is_not_given_out(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    write_files(folder, {"notes.md": "The crane lifts 40 t."})
    wait(library, library.add_folder(DEFAULT, folder))
    library.original(DEFAULT, "notes.md")
    (tmp_path / "secret").write_text("The crane lifts 40 t.")
    for change in (lambda: (folder / "notes.md").write_text("Changed."), lambda: (folder / "notes.md").unlink(),
                   lambda: (folder / "notes.md").symlink_to(tmp_path / "secret")):  # fmt: skip
        change()
        with pytest.raises(NotThereError):
            library.original(DEFAULT, "notes.md")


def test_names_that_look_like_patterns_remove_only_themselves(library: Library, folder: Path) -> None:
    write_files(folder, {"[ab].txt": "The pump is blue.", "a.txt": "The lamp is red.", "*.txt": "The crane is green."})
    wait(library, library.add_folder(DEFAULT, folder))
    library.remove(DEFAULT, ["[ab].txt", "*.txt"])
    assert sources(library) == ["a.txt"]


def test_limits(library: Library, temporary: Path) -> None:
    with pytest.raises(TooMuchError, match="11 files"):
        add(library, temporary, {f"{number}.txt": "x" for number in range(11)})
    with pytest.raises(TooMuchError, match=r"0\.4 MB"):
        add(library, temporary, {f"{number}.txt": b"x" * 90_000 for number in range(4)})
    with pytest.raises(UsageError, match="no file"):
        add(library, temporary, {})
    link = temporary / "link"
    link.symlink_to("/etc/passwd")
    job = library.add_files(DEFAULT, [("a.txt", link), ("b.txt", temporary / "nowhere")])
    assert job.finished
    assert [file.state for file in job.files] == ["failed", "failed"]


def test_a_file_that_ends_the_child_is_failed_and_the_others_go_in(
    library: Library, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is told to die when it comes to a certain file, as a parser with a fault would make it."""
    wrapper = temporary.parent / "deadly.py"
    wrapper.write_text(
        "import os, signal, sys\n"
        "import index.sync as sync\n"
        "load = sync.load\n"
        "def deadly(path, source):\n"
        "    if 'deadly' in source: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return load(path, source)\n"
        "sync.load = deadly\n"
        "from ui.worker import main\n"
        "sys.exit(main())\n"
    )
    monkeypatch.setattr(jobs, "CHILD", (sys.executable, str(wrapper)))
    files = {"a.txt": "The pump is blue.", "deadly.txt": "x", "z.txt": "The lamp is red."}
    states = wait(library, add(library, temporary, files))
    assert {source: state for source, (state, _) in states.items()} == {
        "a.txt": "done", "deadly.txt": "failed", "z.txt": "done",
    }  # fmt: skip
    assert "SIGSEGV" in states["deadly.txt"][1]
    monkeypatch.undo()
    assert wait(library, library.reindex(DEFAULT, ["deadly.txt"])) == {"deadly.txt": ("done", "")}


def test_a_child_that_says_nothing_is_ended(library: Library, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrapper = temporary.parent / "silent.py"
    wrapper.write_text("import time\ntime.sleep(1000)\n")
    monkeypatch.setattr(jobs, "CHILD", (sys.executable, str(wrapper)))
    library.documents()
    monkeypatch.setattr(library._collection(DEFAULT)._indexer, "_silence_seconds", 0.5)
    states = wait(library, add(library, temporary, {"a.txt": "The pump is blue."}))
    assert states["a.txt"][0] == "failed"
    assert "too long" in states["a.txt"][1]


def test_a_killed_child_loses_nothing(library: Library, temporary: Path) -> None:
    files = {f"{number}.txt": f"Pump {number} weighs {number} kg.\n\n" * 20 for number in range(8)}
    job = add(library, temporary, files)
    killed = 0
    while killed < 3 and not library.job(job.id).finished:
        child = library._collection(DEFAULT)._indexer._child
        if child is not None and child.poll() is None:
            time.sleep(0.4 * (killed + 1))
            with contextlib.suppress(ProcessLookupError):  # it has just ended by itself, its work done
                os.kill(child.pid, signal.SIGKILL)
                killed += 1
        time.sleep(0.05)
    states = wait(library, job)
    failed = {source for source, (state, _) in states.items() if state == "failed"}
    assert len(failed) <= 1, "at most the one that was alone with the child"
    if failed:
        wait(library, library.reindex(DEFAULT, sorted(failed)))
    assert sources(library) == sorted(files)


def test_a_removal_does_not_wait_for_a_long_upload(library: Library, temporary: Path) -> None:
    wait(library, add(library, temporary, {"first.txt": "The pump is blue."}))
    files = {
        f"{number}.txt": "".join(f"Pump {number} {line} weighs 3 kg. " for line in range(200)) for number in range(8)
    }
    job = add(library, temporary, files)
    while not any(file.state == "reading" for file in library.job(job.id).files):
        time.sleep(0.02)
    library.remove(DEFAULT, ["first.txt"])
    assert not library.job(job.id).finished
    assert {state for state, _ in wait(library, job).values()} == {"done"}
    assert sources(library) == sorted(files)


def test_another_process_that_writes_is_waited_for(library: Library, temporary: Path, store: Path) -> None:
    library.documents()
    lock = StoreLock(store)
    lock.acquire()
    try:
        job = add(library, temporary, {"a.txt": "The pump is blue."})
        deadline = time.monotonic() + 120
        while not library.job(job.id).message:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "in use" in library.job(job.id).message
        assert not library.job(job.id).finished
    finally:
        lock.release()
    assert wait(library, job) == {"a.txt": ("done", "")}


def test_a_removal_says_that_another_process_writes(
    library: Library, temporary: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_REMOVE_PATIENCE_SECONDS", 0.0)
    wait(library, add(library, temporary, {"a.txt": "The pump is blue."}))
    lock = StoreLock(store)
    lock.acquire()
    try:
        with pytest.raises(StoreLockedError):
            library.remove(DEFAULT, ["a.txt"])
    finally:
        lock.release()
    assert sources(library) == ["a.txt"]


def test_what_one_server_did_not_finish_the_next_one_does(
    store: Path, temporary: Path, real_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(store, Settings(), encoder=real_encoder) as first:
        monkeypatch.setattr(first._collection(DEFAULT)._indexer, "_work", lambda: None)
        job = add(first, temporary, {"a.txt": "The pump is blue."})
    with Library(store, Settings(), encoder=real_encoder) as second:
        second.documents()
        assert wait(second, job) == {"a.txt": ("done", "")}
        assert sources(second) == ["a.txt"]


def test_what_could_not_be_read_is_still_listed_by_the_next_server(
    store: Path, temporary: Path, real_encoder: Encoder
) -> None:
    with Library(store, Settings(), encoder=real_encoder) as first:
        wait(first, add(first, temporary, {"image.png": b"\x89PNG\r\n\x1a\n\0\0", "empty.txt": ""}))
        before = first.documents()
    assert [(row.source, row.status) for row in before] == [("empty.txt", "failed"), ("image.png", "failed")]
    with Library(store, Settings(), encoder=real_encoder) as second:
        assert second.documents() == before
        assert [row.bytes for row in before] == [None, 10]
        assert "convert it" in before[1].error
        assert "save it again" in before[0].error
        assert set(wait(second, second.reindex(DEFAULT, ["image.png"]))) == {"image.png"}
        assert second.documents() == before
        second.remove(DEFAULT, ["empty.txt", "image.png"])
    (store / "uploads" / "failures.json").write_text('{"x": 3}')
    with Library(store, Settings(), encoder=real_encoder) as third:
        assert third.documents() == (), "a note that cannot be read is no reason not to serve"


def test_documents_of_another_process_are_seen_at_once(
    library: Library, store: Path, folder: Path, real_encoder: Encoder
) -> None:
    assert library.documents() == ()
    write_files(folder, {"a.txt": "The pump needs 12 V."})
    with Index.open(store, encoder=real_encoder) as index:
        index.sync(folder)
    assert sources(library) == ["a.txt"]
    assert "12 V" in library.assistant().ask("What does the pump need?").text


def test_collections(library: Library, temporary: Path, store: Path, real_encoder: Encoder) -> None:
    name = library.create(" ../<b>Zwei</b>  二 ")
    assert library.names() == (DEFAULT, "../<b>Zwei</b> 二")
    wait(library, add(library, temporary, {"a.txt": "The pump needs 12 V."}, name))
    assert (sources(library, name), sources(library)) == (["a.txt"], [])
    with Library(store, Settings(), encoder=real_encoder) as another:
        assert another.names() == library.names()
    assert {path.parent for path in (store / "collections").iterdir()} == {store / "collections"}
    reader = library.assistant(name)
    library.delete(name)
    assert library.names() == (DEFAULT,)
    assert list((store / "collections").iterdir()) == []
    assert "12 V" in reader.ask("What does the pump need?").text, "who is asking is not cut off"
    with pytest.raises(NotThereError):
        library.assistant(name)
    with pytest.raises(UsageError, match="cannot be deleted"):
        library.delete(DEFAULT)


def test_many_threads_ask_while_files_go_in(library: Library, temporary: Path) -> None:
    wait(library, add(library, temporary, {"pump.txt": "The pump needs 12 V."}))
    job = add(library, temporary, {f"{number}.txt": f"Lamp {number} is red. " * 50 for number in range(5)})
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(10):
            text = library.assistant().ask("What does the pump need?").text
            if "12 V" not in text:
                wrong.append(text)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait(library, job)
    assert wrong == []
