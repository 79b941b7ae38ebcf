"""One collection of a server: its store, its readers, its uploaded files, its jobs."""

import itertools
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index import AnswerableError, DocumentInfo, Index, StoreError, StoreLockedError, UsageError
from index.embed import Encoder
from index.files import find_files
from index.load import content_hash, document_id
from qa import Assistant, Settings
from qa.llm import LanguageModel
from ui.errors import NotThereError
from ui.examples import example_questions
from ui.jobs import Indexer, Job, JobFile
from ui.names import safe_source, unused
from ui.uploads import Failure, UploadLimits, Uploads, check_upload, file_problem

READERS = 4
"""Assistants per collection, each for one question at a time: with ten users on two cores p95 is 0.6 s, with one reader
1.1 s. Each holds the collection's vectors (15 MB for 10,000 chunks).
"""
_FINISHED_JOBS = 50
_EXAMPLES_SECONDS = 2.0
_PAGED = ("application/pdf", "application/vnd.openxmlformats-officedocument.presentationml.presentation")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as a list shows it.

    ``id`` is empty until it is indexed; ``bytes`` is the size of its file, None if that is gone; ``pages`` (or slides)
    is None where there are none; ``date`` is the document's own, or else the day its file was changed (ISO).
    """

    source: str
    id: str = ""
    title: str = ""
    media_type: str = ""
    bytes: int | None = None
    characters: int = 0
    pages: int | None = None
    chunks: int = 0
    date: str = ""
    status: Literal["ready", "waiting", "reading", "failed"] = "ready"
    error: str = ""
    notices: tuple[str, ...] = ()


class Collection:
    """See :class:`ui.library.Library`, whose methods these are."""

    def __init__(
        self, name: str, settings: Settings, encoder: Callable[[], Encoder], model: LanguageModel | None = None
    ) -> None:
        self.name = name
        self.store = settings.store
        self.uploads = Uploads(settings.store)
        self._settings = settings
        self._encoder = encoder
        self._model = model
        self._lock = threading.RLock()
        self._readers: list[Assistant] = []
        self._turn = itertools.count()
        self._indexer = Indexer(settings.store, settings, idle=self._refresh_examples)
        self._finished: deque[Job] = deque(maxlen=_FINISHED_JOBS)
        self._failed = self.uploads.failures()
        self._pages: dict[str, int | None] = {}
        self._examples: tuple[tuple[str, ...], dict[str, str]] | None = None
        self._making_examples = threading.Lock()

    def resume(self) -> None:
        """Take up what an earlier server did not finish."""
        for identifier, (_, files) in self.uploads.noted("pending").items():
            there = {source: path for source, path in files.items() if path.is_file()}
            self._submit(identifier, [JobFile(source, "waiting") for source in there], there)

    def stop(self) -> None:
        """Stop indexing; questions are still answered."""
        self._indexer.close()

    def close(self) -> None:
        """Stop indexing and close the store."""
        self.stop()
        with self._lock:
            readers, self._readers = self._readers, []
        for reader in readers:
            reader.close()

    # Reading

    def assistant(self) -> Assistant:
        """One of the readers, in turn."""
        with self._lock:
            if not self._readers:
                self._make_store()
                self._readers = [Assistant(self._open_index(), self._settings, self._model) for _ in range(READERS)]
            return self._readers[next(self._turn) % READERS]

    def documents(self) -> tuple[DocumentRow, ...]:
        """Documents by source: those in the store, and those that are on their way or failed."""
        index = self.assistant().index
        rows = {info.source: self._row(info, index) for info in index.documents()}
        for job in self._indexer.jobs():
            for file in job.files:
                if file.state in {"waiting", "reading"} and file.source not in rows:
                    rows[file.source] = DocumentRow(file.source, status=file.state)
        with self._lock:
            failed = dict(self._failed)
        for source, failure in failed.items():
            if source not in rows:
                rows[source] = DocumentRow(source, bytes=_size(failure.path), status="failed", error=failure.error)
        return tuple(rows[source] for source in sorted(rows))

    def original(self, source: str) -> Path:
        """The file of a document. Only bytes that were indexed leave the server: the document's id is their digest."""
        info = self._info(source)
        path = self._origin(info)
        gone = f"The file of {source!r} is not there any more, or has changed since it was indexed."
        try:
            same = not path.is_symlink() and document_id(source, content_hash(path.read_bytes())) == info.id
        except OSError:
            raise NotThereError(gone) from None
        if not same:
            raise NotThereError(gone)
        return path

    def example_questions(self, count: int) -> tuple[str, ...]:
        """Those made last whose documents are still there; if none were made yet, a page waits a little."""
        if self._examples is None and self._making_examples.acquire(timeout=_EXAMPLES_SECONDS):
            self._making_examples.release()
            if self._examples is None:
                self.make_examples()
        if self._examples is None:
            return ()
        there = {info.id for info in self._infos()}
        return tuple(question for question, document in self._examples[1].items() if document in there)[:count]

    def make_examples(self) -> None:
        """Make the example questions anew if the documents have changed. They are asked, which takes seconds."""
        assistant = self.assistant().without_model()
        key = tuple(info.id for info in assistant.index.documents())
        with self._making_examples:
            if self._examples is None or self._examples[0] != key:
                self._examples = (key, example_questions(assistant))

    def jobs(self) -> tuple[Job, ...]:
        """Oldest first."""
        running = self._indexer.jobs()
        with self._lock:
            known = {job.id: job for job in [*self._finished, *running]}
        return tuple(known.values())

    # Writing

    def add_files(self, files: Sequence[tuple[str, Path]], limits: UploadLimits) -> Job:
        """Take uploaded files and index them."""
        problems = [file_problem(path, limits) for _, path in files]
        sizes = [0 if problem else path.stat().st_size for problem, (_, path) in zip(problems, files, strict=True)]
        check_upload(sizes, self.uploads.bytes(), limits)
        identifier = _identifier()
        foreign = {info.source for info in self._infos() if not self.uploads.owns(self._origin(info))}
        taken = set(foreign)
        paths: dict[str, Path] = {}
        entries = []
        for problem, (name, temporary) in zip(problems, files, strict=True):
            source = unused(safe_source(name), taken)  # an upload replaces an earlier one, never a file of a folder
            taken.add(source)
            if problem:
                entries.append(JobFile(source, "failed", problem))
                continue
            paths[source] = self.uploads.take(identifier, source, temporary)
            entries.append(JobFile(source, "waiting"))
        return self._submit(identifier, entries, paths)

    def add_folder(self, folder: Path) -> Job:
        """Index a folder where it is. If one of its names is taken by another file, the folder's name goes in front."""
        found = {file.source: file.path for file in find_files([folder], store=self.store)}
        if not folder.is_dir() or not found:
            raise UsageError(f"There are no documents in {str(folder)!r}.")
        origins = {info.source: self._origin(info) for info in self._infos()}
        if any(origins.get(source, path) != path for source, path in found.items()):
            found = {f"{folder.name}/{source}": path for source, path in found.items()}
        return self._submit(_identifier(), [JobFile(source, "waiting") for source in found], found)

    def reindex(self, sources: Sequence[str]) -> Job:
        """Read files again."""
        known = {info.source: self._origin(info) for info in self._infos()}
        with self._lock:
            known |= {source: failure.path for source, failure in self._failed.items() if failure.path is not None}
        paths = {}
        for source in sources:
            if source not in known or not known[source].is_file():
                raise NotThereError(f"The file of {source!r} is not there any more; add it again.")
            paths[source] = known[source]
        return self._submit(_identifier(), [JobFile(source, "waiting") for source in paths], paths)

    def remove(self, sources: Sequence[str]) -> str:
        """Remove documents now."""
        infos = {info.source: info for info in self._infos()}
        with self._lock:
            failed = {source: self._failed[source].path for source in sources if source in self._failed}
        for source in sources:
            if source not in infos and source not in failed:
                raise NotThereError(f"No document is called {source!r}.")
        token = secrets.token_urlsafe(16)
        there = {source: self._origin(infos[source]) for source in sources if source in infos}
        if there:
            self._indexer.remove(list(there))
            self.uploads.note("removed", token, there)
        self._change_failures(remove=failed)
        self.uploads.discard(path for path in failed.values() if path is not None)
        return token

    def undo(self, token: str) -> Job:
        """Index removed files again. A name that was used again meanwhile is left as it is now."""
        self.expire()
        noted = self.uploads.noted("removed").get(token)
        if noted is None:
            raise NotThereError("This removal cannot be undone any more; add the files again.")
        taken = {info.source for info in self._infos()}
        paths = {source: path for source, path in noted[1].items() if source not in taken and path.is_file()}
        if not paths:
            raise NotThereError("The files of these documents are not there any more; add them again.")
        job = self._submit(_identifier(), [JobFile(source, "waiting") for source in paths], paths)
        self.uploads.forget("removed", token)
        return job

    def expire(self) -> None:
        """Delete files that are kept no longer."""
        pending = {path for _, files in self.uploads.noted("pending").values() for path in files.values()}
        self.uploads.expire(pending | {self._origin(info) for info in self._infos()})

    # Parts

    def _refresh_examples(self) -> None:
        with suppress(AnswerableError):
            self.make_examples()

    def _submit(self, identifier: str, files: Sequence[JobFile], paths: Mapping[str, Path]) -> Job:
        job = Job(identifier, self.name, tuple(files), finished=not paths)
        refused = {file.source: Failure(file.error) for file in files if file.state == "failed"}
        self._change_failures(remove=paths, add=refused)
        if paths:
            self._make_store()
            self.uploads.note("pending", identifier, paths)
            before = {info.source: self._origin(info) for info in self._infos()}
            self._indexer.submit(job, paths, lambda done, paths: self._finish(done, paths, before))
        else:
            self.uploads.forget("pending", identifier)
            self._finished.append(job)
        return job

    def _finish(self, job: Job, paths: Mapping[str, Path], before: Mapping[str, Path]) -> None:
        """Keep the job's result; delete the files of earlier versions."""
        states = {file.source: file for file in job.files}
        failed = {source: path for source, path in paths.items() if states[source].state == "failed"}
        if failed:
            self.uploads.note("failed", job.id, failed)
        with suppress(StoreError):
            kept = {self._origin(info) for info in self._infos()}
            old = {before[source] for source in paths if source in before and states[source].state == "done"}
            self.uploads.discard(old - kept)
        self._change_failures(add={source: Failure(states[source].error, path) for source, path in failed.items()})
        self.uploads.forget("pending", job.id)
        with self._lock:
            self._finished.append(job)

    def _change_failures(self, *, remove: Iterable[str] = (), add: Mapping[str, Failure] | None = None) -> None:
        gone = set(remove)
        with self._lock:
            now = {source: item for source, item in self._failed.items() if source not in gone} | dict(add or {})
            if now != self._failed:
                self._failed = now
                self.uploads.keep_failures(now)

    def _row(self, info: DocumentInfo, index: Index) -> DocumentRow:
        size = _size(self._origin(info))
        return DocumentRow(
            info.source, info.id, info.title, info.media_type, size, info.characters, self._page_count(info, index),
            info.chunks, info.metadata.get("date") or info.metadata.get("modified", ""), notices=info.notices,
        )  # fmt: skip

    def _page_count(self, info: DocumentInfo, index: Index) -> int | None:
        """Read once: an id names one content for ever."""
        if info.media_type not in _PAGED:
            return None
        if info.id not in self._pages:
            with suppress(UsageError):
                spans = index.document(info.source).spans
                pages = [int(span.label) for span in spans if span.kind in {"page", "slide"}]
                self._pages[info.id] = max(pages, default=None)
        return self._pages.get(info.id)

    def _infos(self) -> list[DocumentInfo]:
        return self.assistant().index.documents()

    def _info(self, source: str) -> DocumentInfo:
        for info in self._infos():
            if info.source == source:
                return info
        raise NotThereError(f"No document is called {source!r}.")

    def _origin(self, info: DocumentInfo) -> Path:
        return Path(os.path.normpath(self.store.resolve() / info.origin))

    def _open_index(self) -> Index:
        return Index.open(self.store, encoder=self._encoder(), read_only=True)

    def _make_store(self) -> None:
        """Make an empty store where there is none; somebody else may be making it right now."""
        for _ in range(100):
            try:
                self._open_index().close()
                return
            except StoreError:
                with suppress(StoreLockedError):
                    Index.open(self.store, encoder=self._encoder()).close()
                    return
                time.sleep(0.1)
        self._open_index().close()  # says what is wrong


def _size(path: Path | None) -> int | None:
    try:
        return None if path is None else path.stat().st_size
    except OSError:
        return None


def _identifier() -> str:
    return secrets.token_hex(8)
