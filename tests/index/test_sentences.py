"""Sentences end where a reader would end them, and lose no character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Dr. Smith opened the box.",
        "Ask Mr. Bell or Mrs. Bell about it.",
        "See No. 5 of the list.",
        "As Fig. 3 shows, it rises.",
        "The limits in Art. 12 and Sec. 4 apply.",
        "Use a solvent, e.g. acetone, and wipe.",
        "The rule (cf. p. 12) holds.",
        "Cook it for approx. 5 min. at most.",
        "It costs 3.50 euros in the U.S. market.",
        "Smith et al. found the same.",
        "Version 2.4.1 is needed.",
        "No full stop at the end",
    ],
)
def test_one_sentence_stays_one(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The pump starts.", "The lamp is green."),
        ("He said no.", "She said yes."),
        ("Is it safe?", "It is not."),
        ("Stop!", "Wait for the lamp."),
        ("The limit is 5.", "Above it the lamp flashes."),
        ("See the list of 2024.", "No. 5 is new."),
        ("**Never open it.**", "The laser is on."),
        ("He wrote “it works.”", "Nobody believed him."),
        ("(See the manual.)", "The rest is easy."),
    ],
)
def test_two_sentences_are_two(first: str, second: str) -> None:
    assert sentences(f"{first} {second}") == [first, second]
    assert sentences(f"{first}\n{second}") == [first, second]


def test_list_number_belongs_to_its_item() -> None:
    text = "1. Switch it on. Wait.\n2. Open the valve."
    assert sentences(text)[0] == "1. Switch it on."
    assert "2. Open the valve." in sentences(text)


def test_number_without_words_at_the_end_joins_the_sentence_before() -> None:
    assert sentences("The total is below. 42.") == ["The total is below. 42."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("保証期間は24か月です。修理は無料です。", ["保証期間は24か月です。", "修理は無料です。"]),
        ("是吗？不是！好的。", ["是吗？", "不是！", "好的。"]),
        ("彼は「はい。」と言った。", ["彼は「はい。」", "と言った。"]),
    ],
)
def test_wide_full_stops_end_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "…", "..."])
def test_text_without_words_is_at_most_one_sentence(text: str) -> None:
    assert sentences(text) == ([text] if text.strip() else [])


_TEXT = st.lists(
    st.one_of(
        st.sampled_from(
            ["Dr. ", "No. ", "5", "1. ", "e.g. ", ".", "!", "? ", "**", '"', "”", ")", "。", "」", "\n", "  "]
        ),
        st.sampled_from(["The pump stops", "Wait", "修理", "a", "\u3000", "\xa0", "\x0c", "\r"]),
        st.text(max_size=8),
    ),
    max_size=30,
).map(lambda parts: "".join(parts).strip())


@given(_TEXT)
def test_sentences_are_in_order_and_cover_all_but_white_space(text: str) -> None:
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()
