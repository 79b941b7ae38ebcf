"""One writer to a store; its folder is the user's own."""

import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index import Index
from index.errors import StoreError, StoreLockedError
from index.store import StoreLock, create_store

from ..helpers import ROOT, HashEncoder

_HOLD = """
import sys, time
from pathlib import Path
from index.store import StoreLock, create_store
create_store(Path(sys.argv[1]))
lock = StoreLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
time.sleep(60)
"""


def holder(store: Path) -> subprocess.Popen[str]:
    """A process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", _HOLD, str(store)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_second_writer_is_refused_at_once_and_told_who_has_it(store: Path) -> None:
    process = holder(store)
    try:
        begun = time.monotonic()
        with pytest.raises(StoreLockedError, match=f"process {process.pid}") as caught:
            Index.open(store, encoder=HashEncoder())
        assert time.monotonic() - begun < 1
        assert str(store) in str(caught.value)
    finally:
        end(process)


def test_the_store_is_free_when_its_process_is_killed(store: Path) -> None:
    process = holder(store)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with Index.open(store, encoder=HashEncoder()) as index:
        assert index.status().documents == 0


def test_a_reader_is_let_in_while_another_process_writes(store: Path) -> None:
    Index.open(store, encoder=HashEncoder()).close()
    process = holder(store)
    try:
        with Index.open(store, encoder=HashEncoder(), read_only=True) as reader:
            assert reader.documents() == []
    finally:
        end(process)


def test_two_writers_in_one_process_are_refused_too(store: Path) -> None:
    with Index.open(store, encoder=HashEncoder()), pytest.raises(StoreLockedError):
        Index.open(store, encoder=HashEncoder())
    Index.open(store, encoder=HashEncoder()).close()


def test_the_lock_can_be_given_back_twice(store: Path) -> None:
    create_store(store)
    lock = StoreLock(store)
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    StoreLock(store).acquire()


@pytest.mark.parametrize("owner", ["", "no json", "[]", json.dumps({"other": 1})])
def test_a_damaged_owner_file_does_not_matter(store: Path, owner: str) -> None:
    create_store(store)
    lock = StoreLock(store)
    lock.acquire()
    (store / "owner.json").write_text(owner)
    with pytest.raises(StoreLockedError, match="another process"):
        StoreLock(store).acquire()
    lock.release()


def test_a_store_that_cannot_be_opened_is_left_unlocked(store: Path) -> None:
    create_store(store)
    (store / "catalog.sqlite").write_text("this is no database, but it is long enough to look like one" * 20)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"catalog\.sqlite") as caught:
            Index.open(store, encoder=HashEncoder())
        assert not isinstance(caught.value, StoreLockedError)


def test_the_folder_is_for_its_user_alone(store: Path) -> None:
    Index.open(store / "deep", encoder=HashEncoder()).close()
    assert stat.S_IMODE((store / "deep").stat().st_mode) == 0o700


def test_a_store_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--store"):
        create_store(tmp_path / "file")
    with pytest.raises(StoreError, match="--store"):
        create_store(tmp_path / "file" / "store")
