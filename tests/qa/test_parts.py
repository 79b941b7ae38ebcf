"""Two questions in one are found; lists inside one question are not taken apart."""

import pytest

from qa.parts import question_parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Who chaired the meeting and when did it end?", ["Who chaired the meeting?", "when did it end?"]),
        ("What is the PIN? How do I change it?", ["What is the PIN?", "How do I change it?"]),
        ("Which towns and villages were taken?", ["Which towns and villages were taken?"]),
        ("When and where was the company founded?", ["When and where was the company founded?"]),
        ("When was it built and by whom?", ["When was it built?", "by whom?"]),
        ("the hotel limit in Vienna and Graz", ["the hotel limit in Vienna and Graz"]),
        ("Say what happened and why it matters", ["Say what happened and why it matters"]),
    ],
)
def test_parts(question: str, parts: list[str]) -> None:
    assert question_parts(question) == parts
