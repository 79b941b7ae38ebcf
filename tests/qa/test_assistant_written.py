"""The assistant with a language model: checked sentences, and quotes where the model fails."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qa import Answer, Assistant, Sentence, Settings, Turn
from qa.llm import open_model
from qa.prompt import NO_ANSWER
from qa.terminal import answer_lines
from tests.helpers import write_files
from tests.helpers_llm import Behaviour, ModelServer

QUESTION = "How long does the battery of the lamp last?"
FACT = "The battery of the lamp lasts 18 hours on one charge."
REPLY = f"{FACT} [1] It costs 900 dollars. [1] It is grey. [7]"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("written")
    write_files(
        place / "documents", {"lamp.txt": f"{FACT} Charge it with the cable.", "hat.txt": "The hat is of felt."}
    )
    with Assistant.open(place / "store", settings=Settings()) as made:
        made.index.sync(place / "documents")
    return place / "store"


@pytest.fixture
def assistant(store: Path) -> Iterator[Assistant]:
    with Assistant.open(store, settings=Settings(threshold=0.0), read_only=True) as opened:
        yield opened


def with_model(assistant: Assistant, server: ModelServer, *, timeout: float = 60.0) -> Assistant:
    assistant.model = open_model(f"openai:tiny@{server.address}", timeout=timeout)
    return assistant


def test_only_checked_sentences_come_out(assistant: Assistant) -> None:
    with ModelServer(REPLY) as server:
        *sentences, answer = with_model(assistant, server).stream(QUESTION)
        whole = assistant.ask(QUESTION)
    assert isinstance(answer, Answer)
    assert sentences == [Sentence(FACT, (1,), supported=True)]
    assert replace(answer, timings={}) == replace(whole, timings={})
    assert answer.model == "openai:tiny"
    assert answer.marked_text == f"{FACT} [1]"
    text = assistant.index.document("lamp.txt").text
    assert [text[c.start : c.end] for c in answer.citations] == [FACT]
    assert "2 sentences were removed: the documents do not say so." in answer.notes


def test_the_model_may_abstain(assistant: Assistant) -> None:
    with ModelServer(NO_ANSWER) as server:
        answer = with_model(assistant, server).ask(QUESTION)
    assert not answer.answered
    assert not answer.citations
    assert "do not answer" in answer.text


def test_what_was_struck_is_told_where_nothing_is_left(assistant: Assistant) -> None:
    with ModelServer("It costs 900 dollars. [1]") as server:
        answer = with_model(assistant, server).ask(QUESTION)
    assert not answer.answered
    assert "Note: 1 sentence was removed: the documents do not say so." in answer_lines(answer, assistant.index)


@pytest.mark.parametrize("behaviour", ["429", "500", "hang", "garbage", "empty"])
def test_a_failing_model_leaves_the_quoted_answer(assistant: Assistant, behaviour: Behaviour) -> None:
    with ModelServer(REPLY, behaviour) as server:
        answer = with_model(assistant, server, timeout=3.0).ask(QUESTION)
    assert answer.answered
    assert FACT in answer.text
    assert answer.model == "extractive"
    assert any(note.startswith("Quoted, since the language model failed") for note in answer.notes)


def test_what_stood_before_the_connection_broke_stays(assistant: Assistant) -> None:
    with ModelServer(f"{FACT} [1] {FACT} [1] {FACT} [1]", "cut") as server:
        answer = with_model(assistant, server).ask(QUESTION)
    assert [sentence.text for sentence in answer.sentences] == [FACT]
    assert any("not whole" in note for note in answer.notes)


def test_stopping_keeps_what_stands(assistant: Assistant) -> None:
    cancel = threading.Event()
    with ModelServer(f"{FACT} [1] Charge it with the cable. [1] " + "Then wait. " * 50, "slow") as server:
        parts = []
        for part in with_model(assistant, server, timeout=30).stream(QUESTION, cancel=cancel):
            parts.append(part)
            cancel.set()
    assert isinstance(parts[-1], Answer)
    assert [sentence.text for sentence in parts[-1].sentences] == [FACT]


def test_a_follow_up_is_rewritten_by_the_model_and_checked(assistant: Assistant) -> None:
    history = [Turn(QUESTION, FACT)]
    with ModelServer(
        lambda prompt: "How is the lamp charged with one charge?" if "Rewrite" in prompt else REPLY
    ) as server:
        with_model(assistant, server).ask("And how is it charged?", history=history)
    assert "Question: How is the lamp charged" in str(server.requests[-1])
    with ModelServer(lambda prompt: "Who is the king of Spain?" if "Rewrite" in prompt else REPLY) as server:
        with_model(assistant, server).ask("And how is it charged?", history=history)
    assert "king" not in str(server.requests[-1])


def test_a_follow_up_does_not_repeat_the_first_answer(assistant: Assistant) -> None:
    answer = assistant.ask("And what is it charged with?", history=[Turn(QUESTION, FACT)])
    assert answer.sentences[0].text == "Charge it with the cable."


def test_the_key_is_not_shown(store: Path) -> None:
    settings = Settings(model="openai:tiny@http://127.0.0.1:9/v1", model_key="sk-canary-12345678")
    with Assistant.open(store, settings=settings, read_only=True) as opened:
        assert "canary" not in repr(settings) + repr(opened.model)
