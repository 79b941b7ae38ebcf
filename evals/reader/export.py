"""Export the trained reader: ONNX, int8, with its tokenizer and checksums.

    python -m evals.reader.export --trained FOLDER [--target qa/models/reader] [--full-precision]

How far int8 is from what was trained: export both, and compare them with ``evals.reader.measure --reader FOLDER``.
"""

import argparse
import hashlib
import json
import shutil
import tempfile
import warnings
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import BertForQuestionAnswering

from index.onnx_model import MODEL, TOKENIZER
from qa.span_reader import SHIPPED_READER


class _Logits(torch.nn.Module):
    """The reader with its two outputs, by position."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Shapes: (batch, pieces) -> twice (batch, pieces). No mask: one text is read at a time, without padding."""
        output = self.model(input_ids=input_ids, token_type_ids=token_type_ids)
        return output.start_logits, output.end_logits


def export(trained: Path, target: Path) -> None:
    """Write the model at full precision, with free batch size and length."""
    model = BertForQuestionAnswering.from_pretrained(trained, attn_implementation="eager")
    model.train(mode=False)
    example = torch.ones(2, 16, dtype=torch.int64)
    inputs, outputs = ["input_ids", "token_type_ids"], ["start_logits", "end_logits"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shape checks that are constant here
        torch.onnx.export(
            _Logits(model),
            (example, example * 0),
            str(target),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: {0: "batch", 1: "pieces"} for name in [*inputs, *outputs]},
            opset_version=17,
            dynamo=False,
        )


def main() -> None:
    """Export, quantise, sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True, help="folder that evals.reader.train wrote")
    parser.add_argument("--target", type=Path, default=SHIPPED_READER)
    parser.add_argument("--full-precision", action="store_true", help="do not quantise: to see what that costs")
    options = parser.parse_args()
    target: Path = options.target
    (target / MODEL).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(options.trained / TOKENIZER, target / TOKENIZER)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        export(options.trained, full)
        if options.full_precision:
            shutil.copyfile(full, target / MODEL)
        else:
            quantize_dynamic(str(full), str(target / MODEL), per_channel=True, weight_type=QuantType.QInt8)
    sums = {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in sorted([MODEL, TOKENIZER])}
    (target / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    print(json.dumps({"sha256": sums[MODEL], "bytes": (target / MODEL).stat().st_size}))


if __name__ == "__main__":
    main()
