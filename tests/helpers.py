"""What tests of all rooms share: a small encoder without a model, and folders of files."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from index.embed import Encoding, unit_rows
from index.types import Vector

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"

_PIECE = re.compile(r"\w{1,8}|[^\w\s]")


class HashEncoder:
    """An encoder without a model: equal words have equal vectors, different words (nearly) unrelated ones.

    Its word pieces are stretches of at most eight letters or digits, and single other characters. ``encoded`` lists
    every text that it was ever given.
    """

    def __init__(self, *, dimension: int = 32, max_tokens: int = 24, name: str = "hash") -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens
        self.fingerprint = f"{name}-{dimension}-{max_tokens}"
        self.encoded: list[str] = []

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """See :class:`index.embed.Encoder`."""
        return [match.span() for match in _PIECE.finditer(text)]

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """See :class:`index.embed.Encoder`."""
        self.encoded += texts
        return [self._encode(text) for text in texts]

    def _encode(self, text: str) -> Encoding:
        offsets = self.token_offsets(text)
        if len(offsets) > self.max_tokens:
            raise ValueError(f"A text of {len(offsets)} pieces was given to an encoder that reads {self.max_tokens}.")
        pieces = np.zeros((len(offsets), self.dimension), dtype=np.float32)
        for row, (start, end) in enumerate(offsets):
            pieces[row] = self._piece_vector(text[start:end].lower())
        pooled = pieces.mean(axis=0, keepdims=True) if len(pieces) else np.ones((1, self.dimension), dtype=np.float32)
        return Encoding(unit_rows(pooled)[0], pieces, offsets)

    def _piece_vector(self, piece: str) -> Vector:
        seed = int.from_bytes(hashlib.sha256(piece.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.dimension).astype(np.float32)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by path below ``folder``, which is made; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
