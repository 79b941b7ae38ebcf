"""PDF files as a user has them."""

import io

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from index.errors import LoadError

from .samples import Load, labels, pdf_bytes, texts

LINES = [
    (72, 700 - 14 * place, 11, f"Line {place} goes on from side to side of the page until it") for place in range(4)
]


def _row(bottom: float, *cells: str) -> list[tuple[float, float, float, str]]:
    lefts = (72, 300, 360, 420, 480)
    return [(left, bottom, 10, cell) for left, cell in zip(lefts, cells, strict=False) if cell]


def _lines_of(word: str) -> list[tuple[float, float, float, str]]:
    return [(left, bottom, size, f"{word} {text}") for left, bottom, size, text in LINES]


def test_pages_are_labelled_and_paragraphs_joined(load_bytes: Load) -> None:
    pages = [LINES, [(72, 700, 11, "Second page.")]]
    document = load_bytes("a.pdf", pdf_bytes(pages))
    assert labels(document, "page") == ["1", "2"]
    assert texts(document, "paragraph")[0] == " ".join(line[3] for line in LINES)
    assert texts(document, "page")[1] == "Second page."


def test_larger_text_is_a_heading_with_a_section(load_bytes: Load) -> None:
    document = load_bytes("a.pdf", pdf_bytes([[(72, 740, 18, "Warranty"), *LINES]]))
    assert texts(document, "heading") == ["Warranty"]
    assert labels(document, "section") == ["Warranty"]
    assert document.title == "Warranty"


def test_table_rows_stay_together(load_bytes: Load) -> None:
    cells = (("", "2022", "2021"), ("Net sales", "$ 82,959", "$ 81,434"), ("Gross margin", "35,885", "35,255"))
    drawn = [
        (left, 600 - 16 * row, 10, value)
        for row, values in enumerate(cells)
        for left, value in zip((72, 300, 400), values, strict=True)
        if value
    ]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *drawn]]))
    assert "Net sales | $ 82,959 | $ 81,434" in texts(document, "row")
    assert labels(document, "table") == [" | 2022 | 2021"]  # the rows' own name is empty


def test_a_name_over_several_columns_goes_before_the_first_of_them(load_bytes: Load) -> None:
    table = [
        (310, 620, 10, "Three months ended"),
        (430, 620, 10, "Nine months ended"),
        *[(left, 605, 10, name) for left, name in zip((300, 360, 420, 480), ("2023", "2022") * 2, strict=True)],
        (72, 590, 10, "Operating expenses:"),
        *_row(575, "Research", "7,442", "6,797", "22,608", "19,490"),
        *_row(560, "Selling", "5,973", "6,012", "18,781", "18,654"),
    ]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert labels(document, "table") == [" | Three months ended 2023 | 2022 | Nine months ended 2023 | 2022"]
    assert texts(document, "row")[0] == "Operating expenses:"


def test_the_unit_before_the_columns_names_is_none_of_them(load_bytes: Load) -> None:
    table = [
        *_row(620, "(In millions)", "2023", "2022"),
        *_row(605, "Research", "7,442", "6,797"),
        *_row(590, "(In millions)", "Assets", "Liabilities"),
        *_row(575, "Swaps", "27", "643"),
        *_row(560, "Options", "(4)", "12"),
    ]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert labels(document, "table") == ["(In millions) | 2023 | 2022", "(In millions) | Assets | Liabilities"]
    assert texts(document, "row") == ["Research | 7,442 | 6,797", "Swaps | 27 | 643", "Options | (4) | 12"]


def test_no_row_of_a_table_without_amounts_is_taken_for_its_header(load_bytes: Load) -> None:
    table = [*_row(620, "Chair", "Ann Bell"), *_row(605, "Secretary", "Joel Tran"), *_row(590, "Treasurer", "Ida Orm")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert texts(document, "row") == ["Chair | Ann Bell", "Secretary | Joel Tran", "Treasurer | Ida Orm"]


def test_a_row_without_amounts_below_the_header_is_none_of_it(load_bytes: Load) -> None:
    table = [*_row(620, "Name", "Role", "Since"), *_row(605, "Ann", "Chair", "–"), *_row(590, "Bo", "Clerk", "12 May")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table, *_row(575, "Ida", "Cook", "7,500")]]))
    assert labels(document, "table") == ["Name | Role | Since"]
    assert "Ann | Chair | –" in texts(document, "row")


@pytest.mark.parametrize(
    "rows",
    [
        (("Customer", "Acme Ltd"), ("Contract value", "EUR 5,000"), ("Notice period", "90 days")),
        (("Effective date", "1 January 2024"), ("Expiry date", "31 December 2026"), ("Notice period", "90 days")),
        (("Milestone", "Date", "Budget"), ("Kick-off", "12 May", "none"), ("Launch", "5 July", "40,000")),
    ],
)
def test_no_row_is_lost_to_a_header_that_is_none(load_bytes: Load, rows: tuple[tuple[str, ...], ...]) -> None:
    table = [item for place, cells in enumerate(rows) for item in _row(620 - 15 * place, *cells)]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert texts(document, "row") == [" | ".join(cells) for cells in rows]
    assert all(name not in label for label in labels(document, "table") for name in ("Acme", "date", "Kick"))


@pytest.mark.parametrize(
    ("above", "label"),
    [
        (("Year ended", "Percent"), "Segment | 2023 | 2022 | change"),  # over two and over one
        (("Books", "Maps"), "Segment | 2023 | 2022 | change"),
    ],
)
def test_a_name_goes_before_no_column_that_it_may_not_stand_over(
    load_bytes: Load, above: tuple[str, str], label: str
) -> None:
    table = [(300, 635, 10, above[0]), (420, 635, 10, above[1]), *_row(620, "Segment", "2023", "2022", "change")]
    body = [*_row(605, "Hats", "7", "9", "-22"), *_row(590, "Caps", "3", "4", "-25")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table, *body]]))
    assert labels(document, "table") == [label]


def test_a_line_above_a_table_that_names_no_columns_stays_what_it_is(load_bytes: Load) -> None:
    table = [*_row(600, "Item", "Qty", "Price"), *_row(585, "Pump", "2", "90.00"), *_row(570, "Hose", "1", "12.50")]
    above = [(400, 615, 10, "Invoice date: 3 May 2024"), (360, 660, 10, "We thank you for your order and hope")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *above, *table]]))
    assert labels(document, "table") == ["Item | Qty | Price"]
    assert "Invoice date: 3 May 2024" in texts(document, "paragraph")
    heading = [(72, 615, 14, "Technical data:")]
    assert labels(load_bytes("a.pdf", pdf_bytes([[*LINES, *heading, *table]])), "section") == ["Technical data:"]


def test_a_table_right_below_another_has_its_own_header(load_bytes: Load) -> None:
    def table(bottom: float, name: str) -> list[tuple[float, float, float, str]]:
        over = [(310, bottom, 10, "Three months ended"), (430, bottom, 10, "Nine months ended")]
        return [*over, *_row(bottom - 15, "", *("2023", "2022") * 2), *_row(bottom - 30, name, "7", "6", "22", "19")]

    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table(620, "Books"), *table(575, "Maps")]]))
    assert labels(document, "table") == [" | Three months ended 2023 | 2022 | Nine months ended 2023 | 2022"] * 2
    assert texts(document, "row") == ["Books | 7 | 6 | 22 | 19", "Maps | 7 | 6 | 22 | 19"]


def test_an_item_in_capitals_is_no_heading(load_bytes: Load) -> None:
    items = [(72, 620 - 15 * place, 10, f"\u2022 {name}") for place, name in enumerate(("INTEGER;", "SET OF;", "ANY."))]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *items]]))
    assert texts(document, "item") == ["\u2022 INTEGER;", "\u2022 SET OF;", "\u2022 ANY."]
    assert labels(document, "section") == []


def test_a_unit_alone_names_no_columns(load_bytes: Load) -> None:
    table = [(400, 620, 10, "(In millions)"), *_row(605, "Hats", "7", "9"), *_row(590, "Caps", "3", "4")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert texts(document, "row") == ["Hats | 7 | 9", "Caps | 3 | 4"]
    assert labels(document, "table") in ([], [""])


def test_a_ruled_row_begins_no_table(load_bytes: Load) -> None:
    table = [*_row(620, "Segment", "2023", "2022"), *_row(605, "Hats", "7", "9"), *_row(590, "", "_____", "_____")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table, *_row(575, "All", "8", "11")]]))
    assert labels(document, "table") == ["Segment | 2023 | 2022"]


def test_a_line_over_some_columns_is_no_heading(load_bytes: Load) -> None:
    table = [(310, 600, 14, "Year ended June"), *_row(584, "", "2023", "2022"), *_row(568, "Net sales", "12", "11")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert labels(document, "section") == []
    assert labels(document, "table") == [" | Year ended June 2023 | 2022"]


def test_a_larger_sign_at_a_lines_end_makes_no_heading(load_bytes: Load) -> None:
    ticked = [(72, 500, 10, "the standards provided pursuant to the Act."), (266, 500, 15, "\u2022")]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *ticked]]))
    assert "the standards provided pursuant to the Act. \u2022" in document.text
    assert labels(document, "section") == []


def test_the_largest_lines_of_the_first_page_are_the_title(load_bytes: Load) -> None:
    cover = [(72, 780, 14, "COMMISSION FOR SECURITIES"), (72, 740, 20, "Apple Inc."), *LINES]
    assert load_bytes("a.pdf", pdf_bytes([cover])).title == "Apple Inc."


def test_a_chapters_running_title_is_read_once(load_bytes: Load) -> None:
    pages = [
        [
            (72, 800, 14, "Notes to the accounts" if 2 <= page < 6 else f"Part {letter}"),
            (72, 780, 10, "Allergies: none" if 2 <= page < 6 else f"Of {letter}"),
            *_lines_of(letter),
            (72, 600, 10, f"{letter} ends with this"),
        ]
        for page, letter in enumerate("ABCDEFGHIJKLMNOP")
    ]
    document = load_bytes("a.pdf", pdf_bytes(pages))
    assert labels(document, "section").count("Notes to the accounts") == 1
    assert document.text.count("Allergies: none") == 4, "it may tell of its page"
    assert all(f"{letter} Line 3" in document.text for letter in "ABCDEFGHIJKLMNOP")


def test_running_headers_are_read_once_and_page_numbers_never(load_bytes: Load) -> None:
    pages = [
        [
            (72, 800, 9, "ACME annual report"),
            *[(x, y, s, f"{word} {t}") for x, y, s, t in LINES],
            (300, 30, 9, f"Page {page}"),
        ]
        for page, word in enumerate(("One", "Two", "Three", "Four", "Five", "Six"), start=1)
    ]
    text = load_bytes("a.pdf", pdf_bytes(pages)).text
    assert text.count("ACME annual report") == 1
    assert "Page" not in text
    assert "Six Line 3" in text


def test_a_footer_is_read_once_whichever_of_its_numbers_counts(load_bytes: Load) -> None:
    pages = [
        [*_lines_of(word), (72, 30, 9, "© 2025 Example Ltd"), (480, 30, 9, f"Page {page} of 6")]
        for page, word in enumerate(("One", "Two", "Three", "Four", "Five", "Six"), start=1)
    ]
    text = load_bytes("a.pdf", pdf_bytes(pages)).text
    assert text.count("Example") == text.count("© 2025 Example Ltd | Page 1 of 6") == 1
    assert "Six Line 3" in text


_CODES = [
    (72, 640, 10, "Code"), (160, 640, 10, "Meaning"), (330, 640, 10, "What to do"),
    (72, 622, 10, "E-42"), (160, 622, 10, "The monthly check with the zero"),
    (160, 610, 10, "filter has failed"),
    (330, 622, 10, "Wait for ten minutes and check it again. After"),
    (330, 610, 10, "three failures return it for service."),
    (72, 590, 10, "E-43"), (160, 590, 10, "Clock lost"), (320, 590, 10, "Set the clock."),
]  # fmt: skip
"""A table as most programs write it: cell by cell, each with all its lines."""
_BY_LINES = sorted(_CODES, key=lambda drawn: (-drawn[1], drawn[0]))
"""The same, line by line over all cells."""


@pytest.mark.parametrize("drawn", [_CODES, _BY_LINES], ids=["by cells", "by lines"])
def test_a_cell_keeps_all_its_lines(load_bytes: Load, drawn: list[tuple[float, float, float, str]]) -> None:
    rows = texts(load_bytes("a.pdf", pdf_bytes([[*LINES, *drawn]])), "row")
    whole = "Wait for ten minutes and check it again. After three failures return it for service."
    assert f"E-42 | The monthly check with the zero filter has failed | {whole}" in rows
    assert "E-43 | Clock lost | Set the clock." in rows


def test_cells_may_begin_with_one_of_several_lines(load_bytes: Load) -> None:
    drawn = [
        *_CODES[:3],
        (72, 622, 10, "E-42 on the"), (72, 610, 10, "filter side"),
        *_CODES[4:],
    ]  # fmt: skip
    rows = texts(load_bytes("a.pdf", pdf_bytes([[*LINES, *drawn]])), "row")
    assert rows[-2].startswith("E-42 on the filter side | The monthly check with the zero filter has failed | Wait")
    assert rows[-2].endswith("return it for service.")


def test_a_row_without_a_name_is_a_row_of_its_own(load_bytes: Load) -> None:
    rows = [("X200", "24 months", "49 EUR"), ("", "36 months", "59 EUR"), ("X300", "24 months", "89 EUR")]
    drawn = [
        (left, 620 - 14 * number, 10, cell)
        for number, row in enumerate(rows)
        for left, cell in zip((72, 130, 205), row, strict=True)
        if cell
    ]
    assert texts(load_bytes("a.pdf", pdf_bytes([drawn])), "row") == [
        "X200 | 24 months | 49 EUR", "36 months | 59 EUR", "X300 | 24 months | 89 EUR"
    ]  # fmt: skip


def test_what_stands_higher_is_no_cell_of_a_row(load_bytes: Load) -> None:
    text = load_bytes("a.pdf", pdf_bytes([[*_CODES[:8], (480, 810, 10, "Safety manual"), *_CODES[8:]]])).text
    assert "service. | Safety manual" not in text
    assert "return it for service." in text


def test_a_broken_word_in_a_cell_keeps_its_hyphen_and_no_space(load_bytes: Load) -> None:
    drawn = [
        *_CODES[:3], *_CODES[8:],
        (72, 570, 10, "E-44"), (160, 570, 10, "Noise"), (330, 570, 10, "Mount the third-"),
        (330, 558, 10, "party damper below"),
    ]  # fmt: skip
    assert "E-44 | Noise | Mount the third-party damper below" in texts(load_bytes("a.pdf", pdf_bytes([drawn])), "row")


def test_numbers_below_each_other_are_rows(load_bytes: Load) -> None:
    drawn = [
        (left, 620 - 12 * number, 10, cell)
        for number, row in enumerate(
            (("North", "12,030", "closed again"), ("", "22,480", "open"), ("South", "7", "open"))
        )
        for left, cell in zip((72, 160, 215), row, strict=True)
        if cell
    ]
    rows = texts(load_bytes("a.pdf", pdf_bytes([drawn])), "row")
    assert rows == ["North | 12,030 | closed again", "22,480 | open", "South | 7 | open"]


def test_lines_of_a_numbered_item_stay_a_paragraph(load_bytes: Load) -> None:
    drawn = [
        (72, 620, 10, "3.1"),
        (110, 620, 10, "Amended certificate of incorporation of the old company, as it was on that day filed with the"),
    ]
    drawn += [(110, 608, 10, "register of companies of the county on the ninth of May.")]
    said = texts(load_bytes("a.pdf", pdf_bytes([[*LINES, *drawn]])), "paragraph")
    assert any("filed with the register of companies" in text for text in said)


def test_numbers_that_end_where_others_do_are_cells(load_bytes: Load) -> None:
    def right(edge: float, bottom: float, text: str) -> tuple[float, float, float, str]:
        return edge - stringWidth(text, "Helvetica", 10), bottom, 10, text

    drawn = [
        drawn
        for number, row in enumerate(
            (("Notes", "120", "95", "7"), ("Loans", "8", "110", "9"), ("Bonds", "33,886", "26,495", "5"))
        )
        for drawn in [
            (72, 620 - 16 * number, 10, row[0]),
            *(right(edge, 620 - 16 * number, cell) for edge, cell in zip((240, 280, 330), row[1:], strict=True)),
        ]
    ]
    assert "Bonds | 33,886 | 26,495 | 5" in texts(load_bytes("a.pdf", pdf_bytes([drawn])), "row")


def test_justified_text_has_no_columns(load_bytes: Load) -> None:
    table = [(left, 500 - 16 * row, 10, f"cell {row}") for row in range(4) for left in (72, 150, 230, 320)]
    words = [(72, "revenue"), (119, "by"), (141, "each"), (175, "of"), (195, "the"), (221, "many"), (256, "markets")]
    text = load_bytes("a.pdf", pdf_bytes([[(left, 600, 10, word) for left, word in words] + table])).text
    assert "revenue by each of the many markets" in text


def test_text_of_no_height_does_no_harm(load_bytes: Load) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.drawString(72, 700, "It is all here.")
    hidden = canvas.beginText()
    hidden.setTextTransform(1, 0, 0, 0, 72, 500)
    hidden.textOut("hidden text of no height")
    canvas.drawText(hidden)
    canvas.save()
    assert load_bytes("a.pdf", buffer.getvalue()).text == "It is all here."


def test_headers_that_count_something_else_than_pages_are_kept(load_bytes: Load) -> None:
    pages = [
        [
            (72, 800, 9, f"Invoice 2025-{100 + page} of 15 March 2025"),
            (72, 770, 9, f"Week of 3 May 2025: Day {page} of 5 starts at 9:00"),
            *_lines_of(word),
        ]
        for page, word in enumerate(("One", "Two", "Three", "Four", "Five"), start=1)
    ]
    text = load_bytes("a.pdf", pdf_bytes(pages)).text
    assert "2025-104" in text
    assert "Day 4 of 5" in text


def test_chapters_that_begin_on_pages_in_a_row_keep_their_headings(load_bytes: Load) -> None:
    pages = [
        [*_lines_of(word), (72, 560 - 40 * number, 14, f"{number + 3} Chapter called {word}")]
        for number, word in enumerate(("One", "Two", "Three", "Four"))
    ]
    document = load_bytes("a.pdf", pdf_bytes(pages))
    assert texts(document, "heading") == [
        f"{n + 3} Chapter called {w}" for n, w in enumerate(("One", "Two", "Three", "Four"))
    ]


def test_the_name_of_a_chapter_beside_the_page_number_is_dropped(load_bytes: Load) -> None:
    pages = [
        [(72, 800, 9, f"{page} {'The first chapter' if page < 3 else 'Another chapter'}"), *_lines_of(word)]
        for page, word in enumerate(("One", "Two", "Three", "Four"), start=1)
    ]
    text = load_bytes("a.pdf", pdf_bytes(pages)).text
    assert "chapter" not in text


def test_text_beside_tables_in_small_print_is_no_heading(load_bytes: Load) -> None:
    table = [(left, 600 - 12 * row, 8, f"cell {row} of the table") for row in range(30) for left in (72, 200, 330)]
    document = load_bytes("a.pdf", pdf_bytes([[*LINES, *table]]))
    assert texts(document, "heading") == []
    assert len(texts(document, "paragraph")) == 1


def _sites(lefts: tuple[float, ...]) -> list[tuple[float, float, float, str]]:
    rows = (
        ("Site", "2025", "Main tasks"),
        ("Graz", "64", "Optics"), ("Columbus", "37", "Sales"), ("Osaka", "18", "Service"),
    )  # fmt: skip
    return [
        (left, 620 - 16 * number, 10, cell)
        for number, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
    ]


def test_a_narrow_gap_separates_cells_where_a_column_starts(load_bytes: Load) -> None:
    columns = load_bytes("a.pdf", pdf_bytes([[*LINES, *_sites((72, 200, 222))]]))
    assert texts(columns, "row")[-1] == "Osaka | 18 | Service"
    lines = [(72, 600, 10, "Osaka has"), (200, 600, 10, "18 people"), (253, 600, 10, "in service")]
    no_column = load_bytes("a.pdf", pdf_bytes([[*LINES, *lines]]))
    assert "18 people in service" in no_column.text


def test_a_cell_below_another_with_room_to_spare_is_none_of_its_lines(load_bytes: Load) -> None:
    drawn = [
        *((left, 640, 10, text) for left, text in ((72, "Region"), (200, "Kind"), (320, "Remark on it, and why"))),
        *((left, 626, 10, text) for left, text in ((72, "North"), (200, "Coal"), (320, "Closed"))),
        *((left, 612, 10, text) for left, text in ((200, "Iron"), (320, "Open"))),
    ]
    rows = texts(load_bytes("a.pdf", pdf_bytes([[*LINES, *drawn]])), "row")
    assert "North | Coal | Closed" in rows
    assert "Iron | Open" in rows


def test_table_rows_at_the_page_edge_are_no_page_numbers(load_bytes: Load) -> None:
    pages = [[(72, 700 - 14 * row, 10, f"Item {page * 31 + row * 7}") for row in range(3)] for page in range(6)]
    assert load_bytes("a.pdf", pdf_bytes(pages)).text.count("Item") == 18


@pytest.mark.parametrize(("other", "joined"), [("information", "the information here"), ("", "the infor-mation here")])
def test_hyphenated_word_is_joined_only_if_known(load_bytes: Load, other: str, joined: str) -> None:
    lines = [(72, 700, 11, "A long line which says and breaks the infor-"), (72, 686, 11, f"mation here. {other}")]
    assert joined in load_bytes("a.pdf", pdf_bytes([lines])).text


def test_bullets_are_items(load_bytes: Load) -> None:
    lines = [(72, 700, 11, "• Keep the receipt"), (72, 686, 11, "• Call us first"), (72, 672, 11, "• Send it back")]
    assert len(texts(load_bytes("a.pdf", pdf_bytes([lines])), "item")) == 3


def test_scanned_pages_are_reported(load_bytes: Load) -> None:
    document = load_bytes("a.pdf", pdf_bytes([LINES, [], LINES, []]))
    assert document.notices == ("2 of 4 pages hold no text; they look scanned",)
    assert labels(document, "page") == ["1", "3"]


def test_all_pages_scanned_asks_for_recognition(load_bytes: Load) -> None:
    with pytest.raises(LoadError, match=r"a\.pdf: none of its 2 pages holds text.*OCR"):
        load_bytes("a.pdf", pdf_bytes([[], []]))


def test_password_is_named(load_bytes: Load) -> None:
    data = pdf_bytes([LINES], encrypt=StandardEncryption("secret", canPrint=0))
    with pytest.raises(LoadError, match=r"a\.pdf: is protected by a password"):
        load_bytes("a.pdf", data)


@pytest.mark.parametrize(
    ("title", "expected"), [("User guide", "User guide"), ("Microsoft Word - x.doc", "a"), ("", "a")]
)
def test_title_comes_from_metadata_if_it_is_one(load_bytes: Load, title: str, expected: str) -> None:
    assert load_bytes("a.pdf", pdf_bytes([LINES], title)).title == expected
