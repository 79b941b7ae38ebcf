"""What a question names by a code or number and the documents do not know is not answered from its neighbour."""

import pytest

from qa.codes import names_unknown_code
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
