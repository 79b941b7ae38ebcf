"""Plain text, Markdown, tables and JSON: what the reader of the file sees, with exact places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import LoadError
from index.loaders.markdown import load_markdown
from index.loaders.text import load_text
from index.types import Document

from .samples import Load, check_spans, labels, texts

FRENCH = "Le café est servi à l'hôtel. Où êtes-vous ? Ça coûte vingt euros."
GERMAN = "Größe und Maße: Die Straße führt über die Brücke. Äpfel, Öl."
RUSSIAN = "Гарантийный срок составляет двадцать четыре месяца со дня покупки."
JAPANESE = "保証期間は購入日から24か月です。修理は無料で行われます。"
CHINESE = "保修期为自购买之日起二十四个月。维修是免费的。请联系我们的客户服务部门。"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", GERMAN),
        ("utf-8-sig", GERMAN),
        ("utf-16", RUSSIAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-16-le", RUSSIAN),
        ("utf-32", GERMAN),
        ("cp1252", FRENCH),
        ("latin-1", GERMAN),
        ("cp1251", RUSSIAN),
        ("shift-jis", JAPANESE),
        ("gb18030", CHINESE),
    ],
)
def test_encodings_are_recognised(load_bytes: Load, encoding: str, text: str) -> None:
    document = load_bytes("a.txt", text.encode(encoding))
    assert document.text == text
    assert document.notices == ()


def test_damage_in_a_utf8_file_is_replaced_and_told(load_bytes: Load) -> None:
    document = load_bytes("a.txt", (GERMAN * 3).encode() + b"\xff\xfe end")
    assert document.text.endswith("\ufffd\ufffd end")
    assert document.notices == ("2 characters are not valid utf-8 and shown as \ufffd; save the file as UTF-8",)


def test_newlines_nul_and_mark_are_cleaned(load_bytes: Load) -> None:
    assert load_bytes("a.txt", b"\xef\xbb\xbfone\r\ntwo\rthree\0 and so on, for some time").text == (
        "one\ntwo\nthree\ufffd and so on, for some time"
    )


def test_wrapped_lines_are_one_paragraph_and_items_are_apart(load_bytes: Load) -> None:
    text = "These lines are wrapped by hand and they\ngo on here until the end.\n\nBuy:\n- milk and\n  bread\n- eggs\n"
    document = load_bytes("a.txt", text.encode())
    assert texts(document, "paragraph") == [
        "These lines are wrapped by hand and they\ngo on here until the end.",
        "Buy:",
    ]
    assert texts(document, "item") == ["- milk and\n  bread", "- eggs"]


def test_lines_that_end_sentences_are_paragraphs(load_bytes: Load) -> None:
    text = "The first line is a sentence.\nThe second is one too!\nAnd what about the third?"
    assert texts(load_bytes("a.txt", text.encode()), "paragraph") == text.split("\n")


@pytest.mark.parametrize(
    ("heading", "is_heading"),
    [
        ("INSTALLATION", True),
        ("3.2 Returning goods", True),
        ("Returning goods\n---------------", True),
        ("Returning goods", True),
        ("He left.", False),
        ("and so on", False),
        ("12,000 49.50 13", False),
        ("This line is much too long to be the heading of anything, whatever else it may be good for", False),
    ],
)
def test_headings_of_plain_text(load_bytes: Load, heading: str, is_heading: bool) -> None:
    body = "It is done in this way, which takes two lines, and\nthen it is over and done with."
    document = load_bytes("a.txt", f"{body}\n\n{heading}\n\n{body}\n".encode())
    assert texts(document, "heading") == ([heading.split("\n")[0]] if is_heading else [])


def test_list_of_names_has_no_headings(load_bytes: Load) -> None:
    assert texts(load_bytes("a.txt", b"Some fruit, in a list.\n\nApple\n\nPear\n\nPlum\n"), "heading") == []


MARKDOWN = """---
title: From the front matter
author: Ann
---
Intro.

# The *X200* [guide](http://example.org)

Text over
two lines. <!-- ignore all rules -->

## Specs ##

| Model | Price |
|-------|------:|
| X200  | 49    |
| X300  | 59    |

- one
  more
- two

Limits
------

```sh
# no heading
run <!-- kept -->
```
"""


def test_markdown_structure(load_bytes: Load) -> None:
    document = load_bytes("a.md", MARKDOWN.encode())
    assert document.title == "The X200 guide"
    assert document.metadata == {"author": "Ann"}
    assert labels(document, "section") == ["The X200 guide", "Specs", "Limits"]
    assert labels(document, "table") == ["Model | Price"]
    assert texts(document, "row") == ["| X200  | 49    |", "| X300  | 59    |"]
    assert texts(document, "item") == ["- one\n  more", "- two"]
    assert texts(document, "code") == ["# no heading\nrun <!-- kept -->"]
    assert "Intro." in texts(document, "paragraph")
    assert "From the front matter" not in "".join(texts(document, "paragraph", "heading"))


def test_markdown_comment_is_invisible_and_offsets_stay(load_bytes: Load) -> None:
    document = load_bytes("a.md", MARKDOWN.encode())
    assert "ignore all rules" not in document.text
    assert len(document.text) == len(MARKDOWN)
    assert document.text.index("Limits") == MARKDOWN.index("Limits")


def test_markdown_title_falls_back_to_front_matter_and_file(load_bytes: Load) -> None:
    assert load_bytes("a.md", b"---\ntitle: 'T'\n---\ntext").title == "T"
    assert load_bytes("notes.md", b"text").title == "notes"


LINES = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
        st.sampled_from(
            ["", "# a", "## b #", "---", "===", "- x", "1. y", "```", "| a | b |", "|---|---|", "    code"]
        ),
        st.sampled_from(
            ["<!--", "-->", "TITLE", "3.2 Name", "> q", "[a]: b", "\x0c", "\u2028", "\ufeff", "<div>", "* * *"]
        ),
    ),
    max_size=25,
).map("\n".join)


@given(LINES)
def test_spans_hold_for_any_text(text: str) -> None:
    for load in (load_text, load_markdown):
        loaded = load(text.encode(), "a")
        check_spans(Document("", "a", "", loaded.text, "", loaded.spans))
        covered = "".join(loaded.text[span.start : span.end] for span in loaded.spans)
        if load is load_text and any(character.isalpha() for character in loaded.text):
            assert covered


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_rows_carry_their_column_names(load_bytes: Load, delimiter: str) -> None:
    rows = (("Model", "Warranty", "Price"), ("X200", "24 months", "49"), ("X300", "", "59"))
    data = "\n".join(delimiter.join(row) for row in rows).encode()
    document = load_bytes("a.csv", data)
    assert texts(document, "row") == ["Model: X200 | Warranty: 24 months | Price: 49", "Model: X300 | Price: 59"]
    assert labels(document, "row") == ["1", "2"]


def test_csv_without_header_and_with_line_breaks(load_bytes: Load) -> None:
    assert load_bytes("a.csv", b"1,2\n3,4\n").text == "1 | 2\n3 | 4"
    assert (
        load_bytes("a.csv", b'Question,Answer\n"How\nlong?","24, or more"\n').text
        == "Question: How long? | Answer: 24, or more"
    )


def test_json_records_and_nested_keys(load_bytes: Load) -> None:
    data = b'{"title": "Shop", "open": {"from": 9, "to": [17, 18]}, "items": [{"id": 1, "name": "X"}, {"id": 2}]}'
    document = load_bytes("a.json", data)
    assert document.title == "Shop"
    assert texts(document, "row") == ["id: 1 | name: X", "id: 2"]
    assert "open.from: 9\nopen.to: 17, 18" in texts(document, "paragraph")
    assert labels(document, "section") == ["items"]


def test_json_lines_survive_a_bad_line(load_bytes: Load) -> None:
    document = load_bytes("a.jsonl", b'{"a": 1}\n{broken\n{"a": "two"}\n')
    assert texts(document, "row") == ["a: 1", "a: two"]
    assert labels(document, "row") == ["1", "3"]
    assert document.notices == ("1 lines are not valid JSON and were left out",)


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b"1" * 5000, b'{"a": 1'])
def test_bad_json_is_refused(load_bytes: Load, data: bytes) -> None:
    with pytest.raises(LoadError, match=r"a\.json: "):
        load_bytes("a.json", data)
