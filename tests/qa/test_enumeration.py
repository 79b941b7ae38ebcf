"""All of what is said together is marked, not the one name that the reader found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.enumeration import whole_enumeration


@pytest.mark.parametrize(
    ("text", "found", "whole"),
    [
        ("It was backed only by the Baltic states and Poland, while others did not.", "Poland",
         "the Baltic states and Poland"),
        ("Five have: Estonia, Latvia, Poland and the Czech Republic have since said so.", "Latvia",
         "Estonia, Latvia, Poland and the Czech Republic"),
        ("Reports can be made in Dutch and Polish (MS-1166).", "Polish", "Dutch and Polish"),
        ("Members are the Bank of Arden, Stern, and the University of the Arts.", "Stern",
         "the Bank of Arden, Stern, and the University of the Arts"),
        ("It was backed by Poland and the Baltic states.", "Poland", "Poland and the Baltic states"),
        ("Estonia, the Baltic islands and Poland refused.", "Estonia", "Estonia"),
        ("It was refused by Estonia, the Baltic islands and Poland.", "Poland",
         "Estonia, the Baltic islands and Poland"),
        ("However, Latvia and Poland were absent.", "Latvia", "Latvia and Poland"),
        ("In 2022, Estonia and Latvia were there.", "Latvia", "Estonia and Latvia"),
        ("She visits Estonia and Poland.", "Poland", "Estonia and Poland"),
        ("Backed by Poland and Macron said nothing.", "Poland", "Poland"),
        ("The chair, Olga Stern, resigned.", "Olga Stern", "Olga Stern"),
        ("Held in Paris, France.", "Paris", "Paris"),
        ("However, Poland refused.", "Poland", "Poland"),
        ("Germany sends 900 soldiers; Poland sends 1,150.", "Poland", "Poland"),
        ("They walked and swam, and ate bread and cheese.", "bread", "bread"),
    ],
)  # fmt: skip
def test_names_that_are_said_together_are_one_answer(text: str, found: str, whole: str) -> None:
    start = text.index(found)
    first, last = whole_enumeration(text, start, start + len(found))
    assert text[first:last] == whole


@given(st.text(max_size=400), st.data())
def test_the_answer_only_grows_and_stays_in_the_text(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = whole_enumeration(text, start, end)
    assert 0 <= first <= start <= end <= last <= len(text)
