"""The shipped reader as a model that can be trained on: int8 weights times their scales, at full precision.

    python -m evals.reader.restore --out FOLDER [--reader qa/models/reader]

What int8 rounded away stays away, which training on soon makes good: restored and exported again, the shipped reader
scores as before within a tenth of a point (``evals.reader.measure``).
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import BertConfig, BertForQuestionAnswering, BertTokenizer

from index.onnx_model import MODEL, TOKENIZER
from qa.span_reader import SHIPPED_READER

_QUANTISED = "_quantized"
_HEAD = 32
"""Width of one attention head in a MiniLM (Wang et al. 2020): the one thing that the weights' shapes do not say."""


def restored_weights(model: Path) -> dict[str, torch.Tensor]:
    """All weights of a file that ``evals.reader.export`` wrote, by their names in the model that was trained.

    ONNX holds a matrix the other way round, under the name of the step that multiplies with it.
    """
    graph = onnx.load(str(model)).graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    multiplied = {node.input[1]: node.name for node in graph.node if node.op_type == "MatMulInteger"}
    found: dict[str, torch.Tensor] = {}
    for name, values in stored.items():
        if name.endswith(_QUANTISED):
            whole = name.removesuffix(_QUANTISED)
            zero = stored[f"{whole}_zero_point"].astype(np.float32)
            weight = (values.astype(np.float32) - zero) * stored[f"{whole}_scale"]
            if name in multiplied:
                step = multiplied[name].removesuffix("/MatMul_quant").strip("/")
                whole, weight = f"{step.replace('/', '.')}.weight", weight.T
            found[whole.removeprefix("model.")] = torch.from_numpy(np.array(weight))
        elif name.startswith("model.") and values.ndim == 1:
            found[name.removeprefix("model.")] = torch.from_numpy(np.array(values))
    return found


def restore(reader: Path, out: Path) -> None:
    """Write the reader as ``evals.reader.train`` writes one, without the shift of ``evals.reader.export``.

    :raises SystemExit: the reader is not in int8 throughout.
    """
    weights = restored_weights(reader / MODEL)
    if "qa_outputs.weight" not in weights or "bert.embeddings.word_embeddings.weight" not in weights:
        raise SystemExit(f"{reader} is no reader in int8, as evals.reader.export writes it without --full-precision.")
    vocabulary, width = weights["bert.embeddings.word_embeddings.weight"].shape
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=sum(name.endswith(".intermediate.dense.weight") for name in weights),
        num_attention_heads=width // _HEAD,
        intermediate_size=weights["bert.encoder.layer.0.intermediate.dense.weight"].shape[0],
    )
    model = BertForQuestionAnswering(config)
    model.load_state_dict(weights, strict=True)
    model.save_pretrained(out)
    BertTokenizer(tokenizer_file=str(reader / TOKENIZER)).save_pretrained(out)


def main() -> None:
    """Read the options and restore."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reader", type=Path, default=SHIPPED_READER)
    parser.add_argument("--out", type=Path, required=True, help="folder, as evals.reader.train writes one")
    options = parser.parse_args()
    restore(options.reader, options.out)


if __name__ == "__main__":
    main()
