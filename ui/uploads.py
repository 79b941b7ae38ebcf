"""Files that were uploaded: where they lie in a store, and the notes beside them that outlive the server.

``<store>/uploads/<id>/<source>`` are the files; ``pending-<id>.json`` lists files that are yet to be indexed,
``removed-<id>.json`` documents that were removed and may come back, ``failed-<id>.json`` files that could not be read
and are kept for a while; ``failures.json`` says why, until they are removed or read.
"""

import json
import os
import shutil
import stat
import time
from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from typing import Literal

from index import UsageError
from index.store import UPLOADS
from ui.errors import TooMuchError

UNDO_SECONDS = 3600.0
"""The file of a removed document, or of one that failed, is kept for so long."""

Kind = Literal["pending", "removed", "failed"]
_PASSING: tuple[Kind, ...] = ("removed", "failed")
_FAILURES_FILE = "failures.json"


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What a server takes: bytes of one file, files and bytes at once, and bytes kept in a collection altogether."""

    file_bytes: int = 200 * 1024**2
    files: int = 500
    total_bytes: int = 1024**3
    stored_bytes: int = 20 * 1024**3


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file could not be read, as a sentence with its remedy; where it lies, None if it was not taken at all."""

    error: str
    path: Path | None = None


class Uploads:
    """The uploaded files of one store."""

    def __init__(self, store: Path) -> None:
        self.folder = store.resolve() / UPLOADS
        self._store = store.resolve()

    def take(self, job: str, source: str, temporary: Path) -> Path:
        """Move a file here; where it lies now. ``source`` must be a safe name."""
        target = self.folder / job / source
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.move(temporary, target)
        target.chmod(0o600)
        return target

    def owns(self, path: Path) -> bool:
        """Whether a file is one of ours, and not one of the user's own folders."""
        return path.resolve().is_relative_to(self.folder)

    def discard(self, paths: Iterable[Path]) -> None:
        """Delete files of ours and the folders that are empty then; others are left alone."""
        for path in paths:
            if not self.owns(path):
                continue
            with suppress(OSError):
                path.unlink(missing_ok=True)
            for parent in path.parents:
                if parent == self.folder or not parent.is_relative_to(self.folder):
                    break
                with suppress(OSError):
                    parent.rmdir()  # only if empty

    def bytes(self) -> int:
        """Of all files kept."""
        return sum((Path(folder) / name).lstat().st_size for folder, _, names in os.walk(self.folder) for name in names)

    def note(self, kind: Kind, identifier: str, files: Mapping[str, Path]) -> None:
        """Write a note about files (source -> path), which may move with the store."""
        content = {"time": time.time(), "files": {name: relpath(path, self._store) for name, path in files.items()}}
        self._write(self._note(kind, identifier), content)

    def forget(self, kind: Kind, identifier: str) -> None:
        """Delete a note."""
        self._note(kind, identifier).unlink(missing_ok=True)

    def noted(self, kind: Kind) -> dict[str, tuple[float, dict[str, Path]]]:
        """All notes of a kind: id -> time of writing, files."""
        notes = {}
        for path in sorted(self.folder.glob(f"{kind}-*.json")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                content = json.loads(path.read_text())
                files = {str(name): self._place(where) for name, where in content["files"].items()}
                notes[path.stem.removeprefix(f"{kind}-")] = (float(content["time"]), files)
        return notes

    def expire(self, used: Set[Path], *, now: float | None = None) -> None:
        """Delete files that were noted as removed or failed long ago, unless they are used again."""
        now = time.time() if now is None else now
        for kind in _PASSING:
            for identifier, (written, files) in self.noted(kind).items():
                if now - written > UNDO_SECONDS:
                    self.discard(path for path in files.values() if path not in used)
                    self.forget(kind, identifier)

    def keep_failures(self, failures: Mapping[str, Failure]) -> None:
        """Write down all files that could not be read, in the place of those written before."""
        content = {
            source: {"error": failure.error, "path": relpath(failure.path, self._store) if failure.path else None}
            for source, failure in failures.items()
        }
        self._write(self.folder / _FAILURES_FILE, content)

    def failures(self) -> dict[str, Failure]:
        """The files that could not be read, as they were written down last."""
        try:
            content = json.loads((self.folder / _FAILURES_FILE).read_text())
            return {
                str(source): Failure(str(item["error"]), self._place(item["path"]) if item["path"] else None)
                for source, item in content.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _write(self, path: Path, content: object) -> None:
        """All of it or nothing."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.stem}")
        temporary.write_text(json.dumps(content))
        temporary.replace(path)

    def _place(self, where: object) -> Path:
        return Path(os.path.normpath(self._store / str(where)))

    def _note(self, kind: Kind, identifier: str) -> Path:
        return self.folder / f"{kind}-{identifier}.json"


def check_upload(sizes: Iterable[int], stored: int, limits: UploadLimits) -> None:
    """:raises UsageError: the files together are more than is taken."""
    sizes = list(sizes)
    if not sizes:
        raise UsageError("There is no file in the upload; choose at least one.")
    if len(sizes) > limits.files:
        raise TooMuchError(f"{len(sizes)} files at once are more than the {limits.files} allowed; add them in parts.")
    if sum(sizes) > limits.total_bytes:
        raise TooMuchError(
            f"The files have {_megabytes(sum(sizes))} together, more than the {_megabytes(limits.total_bytes)} taken "
            "at once; add them in parts."
        )
    if stored + sum(sizes) > limits.stored_bytes:
        raise TooMuchError(
            f"The collection holds {_megabytes(stored)} of files; {_megabytes(sum(sizes))} more would be over the "
            f"{_megabytes(limits.stored_bytes)} allowed. Remove documents first."
        )


def file_problem(path: Path, limits: UploadLimits) -> str:
    """Why one file is not taken, as a sentence; empty if it is."""
    try:
        status = path.lstat()
    except OSError as error:
        return f"The file cannot be opened ({error.strerror}); add it again."
    if not stat.S_ISREG(status.st_mode):
        return "This is no regular file; choose another."
    if status.st_size == 0:
        return "The file is empty; save it again, or choose another."
    if status.st_size > limits.file_bytes:
        return (
            f"The file has {_megabytes(status.st_size)}, more than the {_megabytes(limits.file_bytes)} taken; split it."
        )
    return ""


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
