"""Which files of a folder are documents: regular files, not hidden, not ignored, not outside the folder."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from index.errors import UsageError

IGNORE_FILE = ".qaignore"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index. ``source`` is the name it has in the store, with forward slashes."""

    source: str
    path: Path


def find_files(paths: Sequence[Path], *, store: Path, unreadable: dict[str, str] | None = None) -> list[SourceFile]:
    """All documents below ``paths``, sorted by source; the store's own folder is left out.

    ``unreadable`` is given the folders that could not be listed: what their documents' sources begin with -> why.

    The source is the path inside the folder given, or the file's name; with several paths a folder's own name goes in
    front. A ``.qaignore`` file at the top of a folder lists what to leave out, in the syntax of ``.gitignore``.

    :raises UsageError: a path is not there, or two files would have the same source.
    """
    found: dict[str, Path] = {}
    unlisted = {} if unreadable is None else unreadable
    for path in paths:
        prefix = f"{path.resolve().name}/" if len(paths) > 1 else ""
        for file in _below(path, store=store.resolve(), prefix=prefix, unreadable=unlisted):
            if file.source in found and found[file.source].resolve() != file.path.resolve():
                raise UsageError(
                    f"{found[file.source]} and {file.path} would both be called {file.source!r}; index the folder "
                    "that holds both."
                )
            found[file.source] = file.path
    return [SourceFile(source, found[source]) for source in sorted(found)]


def require_paths(paths: Iterable[Path]) -> None:
    """Fail before anything is done where a path leads nowhere.

    :raises UsageError: a path is neither a file nor a folder.
    """
    for path in paths:
        if not path.is_file() and not path.is_dir():
            raise UsageError(f"There is no file or folder {str(path)!r}.")


def _below(path: Path, *, store: Path, prefix: str, unreadable: dict[str, str]) -> Iterator[SourceFile]:
    if path.is_file():
        yield SourceFile(_text(path.name), path)
        return
    require_paths([path])
    root = path.resolve()
    ignored = _ignored(root)

    def note(error: OSError) -> None:
        inside = Path(error.filename).relative_to(root).as_posix()
        unreadable[prefix if inside == "." else f"{prefix}{_text(inside)}/"] = error.strerror or "unreadable"

    for folder, folders, names in os.walk(root, onerror=note):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and here / name != store
            and not ignored.match_file(f"{(here / name).relative_to(root).as_posix()}/")
        )
        for name in sorted(names):
            file = here / name
            relative = file.relative_to(root).as_posix()
            if name.startswith(".") or ignored.match_file(relative):
                continue
            try:
                if not _is_inside(file, root):
                    continue
            except OSError as error:  # the folder may be listed but not entered
                note(OSError(error.errno, error.strerror, str(here)))
                break
            yield SourceFile(prefix + _text(relative), file)


def _ignored(root: Path) -> GitIgnoreSpec:
    file = root / IGNORE_FILE
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return GitIgnoreSpec.from_lines(lines)


def _is_inside(file: Path, root: Path) -> bool:
    """Regular files only (a pipe would block), and links only to files inside the folder."""
    return file.is_file() and (not file.is_symlink() or file.resolve().is_relative_to(root))


def _text(name: str) -> str:
    """A file name that is not valid text, made printable; the path itself stays as it is."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
