"""From a folder to a checked answer, with the real embedder and real stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qa import Answer, Assistant, Sentence, Settings, Turn

SEEDS = Path(__file__).parents[2] / "seeds"
ARTICLE = "000_68666599302d609d.txt"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(tmp_path_factory.mktemp("seeds") / "store", settings=Settings()) as opened:
        opened.index.sync(SEEDS)
        yield opened


def assert_exact(assistant: Assistant, answer: Answer) -> None:
    """Every citation is the document's own text, and every sentence has one."""
    numbers = [citation.number for citation in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    for citation in answer.citations:
        text = assistant.index.document(citation.source).text
        assert text[citation.start : citation.end] == citation.quote
    for sentence in answer.sentences:
        assert sentence.citations
        assert set(sentence.citations) <= set(numbers)


def test_the_answer_is_the_sentence_that_says_it(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries backed Macron's idea?")
    assert answer.answered
    assert "supported only by the Baltic states and Poland" in answer.text
    assert any(citation.source == ARTICLE for citation in answer.citations)
    assert len(answer.text) < 600, "sentences, not the paragraph"
    assert_exact(assistant, answer)


@pytest.mark.parametrize(
    "question",
    ["What is the capital of Peru?", "How do I bake sourdough bread?", "Who won the 1998 football world cup?"],
)
def test_what_no_document_holds_is_not_answered(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert not answer.answered
    assert not answer.sentences
    assert not answer.citations
    assert "do not answer" in answer.text
    assert answer.searched == len(assistant.index.documents())


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does ERR-4042 mean?", "zero check failed"),
        ("how much is paid per km for a private car in 2026?", "0.38"),
        ("Who chaired the Product Committee meeting of 12 March 2026?", "Maud Ellery"),
    ],
)
def test_facts_in_every_format(assistant: Assistant, question: str, expected: str) -> None:
    answer = assistant.ask(question)
    assert expected.lower() in answer.text.lower()
    assert_exact(assistant, answer)


def test_a_follow_up_is_understood(assistant: Assistant) -> None:
    first = assistant.ask("Which countries backed Macron's idea?")
    answer = assistant.ask("And who opposed it?", history=[Turn(first.question, first.text)])
    assert answer.question == "And who opposed it?"
    assert "Germany" in answer.text
    said = (
        "criticized the French leader's statement",
        "Other allies, with Germany the most outspoken among them, rejected it",
    )
    assert any(words in answer.text for words in said), "two documents say it"


def test_a_follow_up_may_lean_on_an_earlier_turn(assistant: Assistant) -> None:
    said = "How long does the battery of the P40 last?", "What does ERR-4061 mean?", "Does it have a GPS receiver?"
    history = [Turn(question) for question in said]
    for question, said_of_it in (("How much does it cost?", "2,490"), ("Is it waterproof?", "IP54")):
        assert said_of_it in assistant.ask(question, history=history).text
        assert not assistant.ask(question, history=history[1:]).answered, "nobody spoke of a machine"


def test_two_questions_get_two_answers(assistant: Assistant) -> None:
    answer = assistant.ask("What does ERR-4042 mean and which countries backed Macron's idea?")
    assert "zero check" in answer.text.lower()
    assert "Baltic states and Poland" in answer.text
    assert_exact(assistant, answer)


def test_a_part_that_is_not_answered_is_named(assistant: Assistant) -> None:
    answer = assistant.ask("Which countries backed Macron's idea and what is the capital of Peru?")
    assert answer.answered
    assert any("capital of Peru" in note for note in answer.notes)


def test_sources_that_disagree_are_both_shown(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "manual.txt").write_text(
        "The battery of the lamp lasts 18 hours on one charge. Charge it with the cable."
    )
    (folder / "sheet.txt").write_text("The battery of the lamp lasts 16 hours on one charge. Its colour is grey.")
    (folder / "other.txt").write_text("The lamp weighs 300 g. It ships in a box of card.")
    with Assistant.open(tmp_path / "store", settings=Settings(threshold=0.0)) as small:
        small.index.sync(folder)
        answer = small.ask("How long does the battery of the lamp last?")
        assert "18 hours" in answer.text
        assert "16 hours" in answer.text
        assert any("disagree" in note and "18 hours" in note and "16 hours" in note for note in answer.notes)
        assert_exact(small, answer)


def test_streaming_ends_with_the_same_answer(assistant: Assistant) -> None:
    question = "Which countries backed Macron's idea?"
    *sentences, answer = assistant.stream(question)
    whole = assistant.ask(question)
    assert isinstance(answer, Answer)
    assert all(isinstance(sentence, Sentence) for sentence in sentences)
    assert tuple(sentences) == answer.sentences == whole.sentences
    assert answer.citations == whole.citations


def test_a_misspelt_question_is_answered_and_says_how_it_was_read(assistant: Assistant) -> None:
    answer = assistant.ask("which contries backed macron's idea?")
    assert "the Baltic states and Poland" in answer.text
    assert answer.notes == ("Read “contries” as “countries”.",)
    assert answer.question == "which contries backed macron's idea?"


def test_an_empty_store_abstains(tmp_path: Path) -> None:
    with Assistant.open(tmp_path / "store", settings=Settings()) as empty:
        answer = empty.ask("Is anyone there?")
    assert not answer.answered
    assert answer.text == "There are no documents to search."


@pytest.mark.parametrize(
    "question", ["", "   ", "?!", "\x00", "the of and", '"', '"" ""', "NEAR(a b)", "a* OR NOT (", "😀"]
)
def test_odd_questions_are_no_errors(assistant: Assistant, question: str) -> None:
    assert_exact(assistant, assistant.ask(question))


@given(question=st.text(max_size=80))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_question(assistant: Assistant, question: str) -> None:
    assert_exact(assistant, assistant.ask(question))


def test_the_answer_as_data_has_the_documented_keys(assistant: Assistant) -> None:
    data = assistant.ask("Which countries backed Macron's idea?").to_dict()
    assert {
        "question",
        "answered",
        "text",
        "confidence",
        "model",
        "sentences",
        "citations",
        "passages",
        "timings",
    } <= set(data)
    assert set(data["citations"][0]) == {
        "number", "document_id", "source", "title", "page", "heading", "start", "end", "quote"
    }  # fmt: skip
    assert {"document_id", "source", "page", "start", "end", "text", "score"} <= set(data["passages"][0])
    assert set(data["sentences"][0]) == {"text", "supported", "citations", "start", "end"}
    assert 0 <= data["confidence"] <= 1
