"""A library with two documents, and servers over it: one open, one with a password."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from index import Index
from index.embed import Encoder
from qa import Settings
from ui.library import Library
from ui.login import Secrets
from ui.uploads import UploadLimits

from ..helpers import SEEDS, write_files
from .site import PASSWORD, TOKEN, Site, running

LIMITS = UploadLimits(file_bytes=60_000, files=20, total_bytes=400_000, stored_bytes=5_000_000)
ARTICLE = "000_68666599302d609d.txt"


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``store``, ``allowed`` and ``outside``."""
    place = tmp_path_factory.mktemp("served")
    write_files(place / "allowed", {"folder/crane.md": "# Crane\n\nThe crane lifts 40 tonnes.\n"})
    write_files(place / "outside", {"secret.txt": "canary-of-the-outside"})
    os.environ["GRADIO_TEMP_DIR"] = str(place / "temporary")
    return place


@pytest.fixture(scope="session")
def library(place: Path, real_encoder: Encoder) -> Iterator[Library]:
    documents: dict[str, str | bytes] = {
        ARTICLE: (SEEDS / ARTICLE).read_bytes(),
        "pump.md": "# Pump\n\n## Power\n\nThe pump needs a voltage of 12 V. It weighs 3 kg.\n",
    }
    with Index.open(place / "store", encoder=real_encoder) as index:
        index.sync(write_files(place / "own", documents))
    with Library(place / "store", Settings(), LIMITS, [place / "allowed"], encoder=real_encoder) as library:
        yield library


@pytest.fixture(scope="session")
def marks() -> list[tuple[str, str, str]]:
    """Question, mark and comment of all feedback that the servers were given."""
    return []


@pytest.fixture(scope="session")
def site(library: Library, marks: list[tuple[str, str, str]]) -> Iterator[Site]:
    """Open to this machine, as ``qa ui`` is without a password."""
    yield from _served(library, Secrets(), marks)


@pytest.fixture(scope="session")
def locked_site(library: Library, marks: list[tuple[str, str, str]]) -> Iterator[Site]:
    """With a password and a token."""
    yield from _served(library, Secrets(PASSWORD, TOKEN), marks)


def _served(library: Library, secret: Secrets, marks: list[tuple[str, str, str]]) -> Iterator[Site]:
    from ui.server import Extras, create_app, guarded

    def record(answer, mark, *, comment="", history=()):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202, ARG001
        marks.append((answer.question, mark, comment))

    async def create() -> FastAPI:
        """Gradio makes event loops of its own, and leaves them open, where none is running."""
        return create_app(library, extras=Extras(record))

    app = asyncio.run(create())
    with running(guarded(app, secret, library, hosts=("answers.example",)), app, library) as site:
        yield site
