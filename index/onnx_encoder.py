"""The shipped encoder: an int8 ONNX model run by onnxruntime, with its tokenizer; no torch.

Loads in about 0.2 s where sentence-transformers takes 5 to 10, and reads twice as fast as full precision.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tokenizers import Encoding as TokenizerEncoding
from tokenizers import Tokenizer

from index.embed import Encoding, unit_rows
from index.errors import ModelError

# Since 1.29 onnxruntime reports to Microsoft, by an identifier that it keeps in the home folder, unless it is told not
# to before it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

_MODEL = "onnx/model_int8.onnx"
_FILES = (_MODEL, "tokenizer.json", "sentence_bert_config.json")
_CHECKSUMS = "SHA256SUMS"


class OnnxEncoder:
    """A mean-pooling BERT encoder in ONNX."""

    def __init__(
        self,
        *,
        session: onnxruntime.InferenceSession,
        tokenizer: Tokenizer,
        name: str,
        fingerprint: str,
        window: int,
        threads: int,
    ) -> None:
        self._session = session
        self._threads = threads
        self._tokenizer = tokenizer
        self.name = name
        self.fingerprint = fingerprint
        self.max_tokens = window - tokenizer.num_special_tokens_to_add(False)
        self.dimension = int(session.get_outputs()[0].shape[-1])

    @classmethod
    def open(cls, folder: Path, *, threads: int) -> "OnnxEncoder":
        """Open a model folder after checking every file against its ``SHA256SUMS`` (20 ms).

        :raises ModelError: a file is missing or is not the one the checksum was made for.
        """
        digests = {name: _verified_digest(folder, name) for name in _FILES}
        options = onnxruntime.SessionOptions()
        # One thread per text, and as many texts at a time as there are threads: 110 texts/s on two cores, where two
        # threads on one text at a time do 60, hardly more than one does.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()  # the file says 128; the model reads 256, and we never cut anyway
        return cls(
            session=onnxruntime.InferenceSession(str(folder / _MODEL), options, providers=["CPUExecutionProvider"]),
            tokenizer=tokenizer,
            name=f"{folder.name} (int8)",
            threads=threads,
            fingerprint=hashlib.sha256("".join(digests[name] for name in _FILES).encode()).hexdigest(),
            window=json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"],
        )

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """See :class:`index.embed.Encoder`."""
        offsets: list[tuple[int, int]] = self._tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """See :class:`index.embed.Encoder`."""
        items = self._tokenizer.encode_batch(list(texts))
        if len(items) == 1:
            return [self._encode_one(items[0])]
        with ThreadPoolExecutor(self._threads) as pool:
            return list(pool.map(self._encode_one, items))

    def _encode_one(self, item: TokenizerEncoding) -> Encoding:
        """One text per pass: int8 takes its scale from all that is in the pass, so a text's vector would depend on its
        neighbours (cosine down to .98).
        """
        length = len(item.ids)
        if length > self.max_tokens + self._tokenizer.num_special_tokens_to_add(False):
            raise ValueError(f"A text of {length} word pieces was given to an encoder that reads {self.max_tokens}.")
        ids = np.array([item.ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, inputs)[0][0]
        # The first and last piece are the special tokens.
        return Encoding(unit_rows(hidden.mean(axis=0, keepdims=True))[0], hidden[1:-1], item.offsets[1:-1])


def _verified_digest(folder: Path, name: str) -> str:
    try:
        lines = (folder / _CHECKSUMS).read_text().splitlines()
        expected = {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}
        digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    except OSError as error:
        raise ModelError(
            f"The embedding model in {folder} is incomplete ({error}); install answerable again."
        ) from error
    if expected.get(name) != digest:
        raise ModelError(
            f"{folder / name} is not the file its checksum was made for (sha256 {digest}); install answerable again."
        )
    return digest
