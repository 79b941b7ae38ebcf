"""Public datasets in their own forms, in small."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.adapters import Dataset, draw, read_dataset
from evals.samples import problems
from evals.types import Sample
from index import UsageError


def squad(folder: Path) -> str:
    paragraph = {
        "context": "Ada wrote it in 1843. Bell built it.",
        "qas": [
            {
                "id": "q1",
                "question": "When?",
                "answers": [{"text": "1843", "answer_start": 16}],
                "is_impossible": False,
            },
            {"id": "q2", "question": "Why?", "answers": [], "is_impossible": True},
        ],
    }
    other = {"context": "Geese fly.", "qas": [{"id": "q9", "question": "What flies?", "answers": []}]}
    (folder / "dev.json").write_text(json.dumps({"data": [{"title": "T", "paragraphs": [paragraph]}]}))
    (folder / "distractors-x.json").write_text(json.dumps({"data": [{"title": "D", "paragraphs": [other]}]}))
    return str(folder / "dev.json")


def beir(folder: Path) -> str:
    (folder / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "Salt", "text": "Salt melts ice."}\n{"_id": "d2", "title": "", "text": "Geese fly."}\n'
    )
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "what melts ice"}\n{"_id": "2", "text": "unjudged"}\n')
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\td1\t1\n1\td2\t0\n")
    return str(folder)


def scifact(folder: Path) -> str:
    corpus = "doc_id,title,abstract,structured\n7,Salt,\"['It melts.'\n 'Ice isn\\'t dry.']\",F\n"
    claims = (
        "id,claim,evidence_doc_id,evidence_label,evidence_sentences,cited_doc_ids\n1,Salt melts.,7,SUPPORT,[0],[7]\n"
    )
    with zipfile.ZipFile(folder / "scifact.zip", "w") as archive:
        archive.writestr("corpus_train.csv", corpus)
        archive.writestr("claims_validation.csv", claims)
    return str(folder / "scifact.zip")


def clapnq(folder: Path) -> str:
    row = {
        "id": "5", "input": "what melts ice",
        "passages": [{"title": "S", "text": "", "sentences": ["Salt does .", "Yes ."]}],
        "output": [{"answer": "Salt", "selected_sentences": ["Salt does ."]}],
    }  # fmt: skip
    (folder / "clapnq_dev.jsonl").write_text(json.dumps(row) + "\n")
    return str(folder)


@pytest.mark.parametrize(
    ("make", "documents", "answerable"),
    [
        (squad, 2, {"q1": True, "q2": False}),
        (beir, 2, {"1": True}),
        (scifact, 1, {"1": True}),
        (clapnq, 1, {"5": True}),
    ],
)
def test_datasets(tmp_path: Path, make: Callable[[Path], str], documents: int, answerable: dict[str, bool]) -> None:
    dataset: Dataset = read_dataset(make(tmp_path))
    assert len(dataset.documents) == documents
    assert {sample.id: sample.answerable for sample in dataset.samples} == answerable
    assert problems(dataset.samples, dataset.documents) == []
    assert all(sample.evidence for sample in dataset.samples if sample.answerable)


def test_abstracts_printed_as_lists_are_joined(tmp_path: Path) -> None:
    assert read_dataset(scifact(tmp_path)).documents == {"7.txt": "Salt\n\nIt melts. Ice isn't dry."}


def test_what_is_no_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="clapnq"):
        read_dataset(str(tmp_path))


def test_draws_are_the_same_with_the_same_seed() -> None:
    samples = [Sample(str(number), "?") for number in range(50)]
    assert draw(samples, 10, 3) == draw(samples, 10, 3) != draw(samples, 10, 4)
    assert draw(samples, 99, 3) == samples
