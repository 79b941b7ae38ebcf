"""Counts and times for Prometheus; nothing of a question or a document is in them."""

import re
import time

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ui.exchange import App, Message, Receive, Scope, Send

MEDIA_TYPE = CONTENT_TYPE_LATEST
_COUNTED = ("/api/v1/", "/v1/", "/metrics")
_IDENTIFIER = re.compile(r"^(/api/v1/(?:documents|jobs)/)(?!(?:folder|reindex|remove|undo)$)[^/]+")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """What one server counts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "answerable_requests", "Requests by route and status.", ["method", "route", "status"],
            registry=self._registry,
        )  # fmt: skip
        self._seconds = Histogram(
            "answerable_request_seconds", "Time until a response was complete.", ["route"], buckets=_SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._asks = Counter("answerable_answers", "Answers and refusals.", ["answered"], registry=self._registry)
        self._documents = Gauge("answerable_documents", "Documents of all collections.", registry=self._registry)
        self._chunks = Gauge("answerable_chunks", "Chunks of all collections.", registry=self._registry)
        self._jobs = Gauge("answerable_jobs_running", "Uploads that are being indexed.", registry=self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. ``route`` is the pattern, never the path itself."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def asked(self, *, answered: bool) -> None:
        """Count an answer."""
        self._asks.labels(str(answered).lower()).inc()

    def text(self, *, documents: int, chunks: int, jobs: int) -> bytes:
        """All of it in Prometheus's text form."""
        self._documents.set(documents)
        self._chunks.set(chunks)
        self._jobs.set(jobs)
        return generate_latest(self._registry)


class Counting:
    """ASGI: counts each request when its response is complete."""

    def __init__(self, app: App, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.request(method, route_of(scope["path"], status), status, time.perf_counter() - begun)


def route_of(path: str, status: int) -> str:
    """The pattern that a path follows. Few are told apart: strangers could fill the memory with others."""
    if status in {404, 405} or not path.startswith(_COUNTED):
        return "other" if status in {404, 405} else "page"
    return _IDENTIFIER.sub(r"\1{id}", path.rstrip("/"))
