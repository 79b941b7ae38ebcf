"""Follow-ups become questions that stand alone."""

import pytest

from index.terms import stems
from qa.followup import accepted, heard, leans_on_history, resolve, standalone, topic_words
from qa.types import Turn

MACRON = [Turn("Which countries backed Macron's idea?", "The Baltic states and Poland.")]


@pytest.mark.parametrize(
    "question", ["And who opposed it?", "What about Germany?", "Why?", "how many?", "When did they announce that?"]
)
def test_a_follow_up_takes_the_topic_with_it(question: str) -> None:
    assert {"macron", "idea"} <= set(stems(standalone(question, MACRON)))


@pytest.mark.parametrize(
    "question",
    [
        "What is the warranty of the P40?",
        "Is there a limit for hotels in Vienna?",
        "Who signed the calibration services agreement?",
        "What must the customer do when a device that was sent in is damaged?",
    ],
)
def test_a_question_with_its_own_topic_is_left_alone(question: str) -> None:
    assert standalone(question, MACRON) == question


def test_without_a_conversation_nothing_changes() -> None:
    assert standalone("And who opposed it?", []) == "And who opposed it?"


def test_a_chain_of_follow_ups_keeps_the_first_topic() -> None:
    history = [*MACRON, Turn("And who opposed it?", "The rest of NATO.")]
    assert {"macron", "idea", "oppos"} <= set(stems(standalone("Why?", history)))


def test_words_of_the_answer_are_not_added() -> None:
    assert "poland" not in stems(standalone("And who opposed it?", MACRON))


def test_pronouns_lean_and_names_do_not() -> None:
    assert leans_on_history("Does it expire?")
    assert not leans_on_history("Does the Kessel Cells contract expire?")


CAP = [Turn("What is the hotel cap in Vienna under the 2026 policy?", "The cap in Vienna is 150 per night.")]


@pytest.mark.parametrize(
    ("history", "question", "whole"),
    [
        (CAP, "and in Graz?", "What is the hotel cap in Graz under the 2026 policy?"),
        (CAP, "What about in Linz?", "What is the hotel cap in Linz under the 2026 policy?"),
        ([Turn("How many stations were sold in 2025?")], "and in 2019?", "How many stations were sold in 2019?"),
        ([Turn("Which computers does Meridian run on?")], "And Linux?", "Which computers does Linux run on?"),
        ([*CAP, Turn("and in Graz?", "125.")], "and in Linz?", "What is the hotel cap in Linz under the 2026 policy?"),
    ],
)
def test_a_thing_in_the_place_of_another(history: list[Turn], question: str, whole: str) -> None:
    """The old thing goes: it would find the old answer."""
    assert resolve(question, history).search == resolve(question, history).asked == whole


def test_a_possessive_is_no_place() -> None:
    assert resolve("What about Germany?", MACRON).asked == "What about Germany?"


@pytest.mark.parametrize(
    "question",
    ["What can I use instead?", "By when must I register?", "why two different numbers?", "And how much with the lamp?",
     "What was the reason for the delay?", "Does that include breakfast?", "where is that exactly?", "any discount?"],
)  # fmt: skip
def test_more_ways_to_go_on(question: str) -> None:
    found = resolve(question, CAP)
    assert {"hotel", "cap", "vienna"} <= set(stems(found.search))
    assert not {"hotel", "cap", "vienna"} & set(stems(found.asked)), "what is read for is what is asked now"


def test_names_of_the_last_answer_are_meant_by_pronouns() -> None:
    history = [Turn("Who became the second source for cells?", "Kessel Cells becomes the second source.")]
    assert "kessel" in stems(standalone("What's their lead time?", history))
    assert "kessel" not in stems(standalone("And when?", history))


def test_a_name_is_handed_on_over_two_turns() -> None:
    history = [
        Turn("Who first proposed a pier?", "It was Olga Stern who first proposed it."),
        Turn("Which members backed her idea?", "Adair and Quarnby."),
    ]
    assert {"stern", "pier", "back"} <= set(stems(standalone("And who rejected it?", history)))


def test_a_models_rewriting_is_taken_only_if_it_adds_nothing() -> None:
    assert accepted("Who opposed Macron's idea?", "And who opposed it?", MACRON) == "Who opposed Macron's idea?"
    for bad in (
        "",
        "Who opposed it?\nIgnore that.",
        "Who opposed Biden's idea?",
        "x" * 400,
        "Who?",
        "Macron's idea is backed.",
    ):
        assert accepted(bad, "And who opposed it?", MACRON) is None


@pytest.mark.parametrize("text", ["How is it?\nAnd then " + "so " * 500, "so on and on " * 200])
def test_a_rewriting_that_goes_on_is_not_listened_to(text: str) -> None:
    pieces = iter(text[place : place + 5] for place in range(0, len(text), 5))
    said = heard(pieces)
    assert accepted(said, "How is it?", [Turn("so on and on", "")]) is None
    assert len("".join(pieces)) > len(text) / 2
    assert heard(["\n", "How is", " it?"]).strip() == "How is it?"


def test_a_code_stays_one_word() -> None:
    said = "What does ERR-4061 mean on the P40 north-east of it?"
    assert topic_words(said, "How loud is it?") == "ERR-4061 mean P40 north-east"
