"""Follow-ups become questions that stand alone."""

import pytest

from index.terms import stems
from qa.followup import leans_on_history, standalone
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
