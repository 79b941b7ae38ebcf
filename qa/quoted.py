"""The answer of the default answerer: sentences quoted from the documents, each with its citation.

Its counterpart is ``written.py``, where a language model writes and we check.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from index import Index, Passage, SearchResult
from index.types import CELL_BORDER
from qa.cells import asked_cell
from qa.conflict import Conflict, find_conflict
from qa.enumeration import whole_enumeration
from qa.expectation import asks_for_list
from qa.features import SentencePlace
from qa.reader import Evidence, Reading
from qa.select import definition_first, ends_in_list, labelled_first, select
from qa.types import Answer, Citation, Sentence
from qa.wording import place_in, readable, under_group, under_heading

EXTRACTIVE = "extractive"
"""Name of the answerer that quotes sentences and needs no language model."""
_LOWEST = -5.0
"""Margin from which the short answer is marked in the first sentence and in one that disagrees with it: that these
answer is decided by more than the reader. On 300 questions of SQuAD, margins of -5 to 0 in a right first sentence mark
an F1 of .83, those below .52."""
_WHOLE = 0.7
"""A short answer longer than this share of its sentence is the sentence: marking it would say nothing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One single question of a question, with what was found and read for it.

    ``corrected``: words of it that were mistyped, and what they were read as.
    """

    question: str
    result: SearchResult
    reading: Reading
    answered: bool
    corrected: Mapping[str, str] = field(default_factory=dict)


def quoted_answer(question: str, parts: Sequence[Part], index: Index, *, limit: int) -> Answer:
    """The answer to all parts, of at most ``limit`` sentences each, or an abstention."""
    answered = [part for part in parts if part.answered]
    passages = _merged_passages(parts)
    searched = parts[0].result.searched
    confidence = min(part.reading.confidence for part in (answered or parts))
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    notes = list(reading_notes({word: meant for part in parts for word, meant in part.corrected.items()}))
    for part in answered:
        _add(part, index, limit, sentences, citations, notes)
    if not sentences:
        return Answer(question, False, abstention(searched), confidence, EXTRACTIVE, passages=passages,
                      notes=tuple(notes), searched=searched)  # fmt: skip
    notes += [f"The documents do not answer: {part.question}" for part in parts if not part.answered]
    return Answer(
        question, True, " ".join(sentence.text for sentence in sentences), confidence, EXTRACTIVE,
        tuple(sentences), tuple(citations), passages, tuple(notes), searched,
    )  # fmt: skip


def cite(index: Index, number: int, passage: Passage, start: int, end: int, quote: str) -> Citation | None:
    """The citation of a place; None if the document changed under us: nothing is better than the wrong words."""
    document = passage.document
    if index.text_at(document.id, start, end) != quote:
        return None
    place = index.locate(document.id, start)
    return Citation(
        number, document.id, document.source, document.title, place.page, place.heading, start, end, quote
    )  # fmt: skip


def reading_notes(corrected: Mapping[str, str]) -> tuple[str, ...]:
    """How mistyped words were read, as one sentence if there are any."""
    words = ", ".join(f"“{word}” as “{meant}”" for word, meant in corrected.items())
    return (f"Read {words}.",) if words else ()


def abstention(searched: int) -> str:
    """What is said when nothing is answered."""
    if not searched:
        return "There are no documents to search."
    documents = "The document" if searched == 1 else f"The {searched} documents"
    return f"{documents} searched {'does' if searched == 1 else 'do'} not answer this question."


def _add(
    part: Part, index: Index, limit: int, sentences: list[Sentence], citations: list[Citation], notes: list[str]
) -> None:  # fmt: skip
    """Add a part's sentences, each with its citation, unless an earlier part brought them."""
    evidence = _in_asked_cells(part, index)
    evidence = definition_first(part.question, evidence)
    evidence = labelled_first(part.question, evidence, part.result)
    conflict = find_conflict(part.question, evidence, part.result)
    chosen = select(part.question, *_with_rest_of_list(evidence, part.result, index), limit=limit)
    if conflict is not None:
        sides = (conflict.first, conflict.second)
        chosen = [*sides, *(item for item in chosen if item not in sides)]
        notes.append(_disagreement(conflict, part.result))
    for item in chosen:
        place, passage = item.place, part.result.passages[item.place.passage]
        known = {(citation.document_id, citation.start, citation.end) for citation in citations}
        if (passage.document.id, place.start, place.end) in known:
            continue
        citation = cite(index, len(citations) + 1, passage, place.start, place.end, place.text)
        if citation is None:
            continue
        citations.append(citation)
        header = index.locate(passage.document.id, place.start).table_header
        text = readable(citation.quote, media_type=passage.document.media_type, table_header=header)
        # Empty for a sentence of a list that was read on beyond the passage.
        before = passage.chunk.text[: place.start - passage.chunk.start] if place.start < passage.chunk.end else ""
        text = under_heading(under_group(text, before), citation.heading)
        first = not sentences or (conflict is not None and item in (conflict.first, conflict.second))
        short = _short_answer(text, item, passage, lowest=_LOWEST if first else 0.0)
        if short is not None and asks_for_list(part.question):
            short = whole_enumeration(text, *short)
        sentences.append(Sentence(text, (citation.number,), supported=True, answer=short))


def _in_asked_cells(part: Part, index: Index) -> list[Evidence]:
    """The evidence, its rows with the cell that is asked for as their short answer.

    The margin stays that of what was read: it says how well the row answers. Rows that name their columns themselves
    ("Model: X200 | Price: 49") are left as read.
    """
    evidence = list(part.reading.evidence)
    for number, item in enumerate(evidence):
        place, span = item.place, item.place.span
        if span is None or CELL_BORDER.strip() not in place.text:
            continue
        header = index.locate(part.result.passages[place.passage].document.id, place.start).table_header
        read = (span.start - place.start, span.end - place.start)
        start, end = asked_cell(part.question, place.text, header, read)
        cell = replace(span, start=place.start + start, end=place.start + end)
        evidence[number] = replace(item, place=replace(place, span=cell))
    return evidence


def _with_rest_of_list(
    evidence: Sequence[Evidence], result: SearchResult, index: Index
) -> tuple[Sequence[Evidence], SearchResult]:
    """The best sentence's passage with the chunks after it, while a list that it begins goes on there."""
    if not evidence or not ends_in_list(evidence, result):
        return evidence, result
    number = evidence[0].place.passage
    passage = result.passages[number]
    chunk = passage.chunk
    rest = index.chunk_from(chunk.document_id, chunk.end)
    if rest is None or index.section_of(rest) != index.section_of(chunk):
        return evidence, result
    text = index.text_at(chunk.document_id, chunk.start, rest.end)
    if len(text) != rest.end - chunk.start:  # changed under us
        return evidence, result
    longer = replace(chunk, end=rest.end, text=text, sentences=(*chunk.sentences, *rest.sentences))
    passages = list(result.passages)
    passages[number] = replace(passage, chunk=longer)
    more = [
        Evidence(SentencePlace(number, start, end, text[start - chunk.start : end - chunk.start]), -math.inf)
        for start, end in rest.sentences
    ]
    return _with_rest_of_list([*evidence, *more], replace(result, passages=tuple(passages)), index)


def _short_answer(text: str, item: Evidence, passage: Passage, *, lowest: float) -> tuple[int, int] | None:
    """Where the short answer stands in a sentence as shown; None where the reader found none of margin ``lowest``."""
    span, place = item.place.span, item.place
    if span is None or span.margin < lowest or span.end - span.start > _WHOLE * (place.end - place.start):
        return None
    start = passage.chunk.start
    part = readable(passage.chunk.text[span.start - start : span.end - start], media_type=passage.document.media_type)
    return place_in(text, part, share=(span.start - place.start) / (place.end - place.start))


def _merged_passages(parts: Sequence[Part]) -> tuple[Passage, ...]:
    """The passages of all parts without repeats, those of the first part first, and those that answer before others."""
    found: dict[tuple[str, int], Passage] = {}
    for part in parts:
        passages = part.result.passages
        for number in dict.fromkeys((*part.reading.passages, *range(len(passages)))):
            found.setdefault((passages[number].document.id, passages[number].chunk.start), passages[number])
    return tuple(found.values())


def _disagreement(conflict: Conflict, result: SearchResult) -> str:
    first, second = (result.passages[item.place.passage].document.source for item in (conflict.first, conflict.second))
    return f"The sources disagree: {first} says {conflict.values[0]}, {second} says {conflict.values[1]}."
