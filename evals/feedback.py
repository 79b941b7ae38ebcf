"""An answer that someone marked -> a sample in their eval file, ready to be reviewed."""

import hashlib
from pathlib import Path
from typing import Literal

from evals.samples import read_samples, write_sample
from evals.types import Evidence, Sample
from qa import Answer, Turn

Mark = Literal["right", "wrong", "partly"]


def record_feedback(
    answer: Answer, mark: Mark, path: Path, *, comment: str = "", history: tuple[Turn, ...] = ()
) -> Sample:
    """Append an answer and what its reader thought of it to a file of samples.

    A right answer gives its quotes as evidence, a right refusal an unanswerable sample. What was marked wrong or partly
    right is kept as a question whose gold a person has yet to fill in; the answer given stands in its note.
    """
    right = mark == "right"
    digest = hashlib.sha256(f"{answer.question}\0{answer.text}\0{mark}".encode()).hexdigest()[:12]
    sample = Sample(
        id=f"feedback-{digest}",
        question=answer.question,
        evidence=tuple(Evidence(item.source, item.quote, item.start, item.end) for item in answer.citations)
        if right
        else (),
        answerable=answer.answered if right else not answer.answered,
        history=history,
        tags=("feedback", f"marked-{mark}", *(() if right else ("to-review",))),
    )
    note = f"marked {mark}; answer given: {answer.marked_text}" + (f"; comment: {comment}" if comment else "")
    if not path.exists() or sample.id not in {known.id for known in read_samples(path)}:
        write_sample(sample, path, note=note)  # the same mark on the same answer says nothing new
    return sample
