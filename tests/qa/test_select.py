"""Choosing the sentences of an answer."""

import math
from dataclasses import replace

import pytest

from qa.expectation import asks_for_several
from qa.reader import Evidence
from qa.select import definition_first, labelled_first, list_around, select

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


LIST = (("a", "You need:", 3.0), ("a", "a spoon", 4.9), ("a", "a bowl", 5.0), ("a", "a lid", 0.1))
WHOLE = ["You need:", "a spoon", "a bowl", "a lid"]


def test_a_colon_brings_what_it_introduces() -> None:
    evidence, result = found(("a", "You need:", 5.0), ("a", "a spoon", 0.1), ("a", "a bowl", 0.2), joint="\n")
    assert texts(select("What is needed?", evidence, result, limit=4)) == ["You need:", "a spoon", "a bowl"]


def test_a_colon_brings_code_with_empty_lines() -> None:
    evidence, result = found(("a", "**Run:**", 5.0), ("a", "qa index docs", 0.1), ("a", "qa ask x", 0.2), joint="\n\n")
    assert texts(select("How is it run?", evidence, result, limit=4)) == ["**Run:**", "qa index docs", "qa ask x"]


def test_who_asks_for_a_list_gets_the_whole_list() -> None:
    evidence, result = found(*LIST, joint="\n")
    assert texts(select("What are the things I need?", evidence, result, limit=2)) == WHOLE
    assert texts(select("What do I stir in?", evidence, result, limit=4))[0] == "a bowl"


def test_one_good_item_is_not_the_list() -> None:
    ships = ("a", "The ships are:", 4.9), ("a", "Astra, captain Ann Bell", 5.0), ("a", "Borea, captain Carl Dahl", 1.0)
    evidence, result = found(*ships, joint="\n- ")
    question = "What is the name of the captain of the Astra?"
    assert texts(select(question, evidence, result, limit=4))[0] == "Astra, captain Ann Bell"


def test_the_list_is_shown_where_its_announcement_says_more_of_the_question_than_an_item() -> None:
    needed = ("a", "Every boat overnight must carry this equipment:", 4.9), ("a", "a horn", 5.0), ("a", "a rope", 1.0)
    evidence, result = found(*needed, joint="\n- ")
    question = "What equipment must a boat carry overnight?"
    assert texts(select(question, evidence, result, limit=4)) == [text for _, text, _ in needed]


def test_an_announcement_that_says_little_of_the_question_brings_no_list() -> None:
    signal = ("a", "Boats must carry:", -9.0), ("a", "a horn heard a mile away at night", 5.0), ("a", "a rope", -10.0)
    evidence, result = found(*signal, joint="\n- ")
    question = "What signal must every boat carry at night?"
    assert texts(select(question, evidence, result, limit=4)) == ["a horn heard a mile away at night"]


@pytest.mark.parametrize(
    ("sentence", "listed"),
    [
        ("The following are the duties of the keeper.", True),
        ("The duties of the keeper are as follows.", True),
        ("The duties are hard, and the following day is the worst.", False),
        ("The pay here is a flat 20 crowns.", False),
    ],
)
def test_a_list_may_be_announced_without_a_colon(sentence: str, listed: bool) -> None:
    evidence, result = found(("a", sentence, 5.0), ("a", "to light it", -9.0), ("a", "to ring it", -9.0), joint="\n- ")
    chosen = texts(select("What does the keeper do?", evidence, result, limit=4))
    assert chosen == ([sentence, "to light it", "to ring it"] if listed else [sentence])


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is the default of http.timeout?", "Default: 30"),
        ("http timeout default", "Default: 30"),
        ("What is the default timeout of a build?", "Environment: HTTP_TIMEOUT"),
        ("Which environment variable sets http.timeout?", "Environment: HTTP_TIMEOUT"),
    ],
)
def test_a_line_whose_label_and_heading_are_asked_for_comes_first(question: str, first: str) -> None:
    lines = ("a", "Environment: HTTP_TIMEOUT", 5.0), ("a", "Default: 30", 1.0), ("a", "Type: integer", 0.0)
    evidence, result = found(*lines, joint="\n")
    result = replace(result, passages=(replace(result.passages[0], heading="Settings > http.timeout"),))
    assert texts(labelled_first(question, evidence, result))[0] == first


def test_who_asks_for_several_things_gets_the_list_that_is_announced_in_their_words() -> None:
    fields = ("a", "Fill in these fields before publishing:", -4.0), ("a", "license", 5.0), ("a", "homepage", -6.0)
    evidence, result = found(*fields, joint="\n- ")
    question = "Which fields should I fill in before publishing?"
    assert texts(select(question, evidence, result, limit=4)) == [text for _, text, _ in fields]


def test_items_that_were_not_read_do_not_speak_against_a_list() -> None:
    lead = ("a", "Every boat carries:", 1.0)
    read = [("a", f"item {word}", 5.0) for word in ("rope", "horn", "lamp")]
    unread = [("a", f"item {word}", -math.inf) for word in ("oar", "net", "flag", "bell")]
    evidence, result = found(lead, *read, *unread, joint="\n- ")
    assert len(select("Which items are carried by each boat?", evidence, result, limit=4)) == 8


def test_a_long_list_is_not_shown_in_part() -> None:
    items = [("a", f"item {number}, with {'very ' * 12}many words", 5.0 - number / 10) for number in range(12)]
    evidence, result = found(("a", "You need:", 0.0), *items, joint="\n")
    assert texts(select("What are the things I need?", evidence, result, limit=4))[0].startswith("item 0")


def test_many_short_items_are_shown_whole() -> None:
    items = [("a", f"item {number}", 5.0 - number / 20) for number in range(24)]
    evidence, result = found(("a", "You need:", 0.0), *items, joint="\n")
    assert len(select("What are the things I need?", evidence, result, limit=4)) == 25


@pytest.mark.parametrize(
    ("joint", "of_the_list"),
    [("\n", True), ("\n- ", True), ("\n\n· ", True), ("\n  ◦ ", True), (" ", False), ("\n\n", False)],
)
def test_a_list_ends_where_its_lines_end(joint: str, of_the_list: bool) -> None:
    evidence, result = found(*LIST, joint=joint)
    assert (texts(list_around(evidence[0], evidence, result)) == WHOLE) is of_the_list


@pytest.mark.parametrize("after", ["A. Kant wrote it.", "Also bring:", "The office opens at nine."])
def test_a_list_ends_before_other_text(after: str) -> None:
    evidence, result = found(*LIST, ("a", after, 0.0), joint="\n")
    passage = result.passages[0]
    blank = replace(
        passage, chunk=replace(passage.chunk, text=passage.chunk.text.replace(f"\n{after}", f"\n\n{after}"))
    )
    places = [replace(item, place=replace(item.place, start=item.place.start + 1, end=item.place.end + 1))
              if item.place.text == after else item for item in evidence]  # fmt: skip
    assert texts(list_around(places[0], places, replace(result, passages=(blank,)))) == WHOLE


def test_a_colon_that_nothing_follows_is_no_answer() -> None:
    evidence, result = found(("a", "You need:", 5.0), ("b", "Take a spoon and a bowl.", 4.0))
    assert texts(select("What is needed?", evidence, result, limit=4)) == ["Take a spoon and a bowl."]


@pytest.mark.parametrize(
    ("sentence", "score"), [("The lease ends [[on 3 May]], if:", 4.0), ("It ends on 3 May, if:", 1.0)]
)
def test_a_colon_is_no_reason_to_leave_the_answer_out(sentence: str, score: float) -> None:
    evidence, result = found(("a", sentence, 5.0), ("b", "Pay the rent.", score))
    assert "3 May" in texts(select("When does the lease end?", evidence, result, limit=4))[0]


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


def test_of_a_table_after_its_announcement_the_best_row_answers() -> None:
    lead = ("a", "Net sales for the period were as follows (in millions):", 5.0)
    rows = [("a", "Products | 60,584", 3.0), ("a", "Services | 21,213", -2.0), ("a", "Total net sales | 81,797", 4.9)]
    evidence, result = found(lead, *rows, joint="\n")
    assert texts(select("What were the net sales?", evidence, result, limit=4))[0] == "Total net sales | 81,797"
