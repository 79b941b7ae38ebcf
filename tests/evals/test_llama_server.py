"""The small language model of `make llm-demo`: what is said where it is missing and, if wanted, one real answer."""

import hashlib
import os
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from evals.bench import llama_server
from evals.bench.llama_server import NAME, running_model, weights_path
from index import ModelError
from qa import Assistant, Settings
from scripts import language_model_demo
from tests.helpers import write_files

FACT = "The battery of the lamp lasts 18 hours on one charge."


def installed(monkeypatch: pytest.MonkeyPatch, folder: Path | None) -> None:
    """As if the packages were in ``folder``, or nowhere."""
    spec = None if folder is None else ModuleSpec("x", None, origin=str(folder / "__init__.py"))
    monkeypatch.setattr(llama_server, "find_spec", lambda _: spec)


def test_what_is_missing_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    installed(monkeypatch, None)
    monkeypatch.setattr("sys.argv", ["demo"])
    assert language_model_demo.main() == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.strip().splitlines() == [
        "llm-demo: The small language model is not installed; run `make llm-demo` once, which installs it."
    ]


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, tmp_path)
    with pytest.raises(ModelError, match="is not in its package"):
        weights_path()
    write_files(tmp_path, {llama_server._WEIGHTS: b"GGUF"})
    with pytest.raises(ModelError, match="is not the file that is expected"):
        weights_path()
    monkeypatch.setattr(llama_server, "_WEIGHTS_SHA256", hashlib.sha256(b"GGUF").hexdigest())
    assert weights_path() == tmp_path / llama_server._WEIGHTS


@pytest.mark.skipif(not os.environ.get("QA_TEST_LLM"), reason="takes minutes; set QA_TEST_LLM=1 to run it")
def test_a_real_model_answers_with_exact_citations(tmp_path: Path) -> None:
    try:
        weights_path()
    except ModelError as error:
        pytest.skip(str(error))
    write_files(tmp_path / "documents", {"lamp.txt": f"{FACT} Charge it with the cable.", "hat.txt": "A hat of felt."})
    with running_model() as model:
        settings = Settings(store=tmp_path / "store", model=model, model_timeout=250.0)
        with Assistant.open(settings=settings) as assistant:
            assistant.index.sync(tmp_path / "documents")
            answer = assistant.ask("How long does the battery of the lamp last?")
            texts = {name: assistant.index.document(name).text for name in ("lamp.txt", "hat.txt")}
    assert answer.model == f"openai:{NAME}", answer.notes
    assert answer.answered, answer.notes
    assert "18 hours" in answer.text
    assert all(sentence.supported and sentence.citations for sentence in answer.sentences)
    assert [texts[c.source][c.start : c.end] for c in answer.citations] == [c.quote for c in answer.citations]
