"""Requests on their way in and responses on their way out: how large a body may be, and the headers of all we send."""

import logging
import re
import secrets
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ui.replies import Reply, problem

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_LOGGER = logging.getLogger("answerable")
_SCRIPT_TAG = re.compile(rb"<script(?=[\s>])", re.IGNORECASE)

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_POLICY = (
    "default-src 'self'; script-src 'self' {script}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_REPLACED = frozenset(
    {b"content-security-policy", b"server", b"access-control-allow-origin", b"access-control-allow-credentials",
     b"access-control-allow-methods", b"access-control-allow-headers", b"access-control-expose-headers",
     b"access-control-max-age", b"access-control-allow-private-network", *(name for name, _ in _HEADERS)}
)  # fmt: skip


class Inbound:
    """A request's body, cut where it grows over the limit, with or without a declared length."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self.limit = limit
        self.exceeded = False
        self._seen = 0

    async def __call__(self) -> Message:
        """ASGI's ``receive``."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            if self._seen > self.limit:
                self.exceeded = True
                return {"type": "http.disconnect"}
        return message

    async def body(self) -> bytes:
        """All of it."""
        parts: list[bytes] = []
        while True:
            message = await self()
            if message["type"] != "http.request":
                return b"".join(parts)
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(parts)


class Outbound:
    """A response on its way out: gets our headers, loses those that open us to other sites.

    The scripts that stand in a page get a nonce, so that a script that gets into the page later does not run.
    """

    def __init__(self, send: Send, path: str) -> None:
        self._send = send
        self._private = path.startswith(("/api/", "/v1/", "/metrics", "/login", "/gradio_api/file"))
        self._page_here = not path.startswith(("/gradio_api/", "/api/", "/v1/"))  # what comes from there is data
        self._nonce = secrets.token_urlsafe(16)
        self._held: Message | None = None
        self.started = False

    async def __call__(self, message: Message) -> None:
        """ASGI's ``send``."""
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = [item for item in message.get("headers", ()) if item[0].lower() not in _REPLACED]
            if self._page_here and _content_type(message).startswith(b"text/html"):
                self._held = message
                return
            message["headers"] += self._headers("")
        elif message["type"] == "http.response.body" and self._held is not None:
            await self._page(message)
            return
        await self._send(message)

    async def reply(self, reply: Reply) -> None:
        """Send a response of our own."""
        self.started = True
        headers = [*reply.headers(), *self._headers("")]
        if reply.status == 413:
            headers.append((b"connection", b"close"))  # instead of reading the rest
        await self._send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": reply.body})

    async def _page(self, message: Message) -> None:
        """Pages are held until they are whole."""
        assert self._held is not None
        self._held["_body"] = self._held.get("_body", b"") + message.get("body", b"")
        if message.get("more_body"):
            return
        start, self._held = self._held, None
        body = _SCRIPT_TAG.sub(f'<script nonce="{self._nonce}"'.encode(), start.pop("_body"))
        kept = [item for item in start["headers"] if item[0].lower() not in {b"content-length", b"etag"}]
        empty = not body and any(name.lower() == b"content-length" for name, _ in start["headers"])
        length = [item for item in start["headers"] if item[0].lower() == b"content-length"] if empty else [
            (b"content-length", str(len(body)).encode())]  # fmt: skip
        start["headers"] = [
            *kept,
            *length,
            *self._headers(f"'nonce-{self._nonce}' 'unsafe-eval'"),
            (b"cache-control", b"no-store"),
        ]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _headers(self, script: str) -> list[tuple[bytes, bytes]]:
        policy = _POLICY.replace(" {script}", f" {script}" if script else "")
        headers = [*_HEADERS, (b"content-security-policy", policy.encode())]
        return [*headers, (b"cache-control", b"no-store")] if self._private else headers


async def run_limited(app: App, scope: Scope, receive: Receive, outbound: Outbound, limit: int) -> None:
    """Run the app; whatever it makes of a body that was cut, the caller is told that it was too large."""
    inbound = Inbound(receive, limit)

    async def send(message: Message) -> None:
        if inbound.exceeded and not outbound.started:
            return  # its own idea of what went wrong
        await outbound(message)

    try:
        await app(scope, inbound, send)
    except Exception as error:  # noqa: BLE001 - this is the outermost layer: others would log what must not be
        _log_briefly(error)
        if not inbound.exceeded and not outbound.started:
            await outbound.reply(problem(500, "Something went wrong here; the server's log says where."))
    if inbound.exceeded and not outbound.started:
        await outbound.reply(too_large(limit))


def _log_briefly(error: Exception) -> None:
    """Where it happened, and no more: messages and tracebacks can hold what stands in documents."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    _LOGGER.error("%s at %s", type(error).__name__, place)


def too_large(limit: int) -> Reply:
    """What is said to a body over the limit."""
    return problem(413, f"The request is larger than the {limit / 1e6:,.1f} MB taken here.", "Send it in parts.")


def _content_type(message: Message) -> bytes:
    return next((bytes(value) for name, value in message["headers"] if name.lower() == b"content-type"), b"")
