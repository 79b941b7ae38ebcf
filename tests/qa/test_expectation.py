"""What kind of answer a question wants."""

import pytest

from qa.expectation import Kind, asks_for_list, expected_kind, offers


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("When did the offensive begin?", "date"),
        ("Which year was the pier opened?", "date"),
        ("How many units were sold?", "number"),
        ("How long is the warranty?", "number"),
        ("What is the price of a filter?", "number"),
        ("Who chaired the meeting?", "person"),
        ("Which countries backed Macron's idea?", "place"),
        ("Where is the depot?", "place"),
        ("Why was the letter stopped?", "reason"),
        ("How do I reset the PIN?", "manner"),
        ("What does ERR-4042 mean?", "thing"),
    ],
)
def test_the_wording_tells_the_kind(question: str, kind: Kind) -> None:
    assert expected_kind(question) == kind


@pytest.mark.parametrize(
    ("sentence", "kind", "offered"),
    [
        ("It began on 9 May 2024.", "date", True),
        ("It began slowly.", "date", False),
        ("The battery lasts sixteen hours, or twelve in the cold.", "number", True),
        ("The battery lasts long.", "number", False),
        ("It was stopped because no proof of purchase exists.", "reason", True),
    ],
)
def test_sentences_offer_what_they_hold(sentence: str, kind: Kind, offered: bool) -> None:
    assert bool(offers(sentence, kind, question_words=frozenset())) is offered


def test_a_name_in_the_question_is_no_answer_to_who() -> None:
    sentence = "The plan of Macron was discussed."
    assert offers(sentence, "person", question_words={"macron"}) < offers(sentence, "person", question_words=set())


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which countries backed it?", True),
        ("List the contents of the cabinet.", True),
        ("What does the first aid cabinet contain?", True),
        ("What is CTAB buffer made of?", True),
        ("What's in the box?", True),
        ("What must a claim include?", True),
        ("What was in the box?", True),
        ("What is included in the price?", True),
        ("What are the contents of the kit?", True),
        ("What is the maximum number of characters a password must contain?", False),
        ("What is the fee for trips that include breakfast?", False),
        ("What is in the middle of the square?", False),
        ("Who insures the contents?", False),
        ("Which country backed it?", False),
        ("Does the price include VAT?", False),
        ("What is the largest state in the union?", False),
    ],
)
def test_whether_several_things_are_asked_for(question: str, wanted: bool) -> None:
    assert asks_for_list(question) is wanted
