"""Pages of PDF files as pictures, drawn in a child process: a file that brings the PDF library down ends nothing else.

``python -m ui.pictures`` is that child: one request on stdin, a JSON line and the PNG on stdout.
"""

import json
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from index.loaders.pdf import page_picture
from index.loaders.pdf_places import Box, PagePicture

_PATIENCE_SECONDS = 20.0


def picture_of(path: Path, page: int, stored: str, quote: tuple[int, int] | None) -> PagePicture | None:
    """Draw a page (1-based) with boxes over a quote; None if it cannot be drawn. See :func:`page_picture`."""
    return _kept(path, path.stat().st_mtime_ns, page, stored, quote)


@lru_cache(maxsize=32)
def _kept(path: Path, changed: int, page: int, stored: str, quote: tuple[int, int] | None) -> PagePicture | None:  # noqa: ARG001 - part of the key
    request = json.dumps({"path": str(path), "page": page, "stored": stored, "quote": quote})
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-m", "ui.pictures"], input=request.encode(), capture_output=True,
            timeout=_PATIENCE_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    head, _, png = child.stdout.partition(b"\n")
    if child.returncode or not png:
        return None
    values = json.loads(head)
    return PagePicture(png, values["width"], values["height"], tuple(Box(*box) for box in values["boxes"]))


def main(requests: BinaryIO, replies: BinaryIO) -> int:
    """Draw what one request asks for; 1 if that cannot be done."""
    request = json.loads(requests.read())
    quote = tuple(request["quote"]) if request["quote"] else None
    picture = page_picture(Path(request["path"]).read_bytes(), request["page"], request["stored"], quote)
    if picture is None:
        return 1
    head = {"width": picture.width, "height": picture.height, "boxes": picture.boxes}
    replies.write(json.dumps(head).encode() + b"\n" + picture.png)
    replies.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.buffer, sys.stdout.buffer))
