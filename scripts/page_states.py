"""The page in its main states, in a real browser before a real server: for screenshots and for accessibility checks."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from index import Index

ROOT = Path(__file__).parents[1]
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
_PATIENCE_MS = 180_000


@contextmanager
def served_seeds() -> Iterator[str]:
    """Address of a server over the sample documents, with a report of the evals if there is one."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        with Index.open(store) as index:
            index.sync(ROOT / "seeds")
        command = [sys.executable, "-m", "qa.cli", "ui", "--store", str(store), "--port", "0"]
        report = ROOT / "reports" / "report.html"
        command += ["--report", str(report)] if report.is_file() else []
        environment = {**os.environ, "GRADIO_TEMP_DIR": f"{folder}/temporary"}
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment)
        assert server.stderr is not None
        try:
            for line in server.stderr:
                if found := re.search(r"http://[\d.:]+", line):
                    threading.Thread(target=server.stderr.read, daemon=True).start()
                    yield found.group()
                    break
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("There is no Chromium; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - playwright's own
    """A fresh page, ready to be used."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(address)
    page.wait_for_selector("html[data-ready=yes]")
    page.wait_for_selector(".example")
    yield page
    context.close()


def first_open(page: Page) -> None:
    """Nothing was asked yet."""
    page.evaluate("document.activeElement.blur()")


def answer(page: Page) -> None:
    """A question with its cited answer; the quote is shown beside the marker."""
    _ask(page, "Which countries backed Macron's idea?")
    if page.viewport_size and page.viewport_size["width"] > 600:
        page.hover("#marker-1-1")
        page.wait_for_timeout(300)


def evidence(page: Page) -> None:
    """The page of a PDF with the quoted words marked, and the same words in the text on a phone."""
    _ask(page, "What does ERR-4042 mean?")
    page.locator(".source", has_text="user manual.pdf").first.click()
    page.wait_for_selector(".box:visible, mark.current:visible")
    if page.viewport_size and page.viewport_size["width"] < 600:
        page.click("button[data-view=page]")
    page.mouse.move(5, 5)
    page.wait_for_timeout(600)


def abstention(page: Page) -> None:
    """The documents do not answer."""
    _ask(page, "What is the capital of Peru?")


def contradiction(page: Page) -> None:
    """Two sources that do not agree: 90 days, or 60."""
    _ask(page, "How many days after purchase must the P40 be registered?")
    page.wait_for_selector(".disagreement")
    page.mouse.move(5, 5)


def documents(page: Page) -> None:
    """Files that are being read, one that cannot be."""
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    with tempfile.TemporaryDirectory() as folder:
        broken = Path(folder) / "scan of the contract (2).pdf"
        broken.write_bytes(b"This is no PDF")
        page.set_input_files("#files input[type=file]", [broken, ROOT / "CHANGELOG.md", ROOT / "LICENSE"])
        page.wait_for_selector("text=1 file could not be read")
    page.wait_for_timeout(300)


def feedback(page: Page) -> None:
    """An answer is being marked."""
    _ask(page, "Which countries backed Macron's idea?")
    page.click("[data-mark=partly]")
    page.fill(".feedback input", "The Czech Republic is missing.")
    page.wait_for_timeout(200)


def evaluation(page: Page) -> None:
    """The last report of the evals, or how to make one."""
    page.get_by_role("tab", name="Evaluation").click()
    page.wait_for_selector("iframe.report:visible, #report .empty:visible")
    page.wait_for_timeout(500)


STATES: Mapping[str, Callable[[Page], None]] = {
    "first-open": first_open, "answer": answer, "evidence": evidence, "abstention": abstention,
    "contradiction": contradiction, "feedback": feedback, "evaluation": evaluation, "documents": documents,
}  # fmt: skip
"""In this order: the last one adds documents, which could change what is answered."""


def _ask(page: Page, question: str, number: int = 1) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f'.exchange[data-number="{number}"][data-state="done"]')
    page.wait_for_selector("#send:visible")
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(900)  # until it has scrolled
