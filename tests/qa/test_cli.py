"""The command line as scripts use it: stdout, stderr, exit codes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.cli import DONE, FAILED, USAGE, main

ARTICLE = Path(__file__).parents[2] / "seeds" / "000_68666599302d609d.txt"
QUESTION = "Which countries backed Macron's idea?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("documents")
    (path / "article.txt").write_bytes(ARTICLE.read_bytes())
    (path / "guide.md").write_text(
        "# Pump\n\nThe pump needs 12 V.\n\n## Cleaning\n\nRinse it with warm water each week.\n"
    )
    return path


@pytest.fixture(scope="module")
def store(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("work") / "store")
    assert main(["index", str(folder), "--store", path, "--json"]) == DONE
    return path


def result(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = DONE) -> Any:
    assert main([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_index_counts_what_it_did(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "store")
    first = result(capsys, "index", str(folder), "--store", path)
    assert (first["added"], first["unchanged"], first["failed"]) == (2, 0, [])
    assert first["documents"] == 2
    second = result(capsys, "index", str(folder), "--store", path)
    assert (second["added"], second["unchanged"]) == (0, 2)
    assert set(first) >= {
        "added",
        "updated",
        "renamed",
        "unchanged",
        "removed",
        "failed",
        "documents",
        "chunks",
        "seconds",
    }


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_wrong_usage(store: str, capsys: pytest.CaptureFixture[str], question: str) -> None:
    with pytest.raises(SystemExit) as left:
        main(["ask", question, "--store", store])
    assert left.value.code == USAGE
    assert "empty" in capsys.readouterr().err


def test_a_broken_file_is_one_line_and_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "good.txt").write_text("The harbour opens at six.")
    (documents / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    report = result(capsys, "index", str(documents), "--store", str(tmp_path / "store"))
    assert report["added"] == 1
    assert [failed["source"] for failed in report["failed"]] == ["bad.pdf"]


def test_when_every_file_fails_the_exit_code_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.docx"
    bad.write_bytes(b"PK\x03\x04 broken")
    assert main(["index", str(bad), "--store", str(tmp_path / "store")]) == FAILED
    assert "bad.docx" in capsys.readouterr().err


def test_a_missing_folder_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(tmp_path / "nowhere"), "--store", str(tmp_path / "store")]) == USAGE
    assert "nowhere" in capsys.readouterr().err
    assert not (tmp_path / "store").exists(), "an empty store would hide the mistake from the next command"


def test_a_question_without_quotes_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["ask", "what", "is", "it"])
    assert stopped.value.code == USAGE
    assert "in quotes" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["ask", "what is it", "--stroe", "x"])
    said = capsys.readouterr().err
    assert "--stroe" in said
    assert "in quotes" not in said


def test_ask_gives_the_answer_object(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = result(capsys, "ask", QUESTION, "--store", store)
    assert answer["answered"] is True
    assert "Baltic states and Poland" in answer["text"]
    shown = result(capsys, "show", answer["citations"][0]["source"], "--store", store)
    for citation in answer["citations"]:
        assert shown["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_ask_abstains_with_exit_code_0(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert result(capsys, "ask", "What is the capital of Peru?", "--store", store)["answered"] is False


def test_ask_for_people_shows_markers_source_and_quote(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--store", store]) == DONE
    output = capsys.readouterr().out
    assert "[1]" in output
    assert "article.txt" in output
    assert "\x1b" not in output, "no colours where there is no terminal"


def test_a_source_filter_searches_only_those(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer = result(capsys, "ask", QUESTION, "--store", store, "--source", "guide.*")
    assert {passage["source"] for passage in answer["passages"]} <= {"guide.md"}
    assert answer["answered"] is False


def test_search_lists_passages(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = result(capsys, "search", "pump voltage", "--store", store)
    assert found["passages"][0]["source"] == "guide.md"


def test_show_prints_the_text_as_it_is(store: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "guide.md", "--store", store]) == DONE
    assert capsys.readouterr().out == (folder / "guide.md").read_text()


def test_show_of_an_unknown_document_names_it(store: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "nothing.md", "--store", store]) == USAGE
    assert "nothing.md" in capsys.readouterr().err


def test_asking_without_an_index_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "anything", "--store", str(tmp_path / "none")]) == FAILED
    assert "qa index" in capsys.readouterr().err


def test_remove_and_verify(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "store")
    result(capsys, "index", str(folder), "--store", path)
    assert result(capsys, "remove", "guide.*", "--store", path) == {"removed": 1}
    assert result(capsys, "status", "--store", path)["documents"] == 1
    assert result(capsys, "verify", "--store", path)["ok"] is True
    assert result(capsys, "verify", "--repair", "--store", path)["problems"] == []


def test_chat_understands_a_follow_up(store: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "qa.cli", "chat", "--store", store],
        input=f"{QUESTION}\nAnd who opposed it?\n\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    first, second = run.stdout.split("? And who opposed it?")
    assert f"? {QUESTION}" in first
    assert "criticized the French leader's statement" in " ".join(second.split()), "lines are wrapped"


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["status"]])
def test_help_and_status_import_nothing_heavy(arguments: list[str], store: str) -> None:
    if arguments == ["status"]:
        arguments = ["status", "--store", store]
    code = (
        "import sys\nfrom qa.cli import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'chromadb', 'llama_index', 'sentence_transformers', 'gradio', 'nltk', 'onnxruntime'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True)


def test_wrong_usage_is_code_2() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["ask"])
    assert stopped.value.code == USAGE


@pytest.mark.parametrize("command", ["index", "ask", "chat", "search", "show", "status", "remove", "verify", "ui"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert "exit codes" in capsys.readouterr().out
