"""What the reader is trained on: answers in place, negatives that do not answer, nothing of what measures us."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.datasets import read_squad
from evals.reader.data import asked_examples, detokenised, examples, qamr_examples, read_searched
from evals.reader.example import Example, alone, cropped, held_out
from evals.reader.negatives import AlikePassages, altered_question, without_answer
from evals.reader.overlap import unmeasured_examples

PASSAGE = (
    "The mill at Arden was built by Olga Stern in 1820. Its first owner was Karl Weber. The mill burnt down in 1901, "
    "and was rebuilt by the town. Today it is the largest museum of the county."
)


_TOKENS = "The dam ( of 1931 ) was built by Ada Voss , an engineer . It holds 3 km ."
SEARCHED = [
    {
        "example_id": 1,
        "question_text": "who built the dam",
        "paragraph_text": _TOKENS,
        "original_nq_answers": [[{"start": 33, "end": 56, "string": "Ada Voss , an engineer ."}]],
        "annotation": {"answer": [{"paragraph_reference": {"start": 33, "end": 41, "string": "Ada Voss"}}]},
    },
    {
        "example_id": 2,
        "question_text": "what belongs to the dam",
        "paragraph_text": _TOKENS,
        "original_nq_answers": [
            [{"start": 0, "end": 7, "string": "The dam"}, {"start": 58, "end": 60, "string": "It"}]
        ],
        "annotation": {},
    },
]
"""As QED writes them: words with a space between, one question with its evidence and one whose answer is a list."""


def article(number: int) -> dict[str, object]:
    start = PASSAGE.index("Karl")
    question = {
        "id": f"q{number}",
        "question": "Who was the first owner of the mill?",
        "answers": [{"text": "Karl Weber", "answer_start": start}, {"text": "Karl Weber", "answer_start": start}],
    }
    return {"title": f"Mill {number}", "paragraphs": [{"context": PASSAGE, "qas": [question]}]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    content = {"data": [article(number) for number in range(40)]}
    (tmp_path / "squadshifts-new_wiki.json").write_text(json.dumps(content))
    folder = tmp_path / "qamr"
    folder.mkdir()
    keys = [f"Wiki1k:wikipedia:7:1:{number}" for number in range(3)]
    lines = ["The dog bit the man .", "He -LRB- the man -RRB- cried .", "A doctor came ."]
    (folder / "wiki-sentences.tsv").write_text("".join(f"{k}\t{s}\n" for k, s in zip(keys, lines, strict=True)))
    rows = [[keys[0], "1", "9", "0", "1", "Who bit the man?", "0 1", "3:0 1", "4:1"]]
    rows += [[keys[0], "1", "9", "0", "1", "Nobody agreed?", "0 1", "3:4", "4:2"]]
    (folder / "dev.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    (folder / "test.tsv").write_text("")
    (tmp_path / "qed-dev.jsonlines").write_text("".join(f"{json.dumps(row)}\n" for row in SEARCHED))
    return tmp_path


def answer_of(example: Example) -> str | None:
    return None if example.start is None else example.passage[example.start : example.end]


def test_answers_stand_where_they_are_said_to_stand(data: Path) -> None:
    found = list(
        asked_examples(*read_squad(data / "squadshifts-new_wiki.json"), random.Random(0), share=1.0, are_articles=True)
    )
    assert {answer_of(example) for example in found} == {"Karl Weber", None}
    unanswered = [example for example in found if example.start is None]
    assert all("owner" in example.question.lower() for example in found if example.start is not None)
    assert all(
        "Karl Weber" not in example.passage or example.question != "Who was the first owner of the mill?"
        for example in unanswered
    )


def test_what_is_held_out_is_not_trained_on(data: Path) -> None:
    paragraphs, questions = read_squad(data / "squadshifts-new_wiki.json")
    kept_out = [paragraph for paragraph in paragraphs if held_out(paragraph)]
    assert 0 < len(kept_out) < len(paragraphs)
    positives = [
        e
        for e in asked_examples(
            *read_squad(data / "squadshifts-new_wiki.json"), random.Random(0), share=1.0, are_articles=True
        )
        if e.start is not None
    ]
    assert len(positives) == len(questions) - len(kept_out)


def test_a_file_of_one_s_own_is_read_whole_with_what_it_does_not_answer(data: Path) -> None:
    drained = {"id": "m", "question": "Who drained the mill pond at Arden?", "answers": []}
    paragraphs = []
    for number in range(20):
        text = f"Note {number}. {PASSAGE}"
        answers = [{"text": "1901", "answer_start": text.index("1901")}]
        burnt = {"id": "n", "question": "When did the mill pond's mill burn down?", "answers": answers}
        paragraphs.append({"context": text, "qas": [drained, burnt]})
    (data / "squadshifts-mine.json").write_text(
        json.dumps({"data": [{"title": "reddit rules", "paragraphs": paragraphs}]})
    )
    found = examples(data, random.Random(0))
    assert sum("drained" in item.question.lower() and "arden" in item.question.lower() for item in found) == 20
    own = [item for item in found if "mill pond's mill" in item.question.lower()]
    assert sum(answer_of(item) == "1901" for item in own) == 20


def test_a_sentence_stands_among_its_neighbours(data: Path) -> None:
    found = [example for example in qamr_examples(data / "qamr", random.Random(3)) if example.start is not None]
    assert [answer_of(example) for example in found] == ["The dog"]
    assert "Nobody agreed?" not in {example.question for example in found}


def test_what_people_searched_for_stands_where_it_is_said_to_stand(data: Path) -> None:
    paragraphs, questions = read_searched(data / "qed-dev.jsonlines")
    (paragraph,), (question,) = paragraphs, questions
    assert paragraph.text == "The dam (of 1931) was built by Ada Voss, an engineer. It holds 3 km."
    ((start, answer),) = question.answers
    assert paragraph.text[start : start + len(answer)] == answer == "Ada Voss"


def test_the_same_seed_gives_the_same_examples(data: Path) -> None:
    assert examples(data, random.Random(7)) == examples(data, random.Random(7))


def test_the_sentence_that_answers_stands_alone() -> None:
    start = PASSAGE.index("Karl Weber")
    short = alone(Example("Who owned the mill first?", PASSAGE, start, start + 10), random.Random(0))
    assert short is not None
    assert short.passage == "Its first owner was Karl Weber."
    assert answer_of(short) == "Karl Weber"


def test_of_what_is_not_answered_the_sentence_that_looks_like_it_stands_alone() -> None:
    question = "Who rebuilt the mill after it burnt down in 1911?"
    short = alone(Example(question, PASSAGE, None, None), random.Random(0))
    assert short is not None
    assert short.passage.startswith("The mill burnt down in 1901")
    for seed in range(20):  # a part of the passage keeps it too
        assert short.passage in cropped(Example(question, PASSAGE, None, None), random.Random(seed)).passage


def test_no_sentence_stands_alone_that_is_all_there_is_or_holds_half_of_the_answer() -> None:
    sentence = "Its first owner was Karl Weber."
    assert alone(Example("Who owned it?", sentence, 20, 30), random.Random(0)) is None
    start = PASSAGE.index("1820. Its")
    assert alone(Example("When, and what of it?", PASSAGE, start, start + 9), random.Random(0)) is None


def test_a_passage_without_its_answer() -> None:
    start = PASSAGE.index("Karl Weber")
    rest = without_answer(PASSAGE, start, "Karl Weber")
    assert rest is not None
    assert "Karl Weber" not in rest
    assert "1901" in rest
    assert without_answer("Only Karl. Only Karl.", 5, "Karl") is None


@pytest.mark.parametrize(
    ("question", "unchanged"),
    [
        ("When did Olga Stern build the mill?", "Olga Stern"),
        ("What happened in 1901?", "1901"),
        ("Which museum is the largest?", "largest"),
    ],
)
def test_an_altered_question_asks_for_something_else(question: str, unchanged: str) -> None:
    changed = altered_question(question, PASSAGE, random.Random(0))
    assert changed is not None
    assert unchanged not in changed


def test_the_most_alike_passage_that_does_not_answer() -> None:
    alike = AlikePassages([PASSAGE, "The mill had a second owner.", "Cats sleep."])
    assert alike.nearest("Who was the first owner of the mill?", "Karl Weber") == "The mill had a second owner."
    assert AlikePassages([PASSAGE]).nearest("Who owned the mill?", "Karl Weber") is None


@given(words=st.lists(st.text(alphabet="abc.,", min_size=1, max_size=5), max_size=12))
def test_words_keep_their_places_when_written_as_people_do(words: list[str]) -> None:
    spans, text = detokenised(" ".join(words))
    assert [text[start:end] for start, end in spans] == words


def test_a_paragraph_that_measures_us_is_never_trained_on(data: Path, tmp_path: Path) -> None:
    everything = examples(data, random.Random(0))
    other, same = tmp_path / "other.jsonl", tmp_path / "same.json"
    other.write_text("The pool has forty lanes, a diving tower of ten metres and seats for two thousand people.")
    assert unmeasured_examples(data, random.Random(0), [other])[: len(everything)] == everything
    cut_out = PASSAGE[PASSAGE.index("The mill burnt") :].upper()
    same.write_text(json.dumps({"context": f"Before \u2013 it.\n{cut_out}"}))
    kept = unmeasured_examples(data, random.Random(0), [other, same])
    whole = [example for example in everything if "burnt down in 1901, and was rebuilt" not in example.passage]
    assert kept
    assert kept[: len(whole)] == whole
    assert len(whole) < len(everything)
    asked_of: dict[str, list[str]] = {}
    for example in whole:
        asked_of.setdefault(example.question, []).append(example.passage)
    alone_too = kept[len(whole) :]
    assert alone_too
    assert all(any(short.passage in passage for passage in asked_of[short.question]) for short in alone_too)
