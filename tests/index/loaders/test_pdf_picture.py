"""A page as a picture: boxes lie over exactly the quoted words, however the loader put the text together."""

import io
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from index.load import load
from index.loaders.pdf import page_picture
from index.loaders.pdf_places import Box, find_on_page, lines_of
from index.types import Document

from .samples import pdf_bytes

WIDTH, HEIGHT = 595.27, 841.89
"""Points of an A4 page, which is what is drawn on."""


def boxes_of(data: bytes, quote: str, tmp_path: Path, *, page: int = 1) -> tuple[Box, ...]:
    """Load a file, find a quote in its text, and ask for its boxes."""
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    document = load(path, "a.pdf")
    stored, start = page_text(document, page)
    place = stored.index(quote)
    picture = page_picture(data, page, stored, (place, place + len(quote)))
    assert picture is not None
    assert picture.png.startswith(b"\x89PNG")
    assert start >= 0
    return picture.boxes


def page_text(document: Document, page: int) -> tuple[str, int]:
    span = next(span for span in document.spans if span.kind == "page" and span.label == str(page))
    return document.text[span.start : span.end], span.start


def expect(box: Box, left: float, baseline: float, text: str, size: float, font: str = "Helvetica") -> None:
    """A box over ``text`` drawn at a place, to a point or two; taller than its letters, lower than two lines."""
    assert box.left * WIDTH == pytest.approx(left, abs=1.5)
    assert (box.left + box.width) * WIDTH == pytest.approx(left + stringWidth(text, font, size), abs=1.5)
    top, bottom = HEIGHT - box.top * HEIGHT, HEIGHT - (box.top + box.height) * HEIGHT
    assert bottom <= baseline + 0.5
    assert top >= baseline + 0.6 * size
    assert top - bottom < 1.6 * size


def test_words_within_a_line(tmp_path: Path) -> None:
    line = "The warranty lasts 24 months from delivery."
    (box,) = boxes_of(pdf_bytes([[(72, 700, 11, line)]]), "24 months", tmp_path)
    expect(box, 72 + stringWidth("The warranty lasts ", "Helvetica", 11), 700, "24 months", 11)


def test_sentence_over_two_lines_and_only_the_right_one_of_two_alike(tmp_path: Path) -> None:
    lines = [
        (72, 700, 11, "It is blue and stays as blue as it was on the first of all its days. It is"),
        (72, 686, 11, "blue. It is red and it was bought by the people who like the red more than the"),
        (72, 672, 11, "blue."),
    ]
    first, second = boxes_of(pdf_bytes([lines]), "It is blue. It is red", tmp_path)
    shift = stringWidth(lines[0][3].removesuffix("It is"), "Helvetica", 11)
    expect(first, 72 + shift, 700, "It is", 11)
    expect(second, 72, 686, "blue. It is red", 11)


def test_broken_word_is_marked_in_both_halves(tmp_path: Path) -> None:
    lines = [
        (72, 700, 11, "A long line which says and breaks the infor-"),
        (72, 686, 11, "mation here. The information is what we want."),
    ]
    first, second = boxes_of(pdf_bytes([lines]), "the information here.", tmp_path)
    expect(
        first, 72 + stringWidth("A long line which says and breaks ", "Helvetica", 11), 700, "the infor", 11
    )  # the hyphen is no part of the quote
    expect(second, 72, 686, "mation here.", 11)


def test_row_of_a_table_is_marked_cell_by_cell(tmp_path: Path) -> None:
    rows = (("", "2022", "2021"), ("Net sales", "82,959", "81,434"), ("Gross margin", "35,885", "35,255"))
    drawn = [
        (left, 600 - 16 * row, 10, value)
        for row, values in enumerate(rows)
        for left, value in zip((72, 300, 400), values, strict=True)
        if value
    ]
    boxes = boxes_of(pdf_bytes([drawn]), "Gross margin | 35,885 | 35,255", tmp_path)
    for box, left, text in zip(boxes, (72, 300, 400), ("Gross margin", "35,885", "35,255"), strict=True):
        expect(box, left, 568, text, 10)


@pytest.mark.parametrize("by_lines", [False, True])
def test_cells_of_several_lines_are_marked_line_by_line(tmp_path: Path, *, by_lines: bool) -> None:
    cells = [
        (72, 622, 10, "E-42"), (160, 622, 10, "The monthly check with the zero"),
        (160, 610, 10, "filter has failed"),
        (330, 622, 10, "Wait for ten minutes and check it again. After"),
        (330, 610, 10, "three failures return it for service."),
    ]  # fmt: skip
    drawn = [(72, 640, 10, "Code"), (160, 640, 10, "Meaning"), (330, 640, 10, "What to do"), *cells]
    if by_lines:
        drawn.sort(key=lambda item: (-item[1], item[0]))
    quote = f"E-42 | {cells[1][3]} {cells[2][3]} | {cells[3][3]} {cells[4][3]}"
    boxes = boxes_of(pdf_bytes([drawn]), quote, tmp_path)
    assert len(boxes) == len(cells)
    for left, baseline, size, text in cells:
        box = min(boxes, key=lambda box: abs(box.left * WIDTH - left) + abs((1 - box.top) * HEIGHT - baseline - size))
        expect(box, left, baseline, text, size)


def test_a_broken_word_is_not_looked_for_in_a_header(tmp_path: Path) -> None:
    pages = [
        [
            (72, 800, 9, "Annual report of the committee"),
            (72, 700, 11, f"Part {word} of it was written by the people of the whole commit-"),
            (72, 686, 11, f"tee for pumps {word}."),
        ]
        for word in ("one", "two", "three", "four")
    ]
    first, second = boxes_of(pdf_bytes(pages), "committee for pumps two.", tmp_path, page=2)
    assert first.top * HEIGHT > 100
    expect(second, 72, 686, "tee for pumps two.", 11)


def test_running_lines_that_were_dropped_do_no_harm(tmp_path: Path) -> None:
    pages = [
        [(72, 800, 9, "ACME annual report"), (72, 700, 11, f"Fact {word} is here."), (300, 30, 9, f"Page {page}")]
        for page, word in enumerate(("one", "two", "three", "four"), start=1)
    ]
    (box,) = boxes_of(pdf_bytes(pages), "Fact three is here.", tmp_path, page=3)
    expect(box, 72, 700, "Fact three is here.", 11)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_turned_pages(tmp_path: Path, rotation: int) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setPageRotation(rotation)
    canvas.setFont("Helvetica", 11)
    canvas.drawString(172, 300, "The warranty lasts 24 months from delivery.")
    canvas.save()
    boxes = boxes_of(buffer.getvalue(), "24 months", tmp_path)
    x = 172 + stringWidth("The warranty lasts ", "Helvetica", 11) + stringWidth("24 months", "Helvetica", 11) / 2
    y = 303.0
    across = sum(box.left + box.width / 2 for box in boxes) / len(boxes)
    down = sum(box.top + box.height / 2 for box in boxes) / len(boxes)
    seen = {  # reportlab swaps the sides of a page that lies on its side
        90: (y / WIDTH, x / HEIGHT),
        180: (1 - x / WIDTH, y / HEIGHT),
        270: (1 - y / WIDTH, 1 - x / HEIGHT),
    }[rotation]
    assert (across, down) == pytest.approx(seen, abs=0.01)


def test_cropped_page(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setCropBox((50, 400, 350, 800))
    canvas.setFont("Helvetica", 11)
    canvas.drawString(72, 700, "The warranty lasts 24 months.")
    canvas.save()
    (box,) = boxes_of(buffer.getvalue(), "24 months", tmp_path)
    left = 72 + stringWidth("The warranty lasts ", "Helvetica", 11)
    assert 50 + box.left * 300 == pytest.approx(left, abs=1.5)
    assert 800 - (box.top + box.height) * 400 <= 700 <= 800 - box.top * 400


def test_another_text_is_not_marked() -> None:
    assert find_on_page("The pump needs 12 V.", 4, 20, list("Nothing of the kind stands here.")) == []
    data = pdf_bytes([[(72, 700, 11, "Nothing of the kind stands here.")]])
    picture = page_picture(data, 1, "The pump needs 12 V.", (4, 20))
    assert picture is not None
    assert picture.boxes == ()


def test_what_is_no_page_has_no_picture() -> None:
    data = pdf_bytes([[(72, 700, 11, "One page.")]])
    assert page_picture(data, 2, "", None) is None
    assert page_picture(b"not a PDF", 1, "", None) is None
    picture = page_picture(data, 1, "One page.", None, width=400)
    assert picture is not None
    assert (picture.width, picture.boxes) == (400, ())


def test_letters_of_one_line_are_one_box() -> None:
    letters = [(10.0, 0.0, 15.0, 10.0), (15.5, 0.0, 20.0, 10.0), (60.0, 0.0, 65.0, 10.0), (10.0, 14.0, 15.0, 24.0)]
    assert lines_of(letters) == [(10.0, 0.0, 20.0, 10.0), (60.0, 0.0, 65.0, 10.0), (10.0, 14.0, 15.0, 24.0)]
