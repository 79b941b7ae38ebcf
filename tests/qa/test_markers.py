"""What a model writes becomes plain sentences; the same however its text arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.markers import SentenceStream, Written, written_sentences

PASSAGES = 3


def cited(text: str) -> tuple[str, tuple[int, ...], int]:
    (written,) = written_sentences(text, PASSAGES)
    return written.text, written.cited, written.forged


@pytest.mark.parametrize(
    ("marker", "numbers"),
    [
        ("[1]", (1,)), ("[1, 2]", (1, 2)), ("[1-3]", (1, 2, 3)), ("[1–3]", (1, 2, 3)), ("[1][3]", (1, 3)),
        ("[1] [2]", (1, 2)), ("[2; 1]", (2, 1)), ("【1】", (1,)), ("【2†source】", (2,)), ("［3］", (3,)),
        ("[^1]", (1,)),
        ("(source 1)", (1,)), ("(Sources 1 and 2)", (1, 2)), ("[passage 2]", (2,)), ("(see passage 3)", (3,)),
        ("[Source: 1]", (1,)), (r"\[1\]", (1,)), ("[1] [1]", (1,)), ("(see [2])", (2,)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["It runs for 16 hours {}.", "It runs for 16 hours. {}", "It runs {} for 16 hours."])
def test_markers_are_read_and_taken_out(marker: str, numbers: tuple[int, ...], place: str) -> None:
    assert cited(place.format(marker)) == ("It runs for 16 hours.", numbers, 0)


@pytest.mark.parametrize(
    ("marker", "numbers", "forged"),
    [("[9]", (), 1), ("[0]", (), 1), ("[1, 9]", (1,), 1), ("[2-5]", (2, 3), 2), ("[1-9999]", (), 1), ("[7][8]", (), 2)],
)
def test_numbers_of_no_passage_are_removed_and_counted(marker: str, numbers: tuple[int, ...], forged: int) -> None:
    assert cited(f"It runs. {marker}") == ("It runs.", numbers, forged)


@pytest.mark.parametrize("text", ["in [brackets] and (round 1) ones", "a [b] c", "the year (2026) was", "x [sic] y"])
def test_other_brackets_stay(text: str) -> None:
    assert cited(f"It is {text} here.") == (f"It is {text} here.", (), 0)


def test_code_cites_nothing() -> None:
    written = written_sentences("Do this. [1]\n```python\nvalue = rows[2]\n```\nThen `x[3]` works. [1]", PASSAGES)
    assert [(w.text, w.cited, w.code) for w in written] == [
        ("Do this.", (1,), False),
        ("value = rows[2]", (), True),
        ("Then x[3] works.", (1,), False),
    ]


def test_lists_and_abbreviations() -> None:
    written = written_sentences(
        "## Result\n- Dr. Ellery chaired it [1]\n- 2. Vote: 7 [2]\n\nIt ended at 5 p.m. [3] Good.", 3
    )
    assert [w.text for w in written] == ["Result", "Dr. Ellery chaired it", "Vote: 7", "It ended at 5 p.m.", "Good."]
    assert [w.cited for w in written] == [(), (1,), (2,), (3,), ()]


LINKS = [
    "![x](http://evil.example/p?q=1)", "[click](http://evil.example)", "<img src=http://evil.example/x>",
    "<a href='//evil.example'>a</a>", "http://evil.example/a", "https://evil.example", "www.evil.example",
    "<http://evil.example>", "&lt;img src=//evil.example&gt;", "&amp;lt;script&amp;gt;", "[x][r]\n[r]: http://evil.example",
    "javascript:alert(1)", "data:text/html,hi", "[a](javascript:alert(1))", "![a][b]", "<scr<script>ipt>", "<img src=x",
    "//evil.example/x", "hxxp [x]( http://evil.example )", "[x](<http://evil.example>)", "ftp://evil.example",
    "ht\u200btp://evil.example", "[c](ht\u200btp://evil.example)", "<!-- http://evil.example -->",
]  # fmt: skip


def active(text: str) -> list[str]:
    """What a page, a Markdown reader or a terminal would act on."""
    signs = ["://", "](", "www.", "javascript:", "data:", "<a", "<i", "<s", "<!", "</", "\u200b", "\x1b"]
    return [sign for sign in signs if sign in text.lower()]


@pytest.mark.parametrize("link", LINKS)
def test_no_link_survives(link: str) -> None:
    for text in (
        f"It runs for 16 hours {link}. [1]",
        link,
        f"See {link} and {link}",
        f"`{link}` is",
        f"```\n{link}\n```",
    ):
        for written in written_sentences(text, PASSAGES):
            assert not active(written.text), written.text


PIECES = st.lists(
    st.sampled_from(["It runs", ". ", "[1]", "[", "]", "1", ", 2", " ", "\n", "```", "`", "Dr. ", "?",
                     "【2】", "(source ",
                     ")", "the ", "The ", "5.5", "\\[", "\\]", "![a](", "http://x.y", "<b>", "-", "[9]", "!", "“", "”",
                     "\n\n", "- ", "1. ", "\x00", "\u200b"]) | st.text(max_size=4), max_size=40,
)  # fmt: skip


@given(PIECES, st.data())
def test_streaming_gives_the_same_sentences(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    whole = written_sentences(text, PASSAGES)
    stream, found, position = SentenceStream(PASSAGES), list[Written](), 0
    while position < len(text):
        size = data.draw(st.integers(1, 6))
        found += stream.feed(text[position : position + size])
        position += size
    found += stream.finish()
    assert found == whole
    for written in whole:
        assert set(written.cited) <= {1, 2, 3}
        assert not active(written.text)


def test_an_endless_sentence_is_cut() -> None:
    stream = SentenceStream(PASSAGES)
    given = [written for _ in range(3_000) for written in stream.feed("word ")]
    assert len(given) >= 6
    assert all(len(written.text) <= 2_000 for written in given)


def test_a_sentence_is_given_out_before_the_text_ends() -> None:
    stream = SentenceStream(PASSAGES)
    assert list(stream.feed("It runs. [1")) == [], "the marker may go on"
    assert list(stream.feed("] Then")) == [Written("It runs.", (1,))]
