"""A model server that is down, slow, busy or mad: a clear message in time, and never a key in it."""

import logging
import threading
import time

import pytest

from index import UsageError
from qa.llm import LanguageModel, LanguageModelError, open_model
from qa.prompt import Message
from tests.helpers_llm import Behaviour, ModelServer, OllamaServer

QUESTION = [Message("system", "Answer."), Message("user", "How long does it run?")]
KEY = "sk-canary-0123456789"
TEXT = "The pump runs for 16 hours. [1]"


def model_at(server: ModelServer, *, timeout: float = 60.0, key: str | None = KEY) -> LanguageModel:
    return open_model(f"openai:tiny@{server.address}", key=key, timeout=timeout)


def test_text_comes_in_pieces() -> None:
    with ModelServer(TEXT) as server:
        pieces = list(model_at(server).stream(QUESTION))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 2
    assert [message["content"] for message in server.requests[0]["messages"]] == ["Answer.", "How long does it run?"]


@pytest.mark.parametrize("first", ["429", "500"])
def test_a_busy_or_failing_server_is_asked_again(first: Behaviour) -> None:
    with ModelServer(TEXT, first, "ok") as server:
        assert model_at(server).write(QUESTION) == TEXT
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("behaviour", "said", "tries"),
    [
        ("429", "takes no more requests", 3),
        ("500", r"its server failed \(500\)", 3),
        ("401", "refuses the key", 1),
        ("404", "is not known to its server", 1),
        ("garbage", "sent what is no answer", 1),
        ("page", "answered with nothing", 3),
        ("empty", "answered with nothing", 3),
        ("endless", "did not stop writing", 1),
    ],
)
def test_every_failure_has_a_clear_message(behaviour: Behaviour, said: str, tries: int) -> None:
    with ModelServer(TEXT, behaviour) as server:
        with pytest.raises(LanguageModelError, match=said) as caught:
            model_at(server).write(QUESTION)
        assert "openai:tiny" in str(caught.value)
        assert len(server.requests) == tries


@pytest.mark.parametrize("behaviour", ["slow", "hang"])
def test_no_call_is_longer_than_its_time_out(behaviour: Behaviour) -> None:
    begun = time.monotonic()
    with ModelServer(TEXT * 20, behaviour) as server:
        with pytest.raises(LanguageModelError, match=r"0\.8 seconds|in time"):
            model_at(server, timeout=0.8).write(QUESTION)
        assert time.monotonic() - begun < 3


def test_a_server_that_is_not_there() -> None:
    with ModelServer(TEXT) as server:
        model = model_at(server)
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        model.write(QUESTION)


def test_a_connection_that_breaks_is_not_taken_for_the_end() -> None:
    """What came before has been given out; nothing is asked twice."""
    with ModelServer(TEXT * 4, "cut") as server:
        pieces: list[str] = []
        with pytest.raises(LanguageModelError, match="broke off"):
            pieces += model_at(server).stream(QUESTION)
        assert len(server.requests) == 1
    assert (TEXT * 4).startswith("".join(pieces))
    assert pieces


def test_a_caller_can_stop() -> None:
    cancel = threading.Event()
    with ModelServer(TEXT * 20, "slow") as server:
        heard = []
        for piece in model_at(server).stream(QUESTION, cancel=cancel):
            heard.append(piece)
            cancel.set()
    assert len(heard) == 1


@pytest.mark.parametrize("behaviour", ["ok", "401", "500", "garbage"])
def test_keys_are_never_shown(behaviour: Behaviour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ModelServer(TEXT, behaviour) as server:
        model = model_at(server)
        shown = [repr(model), str(model)]
        try:
            model.write(QUESTION)
        except LanguageModelError as error:
            shown += [str(error), repr(error), repr(error.__cause__)]
        assert server.headers[0]["Authorization"] == f"Bearer {KEY}", "but the server got it"
    assert KEY not in "\n".join([*shown, caplog.text])


def test_a_key_of_the_environment_goes_to_no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    with ModelServer(TEXT) as server:
        model_at(server, key=None).write(QUESTION)
    with OllamaServer(TEXT) as other:
        open_model(f"ollama:tiny@{other.address}").write(QUESTION)
    assert KEY not in str([*server.headers, *other.headers])


@pytest.mark.parametrize("name", ["", "gpt", "openai:", "openai:x@nowhere", "magic:x", f"magic:{KEY}"])
def test_a_name_that_is_not_understood(name: str) -> None:
    with pytest.raises(UsageError, match="write") as caught:
        open_model(name)
    assert KEY not in str(caught.value)


def ollama_at(server: OllamaServer) -> LanguageModel:
    return open_model(f"ollama:tiny:1b@{server.address}", key=KEY, timeout=20)


def test_ollama_is_asked_in_its_own_protocol() -> None:
    with OllamaServer(TEXT) as server:
        model = ollama_at(server)
        pieces = list(model.stream(QUESTION))
    assert "".join(pieces) == TEXT
    assert len(pieces) > 2
    assert model.name == "ollama:tiny:1b"
    assert server.paths == ["/api/chat"]
    (body,) = server.requests
    assert body["model"] == "tiny:1b"
    assert [(m["role"], m["content"]) for m in body["messages"]] == [(m.role, m.content) for m in QUESTION]
    assert body["options"]["temperature"] == 0
    assert body["options"]["num_ctx"] <= 8192, "not the model's whole window, which may not fit into memory"
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [("404", "is not known to its server"), ("500", "its server failed"), ("cut", "broke off"), ("empty", "nothing")],
)
def test_what_ollama_gets_wrong_has_a_clear_message(behaviour: Behaviour, said: str) -> None:
    with OllamaServer(TEXT * 4, behaviour) as server, pytest.raises(LanguageModelError, match=said) as caught:
        ollama_at(server).write(QUESTION)
    assert KEY not in str(caught.value)


def test_ollama_is_not_there() -> None:
    with OllamaServer(TEXT) as server:
        model = ollama_at(server)
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        model.write(QUESTION)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "llama_index.llms.ollama", None)
    with pytest.raises(LanguageModelError, match=r"answerable\[ollama\]"):
        open_model("ollama:tiny", key=KEY)


def test_an_object_of_llamaindex_is_taken_as_it_is() -> None:
    from llama_index.core.llms import MockLLM

    assert "How long" in open_model(MockLLM()).write(QUESTION)
