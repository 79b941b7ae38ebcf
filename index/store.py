"""The store's folder: who may write, and who may read it."""

import json
import os
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import StoreError, StoreLockedError

CATALOG = "catalog.sqlite"
UPLOADS = "uploads"
"""Folder of files that the store itself keeps, since no other folder holds them."""
_LOCK = "lock"
_OWNER = "owner.json"


class StoreLock:
    """The right to write to a store; one process has it, and loses it when it ends, however it ends."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._lock = FileLock(store / _LOCK, thread_local=False)

    def acquire(self) -> None:
        """Take the lock at once or fail at once.

        :raises StoreLockedError: another process has it; the message names that process.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise StoreLockedError(
                f"The store {self._store} is in use by {_owner(self._store)}; stop it, or wait until it is done."
            ) from None
        with suppress(OSError):  # only for the message that another process would get
            (self._store / _OWNER).write_text(json.dumps({"pid": os.getpid()}))

    def release(self) -> None:
        """Give the lock back; nothing happens if it is not held."""
        self._lock.release()


def create_store(store: Path) -> None:
    """Make the store's folder, for its user alone: it holds the text of their documents."""
    try:
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The store {store} cannot be made ({error.strerror}); choose another with --store."
        ) from error


def _owner(store: Path) -> str:
    try:
        return f"process {json.loads((store / _OWNER).read_text())['pid']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
