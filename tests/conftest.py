"""Fixtures for all rooms. Tests that are not about quality use :class:`tests.helpers.HashEncoder`, which is fast."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from index.embed import Encoder, open_encoder

from .helpers import HashEncoder, write_files

settings.register_profile("tests", deadline=None)  # the machine may be busy; pytest-timeout catches what hangs
settings.load_profile("tests")


@pytest.fixture
def hash_encoder() -> HashEncoder:
    """A small encoder without a model."""
    return HashEncoder()


@pytest.fixture(scope="session")
def real_encoder() -> Encoder:
    """The shipped encoder."""
    return open_encoder(None, threads=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for documents."""
    return write_files(tmp_path / "documents", {})


@pytest.fixture
def write(folder: Path) -> Callable[[Mapping[str, str | bytes]], Path]:
    """Write files, by path, into ``folder``."""
    return partial(write_files, folder)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store can be made."""
    return tmp_path / "store"
