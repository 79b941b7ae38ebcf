"""Averaging two readers: weights half way, and a clear word where that makes no sense."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from evals.reader.average import average


def trained(folder: Path, **weights: list[float]) -> Path:
    folder.mkdir()
    save_file({name: torch.tensor(values) for name, values in weights.items()}, folder / "model.safetensors")
    (folder / "tokenizer.json").write_text(folder.name)
    return folder


def test_weights_are_half_way_and_the_rest_is_the_second_s(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "one", a=[0.0, 2.0]), trained(tmp_path / "two", a=[1.0, 4.0])
    average(first, second, tmp_path / "mean")
    assert load_file(tmp_path / "mean" / "model.safetensors")["a"].tolist() == [0.5, 3.0]
    assert (tmp_path / "mean" / "tokenizer.json").read_text() == "two"


def test_the_second_may_count_more(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "one", a=[0.0, 2.0]), trained(tmp_path / "two", a=[1.0, 4.0])
    average(first, second, tmp_path / "mean", share=0.75)
    assert load_file(tmp_path / "mean" / "model.safetensors")["a"].tolist() == [0.75, 3.5]


def test_models_of_different_shapes_are_refused(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "one", a=[0.0]), trained(tmp_path / "two", a=[1.0, 4.0])
    with pytest.raises(SystemExit, match="different shapes"):
        average(first, second, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
