"""Chunks: exact offsets, nothing lost, within the embedder's window, and cut where a reader would cut."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from index.embed import Encoder
from index.errors import LoadError
from index.loaders.builder import LoadedText
from index.loaders.markdown import load_markdown
from index.loaders.text import load_text
from index.split import TokenOffsets, split
from index.types import Chunk, Document, Span

from ..helpers import SEEDS, HashEncoder

HASH = HashEncoder()


def document_of(text: str, spans: Sequence[Span] = (), title: str = "file") -> Document:
    return Document("id", "file.md", title, text, "text/plain", tuple(spans))


def document_from(loaded: LoadedText) -> Document:
    return document_of(loaded.text, loaded.spans, loaded.title or "file")


def markdown(text: str, *, max_tokens: int = 24) -> list[Chunk]:
    document = document_from(load_markdown(text.encode(), "file.md"))
    chunks = split(document, token_offsets=HASH.token_offsets, max_tokens=max_tokens)
    check(document, chunks, HASH.token_offsets, max_tokens)
    return chunks


def check(document: Document, chunks: Sequence[Chunk], token_offsets: TokenOffsets, max_tokens: int) -> None:
    """Assert what holds for every document."""
    position = 0
    for ordinal, chunk in enumerate(chunks):
        assert (chunk.document_id, chunk.ordinal) == (document.id, ordinal)
        assert position <= chunk.start < chunk.end <= len(document.text)
        assert not document.text[position : chunk.start].strip()
        assert document.text[chunk.start : chunk.end] == chunk.text == chunk.text.strip()
        assert len(token_offsets(chunk.embedding_text)) <= max_tokens
        position = chunk.start
        for (start, end), (left, right) in zip(chunk.sentences, chunk.sentence_offsets_in_embedding_text, strict=True):
            assert position <= start < end <= chunk.end
            assert chunk.embedding_text[left:right] == document.text[start:end]
            position = end
        position = chunk.end
    assert not document.text[position:].strip()


def quoted(document_text: str, chunk: Chunk) -> list[str]:
    return [document_text[start:end] for start, end in chunk.sentences]


_WORDS = st.one_of(
    st.sampled_from(
        ["the", "pump", "Dr.", "No.", "5.", "e.g.", "18h", "Stop.", "Why?", "**bold.**", "x|y", "---", "#"]
    ),
    st.sampled_from(
        [
            "修理は無料です。",
            "保証期間",
            "😀",
            "👩\u200d👩\u200d👧",
            "e\u0301",
            "u\u0308\u0301",
            "\u200b",
            "각",
            "㍿",
            "ﷺ",
        ]
    ),
    st.text(max_size=6),
    st.builds(lambda part, count: part * count, st.text(min_size=1, max_size=3), st.integers(1, 80)),
)
_LINES = st.builds(
    lambda start, words, gap: start + gap.join(words),
    st.sampled_from(["", "", "", "# ", "## ", "### ", "- ", "1. ", "> ", "    ", "| ", "```"]),
    st.lists(_WORDS, max_size=12),
    st.sampled_from([" ", " ", " ", "", "\t", " | ", "\xa0", "\u3000"]),
)
_TEXTS = st.builds(
    lambda lines, gaps: "".join(line + gap for line, gap in zip(lines, gaps, strict=False)),
    st.lists(_LINES, max_size=12),
    st.lists(
        st.sampled_from(["\n", "\n", "\n\n", "\n \n", "\r", "\r\n", "\x0c", "\n|-|-|\n", "\x85", " \n "]), min_size=12
    ),
)


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    """Texts with the spans of a real loader, or with any spans that keep the rules, or with none."""
    text = draw(_TEXTS)
    kind = draw(st.sampled_from(["markdown", "text", "any", "none"]))
    if kind in {"markdown", "text"}:
        load = load_markdown if kind == "markdown" else load_text
        try:
            return document_from(load(text.encode("utf-8", "replace"), "file"))
        except LoadError:  # looks like binary data
            reject()
    spans = []
    if kind == "any" and text:
        places = sorted(set(draw(st.lists(st.integers(0, len(text)), max_size=12))))
        for start, end in pairwise(places):
            if draw(st.booleans()):
                block = draw(st.sampled_from(["heading", "paragraph", "item", "row", "code"]))
                spans.append(Span(start, end, block))  # type: ignore[arg-type]
        for _ in range(draw(st.integers(0, 4))):
            if len(places) > 1:
                start, end = sorted(draw(st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True)))
                locator = draw(st.sampled_from(["page", "slide", "sheet", "section", "table"]))
                spans.append(Span(start, end, locator, draw(st.text(max_size=40))))  # type: ignore[arg-type]
    spans.sort(key=lambda span: (span.start, -span.end))
    return document_of(text, spans, draw(st.sampled_from(["file", "A title of some length", "1 2 3 4 5 6 7 8 9"])))


@settings(max_examples=200)
@given(_documents(), st.sampled_from([4, 8, 24, 100]))
def test_every_document_is_cut_by_the_rules(document: Document, max_tokens: int) -> None:
    chunks = split(document, token_offsets=HASH.token_offsets, max_tokens=max_tokens)
    check(document, chunks, HASH.token_offsets, max_tokens)


@settings(max_examples=200)
@given(document=_documents(), max_tokens=st.sampled_from([16, 64, 254]))
def test_every_document_is_cut_by_the_rules_of_the_real_word_pieces(
    real_encoder: Encoder, document: Document, max_tokens: int
) -> None:
    chunks = split(document, token_offsets=real_encoder.token_offsets, max_tokens=max_tokens)
    check(document, chunks, real_encoder.token_offsets, max_tokens)


def test_cutting_twice_gives_the_same() -> None:
    document = document_from(load_markdown((SEEDS / "minutes-2026-04.md").read_bytes(), "minutes.md"))
    first, second = (split(document, token_offsets=HASH.token_offsets, max_tokens=60) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("text", ["", " ", "\n\n\t\x0c"])
def test_empty_text_has_no_chunks(text: str) -> None:
    assert split(document_of(text), token_offsets=HASH.token_offsets, max_tokens=24) == []


@pytest.mark.parametrize("part", ["a", "修", "a1", "-", "😀", "e\u0301", "##", ". ", "x" * 101 + "-"])
def test_a_long_run_without_white_space_is_cut_to_fit(real_encoder: Encoder, part: str) -> None:
    document = document_of(part * 3_000)
    chunks = split(document, token_offsets=real_encoder.token_offsets, max_tokens=real_encoder.max_tokens)
    check(document, chunks, real_encoder.token_offsets, real_encoder.max_tokens)


def test_headings_are_context_and_cannot_be_quoted() -> None:
    text = "# Manual\n\n## Battery\n\nIt lasts 18 hours.\n\nCharge it.\n"
    (chunk,) = markdown(text)
    assert quoted(text, chunk) == ["It lasts 18 hours.", "Charge it."]
    assert "Battery" in chunk.text


def test_headings_above_a_chunk_are_its_context_outermost_first() -> None:
    text = "# Manual\n\n## Battery\n\n" + " ".join(f"It lasts {hours} hours." for hours in range(20))
    first, *others = markdown(text, max_tokens=40)
    assert first.context == "Manual", "the other heading stands in the text itself"
    assert {chunk.context for chunk in others} == {"Manual > Battery"}


def test_a_title_that_is_only_the_file_name_says_nothing() -> None:
    plain = document_of("Some words.", [Span(0, 11, "paragraph")], title="file")
    titled = document_of("Some words.", [Span(0, 11, "paragraph")], title="The Manual")
    assert split(plain, token_offsets=HASH.token_offsets, max_tokens=24)[0].context == ""
    assert split(titled, token_offsets=HASH.token_offsets, max_tokens=24)[0].context == "The Manual"


def test_too_many_headings_keep_the_innermost() -> None:
    text = "".join(f"{'#' * level} The heading of level {level}\n\n" for level in range(1, 7)) + "Wait here. " * 30
    chunks = markdown(text, max_tokens=40)
    assert chunks[-1].context == "The heading of level 6"


def test_a_heading_too_long_for_its_share_is_cut() -> None:
    text = "# " + "word " * 30 + "\n\n" + "Wait here for a while. " * 10
    chunks = markdown(text, max_tokens=24)
    assert set(chunks[-1].context.split()) == {"word"}


def test_every_row_of_a_table_knows_the_column_names() -> None:
    rows = "".join(f"| City number {number} | {number} euros |\n" for number in range(20))
    chunks = markdown(f"# Rates\n\n| City | Hotel cap |\n|---|---|\n{rows}", max_tokens=40)
    assert len(chunks) > 3
    for chunk in chunks:
        assert "City | Hotel cap" in chunk.context or "| City | Hotel cap |" in chunk.text
    assert sum(len(chunk.sentences) for chunk in chunks) == 20


def test_a_row_is_never_cut_from_its_start_if_it_fits() -> None:
    rows = [f"| City number {number} | {number} euros |" for number in range(20)]
    text = "| City | Cap |\n|---|---|\n" + "\n".join(rows)
    found = [sentence for chunk in markdown(text, max_tokens=40) for sentence in quoted(text, chunk)]
    assert found == rows


@pytest.mark.parametrize("kind", ["page", "slide", "sheet"])
def test_no_chunk_crosses_a_page(kind: str) -> None:
    text = "One is short.\n\nTwo is short.\n\nThree is short."
    places = [(0, 13), (15, 28), (30, 45)]
    spans = [
        span
        for number, (start, end) in enumerate(places, start=1)
        for span in (Span(start, end, kind, str(number)), Span(start, end, "paragraph"))  # type: ignore[arg-type]
    ]
    chunks = split(document_of(text, spans), token_offsets=HASH.token_offsets, max_tokens=100)
    assert [(chunk.start, chunk.end) for chunk in chunks] == places


def test_no_chunk_crosses_a_heading() -> None:
    text = "# One\n\nThe first is short.\n\n# Two\n\nThe second is short.\n\n## Three\n\nThe third is short.\n"
    assert [chunk.text.split("\n")[0] for chunk in markdown(text, max_tokens=100)] == ["# One", "# Two", "## Three"]


def test_a_heading_goes_with_the_text_after_it() -> None:
    body = "The pump starts and stops again. "
    text = "".join(f"# Part {number}\n\n## About {number}\n\n{body * 6}\n\n" for number in range(5))
    for chunk in markdown(text, max_tokens=32):
        *_, last = chunk.text.splitlines()
        assert not last.startswith("#")
        assert chunk.sentences


def test_an_introduction_and_its_list_are_together_when_they_fit() -> None:
    (chunk,) = markdown("You need:\n\n- a pump\n- a lamp\n", max_tokens=40)
    assert quoted("You need:\n\n- a pump\n- a lamp\n", chunk) == ["You need:", "a pump", "a lamp"]


def test_chunks_are_balanced() -> None:
    """No crumb is left at the end: 23 equal sentences make chunks that differ by at most one."""
    text = " ".join(f"The pump number {number} starts slowly." for number in range(23))
    sizes = [len(chunk.sentences) for chunk in markdown(text, max_tokens=100)]
    assert len(sizes) == 3
    assert max(sizes) - min(sizes) <= 1


def test_a_chunk_ends_with_a_paragraph_where_it_can() -> None:
    sentence = "The pump starts here."  # five pieces; a chunk holds 45
    text = " ".join([sentence] * 8) + "\n\n" + " ".join([sentence] * 9)
    assert [len(chunk.sentences) for chunk in markdown(text, max_tokens=60)] == [8, 9]


def test_code_is_quoted_by_line() -> None:
    text = "```\nmsync list\n\n    msync pull\n```\n"
    (chunk,) = markdown(text)
    assert quoted(text, chunk) == ["msync list", "msync pull"]


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.md")), ids=lambda path: path.name)
def test_real_documents(path: Path, real_encoder: Encoder) -> None:
    document = document_from(load_markdown(path.read_bytes(), path.name))
    chunks = split(document, token_offsets=real_encoder.token_offsets, max_tokens=real_encoder.max_tokens)
    check(document, chunks, real_encoder.token_offsets, real_encoder.max_tokens)


def test_a_table_of_contents_cannot_be_quoted(real_encoder: Encoder) -> None:
    text = "Safety . . . . . . . . . . . . . 4\n\nCleaning ............. 7\n\nKeep it dry."
    document = Document(id="d", source="a.txt", title="a", text=text, media_type="text/plain")
    chunks = split(document, token_offsets=real_encoder.token_offsets, max_tokens=real_encoder.max_tokens)
    quoted = [text[start:end] for chunk in chunks for start, end in chunk.sentences]
    assert quoted == ["Keep it dry."]
    assert chunks[0].start == 0, "it can still be found"
