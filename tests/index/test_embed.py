"""The embedder: what vectors promise, whichever encoder makes them, and how near the shipped one is to the original."""

import hashlib
import json
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import SHIPPED_MODEL, Encoder, embed_chunks, embed_query, open_encoder, sentence_vectors, unit_rows
from index.errors import ModelError
from index.onnx_encoder import OnnxEncoder
from index.types import Chunk, VectorMatrix

from ..helpers import HashEncoder

FULL_PRECISION = Path(__file__).parent / "data" / "full_precision.npz"
TEXTS = [
    "The battery lasts 18 hours.",
    "Herring came with the cold water, for some three hundred years.",
    "修理は無料です。",
    "x",
    "The pump starts, stops and starts again; this is normal. " * 15,
]


def chunk_of(text: str, sentences: Sequence[str], *, context: str = "", ordinal: int = 0) -> Chunk:
    places = tuple((text.index(sentence), text.index(sentence) + len(sentence)) for sentence in sentences)
    return Chunk("id", ordinal, 0, len(text), text, context, places)


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder with a random BERT of two layers."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "battery", "last", "##s", "18", "hours", ".", "x"]
    (folder / "vocab.txt").write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizer(vocab=str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    model = SentenceTransformer(str(folder / "bert"), device="cpu", local_files_only=True)  # adds mean pooling
    model.max_seq_length = 32
    model.save(str(folder / "model"))
    return folder / "model"


@pytest.fixture(scope="module", params=["hash", "shipped", "torch"])
def encoder(request: pytest.FixtureRequest) -> Any:
    """Every kind of encoder in turn."""
    if request.param == "hash":
        return HashEncoder(max_tokens=300)
    if request.param == "shipped":
        return request.getfixturevalue("real_encoder")
    return open_encoder(str(request.getfixturevalue("tiny_model")), threads=2)


def fitting(encoder: Encoder) -> list[str]:
    return [text for text in TEXTS if len(encoder.token_offsets(text)) <= encoder.max_tokens]


def test_vectors_have_length_one(encoder: Encoder) -> None:
    for encoding in encoder.encode(fitting(encoder)):
        assert encoding.vector.shape == (encoder.dimension,)
        assert encoding.vector.dtype == np.float32
        assert np.linalg.norm(encoding.vector) == pytest.approx(1, abs=1e-5)


def test_word_pieces_have_a_row_and_a_place_each(encoder: Encoder) -> None:
    for text, encoding in zip(fitting(encoder), encoder.encode(fitting(encoder)), strict=True):
        assert encoding.pieces.shape == (len(encoding.offsets), encoder.dimension)
        assert [tuple(pair) for pair in encoding.offsets] == [tuple(pair) for pair in encoder.token_offsets(text)]
        assert all(0 <= start < end <= len(text) for start, end in encoding.offsets)
    (last,) = encoder.encode(["the battery lasts"])
    places = ["the battery lasts"[start:end] for start, end in last.offsets]
    assert "".join(places) == "thebatterylasts"


def test_a_text_has_the_same_vector_whatever_is_in_its_batch(encoder: Encoder) -> None:
    """An update of one file must give what indexing everything anew gives."""
    texts = fitting(encoder)
    together = encoder.encode(texts)
    alone = [encoder.encode([text])[0] for text in texts]
    for left, right in zip(together, alone, strict=True):
        assert left.vector @ right.vector > 0.999
        assert left.pieces.shape == right.pieces.shape
        assert left.offsets == right.offsets


def test_equal_texts_have_equal_vectors(encoder: Encoder) -> None:
    first, second = encoder.encode(["The battery lasts 18 hours.", "The battery lasts 18 hours."])
    assert first.vector @ second.vector == pytest.approx(1, abs=1e-5)


def test_a_text_over_the_window_is_refused_not_cut(encoder: Encoder) -> None:
    with pytest.raises(ValueError, match=f"reads {encoder.max_tokens}"):
        encoder.encode(["x " * (encoder.max_tokens + 1)])
    assert len(encoder.encode(["x " * encoder.max_tokens])[0].offsets) == encoder.max_tokens


@pytest.mark.parametrize("part", ["x ", "x", "battery-", "修", "😀", "e\u0301", " "])
def test_a_question_longer_than_the_window_is_cut(encoder: Encoder, part: str) -> None:
    vector = embed_query(encoder, part * 2_000)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


@settings(max_examples=50)
@given(text=st.text(max_size=30), times=st.integers(1, 100))
def test_any_question_has_a_vector(real_encoder: Encoder, text: str, times: int) -> None:
    assert np.linalg.norm(embed_query(real_encoder, text * times)) == pytest.approx(1, abs=1e-4)


def test_like_meanings_are_near(real_encoder: Encoder) -> None:
    question, right, wrong = (
        encoding.vector
        for encoding in real_encoder.encode(
            ["How long does the battery run?", "A full charge is good for 18 hours.", "The pier was opened in 1824."]
        )
    )
    assert question @ right > 0.4 > question @ wrong


def test_sentence_vectors_are_of_the_sentences(encoder: Encoder) -> None:
    text = "the battery lasts. 18 hours."
    sentences = ["the battery lasts.", "18 hours."]
    chunk = chunk_of(text, sentences, context="x x")
    ((found, vectors),) = embed_chunks(encoder, [chunk])
    assert found == chunk
    assert vectors.sentences.shape == (2, encoder.dimension)
    assert np.allclose(np.linalg.norm(vectors.sentences, axis=1), 1, atol=1e-5)
    (encoding,) = encoder.encode(["x x\n" + text])
    rows = [row for row, (start, end) in enumerate(encoding.offsets) if start >= 4 and end <= 4 + len(sentences[0])]
    assert rows
    expected = unit_rows(encoding.pieces[rows].mean(axis=0, keepdims=True))
    assert np.allclose(vectors.sentences[:1], expected, atol=1e-4)


def test_a_sentence_without_word_pieces_has_the_vector_of_the_text() -> None:
    encoding = HashEncoder().encode(["ab cd"])[0]
    vectors = sentence_vectors(encoding, [(2, 3), (0, 2)])
    assert np.allclose(vectors[0], encoding.vector)
    assert np.allclose(vectors[1], unit_rows(encoding.pieces[:1])[0])
    assert sentence_vectors(encoding, []).shape == (0, 32)


def test_every_chunk_comes_back_once_with_progress() -> None:
    chunks = [chunk_of("word " * (number % 7 + 1), [], ordinal=number) for number in range(40)]
    told: list[int] = []
    found = dict(embed_chunks(HashEncoder(), chunks, progress=told.append))
    assert set(found) == set(chunks)
    assert sum(told) == 40


def test_no_chunks_need_no_encoder() -> None:
    encoder = HashEncoder()
    assert list(embed_chunks(encoder, [])) == []
    assert encoder.encoded == []


def test_a_zero_row_stays_zero() -> None:
    assert unit_rows(np.zeros((1, 3), dtype=np.float32)).tolist() == [[0, 0, 0]]


# Opening a model


def test_no_model_means_the_shipped_one(real_encoder: Encoder) -> None:
    assert real_encoder.name == "all-MiniLM-L6-v2 (int8)"
    assert (real_encoder.dimension, real_encoder.max_tokens) == (384, 254)
    assert isinstance(open_encoder(str(SHIPPED_MODEL), threads=1), OnnxEncoder)


@pytest.mark.parametrize("name", ["no/such/folder", "sentence-transformers/all-MiniLM-L6-v2"])
def test_a_missing_folder_is_named_and_nothing_is_downloaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was used"))
    with pytest.raises(ModelError, match=name):
        open_encoder(name, threads=1)


def test_a_folder_without_a_model_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("the network was used"))
    with pytest.raises(ModelError, match=str(tmp_path)):
        open_encoder(str(tmp_path), threads=1)


@pytest.mark.parametrize("name", ["tokenizer.json", "sentence_bert_config.json", "onnx/model_int8.onnx"])
@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_model_file_that_is_not_ours_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    file = tmp_path / "model" / name
    if damage == "changed":
        file.write_bytes(file.read_bytes()[:-1] + b"!")
    else:
        file.unlink()
    with pytest.raises(ModelError, match=file.name):
        OnnxEncoder.open(tmp_path / "model", threads=1)


def test_missing_checksums_are_refused(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    (tmp_path / "model" / "SHA256SUMS").unlink()
    with pytest.raises(ModelError, match="SHA256SUMS"):
        OnnxEncoder.open(tmp_path / "model", threads=1)


def test_shipped_checksums_are_of_the_shipped_files() -> None:
    for line in (SHIPPED_MODEL / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        assert hashlib.sha256((SHIPPED_MODEL / name).read_bytes()).hexdigest() == digest, name


def test_another_model_has_another_fingerprint(real_encoder: Encoder, tiny_model: Path, tmp_path: Path) -> None:
    tiny = open_encoder(str(tiny_model), threads=1)
    assert (tiny.name, tiny.dimension, tiny.max_tokens) == ("model", 16, 30)
    shutil.copytree(tiny_model, tmp_path / "model")
    again = open_encoder(str(tmp_path / "model"), threads=1)
    weights = next((tmp_path / "model").rglob("*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    changed = open_encoder(str(tmp_path / "model"), threads=1)
    assert again.fingerprint == tiny.fingerprint
    assert len({real_encoder.fingerprint, tiny.fingerprint, changed.fingerprint}) == 3


# Agreement with full precision


@pytest.fixture(scope="module")
def both(real_encoder: Encoder) -> tuple[dict[str, VectorMatrix], dict[str, VectorMatrix], list[int]]:
    """Unit vectors of passages and questions from the shipped encoder and at full precision; the right passages."""
    texts = json.loads(FULL_PRECISION.with_suffix(".json").read_text(encoding="utf-8"))
    full = np.load(FULL_PRECISION)
    names = ("passages", "questions")
    shipped = {name: np.stack([encoding.vector for encoding in real_encoder.encode(texts[name])]) for name in names}
    return shipped, {name: unit_rows(full[name].astype(np.float32)) for name in names}, texts["answers"]


def hits(vectors: dict[str, VectorMatrix], answers: list[int], count: int) -> int:
    """For how many questions the right passage is among the nearest ``count``."""
    nearest = np.argsort(-(vectors["questions"] @ vectors["passages"].T), axis=1)[:, :count]
    return int((nearest == np.array(answers)[:, None]).any(axis=1).sum())


def test_shipped_vectors_agree_with_full_precision(
    both: tuple[dict[str, VectorMatrix], dict[str, VectorMatrix], list[int]],
) -> None:
    """Measured over 120 passages and 60 questions: cosine .9933 on average, .9839 at least."""
    shipped, full, _ = both
    cosines = np.concatenate([(shipped[name] * full[name]).sum(axis=1) for name in shipped])
    assert cosines.mean() >= 0.985
    assert cosines.min() >= 0.96


@pytest.mark.parametrize("count", [1, 5])
def test_shipped_vectors_find_what_full_precision_finds(
    both: tuple[dict[str, VectorMatrix], dict[str, VectorMatrix], list[int]], count: int
) -> None:
    """Measured: 50 of 60 first and 59 of 60 among five, for both; here one question may differ."""
    shipped, full, answers = both
    assert abs(hits(shipped, answers, count) - hits(full, answers, count)) <= 1
    assert hits(shipped, answers, count) >= {1: 49, 5: 58}[count]
