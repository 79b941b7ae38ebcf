"""The chat page: nothing of a document becomes markup, and the server answers."""

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from qa import Assistant, Settings
from ui.app import answer_html, turns

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


def test_documents_and_questions_are_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text(f"The pump needs 12 V {HOSTILE} and a fuse. It is blue.")
    with Assistant.open(tmp_path / "store", settings=Settings(threshold=0.0)) as assistant:
        assistant.index.sync(folder)
        page = answer_html(assistant.ask("What does the pump need?"), assistant)
    assert "12 V" in page
    assert "<mark>" in page
    assert "<img" not in page
    assert "<script" not in page


def test_only_questions_of_the_conversation_are_taken() -> None:
    history: list[dict[str, Any]] = [
        {"role": "user", "content": [{"type": "text", "text": "first?"}]},
        {"role": "assistant", "content": "an answer"},
        {"role": "user", "content": "second?"},
    ]
    assert [turn.question for turn in turns(history)] == ["first?", "second?"]


@pytest.mark.timeout(120)
def test_the_server_comes_up_and_shows_the_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The pump needs 12 V.")
    with Assistant.open(tmp_path / "store", settings=Settings()) as assistant:
        assistant.index.sync(tmp_path / "a.txt")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ui", "--store", str(tmp_path / "store"), "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        config = _get(f"http://127.0.0.1:{port}/config", server)
        assert "Answerable" in json.dumps(json.loads(config))
    finally:
        server.terminate()
        server.wait(timeout=20)


def _get(address: str, server: subprocess.Popen[bytes]) -> bytes:
    for _ in range(400):
        assert server.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return bytes(response.read())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise AssertionError("the server did not come up")
