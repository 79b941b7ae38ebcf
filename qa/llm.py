"""Language models, through LlamaIndex's classes: any OpenAI-compatible server, Ollama, or an object given.

Whatever goes wrong outside becomes one :class:`LanguageModelError` with the value and the remedy. A call never takes
longer than its time-out, however slowly a server drips, and no key is ever in a message, a log or a ``repr``.
"""

import queue
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from index import AnswerableError, UsageError
from qa.prompt import Message

SPELLING = '"openai:NAME@http://127.0.0.1:8080/v1", "openai:NAME" or "ollama:NAME"'
TIMEOUT = 60.0
"""Seconds for a whole answer. Two cores write about 400 words with a small model in that time."""
_TRIES = 3
_FIRST_PAUSE = 0.5
"""Seconds before the second try; doubled for the third. A server may ask for more by Retry-After."""
_TOKENS = 1_024
_WINDOW = 8_192
"""Tokens that Ollama keeps room for: our longest prompt and its answer, with tokenizers that need a third more. Not
told, LlamaIndex asks for the model's whole window, which can take more memory than there is.
"""
_LONGEST = 20_000
"""Characters after which a model is taken not to stop: five times what it was allowed to write."""
_POLL = 0.05
"""Seconds between looks at the caller's wish to stop."""
_SECRETS = re.compile(r"\b(?:sk|pk|key|api)[-_][\w*-]{6,}|(?i:bearer)\s+\S+|(?<=//)[^\s/@]+:[^\s/@]+(?=@)")
_DONE = object()


class LanguageModelError(AnswerableError):
    """A language model cannot be used, or failed while it wrote. The extractive answer is still to be had."""


@dataclass(frozen=True)
class LanguageModel:
    """A model that can be asked. ``name`` is for people; ``timeout`` in seconds is for one whole call."""

    name: str
    timeout: float = TIMEOUT
    tries: int = _TRIES
    _llm: Any = field(default=None, repr=False)
    _key: str | None = field(default=None, repr=False)

    def stream(self, messages: Sequence[Message], *, cancel: threading.Event | None = None) -> Iterator[str]:
        """The model's text, piece by piece. Ends early when ``cancel`` is set; closing the iterator stops the call.

        Tried again, with growing pauses, while nothing has come yet and the server is busy or failing.

        :raises LanguageModelError: nothing usable came, or not in time.
        """
        deadline = time.monotonic() + self.timeout
        pause = _FIRST_PAUSE
        for attempt in range(1, self.tries + 1):
            begun = False
            try:
                for piece in self._attempt(messages, deadline, cancel):
                    begun = True
                    yield piece
            except _RemoteError as error:
                wait = max(pause, error.wait)
                again = error.passing and not begun and attempt < self.tries and time.monotonic() + wait < deadline
                if not again:
                    raise LanguageModelError(self._clean(error.message)) from None
                if _stopped_in(wait, cancel):
                    return
                pause *= 2
            else:
                return

    def write(self, messages: Sequence[Message], *, cancel: threading.Event | None = None) -> str:
        """The whole text at once; see :meth:`stream`."""
        return "".join(self.stream(messages, cancel=cancel))

    def _attempt(self, messages: Sequence[Message], deadline: float, cancel: threading.Event | None) -> Iterator[str]:
        """One call in a thread of its own, so that a server that hangs holds nobody up."""
        pieces: queue.Queue[Any] = queue.Queue()
        stop = threading.Event()
        threading.Thread(target=self._pump, args=(messages, pieces, stop), daemon=True, name="language-model").start()
        length = 0
        try:
            while True:
                item = self._next(pieces, deadline, cancel)
                if item is _DONE:
                    break
                if isinstance(item, BaseException):
                    raise _remote_error(self.name, item) from None
                length += len(item)
                if length > _LONGEST:
                    raise _RemoteError(
                        f"{self.name} did not stop writing after {_LONGEST:,} characters; use another model."
                    )
                yield item
        finally:
            stop.set()
        if not length and not (cancel and cancel.is_set()):
            raise _RemoteError(f"{self.name} answered with nothing; try again, or use another model.", passing=True)

    def _next(self, pieces: "queue.Queue[Any]", deadline: float, cancel: threading.Event | None) -> Any:  # noqa: ANN401
        while not (cancel and cancel.is_set()):
            left = deadline - time.monotonic()
            if left <= 0:
                raise _RemoteError(
                    f"{self.name} did not finish within {self.timeout:g} seconds; "
                    "give it more time, or use a smaller model."
                )
            with suppress(queue.Empty):
                return pieces.get(timeout=min(left, _POLL))
        return _DONE

    def _pump(self, messages: Sequence[Message], pieces: "queue.Queue[Any]", stop: threading.Event) -> None:
        """Read the model's stream into the queue until it ends, fails, or nobody listens."""
        try:
            ended = True
            for response in self._llm.stream_chat(_chat_messages(messages)):
                if stop.is_set():
                    return
                ended = _has_ended(response.raw, ended)
                if delta := response.delta:
                    pieces.put(delta)
            pieces.put(_DONE if ended else ConnectionResetError("the stream ended without its last part"))
        except Exception as error:  # noqa: BLE001 - every client has errors of its own; all become ours
            pieces.put(error)

    def _clean(self, message: str) -> str:
        if self._key:
            message = message.replace(self._key, "***")
        return _SECRETS.sub("***", message)


def open_model(model: str | object, *, key: str | None = None, timeout: float = TIMEOUT) -> LanguageModel:
    """The model that a name spells (see ``SPELLING``), or a LlamaIndex ``LLM`` made ready.

    A key from the environment goes to the vendor's own address only, never to an address that is given here.

    :raises UsageError: the name is not spelled like that.
    :raises LanguageModelError: the package for it is not installed, or the vendor's class refuses it.
    """
    if not isinstance(model, str):
        name = getattr(getattr(model, "metadata", None), "model_name", "") or type(model).__name__
        return LanguageModel(str(name), timeout, _llm=model)
    kind, _, rest = model.partition(":")
    name, _, address = rest.partition("@")
    if kind not in _MAKERS or not name or ("@" in rest and not _is_address(address)):
        raise UsageError(f"The model {_SECRETS.sub('***', model)!r} is not understood; write {SPELLING}.")
    try:
        llm = _MAKERS[kind](name, address, key, timeout)
    except ImportError:
        raise LanguageModelError(f'{kind} models need a package more: pip install "answerable[{kind}]"') from None
    except Exception as error:  # noqa: BLE001 - pydantic, the vendor's own: all say that it cannot be made
        raise LanguageModelError(
            LanguageModel(name, _key=key)._clean(f"The model {kind}:{name} cannot be used: {_first_line(error)}")
        ) from None
    return LanguageModel(f"{kind}:{name}", timeout, _llm=llm, _key=key)


def _is_address(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _openai(name: str, address: str, key: str | None, timeout: float) -> Any:  # noqa: ANN401
    from llama_index.llms.openai_like import OpenAILike

    # Without a key of its own a server must not be sent the one that the environment holds for another.
    given: dict[str, Any] = {"api_base": address, "api_key": key or "none"} if address else {"api_key": key}
    return OpenAILike(
        model=name, is_chat_model=True, temperature=0.0, max_tokens=_TOKENS, max_retries=0, timeout=timeout, **given
    )


def _ollama(name: str, address: str, key: str | None, timeout: float) -> Any:  # noqa: ANN401
    from llama_index.llms.ollama import Ollama

    given: dict[str, Any] = {"base_url": address} if address else {}
    if key or address:  # as above: else OLLAMA_API_KEY would be sent to whatever address
        given["headers"] = {"Authorization": f"Bearer {key or 'none'}"}
    return Ollama(
        model=name, temperature=0.0, request_timeout=timeout, context_window=_WINDOW,
        additional_kwargs={"num_predict": _TOKENS}, **given,
    )  # fmt: skip


_MAKERS: dict[str, Callable[[str, str, str | None, float], Any]] = {
    "openai": _openai,
    "ollama": _ollama,
}


class _RemoteError(Exception):
    """What a server did, in our words. ``passing``: worth another try, in ``wait`` seconds at the earliest."""

    def __init__(self, message: str, *, passing: bool = False, wait: float = 0.0) -> None:
        super().__init__(message)
        self.message = message
        self.passing = passing
        self.wait = wait


def _remote_error(name: str, error: BaseException) -> _RemoteError:
    """The libraries share no classes, but their errors are named alike and carry the status."""
    status = getattr(error, "status_code", None)
    names = {kind.__name__ for kind in type(error).__mro__}
    if status == 429:
        return _RemoteError(
            f"{name} takes no more requests for now (429); wait a little.", passing=True, wait=_asked_wait(error)
        )
    if status in {401, 403}:
        return _RemoteError(f"{name} refuses the key ({status}); set QA_MODEL_KEY to one that is valid there.")
    if status == 404:
        return _RemoteError(f"{name} is not known to its server (404); check the model's name and the address.")
    if isinstance(status, int) and status >= 500:
        return _RemoteError(
            f"{name}: its server failed ({status}); try again later.", passing=True, wait=_asked_wait(error)
        )
    if isinstance(status, int) and status >= 400:
        return _RemoteError(f"{name} refuses the request ({status}): {_first_line(error)}")
    if any("Timeout" in kind for kind in names):
        return _RemoteError(f"{name} did not answer in time; give it more time, or use a smaller model.")
    if isinstance(error, ConnectionResetError) or names & {"RemoteProtocolError", "ReadError"}:
        return _RemoteError(f"{name} broke off in the middle of its answer; try again.", passing=True)
    if any("Connect" in kind or kind in {"OSError", "NetworkError"} for kind in names):
        return _RemoteError(f"{name} cannot be reached; start its server, or check the address.", passing=True)
    return _RemoteError(f"{name} sent what is no answer ({type(error).__name__}); check that the address is a model's.")


def _has_ended(raw: object, before: bool) -> bool:
    """Whether a stream that ends after this part is whole: the formats of OpenAI and Ollama say so near the end.

    Some libraries take a connection that was cut for the end of the text.
    """
    if isinstance(raw, dict) and "done" in raw:
        return bool(raw["done"])
    choices = getattr(raw, "choices", None)
    return before if not choices else getattr(choices[0], "finish_reason", None) is not None


def _asked_wait(error: BaseException) -> float:
    """Seconds that the server asks to wait, or 0."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers.get("retry-after", 0)))
    except (TypeError, ValueError):
        return 0.0


def _stopped_in(seconds: float, cancel: threading.Event | None) -> bool:
    """Wait; whether the caller wished to stop meanwhile."""
    if cancel is None:
        time.sleep(seconds)
        return False
    return cancel.wait(seconds)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _chat_messages(messages: Sequence[Message]) -> list[Any]:
    from llama_index.core.llms import ChatMessage

    return [ChatMessage(role=message.role, content=message.content) for message in messages]
