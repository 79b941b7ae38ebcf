"""The chat in a browser: a thin door to ``Assistant``. Every text of a document or question is escaped here."""

import html
import os
from collections.abc import Sequence
from typing import Any

# Before the import: with it Gradio asks no outside host for anything.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio

from qa import Answer, Assistant, Settings, Turn

_EXAMPLES = ["Which countries backed Macron's idea?"]
_INTRODUCTION = "Ask your documents. Every sentence of an answer is quoted from them, and the quote is shown in place."
_AROUND = 300
"""Characters shown on either side of a quote."""


def answer_html(answer: Answer, assistant: Assistant) -> str:
    """The answer with numbered markers, its notes, and each quote highlighted where it stands."""
    if not answer.answered:
        nearest = "".join(
            f"<li>{html.escape(passage.document.source)}{_page(passage.page)}</li>" for passage in answer.passages[:3]
        )
        return f"<p><em>{html.escape(answer.text)}</em></p>" + (f"<p>Nearest:</p><ul>{nearest}</ul>" if nearest else "")
    sentences = " ".join(
        f"{html.escape(sentence.text)} <sup>{''.join(f'[{number}]' for number in sentence.citations)}</sup>"
        for sentence in answer.sentences
    )
    notes = "".join(f"<p><strong>{html.escape(note)}</strong></p>" for note in answer.notes)
    quotes = "".join(
        f"<details><summary>[{citation.number}] {html.escape(citation.source)}{_page(citation.page)}</summary>"
        f"<p>{_around(answer, number, assistant)}</p></details>"
        for number, citation in enumerate(answer.citations)
    )
    return f"<p>{sentences}</p>{notes}{quotes}<p><small>confidence {answer.confidence:.0%}</small></p>"


def _around(answer: Answer, number: int, assistant: Assistant) -> str:
    citation = answer.citations[number]
    before = assistant.index.text_at(citation.document_id, max(0, citation.start - _AROUND), citation.start)
    after = assistant.index.text_at(citation.document_id, citation.end, citation.end + _AROUND)
    return f"… {html.escape(before)}<mark>{html.escape(citation.quote)}</mark>{html.escape(after)} …"


def _page(page: int | None) -> str:
    return "" if page is None else f", page {page}"


def turns(history: Sequence[dict[str, Any]]) -> list[Turn]:
    """The questions of a Gradio conversation, oldest first."""
    return [Turn(_text(message["content"])) for message in history if message["role"] == "user"]


def _text(content: Any) -> str:  # noqa: ANN401 - Gradio gives a string or a list of parts
    if isinstance(content, str):
        return content
    return " ".join(part.get("text", "") for part in content if isinstance(part, dict))


def build(assistant: Assistant) -> gradio.Blocks:
    """The page."""

    def reply(question: str, history: list[dict[str, Any]]) -> str:
        return answer_html(assistant.ask(question, history=turns(history)), assistant)

    return gradio.ChatInterface(
        reply, title="Answerable", description=_INTRODUCTION, examples=_EXAMPLES, api_visibility="private"
    )


def serve(settings: Settings, *, host: str, port: int) -> None:
    """Serve the page until interrupted."""
    with Assistant.open(settings=settings, read_only=True) as assistant:
        build(assistant).launch(server_name=host, server_port=port, share=False, quiet=False)
