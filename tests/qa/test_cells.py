"""The cell that a question asks for is the one marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.cells import asked_cell, cells

_YEARS = "Thousand euros | 2023 | 2024 | 2025"
_FARES = "| Passenger fares | 6,718 | 7,044 | 7,310 |"


def _asked(question: str, row: str, header: str, read: str) -> str:
    start = row.index(read)
    left, right = asked_cell(question, row, header, (start, start + len(read)))
    return row[left:right]


@pytest.mark.parametrize(("year", "cell"), [("2023", "6,718"), ("2024", "7,044"), ("2025", "7,310")])
def test_the_year_asked_for_is_marked(year: str, cell: str) -> None:
    assert _asked(f"What were passenger fares in {year}?", _FARES, _YEARS, "6,718") == cell


def test_several_cells_become_the_one_asked_for() -> None:
    row = "Sula | 18,940 | 70"
    assert _asked("Sea miles of the Sula", row, "Vessel | Sea miles | Docking cost", "18,940 | 70") == "18,940"


@pytest.mark.parametrize("first", ["", "Service"])
def test_words_that_all_columns_share_name_none(first: str) -> None:
    row, header = "Repair | 40 euros | 55 euros", f"{first} | Old price | New price"
    assert _asked("What is the price of a repair?", row, header, "40 euros") == "40 euros"
    assert _asked("What is the new price of a repair?", row, header, "40 euros") == "55 euros"


def test_small_words_name_no_column() -> None:
    row, header = "Double | 40 | 12 %", "Room | Rate | Share of the guests"
    assert _asked("What is the price of the double?", row, header, "40") == "40"


def test_the_longer_of_two_names_counts() -> None:
    assert _asked("How much is the late fee for books?", "Books | 2 | 5", "Item | Fee | Late fee", "2") == "5"


def test_an_empty_cell_is_not_answered_by_its_neighbour() -> None:
    assert _asked("How many beds has North?", "North | – | 35", "Hut | Beds | Bed price", "35") == "35"


@pytest.mark.parametrize(
    ("question", "row", "header"),
    [
        ("Which vessel covered the most sea miles?", "Sula | 18,940 | 70", "Vessel | Sea miles | Docking cost"),
        ("Who earns the highest salary?", "Anna Berg | 50,000 | 3", "Name | Salary | Years"),
        ("In which year was revenue highest?", "2023 | 7,044 | 12", "Year | Revenue | Staff"),
    ],
)
def test_who_asks_for_the_row_gets_its_first_cell(question: str, row: str, header: str) -> None:
    first = row.split(" | ")[0]
    assert _asked(question, row, header, first) == first


def test_a_question_that_names_two_columns_alike_leaves_what_was_read() -> None:
    row = "Lund | 12 | 19"
    assert _asked("Staff in 2023 and 2024 in Lund", row, "Office | 2023 | 2024", "19") == "19"


def test_a_cell_that_the_question_gives_is_not_its_answer() -> None:
    row = "Grade B | 131 | sealing"
    header = "Grade | Melts at (°C) | Used for sealing"
    assert _asked("What is sealing done with that melts at what temperature?", row, header, "131") == "131"


def test_the_first_cell_says_what_the_row_is_about() -> None:
    row = "North | 4 | 9"
    assert _asked("How many huts has the northern region?", row, "Region | Huts | Beds", "9") == "4"


@pytest.mark.parametrize("header", ["", "One | Two", "A | B | C | D", f"{'x' * 296} | Huts | Beds"])
def test_names_that_do_not_tally_leave_what_was_read(header: str) -> None:
    assert _asked("How many huts has North?", "North | 4 | 9", header, "9") == "9"


def test_an_escaped_bar_is_part_of_its_cell() -> None:
    row = "| a \\| b | c |"
    assert [row[start:end] for start, end in cells(row)] == ["a \\| b", "c"]


def test_an_empty_cell_at_the_end_counts() -> None:
    assert len(cells("Kessel | 33.10 | |")) == 3
    assert len(cells("| Kessel | 33.10 | |")) == 3
    assert len(cells("Kessel | 33.10 |  | 7")) == 4


@given(st.text(alphabet="a|\\ 1\n", max_size=30), st.text(max_size=20), st.text(alphabet="a| 1", max_size=20))
def test_what_is_marked_lies_in_the_row(row: str, question: str, header: str) -> None:
    start, end = asked_cell(question, row, header, (0, len(row)))
    assert 0 <= start <= end <= len(row)
    assert all(0 <= left <= right <= len(row) for left, right in cells(row))
