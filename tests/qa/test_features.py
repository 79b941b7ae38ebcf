"""What is told of a sentence: which of the question's codes it stands without, and whether it is of another number."""

from dataclasses import replace

import pytest

from qa.features import SENTENCE_FEATURES, sentence_features

from .found import found


def columns(question: str, *passages: tuple[str, str | None]) -> dict[str, list[float]]:
    """Feature -> its value for each passage of (sentence, heading)."""
    _, result = found(*((f"{number}.md", text, 1.0) for number, (text, _) in enumerate(passages)))
    headed = [
        replace(passage, heading=heading, similarities=(0.5,))
        for passage, (_, heading) in zip(result.passages, passages, strict=True)
    ]
    result = replace(result, passages=tuple(headed), weights={})
    table = sentence_features(question, result, [[None]] * len(headed)).table
    return dict(zip(SENTENCE_FEATURES, table.T.round(3).tolist(), strict=True))


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        ("What does ERR-4045 mean?", "ERR-4042 means that the fan stands still.", 1),
        ("What does ERR-4045 mean?", "err 4045 means that the fan is slow.", 0),
        ("Who led the strike of 1912?", "She led the strike of August 1897.", 1),
        ("When was firmware 2.5 released?", "Firmware 2.6 came on 8 June.", 1),
        ("How far can an 18-year-old walk 1,500 metres?", "Nobody knows.", 0),
        ("How heavy is it?", "It weighs 3 kg.", 0),
    ],
)
def test_a_code_of_the_question_that_stands_nowhere_is_seen(question: str, text: str, missing: float) -> None:
    found_columns = columns(question, (text, None))
    assert found_columns["code missing"] == found_columns["code missing in passage"] == [missing]


def test_a_row_on_another_model_is_not_about_the_one_above_it() -> None:
    _, result = found(
        ("a.csv", "P40 | 148 EUR", 2.0), ("a.csv", "P20 | 119 EUR", 1.0), ("a.csv", "Return | 10 EUR", 1.0)
    )
    passages = (replace(result.passages[0], similarities=(0.5, 0.5, 0.5)),)
    result = replace(result, passages=passages, weights={})
    table = sentence_features("What is paid for a P40?", result, [[None] * 3]).table
    assert table[:, SENTENCE_FEATURES.index("code missing")].tolist() == [0, 1, 1]
    assert table[:, SENTENCE_FEATURES.index("code missing in passage")].tolist() == [0, 0, 0]


def test_a_code_may_stand_in_the_name_of_the_file_or_the_heading() -> None:
    assert columns("What does the P40 weigh?", ("It weighs 3 kg.", "P40 > Weight"))["code missing"] == [0]
    assert columns("What changed in 0.md?", ("All of it.", None))["code missing"] == [0]


@pytest.mark.parametrize(
    ("text", "heading", "otherwise"),
    [
        ("Press the button for step 4.", None, 1),
        ("Press the button.", "Step 4", 1),
        ("Press the button for step 5.", "Step 4", 0),
        ("Press the button.", "Steps", 0),
    ],
)
def test_another_step_is_seen_in_the_text_or_above_it(text: str, heading: str | None, otherwise: float) -> None:
    assert columns("What is pressed in step 5?", (text, heading))["code missing"] == [otherwise]


@pytest.mark.parametrize(
    ("row", "coverage", "unasked"),
    [
        ("| Graz | 64 | 58 |", 1.0, 0.0),
        ("| Employees at year end | 458 |", 0.0, 1.0),
        ("| 12. | Graz works | 64 |", 1.0, 0.5),
        ("12 | Graz works | 64", 1.0, 0.5),
        ("| 12 | 64 | Graz |", 0.0, 1.0),
        ("| The works of Graz | 64 |", 1.0, 0.5),
        ("| | Graz | 64 |", 0.0, 0.0),
        ("site: Graz | people: 64", 1.0, 0.0),
        ("no: 1 | site: Graz", 1.0, 0.0),
        ("Nobody works in Graz.", 0.0, 0.0),
        ("In Graz " + "and other places " * 9 + "`a | b` is typed.", 0.0, 0.0),
    ],
)
def test_a_row_is_about_its_first_cell(row: str, coverage: float, unasked: float) -> None:
    _, result = found(("a.md", row, 1.0))
    passages = (replace(result.passages[0], similarities=(0.5,) * len(result.passages[0].chunk.sentences)),)
    result = replace(result, passages=passages, weights={"graz": 2.0})
    table = sentence_features("How many sit in Graz?", result, [[None]]).table
    assert table[0, SENTENCE_FEATURES.index("label coverage")] == coverage
    assert table[0, SENTENCE_FEATURES.index("label unasked")] == unasked
