"""Indexing in the background: one child process per collection at a time, files in the order they came.

A file that ends the child is reported as failed and the others still go in. A removal goes first: it stops the child,
which loses nothing, and what was left is taken up again.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from index import StoreError, StoreLockedError
from qa import Settings

CHILD = (sys.executable, "-P", "-m", "ui.worker")
"""How a child is started."""

FileState = Literal["waiting", "reading", "done", "failed"]

_SILENCE_SECONDS = 300.0
"""A child that says nothing for so long is stuck in a file; embedding speaks every few seconds."""
_LOCK_RETRY_SECONDS = 2.0
_LOCK_PATIENCE_SECONDS = 1800.0
"""Another process may index a large folder meanwhile."""
_REMOVE_PATIENCE_SECONDS = 10.0
_MOST_STARTS = 5
"""Children that may end before they read anything until we believe that none will do better."""
_MEMORY_BYTES = 4 * 1024**3
"""Address space of a child with the shipped model, which takes 0.6 GB of it before it reads a file."""


@dataclass(frozen=True, slots=True)
class JobFile:
    """One file of a job. ``error`` is a sentence where it failed."""

    source: str
    state: FileState
    error: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """Files that were given together, as they stand now. ``message`` says why it waits, if it does."""

    id: str
    collection: str
    files: tuple[JobFile, ...]
    finished: bool
    message: str = ""

    @property
    def done(self) -> int:
        """Files that are indexed."""
        return sum(file.state == "done" for file in self.files)

    @property
    def failed(self) -> int:
        """Files that could not be."""
        return sum(file.state == "failed" for file in self.files)


@dataclass
class _Running:
    """A job that is being worked on; guarded by the indexer's lock. ``paths``: source -> file."""

    job: Job
    paths: dict[str, Path]
    finished: Callable[[Job, dict[str, Path]], None]

    def pending(self) -> list[str]:
        return [file.source for file in self.job.files if file.state in {"waiting", "reading"}]

    def reading(self) -> list[str]:
        return [file.source for file in self.job.files if file.state == "reading"]

    def set(self, sources: Sequence[str], state: FileState, error: str = "") -> None:
        changed = set(sources)
        files = (replace(f, state=state, error=error) if f.source in changed else f for f in self.job.files)
        self.job = replace(self.job, files=tuple(files), message="")


class _ChildEndedError(Exception):
    """The child ended in the middle; the message says how."""


class Indexer:
    """The one that writes to a collection's store. Threads may share it."""

    def __init__(
        self, store: Path, settings: Settings, *, idle: Callable[[], None], silence_seconds: float = _SILENCE_SECONDS
    ) -> None:
        """``idle`` is called when all jobs are done."""
        self._store = store
        self._idle = idle
        self._settings = settings
        self._silence_seconds = silence_seconds
        self._queue: deque[_Running] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._child: subprocess.Popen[str] | None = None
        self._child_turn = threading.Lock()
        self._removals = 0
        self._closing = False

    def submit(self, job: Job, paths: Mapping[str, Path], finished: Callable[[Job, dict[str, Path]], None]) -> None:
        """Index the job's waiting files; ``finished`` is called with the job and its paths when all have ended."""
        with self._changed:
            self._queue.append(_Running(job, dict(paths), finished))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="indexer", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def jobs(self) -> list[Job]:
        """Jobs that are not finished, as they stand now."""
        with self._changed:
            return [running.job for running in self._queue]

    def remove(self, sources: Sequence[str]) -> None:
        """Remove documents now; returns when they are gone. What is being indexed goes on afterwards.

        :raises StoreLockedError: another process writes to the store.
        :raises StoreError: the store cannot be used.
        """
        with self._changed:
            self._removals += 1
            self._stop_child()
        try:
            with self._child_turn:
                self._remove(sources)
        finally:
            with self._changed:
                self._removals -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """End at once. Jobs that were not finished are forgotten here, their files are not."""
        with self._changed:
            self._closing = True
            self._stop_child()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _remove(self, sources: Sequence[str]) -> None:
        deadline = time.monotonic() + _REMOVE_PATIENCE_SECONDS
        while True:
            try:
                last = list(self._talk({"action": "remove", "sources": list(sources)}))[-1]
            except _ChildEndedError as error:
                raise StoreError(f"The documents could not be removed: {error}. Try again.") from None
            if last["kind"] == "removed":
                return
            if last["kind"] != "locked":
                raise StoreError(str(last.get("error", "The documents could not be removed.")))
            if time.monotonic() > deadline:
                raise StoreLockedError(str(last["error"]))
            time.sleep(0.5)

    # The thread

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self._queue)
                if self._closing:
                    return
                running = self._queue[0]
            self._index(running)
            with self._changed:
                if self._closing:
                    return
                running.job = replace(running.job, finished=True, message="")
            running.finished(running.job, running.paths)  # first, so that a job is always known to somebody
            with self._changed:
                self._queue.popleft()
                idle = not self._queue
            if idle:
                self._idle()

    def _index(self, running: _Running) -> None:
        """Index all files of a job; those that were being read when a child ended are tried again one by one."""
        suspects: list[str] = []
        starts = 0
        locked_since: float | None = None
        while (pending := running.pending()) and not self._closing:
            batch = suspects[:1] or pending
            try:
                last = self._add(running, batch)
            except _ChildEndedError as error:
                if self._interrupted(running):
                    continue
                reading = running.reading()
                starts = 0 if reading else starts + 1
                self._pause(starts)
                if len(batch) == 1 or starts >= _MOST_STARTS:
                    message = f"{error}. It was left out; is it very large or damaged?"
                    self._set(running, batch, "failed", message)
                    suspects = suspects[1:]
                else:
                    suspects = reading
                    self._set(running, reading, "waiting")
                continue
            if last["kind"] == "locked":
                locked_since = locked_since or time.monotonic()
                self._wait_for_lock(running, batch, str(last["error"]), locked_since)
                continue
            if last["kind"] == "error":
                self._set(running, pending, "failed", str(last["error"]))
            suspects = suspects[1:]

    def _add(self, running: _Running, batch: Sequence[str]) -> dict[str, Any]:
        """Let a child index some files; its last message."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or not self._removals)
        files = {source: str(running.paths[source]) for source in batch}
        last: dict[str, Any] = {}
        done = None
        with self._child_turn:
            for last in self._talk({"action": "add", "files": files}):
                if last["kind"] == "progress":
                    finished = done is not None and last["files_done"] > done
                    done = last["files_done"]
                    self._tell(running, str(last["source"]), finished=finished, error=str(last["error"]))
        if last["kind"] == "report":
            failed: dict[str, str] = last["failed"]
            for source in batch:
                self._tell(running, source, finished=True, error=failed.get(source, ""))
        return last

    def _tell(self, running: _Running, source: str, *, finished: bool, error: str) -> None:
        if finished and source:
            self._set(running, [source], "failed" if error else "done", error)
        elif source in running.pending():
            self._set(running, [source], "reading")

    def _pause(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, timeout=seconds)

    def _set(self, running: _Running, sources: Sequence[str], state: FileState, error: str = "") -> None:
        with self._changed:
            running.set(sources, state, error)

    def _interrupted(self, running: _Running) -> bool:
        """Whether we ended the child ourselves; what it was reading waits again."""
        with self._changed:
            if self._closing or self._removals:
                running.set(running.reading(), "waiting")
                return True
            return False

    def _wait_for_lock(self, running: _Running, batch: Sequence[str], message: str, since: float) -> None:
        with self._changed:
            if time.monotonic() - since > _LOCK_PATIENCE_SECONDS:
                running.set(batch, "failed", message)
                return
            running.job = replace(running.job, message=f"Waiting: {message}")
            self._changed.wait_for(lambda: self._closing, timeout=_LOCK_RETRY_SECONDS)

    # The child

    def _talk(self, request: Mapping[str, object]) -> Iterator[dict[str, Any]]:
        """Start a child with a request; its messages, as they come.

        :raises _ChildEndedError: it ended without its last message.
        """
        model = self._settings.embedding_model
        whole = {
            "store": str(self._store), "model": model, "threads": self._settings.threads,
            "memory": _MEMORY_BYTES if model is None else None, **request,
        }  # fmt: skip
        child = _start()
        with self._changed:
            self._child = child
        heard = [time.monotonic()]
        ended = threading.Event()
        threading.Thread(target=_watch, args=(child, heard, ended, self._silence_seconds), daemon=True).start()
        kind = ""
        try:
            assert child.stdin is not None
            assert child.stdout is not None
            try:
                child.stdin.write(f"{json.dumps(whole)}\n")
                child.stdin.flush()
            except BrokenPipeError:
                pass  # it has ended; its code says how
            for line in child.stdout:
                heard[0] = time.monotonic()
                try:
                    message = json.loads(line)
                except ValueError:
                    continue  # cut short, or printed by a library
                kind = message["kind"]
                yield message
        finally:
            ended.set()
            code = _end(child)
            with self._changed:
                self._child = None
        if kind not in {"report", "removed", "locked", "error"}:
            raise _ChildEndedError(_how(code, silent=time.monotonic() - heard[0] >= self._silence_seconds))

    def _stop_child(self) -> None:
        if self._child is not None:
            self._child.terminate()


def _start() -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"QA_PASSWORD", "QA_TOKEN"}}
    return subprocess.Popen(
        CHILD, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, encoding="utf-8", env=environment,
        start_new_session=True,  # an interrupt of ours is not its interrupt
    )  # fmt: skip


def _watch(child: subprocess.Popen[str], heard: list[float], ended: threading.Event, seconds: float) -> None:
    while not ended.wait(min(1.0, seconds / 4)):
        if time.monotonic() - heard[0] >= seconds:
            child.kill()
            return


def _end(child: subprocess.Popen[str]) -> int:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue
    try:
        return child.wait(timeout=20)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _how(code: int, *, silent: bool) -> str:
    if silent:
        return "Reading took too long and was stopped"
    if code < 0:
        return f"The program that reads files was ended by signal {signal.Signals(-code).name}"
    return "The program that reads files ended unexpectedly, perhaps for lack of memory"
