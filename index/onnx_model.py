"""A BERT in ONNX with its tokenizer, run by onnxruntime: what the shipped encoder and reader have in common.

Loads in about 0.2 s where torch takes 5 to 10, and int8 reads twice as fast as full precision.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from index.errors import ModelError

# Since 1.29 onnxruntime reports to Microsoft, by an identifier that it keeps in the home folder, unless it is told not
# to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

MODEL = "onnx/model_int8.onnx"
TOKENIZER = "tokenizer.json"
_CHECKSUMS = "SHA256SUMS"
_SLOW = "SkipLayerNormFusion"
"""An optimisation that makes a pass of 256 pieces a tenth slower (onnxruntime 1.32, one thread)."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A text's word pieces, without special ones: their numbers and their half-open character offsets, in order."""

    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]


class OnnxModel:
    """An open model. ``fingerprint`` changes with any of its files."""

    def __init__(
        self, *, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, fingerprint: str, threads: int
    ) -> None:
        self._session = session
        self._inputs = [item.name for item in session.get_inputs()]
        self._tokenizer = tokenizer
        self._threads = threads
        self._pool, self._process = ThreadPoolExecutor(threads), os.getpid()
        self.fingerprint = fingerprint
        self.first, self.last = _special(tokenizer, "[CLS]"), _special(tokenizer, "[SEP]")
        self.dimension = int(session.get_outputs()[0].shape[-1]) if session.get_outputs()[0].shape[2:] else 0

    @classmethod
    def open(cls, folder: Path, *, also: Iterable[str] = (), threads: int) -> "OnnxModel":
        """Open a model folder after checking its files, and those ``also`` named, against ``SHA256SUMS`` (20 ms).

        :raises ModelError: a file is missing or is not the one the checksum was made for.
        """
        digests = [_verified_digest(folder, name) for name in (MODEL, TOKENIZER, *also)]
        options = onnxruntime.SessionOptions()
        # One thread per text, and as many texts at a time as there are threads: 110 texts/s on two cores, where two
        # threads on one text at a time do 60, hardly more than one does.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()  # the file says 128; the model reads 256, and we never cut anyway
        return cls(
            session=onnxruntime.InferenceSession(
                str(folder / MODEL), options, providers=["CPUExecutionProvider"], disabled_optimizers=[_SLOW]
            ),
            tokenizer=tokenizer,
            fingerprint=hashlib.sha256("".join(digests).encode()).hexdigest(),
            threads=threads,
        )

    def pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """The word pieces of each text, however many there are."""
        found: list[Encoding] = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [Pieces(item.ids, item.offsets) for item in found]

    def run(self, ids: Sequence[int], types: Sequence[int]) -> list[NDArray[np.float32]]:
        """The model's outputs for one text, without the batch axis. One text per pass: int8 takes its scale from all
        that is in the pass, so a text's result would depend on its neighbours (cosine down to .98).
        """
        row = np.array([ids], dtype=np.int64)
        known = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.array([types], dtype=np.int64),
        }
        return [output[0] for output in self._session.run(None, {name: known[name] for name in self._inputs})]

    def map(self, function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
        """``function`` of each item, as many at a time as there are threads, over all callers; one item needs none."""
        if len(items) == 1:
            return [function(items[0])]
        if self._process != os.getpid():  # a forked child has the pool and not its threads: it would wait for ever
            self._pool, self._process = ThreadPoolExecutor(self._threads), os.getpid()
        return list(self._pool.map(function, items))


def _special(tokenizer: Tokenizer, token: str) -> int:
    number = tokenizer.token_to_id(token)
    if number is None:
        raise ModelError(f"The tokenizer has no {token}; it is none of a BERT.")
    return number


def _verified_digest(folder: Path, name: str) -> str:
    try:
        lines = (folder / _CHECKSUMS).read_text().splitlines()
        expected = {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(f"The model in {folder} is incomplete ({error}); install answerable again.") from error
    if expected.get(name) != digest:
        raise ModelError(
            f"{folder / name} is not the file its checksum was made for (sha256 {digest}); install answerable again."
        )
    return digest
