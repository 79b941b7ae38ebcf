"""Misspelt words: read as the documents' word that was meant, and nothing else is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Index
from index.spelling import respelled

TEXT = """The maximum number of features is 300. The default can be overridden in a profile.

Posters of Slovakia hang in the hall. Mr Dabrowski received the members. Warranty: two years.
Hyperglycemia is treated with insulin, hypothyroidism is not; nitrate is measured by absorption. They call it
hyperglycemia too. The countries backed a plan.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "a.md").write_text(TEXT, encoding="utf-8")
    with Index.open(folder / "store") as opened:
        opened.sync(folder / "a.md")
        yield opened


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("what is the maximun nuber of faetures", "what is the maximum number of features"),
        ("Maximun number of features?", "maximum number of features?"),
        ("which contries backed it", "which countries backed it"),
        ("what is the mxaimum number of feeatures", "what is the maximum number of features"),
        ("how is the defualt overriden", "how is the default overridden"),
        ("who recieved the members", "who received the members"),
    ],
)
def test_a_misspelt_word_is_read_as_the_documents_word(index: Index, question: str, meant: str) -> None:
    assert respelled(question, index.corrections(question)) == meant


@pytest.mark.parametrize(
    "question",
    [
        "what is the maximum number of features",  # nothing is misspelt
        "is slovenia a member",  # a word, of another thing
        "how do I install postgres",  # a word, spelt like "posters"
        "Did Dubrowski receive the members?",  # a name
        "did dubrowski receive the members",  # the documents write it as a name
        "is hypoglycemia treated",  # words of their own, spelt nearly alike
        "what is hyperthyroidism",
        "how is nitrite measured by adsorption",
        'what is the "maximun" number',  # quoted
        "what is ERR-4042",
        "who is nu",  # too short to tell
    ],
)
def test_all_other_words_are_left_alone(index: Index, question: str) -> None:
    assert index.corrections(question) == {}


def test_an_empty_store_corrects_nothing(tmp_path: Path) -> None:
    with Index.open(tmp_path / "store") as empty:
        assert empty.corrections("maximun") == {}


def test_only_whole_words_are_replaced() -> None:
    assert respelled("nuber and nubers", {"nuber": "number"}) == "number and nubers"
