"""Quoted answers: which words of a sentence are marked as the short answer."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from index import Index
from qa.features import SentencePlace
from qa.quoted import Part, quoted_answer
from qa.reader import Evidence, Reading

from ..helpers import HashEncoder
from .found import found

Write = Callable[[Mapping[str, str | bytes]], Path]


def with_margin(item: Evidence, margin: float) -> Evidence:
    assert item.place.span is not None
    return replace(item, place=replace(item.place, span=replace(item.place.span, margin=margin)))


@pytest.mark.parametrize(
    ("margins", "marked"),
    [
        ((1.0, 1.0), ["two oars", "a spare rope"]),
        ((-2.0, -2.0), ["two oars", None]),  # that the first sentence answers is decided by more than the reader
        ((-9.0, -9.0), [None, None]),
    ],
)
def test_the_first_sentence_shows_its_short_answer_though_the_reader_doubts(
    store: Path, write: Write, hash_encoder: HashEncoder, margins: tuple[float, float], marked: list[str | None]
) -> None:
    sentences = "Each boat carries [[two oars]] of ash.", "Under the bench lies [[a spare rope]] of hemp."
    with Index.open(store, encoder=hash_encoder) as index:
        index.sync(write({"boat.txt": " ".join(sentences).replace("[[", "").replace("]]", "")}))
        (document,) = index.documents()
        evidence, result = found((document.id, sentences[0], 5.0), (document.id, sentences[1], 4.9))
        doubted = tuple(with_margin(item, margin) for item, margin in zip(evidence, margins, strict=True))
        question = "Which things are in a boat?"
        part = Part(question, result, Reading(doubted, 0.9), answered=True)
        answer = quoted_answer(question, [part], index, limit=4)
    assert [item.answer and item.text[slice(*item.answer)] for item in answer.sentences] == marked


@pytest.mark.parametrize("items_before_the_cut", [0, 1])
def test_a_list_that_goes_on_in_the_next_chunk_is_shown_whole(
    store: Path, write: Write, hash_encoder: HashEncoder, items_before_the_cut: int
) -> None:
    longer = ", in fog and at night and on long trips" if items_before_the_cut == 0 else ""
    lead = f"Each boat must carry the following{longer}:"
    items = ["two oars", "a rope", "a horn"]
    text = f"{lead}\n\n" + "".join(f"- {item}\n" for item in items) + "\nNobody may fish from the wall.\n"
    with Index.open(store, encoder=hash_encoder) as index:
        index.sync(write({"boat.md": text}))
        (document,) = index.documents()
        chunk = index.chunk_from(document.id, 0)
        assert chunk is not None
        assert len(chunk.sentences) == 1 + items_before_the_cut
        evidence = [
            Evidence(SentencePlace(0, start, end, text[start:end]), 5.0 - start) for start, end in chunk.sentences
        ]
        _, result = found((document.id, lead, 0.0))
        result = replace(result, passages=(replace(result.passages[0], chunk=chunk),))
        part = Part("What must a boat carry?", result, Reading(tuple(evidence), 0.9), answered=True)
        answer = quoted_answer(part.question, [part], index, limit=4)
    assert [item.text for item in answer.sentences] == [lead, *items]
    assert [item.quote for item in answer.citations] == [lead, *items]


def test_of_a_row_the_cell_is_marked_whose_column_is_asked_for(
    store: Path, write: Write, hash_encoder: HashEncoder
) -> None:
    row = "| Passenger fares | 6,718 | [[7,310]] | 41 |"
    plain = row.replace("[[", "").replace("]]", "")
    text = f"| Income | 2023 | 2024 | Share (%) |\n|---|---|---|---|\n{plain}\n"
    with Index.open(store, encoder=hash_encoder) as index:
        index.sync(write({"ferries.md": text}))
        (document,) = index.documents()
        evidence, result = found((document.id, row, 5.0))
        shift = text.index(plain)
        chunk = index.chunk_from(document.id, shift)
        assert chunk is not None
        assert (shift, shift + len(plain)) in chunk.sentences
        place = evidence[0].place
        assert place.span is not None
        span = replace(place.span, start=place.span.start + shift, end=place.span.end + shift)
        moved = replace(evidence[0], place=replace(place, start=shift, end=shift + len(plain), span=span))
        result = replace(result, passages=(replace(result.passages[0], chunk=chunk),))
        part = Part("How much were passenger fares in 2023?", result, Reading((moved,), 0.9), answered=True)
        (sentence,) = quoted_answer(part.question, [part], index, limit=4).sentences
    assert sentence.text == "Income: Passenger fares | 2023: 6,718 | 2024: 7,310 | Share (%): 41"
    assert sentence.answer is not None
    assert sentence.text[slice(*sentence.answer)] == "6,718"
