"""What was written for the reader (``evals/data/reader``): what people ask and documents do not answer.

Two things that no public set holds under a licence that lets us: questions on SQuADShifts' paragraphs that these do not
answer though they look as if they did, and documents as companies and clubs have them, with questions of both kinds.
All was written by language models that read the paragraphs, and for the documents invented them; nothing of it is used
to measure. The folder's README says more.
"""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from evals.datasets import Paragraph, read_squad
from evals.reader.example import Example, cropped, following, held_out
from evals.reader.negatives import AlikePassages
from index.embed import open_encoder
from index.load import load
from index.split import split
from index.types import Chunk

WRITTEN = Path(__file__).parents[1] / "data" / "reader"
_CONTEXT = 0.7
"""Share of passages read after the headings above them, as in use (``qa/span_reader.py``)."""
_OTHERS = 0.5
"""Share of questions that are also asked of the passage most like them that does not answer."""
_ANSWERED = 2
"""Times that a question is asked of its own passage, cut otherwise: so that as many have an answer as have none."""
_ALIKE = 2
"""Passages that a question without an answer is asked of: the retriever brings the most alike first."""


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question on one of a collection's documents; ``answer`` stands in ``evidence``, and that in the document.

    Both are empty where no document of the collection answers.
    """

    document: str
    question: str
    answer: str
    evidence: str


def paragraph_key(paragraph: Paragraph) -> str:
    """By what ``unanswered.tsv`` names a paragraph: the beginning of its text's SHA-256."""
    return sha256(paragraph.text.encode()).hexdigest()[:10]


@cache
def unanswered_questions(folder: Path = WRITTEN) -> dict[str, tuple[str, ...]]:
    """Paragraph key -> questions that the paragraph does not answer."""
    found: dict[str, tuple[str, ...]] = {}
    with (folder / "unanswered.tsv").open(encoding="utf-8", newline="") as file:
        for key, question in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[key] = (*found.get(key, ()), question)
    return found


def unanswered_examples(path: Path, rng: random.Random, folder: Path = WRITTEN) -> Iterator[Example]:
    """The written questions on the paragraphs of a SQuAD-format file that are trained on."""
    questions = unanswered_questions(folder)
    paragraphs, answered = read_squad(path)
    before: dict[str, list[str]] = {}
    for item in answered:
        before.setdefault(item.paragraph.name, []).append(item.question)
    for paragraph in paragraphs:
        for question in () if held_out(paragraph) else questions.get(paragraph_key(paragraph), ()):
            example = cropped(Example(question, paragraph.text, None, None), rng)
            yield following(example, before.get(paragraph.name, []), rng)


def collections(folder: Path = WRITTEN) -> list[Path]:
    """The folders of documents that belong together, each with a ``questions.jsonl``."""
    return sorted(path.parent for path in folder.glob("*/questions.jsonl"))


def written_questions(collection: Path) -> list[WrittenQuestion]:
    """The questions of a collection, in the order of the file."""
    lines = (collection / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        WrittenQuestion(item["document"], item["question"], item["answer"] or "", item["evidence"] or "")
        for item in map(json.loads, lines)
    ]


def document_held_out(name: str) -> bool:
    """Whether a document is kept out of training: every fourth, by hash."""
    return sha256(name.encode()).digest()[0] % 4 == 0


def document_examples(rng: random.Random, folder: Path = WRITTEN) -> Iterator[Example]:
    """Questions on the documents, each with its chunk, and some with chunks that do not answer."""
    for collection in collections(folder):
        paths = [path for path in sorted(collection.glob("*.md")) if not document_held_out(path.name)]
        chunks = {path.name: _chunks(path) for path in paths}
        alike = AlikePassages([_passage(chunk, rng) for some in chunks.values() for chunk in some])
        questions = [item for item in written_questions(collection) if item.document in chunks]
        for question in questions:
            before = [other.question for other in questions if other.document == question.document]
            for example in _asked(question, chunks[question.document], collection, alike, rng):
                yield following(example, before, rng)


def _asked(
    question: WrittenQuestion, chunks: Sequence[Chunk], collection: Path, alike: AlikePassages, rng: random.Random
) -> Iterator[Example]:
    """A question of its own chunk, and of others that do not answer."""
    if not question.answer:
        for passage in alike.most_alike(question.question, _ALIKE):
            yield Example(question.question, passage, None, None)
        return
    positives = (_positive(question, chunks, collection, rng) for _ in range(_ANSWERED))
    yield from (positive for positive in positives if positive is not None)
    if rng.random() < _OTHERS and (other := alike.nearest(question.question, question.answer)) is not None:
        yield Example(question.question, other, None, None)


def _positive(
    question: WrittenQuestion, chunks: Sequence[Chunk], collection: Path, rng: random.Random
) -> Example | None:  # fmt: skip
    """The chunk that holds the answer, or a part of it; None where the answer is cut in two."""
    text = (collection / question.document).read_text(encoding="utf-8")
    start = text.index(question.evidence) + question.evidence.index(question.answer)
    end = start + len(question.answer)
    for chunk in chunks:
        first, last = start - chunk.start, end - chunk.start
        if first >= 0 and chunk.text[first:last] == question.answer:
            return _after_context(cropped(Example(question.question, chunk.text, first, last), rng), chunk.context, rng)
    return None


def _after_context(example: Example, context: str, rng: random.Random) -> Example:
    if not context or example.start is None or example.end is None or rng.random() >= _CONTEXT:
        return example
    shift = len(context) + 1
    passage = f"{context} {example.passage}"
    return replace(example, passage=passage, start=example.start + shift, end=example.end + shift)


def _passage(chunk: Chunk, rng: random.Random) -> str:
    return f"{chunk.context} {chunk.text}" if chunk.context and rng.random() < _CONTEXT else chunk.text


@cache
def _chunks(path: Path) -> list[Chunk]:
    encoder = open_encoder(None, threads=1)
    return split(load(path, path.name), token_offsets=encoder.token_offsets, max_tokens=encoder.max_tokens)
