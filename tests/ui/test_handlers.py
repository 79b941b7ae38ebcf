"""What the page's buttons do, without a browser."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa import Answer
from ui import handlers, lookup
from ui.handlers import Exchanges
from ui.library import Library
from ui.messages import request_of

from .conftest import ARTICLE
from .pages import read_html

QUESTION = "Which countries backed Macron's idea?"


def answered(library: Library, question: str = QUESTION, before: Exchanges = ()) -> Exchanges:
    *_, last = handlers.answer(library, before, question, "documents")
    return last


def test_answer_comes_sentence_by_sentence(library: Library) -> None:
    seen = list(handlers.answer(library, (), QUESTION, "documents"))
    assert [item[-1].state for item in seen] == ["searching"] * (len(seen) - 1) + ["done"]
    assert [len(item[-1].sentences) for item in seen][:2] == [0, 1]
    assert list(handlers.answer(library, (), "  ", "documents")) == [()]


def test_missing_collection_is_said_in_the_conversation(library: Library) -> None:
    *_, last = handlers.answer(library, (), QUESTION, "nowhere")
    assert last[-1].state == "failed"
    assert "nowhere" in handlers.talk(library, last, "documents", feedback=True)
    assert "nowhere" in handlers.talk(library, (), "nowhere", feedback=True)


def test_only_the_last_question_is_asked_again(library: Library) -> None:
    exchanges = answered(library, before=answered(library))
    assert handlers.again(exchanges, '{"again": 2}') == (exchanges[:1], QUESTION, "documents")
    assert handlers.again(exchanges, '{"again": 1}') == (exchanges, "", "")
    assert handlers.again(exchanges, "nonsense") == (exchanges, "", "")


def test_marks_are_recorded_once_with_what_went_before(library: Library) -> None:
    kept: list[tuple[Any, ...]] = []

    def record(answer: Answer, mark: str, *, comment: str, history: tuple[Any, ...]) -> None:
        kept.append((answer.question, mark, comment, len(history)))

    exchanges = answered(library, "And who opposed it?", answered(library))
    message = json.dumps({"number": 2, "mark": "wrong", "comment": "no"})
    marked = handlers.mark(record, exchanges, message)
    assert handlers.mark(record, marked, message) == marked
    assert kept == [("And who opposed it?", "wrong", "no", 1)]
    for bad in ("", "[]", '{"number": 9, "mark": "right"}', '{"number": 2, "mark": "great"}', '{"number": "x"}'):
        assert handlers.mark(record, exchanges, bad) == exchanges


def test_evidence_is_the_documents_own_text(library: Library) -> None:
    exchanges = answered(library)
    assert exchanges[-1].answer is not None
    citation = exchanges[-1].answer.citations[0]
    page = lookup.evidence(library, exchanges, "documents", '{"exchange": 1, "citation": 1}')
    seen = read_html(page)
    assert seen.marks == [citation.quote]
    assert "Lennart Meri" in seen.text
    links = [value for tag, name, value in seen.attributes if (tag, name) == ("a", "href")]
    assert links == [f"/api/v1/documents/{citation.document_id}/original?collection=documents"]


def test_passages_of_a_refusal_and_whole_documents_open_too(library: Library) -> None:
    exchanges = answered(library, "What is the capital of Peru?")
    assert read_html(lookup.evidence(library, exchanges, "documents", '{"exchange": 1, "passage": 0}')).marks
    request = json.dumps({"source": ARTICLE, "collection": "documents"})
    assert "Lennart Meri" in lookup.evidence(library, (), "documents", request)


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", "{}", '{"exchange": 1}', '{"exchange": 7, "citation": 1}', '{"exchange": 1, "citation": 99}',
     '{"exchange": "1", "citation": []}', '{"source": "../../etc/passwd"}', '{"source": "a", "collection": "nowhere"}'],
)  # fmt: skip
def test_requests_that_lead_nowhere_are_answered_calmly(library: Library, message: str) -> None:
    page = lookup.evidence(library, answered(library), "documents", message)
    assert 'class="panel"' in page
    assert "<mark" not in page


def test_report_is_shut_in_a_frame(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    assert "qa eval" in handlers.report(report)
    report.write_text("<script>window.__x=1</script>")
    shown = handlers.report(report)
    assert 'sandbox=""' in shown
    assert "<script>" not in shown


def test_documents_tab_tells_what_went_wrong(library: Library) -> None:
    assert "nowhere" in handlers.shown(library, "nowhere", "").notice
    part = handlers.shown(library, "documents", "PUMP")
    assert "pump.md" in part.listing
    assert ARTICLE not in part.listing
    assert "may not read" in handlers.add_folder(library, "documents", "/")
    assert "No document" in handlers.change(library, "documents", '{"remove": "nothing.txt"}')
    assert "cannot be undone" in handlers.change(library, "documents", '{"undo": "x"}')
    assert handlers.change(library, "documents", "nonsense") == ""
    assert handlers.create(library, "documents")[0] == ""


@pytest.mark.parametrize(
    "message", ["", "{", "[]", "3", '"x"', '{"remove": ["a"]}', '{"remove": {"a": 1}}', "[" * 100_000, '{"a": null}']
)
def test_messages_that_are_not_ours_ask_for_nothing(message: str) -> None:
    assert request_of(message) == {}
    assert request_of('{"remove": "a.txt", "time": 3}') == {"remove": "a.txt", "time": 3}


def test_a_collection_is_deleted_by_a_button_that_names_it(library: Library) -> None:
    made, _ = handlers.create(library, 'Old <b> "reports"')
    seen = read_html(handlers.shown(library, made, "").listing)
    asked = {name: value for tag, name, value in seen.attributes if tag == "button" and name.startswith("data-")}
    assert asked["data-delete"] == made
    assert asked["data-confirm"].startswith(f"Delete the collection “{made}” with no documents in it?")
    assert "data-delete" not in handlers.shown(library, "documents", "").listing, "the default one stays"
    assert "cannot be deleted" in handlers.delete(library, "documents", '{"delete": "documents"}')[1]
    assert "no collection" in handlers.delete(library, "documents", "nonsense")[1]
    shown, said = handlers.delete(library, made, json.dumps({"delete": made}))
    assert (shown, library.names()) == ("documents", ("documents",))
    assert read_html(said).text == f"The collection {made} was deleted."
    assert handlers.delete(library, made, json.dumps({"delete": made}))[0] == "documents"
