"""The shipped reader can be trained on: restored from int8, it reads as it does in use."""

from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, BertForQuestionAnswering

from evals.reader.restore import restore
from index.onnx_model import OnnxModel
from qa.span_reader import SHIPPED_READER

QUESTION = "Who paid for the bridge?"
PASSAGE = (
    "The bridge at Tornby was opened in 1931. It was paid for by the widow of a brewer, Karen Holm, and cost 40,000."
)


def test_the_restored_reader_reads_as_the_shipped_one_does(tmp_path: Path) -> None:
    restore(SHIPPED_READER, tmp_path / "reader")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "reader")
    encoded = tokenizer(QUESTION, PASSAGE, return_tensors="pt")
    model = BertForQuestionAnswering.from_pretrained(tmp_path / "reader")
    model.train(mode=False)
    with torch.no_grad():
        output = model(**encoded)
    shipped = OnnxModel.open(SHIPPED_READER, threads=1)
    ids, types = encoded["input_ids"][0].tolist(), encoded["token_type_ids"][0].tolist()
    places = []
    for restored, exported in zip((output.start_logits, output.end_logits), shipped.run(ids, types), strict=True):
        # Without the first, which carries what the export adds; int8 also rounds what passes between the layers.
        found, wanted = restored[0].numpy()[1:], exported[1:]
        assert found.argmax() == wanted.argmax()
        assert float(np.corrcoef(found, wanted)[0, 1]) > 0.99
        places.append(int(found.argmax()) + 1)
    assert tokenizer.decode(ids[places[0] : places[1] + 1]) == "the widow of a brewer, karen holm"
