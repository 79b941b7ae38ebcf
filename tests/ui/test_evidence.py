"""The panel shows the document's own text, with exactly the quoted words marked."""

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index import Span
from index.loaders.pdf_places import Box, PagePicture
from ui.evidence import MORE, Step, View, gone, media_name, panel, pieces
from ui.markup import Mark

from .pages import document, read_html


def paragraphs(*texts: str) -> tuple[str, list[Span]]:
    text, spans = "", []
    for part in texts:
        spans.append(Span(len(text), len(text) + len(part), "paragraph"))
        text += part + "\n\n"
    return text, spans


def view(text: str, spans: list[Span], start: int, end: int) -> View:
    return View(document(text, *spans), (Mark(start, end, 1, current=True),), {"exchange": 1, "citation": 1})


def test_quote_across_paragraphs_is_marked_in_each() -> None:
    text, spans = paragraphs("One & two.", "Three <b>four</b>.", "Five.")
    start, end = text.index("two"), text.index("four") + 4
    seen = read_html(panel(view(text, spans, start, end)))
    assert seen.marks == ["two.", "Three <b>four"]


@given(st.lists(st.text(alphabet="ab. <\n", min_size=1, max_size=30), min_size=1, max_size=8), st.data())
def test_all_visible_text_is_shown_in_order(parts: list[str], data: st.DataObject) -> None:
    text, spans = paragraphs(*(part.strip() or "x" for part in parts))
    kept = [span for span in spans if data.draw(st.booleans())]  # text that is in no block is text all the same
    shown = [(start, end) for start, end, _ in pieces(document(text, *kept), 0, len(text))]
    assert "".join("".join(text[start:end].split()) for start, end in shown) == "".join(text.split())
    assert shown == sorted(shown)


def test_long_documents_show_a_window_and_offer_more() -> None:
    text, spans = paragraphs(*(f"Line {number} of many in a long document." for number in range(10_000)))
    start = text.index("Line 7000 ")
    shown = panel(view(text, spans, start, start + 9))
    assert len(shown) < 60_000
    assert read_html(shown).marks == ["Line 7000"]
    assert shown.count("data-more") == 2
    wider = panel(replace(view(text, spans, start, start + 9), before=10**6, after=MORE))
    assert "Line 0 " in wider
    assert wider.count("data-more") == 1


def test_very_long_blocks_come_in_pieces() -> None:
    text = "word " * 40_000
    shown = list(pieces(document(text, Span(0, len(text), "paragraph")), 0, len(text)))
    assert max(end - start for start, end, _ in shown) <= 4_000
    assert "".join(text[start:end] for start, end, _ in shown) == text


def test_signs_of_a_heading_stay_with_it() -> None:
    text = "Intro.\n\n## Part **two**\n\n- item"
    spans = [Span(0, 6, "paragraph"), Span(11, 23, "heading"), Span(27, 31, "item")]
    assert [text[start:end] for start, end, _ in pieces(document(text, *spans), 0, len(text))] == [
        "Intro.", "## Part **two**", "- item",
    ]  # fmt: skip
    shown = panel(View(document(text, *spans, media_type="text/markdown"), (), {"source": "a"}))
    assert shown.count('class="sign"') == 3


def test_pages_are_told_apart() -> None:
    text, spans = paragraphs("First page.", "Second page.")
    pages = [Span(0, 11, "page", "1"), Span(13, 25, "page", "2")]
    seen = read_html(panel(view(text, sorted([*spans, *pages], key=lambda span: (span.start, -span.end)), 13, 19)))
    assert seen.text.index("Page 2") < seen.text.index("Second page.")
    assert seen.text.index("Page 1") < seen.text.index("First page.")


def test_page_is_shown_as_a_picture_with_boxes() -> None:
    text, spans = paragraphs("A page.")
    picture = PagePicture(b"\x89PNG", 100, 141, (Box(0.1, 0.2, 0.3, 0.02), Box(0.1, 0.23, 0.2, 0.02)))
    shown = panel(replace(view(text, spans, 0, 6), picture=picture, page=3))
    assert shown.count('class="box"') == 2
    assert "left:10.000%;top:20.000%" in shown
    assert 'src="data:image/png;base64,' in shown
    assert "Page 3" in shown


def test_neighbours_download_and_what_is_missing() -> None:
    text, spans = paragraphs("Text.")
    plain = view(text, spans, 0, 4)
    step = Step({"exchange": 1, "citation": 2}, 'b".txt')
    shown = panel(replace(plain, position="1 of 2", following=step, download="/api/x?y=1&z=2"))
    assert "1 of 2" in shown
    assert "/api/x?y=1&amp;z=2" in shown
    assert "b&quot;.txt" in shown
    missing = read_html(panel(replace(plain, missing="The file itself is not there any more.")))
    assert "not there any more" in missing.text
    assert "a" not in missing.tags
    assert "<b>" not in gone("<b>")


def test_media_types_have_names() -> None:
    assert media_name("application/pdf") == "PDF"
    assert media_name("image/x-thing") == "X-THING"
    assert not re.search("[<>]", media_name("text/markdown"))
