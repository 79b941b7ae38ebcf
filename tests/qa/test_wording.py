"""Quotes read well; nothing but presentation is changed."""

import pytest

from qa.wording import place_in, readable, under_group, under_heading


def test_lines_of_a_quote_become_one() -> None:
    assert readable("Net sales rose\n  by 3 %.", media_type="application/pdf") == "Net sales rose by 3 %."


def test_markdown_signs_go() -> None:
    quote = "**Decision D-26-07:** see [the minutes](minutes.md), use `qa` and *not* 2*3*4."
    assert readable(quote, media_type="text/markdown") == "Decision D-26-07: see the minutes, use qa and not 2*3*4."


def test_signs_in_plain_text_stay() -> None:
    assert readable("a **b** c", media_type="text/plain") == "a **b** c"


def test_cells_get_their_columns_name() -> None:
    row = "| Kessel Cells | 33.10 | |"
    assert readable(row, media_type="text/markdown", table_header="Supplier | Price | Note") == (
        "Supplier: Kessel Cells | Price: 33.10"
    )


def test_a_row_that_does_not_fit_its_header_stays_as_it_is() -> None:
    assert readable("| a | b | c |", media_type="text/markdown", table_header="One") == "a | b | c"


@pytest.mark.parametrize(
    ("row", "header"),
    [
        ("| Pump | 9 | sold out |", "Item | Price"),
        ("| a \\| b | c |", "One | Two | Three"),  # an escaped bar is part of its cell
        ("Books | 7 | 9", " | 2023 | 2022 | 2021"),  # a blank cell: nobody knows which
        ("| a | b |", f"{'x' * 296} | y"),  # may have been cut
    ],
)
def test_a_value_is_never_shown_under_a_column_that_may_be_anothers(row: str, header: str) -> None:
    assert ": " not in readable(row, media_type="text/markdown", table_header=header)


def test_a_short_answer_is_a_value_not_part_of_its_columns_name() -> None:
    text = "Sales | July 1, 2023: 1 | 2022: 2"
    place = place_in(text, "1", share=0.3)
    assert place is not None
    assert text[: place[0]].endswith("2023: ")


def test_a_row_of_a_pdf_shows_its_columns_and_needs_no_name_for_its_own() -> None:
    shown = readable("Basic | $ 1.27 | $ 1.20", media_type="application/pdf", table_header=" | 2023 | 2022")
    assert shown == "Basic | 2023: $ 1.27 | 2022: $ 1.20"
    shown = readable("Basic | $ 1.27", media_type="application/pdf", table_header="(In dollars) | 2023")
    assert shown == "Basic (In dollars) | 2023: $ 1.27"


@pytest.mark.parametrize(
    ("text", "heading", "shown"),
    [
        ("Default: 30", "Settings > http.timeout", "http.timeout – Default: 30"),
        ("Default: 30", None, "Default: 30"),
        ("http.timeout: 30", "Settings > http.timeout", "http.timeout: 30"),
        ("City: Paris | Cap: 220", "Caps > row 3", "City: Paris | Cap: 220"),
        ("The default is 30.", "Settings > http.timeout", "The default is 30."),
        (f"Drinks: {'wine ' * 12}", "Meals", f"Drinks: {'wine ' * 12}"),
    ],
)
def test_a_bare_value_is_shown_with_its_heading(text: str, heading: str | None, shown: str) -> None:
    assert under_heading(text, heading) == shown


@pytest.mark.parametrize(
    ("row", "before", "shown"),
    [
        ("Basic | 1.27", "Net income | 9\nEarnings per share:\n", "Earnings per share: Basic | 1.27"),
        ("Diluted | 1.26", "Earnings per share:\nBasic | 1.27\n", "Earnings per share: Diluted | 1.26"),
        ("Other | 3", "| Sales: | |\n| Books | 7 |\n", "Sales: Other | 3"),
        ("Other | 3", "Sales:\nBooks | 7\nTotal sales | 7\n", "Other | 3"),  # a total ends the group
        ("Other | 3", "Sales:\n\nBooks | 7\n", "Other | 3"),  # of another table
        ("Net income | 9", "Numerator:\n", "Net income | 9"),  # says enough by itself
        ("Basic", "Earnings per share:\n", "Basic"),
    ],
)
def test_a_row_named_by_one_word_comes_after_the_line_that_heads_its_group(row: str, before: str, shown: str) -> None:
    assert under_group(row, before) == shown
