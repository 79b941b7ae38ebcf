"""What a question names by a code or number and the documents do not know is not answered from its neighbour."""

import pytest

from qa.codes import names_unknown_code, numbered_otherwise, numbered_things
from tests.qa.found import found


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What does ERR-4045 mean?", True),
        ("What does ERR-4042 mean?", False),
        ("What was the cap in 2024 and in 2026?", False),  # one in a file's name, one in another's text
        ("What was the cap in 2025?", True),
        ("What does it mean?", False),
    ],
)
def test_a_code_that_no_passage_holds_is_unknown(question: str, unknown: bool) -> None:
    _, result = found(
        ("cap-2024.md", "The cap is 90.", 1.0), ("new.md", "The cap is 95 since 2026; ERR-4042 is an error.", 1.0)
    )
    assert names_unknown_code(question, result.passages) is unknown


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("How many litres does the AquaPure 500 hold?", True),
        ("How many litres does the AquaPure 300 hold?", False),
        ("How many litres do the AquaPure 400's tanks hold?", False),  # one of a list of numbers
        (
            "How many cells has the Borealis 500?",
            False,
        ),  # known without any number
        ("What came with AquaPure 40 percent cheaper?", False),
        ("What was sold on May 12?", False),
        ("Would 12 guests be too many?", False),
        ("What is the fare in Zone 2?", False),  # between 1 and 3
        ("What does Rule 7 forbid?", False),  # the number stands there, if not beside the name
        ("Is Hamburg 3 hours from Berlin?", False),
    ],
)
def test_a_model_is_unknown_where_others_of_its_name_are_known(question: str, unknown: bool) -> None:
    _, result = found(
        ("a.md", "The AquaPure 300 holds 4 litres. On May 10 it was sold with the Borealis.", 1.0),
        (
            "b.md",
            "Filters for AquaPure 200, 300 and 400. Zones 1 to 3 cost 4 euros. 7. No diving. Rule 3: Hamburg 12.",
            1.0,
        ),
    )
    assert names_unknown_code(question, result.passages) is unknown


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("What do four blinks mean?", True),
        ("What do three blinks mean?", False),
        ("Who lives in house 5?", False),  # only one house has a number here
        ("What do 30 blinks mean?", False),  # the number stands there
        ("Who owns the fourth floor?", True),
        ("Who owns the first floor?", False),
    ],
)
def test_a_numbered_thing_is_unknown_where_others_are_told_apart(question: str, unknown: bool) -> None:
    _, result = found(
        ("a.md", "Two blinks: full. Three blinks: empty. House 9 is empty for 30 days.", 1.0),
        ("b.md", "The first floor is let, the second floor too, the third floor is not.", 1.0),
    )
    assert names_unknown_code(question, result.passages) is unknown


@pytest.mark.parametrize(
    ("question", "text", "otherwise"),
    [
        ("Who lives in house 5?", "House 4 belongs to the Norwegian.", True),
        ("Who lives in house 5?", "The Zebra lives in house 5, next to house 4.", False),
        ("Who lives in house 5?", "Houses stand in a row.", False),
        ("Who lives in house 3?", "House 1 to house 5 are let.", False),  # within what they number
        ("What do four blinks mean?", "Three blinks: the filter is full.", True),
        ("What do four blinks mean?", "4 blinks: the pump is dry.", False),
        ("Who owns the third floor?", "The second floor belongs to the bank.", True),
        ("Who owns the third floor?", "The bank has three floors.", False),
        ("What weighs 5 kg?", "The pump weighs 4 kg.", False),
        ("What happened on May 5?", "On May 4 it rained.", False),
        ("What cost 40 percent less?", "Filters cost 30 percent less.", False),
        ("What changed in version 2?", "Version 3.5 is faster.", False),
        ("Who paid for 3 million tickets?", "He paid for 2 million tickets.", False),
    ],
)
def test_a_thing_with_another_number_is_another_thing(question: str, text: str, otherwise: bool) -> None:
    assert numbered_otherwise(numbered_things(question), numbered_things(text)) is otherwise
