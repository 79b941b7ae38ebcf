"""Nothing that a document, a name or a question holds is run or fetched."""

import pytest
from playwright.sync_api import FilePayload, Page

from .conftest import Attacker, Visit, open_page, wait_for_answer
from .hostile import ADDRESS, PAYLOADS


def executed(page: Page) -> bool:
    return bool(page.evaluate("window.__x === 1"))


@pytest.mark.timeout(1200)
def test_sixty_attacks_by_every_way(visit: Visit, hostile: str, attacker: Attacker) -> None:
    page = open_page(visit, hostile)
    address = f"http://127.0.0.1:{attacker.port}"
    for number, payload in enumerate(PAYLOADS, start=1):
        question = f"What is the secret code of item {number}? {payload.replace(ADDRESS, address)[:3000]}"
        page.fill("#question textarea", question)
        page.press("#question textarea", "Enter")
        wait_for_answer(page, number)
        button = page.locator(f'.exchange[data-number="{number}"] .reply [data-evidence]').first
        button.focus()
        button.click()
        page.wait_for_selector("#evidence:not([aria-busy]) .panel")
        assert not executed(page), payload
    seen = page.inner_text("#talk")
    assert f"ZX1 {PAYLOADS[0]}" in seen or PAYLOADS[0] in seen, "the attack is shown as the text it is"

    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    page.locator("#find input").press_sequentially("<img src=x onerror=window.__x=1>")
    page.wait_for_selector("text=shown")
    page.click("text=New collection")
    page.fill("#new-collection input", "<img src=x onerror=window.__x=1> new")
    page.click("button:text-is('Create')")
    page.wait_for_selector("#listing h2:has-text('No documents yet'):visible")
    page.click("#collection input")  # the list of hostile names
    page.wait_for_selector("[role=listbox]:visible")
    page.wait_for_timeout(500)

    assert not executed(page)
    assert visit.dialogs == []
    assert attacker.hits == [], "nothing was fetched"
    assert visit.strangers(hostile) == []
    assert page.url.rstrip("/") == hostile, "we are still on the page"


def test_hostile_uploads_fail_in_plain_words(visit: Visit, hostile: str, attacker: Attacker) -> None:
    page = open_page(visit, hostile)
    page.get_by_role("tab", name="Documents").click()
    page.wait_for_selector(".documents")
    names = [f"{number} {payload.replace('/', ':')[:60]}.pdf" for number, payload in enumerate(PAYLOADS[:15])]
    page.set_input_files(
        "#files input[type=file]",
        [FilePayload(name=name, mimeType="application/pdf", buffer=b"broken") for name in names],
    )
    page.wait_for_selector("text=15 files could not be read", timeout=120_000)
    assert not executed(page)
    assert visit.dialogs == []
    assert attacker.hits == []
