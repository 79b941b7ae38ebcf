"""The one fixture of the loader tests."""

from pathlib import Path

import pytest

from index.load import load
from index.types import Document

from .samples import Load, check_spans


@pytest.fixture
def load_bytes(tmp_path: Path) -> Load:
    """Write bytes to a file, load it and check its spans."""

    def load_one(name: str, data: bytes) -> Document:
        path = tmp_path / name
        path.write_bytes(data)
        document = load(path, name)
        check_spans(document)
        return document

    return load_one
