"""Language models for tests: one that writes what it is told to, and a server that misbehaves in every way."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

from index.sentences import sentence_spans
from index.types import Chunk, DocumentInfo, Passage, Signals
from qa.prompt import Message
from qa.types import Citation
from qa.verify import EvidenceSpan

Behaviour = Literal["ok", "429", "500", "401", "404", "slow", "hang", "garbage", "page", "endless", "cut", "empty"]


def passage(text: str, *, source: str = "a.txt", start: int = 0, heading: str | None = None) -> Passage:
    """A passage that begins at ``start`` of its document."""
    spans = tuple((left + start, right + start) for left, right in sentence_spans(text))
    document = DocumentInfo(source, source, source, "text/plain", {}, (), start + len(text), "", 1)
    chunk = Chunk(source, 0, start, start + len(text), text, "", spans)
    return Passage(chunk, document, 1.0, Signals(1, 1, 1, 1), (0.5,) * len(spans), heading=heading)


def cite(number: int, passage: Passage, span: EvidenceSpan) -> Citation:
    """The citation of a place in a document that is in no store."""
    source = passage.document.source
    return Citation(number, passage.document.id, source, source, None, passage.heading, span.start, span.end, span.text)


class ScriptedModel:
    """Writes ``reply`` (or what it makes of the messages) in pieces of ``size`` characters; keeps what it was sent."""

    name = "scripted"

    def __init__(self, reply: str | Callable[[Sequence[Message]], str], *, size: int = 7) -> None:
        self.reply = reply
        self.size = size
        self.asked: list[Sequence[Message]] = []

    def stream(self, messages: Sequence[Message], *, cancel: threading.Event | None = None) -> Iterator[str]:
        """See :class:`qa.written.Model`."""
        self.asked.append(messages)
        text = self.reply if isinstance(self.reply, str) else self.reply(messages)
        for start in range(0, len(text), self.size):
            if cancel and cancel.is_set():
                return
            yield text[start : start + self.size]


class ModelServer:
    """An OpenAI-compatible server in a thread. ``behaviours`` are used up one a request; the last one stays.

    ``requests`` are the bodies received, ``headers`` what came with them, ``paths`` where to.
    """

    media_type = "text/event-stream"
    half_a_part = b'data: {"choices": [{"del'

    def __init__(self, reply: str | Callable[[str], str] = "", *behaviours: Behaviour) -> None:
        self.reply = reply
        self.behaviours = list(behaviours) or ["ok"]
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, as if the process had been killed."""
        if not self.stopping.is_set():
            self.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()

    def text_for(self, body: dict[str, Any]) -> str:
        """What is answered to a request."""
        prompt = "\n".join(str(message["content"]) for message in body["messages"])
        return self.reply if isinstance(self.reply, str) else self.reply(prompt)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Silence."""

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.requests.append(body)
                server.headers.append(dict(self.headers.items()))
                server.paths.append(self.path)
                behaviour = server.behaviours.pop(0) if len(server.behaviours) > 1 else server.behaviours[0]
                with suppress(BrokenPipeError, ConnectionResetError):  # the client has had enough
                    server.answer(self, behaviour, body)

        return Handler

    def answer(self, request: BaseHTTPRequestHandler, behaviour: str, body: dict[str, Any]) -> None:
        """Behave."""
        if behaviour in {"429", "500", "401", "404"}:
            request.send_response(int(behaviour))
            request.send_header("Retry-After", "0")
            request.end_headers()
            key = request.headers.get("Authorization", "")
            request.wfile.write(json.dumps({"error": {"message": f"No, not with {key}"}}).encode())
            return
        if behaviour == "hang":
            self.stopping.wait()
            return
        request.send_response(200)
        request.send_header("Content-Type", "text/html" if behaviour == "page" else self.media_type)
        request.end_headers()
        if behaviour == "page":
            request.wfile.write(b"<html><body>It works!</body></html>")
            return
        if behaviour == "garbage":
            request.wfile.write(b"data: {]]]\n\ndata: \xff\xfe\n\n")
            return
        for piece in self._pieces(behaviour, body):
            request.wfile.write(self.part(piece))
            request.wfile.flush()
        request.wfile.write(self.half_a_part if behaviour == "cut" else self.last_part())

    def part(self, piece: str) -> bytes:
        """A piece of text as it is sent."""
        return _event(piece)

    def last_part(self) -> bytes:
        """What says that the text is whole."""
        return _event("", "stop") + b"data: [DONE]\n\n"

    def _pieces(self, behaviour: str, body: dict[str, Any]) -> Iterator[str]:
        if behaviour == "empty":
            return
        text = self.text_for(body)
        pieces = re.findall(r".{1,9}", text, re.DOTALL)
        if behaviour == "cut":
            pieces = pieces[: len(pieces) // 2]
        while True:
            for piece in pieces:
                yield piece
                if behaviour == "slow" and self.stopping.wait(0.3):
                    return
            if behaviour != "endless" or self.stopping.is_set():
                return


class OllamaServer(ModelServer):
    """The same in Ollama's own protocol: a line of JSON for each piece, the last of which is ``done``."""

    media_type = "application/x-ndjson"
    half_a_part = b""
    """Cut between two lines, so that nothing but the missing last one tells."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return super().address.removesuffix("/v1")

    def part(self, piece: str) -> bytes:
        """See :class:`ModelServer`."""
        return self._line(piece, {"done": False})

    def last_part(self) -> bytes:
        """See :class:`ModelServer`."""
        return self._line("", {"done": True, "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 1})

    def _line(self, piece: str, state: dict[str, Any]) -> bytes:
        message = {"role": "assistant", "content": piece}
        line = {"model": "scripted", "created_at": "2026-05-01T00:00:00Z", "message": message, **state}
        return json.dumps(line).encode() + b"\n"


def _event(piece: str, finish: str | None = None) -> bytes:
    delta = {"role": "assistant", "content": piece}
    chunk = {
        "id": "1", "object": "chat.completion.chunk", "created": 0, "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }  # fmt: skip
    return f"data: {json.dumps(chunk)}\n\n".encode()
