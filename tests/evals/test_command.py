"""``qa eval`` from the command line, over a small set: exit codes, baseline, flips, reports."""

import json
from pathlib import Path

import pytest

from evals.feedback import record_feedback
from evals.samples import read_samples
from qa import Assistant, Settings
from qa.cli import DONE, FAILED, USAGE, main

DOCUMENTS = {
    "pump.md": "# Pump\n\nThe pump needs a voltage of 12 V.\n\n## Care\n\nRinse the pump with warm water.\n",
    "harbour.txt": "The harbour opens at six. The harbour master is Ada Quill.\n\nBoats pay 14 euros a night.",
    "bread.txt": "The bread bakes for forty minutes at 220 degrees. Let the loaf cool on a rack before you cut it.",
}
SAMPLES = [
    {"id": "1", "question": "What voltage does the pump need?", "answers": ["12 V"],
     "evidence": [{"source": "pump.md", "quote": "a voltage of 12 V"}], "tags": ["number"]},
    {"id": "2", "question": "Who is the harbour master?", "answers": ["Ada Quill"],
     "evidence": [{"source": "harbour.txt", "quote": "The harbour master is Ada Quill."}], "tags": ["name"]},
    {"id": "3", "question": "What do boats pay for a night?", "answers": ["14 euros"],
     "evidence": [{"source": "harbour.txt", "quote": "Boats pay 14 euros a night."}], "tags": ["number"]},
    {"id": "4", "question": "Which orchestra played in Vienna in 1911?", "answerable": False, "tags": ["off-topic"]},
]  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(text)
    lines = [json.dumps(sample) for sample in SAMPLES]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines))
    return tmp_path


def evaluate(work: Path, *arguments: str) -> int:
    return main(["eval", str(work / "questions.jsonl"), *arguments])


def test_a_run_gives_the_same_figures_twice(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for _ in range(2):
        assert evaluate(work, "--json") == DONE
        data = json.loads(capsys.readouterr().out)
        runs.append({name: value for name, value in data["figures"].items() if "latency" not in name})
    assert runs[0] == runs[1]
    assert runs[0]["accuracy"]["value"] == 1
    assert runs[0]["citation exactness"]["value"] == 1


def test_the_gate_shuts_when_answers_get_worse(
    work: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline = str(work / "baseline.json")
    assert evaluate(work, "--baseline", baseline, "--update-baseline") == DONE
    assert evaluate(work, "--baseline", baseline, "--report", str(work / "reports")) == DONE
    assert "Gate passed" in capsys.readouterr().out
    monkeypatch.setenv("QA_THRESHOLD", "1.0")
    assert evaluate(work, "--baseline", baseline) == FAILED
    output = capsys.readouterr().out
    assert "right -> WRONG" in output
    assert "read but refused" in output
    monkeypatch.setenv("QA_THRESHOLD", "0.0")
    assert evaluate(work, "--baseline", baseline) == FAILED
    assert "rightly refused" in capsys.readouterr().out
    assert {path.name for path in (work / "reports").iterdir()} == {"report.html", "report.md", "junit.xml"}


def test_a_baseline_of_other_documents_shuts_it(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    baseline = str(work / "baseline.json")
    assert evaluate(work, "--baseline", baseline, "--update-baseline") == DONE
    (work / "documents" / "new.txt").write_text("Another document altogether, on geese.")
    assert evaluate(work, "--baseline", baseline) == FAILED
    assert "other documents" in capsys.readouterr().out


def test_a_missing_baseline_is_named(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(work, "--baseline", str(work / "none.json")) == USAGE
    assert "--update-baseline" in capsys.readouterr().err


def test_samples_can_be_chosen(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(work, "--only", "number", "--json") == DONE
    assert set(json.loads(capsys.readouterr().out)["samples"]) == {"1", "3"}
    assert evaluate(work, "--sample", "2", "--seed", "7", "--json") == DONE
    assert len(json.loads(capsys.readouterr().out)["samples"]) == 2
    assert evaluate(work, "--only", "nonsense") == USAGE
    assert "nonsense" in capsys.readouterr().err


def test_evidence_that_is_not_there_is_wrong_usage(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (work / "questions.jsonl").open("a") as file:
        file.write('\n{"id": "5", "question": "?", "evidence": [{"source": "pump.md", "quote": "a moon"}]}')
    assert evaluate(work) == USAGE
    assert "a moon" in capsys.readouterr().err


def test_a_path_that_is_no_dataset_says_what_could_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "nothing-here"]) == USAGE
    assert "SQuAD" in capsys.readouterr().err


def test_marked_answers_become_samples(work: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = work / "questions.jsonl"
    path.write_text("")
    with Assistant.open(tmp_path / "store", settings=Settings()) as assistant:
        assistant.index.sync(work / "documents")
        answer = assistant.ask("Who is the harbour master?")
        record_feedback(answer, "right", path)
        record_feedback(assistant.ask("What do boats pay for a night?"), "wrong", path, comment="per metre, I think")
    right, wrong = read_samples(path)
    assert right.evidence[0].quote == answer.citations[0].quote
    assert "to-review" in wrong.tags
    assert evaluate(work, "--json") == DONE
    output = capsys.readouterr()
    assert set(json.loads(output.out)["samples"]) == {right.id}
    assert "wait for review" in output.err


def test_an_answer_can_be_marked_when_it_is_asked_for(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, marked = str(work / "store"), str(work / "marked.jsonl")
    assert main(["index", str(work / "documents"), "--store", store]) == DONE
    ask = ["ask", "Who is the harbour master?", "--store", store, "--mark", "right"]
    assert main(ask) == USAGE
    assert "--samples" in capsys.readouterr().err
    for _ in range(2):
        assert main([*ask, "--samples", marked]) == DONE
    assert [sample.question for sample in read_samples(Path(marked))] == ["Who is the harbour master?"]
    assert main(["eval", marked, "--documents", str(work / "documents")]) == DONE
