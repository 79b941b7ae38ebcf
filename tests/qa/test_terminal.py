"""Nothing that a document holds can drive the terminal."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Index
from qa.terminal import answer_lines, printable, printable_text
from qa.types import Answer, Citation, Sentence

from ..helpers import HashEncoder

Write = Callable[[Mapping[str, str | bytes]], Path]


def test_escapes_and_direction_marks_are_not_printed() -> None:
    assert "\x1b" not in printable("\x1b[31mred\x1b]0;title\x07")
    assert printable("abc\u202edef\u200b") == "abcdef"


PIER = "The pier is old. It was built in 1901. Olga Stern paid for it. It is closed."
QUOTES = ("It was built in 1901.", "Olga Stern paid for it.")


def test_a_pipe_marks_the_quotes_and_repeats_none(
    store: Path, write: Write, hash_encoder: HashEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Index.open(store, encoder=hash_encoder) as index:
        index.sync(write({"pier.txt": PIER}))
        (document,) = index.documents()
        citations = tuple(
            Citation(number, document.id, "pier.txt", "pier", None, None, place, place + len(quote), quote)
            for number, quote in enumerate(QUOTES, 1)
            for place in [PIER.index(quote)]
        )
        sentences = tuple(Sentence(citation.quote, (citation.number,), supported=True) for citation in citations)
        answer = Answer("When?", True, " ".join(QUOTES), 0.9, "extractive", sentences, citations)
        assert [line.strip() for line in answer_lines(answer, index) if "«" in line] == [
            "The pier is old. «It was built in 1901.»",
            "«Olga Stern paid for it.» It is closed.",
        ]
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        monkeypatch.delenv("NO_COLOR", raising=False)
        assert not any("«" in line for line in answer_lines(answer, index)), "colour tells it there"


def test_lines_and_letters_stay() -> None:
    assert printable_text("Grüße, 世界\n\tend") == "Grüße, 世界\n\tend"


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    assert all(
        character.isprintable() or character in " \n\t" or character.isspace() for character in printable_text(text)
    )
