"""A real server on a free port of the loopback, in a thread of the tests."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from fastapi import FastAPI

from ui.exchange import App
from ui.library import Library

PASSWORD = "correct horse battery"
TOKEN = "token-of-the-tests"


@dataclass(frozen=True)
class Site:
    """A running server."""

    port: int
    library: Library
    app: FastAPI

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def raw(self, request: bytes, *, seconds: float = 10) -> bytes:
        """Send bytes as they are; all that comes back until the server is done with us."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=seconds) as connection:
            connection.sendall(request)
            return read_all(connection)

    def get(self, path: str, *headers: str) -> bytes:
        """Ask for a path as it is; clients would tidy it up."""
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", *headers]
        return self.raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))


def read_all(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except (TimeoutError, ConnectionError):
        pass
    return b"".join(parts)


@contextmanager
def running(guard: App, app: FastAPI, library: Library) -> Iterator[Site]:
    """Serve until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        guard, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server has ended"
        time.sleep(0.02)
    try:
        yield Site(listener.getsockname()[1], library, app)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
