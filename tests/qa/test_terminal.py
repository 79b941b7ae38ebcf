"""Nothing that a document holds can drive the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from qa.terminal import printable, printable_text


def test_escapes_and_direction_marks_are_not_printed() -> None:
    assert "\x1b" not in printable("\x1b[31mred\x1b]0;title\x07")
    assert printable("abc\u202edef\u200b") == "abcdef"


def test_lines_and_letters_stay() -> None:
    assert printable_text("Grüße, 世界\n\tend") == "Grüße, 世界\n\tend"


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    assert all(
        character.isprintable() or character in " \n\t" or character.isspace() for character in printable_text(text)
    )
