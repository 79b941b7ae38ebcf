"""``POST /v1/chat/completions``, as OpenAI's clients speak it: the last message is the question, those before it the
conversation. Citations stand as [n] in the message, as a list of sources below it, and as ``annotations``.
"""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from secrets import token_hex
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from index import AnswerableError
from qa import Answer, Assistant, Citation, Sentence, Turn
from ui.library import DEFAULT, Library
from ui.metrics import Metrics

MODEL = "answerable"
"""The default collection; others are ``answerable/NAME``."""
_LONGEST_QUESTION = 4000
_LONGEST_ANSWER = 20_000
_MOST_TURNS = 50


class Part(BaseModel):
    """A part of a message; only texts are read."""

    model_config = ConfigDict(extra="ignore")
    type: Annotated[str, Field(max_length=50)] = "text"
    text: Annotated[str, Field(max_length=100_000)] = ""


class Message(BaseModel):
    """One message."""

    model_config = ConfigDict(extra="ignore")
    role: Annotated[str, Field(max_length=50)]
    content: Annotated[str, Field(max_length=100_000)] | Annotated[list[Part], Field(max_length=100)] | None = None

    @property
    def text(self) -> str:
        """Its text, whatever form it came in."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.type == "text")


class CompletionBody(BaseModel):
    """The fields that mean something here; a temperature, tools and the like are taken and ignored."""

    model_config = ConfigDict(extra="ignore")
    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=500)]
    stream: bool = False


def build_router(library: Library, metrics: Metrics, turns_to_ask: asyncio.Semaphore) -> APIRouter:
    """The routes under ``/v1``."""
    router = APIRouter(prefix="/v1", tags=["as OpenAI"])

    @router.get("/models")
    def models() -> dict[str, Any]:
        """One for each collection."""
        return {
            "object": "list",
            "data": [
                {"id": _model(name), "object": "model", "created": 0, "owned_by": "answerable"}
                for name in library.names()
            ],
        }

    @router.post("/chat/completions", response_model=None)
    async def complete(body: CompletionBody) -> Response | dict[str, Any]:
        """Answer the last user message, with citations."""
        question = next((message.text.strip() for message in reversed(body.messages) if message.role == "user"), "")
        if not question or len(question) > _LONGEST_QUESTION:
            return _error(f"The last user message has {len(question)} characters; it must have 1 to 4000.")
        history = turns(body.messages)
        assistant = await asyncio.to_thread(library.assistant, _collection(body.model))
        head = {"id": f"chatcmpl-{token_hex(12)}", "created": int(time.time()), "model": body.model}
        if body.stream:
            return StreamingResponse(
                _chunks(assistant, question, history, head, metrics), media_type="text/event-stream"
            )
        async with turns_to_ask:
            answer = await asyncio.to_thread(assistant.ask, question, history=history)
        metrics.asked(answered=answer.answered)
        message = {
            "role": "assistant", "content": content(answer), "refusal": None, "annotations": annotations(answer),
        }  # fmt: skip
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**head, "object": "chat.completion", "choices": [choice], "usage": _usage(question, answer)}

    return router


def turns(messages: Sequence[Message]) -> list[Turn]:
    """The conversation before the last question, oldest first; system messages are not questions."""
    found: list[Turn] = []
    for message in messages:
        if message.role == "user" and message.text.strip():
            found.append(Turn(message.text.strip()[:_LONGEST_QUESTION]))
        elif message.role == "assistant" and found:
            found[-1] = Turn(found[-1].question, message.text[:_LONGEST_ANSWER])
    return found[:-1][-_MOST_TURNS:]


def content(answer: Answer) -> str:
    """The answer with its markers, its notes, and the numbered sources."""
    return answer.marked_text + _below(answer)


def annotations(answer: Answer) -> list[dict[str, Any]]:
    """One for each marker in the text: where it stands in it, and what it cites."""
    text = answer.marked_text
    found = []
    for citation in answer.citations:
        marker = f"[{citation.number}]"
        place = text.find(marker)
        while place >= 0:
            found.append({"type": "file_citation", "file_citation": _cited(citation, place, place + len(marker))})
            place = text.find(marker, place + 1)
    return found


def error_body(message: str, kind: str = "invalid_request_error") -> dict[str, Any]:
    """An error in the shape that OpenAI's clients read."""
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _chunks(
    assistant: Assistant, question: str, history: Sequence[Turn], head: dict[str, Any], metrics: Metrics
) -> Iterator[str]:
    """Each sentence as it stands, then the sources."""

    def chunk(delta: dict[str, Any], finish: Literal["stop"] | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
        return f"data: {json.dumps({**head, 'object': 'chat.completion.chunk', 'choices': [choice]})}\n\n"

    yield chunk({"role": "assistant", "content": ""})
    told = ""
    try:
        for part in assistant.stream(question, history=history):
            if isinstance(part, Sentence):
                text = (
                    f"{' ' if told else ''}{part.text} {''.join(f'[{number}]' for number in part.citations)}".rstrip()
                )
                told += text
                yield chunk({"content": text})
            else:
                metrics.asked(answered=part.answered)
                rest = content(part).removeprefix(told)
                yield chunk({"content": rest, "annotations": annotations(part)})
    except AnswerableError as error:
        yield f"data: {json.dumps(error_body(str(error), 'server_error'))}\n\n"
        return
    yield chunk({}, "stop")
    yield "data: [DONE]\n\n"


def _below(answer: Answer) -> str:
    lines = list(answer.notes)
    if answer.citations:
        lines += ["", "Sources:", *(f"[{c.number}] {_place(c)}" for c in answer.citations)]
    return "\n" + "\n".join(lines) if lines else ""


def _place(citation: Citation) -> str:
    page = "" if citation.page is None else f", page {citation.page}"
    return f"{citation.source}{page}"


def _cited(citation: Citation, start: int, end: int) -> dict[str, Any]:
    return {
        "file_id": citation.document_id, "filename": citation.source, "index": citation.number, "start_index": start,
        "end_index": end, "quote": citation.quote, "page": citation.page, "start": citation.start, "end": citation.end,
    }  # fmt: skip


def _model(collection: str) -> str:
    return MODEL if collection == DEFAULT else f"{MODEL}/{collection}"


def _collection(model: str) -> str:
    """Names of other makers' models are taken too, since many clients have one built in."""
    prefix = f"{MODEL}/"
    return model[len(prefix) :] if model.startswith(prefix) else DEFAULT


def _usage(question: str, answer: Answer) -> dict[str, int]:
    """Words, since no language model has counted tokens."""
    read, written = len(question.split()), len(answer.text.split())
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _error(message: str) -> JSONResponse:
    return JSONResponse(error_body(message), status_code=400)
