"""What was written for the reader: its answers stand where they are said to, and none of it measures us."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest

from evals.datasets import read_squad
from evals.reader.overlap import evaluation_texts, shares, word_runs
from evals.reader.written import (
    WRITTEN,
    WrittenQuestion,
    answered_questions,
    asked_elsewhere,
    collections,
    document_examples,
    document_held_out,
    paragraph_key,
    unanswered_examples,
    unanswered_questions,
    written_questions,
)
from evals.samples import SEED_SAMPLES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("collection", collections(), ids=lambda path: path.name)
def test_answers_stand_in_their_evidence_and_that_in_the_document(collection: Path) -> None:
    counts = Counter[bool]()
    for item in written_questions(collection):
        text = (collection / item.document).read_text(encoding="utf-8")
        assert item.evidence in text
        assert item.answer in item.evidence
        counts[bool(item.answer)] += 1
    assert min(counts[True], counts[False]) > 100, "both kinds are needed to learn when not to answer"


def test_some_documents_are_kept_for_the_fit() -> None:
    names = [path.name for collection in collections() for path in collection.glob("*.md")]
    assert 0.1 < sum(map(document_held_out, names)) / len(names) < 0.4


def test_nothing_written_is_in_our_own_documents_or_samples() -> None:
    measured = word_runs(
        evaluation_texts([SEED_SAMPLES, *(ROOT / "seeds").glob("*.md"), *(ROOT / "seeds").glob("*.txt")])
    )
    written = [path for collection in collections() for path in collection.iterdir()]
    assert written
    assert not [path.name for path in written if shares(path.read_text(encoding="utf-8"), measured)]


def test_chunks_are_read_as_in_use_and_hold_their_answers() -> None:
    found = list(document_examples(random.Random(0)))
    answered = [example for example in found if example.start is not None]
    known = {item.answer for collection in collections() for item in written_questions(collection)}
    assert {example.passage[example.start : example.end] for example in answered} <= known
    read = [path for path in (path for collection in collections() for path in collection.glob("*.md"))
            if not document_held_out(path.name)]  # fmt: skip
    asked = [item for path in read for item in written_questions(path.parent) if item.document == path.name]
    known = {example.question for example in answered}
    known |= {question[: question.rindex(" (")] for question in known if " (" in question}  # without a topic
    answerable = {item.question for item in asked if item.answer}
    assert len(answerable - known) < len(answerable) / 200, "nearly all answers stand whole in one chunk"
    assert 0.3 < len(answered) / len(found) < 0.6
    assert any(" > " in example.passage.splitlines()[0] for example in found), "headings are read before the passage"


def test_questions_without_answer_are_asked_of_their_paragraph_alone(tmp_path: Path) -> None:
    text = "The mill was built by Olga Stern. It stands by the old river."
    asked = {"id": "1", "question": "Who built the mill?", "answers": [{"text": "Olga Stern", "answer_start": 22}]}
    paragraphs = [{"context": text, "qas": [asked]}, {"context": "Another paragraph.", "qas": []}]
    path = tmp_path / "squadshifts-reddit.json"
    path.write_text(json.dumps({"data": [{"title": "Mills", "paragraphs": paragraphs}]}))
    read = read_squad(path)
    key = paragraph_key(read[0][0])
    (tmp_path / "unanswered.tsv").write_text(f"{key}\tWho paid for the mill?\n{key}\tWhen was the mill sold?\n")
    found = [example for seed in range(20) for example in unanswered_examples(*read, random.Random(seed), tmp_path)]
    assert {(example.passage, example.start) for example in found} == {(text, None)}
    assert {example.question for example in found} == {
        "Who paid for the mill?", "When was the mill sold?",
        "Who paid for the mill? (built)", "When was the mill sold? (built)",
    }  # fmt: skip


def test_questions_with_answer_are_asked_where_it_stands_as_whole_words(tmp_path: Path) -> None:
    text = "Olga Sterning sold the mill that Olga Stern had built."
    path = tmp_path / "squadshifts-new_wiki.json"
    path.write_text(json.dumps({"data": [{"title": "Mills", "paragraphs": [{"context": text, "qas": []}]}]}))
    paragraphs, _ = read_squad(path)
    (tmp_path / "answered.tsv").write_text(f"{paragraph_key(paragraphs[0])}\tWhose work was the mill?\tOlga Stern\n")
    (question,) = answered_questions(paragraphs, tmp_path)
    assert question.answers == ((text.rindex("Olga"), "Olga Stern"),)


def test_what_is_asked_elsewhere_is_fitted_on_or_trained_on(tmp_path: Path) -> None:
    trained, fitted = asked_elsewhere()
    assert len(fitted) > 100
    assert not set(trained) & set(fitted)
    for words in ("Where is the mill?", "Who owns it?", "Since when?", "Why was it sold?"):
        (tmp_path / "elsewhere.txt").write_text(f"{words}\n")
        assert sorted(map(len, asked_elsewhere(tmp_path))) == [0, 1]


def test_the_shipped_questions_are_read_whole() -> None:
    lines = (WRITTEN / "unanswered.tsv").read_text(encoding="utf-8").splitlines()
    assert sum(map(len, unanswered_questions().values())) == len(lines) > 5_000
    lines = (WRITTEN / "answered.tsv").read_text(encoding="utf-8").splitlines()
    assert min(len(line.split("\t")) for line in lines) == max(len(line.split("\t")) for line in lines) == 3


def test_an_answer_is_found_as_a_cell_or_whole_words() -> None:
    rows = "| Aged 65 | €6 | 10 | 1 |"
    assert WrittenQuestion("d", "How many?", "1", rows).start_in(f"# T\n{rows}") == len("# T\n") + rows.rindex("1")
    line = "It rained 6.8 mm on 6 days."
    assert WrittenQuestion("d", "How many?", "6", line).start_in(line) == line.index("6 days")
    assert WrittenQuestion("d", "What is it?", "ained", line).start_in(line) == line.index("ained")


def test_half_of_the_tables_are_read_as_a_pdfs_are() -> None:
    found = list(document_examples(random.Random(1)))
    rows = [each for each in found if each.start is not None and " | " in each.passage]
    bare = [each for each in rows if "\n|" not in each.passage]
    assert 0.3 < len(bare) / len(rows) < 0.7
    for each in bare:
        answer = each.passage[each.start : each.end]
        assert answer == answer.strip(" |")
