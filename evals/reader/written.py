"""What was written for the reader (``evals/data/reader``): what people ask and documents do not answer.

Things that no public set holds under a licence that lets us: questions on SQuADShifts' paragraphs that these do not
answer though they look as if they did, and that they answer in other words; documents as companies and clubs have them,
with questions of both kinds; and what people ask that no document answers.
All was written by language models that read the paragraphs, and for the documents invented them; nothing of it is used
to measure. The folder's README says more.
"""

import csv
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

from evals.datasets import Paragraph, SquadQuestion
from evals.reader.example import Example, cropped, following, held_out, one_in
from evals.reader.negatives import AlikePassages
from index.embed import Encoder, open_encoder
from index.load import load
from index.split import split
from index.types import Chunk

WRITTEN = Path(__file__).parents[1] / "data" / "reader"
_CONTEXT = 0.7
"""Share of passages read after the headings above them, as in use (``qa/span_reader.py``)."""
_OTHERS = 0.35
"""Share of questions that are also asked of the passage most like them that does not answer."""
_ELSEWHERE = 60
"""What people ask elsewhere that is asked of some chunk of each collection."""
_EXTRACTED = 0.5
"""Share of passages whose tables are read as a PDF's are: cells between bars, without Markdown's marks around them."""
_TABLE_MARKS = re.compile(r"^\|[-:| ]+\|\n?|^\| ?|[ |]*\|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class WrittenQuestion:
    """A question on one of a collection's documents; ``answer`` stands in ``evidence``, and that in the document.

    Both are empty where no document of the collection answers.
    """

    document: str
    question: str
    answer: str
    evidence: str

    def start_in(self, text: str) -> int:
        """Where the answer begins in the document's text: as a cell or whole words, if it stands so in its evidence."""
        answer = re.escape(self.answer)
        whole = rf"(?<=\| ){answer}(?= \|)", rf"(?<![\w.,]){answer}(?!\w|[.,]\d)", answer
        found = next(match for pattern in whole if (match := re.search(pattern, self.evidence)))
        return text.index(self.evidence) + found.start()


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


@cache
def _answered_rows(folder: Path) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    with (folder / "answered.tsv").open(encoding="utf-8", newline="") as file:
        for key, question, answer in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault(key, []).append((question, answer))
    return found


def answered_questions(paragraphs: Iterable[Paragraph], folder: Path = WRITTEN) -> Iterator[SquadQuestion]:
    """More questions that the paragraphs answer, further from their words than a dataset's."""
    for paragraph in paragraphs:
        for question, answer in _answered_rows(folder).get(paragraph_key(paragraph), ()):
            found = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", paragraph.text)
            assert found is not None, f"{answer!r} does not stand in the paragraph asked"
            yield SquadQuestion(question, question, paragraph, ((found.start(), answer),))


def asked_elsewhere(folder: Path = WRITTEN) -> tuple[list[str], list[str]]:
    """What people say to an assistant that no collection of documents answers: greetings, orders, common knowledge.

    To train on, and, every fourth by hash, to fit on.
    """
    lines = (folder / "elsewhere.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not one_in(4, line)], [line for line in lines if one_in(4, line)]


def unanswered_examples(
    paragraphs: Iterable[Paragraph], answered: Iterable[SquadQuestion], rng: random.Random, folder: Path = WRITTEN
) -> Iterator[Example]:
    """The written questions on those paragraphs that are trained on; ``answered``: what else is asked of them."""
    questions = unanswered_questions(folder)
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
    return one_in(4, name)


def document_examples(rng: random.Random, folder: Path = WRITTEN) -> Iterator[Example]:
    """Questions on the documents, each of its chunk, and some of chunks that do not answer."""
    for collection in collections(folder):
        texts, chunks = _documents(collection, kept_out=False)
        contexts = {chunk.text: chunk.context for some in chunks.values() for chunk in some}
        alike = AlikePassages(list(contexts))
        questions = [item for item in written_questions(collection) if item.document in texts]
        for question in questions:
            same = (other.question for other in questions if other.document == question.document)
            before = [other for other in same if other != question.question]
            for whole in _asked(question, texts[question.document], chunks[question.document], alike, rng):
                part = _after_context(cropped(whole, rng), contexts[whole.passage], rng)
                yield following(_as_extracted(part) if rng.random() < _EXTRACTED else part, before, rng)
        passages, (trained, _) = list(contexts), asked_elsewhere(folder)
        for text in rng.sample(trained, min(len(trained), _ELSEWHERE)) if passages else ():
            passage = rng.choice(passages)
            yield _after_context(cropped(Example(text, passage, None, None), rng), contexts[passage], rng)


def document_questions(folder: Path = WRITTEN) -> Iterator[tuple[str, Chunk, str]]:
    """Questions on the documents that are never trained on, the chunk each is asked of, and its answer or nothing.

    An answered one is asked of the chunk that answers it, another of the one most like it among those documents of
    its collection.
    """
    for collection in collections(folder):
        texts, chunks = _documents(collection, kept_out=True)
        of_text = {chunk.text: chunk for some in chunks.values() for chunk in some}
        alike = AlikePassages(list(of_text))
        for item in written_questions(collection):
            if item.document not in texts:
                continue
            if not item.answer:
                found = alike.most_alike(item.question, 1)
            else:
                positive = _positive(item, texts[item.document], chunks[item.document])
                found = [positive.passage] if positive is not None else []
            for text in found:
                yield item.question, of_text[text], item.answer


def _documents(collection: Path, *, kept_out: bool) -> tuple[dict[str, str], dict[str, list[Chunk]]]:
    """Name -> text and name -> chunks of the documents that are kept out of training, or of the others."""
    paths = [path for path in sorted(collection.glob("*.md")) if document_held_out(path.name) == kept_out]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}, {path.name: _chunks(path) for path in paths}


def _asked(
    question: WrittenQuestion, text: str, chunks: Sequence[Chunk], alike: AlikePassages, rng: random.Random
) -> Iterator[Example]:
    """A question of its own chunk, and of others that do not answer."""
    if not question.answer:
        for passage in alike.most_alike(question.question, 1):
            yield Example(question.question, passage, None, None)
        return
    if (positive := _positive(question, text, chunks)) is not None:
        yield positive
    if rng.random() < _OTHERS and (other := alike.nearest(question.question, question.answer)) is not None:
        yield Example(question.question, other, None, None)


def _positive(question: WrittenQuestion, text: str, chunks: Sequence[Chunk]) -> Example | None:
    """The chunk that holds the answer; None where the answer is cut in two."""
    start = question.start_in(text)
    for chunk in chunks:
        first, last = start - chunk.start, start - chunk.start + len(question.answer)
        if first >= 0 and chunk.text[first:last] == question.answer:
            return Example(question.question, chunk.text, first, last)
    return None


def _after_context(example: Example, context: str, rng: random.Random) -> Example:
    """Some passages after the headings above them."""
    if not context or rng.random() >= _CONTEXT:
        return example
    passage, shift = f"{context} {example.passage}", len(context) + 1
    if example.start is None or example.end is None:
        return replace(example, passage=passage)
    return replace(example, passage=passage, start=example.start + shift, end=example.end + shift)


def _as_extracted(example: Example) -> Example:
    """The example with its passage's Markdown tables as they come out of a PDF."""
    marks = [match.span() for match in _TABLE_MARKS.finditer(example.passage)]
    passage = _TABLE_MARKS.sub("", example.passage)
    if example.start is None or example.end is None:
        return replace(example, passage=passage)
    shift = sum(end - start for start, end in marks if end <= example.start)
    return replace(example, passage=passage, start=example.start - shift, end=example.end - shift)


@cache
def _chunks(path: Path) -> list[Chunk]:
    encoder = _encoder()
    return split(load(path, path.name), token_offsets=encoder.token_offsets, max_tokens=encoder.max_tokens)


@cache
def _encoder() -> Encoder:
    return open_encoder(None, threads=1)
