"""Export the trained reader: ONNX, int8, with its tokenizer and checksums.

    python -m evals.reader.export --trained FOLDER [--target qa/models/reader] [--held-out DATA] [--full-precision]

A reader that was trained on more questions without an answer says "not answered here" more readily, so its margins are
lower, and what is decided by a margin (``qa/quoted.py``, ``qa/span_reader.py``) would be decided otherwise each round.
``--held-out`` takes the folder of training data and shifts them so that a margin of 0 is even: of what the reader was
not trained on, as large a share of the answerable lies below as of the others lies above.

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

from evals.reader.measure import EVEN_MARGIN, held_out_on_articles, held_out_on_documents, measure
from index.onnx_model import MODEL, TOKENIZER
from qa.span_reader import SHIPPED_READER, SpanReader


class _Logits(torch.nn.Module):
    """The reader with its two outputs, by position; ``shift`` is added to those of "not answered here"."""

    def __init__(self, model: torch.nn.Module, shift: float) -> None:
        super().__init__()
        self.model = model
        self.shift = shift

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Shapes: (batch, pieces) -> twice (batch, pieces). No mask: one text is read at a time, without padding."""
        output = self.model(input_ids=input_ids, token_type_ids=token_type_ids)
        start = output.start_logits
        if self.shift:
            start = torch.cat([start[:, :1] + self.shift, start[:, 1:]], dim=1)
        return start, output.end_logits


def export(trained: Path, target: Path, *, shift: float = 0.0) -> None:
    """Write the model at full precision, with free batch size and length; margins are less by ``shift``."""
    model = BertForQuestionAnswering.from_pretrained(trained, attn_implementation="eager")
    model.train(mode=False)
    example = torch.ones(2, 16, dtype=torch.int64)
    inputs, outputs = ["input_ids", "token_type_ids"], ["start_logits", "end_logits"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shape checks that are constant here
        torch.onnx.export(
            _Logits(model, shift),
            (example, example * 0),
            str(target),
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: {0: "batch", 1: "pieces"} for name in [*inputs, *outputs]},
            opset_version=17,
            dynamo=False,
        )


def write(trained: Path, target: Path, *, shift: float, quantised: bool) -> str:
    """Write a reader's folder: the model, its tokenizer, their checksums; the model's."""
    (target / MODEL).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(trained / TOKENIZER, target / TOKENIZER)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        export(trained, full, shift=shift)
        if quantised:
            quantize_dynamic(str(full), str(target / MODEL), per_channel=True, weight_type=QuantType.QInt8)
        else:
            shutil.copyfile(full, target / MODEL)
    sums = {name: hashlib.sha256((target / name).read_bytes()).hexdigest() for name in sorted([MODEL, TOKENIZER])}
    (target / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    return sums[MODEL]


def even_margin(reader: Path, data: Path) -> float:
    """The mean of the even margins on what a reader was not trained on: articles, and written documents."""
    opened = SpanReader.open(reader, threads=2)
    found = [measure(opened, asked)[EVEN_MARGIN] for asked in (held_out_on_articles(data), held_out_on_documents())]
    margins = [margin for margin in found if margin is not None]
    return sum(margins) / len(margins)


def main() -> None:
    """Export, quantise, shift, sum up."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trained", type=Path, required=True, help="folder that evals.reader.train wrote")
    parser.add_argument("--target", type=Path, default=SHIPPED_READER)
    parser.add_argument(
        "--held-out", type=Path, metavar="DATA", help="make a margin of 0 even on what of it is kept back"
    )
    parser.add_argument("--full-precision", action="store_true", help="do not quantise: to see what that costs")
    options = parser.parse_args()
    quantised, shift = not options.full_precision, 0.0
    if options.held_out is not None:
        with tempfile.TemporaryDirectory() as folder:
            write(options.trained, Path(folder), shift=0.0, quantised=quantised)
            shift = even_margin(Path(folder), options.held_out)
    digest = write(options.trained, options.target, shift=shift, quantised=quantised)
    size = (options.target / MODEL).stat().st_size
    print(json.dumps({"sha256": digest, "bytes": size, "shift": round(shift, 3)}))


if __name__ == "__main__":
    main()
