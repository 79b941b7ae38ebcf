"""The shipped encoder: a mean-pooling BERT at int8, without torch."""

import json
from collections.abc import Sequence
from pathlib import Path

from index.embed import Encoding, unit_rows
from index.onnx_model import OnnxModel, Pieces

_SETTINGS = "sentence_bert_config.json"
_SPECIAL = 2
"""Special pieces around a text."""


class OnnxEncoder:
    """An encoder; see :class:`index.embed.Encoder`."""

    def __init__(self, model: OnnxModel, *, name: str, window: int) -> None:
        self._model = model
        self.name = name
        self.fingerprint = model.fingerprint
        self.max_tokens = window - _SPECIAL
        self.dimension = model.dimension

    @classmethod
    def open(cls, folder: Path, *, threads: int) -> "OnnxEncoder":
        """Open a model folder after checking its files.

        :raises ModelError: a file is missing or is not the one the checksum was made for.
        """
        model = OnnxModel.open(folder, also=(_SETTINGS,), threads=threads)
        window = json.loads((folder / _SETTINGS).read_text())["max_seq_length"]
        return cls(model, name=f"{folder.name} (int8)", window=window)

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """See :class:`index.embed.Encoder`."""
        return self._model.pieces([text])[0].offsets

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """See :class:`index.embed.Encoder`."""
        return self._model.map(self._encode_one, self._model.pieces(texts))

    def _encode_one(self, pieces: Pieces) -> Encoding:
        if len(pieces.ids) > self.max_tokens:
            raise ValueError(
                f"A text of {len(pieces.ids)} word pieces was given to an encoder that reads {self.max_tokens}."
            )
        ids = [self._model.first, *pieces.ids, self._model.last]
        hidden = self._model.run(ids, [0] * len(ids))[0]
        return Encoding(unit_rows(hidden.mean(axis=0, keepdims=True))[0], hidden[1:-1], pieces.offsets)
