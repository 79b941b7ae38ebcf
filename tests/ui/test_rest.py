"""REST as a program uses it, over a real connection."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import ARTICLE
from .site import Site

QUESTION = "Which countries backed Macron's idea?"


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


def finished(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """The job, once it is done."""
    deadline = time.monotonic() + 120
    while not job["finished"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        job = client.get(f"/api/v1/jobs/{job['id']}").json()
    return job


def documents(client: httpx.Client, collection: str = "documents") -> dict[str, dict[str, Any]]:
    rows = client.get("/api/v1/documents", params={"collection": collection}).json()["documents"]
    return {row["source"]: row for row in rows}


def test_an_answer_has_exact_citations(client: httpx.Client) -> None:
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).raise_for_status().json()
    assert answer["answered"]
    assert "Baltic states and Poland" in answer["text"]
    citation = answer["citations"][0]
    text = client.get(f"/api/v1/documents/{citation['document_id']}/text").text
    assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_sentences_are_streamed_before_the_answer(client: httpx.Client) -> None:
    body = {"question": QUESTION, "stream": True}
    response = client.post("/api/v1/ask", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block.splitlines() for block in response.text.strip().split("\n\n")]
    assert [event[0] for event in events] == ["event: sentence", "event: answer"]
    answer = json.loads(events[-1][1].removeprefix("data: "))
    assert json.loads(events[0][1].removeprefix("data: "))["text"] == answer["sentences"][0]["text"]
    accepting = client.post("/api/v1/ask", json={"question": QUESTION}, headers={"accept": "text/event-stream"})
    assert accepting.text.startswith("event: sentence")


def test_follow_ups_and_filters_are_understood(client: httpx.Client) -> None:
    history = [{"question": QUESTION, "answer": "The Baltic states and Poland."}]
    follow_up = client.post("/api/v1/ask", json={"question": "And who criticized it?", "history": history}).json()
    assert "Germany" in follow_up["text"]
    elsewhere = client.post("/api/v1/ask", json={"question": QUESTION, "sources": ["*.md"]}).json()
    assert (elsewhere["answered"], elsewhere["searched"]) == (False, 1)


def test_search(client: httpx.Client) -> None:
    found = client.post("/api/v1/search", json={"query": "voltage", "top_k": 1}).json()
    assert [passage["source"] for passage in found["passages"]] == ["pump.md"]


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("ask", {}, 422, "question"),
        ("ask", {"question": "x" * 4001}, 422, "4000"),
        ("ask", {"question": "x", "top_k": 101}, 422, "100"),
        ("ask", {"question": "x", "since": "yesterday"}, 422, "since"),
        ("ask", {"question": "x", "history": [{"question": "y"}] * 51}, 422, "50"),
        ("ask", {"question": "x", "colection": "y"}, 422, "colection"),
        ("ask", {"question": "x", "collection": "nowhere"}, 404, "'nowhere'"),
        ("search", {"query": "  "}, 422, "query"),
        ("documents/remove", {"sources": ["nothing.md"]}, 404, "'nothing.md'"),
        ("documents/undo", {"token": "nothing"}, 404, "undone"),
        ("documents/folder", {"path": "/etc"}, 403, "QA_FOLDERS"),
        ("feedback", {"answer_id": "nothing", "mark": "right"}, 404, "'nothing'"),
        ("feedback", {"answer_id": "nothing", "mark": "great"}, 422, "mark"),
        ("collections", {"name": " "}, 400, "no name"),
        ("collections", {"name": "x" * 81}, 400, "81"),
        ("collections", {"name": "Documents"}, 400, "already"),
        ("nothing", {}, 404, "/api/v1/nothing"),
    ],
)
def test_errors_have_one_shape_and_say_what_to_do(
    client: httpx.Client, path: str, body: dict[str, Any], status: int, words: str
) -> None:
    response = client.post(f"/api/v1/{path}", json=body)
    assert response.status_code == status
    error = response.json()["error"]
    assert words in error["message"]
    assert set(error) <= {"message", "remedy"}


def test_a_document_that_is_not_there(client: httpx.Client) -> None:
    for path in ("/api/v1/documents/0123/text", "/api/v1/documents/0123/original", "/api/v1/jobs/0123"):
        assert client.get(path).status_code == 404
    assert client.delete("/api/v1/documents/0123").status_code == 404


def test_a_file_is_added_asked_downloaded_removed_and_brought_back(client: httpx.Client) -> None:
    content = b"# Kettle\n\nThe kettle holds 1.7 litres.\n"
    upload = client.post("/api/v1/documents", files={"files": ("kitchen/kettle.md", content)})
    assert upload.status_code == 202
    job = finished(client, upload.json())
    assert [(file["source"], file["state"]) for file in job["files"]] == [("kitchen/kettle.md", "done")]
    assert (
        "1.7 litres" in client.post("/api/v1/ask", json={"question": "How much does the kettle hold?"}).json()["text"]
    )

    row = documents(client)["kitchen/kettle.md"]
    original = client.get(f"/api/v1/documents/{row['id']}/original")
    assert original.content == content
    assert original.headers["content-type"] == "application/octet-stream"
    assert original.headers["content-disposition"].startswith("attachment")

    removed = client.delete(f"/api/v1/documents/{row['id']}").json()
    assert "kitchen/kettle.md" not in documents(client)
    job = finished(client, client.post("/api/v1/documents/undo", json={"token": removed["undo"]}).json())
    assert job["done"] == 1
    assert documents(client)["kitchen/kettle.md"]["id"] == row["id"]
    client.post("/api/v1/documents/remove", json={"sources": ["kitchen/kettle.md"]}).raise_for_status()


def test_the_original_of_a_file_of_the_users_own_folder(client: httpx.Client, place: Path) -> None:
    row = documents(client)[ARTICLE]
    assert client.get(f"/api/v1/documents/{row['id']}/original").content == (place / "own" / ARTICLE).read_bytes()


def test_collections_are_apart(client: httpx.Client, place: Path) -> None:
    name = 'Zwei / <b> "quoted"'
    assert client.post("/api/v1/collections", json={"name": name}).status_code == 201
    assert client.get("/api/v1/collections").json()["collections"] == ["documents", name]
    folder = {"collection": name, "path": str(place / "allowed" / "folder")}
    finished(client, client.post("/api/v1/documents/folder", json=folder).json())
    assert list(documents(client, name)) == ["crane.md"]
    asked = client.post("/api/v1/ask", json={"question": "How much does the crane lift?", "collection": name}).json()
    assert "40 tonnes" in asked["text"]
    assert client.delete("/api/v1/collections", params={"name": name}).status_code == 200
    assert client.get("/api/v1/collections").json()["collections"] == ["documents"]
    assert (place / "allowed" / "folder" / "crane.md").exists(), "files of the user's own are never deleted"
    assert client.delete("/api/v1/collections", params={"name": "documents"}).status_code == 400


def test_a_mark_is_recorded_with_its_answer(client: httpx.Client, marks: list[tuple[str, str, str]]) -> None:
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    body = {"answer_id": answer["id"], "mark": "partly", "comment": "and Finland?"}
    assert client.post("/api/v1/feedback", json=body).json() == {"kept": True}
    assert marks[-1] == (QUESTION, "partly", "and Finland?")


def test_health_metrics_and_reference(client: httpx.Client) -> None:
    health = client.get("/api/v1/health").json()
    assert health == {"status": "ok", "ready": True}
    client.post("/api/v1/ask", json={"question": "canary-question?"})
    metrics = client.get("/metrics").text
    assert 'answerable_requests_total{method="POST",route="/api/v1/ask",status="200"}' in metrics
    assert "answerable_documents 2.0" in metrics
    assert "canary" not in metrics
    page = client.get("/docs").text
    assert "/api/v1/documents/{document_id}/original" in page
    assert "http://" not in page
    assert "https://" not in page
    described = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/ask", "/api/v1/search", "/v1/chat/completions", "/metrics"} <= set(described)


def test_examples_are_questions_that_are_answered(client: httpx.Client) -> None:
    questions = client.get("/api/v1/examples").json()["questions"]
    assert questions
    for question in questions:
        assert client.post("/api/v1/ask", json={"question": question}).json()["answered"], question
