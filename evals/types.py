"""What is asked, what came back: samples and their results."""

from dataclasses import dataclass
from typing import Literal

from qa import Turn

Stage = Literal["not retrieved", "retrieved but not read", "read but refused", "wrong sentence", "false answer"]
"""Where a sample was lost; see :func:`evals.runner.lost_at`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Half-open character offsets into the stored text of a source."""

    source: str
    start: int
    end: int

    def overlaps(self, other: "Place") -> bool:
        """Whether the two share a character."""
        return self.source == other.source and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that proves an answer: a quote to be found in the source, or offsets, or both."""

    source: str
    quote: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A question with what is known of its answer.

    ``answers`` are accepted short forms, any of which is right; ``evidence`` are all the places that hold it.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answerable: bool = True
    history: tuple[Turn, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """How one sample went.

    ``ranks``: per evidence place found, the 1-based rank of the first passage that overlaps it; where evidence is whole
    documents, ranks count documents, each at its best passage. ``found`` of ``wanted`` evidence places are in the
    passages, ``cited`` of them are cited. ``right_citations`` of ``citations`` overlap evidence; ``exact`` if all of
    them are the document's own characters. ``correct``: a gold answer is in the text shown, or rightly refused. None
    means not measured. ``stage``: where it was lost, None if it was not.
    """

    id: str
    question: str
    answerable: bool
    tags: tuple[str, ...]
    answered: bool
    text: str
    confidence: float
    correct: bool | None
    exact_match: float | None
    token_f1: float | None
    ranks: tuple[int, ...]
    found: int
    wanted: int
    citations: int
    right_citations: int | None
    cited: int | None
    exact: bool
    stage: Stage | None
    sources: tuple[str, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval and the number of samples behind it."""

    value: float
    low: float | None
    high: float | None
    count: int


Figures = dict[str, Figure]
"""By name; what was not measured is not there."""
