"""What people do with the page, from adding a document to reading the quoted words."""

import re
import time
from pathlib import Path

import pytest
from gradio_client import Client
from playwright.sync_api import Page

from ...helpers import SEEDS
from .conftest import Visit, open_page, wait_for_answer

pytestmark = pytest.mark.timeout(600)

QUESTION = "Which countries backed Macron's idea?"
QUOTE = re.compile(r"But Macron's idea was supported only by the Baltic states and Poland.*")


def ask(page: Page, question: str, number: int = 1) -> None:
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    wait_for_answer(page, number)


def test_a_page_opened_too_early_gets_its_examples(visit: Visit, unready: str) -> None:
    page = open_page(visit, unready)
    page.wait_for_selector(".examples button")
    page.locator(".examples button").first.click()
    wait_for_answer(page, 1)


def test_upload_ask_and_read_the_quote(visit: Visit, seeded: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken (scan) 😀.pdf"
    broken.write_bytes(b"no PDF")
    page = open_page(visit, seeded)
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    files = [SEEDS / "LP-017 kelp DNA extraction.pdf", SEEDS / "travel-policy-2026.docx", broken]
    page.set_input_files("#files input[type=file]", files)
    page.wait_for_selector("text=2 files added, 1 file could not be read")
    assert "not a readable PDF" in page.inner_text(".job .error")
    row = page.locator(".documents tr", has_text="LP-017 kelp DNA extraction.pdf")
    assert "3" in row.locator("[data-label=Pages]").inner_text()
    assert "PDF" in row.inner_text()
    page.wait_for_selector(f".documents tr:has-text('{broken.name}') .status.failed")

    page.get_by_role("tab", name="Ask").click()
    ask(page, QUESTION)
    page.click("#marker-1-1")
    page.wait_for_selector("mark.current:visible")
    assert QUOTE.fullmatch(page.inner_text("mark.current"))
    assert page.evaluate("document.activeElement.id") == "panel-title"
    seen = page.evaluate(
        "(() => { const mark = document.querySelector('mark.current').getBoundingClientRect();"
        "const body = document.querySelector('.panel-body').getBoundingClientRect();"
        "return mark.top >= body.top && mark.bottom <= body.bottom })()"
    )
    assert seen, "the panel is scrolled to the quote"

    ask(page, "What does ERR-4042 mean?", 2)
    page.locator('.exchange[data-number="2"] .source', has_text="Meridian P40 user manual.pdf").first.click()
    page.wait_for_selector(".box:visible")
    assert page.locator(".sheet img").evaluate("image => image.naturalWidth") > 600
    with page.expect_download() as download:
        page.click("text=Download")
    assert Path(download.value.path()).read_bytes() == (SEEDS / "Meridian P40 user manual.pdf").read_bytes()
    page.click("button[data-view=text]")
    assert "ERR-4042" in page.inner_text("mark.current")
    assert not visit.dialogs
    assert not visit.errors
    assert not visit.strangers(seeded)


def test_by_keyboard_alone(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    page.wait_for_function("document.activeElement.closest('#question') !== null")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    wait_for_answer(page, 1)
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.id") == "marker-1-1":
            break
    assert page.evaluate("document.activeElement.id") == "marker-1-1", "the marker is reached with Tab"
    assert page.is_visible("#peek-1-1"), "and shows its quote"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "and is seen to have focus"
    )
    page.keyboard.press("Enter")
    page.wait_for_selector("mark.current:visible")
    page.wait_for_function("document.activeElement.id === 'panel-title'")
    reached = set()
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.className"))
    assert {"Close", "Download"} <= reached
    page.keyboard.press("Escape")
    page.wait_for_selector("#evidence", state="hidden")
    assert page.evaluate("document.activeElement.id") == "marker-1-1", "focus is back where it was"
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "Documents":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector(".documents:visible")


@pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True)
def test_on_a_phone(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    ask(page, QUESTION)
    box = page.locator(".source").first.bounding_box()
    assert box is not None
    assert box["height"] >= 24, "wide enough for a finger"
    page.locator(".source").first.click()
    page.wait_for_selector("mark.current:visible")
    assert QUOTE.fullmatch(page.inner_text("mark.current"))
    panel = page.locator("#evidence").bounding_box()
    assert panel is not None
    assert (panel["x"], panel["width"]) == (0, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("button[data-close]")
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("visit", [{"viewport": {"width": 640, "height": 400}}], indirect=True)
def test_at_two_hundred_percent(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)  # a window of 1280 x 800, magnified twice
    ask(page, QUESTION)
    page.click("#marker-1-1")
    page.wait_for_selector("mark.current:visible")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


def test_refusal_disagreement_and_follow_up(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    ask(page, "What is the capital of Peru?")
    assert "do not answer" in page.inner_text(".abstention")
    page.locator(".passage").first.click()
    page.wait_for_selector("mark.current:visible, .box:visible")
    ask(page, QUESTION, 2)
    ask(page, "And who opposed it?", 3)
    assert page.locator(".exchange").count() == 3
    page.locator('.exchange[data-number="3"] [data-again]').click()
    page.wait_for_selector('.exchange[data-number="3"][data-state="done"]')


def test_feedback_copy_and_export(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, QUESTION)
    page.click("text=Copy")
    page.wait_for_selector("text=Copied")
    assert "[1] 000_68666599302d609d.txt" in page.evaluate("navigator.clipboard.readText()")
    with page.expect_download() as download:
        page.click("text=Export Markdown")
    assert "[^1]: " in Path(download.value.path()).read_text(encoding="utf-8")
    page.click("[data-mark=right]")
    page.fill(".feedback input", "just so <b>")
    page.press(".feedback input", "Enter")
    page.wait_for_selector("text=Marked as right")
    assert page.locator("[data-mark]").count() == 0


def test_documents_can_be_found_removed_and_brought_back(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    page.locator("#find input").press_sequentially("minutes 04")
    page.wait_for_selector("text=1 shown")
    page.click("[data-remove='minutes-2026-04.md']")
    page.click("[data-undo]")
    page.wait_for_selector("text=1 file added")
    page.wait_for_selector(".documents [data-evidence]:has-text('minutes-2026-04.md')")
    page.click("[data-reindex='minutes-2026-04.md']")
    page.click(".documents [data-evidence]:has-text('minutes-2026-04.md')")
    page.wait_for_selector(".panel:visible .block")


def test_new_collection_is_empty_and_chosen(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    page.get_by_role("tab", name="Documents").click()
    page.click("text=New collection")
    page.fill("#new-collection input", "Zweite Sammlung")
    page.click("button:text-is('Create')")
    page.wait_for_selector("#listing h2:has-text('No documents yet'):visible")
    assert page.input_value("#collection input") == "Zweite Sammlung"
    page.get_by_role("tab", name="Ask").click()
    page.wait_for_selector("text=This collection holds no documents yet")
    page.click("#talk >> text=Add documents")
    page.wait_for_selector("#listing h2:has-text('No documents yet'):visible")


def test_a_collection_is_deleted_by_keyboard_after_a_question(visit: Visit, seeded: str) -> None:
    page = open_page(visit, seeded)
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    assert page.locator("[data-delete]").count() == 0, "the default collection cannot be deleted"
    page.click("text=New collection")
    page.fill("#new-collection input", "Old reports")
    page.press("#new-collection input", "Enter")
    page.wait_for_selector("text=The collection Old reports was made")
    for answer, left in (("Escape", True), ("Enter", False)):
        page.focus("[data-delete]")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog:has-text('Delete the collection “Old reports” with no documents in it?')")
        assert page.evaluate("document.activeElement.textContent") == "Keep it"
        if not left:
            page.keyboard.press("Tab")
        page.keyboard.press(answer)
        page.wait_for_selector("dialog", state="detached")
        if left:
            assert page.evaluate("'delete' in document.activeElement.dataset"), "focus is back where it was"
    page.wait_for_selector("text=The collection Old reports was deleted")
    page.wait_for_function("document.querySelector('#collection input').value === 'documents'")
    page.wait_for_selector(".documents")


def test_long_document_opens_fast_at_the_place(visit: Visit, seeded: str, tmp_path: Path) -> None:
    lines = [f"Line {number} speaks of nothing that anybody would ask about.\n\n" for number in range(10_000)]
    lines[7_000] = "The keeper of the archive is Leopold Zander.\n\n"
    (tmp_path / "long.txt").write_text("".join(lines))
    page = open_page(visit, seeded)
    page.get_by_role("tab", name="Documents").click()
    page.set_input_files("#files input[type=file]", [tmp_path / "long.txt"])
    page.wait_for_selector(".documents tr:has-text('long.txt') .status.ready", timeout=180_000)
    page.get_by_role("tab", name="Ask").click()
    ask(page, "Who is the keeper of the archive?")
    begun = time.monotonic()
    page.locator(".reply [data-evidence]").first.click()
    page.wait_for_selector("mark.current:visible")
    assert time.monotonic() - begun < 10, "the machine may be busy; a second is usual"
    assert "Leopold" in page.inner_text("mark.current")
    before = page.locator(".block").count()
    page.locator("[data-more]").first.click()
    page.wait_for_function(f"document.querySelectorAll('.block').length > {before}")
    assert page.locator("mark.current").evaluate("mark => mark.isConnected")


def test_programs_can_ask(seeded: str) -> None:
    client = Client(seeded, verbose=False)
    answer = client.predict(QUESTION, [], "documents", api_name="/ask")
    assert answer["answered"]
    assert answer["citations"][0]["source"] == "000_68666599302d609d.txt"
    follow_up = [{"question": QUESTION, "answer": answer["text"]}]
    assert client.predict("And who opposed it?", follow_up, "documents", api_name="/ask")["question"]
    assert set(client.view_api(return_format="dict", print_info=False)["named_endpoints"]) == {"/ask"}
    client.close()
