"""Speed and memory, as ratios measured in one run: indexing, indexing again, a cold question, warm questions.

    pip install -e ".[bench]"
    python -m evals.bench.speed --data dev-v2.0.json --model FOLDER [--rounds 3]

MODEL is the same MiniLM at full precision, run by LlamaIndex through sentence-transformers. Both index the same
files in turn, each in its own process. Medians of the rounds are printed.
"""

import argparse
import json
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.datasets import Paragraph, read_squad, write_paragraphs
from evals.metrics import percentile
from index.embed import Encoding, unit_rows
from qa import Assistant, Settings

_QUESTION = "When did the Normans come to France?"
_WARM_CHUNKS = 10_000
_MEGABYTES = 100
_FILES = 1000


class FreeEncoder:
    """Vectors of the usual size that cost nothing: what is left is the time and memory of our own code."""

    name = fingerprint = "free"
    dimension = 384
    max_tokens = 254

    def __init__(self) -> None:
        self._generator = np.random.default_rng(0)

    def token_offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Words of up to eight letters stand in for word pieces."""
        return [match.span() for match in re.finditer(r"\w{1,8}|[^\w\s]", text)]

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """Random vectors."""
        encodings = []
        for text in texts:
            offsets = self.token_offsets(text)
            pieces = self._generator.standard_normal((len(offsets) + 1, self.dimension), dtype=np.float32)
            encodings.append(Encoding(unit_rows(pieces[-1:])[0], pieces[:-1], offsets))
        return encodings


def timed(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of a whole process, and the last line it printed as JSON."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - begun
    output = done.stdout.strip()
    return seconds, json.loads(output if output.startswith("{\n") else output.splitlines()[-1])


def ours(*arguments: str) -> list[str]:
    """Our command line."""
    return [sys.executable, "-m", "qa.cli", *arguments, "--json"]


def theirs(action: str, *arguments: str) -> list[str]:
    """The LlamaIndex script."""
    return [sys.executable, "-m", "evals.bench.llamaindex_pipeline", action, *arguments]


def against_llamaindex(documents: Path, model: str, work: Path, rounds: int) -> dict[str, float]:
    """Indexing and a cold question, in turn; chunks a second of the whole process, start included."""
    rates: list[tuple[float, float]] = []
    asks: list[tuple[float, float]] = []
    again: list[float] = []
    for number in range(rounds):
        our_store, their_store = str(work / f"ours-{number}"), str(work / f"theirs-{number}")
        seconds, report = timed(ours("index", str(documents), "--store", our_store))
        their_seconds, their_report = timed(theirs("index", model, str(documents), their_store))
        rates.append((report["chunks"] / seconds, their_report["chunks"] / their_seconds))
        again.append(timed(ours("index", str(documents), "--store", our_store))[0] / seconds)
        ask, _ = timed(ours("ask", _QUESTION, "--store", our_store))
        their_ask, _ = timed(theirs("ask", model, str(documents), their_store, _QUESTION))
        asks.append((ask, their_ask))
        shutil.rmtree(their_store)
    return {
        "our chunks/s": statistics.median(rate for rate, _ in rates),
        "LlamaIndex chunks/s": statistics.median(rate for _, rate in rates),
        "indexing, ours over theirs": statistics.median(mine / other for mine, other in rates),
        "second index over first": statistics.median(again),
        "our cold question (s)": statistics.median(ask for ask, _ in asks),
        "their cold question (s)": statistics.median(ask for _, ask in asks),
        "cold question, ours over theirs": statistics.median(mine / other for mine, other in asks),
    }


def warm(paragraphs: Sequence[Paragraph], questions: Sequence[str], work: Path) -> dict[str, float | None]:
    """Milliseconds a question over 10,000 chunks takes when everything is open."""
    documents = work / "many"
    documents.mkdir()
    for number in range(_WARM_CHUNKS):
        paragraph = paragraphs[number % len(paragraphs)]
        # Another number in each copy, so that none is a duplicate of another.
        (documents / f"{number:05d}.txt").write_text(f"Item {number}. {paragraph.text[:700]}")
    times = []
    with Assistant.open(work / "many-store", settings=Settings()) as assistant:
        report = assistant.index.sync(documents)
        for question in questions[:20]:
            assistant.ask(question)
        for question in questions[20:220]:
            begun = time.perf_counter()
            assistant.ask(question)
            times.append((time.perf_counter() - begun) * 1e3)
    return {"chunks": report.chunks, "p50 (ms)": percentile(times, 0.5), "p95 (ms)": percentile(times, 0.95)}


def memory(paragraphs: Sequence[Paragraph], work: Path) -> dict[str, float]:
    """Peak memory of indexing 100 MB of text, with an encoder that costs no time (it is our code that is measured)."""
    documents = work / "large"
    documents.mkdir()
    size, number = 0, 0
    while size < _MEGABYTES * 1e6:
        text = "\n\n".join(f"Item {number}-{n}. {paragraph.text}" for n, paragraph in enumerate(paragraphs[:600]))
        (documents / f"{number:04d}.txt").write_text(text)
        size, number = size + len(text.encode()), number + 1
    code = (
        "import sys; from evals.bench.speed import FreeEncoder; from index import Index\n"
        "with Index.open(sys.argv[2], encoder=FreeEncoder()) as index: index.sync(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", code, str(documents), str(work / "large-store")], check=True)
    return {"text (MB)": size / 1e6, "peak (GB)": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a SQuAD file")
    parser.add_argument("--model", help="folder of all-MiniLM-L6-v2 at full precision (for LlamaIndex)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["llamaindex", "warm", "memory"])
    options = parser.parse_args()
    paragraphs, questions = read_squad(options.data, *sorted(options.data.parent.glob("distractors-*.json")))
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if options.only in {None, "llamaindex"} and options.model:
            documents = work / "documents"
            write_paragraphs(paragraphs[:_FILES], documents)
            result["against LlamaIndex"] = against_llamaindex(documents, options.model, work, options.rounds)
        if options.only in {None, "warm"}:
            result["warm"] = warm(paragraphs, [question.question for question in questions], work)
        if options.only in {None, "memory"}:
            result["memory"] = memory(paragraphs, work)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
