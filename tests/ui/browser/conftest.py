"""A real server process on a free port, a real Chromium, and a second port that plays an attacker's host."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from index import Index
from index.embed import Encoder
from qa import Settings
from ui.library import Library

from ...helpers import SEEDS, write_files
from .hostile import ADDRESS, COLLECTIONS, documents

SEEDED = ("000_68666599302d609d.txt", "minutes-2026-03.md", "minutes-2026-04.md", "Meridian P40 user manual.pdf")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
              "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass
class Visit:
    """A page, and what it did that no page of ours may do."""

    page: Page
    dialogs: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def strangers(self, own: str) -> list[str]:
        """Requests to any other host."""
        return [url for url in self.requests if not url.startswith((own, "data:", "blob:", "about:"))]


@dataclass
class Attacker:
    """A host that should never be asked for anything."""

    port: int
    hits: list[str]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Where there is none the tests are skipped, but never in CI.

    Gone with this folder's last test: as long as it is there, playwright's event loop runs in the thread of all tests.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("There is no Chromium; .ci/run installs it.")
        pytest.skip("There is no Chromium; install it (Debian: apt-get install chromium) to run these tests.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, real_encoder: Encoder) -> Iterator[str]:
    """Address of a server with a few of the sample documents."""
    place = tmp_path_factory.mktemp("seeded")
    write_files(place / "documents", {name: (SEEDS / name).read_bytes() for name in SEEDED})
    with Index.open(place / "store", encoder=real_encoder) as index:
        index.sync(place / "documents")
    yield from _served(place / "store")


@pytest.fixture
def unready(tmp_path: Path, real_encoder: Encoder) -> Iterator[str]:
    """Address of a server that has just been started: its models are still being loaded."""
    write_files(tmp_path / "documents", {name: (SEEDS / name).read_bytes() for name in SEEDED[:2]})
    with Index.open(tmp_path / "store", encoder=real_encoder) as index:
        index.sync(tmp_path / "documents")
    yield from _served(tmp_path / "store")


@pytest.fixture(scope="session")
def attacker() -> Iterator[Attacker]:
    """The second port."""
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Attacker(server.server_port, hits)
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, real_encoder: Encoder, attacker: Attacker) -> Iterator[str]:
    """Address of a server whose documents, titles, file names and collections attack whoever reads them."""
    place = tmp_path_factory.mktemp("hostile")
    address = f"http://127.0.0.1:{attacker.port}"
    write_files(place / "documents", documents(address))
    with Index.open(place / "store", encoder=real_encoder) as index:
        index.sync(place / "documents")
    with Library(place / "store", Settings(), encoder=real_encoder) as library:
        for name in COLLECTIONS:
            library.create(name.replace(ADDRESS, address))
    yield from _served(place / "store")


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A fresh page at desktop width, or with the options that a test gives as its parameter."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **getattr(request, "param", {})})
    page = context.new_page()
    seen = Visit(page)

    def dismiss(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("request", lambda sent: seen.requests.append(sent.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.set_default_timeout(120_000)
    yield seen
    context.close()


def open_page(visit: Visit, address: str) -> Page:
    """The page, ready to be used."""
    visit.page.goto(address)
    visit.page.wait_for_selector("html[data-ready=yes]")
    visit.page.wait_for_selector(".welcome p")
    return visit.page


def wait_for_answer(page: Page, number: int) -> None:
    """Until the answer of that number stands."""
    page.wait_for_selector(f'.exchange[data-number="{number}"][data-state="done"]')
    page.wait_for_selector("#send:visible")


def _served(store: Path) -> Iterator[str]:
    environment = {**os.environ, "GRADIO_TEMP_DIR": str(store.parent / "temporary")}
    server = subprocess.Popen(
        [sys.executable, "-m", "qa.cli", "ui", "--store", str(store), "--port", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                threading.Thread(target=server.stderr.read, daemon=True).start()  # so that it can always write
                yield found.group()
                break
        else:
            raise AssertionError("the server has ended")
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stderr.close()
