"""What the documentation shows is true: its examples run, its commands exist."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from qa import Settings
from qa.cli import main
from tests.helpers import ROOT, SEEDS

_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_examples_of_the_api_run_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    article = SEEDS / "000_68666599302d609d.txt"
    (documents / article.name).write_bytes(article.read_bytes())
    (documents / "pump.md").write_text("# Pump\n\nThe pump needs a voltage of 12 V.\n")
    monkeypatch.chdir(tmp_path)
    blocks = _BLOCK.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 5
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/api.md", "exec"), scope)


@pytest.mark.parametrize("name", ["README.md", "docs/evals.md"])
def test_every_command_that_is_named_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    commands = set(re.findall(r"(?:\$ |`)qa ([a-z]+)\b", (ROOT / name).read_text(encoding="utf-8")))
    assert commands
    for command in commands:
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0, f"qa {command} is not a command"
    capsys.readouterr()


def test_every_setting_is_documented() -> None:
    rows = re.findall(r"^\| (`.*)", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    for setting in fields(Settings):
        named = [row for row in rows if f"`{setting.name}`" in row]
        assert any(f"`QA_{setting.name.upper()}`" in row for row in named), f"docs/api.md lacks {setting.name}"


def test_links_between_our_documents_lead_somewhere() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_the_tree_in_the_readme_is_the_tree() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for room in ("index", "qa", "ui", "evals"):
        for path in (ROOT / room).glob("*.py"):
            assert path.name == "__init__.py" or path.name in text, f"README does not mention {room}/{path.name}"
