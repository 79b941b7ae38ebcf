"""What stands before every route: who calls, under which name, from which site, with how much, and what may come back.

Plain ASGI and the standard library, so that it holds for our routes, for Gradio's and for those to come.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from index import UsageError
from ui.exchange import App, Inbound, Outbound, Receive, Scope, Send, run_limited, too_large
from ui.login import COOKIE, Secrets, Sessions, Throttle, local_path, login_page
from ui.replies import Reply, as_page, problem

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
OPEN_PATHS = frozenset({"/login", "/api/v1/health"})
"""All that is answered without a login."""
UPLOAD_PATHS = frozenset({"/gradio_api/upload", "/api/v1/documents"})
CLOSED_PATHS = re.compile(
    r"/(?:monitoring|svelte|pwa_icon|user|token|login_check|profiling)(?:/|$)"
    r"|/gradio_api/(?:proxy=|run-history|runs|vibe|undo-vibe|dev/|process_recording|deep_link|custom_component|token|"
    r"user|login_check|openapi|app_id|profiling)",
)
"""Routes of Gradio that the page does not use; some reach out, some tell more than they should."""

_BODY_BYTES = 1024 * 1024
_MULTIPART_ROOM = 1024 * 1024
"""For the part headers around uploaded files."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a server allows. ``hosts``: names beside the loopback's and plain addresses; ``upload_bytes``: at once."""

    hosts: frozenset[str] = frozenset()
    upload_bytes: int = 1024**3


def check_binding(host: str, secret: Secrets) -> None:
    """:raises UsageError: the server would be open to other machines without a password."""
    if host not in LOOPBACK and not secret:
        raise UsageError(
            f"Listening on {host} lets other machines in; set QA_PASSWORD (or QA_PASSWORD_FILE) or QA_TOKEN first, or "
            "listen on 127.0.0.1."
        )


def host_allowed(host: str, rules: Rules) -> bool:
    """Whether a ``Host`` header names us. A site that gives its own name our address (DNS rebinding) does not.

    Plain addresses are allowed: a browser that was sent to one shows its own origin, not another site's.
    """
    if "@" in host:
        return False
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if name in LOOPBACK or name in rules.hosts or name == socket.gethostname().lower():
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def same_site(headers: "Headers", method: str) -> bool:
    """Whether a request comes from our own pages, from a program, or by following a link to a page."""
    if headers.origin is not None:
        try:
            return urlsplit(headers.origin).netloc.lower() == headers.host.lower() != ""
        except ValueError:
            return False
    if headers.fetch_site in {"", "same-origin", "none"}:
        return True
    return method in _SAFE_METHODS and headers.fetch_mode == "navigate"


class Headers(NamedTuple):
    """The headers of a request that we look at; ``origin`` is None where there is none."""

    host: str
    origin: str | None
    fetch_site: str
    fetch_mode: str
    authorization: str
    session: str
    accept: str
    length: int | None


def read_headers(raw: Iterable[tuple[bytes, bytes]]) -> Headers | None:
    """None if they contradict themselves."""
    values: dict[str, list[str]] = {}
    for name, value in raw:
        values.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))

    def one(name: str) -> str:
        return values.get(name, [""])[0]

    if any(len(values.get(name, [])) > 1 for name in ("host", "origin", "authorization", "content-length")):
        return None
    length = one("content-length")
    if length and not (length.isascii() and length.isdecimal() and len(length) < 16):
        return None
    return Headers(
        one("host"), values["origin"][0] if "origin" in values else None, one("sec-fetch-site"), one("sec-fetch-mode"),
        one("authorization"), _session("; ".join(values.get("cookie", []))), one("accept"),
        int(length) if length else None,
    )  # fmt: skip


class Guard:
    """The outermost layer of the server."""

    def __init__(self, app: App, secret: Secrets, rules: Rules = Rules()) -> None:
        self._app = app
        self._secret = secret
        self._rules = rules
        self._sessions = Sessions()
        self._throttle = Throttle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope["headers"])
        path = str(scope["path"])
        outbound = Outbound(send, path)
        reply = self._refusal(scope, headers, path)
        if reply is None and headers is not None:
            limit = self._limit(path)
            if headers.length is not None and headers.length > limit:
                reply = too_large(limit)
            elif path in {"/login", "/logout"} and self._secret:
                reply = await self._door(scope, headers, path, Inbound(receive, limit))
            else:
                await run_limited(self._app, scope, receive, outbound, limit)
                return
        assert reply is not None
        await outbound.reply(reply)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = read_headers(scope["headers"])
        path = str(scope["path"])
        if headers is None or headers.origin is None or self._refusal({**scope, "method": "POST"}, headers, path):
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        await self._app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers | None, path: str) -> Reply | None:
        """The reply to a request that goes no further; None for one that may."""
        method = str(scope["method"])
        if headers is None or not _plain(path):
            return problem(400, "The request is malformed.")
        if not host_allowed(headers.host, self._rules):
            return problem(400, f"This server is not called {headers.host!r}.", "Name it in QA_HOSTS if it is.")
        if not same_site(headers, method):
            return problem(403, "The request comes from another site.")
        if CLOSED_PATHS.match(path):
            return problem(404, f"There is nothing at {path}.")
        if path in OPEN_PATHS or not self._secret:
            return None
        return self._unknown_caller(scope, headers, path, method)

    def _unknown_caller(self, scope: Scope, headers: Headers, path: str, method: str) -> Reply | None:
        if headers.session and self._sessions.holds(headers.session):
            return None
        scheme, _, token = headers.authorization.partition(" ")
        if scheme.lower() == "bearer":
            address = _address(scope)
            if wait := self._throttle.wait(address):
                return _later(wait)
            if self._secret.is_token(token.strip()):
                self._throttle.passed(address)
                return None
            self._throttle.failed(address)
            return problem(401, "The token is wrong.", "Send the server's QA_TOKEN as: Authorization: Bearer TOKEN.")
        if method == "GET" and "text/html" in headers.accept:
            query = scope.get("query_string", b"").decode("latin-1")
            return Reply(303, location=f"/login?next={quote(path + (f'?{query}' if query else ''), safe='/')}")
        return problem(401, "This server asks for a login.", "Log in at /login, or send: Authorization: Bearer TOKEN.")

    async def _door(self, scope: Scope, headers: Headers, path: str, inbound: "Inbound") -> Reply:
        """Log in and out."""
        method = str(scope["method"])
        if path == "/logout":
            if method != "POST":
                return problem(405, "Logging out is a POST.")
            self._sessions.end(headers.session)
            return Reply(303, location="/login", cookie=_cookie("", scope, age=0))
        if method in {"GET", "HEAD"}:
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
            return as_page(login_page(query.get("next", ["/"])[0]))
        if method != "POST":
            return problem(405, "Logging in is a POST.")
        form = parse_qs((await inbound.body()).decode("utf-8", "replace"), max_num_fields=10, keep_blank_values=True)
        if inbound.exceeded:
            return too_large(inbound.limit)
        return self._login(scope, headers, form.get("password", [""])[0], local_path(form.get("next", ["/"])[0]))

    def _login(self, scope: Scope, headers: Headers, password: str, target: str) -> Reply:
        address = _address(scope)
        if wait := self._throttle.wait(address):
            message = f"Too many wrong passwords. Wait {wait:.0f} seconds and try again."
            return as_page(login_page(target, message), status=429, retry_after=wait)
        if not self._secret.opens(password):
            self._throttle.failed(address)
            return as_page(login_page(target, "That is not the password."), status=401)
        self._throttle.passed(address)
        self._sessions.end(headers.session)
        return Reply(303, location=target, cookie=_cookie(self._sessions.begin(), scope))

    def _limit(self, path: str) -> int:
        if path.rstrip("/") in UPLOAD_PATHS:
            return self._rules.upload_bytes + _MULTIPART_ROOM
        return _BODY_BYTES


def _plain(path: str) -> bool:
    """Paths that no two layers can read differently."""
    return path.startswith("/") and not re.search(r"[\x00-\x1f\x7f\\]|(?:^|/)\.\.?(?:/|$)", path)


def _session(cookies: str) -> str:
    try:
        morsel = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return ""
    return "" if morsel is None else morsel.value


def _cookie(value: str, scope: Scope, *, age: int | None = None) -> str:
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    lifetime = "" if age is None else f"; Max-Age={age}"
    return f"{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{lifetime}{secure}"


def _address(scope: Scope) -> str:
    """Of the caller; a household's IPv6 addresses count as one."""
    host = (scope.get("client") or ("", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _later(wait: float) -> Reply:
    reply = problem(429, f"Too many wrong tokens. Wait {wait:.0f} seconds and try again.")
    return reply._replace(retry_after=wait)
