"""An answer to "how much" is money, to "how tall" a length, to "how many" a number of just that."""

import pytest

from qa.units import lacks_unit


@pytest.mark.parametrize(
    ("question", "with_it", "without"),
    [
        ("How old is Olga Stern?", "Olga Stern, 47, is 47 years old.", "Olga Stern signed on 16 September 2025."),
        ("How tall is the tower?", "It stands 31 metres high.", "The tower was rebuilt on 26 February 2026."),
        ("How much does a repair cost?", "A repair is EUR 90.", "Repairs are 0.9 % of all cases."),
        ("What percentage was on time?", "96.3 % were on time.", "1,982 instruments were on time."),
        ("How long is the guarantee?", "It runs for 24 months.", "It begins in 2024."),
        ("When did the minister say so?", "She said so on 9 May.", "She said so to five governments."),
        ("How often must it be cleaned?", "Clean it every week.", "It must be cleaned with water."),
        ("How many soldiers does it send?", "It sends 6,200 German soldiers.", "It sends soldiers."),
        ("What is the temperature of the bath?", "The bath is at 65 °C.", "The bath has 12 litres."),
        ("How heavy is the case?", "The case weighs 1.2 kg.", "The case is 40 cm wide."),
    ],
)
def test_the_unit_that_is_asked_for(question: str, with_it: str, without: str) -> None:
    assert not lacks_unit(question, with_it)
    assert lacks_unit(question, without)


def test_a_number_of_something_else_is_not_the_count() -> None:
    question = "How many pumps were sold?"
    assert lacks_unit(question, "With its staff of 40 people the works went on and on, and pumps were sold.")
    assert not lacks_unit(question, "Nine.")


@pytest.mark.parametrize("question", ["Who chaired it?", "What does ERR-4042 mean?", "Why was it shut?", ""])
def test_other_questions_ask_for_no_unit(question: str) -> None:
    assert not lacks_unit(question, "Nothing is said.")
