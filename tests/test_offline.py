"""Everything works on a machine without a network: a process that has none indexes, and answers with citations."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .helpers import ROOT, SEEDS, write_files

_PROBE = "import socket; s = socket.socket(); s.settimeout(2); s.connect(('192.0.2.1', 80))"


def without_network(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a network namespace of its own, which has not even a loopback address."""
    unshare = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    return subprocess.run(
        [*unshare, sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module", autouse=True)
def _namespaces() -> None:
    """Make sure that the tests below have no network indeed."""
    try:
        probe = without_network("-c", _PROBE)
    except FileNotFoundError:
        pytest.skip("unshare is not on this system")
    if "unshare" in probe.stderr:
        pytest.skip(f"the kernel refuses network namespaces: {probe.stderr.strip()}")
    assert "Network is unreachable" in probe.stderr


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store made without a network."""
    place = tmp_path_factory.mktemp("offline")
    names = ["000_68666599302d609d.txt", "Meridian P40 user manual.pdf", "faq.html"]
    write_files(place / "documents", {name: (SEEDS / name).read_bytes() for name in names})
    done = without_network(
        "-m", "qa.cli", "index", str(place / "documents"), "--store", str(place / "store"), HOME=str(place / "home")
    )
    assert done.returncode == 0, done.stderr
    assert "3 added" in done.stdout
    return place


def test_a_question_is_answered_without_a_network(indexed: Path) -> None:
    done = without_network(
        "-m", "qa.cli", "ask", "Which countries supported Macron's idea?", "--store", str(indexed / "store"), "--json",
        HOME=str(indexed / "home"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["answered"]
    assert "Baltic states and Poland" in answer["text"]
    assert answer["citations"][0]["source"] == "000_68666599302d609d.txt"


def test_nothing_is_left_in_the_home_folder(indexed: Path) -> None:
    """No model cache, no settings of a library."""
    home = indexed / "home"
    assert not home.exists() or list(home.rglob("*")) == []


def test_every_loader_works_without_a_network(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from index import Index
from tests.helpers import HashEncoder
with Index.open(sys.argv[1], encoder=HashEncoder(max_tokens=100)) as index:
    report = index.sync("seeds")
    assert not report.failed, report.failed
    assert report.added >= 14, report
    assert index.search("battery").passages
"""
    done = without_network("-c", program, str(tmp_path / "store"))
    assert done.returncode == 0, done.stderr


def test_the_owner_of_a_store_searches_without_a_network(indexed: Path) -> None:
    program = """
import sys
from index import Index
with Index.open(sys.argv[1]) as index:
    assert "18 hours" in index.search("How long does the battery run?").passages[0].chunk.text
    assert index.verify(repair=True) == []
"""
    done = without_network("-c", program, str(indexed / "store"))
    assert done.returncode == 0, done.stderr
