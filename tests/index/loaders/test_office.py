"""Word, PowerPoint and Excel files, e-books and e-mails as a user has them."""

import datetime
import io

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from index.errors import LoadError

from .samples import Load, docx_bytes, email_bytes, epub_members, labels, pptx_bytes, texts, xlsx_bytes, zip_bytes


def test_word_keeps_headings_lists_and_tables_in_order(load_bytes: Load) -> None:
    document = load_bytes("a.docx", docx_bytes())
    assert document.title == "Service manual"
    assert document.metadata["author"] == "Ann Author"
    assert labels(document, "section") == ["Service manual", "Warranty", "Returns"]
    assert texts(document, "item") == ["Keep the receipt", "Call us"]
    assert texts(document, "row") == ["Model: X200 | Warranty: 24 months | Price: 49", "Model: X300 | Price: 59"]
    assert document.text.index("Call us") < document.text.index("X200") < document.text.index("Send it back")


def test_word_leaves_out_hidden_and_deleted_text(load_bytes: Load) -> None:
    word = docx.Document()
    paragraph = word.add_paragraph("Kept. ")
    for tag, text in (("w:del", "deleted "), ("w:ins", "inserted "), ("w:hyperlink", "linked")):
        wrapper = OxmlElement(tag)
        wrapper.append(paragraph.add_run(text)._r)
        paragraph._p.append(wrapper)
    paragraph.add_run(" secret").font.hidden = True
    word.sections[0].header.paragraphs[0].text = "running header"
    word.add_comment(paragraph.runs, text="a comment")
    buffer = io.BytesIO()
    word.save(buffer)
    assert load_bytes("a.docx", buffer.getvalue()).text == "Kept. inserted linked"


def test_word_cell_merged_downwards_is_repeated(load_bytes: Load) -> None:
    word = docx.Document()
    table = word.add_table(3, 3)
    for row, values in enumerate((("Region", "City", "Sales"), ("North", "Kiel", "5"), ("", "Bremen", "7"))):
        for column, value in enumerate(values):
            table.cell(row, column).text = value
    table.cell(1, 0).merge(table.cell(2, 0))
    buffer = io.BytesIO()
    word.save(buffer)
    assert texts(load_bytes("a.docx", buffer.getvalue()), "row")[1] == "Region: North | City: Bremen | Sales: 7"


def test_word_field_codes_are_no_text(load_bytes: Load) -> None:
    word = docx.Document()
    run = word.add_paragraph("See page ").add_run()
    code = OxmlElement("w:instrText")
    code.text = "PAGEREF _x"
    run._r.append(code)
    assert qn("w:instrText") == code.tag
    buffer = io.BytesIO()
    word.save(buffer)
    assert load_bytes("a.docx", buffer.getvalue()).text == "See page"


def test_slides_have_titles_points_tables_and_notes(load_bytes: Load) -> None:
    document = load_bytes("a.pptx", pptx_bytes())
    assert labels(document, "slide") == ["1", "2"]
    assert labels(document, "section") == ["Roadmap", "Prices"]
    assert texts(document, "item") == ["Ship in May", "Hire two people"]
    assert "Notes: Mention the budget." in texts(document, "paragraph")
    assert texts(document, "row") == ["Model: X200 | Price: 49"]
    assert "Secret" not in document.text
    assert document.notices == ("1 hidden slides were left out",)


def test_sheet_rows_carry_their_column_names_and_numbers(load_bytes: Load) -> None:
    rows: list[list[object]] = [
        ["Price list 2024"],
        [],
        ["Model", "Since", "Price", "Share"],
        ["X200", datetime.date(2024, 3, 1), 49.5, 0.25],
        ["X300", datetime.datetime(2024, 3, 2, 8, 30), 59.0, None],
        [],
        ["X400", None, 0.1 + 0.2, None],
    ]
    document = load_bytes("a.xlsx", xlsx_bytes({"Prices": rows, "Old": [["gone"]]}, hidden="Old"))
    assert labels(document, "sheet") == ["Prices"]
    assert labels(document, "row") == ["4", "5", "7"]
    assert texts(document, "row") == [
        "Model: X200 | Since: 2024-03-01 | Price: 49.5 | Share: 0.25",
        "Model: X300 | Since: 2024-03-02 08:30 | Price: 59",
        "Model: X400 | Price: 0.3",
    ]
    assert document.text.startswith("Price list 2024")
    assert document.notices == ("1 hidden sheets were left out: Old",)


def test_sheet_without_header_keeps_cells_apart(load_bytes: Load) -> None:
    assert load_bytes("a.xlsx", xlsx_bytes({"A": [[1, 2], [3, 4]]})).text == "1 | 2\n3 | 4"


def test_ebook_follows_the_spine(load_bytes: Load) -> None:
    document = load_bytes("a.epub", zip_bytes(epub_members()))
    assert document.title == "The Lighthouse"
    assert document.metadata == {"author": "M. Keeper", "date": "2021-03-04"}
    assert labels(document, "section") == ["Arrival", "Storm"]
    assert texts(document, "paragraph") == ["He came by boat & alone.", "The lamp went out."]
    assert "Contents" not in document.text


def test_ebook_with_a_missing_chapter_says_so(load_bytes: Load) -> None:
    members = epub_members()
    del members["OPS/one.xhtml"]
    assert load_bytes("a.epub", zip_bytes(members)).notices == ("1 of 2 chapters are missing or damaged",)


@pytest.mark.parametrize("html", [False, True])
def test_email_has_subject_sender_body_and_names_attachments(load_bytes: Load, html: bool) -> None:
    document = load_bytes("a.eml", email_bytes(html=html))
    assert document.title == "Lieferung für Müller"
    assert document.metadata["date"] == "2024-03-05"
    assert "From: Ann <ann@example.org>" in document.text
    assert "The parcel arrives Friday." in texts(document, "paragraph")
    assert ("> When does it come?" in document.text) is not html
    assert "secret" not in document.text
    assert document.notices == ("attachments were not read: bill.pdf; add them as files of their own",)


def test_email_in_an_old_encoding(load_bytes: Load) -> None:
    data = b"From: a@b.c\r\nSubject: Hi\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n"
    assert texts(load_bytes("a.eml", data), "paragraph")[-1] == "Grüße"


def test_file_without_headers_is_no_email(load_bytes: Load) -> None:
    with pytest.raises(LoadError, match=r"a\.eml: is not a readable e-mail"):
        load_bytes("a.eml", b"just some words\n")
