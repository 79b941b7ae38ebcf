"""All settings, flat and frozen; the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from index import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting has a working default. The environment variable of ``top_k`` is ``QA_TOP_K``, and so on.

    ``store``: folder of the index. ``embedding_model``: folder of a sentence-transformers model; None for the
    shipped one. ``top_k``: passages found for an answer. ``read_budget``: word pieces of them that are read at
    most, the best first (three sentences again, on top); 1,000 take about 60 ms on two cores. ``threshold``:
    confidence in [0, 1] below which nothing is answered; None for the fitted one. ``max_sentences``: at most, for
    each thing asked (a list that a sentence introduces, and a source that disagrees, come on top). ``threads``: of
    the embedder and of the reader.

    ``model`` writes the answers, spelled as in :data:`qa.llm.SPELLING`; None: they are quoted. ``model_key`` is for its
    server, ``model_timeout`` in seconds for a whole answer. ``unsupported``: whether written sentences that the
    documents do not say are removed or kept and marked.

    Of the server: ``password`` (or ``password_file``, its first line) for people, ``token`` for programs; ``hosts``:
    names by which it may be called; ``folders``: what may be indexed by path from a browser.
    """

    store: Path = Path(".qa")
    embedding_model: str | None = None
    top_k: int = 8
    read_budget: int = 1500
    threshold: float | None = None
    max_sentences: int = 4
    threads: int = 2
    model: str | None = None
    model_key: str = field(default="", repr=False)
    model_timeout: float = 60.0
    unsupported: Literal["remove", "mark"] = "remove"
    password: str = field(default="", repr=False)
    password_file: Path | None = None
    token: str = field(default="", repr=False)
    hosts: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        for name, low, high in (
            ("top_k", 1, 100),
            ("read_budget", 100, 100_000),
            ("max_sentences", 1, 20),
            ("threads", 1, 256),
        ):
            if not low <= getattr(self, name) <= high:
                raise UsageError(f"{name} is {getattr(self, name)}; it must be from {low} to {high}.")
        if self.unsupported not in {"remove", "mark"}:
            raise UsageError(f'unsupported is {self.unsupported!r}; it must be "remove" or "mark".')
        if not 1 <= self.model_timeout <= 3600:
            raise UsageError(f"model_timeout is {self.model_timeout}; it must be from 1 to 3600 seconds.")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise UsageError(f"threshold is {self.threshold}; it must be from 0 to 1.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, **given: Any) -> "Settings":  # noqa: ANN401
        """Settings from ``given`` values (None: not given), else from ``QA_...`` variables, else the defaults.

        :raises UsageError: a variable holds what the setting cannot be.
        """
        values: dict[str, Any] = {}
        for name in (item.name for item in fields(cls)):
            variable = f"QA_{name.upper()}"
            if given.get(name) is not None:
                values[name] = given[name]
            elif environment.get(variable):
                try:
                    values[name] = _CONVERTERS[name](environment[variable])
                except ValueError:
                    raise UsageError(f"{variable} is {environment[variable]!r}, which is no number.") from None
        return cls(**values)


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _paths(value: str) -> tuple[Path, ...]:
    return tuple(Path(path) for path in value.split(os.pathsep) if path)


_CONVERTERS: dict[str, Any] = {
    "store": Path,
    "embedding_model": str,
    "top_k": int,
    "read_budget": int,
    "threshold": float,
    "max_sentences": int,
    "threads": int,
    "model": str,
    "model_key": str,
    "model_timeout": float,
    "unsupported": str,
    "password": str,
    "password_file": Path,
    "token": str,
    "hosts": _names,
    "folders": _paths,
}
