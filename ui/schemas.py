"""What REST takes: every field has a bound."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from index import Filter
from qa import Turn
from ui.library import DEFAULT

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
CollectionName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Source = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Sources = Annotated[list[Source], Field(min_length=1, max_length=1000)]


class _Body(BaseModel):
    """A mistyped field is an error, not a default."""

    model_config = ConfigDict(extra="forbid")


class Narrowing(_Body):
    """Which documents are searched."""

    collection: CollectionName = DEFAULT
    sources: Annotated[list[Pattern], Field(max_length=100, description="names or glob patterns")] = []
    media_types: Annotated[list[Pattern], Field(max_length=20, description="such as text/*")] = []
    since: Day | None = None
    until: Day | None = None

    @property
    def where(self) -> Filter | None:
        """As the index wants it; None for everything."""
        if not (self.sources or self.media_types or self.since or self.until):
            return None
        return Filter(tuple(self.sources), media_types=tuple(self.media_types), since=self.since, until=self.until)


class TurnBody(_Body):
    """An earlier question and the text of its answer."""

    question: Question
    answer: Annotated[str, Field(max_length=20_000)] = ""


class AskBody(Narrowing):
    """A question. ``history``: the conversation so far, oldest first."""

    question: Question
    history: Annotated[list[TurnBody], Field(max_length=50)] = []
    top_k: Annotated[int, Field(ge=1, le=100)] | None = None
    stream: bool = False

    @property
    def turns(self) -> list[Turn]:
        """The history as the assistant wants it."""
        return [Turn(turn.question, turn.answer) for turn in self.history]


class SearchBody(Narrowing):
    """Words or a question; words in double quotes must stand there together."""

    query: Question
    top_k: Annotated[int, Field(ge=1, le=100)] = 8


class FeedbackBody(_Body):
    """What somebody thinks of an answer that this server gave; ``answer_id`` came with it."""

    answer_id: Annotated[str, Field(min_length=1, max_length=64)]
    mark: Literal["right", "wrong", "partly"]
    comment: Annotated[str, Field(max_length=2000)] = ""


class SourcesBody(_Body):
    """Documents by name."""

    collection: CollectionName = DEFAULT
    sources: Sources


class FolderBody(_Body):
    """A folder of the server's machine, inside those it was started with."""

    collection: CollectionName = DEFAULT
    path: Annotated[str, Field(min_length=1, max_length=4000)]


class UndoBody(_Body):
    """What a removal gave."""

    collection: CollectionName = DEFAULT
    token: Annotated[str, Field(min_length=1, max_length=64)]


class CollectionBody(_Body):
    """A new collection."""

    name: Annotated[str, Field(min_length=1, max_length=400)]
