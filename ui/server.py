"""The server: the page, REST and the guard before them, in one process on one port."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import HTTPException, RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from threadpoolctl import threadpool_limits

from index import AnswerableError, StoreError, StoreLockedError, UsageError
from qa import Settings
from ui import chat_completions, rest
from ui.collection import READERS
from ui.errors import NotAllowedError, NotThereError, TooMuchError
from ui.exchange import App
from ui.library import Library
from ui.login import Secrets, secrets_of
from ui.metrics import Counting, Metrics
from ui.reference import reference_page
from ui.replies import error_body
from ui.rest import RecordFeedback
from ui.security import Guard, Rules, check_binding

_SWEEP_SECONDS = 60.0
_STATUS = {
    UsageError: 400,
    NotAllowedError: 403,
    NotThereError: 404,
    StoreLockedError: 409,
    TooMuchError: 413,
    AnswerableError: 500,
    StoreError: 503,
}
_OPENAI_PATHS = "/v1/"


@dataclass(frozen=True, slots=True)
class Extras:
    """What the command line hands in, since this room may not import it."""

    record_feedback: RecordFeedback | None = None
    report: Path | None = None


def create_app(library: Library, *, extras: Extras = Extras(), page: bool = True) -> FastAPI:
    """All routes, without the guard. ``page``: with the chat page, whose imports take seconds."""
    metrics = Metrics()
    app = FastAPI(
        title="Answerable", version=_version(), docs_url=None, redoc_url=None, lifespan=_lifespan(library),
        description="Answers you can check.",
    )  # fmt: skip
    app.add_middleware(Counting, metrics=metrics)
    for kind, status in _STATUS.items():
        app.add_exception_handler(kind, _shown(status))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    turns = asyncio.Semaphore(READERS)  # whoever asks waits in the order they came: nobody starves
    app.include_router(rest.build_router(library, metrics, turns, extras.record_feedback))
    app.include_router(chat_completions.build_router(library, metrics, turns))

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(reference_page(app.openapi()))

    @app.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def unknown(path: str, request: Request) -> JSONResponse:
        return JSONResponse(error_body(f"There is no {request.method} /api/{path}.", "See /docs."), status_code=404)

    if page:
        _mount_page(app, library, extras)
    return app


def guarded(app: FastAPI, secret: Secrets, library: Library, *, hosts: tuple[str, ...] = ()) -> App:
    """The app with the guard before it: what the world sees."""
    names = frozenset(host.lower() for host in hosts)
    return Guard(app, secret, Rules(names, library.limits.total_bytes))


def serve(settings: Settings, *, host: str, port: int, open_browser: bool = False, extras: Extras = Extras()) -> None:
    """Serve until interrupted.

    :raises UsageError: others could come in without a password, or the port is taken.
    """
    secret = secrets_of(settings)
    check_binding(host, secret)
    threadpool_limits(1, "blas")  # threads of its own for each question's small products double the time of all
    os.umask(0o077)  # what is kept here is for its owner alone
    with (
        _listening(host, port) as listener,
        Library(settings.store, settings, allowed_folders=settings.folders) as library,
    ):
        _use_temporary_folder(settings.store / "temporary")
        app = guarded(create_app(library, extras=extras), secret, library, hosts=settings.hosts)
        address = _address(host, listener.getsockname()[1])
        sys.stderr.write(f"Answerable is at {address} - Ctrl-C ends it.\n")
        if open_browser:
            threading.Timer(0.5, webbrowser.open, (address,)).start()
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=15,
            timeout_graceful_shutdown=3, ws_max_size=1024 * 1024,
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[listener])


def _lifespan(library: Library) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm, args=(library,), daemon=True).start()
        sweeping = asyncio.create_task(_sweep(library))
        try:
            yield
        finally:
            sweeping.cancel()

    return lifespan


def _warm(library: Library) -> None:
    """Load the models while nobody waits; what is wrong with a store is told to those who ask."""
    with suppress(AnswerableError):
        library.warm()


async def _sweep(library: Library) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        with suppress(AnswerableError):
            await asyncio.to_thread(library.sweep)


def _mount_page(app: FastAPI, library: Library, extras: Extras) -> None:
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before the import: it looks up outside hosts otherwise
    import gradio

    from ui.app import STATIC, STATIC_PATH, appearance, build

    page = build(
        library, record_feedback=extras.record_feedback, report=extras.report, server_folders=library.reads_folders
    )
    app.mount(STATIC_PATH, StaticFiles(directory=STATIC))
    options: dict[str, Any] = {
        "show_error": False, "max_file_size": library.limits.file_bytes, "run_history": False,
        "enable_monitoring": False, "mcp_server": False, "allowed_paths": [],
    }  # fmt: skip
    gradio.mount_gradio_app(app, page, path="/", **{**appearance(), **options})


def _shown(status: int) -> Callable[[Request, Exception], Response]:
    def show(request: Request, error: Exception) -> Response:
        return _error(request, status, str(error))

    return show


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(request, error.status_code, f"{error.detail}.")


def _invalid(request: Request, error: Exception) -> Response:
    """What was wrong with the first wrong field. The value itself is not repeated: it may be a whole document."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "the body"
    return _error(request, 422, f"{field}: {first['msg']}.")


def _error(request: Request, status: int, message: str) -> Response:
    if request.url.path.startswith(_OPENAI_PATHS):
        return JSONResponse(chat_completions.error_body(message), status_code=status)
    return JSONResponse(error_body(message, "See /docs." if status in {404, 405, 422} else ""), status_code=status)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UsageError(
            f"The server cannot listen on {host}, port {port} ({error.strerror}); choose another with --port."
        ) from None


def _address(host: str, port: int) -> str:
    shown = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104 - only shown
    return f"http://{shown}:{port}/"


def _use_temporary_folder(folder: Path) -> None:
    """Uploads on their way lie beside the store, for its owner alone, and nothing of an earlier run is left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    tempfile.tempdir = str(folder)
    os.environ["GRADIO_TEMP_DIR"] = str(folder / "page")


def _version() -> str:
    try:
        return version("answerable")
    except PackageNotFoundError:
        return "0"
