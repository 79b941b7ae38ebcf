"""Samples: read with clear errors, evidence found by place."""

import json
from pathlib import Path

import pytest

from evals.samples import SEED_SAMPLES, find_evidence, problems, read_samples, write_sample
from evals.types import Evidence, Place, Sample
from index import UsageError
from index.files import find_files
from index.load import load
from tests.helpers import SEEDS


def test_a_quote_is_found_whatever_its_white_space() -> None:
    sample = Sample("x", "?", evidence=(Evidence("a.txt", "two   words"),))
    assert find_evidence(sample, {"a.txt": "one two\nwords three"}) == [Place("a.txt", 4, 13)]


def test_of_several_occurrences_the_nearest_to_the_given_start_is_taken() -> None:
    sample = Sample("x", "?", evidence=(Evidence("a.txt", "tea", start=9),))
    assert find_evidence(sample, {"a.txt": "tea and  tea"}) == [Place("a.txt", 9, 12)]


@pytest.mark.parametrize("evidence", [Evidence("a.txt", "absent"), Evidence("b.txt", "tea"), Evidence("a.txt")])
def test_evidence_that_is_not_there_is_an_error(evidence: Evidence) -> None:
    with pytest.raises(UsageError, match="x:"):
        find_evidence(Sample("x", "?", evidence=(evidence,)), {"a.txt": "tea"})


@pytest.mark.parametrize(
    ("line", "complaint"),
    [("{", "line 1"), ('{"id": "a"}', "question"), ('{"id": "a", "question": "?", "anwser": []}', "anwser")],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(line)
    with pytest.raises(UsageError, match=complaint):
        read_samples(path)


def test_an_id_used_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text('{"id": "a", "question": "?"}\n{"id": "a", "question": "??"}\n')
    with pytest.raises(UsageError, match="twice"):
        read_samples(path)


def test_written_samples_are_read_back(tmp_path: Path) -> None:
    sample = Sample("x", "Wann?", ("morgen",), (Evidence("ä.txt", "morgen früh"),), True, (), ("date",))
    write_sample(sample, tmp_path / "new" / "samples.jsonl")
    assert read_samples(tmp_path / "new" / "samples.jsonl") == [sample]


def test_our_own_set_is_sound_and_covers_what_it_should() -> None:
    samples = read_samples(SEED_SAMPLES)
    files = find_files([SEEDS], store=Path("/nowhere"))
    texts = {file.source: load(file.path, file.source).text for file in files}
    assert problems(samples, texts) == []
    assert len(samples) >= 200
    assert sum(not sample.answerable for sample in samples) >= len(samples) / 3
    assert sum(bool(sample.history) for sample in samples) >= 30
    assert samples[0].question == "Which countries backed Macron's idea?"
    tags = {tag for sample in samples for tag in sample.tags}
    assert {
        "list", "number", "date", "units", "name", "negation", "why", "how", "yes-no", "two-part", "comparison",
        "contradiction", "table", "pdf-page", "misspelt", "colloquial", "follow-up", "missing-fact", "false-premise",
        "name-elsewhere",
    } <= tags  # fmt: skip
    cited = {item.source for sample in samples for item in sample.evidence}
    assert cited == set(texts), "every document is asked about"


def test_every_line_of_our_own_set_is_one_json_object() -> None:
    for line in SEED_SAMPLES.read_text(encoding="utf-8").splitlines():
        assert isinstance(json.loads(line), dict)
