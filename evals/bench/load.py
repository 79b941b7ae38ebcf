"""Several users asking at once, against a real server process: over REST, as the page does, and during an upload.

    python -m evals.bench.load --data squadshifts-new_wiki.json [--users 10] [--asks 20] [--chunks 10000]

The store holds that many chunks of the data's paragraphs, with random vectors under the shipped model's name (finding
and reading cost the same, and nothing has to be embedded for it). Questions are the data's own. Prints JSON; times are
seconds until the whole answer was there.
"""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from evals.bench.speed import FreeEncoder
from evals.datasets import read_squad
from evals.metrics import percentile
from index import Index
from index.embed import open_encoder

_START_SECONDS = 120
_UPLOADED_FILES = 40


class NamedEncoder(FreeEncoder):
    """Free vectors in a store that the shipped model can open."""

    def __init__(self) -> None:
        super().__init__()
        shipped = open_encoder(None, threads=1)
        self.name, self.fingerprint = shipped.name, shipped.fingerprint


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a file in SQuAD's form")
    parser.add_argument("--users", type=int, default=10)
    parser.add_argument("--asks", type=int, default=20, help="of each user")
    parser.add_argument("--chunks", type=int, default=10_000)
    options = parser.parse_args()
    paragraphs, asked = read_squad(options.data)
    questions = list(dict.fromkeys(question.question for question in asked))
    texts = list(dict.fromkeys(paragraph.text for paragraph in paragraphs))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        chunks = _fill(place / "store", place / "documents", texts, options.chunks)
        with _server(place / "store") as address:
            _ask_all(address, questions, users=2, asks=5)  # everything is loaded and cached
            alone = _ask_all(address, questions, users=options.users, asks=options.asks)
            page = _ask_all(address, questions, users=options.users, asks=options.asks, ask=_by_page)
            uploading = _while_uploading(address, questions, texts, users=options.users, asks=options.asks)
    result = {
        "cores": os.cpu_count(),
        "chunks": chunks,
        "users": options.users,
        "alone": alone,
        "on the page": page,
        "while_uploading": uploading,
        "ratio_of_p95": round(uploading["p95"] / alone["p95"], 2),
    }
    print(json.dumps(result, indent=2))


def _fill(store: Path, folder: Path, texts: Sequence[str], wanted: int) -> int:
    """Index copies of the paragraphs, told apart by a number in each, until there are as many chunks as wanted."""
    folder.mkdir()
    sections = (f"## Section {number}\n\n{text}\n" for number, text in enumerate(itertools.cycle(texts)))
    written = 0
    with Index.open(store, encoder=NamedEncoder()) as index:
        while (chunks := index.status().chunks) < wanted:
            for _ in range(50):
                written += 1
                content = "\n".join(itertools.islice(sections, 20))
                (folder / f"{written:04}.md").write_text(f"# Volume {written}\n\n{content}", encoding="utf-8")
            index.sync(folder)
        return chunks


@contextmanager
def _server(store: Path) -> Iterator[str]:
    """A server over the store; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ui", "--store", str(store), "--port", "0"], stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        found = None
        while found is None:
            line = process.stderr.readline()
            if not line:
                raise SystemExit("The server did not start.")
            found = re.search(r"http://\S+/", line)
        _wait(found.group())
        yield found.group()
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with httpx.Client(base_url=address, timeout=10) as client:
        while time.monotonic() < deadline:
            try:
                if client.get("/api/v1/health").json()["ready"]:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
    raise SystemExit("The server was not ready in time.")


def _by_rest(client: httpx.Client, question: str) -> str | None:
    """Ask over REST; what went wrong, or None."""
    response = client.post("/api/v1/ask", json={"question": question})
    return None if response.status_code == 200 else f"{response.status_code} {response.text[:200]}"


def _by_page(client: httpx.Client, question: str) -> str | None:
    """Ask as the page does: put the question into Gradio's queue, and follow its events until the answer is drawn."""
    trigger, number, collection = _asking(str(client.base_url))
    session = uuid.uuid4().hex[:11]
    job = {"data": [question, None, collection], "fn_index": number, "session_hash": session, "trigger_id": trigger}
    client.post("/gradio_api/queue/join", json=job).raise_for_status()
    with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as events:
        for line in events.iter_lines():
            event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
            if event.get("msg") == "process_completed":
                return None if event["success"] else line[:200]
    return "The events ended without an answer."


@cache
def _asking(address: str) -> tuple[int, int, str]:
    """Gradio's numbers of the button that asks and of what it starts, and the collection that is chosen at first."""
    page = httpx.get(f"{address}config", timeout=30).raise_for_status().json()
    named = {item["props"].get("elem_id"): item for item in page["components"]}
    button = named["send"]["id"]
    started = next(item["id"] for item in page["dependencies"] if [button, "click"] in item["targets"])
    return button, started, named["collection"]["props"]["value"]


def _ask_all(
    address: str,
    questions: Sequence[str],
    *,
    users: int,
    asks: int,
    running: threading.Event | None = None,
    ask: Callable[[httpx.Client, str], str | None] = _by_rest,
) -> dict[str, Any]:
    """Each user asks one question after another, until all are asked, or as long as ``running`` is set."""
    times: list[float] = []
    errors: list[str] = []

    def user(number: int) -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            own = itertools.cycle(questions[number :: users * 7])
            for count, question in enumerate(own):
                if count >= asks if running is None else not running.is_set():
                    return
                begun = time.perf_counter()
                try:
                    if (error := ask(client, question[:4000])) is not None:
                        errors.append(error)
                except httpx.HTTPError as failure:
                    errors.append(repr(failure))
                times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    threads = [threading.Thread(target=user, args=(number,)) for number in range(users)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "asks": len(times),
        "errors": len(errors),
        "first_error": errors[0] if errors else None,
        "p50": round(percentile(times, 0.5) or 0.0, 3),
        "p95": round(percentile(times, 0.95) or 0.0, 3),
        "longest": round(max(times), 3),
        "asks_per_second": round(len(times) / (time.perf_counter() - begun), 1),
    }


def _while_uploading(
    address: str, questions: Sequence[str], texts: Sequence[str], *, users: int, asks: int
) -> dict[str, Any]:
    """The same while files are uploaded and indexed, with the shipped model, in the background."""
    running = threading.Event()
    running.set()
    seconds: list[float] = []

    def upload() -> None:
        begun = time.perf_counter()
        files = [
            (
                "files",
                (
                    f"new/{number}.txt",
                    "\n\n".join(f"{number} {text}" for text in texts[number * 5 : number * 5 + 5]).encode(),
                ),
            )
            for number in range(_UPLOADED_FILES)
        ]
        with httpx.Client(base_url=address, timeout=60) as client:
            job = client.post("/api/v1/documents", files=files).raise_for_status().json()
            while not job["finished"]:
                time.sleep(0.5)
                job = client.get(f"/api/v1/jobs/{job['id']}").json()
        seconds.append(time.perf_counter() - begun)
        assert job["done"] == _UPLOADED_FILES, job
        running.clear()

    thread = threading.Thread(target=upload)
    thread.start()
    figures = _ask_all(address, questions, users=users, asks=asks, running=running)
    thread.join()
    return {**figures, "files": _UPLOADED_FILES, "upload_seconds": round(seconds[0], 1) if seconds else None}


if __name__ == "__main__":
    main()
