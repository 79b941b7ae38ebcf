"""Any other embedding model: a sentence-transformers folder, run by torch. Importing this takes seconds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from index.embed import Encoding
from index.errors import ModelError

_WEIGHT_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model"}


class TorchEncoder:
    """A sentence-transformers model with a fast tokenizer (the kind that knows character offsets)."""

    def __init__(self, model: SentenceTransformer, *, name: str, fingerprint: str) -> None:
        self._model = model
        self._tokenizer = model.tokenizer
        self.name = name
        self.fingerprint = fingerprint
        window = model.max_seq_length or self._tokenizer.model_max_length
        self.max_tokens = int(window) - int(self._tokenizer.num_special_tokens_to_add(pair=False))
        self.dimension = int(model.get_embedding_dimension() or 0)

    @classmethod
    def open(cls, folder: Path, *, threads: int) -> "TorchEncoder":
        """Open a local model folder; the network is not used and no code from the folder is run.

        :raises ModelError: the folder does not hold a sentence-transformers model with a fast tokenizer.
        """
        torch.set_num_threads(threads)
        try:
            model = SentenceTransformer(str(folder), local_files_only=True, trust_remote_code=False, device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(f"{folder} does not hold a sentence-transformers model: {error}") from error
        if not getattr(model.tokenizer, "is_fast", False):
            raise ModelError(
                f"The tokenizer of {folder} does not know character offsets; choose a model with a fast one."
            )
        return cls(model, name=folder.name, fingerprint=_fingerprint(folder))

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """See :class:`index.embed.Encoder`."""
        encoded = self._tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return [(int(start), int(end)) for start, end in encoded["offset_mapping"]]

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """See :class:`index.embed.Encoder`."""
        outputs: Any = self._model.encode(  # typed for another output_value
            list(texts), batch_size=len(texts), output_value=None, show_progress_bar=False, normalize_embeddings=True
        )
        encodings = []
        for text, output in zip(texts, outputs, strict=True):
            encoded = self._tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False)
            words = ~np.array(encoded["special_tokens_mask"], dtype=bool)
            if len(words) > self.max_tokens + int((~words).sum()):
                raise ValueError(
                    f"A text of {len(words)} word pieces was given to a model that reads {self.max_tokens}."
                )
            vector = output["sentence_embedding"].numpy().astype(np.float32)
            pieces = output["token_embeddings"].numpy().astype(np.float32)[: len(words)][words]
            offsets = [tuple(pair) for pair, word in zip(encoded["offset_mapping"], words, strict=True) if word]
            encodings.append(Encoding(vector / (np.linalg.norm(vector) or 1.0), pieces, offsets))
        return encodings


def _fingerprint(folder: Path) -> str:
    """Digest of every weight and configuration file: a changed model is another model whatever its name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in _WEIGHT_SUFFIXES):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
