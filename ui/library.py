"""The collections that a server serves: ask them, add files, remove them, take that back. No web in here.

The store given is the collection ``documents``; others are stores of their own in ``<store>/collections``. Questions
are read from the catalog by this process; all writing is done by child processes (see :mod:`ui.jobs`).
"""

import json
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from index import Document, Index, UsageError
from index.embed import Encoder, open_encoder
from qa import Assistant, Settings
from qa.assistant import configured_model
from ui.collection import Collection, DocumentRow
from ui.errors import NotAllowedError, NotThereError
from ui.jobs import Job
from ui.names import collection_name, slug
from ui.uploads import UploadLimits

DEFAULT = "documents"
_NAME_FILE = "collection.json"
_RETIRED_SECONDS = 600.0
"""A deleted collection's readers stay open for so long, for those who are asking it."""


class Library:
    """All collections of a server. Threads may share it; close it, or use it in a ``with`` statement."""

    def __init__(
        self,
        store: Path,
        settings: Settings,
        limits: UploadLimits = UploadLimits(),  # noqa: B008 - frozen
        allowed_folders: Sequence[Path] = (),
        *,
        encoder: Encoder | None = None,
    ) -> None:
        """Serve a store, which is made if it is not there; nothing heavy is loaded yet.

        ``allowed_folders``: only folders inside these can be added by path.
        """
        self.limits = limits
        self._settings = replace(settings, store=Path(store))
        self._folders = tuple(folder.resolve() for folder in allowed_folders)
        self._model = configured_model(settings)
        self._encoder = encoder
        self._encoder_lock = threading.Lock()
        self.warming = False
        self._lock = threading.RLock()
        self._collections: dict[str, Collection] = {}
        self._retired: list[tuple[float, Collection]] = []

    def __enter__(self) -> "Library":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop indexing and close all stores. Files that were not indexed yet are taken up by the next server."""
        with self._lock:
            collections = [*self._collections.values(), *(collection for _, collection in self._retired)]
            self._collections, self._retired = {}, []
        for collection in collections:
            collection.close()

    def warm(self) -> None:
        """Load the models, open every collection and make examples, so that the first question need not wait."""
        self.warming = True
        try:
            for name in self.names():
                self.assistant(name).without_model().ask("ready?")
                self._collection(name).make_examples()
        finally:
            self.warming = False

    @property
    def ready(self) -> bool:
        """Whether the models are loaded."""
        return self._encoder is not None

    @property
    def reads_folders(self) -> bool:
        """Whether folders can be added by path."""
        return bool(self._folders)

    # Collections

    def names(self) -> tuple[str, ...]:
        """All collections, the default one first, then by name."""
        return (DEFAULT, *sorted(self._stores()))

    def create(self, name: str) -> str:
        """Make an empty collection; its name as it is kept.

        :raises UsageError: the name cannot be one, or is taken.
        """
        with self._lock:
            name = collection_name(name, set(self.names()))
            store = self._settings.store / "collections" / slug(name)
            with Index.open(store, encoder=self._open_encoder()):
                (store / _NAME_FILE).write_text(json.dumps({"name": name}))
        return name

    def delete(self, name: str) -> None:
        """Delete a collection with its documents and uploaded files; files of the user's own folders stay.

        :raises UsageError: there is none of that name, or it is the default one.
        """
        if name == DEFAULT:
            raise UsageError(f"The collection {DEFAULT!r} cannot be deleted; remove its documents instead.")
        collection = self._collection(name)
        collection.stop()
        with self._lock:
            self._collections.pop(name, None)
            self._retired.append((time.monotonic(), collection))
            gone = collection.store.with_name(f".deleted-{secrets.token_hex(8)}")
            collection.store.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def sweep(self) -> None:
        """Delete what is kept no longer; to be called now and then."""
        with self._lock:
            now = time.monotonic()
            old = [collection for since, collection in self._retired if now - since > _RETIRED_SECONDS]
            self._retired = [item for item in self._retired if item[1] not in old]
            open_now = list(self._collections.values())
        for collection in old:
            collection.close()
        for collection in open_now:
            collection.expire()
            collection.make_examples()

    # Reading

    def assistant(self, name: str = DEFAULT) -> Assistant:
        """A read-only assistant for a collection. Do not close it. Several take turns, so do not keep it either."""
        return self._collection(name).assistant()

    def documents(self, name: str = DEFAULT) -> tuple[DocumentRow, ...]:
        """All documents by source, also those that wait, are being read, or failed."""
        return self._collection(name).documents()

    def document(self, name: str, source: str) -> Document:
        """One document with its text.

        :raises UsageError: there is none.
        """
        return self.assistant(name).index.document(source)

    def source(self, name: str, document_id: str) -> str:
        """The name of a document by its id.

        :raises UsageError: there is none.
        """
        for info in self.assistant(name).index.documents():
            if info.id == document_id:
                return info.source
        raise NotThereError(f"There is no document {document_id!r} in {name!r}.")

    def original(self, name: str, source: str) -> Path:
        """The file that a document was made from, exactly as it was indexed.

        :raises UsageError: there is no such document, or its file is gone or has changed.
        """
        return self._collection(name).original(source)

    def example_questions(self, name: str = DEFAULT, count: int = 4) -> tuple[str, ...]:
        """Questions that the collection answers, made from its titles and headings; always the same for the same."""
        return self._collection(name).example_questions(count)

    # Writing

    def add_files(self, name: str, files: Sequence[tuple[str, Path]]) -> Job:
        """Take uploaded files (the name shown, which may hold folders; a temporary file, which is moved away).

        Returns at once. A file that is not taken is in the job as failed.

        :raises UsageError: there is no such collection, or the files together are too many or too large.
        """
        return self._collection(name).add_files(files, self.limits)

    def add_folder(self, name: str, path: str | Path) -> Job:
        """Index a folder of this machine where it is.

        :raises UsageError: it is not inside the folders allowed, or not a folder.
        """
        try:
            folder = Path(path).expanduser().resolve()
        except (OSError, RuntimeError, ValueError):  # a loop of links, an unknown user, a NUL
            folder = None
        if folder is None or not any(folder.is_relative_to(allowed) for allowed in self._folders):
            raise NotAllowedError(
                f"This server may not read the folder {str(path)!r}; name it in QA_FOLDERS when you start it."
            )
        return self._collection(name).add_folder(folder)

    def reindex(self, name: str, sources: Sequence[str]) -> Job:
        """Read documents' files again, also of those that failed.

        :raises UsageError: a name is no document's, or its file is gone.
        """
        return self._collection(name).reindex(sources)

    def remove(self, name: str, sources: Sequence[str]) -> str:
        """Remove documents; a token for :meth:`undo`. Returns when they are gone.

        :raises UsageError: a name is no document's.
        :raises StoreLockedError: another process writes to the store.
        """
        return self._collection(name).remove(sources)

    def undo(self, name: str, token: str) -> Job:
        """Bring back removed documents, within an hour.

        :raises UsageError: it is too late, or the token is not one.
        """
        return self._collection(name).undo(token)

    def jobs(self, name: str = DEFAULT) -> tuple[Job, ...]:
        """Jobs of a collection, oldest first: those that run or wait, and the last ones that are finished."""
        return self._collection(name).jobs()

    def job(self, identifier: str) -> Job:
        """One job.

        :raises UsageError: there is none, or it is long finished.
        """
        with self._lock:
            collections = list(self._collections.values())
        for collection in collections:
            for job in collection.jobs():
                if job.id == identifier:
                    return job
        raise NotThereError(f"There is no job {identifier!r}; finished ones are forgotten after a while.")

    # Parts

    def _stores(self) -> dict[str, Path]:
        """Stores of all collections but the default one, by name."""
        stores = {}
        for path in sorted((self._settings.store / "collections").glob(f"*/{_NAME_FILE}")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                if not path.parent.name.startswith("."):
                    stores[str(json.loads(path.read_text())["name"])] = path.parent
        return stores

    def _collection(self, name: str) -> Collection:
        with self._lock:
            known = self._collections.get(name)
            if known is None:
                store = self._settings.store if name == DEFAULT else self._stores().get(name)
                if store is None:
                    raise NotThereError(
                        f"There is no collection called {name!r}; there are: {', '.join(self.names())}."
                    )
                known = Collection(name, replace(self._settings, store=store), self._open_encoder, self._model)
                self._collections[name] = known
                known.resume()
            return known

    def _open_encoder(self) -> Encoder:
        with self._encoder_lock:
            if self._encoder is None:
                self._encoder = open_encoder(self._settings.embedding_model, threads=self._settings.threads)
            return self._encoder
