"""Choosing the sentences of an answer."""

import pytest

from qa.expectation import asks_for_several
from qa.reader import Evidence
from qa.select import definition_first, select

from .found import found


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
