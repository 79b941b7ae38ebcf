"""Samples as JSON Lines: read, check, find their evidence in the documents.

Gold is by place in a document, not by chunk, so cutting documents in other places never makes it wrong.
"""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evals.types import Evidence, Place, Sample
from index import UsageError
from qa import Turn

SEED_SAMPLES = Path(__file__).parent / "data" / "samples.jsonl"
_KEYS = {"id", "question", "history", "answers", "evidence", "answerable", "tags", "note"}


def read_samples(path: Path) -> list[Sample]:
    """All samples of a file, in order.

    :raises UsageError: a line is not a sample; the message holds its number and what is wrong.
    """
    samples: list[Sample] = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # splitlines would cut inside strings
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            samples.append(_sample(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(f"{path}, line {number}: {error}") from error
    ids = [sample.id for sample in samples]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise UsageError(f"{path}: the id {min(twice)!r} is used twice.")
    return samples


def write_sample(sample: Sample, path: Path, *, note: str = "") -> None:
    """Append one sample to a file, which is made if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data: dict[str, Any] = {
        "id": sample.id,
        "question": sample.question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in sample.history],
        "answers": list(sample.answers),
        "evidence": [_evidence_data(item) for item in sample.evidence],
        "answerable": sample.answerable,
        "tags": list(sample.tags),
    }
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**data, **({"note": note} if note else {})}, ensure_ascii=False) + "\n")


def _evidence_data(item: Evidence) -> dict[str, Any]:
    place = {} if item.start is None else {"start": item.start, "end": item.end}
    return {"source": item.source, "quote": item.quote, **place}


def find_evidence(sample: Sample, texts: Mapping[str, str]) -> list[Place]:
    """The places of a sample's evidence in the stored texts (source -> text).

    White space in a quote stands for any white space. With ``start`` the occurrence nearest to it is taken, without it
    the first.

    :raises UsageError: a quote or its source is not there.
    """
    return [_find(sample, item, texts) for item in sample.evidence]


def problems(samples: Iterable[Sample], texts: Mapping[str, str]) -> list[str]:
    """What is wrong with a set of samples, as sentences; empty when all evidence is found."""
    found = []
    for sample in samples:
        try:
            find_evidence(sample, texts)
        except UsageError as error:
            found.append(str(error))
        if sample.answerable and not sample.evidence and not sample.answers:
            found.append(f"{sample.id}: is answerable, but has neither answers nor evidence.")
    return found


def _find(sample: Sample, item: Evidence, texts: Mapping[str, str]) -> Place:
    text = texts.get(item.source)
    if text is None:
        raise UsageError(f"{sample.id}: there is no document {item.source!r}.")
    if not item.quote:
        if item.start is None or item.end is None or not 0 <= item.start < item.end <= len(text):
            raise UsageError(f"{sample.id}: the evidence in {item.source!r} has neither a quote nor valid offsets.")
        return Place(item.source, item.start, item.end)
    pattern = r"\s+".join(re.escape(word) for word in item.quote.split())
    matches = [match.span() for match in re.finditer(pattern, text)]
    if not matches:
        raise UsageError(f"{sample.id}: {item.source!r} does not hold {item.quote!r}.")
    wanted = item.start or 0
    start, end = min(matches, key=lambda span: abs(span[0] - wanted))
    return Place(item.source, start, end)


def _sample(data: dict[str, Any]) -> Sample:
    if unknown := set(data) - _KEYS:
        raise ValueError(f"unknown key {min(unknown)!r}; known are {', '.join(sorted(_KEYS))}")
    if missing := {"id", "question"} - set(data):
        raise ValueError(f"the key {min(missing)!r} is missing")
    return Sample(
        id=str(data["id"]),
        question=str(data["question"]),
        answers=tuple(str(answer) for answer in data.get("answers", [])),
        evidence=tuple(
            Evidence(item["source"], item.get("quote", ""), item.get("start"), item.get("end"))
            for item in data.get("evidence", [])
        ),
        answerable=bool(data.get("answerable", True)),
        history=tuple(Turn(turn["question"], turn.get("answer", "")) for turn in data.get("history", [])),
        tags=tuple(str(tag) for tag in data.get("tags", [])),
    )
