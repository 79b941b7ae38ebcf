"""Questions to begin with: such as a person would ask, and answered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index import Index
from index.embed import Encoder
from qa import Answer, Assistant, Settings
from ui.examples import example_questions

from ..helpers import write_files

GARDEN = """The Garden Club of Elmhurst

The club was founded in 1952 by Harriet Lowe. The greenhouse holds 340 plants in winter. The latter is 3 m high.

It takes two days. A yearly membership costs EUR 25.
"""
BREAD = """# Rye bread

## How long does the dough rest?

The dough rests for 90 minutes, then 12 hours in the cold.

## And what if it does not rise?

Wait. The baking takes 55 minutes. Salt is not included.
"""


@pytest.fixture
def assistant(tmp_path: Path, real_encoder: Encoder) -> Iterator[Assistant]:
    with Index.open(tmp_path / "store", encoder=real_encoder) as index:
        yield Assistant(index, Settings())


def test_questions_come_from_headings_and_plain_sentences(assistant: Assistant, tmp_path: Path) -> None:
    assistant.index.sync(write_files(tmp_path / "files", {"garden.txt": GARDEN, "bread.md": BREAD}))
    questions = example_questions(assistant)
    assert set(questions) <= {
        "When was the club founded?", "How many plants does the greenhouse hold?",
        "How much does a yearly membership cost?", "How long does the dough rest?",
        "How long does the baking take?",
    }  # fmt: skip
    assert {"When was the club founded?", "How long does the dough rest?"} <= set(questions)
    assert questions == example_questions(assistant), "the same store gives the same questions"
    for question in questions:
        answer = assistant.ask(question)
        assert answer.answered
        assert answer.confidence >= 0.6


def test_few_questions_are_tried(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("mill", "bridge", "school", "pier", "tower", "church", "canal", "market")
    files: dict[str, str | bytes] = {
        f"{name}.txt": "".join(
            f"The {name} was {done} in {1900 + at}.\n\n" for at, done in enumerate(("opened", "sold"))
        )
        for name in names
    }
    assistant.index.sync(write_files(tmp_path / "files", files))
    asked: list[str] = []
    ask = assistant.ask

    def counted(question: str) -> Answer:
        asked.append(question)
        return ask(question)

    monkeypatch.setattr(assistant, "ask", counted)
    assert len(example_questions(assistant)) == 8
    assert len(asked) <= 16


def test_what_has_no_such_sentence_gives_what_its_headings_name(assistant: Assistant, tmp_path: Path) -> None:
    page = (
        "# Rules of the library\n\n## Lending\n\nReaders borrow books with their card.\n\n## Silence\n\nTalk outside.\n"
    )
    assistant.index.sync(write_files(tmp_path / "files", {"rules.md": page, "empty.txt": "x"}))
    assert set(example_questions(assistant)) <= {f"What does Rules of the library say about {topic}?" for topic in
                                                 ("lending", "silence")}  # fmt: skip
