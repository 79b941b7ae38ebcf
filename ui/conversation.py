"""What was asked and answered in one browser tab. Data, and the small steps from one state to the next; pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qa import Answer, Sentence, Turn

State = Literal["searching", "done", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and what came of it. ``number`` counts from 1 and never returns, so that places on the page are sure.

    ``sentences`` are those that stand so far; ``answer`` is None until the whole one does. ``mark`` is what its reader
    thought of it. ``error`` is a sentence, where it failed.
    """

    number: int
    question: str
    collection: str
    state: State = "searching"
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    mark: str = ""
    error: str = ""


def asked(exchanges: Sequence[Exchange], question: str, collection: str) -> tuple[Exchange, ...]:
    """The conversation with a new question at its end."""
    number = exchanges[-1].number + 1 if exchanges else 1
    return (*exchanges, Exchange(number, question, collection))


def heard(exchanges: Sequence[Exchange], part: Sentence | Answer) -> tuple[Exchange, ...]:
    """The conversation with one more part of its last answer."""
    last = exchanges[-1]
    if isinstance(part, Answer):
        last = replace(last, answer=part, sentences=part.sentences, state="done")
    else:
        last = replace(last, sentences=(*last.sentences, part))
    return (*exchanges[:-1], last)


def failed(exchanges: Sequence[Exchange], error: str) -> tuple[Exchange, ...]:
    """The conversation whose last question could not be answered at all."""
    return (*exchanges[:-1], replace(exchanges[-1], state="failed", error=error))


def stopped(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """The conversation whose last answer, if it was still being made, will not go on."""
    if not exchanges or exchanges[-1].state != "searching":
        return tuple(exchanges)
    return (*exchanges[:-1], replace(exchanges[-1], state="stopped"))


def marked(exchanges: Sequence[Exchange], number: int, mark: str) -> tuple[Exchange, ...]:
    """The conversation with what its reader thought of one answer."""
    return tuple(replace(item, mark=mark) if item.number == number else item for item in exchanges)


def find(exchanges: Sequence[Exchange], number: int) -> Exchange | None:
    """The exchange of that number."""
    return next((item for item in exchanges if item.number == number), None)


def history(exchanges: Sequence[Exchange], collection: str) -> tuple[Turn, ...]:
    """What was answered before, oldest first: follow-ups lean on it. Questions to other collections are no context."""
    return tuple(
        Turn(item.question, item.answer.text if item.answer else "")
        for item in exchanges
        if item.collection == collection and item.state == "done"
    )
