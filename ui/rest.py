"""REST: the same calls as the page's and the command line's, as JSON. ``/docs`` shows them all."""

import asyncio
import json
import secrets
import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from index import AnswerableError, UsageError
from qa import Answer, Turn
from qa.types import passage_to_dict
from ui.errors import NotThereError
from ui.jobs import Job
from ui.library import DEFAULT, Library
from ui.metrics import MEDIA_TYPE, Metrics
from ui.replies import error_body
from ui.schemas import (
    AskBody,
    CollectionBody,
    CollectionName,
    FeedbackBody,
    FolderBody,
    SearchBody,
    SourcesBody,
    UndoBody,
)

RecordFeedback = Callable[..., object]
"""``record(answer, mark, comment=..., history=...)`` keeps what somebody thinks of an answer."""

_REMEMBERED = 1000
"""Answers that can still be marked."""
InCollection = Annotated[CollectionName, Query(description="the collection's name")]


class Answers:
    """The last answers given, so that they can be marked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[Answer, tuple[Turn, ...]]] = OrderedDict()

    def keep(self, answer: Answer, history: tuple[Turn, ...]) -> str:
        """Keep an answer; its id."""
        identifier = secrets.token_hex(8)
        with self._lock:
            self._kept[identifier] = (answer, history)
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return identifier

    def get(self, identifier: str) -> tuple[Answer, tuple[Turn, ...]]:
        """:raises UsageError: it is not kept any more."""
        with self._lock:
            if identifier in self._kept:
                return self._kept[identifier]
        raise NotThereError(f"There is no answer {identifier!r}; only the last {_REMEMBERED} can be marked.")


def build_router(
    library: Library, metrics: Metrics, turns: asyncio.Semaphore, record_feedback: RecordFeedback | None
) -> APIRouter:
    """All routes under ``/api/v1``, and ``/metrics``. ``turns`` are for those who ask."""
    router = APIRouter()
    router.include_router(_questions(library, metrics, turns, record_feedback), prefix="/api/v1", tags=["questions"])
    router.include_router(_documents(library), prefix="/api/v1/documents", tags=["documents"])
    router.include_router(_collections(library), prefix="/api/v1", tags=["collections and jobs"])
    router.include_router(_operations(library, metrics), tags=["operations"])
    return router


def _questions(
    library: Library, metrics: Metrics, turns: asyncio.Semaphore, record_feedback: RecordFeedback | None
) -> APIRouter:
    router = APIRouter()
    answers = Answers()

    @router.post("/ask", response_model=None)
    async def ask(body: AskBody, request: Request) -> Response | dict[str, Any]:
        """Answer a question, with citations, or say that the documents do not.

        With `stream` (or `Accept: text/event-stream`) the events are `sentence`, for each as it stands, then `answer`.
        """

        def finished(answer: Answer) -> dict[str, Any]:
            metrics.asked(answered=answer.answered)
            return {"id": answers.keep(answer, tuple(body.turns)), "collection": body.collection, **answer.to_dict()}

        if body.stream or "text/event-stream" in request.headers.get("accept", ""):
            assistant = await asyncio.to_thread(library.assistant, body.collection)
            events = assistant.stream(body.question, history=body.turns, where=body.where)
            return StreamingResponse(_events(events, finished), media_type="text/event-stream")

        def answer() -> dict[str, Any]:
            assistant = library.assistant(body.collection)
            return finished(assistant.ask(body.question, history=body.turns, where=body.where, top_k=body.top_k))

        async with turns:
            return await asyncio.to_thread(answer)

    @router.post("/search")
    def search(body: SearchBody) -> dict[str, Any]:
        """The passages that match best, best first."""
        result = library.assistant(body.collection).index.search(body.query, top_k=body.top_k, where=body.where)
        passages = [passage_to_dict(passage) for passage in result.passages]
        return {"query": body.query, "passages": passages, "searched": result.searched}

    @router.post("/feedback")
    def feedback(body: FeedbackBody) -> dict[str, Any]:
        """Keep a mark on an answer as an eval sample, ready to be reviewed."""
        if record_feedback is None:
            raise UsageError("This server keeps no feedback.")
        answer, history = answers.get(body.answer_id)
        record_feedback(answer, body.mark, comment=body.comment, history=history)
        return {"kept": True}

    @router.get("/examples")
    def examples(collection: InCollection = DEFAULT) -> dict[str, Any]:
        """Questions that the collection answers, to begin with."""
        return {"questions": library.example_questions(collection)}

    return router


def _documents(library: Library) -> APIRouter:
    router = APIRouter()

    @router.get("")
    def list_documents(
        collection: InCollection = DEFAULT,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> dict[str, Any]:
        """Documents by name, also those that wait, are being read, or failed."""
        rows = library.documents(collection)
        return {"total": len(rows), "documents": [asdict(row) for row in rows[offset : offset + limit]]}

    @router.post("", status_code=202)
    def add_documents(
        files: Annotated[list[UploadFile], File(description="a name may hold folders")],
        collection: InCollection = DEFAULT,
    ) -> dict[str, Any]:
        """Upload files and index them in the background; the job tells how far that is."""
        with tempfile.TemporaryDirectory(prefix="upload-") as folder:
            taken = [(file.filename or "", _saved(file, Path(folder) / str(n))) for n, file in enumerate(files)]
            return _job(library.add_files(collection, taken))

    @router.post("/folder", status_code=202)
    def add_folder(body: FolderBody) -> dict[str, Any]:
        """Index a folder of the server's machine where it is."""
        return _job(library.add_folder(body.collection, body.path))

    @router.post("/reindex", status_code=202)
    def reindex(body: SourcesBody) -> dict[str, Any]:
        """Read documents' files again, also of those that failed."""
        return _job(library.reindex(body.collection, body.sources))

    @router.post("/remove")
    def remove(body: SourcesBody) -> dict[str, Any]:
        """Remove documents; `undo` can bring them back within an hour."""
        return {"removed": body.sources, "undo": library.remove(body.collection, body.sources)}

    @router.post("/undo", status_code=202)
    def undo(body: UndoBody) -> dict[str, Any]:
        """Bring removed documents back."""
        return _job(library.undo(body.collection, body.token))

    @router.delete("/{document_id}")
    def delete(document_id: str, collection: InCollection = DEFAULT) -> dict[str, Any]:
        """Remove one document."""
        source = library.source(collection, document_id)
        return {"removed": [source], "undo": library.remove(collection, [source])}

    @router.get("/{document_id}/text", response_class=PlainTextResponse)
    def text(document_id: str, collection: InCollection = DEFAULT) -> PlainTextResponse:
        """The stored text; citations' offsets index into it (in characters, not bytes)."""
        return PlainTextResponse(library.document(collection, library.source(collection, document_id)).text)

    @router.get("/{document_id}/original", response_class=FileResponse)
    def original(document_id: str, collection: InCollection = DEFAULT) -> FileResponse:
        """The file itself, always as a download."""
        source = library.source(collection, document_id)
        path = library.original(collection, source)
        return FileResponse(path, media_type="application/octet-stream", filename=source.rpartition("/")[2])

    return router


def _collections(library: Library) -> APIRouter:
    router = APIRouter()

    @router.get("/collections")
    def collections() -> dict[str, Any]:
        """All collections."""
        return {"collections": library.names()}

    @router.post("/collections", status_code=201)
    def create(body: CollectionBody) -> dict[str, Any]:
        """Make an empty collection."""
        return {"name": library.create(body.name)}

    @router.delete("/collections")
    def delete(name: InCollection) -> dict[str, Any]:
        """Delete a collection with its documents and uploaded files. This cannot be undone."""
        library.delete(name)
        return {"deleted": name}

    @router.get("/jobs")
    def jobs(collection: InCollection = DEFAULT) -> dict[str, Any]:
        """Uploads that run or wait, and the last ones that are finished."""
        return {"jobs": [_job(job) for job in library.jobs(collection)]}

    @router.get("/jobs/{job_id}")
    def job(job_id: str) -> dict[str, Any]:
        """How far an upload is."""
        return _job(library.job(job_id))

    return router


def _operations(library: Library, metrics: Metrics) -> APIRouter:
    router = APIRouter()

    @router.get("/api/v1/health")
    def health() -> dict[str, Any]:
        """Whether the server is up, and its models loaded. Needs no login and tells nothing else."""
        return {"status": "ok", "ready": library.ready}

    @router.get("/metrics", response_class=PlainTextResponse)
    def prometheus() -> Response:
        """Counts and times for Prometheus."""
        infos = [info for name in library.names() for info in library.assistant(name).index.documents()]
        running = sum(not job.finished for name in library.names() for job in library.jobs(name))
        chunks = sum(info.chunks for info in infos)
        return Response(metrics.text(documents=len(infos), chunks=chunks, jobs=running), media_type=MEDIA_TYPE)

    return router


def _events(parts: Iterator[Any], finished: Callable[[Answer], dict[str, Any]]) -> Iterator[str]:
    """Server-sent events. An error in the middle is an event too: the status has been sent."""
    try:
        for part in parts:
            if isinstance(part, Answer):
                yield _event("answer", finished(part))
            else:
                yield _event("sentence", asdict(part))
    except AnswerableError as error:
        yield _event("error", error_body(str(error)))


def _event(kind: str, data: dict[str, Any]) -> str:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _job(job: Job) -> dict[str, Any]:
    return {**asdict(job), "done": job.done, "failed": job.failed, "total": len(job.files)}


def _saved(file: UploadFile, path: Path) -> Path:
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target)
    return path
