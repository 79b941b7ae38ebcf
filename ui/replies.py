"""Responses that are ours from first byte to last, and the one shape of an error."""

import json
import math
from typing import Any, NamedTuple


class Reply(NamedTuple):
    """A whole response. ``retry_after`` are seconds."""

    status: int
    body: bytes = b""
    media_type: str = "text/plain; charset=utf-8"
    location: str = ""
    cookie: str = ""
    retry_after: float = 0.0

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As ASGI wants them."""
        pairs = [("content-type", self.media_type), ("content-length", str(len(self.body)))]
        optional = [("location", self.location), ("set-cookie", self.cookie)]
        pairs += [(name, value) for name, value in optional if value]
        if self.retry_after:
            pairs.append(("retry-after", str(math.ceil(self.retry_after))))
        return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in pairs]


def error_body(message: str, remedy: str = "") -> dict[str, Any]:
    """What every error of ours looks like as JSON."""
    return {"error": {"message": message, **({"remedy": remedy} if remedy else {})}}


def problem(status: int, message: str, remedy: str = "") -> Reply:
    """An error as JSON."""
    return Reply(status, json.dumps(error_body(message, remedy)).encode(), "application/json")


def as_page(page: str, *, status: int = 200, retry_after: float = 0.0) -> Reply:
    """A page of HTML."""
    return Reply(status, page.encode(), "text/html; charset=utf-8", retry_after=retry_after)
