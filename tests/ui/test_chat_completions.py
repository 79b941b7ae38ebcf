"""Clients written for OpenAI's interface, with OpenAI's own client where it is installed."""

import json
from typing import Any

import pytest

from qa import Turn
from ui.chat_completions import Message, turns

from .site import TOKEN, Site

QUESTION = "Which countries backed Macron's idea?"


def complete(site: Site, **body: Any) -> Any:
    messages = [{"role": "user", "content": QUESTION}]
    with site.client() as client:
        return client.post("/v1/chat/completions", json={"model": "gpt-4o", "messages": messages, **body})


def test_an_answer_with_citations(site: Site) -> None:
    reply = complete(site, temperature=0.2, tools=[], unknown={"a": 1}).raise_for_status().json()
    assert reply["object"] == "chat.completion"
    message = reply["choices"][0]["message"]
    assert "Baltic states and Poland" in message["content"]
    assert message["content"].endswith("[1] 000_68666599302d609d.txt")
    cited = message["annotations"][0]["file_citation"]
    assert message["content"][cited["start_index"] : cited["end_index"]] == f"[{cited['index']}]"
    with site.client() as client:
        text = client.get(f"/api/v1/documents/{cited['file_id']}/text").text
    assert text[cited["start"] : cited["end"]] == cited["quote"]


def test_a_stream_holds_the_same_text(site: Site) -> None:
    lines = [line.removeprefix("data: ") for line in complete(site, stream=True).text.split("\n\n") if line]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == complete(site).json()["choices"][0]["message"]["content"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_earlier_messages_are_the_conversation() -> None:
    conversation = [
        Message(role="system", content="Be brief."),
        Message(role="user", content="First?"),
        Message(role="assistant", content="One."),
        Message(role="user", content=[{"type": "text", "text": "Second?"}, {"type": "image_url"}]),  # type: ignore[list-item]
        Message(role="assistant", content=None),
        Message(role="user", content="Third?"),
    ]
    assert turns(conversation) == [Turn("First?", "One."), Turn("Second?", "")]


def test_a_follow_up(site: Site) -> None:
    messages = [
        {"role": "user", "content": QUESTION},
        {"role": "assistant", "content": "The Baltic states and Poland."},
        {"role": "user", "content": "And who criticized it?"},
    ]
    assert "Germany" in complete(site, messages=messages).json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"messages": []}, 422, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "last user message"),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, 400, "4001"),
        ({"model": "answerable/nowhere"}, 404, "'nowhere'"),
    ],
)
def test_errors_have_the_shape_of_openai(site: Site, body: dict[str, Any], status: int, words: str) -> None:
    response = complete(site, **body)
    assert response.status_code == status
    error = response.json()["error"]
    assert words in error["message"]
    assert set(error) == {"message", "type", "param", "code"}


def test_collections_are_models(site: Site) -> None:
    with site.client() as client:
        assert [model["id"] for model in client.get("/v1/models").json()["data"]] == ["answerable"]


def test_the_client_of_openai(locked_site: Site) -> None:
    openai = pytest.importorskip("openai")
    with openai.OpenAI(base_url=f"{locked_site.url}/v1", api_key=TOKEN, max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["answerable"]
        asked: Any = {"model": "answerable", "messages": [{"role": "user", "content": QUESTION}]}
        assert "Poland" in client.chat.completions.create(**asked).choices[0].message.content
        parts = [chunk.choices[0].delta.content or "" for chunk in client.chat.completions.create(**asked, stream=True)]
        assert "Poland" in "".join(parts)
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(**{**asked, "model": "answerable/nowhere"})
    stranger = openai.OpenAI(base_url=f"{locked_site.url}/v1", api_key="wrong", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError):
        stranger.models.list()
