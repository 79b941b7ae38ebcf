"""Choosing the sentences of an answer."""

import pytest

from index import Chunk, DocumentInfo, Passage, SearchResult, Signals
from qa.features import SentencePlace
from qa.reader import Evidence
from qa.select import asks_for_several, definition_first, find_conflict, select


def found(*sentences: tuple[str, str, float]) -> tuple[list[Evidence], SearchResult]:
    """Evidence from (document, sentence, score), best first; each document is one passage."""
    names = list(dict.fromkeys(name for name, _, _ in sentences))
    passages = []
    evidence = []
    for number, name in enumerate(names):
        texts = [text for other, text, _ in sentences if other == name]
        chunk = Chunk(name, 0, 0, sum(len(text) + 1 for text in texts), " ".join(texts), "", ())
        info = DocumentInfo(name, name, name, "text/plain", {}, (), 0, name, 1)
        passages.append(Passage(chunk, info, 1.0, Signals(1, 1, 1, 1), ()))
        start = 0
        for other, text, score in sentences:
            if other == name:
                evidence.append(Evidence(SentencePlace(number, start, start + len(text), text), score))
                start += len(text) + 1
    return sorted(evidence, key=lambda item: -item.score), SearchResult(tuple(passages), {}, len(names))


def texts(evidence: list[Evidence]) -> list[str]:
    return [item.place.text for item in evidence]


def test_one_fact_needs_one_sentence() -> None:
    evidence, result = found(("a", "It weighs 3 kg.", 5.0), ("a", "It is painted blue.", 1.0))
    assert texts(select("How heavy is it?", evidence, result, limit=4)) == ["It weighs 3 kg."]


def test_what_says_the_same_again_is_left_out() -> None:
    evidence, result = found(("a", "The pump weighs 3 kg in all.", 5.0), ("b", "In all the pump weighs 3 kg.", 4.9))
    assert len(select("What are the weights?", evidence, result, limit=4)) == 1


def test_the_best_comes_first_and_the_rest_in_the_documents_order() -> None:
    evidence, result = found(
        ("a", "Rinse the filter.", 4.8), ("a", "Dry the seal.", 4.9), ("a", "Oil every joint.", 5.0)
    )  # fmt: skip
    assert texts(select("Which steps are there?", evidence, result, limit=4)) == [
        "Oil every joint.", "Rinse the filter.", "Dry the seal."
    ]  # fmt: skip


def test_a_colon_brings_what_it_introduces() -> None:
    evidence, result = found(("a", "You need:", 5.0), ("a", "a spoon", 0.1), ("a", "a bowl", 0.2))
    assert texts(select("What is needed?", evidence, result, limit=4)) == ["You need:", "a spoon", "a bowl"]


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("Which countries backed it?", True),
        ("What are the conditions?", True),
        ("Why was it stopped?", True),
        ("What does ERR-4042 mean?", False),
        ("Who is the harbour master?", False),
        ("What is the price?", False),
    ],
)
def test_lists_are_known_by_their_wording(question: str, several: bool) -> None:
    assert asks_for_several(question) is several


def test_the_definition_of_a_code_goes_before_its_mentions() -> None:
    evidence, _ = found(("a", "The list showed ERR-4042 twice.", 5.0), ("b", "ERR-4042 | Zero check failed", 4.2))
    assert texts(definition_first("What does ERR-4042 mean?", evidence))[0].startswith("ERR-4042")
    assert texts(definition_first("When was ERR-4042 shown?", evidence))[0].startswith("The list")


def test_other_figures_for_the_same_thing_are_a_conflict() -> None:
    evidence, result = found(("a", "The battery lasts 18 h.", 5.0), ("b", "The battery lasts 16 h.", 4.0))
    conflict = find_conflict("How long does the battery last?", evidence, result)
    assert conflict is not None
    assert conflict.values == ("18 h", "16 h")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a", "The battery lasts 18 h.", 5.0), ("a", "The battery lasts 16 h.", 4.9)),
        (("a", "The battery lasts 18 h.", 5.0), ("b", "The cable has a length of 16 cm.", 4.9)),
        (("a", "The battery lasts 18 h.", 5.0), ("b", "The battery lasts 18 h, or 12 h in the cold.", 4.9)),
        (("a", "MS-1187: the battery lasts.", 5.0), ("b", "MS-1201: the battery lasts.", 4.9)),
    ],
)
def test_what_is_no_conflict(first: tuple[str, str, float], second: tuple[str, str, float]) -> None:
    evidence, result = found(first, second)
    assert find_conflict("How long does the battery last?", evidence, result) is None


def test_the_number_of_a_section_is_no_figure() -> None:
    evidence, result = found(
        ("a", "The battery of the pump lasts 8 hours.", 5.0), ("b", "3.1 The battery of the pump lasts long.", 4.9)
    )
    assert find_conflict("How many hours does the battery of the pump last?", evidence, result) is None
