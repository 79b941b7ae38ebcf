"""Numbers, dates, names and negations are read however they are spelled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.facts import facts, opposites


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,500 km", 1500, "kilometre"), ("1\u202f500 kilometres", 1500, "kilometre"),
        ("6.2 million dollars", 6.2e6, "dollar"),
        ("$6.2 million", 6.2e6, ""), ("EUR 2,490", 2490, "euro"), ("twenty-five days", 25, "day"),
        ("36 %", 36, "percent"),
        ("36 per cent", 36, "percent"), ("-5 °C", -5, "celsius"), ("5,5 kg", 5.5, "kilogram"), ("16h", 16, "hour"),
        ("two hundred soldiers", 200, ""), ("the third time", 3, ""), ("5 in every ten", 5, ""),
        ("30-day limit", 30, "day"),
    ],
)  # fmt: skip
def test_numbers(text: str, value: float, unit: str) -> None:
    number = facts(text).numbers[0]
    assert number.value == pytest.approx(value)
    assert number.unit == unit or (text.startswith("$") and number.unit == "dollar")


def test_a_figure_ends_where_its_thousands_are_grouped_otherwise() -> None:
    row = "23,000 -- 1,465,238 111 1949"  # of a table without borders
    assert [number.value for number in facts(row).numbers] == [23_000, 1_465_238, 111, 1949]


@given(st.text(alphabet="0123456789.,-−$€% \u00a0\u202fk٣½²", max_size=30))
def test_no_row_of_figures_is_an_error(text: str) -> None:
    assert all(0 <= number.start < number.end <= len(text) for number in facts(text).numbers)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on 12 March 2026", (2026, 3, 12)), ("on March 12, 2026", (2026, 3, 12)), ("on 2026-03-12", (2026, 3, 12)),
        ("in March 2026", (2026, 3, None)), ("on 12 March", (None, 3, 12)), ("in March", (None, 3, None)),
        ("on the 3rd of May 2026", (2026, 5, 3)), ("Sept. 5, 2020", (2020, 9, 5)),
    ],
)  # fmt: skip
def test_dates(text: str, date: tuple[int | None, int, int | None]) -> None:
    (found,) = facts(text).dates
    assert (found.year, found.month, found.day) == date
    assert not facts(text).numbers, "its figures are no numbers of their own"


def test_codes_are_names_and_no_numbers() -> None:
    found = facts("It showed ERR-4042 on the P40-215.")
    assert [name.stems for name in found.names] == [("err", "4042"), ("p", "40", "215")]
    assert not found.numbers


def test_a_capital_that_opens_a_sentence_proves_nothing() -> None:
    assert [name.opens for name in facts("Support came from Poland.").names] == [True, False]
    assert not facts("However, it may be.").names


@pytest.mark.parametrize("text", ["was not signed", "wasn’t signed", "was never signed", "cannot be signed"])
def test_what_is_negated(text: str) -> None:
    assert facts(f"It {text}.").negated == {"sign"}


@pytest.mark.parametrize("text", ["not only signed", "No. 5 signed", "notes signed"])
def test_what_only_looks_negated(text: str) -> None:
    assert not facts(f"It was {text}.").negated


def test_opposites_go_both_ways() -> None:
    assert "fell" in opposites("rose")
    assert "rose" in opposites("fell")
    assert not opposites("table")
