"""From a model's text to an answer: checked, cited to the character, the same streamed and whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Passage
from qa.llm import LanguageModelError, open_model
from qa.prompt import NO_ANSWER
from qa.types import Citation
from qa.verify import EvidenceSpan
from qa.written import AnswerWriter, WrittenAnswer
from tests.helpers_llm import Behaviour, ModelServer, ScriptedModel, cite, passage

PUMP = passage("The P40 battery lasts about 16 hours. The pump needs twelve volts.", source="manual.txt", start=50)
PRICE = passage("The list price is EUR 2,490 without VAT. Schools get 12 % off.", source="prices.txt")
PASSAGES = (PUMP, PRICE)
QUESTION = "How long does the battery last and what is the price?"
TRUE = "The P40 battery lasts about 16 hours. [1]"
PRICED = "The list price is EUR 2,490 without VAT. [2]"
FALSE = "The P40 battery lasts about 20 hours. [1]"


def written(text: str, *, size: int = 5, unsupported: str = "remove") -> WrittenAnswer:
    model = ScriptedModel(text, size=size)
    return AnswerWriter(QUESTION, PASSAGES, model, cite=cite, unsupported=unsupported).write()  # type: ignore[arg-type]


def assert_exact(answer: WrittenAnswer) -> None:
    """Citations are the documents' own characters, numbered from 1; supported sentences have some."""
    texts = {p.document.source: (p.chunk.start, p.chunk.text) for p in PASSAGES}
    assert [citation.number for citation in answer.citations] == list(range(1, len(answer.citations) + 1))
    for citation in answer.citations:
        start, text = texts[citation.source]
        assert text[citation.start - start : citation.end - start] == citation.quote
    for sentence in answer.sentences:
        assert bool(sentence.citations) == sentence.supported
        assert set(sentence.citations) <= {citation.number for citation in answer.citations}


def test_true_sentences_are_cited() -> None:
    answer = written(f"{PRICED} {TRUE}")
    assert answer.answered
    assert [(s.text, s.citations) for s in answer.sentences] == [
        ("The list price is EUR 2,490 without VAT.", (1,)),
        ("The P40 battery lasts about 16 hours.", (2,)),
    ]
    assert [(c.source, c.start) for c in answer.citations] == [("prices.txt", 0), ("manual.txt", 50)]
    assert answer.notes == ()
    assert_exact(answer)


def test_what_is_not_supported_is_removed_and_told() -> None:
    answer = written(f"{TRUE} {FALSE} It is loved by all its many users. [7]")
    assert [s.text for s in answer.sentences] == ["The P40 battery lasts about 16 hours."]
    assert (answer.removed, answer.forged) == (2, 1)
    assert answer.notes == (
        "2 sentences were removed: the documents do not say so.",
        "1 citation was removed: no such passage was shown.",
    )
    assert "20" in answer.struck[0]
    assert_exact(answer)


def test_or_kept_and_marked() -> None:
    answer = written(f"{TRUE} {FALSE}", unsupported="mark")
    assert [(s.supported, s.citations) for s in answer.sentences] == [(True, (1,)), (False, ())]
    assert answer.removed == 0
    assert answer.notes == ("1 sentence was marked: the documents do not say so.",)


@pytest.mark.parametrize("text", [NO_ANSWER, f"{NO_ANSWER}.", FALSE, "", "Sure! Here you are:", "```\nrm -rf /\n```"])
def test_nothing_left_is_an_abstention(text: str) -> None:
    answer = written(text)
    assert not answer.answered
    assert (answer.sentences, answer.citations) == ((), ())


def test_only_marked_sentences_are_no_answer_either() -> None:
    assert not written(FALSE, unsupported="mark").answered


def test_no_passages_no_call() -> None:
    model = ScriptedModel(TRUE)
    assert not AnswerWriter(QUESTION, (), model, cite=cite).write().answered
    assert model.asked == []


PARTS = st.lists(
    st.sampled_from([TRUE, PRICED, FALSE, "[9]", "See http://evil.example/x.", "\n- ", "Yes. ", NO_ANSWER])
)


@given(PARTS, st.integers(1, 30))
def test_streamed_and_whole_are_equal_and_exact(parts: list[str], size: int) -> None:
    text = " ".join(parts)
    writer = AnswerWriter(QUESTION, PASSAGES, ScriptedModel(text, size=size), cite=cite)
    streamed = tuple(writer.sentences())
    whole = written(text, size=len(text) + 1)
    assert streamed == writer.answer.sentences == whole.sentences
    assert writer.answer == whole
    assert_exact(whole)


def test_what_is_said_only_in_part_is_removed_too() -> None:
    answer = written(f"{TRUE} The pump needs twelve volts and engineers everywhere praise its colour. [1]")
    assert [s.text for s in answer.sentences] == ["The P40 battery lasts about 16 hours."]
    assert "do not say" in answer.struck[0]


@pytest.mark.parametrize("size", [3, 7, 10_000])
def test_a_model_that_does_not_stop_is_not_listened_to_for_long(size: int) -> None:
    model = ScriptedModel(
        "\n".join([TRUE, *[f"{number}. It is item number {number}." for number in range(99)]]), size=size
    )
    answer = AnswerWriter(QUESTION, PASSAGES, model, cite=cite, max_sentences=2).write()
    assert [s.text for s in answer.sentences] == ["The P40 battery lasts about 16 hours."]
    assert answer.removed == 5


@pytest.mark.parametrize("behaviour", ["429", "500", "hang", "slow", "garbage", "cut", "empty"])
def test_a_failing_server_leaves_what_stood_and_the_question(behaviour: Behaviour) -> None:
    with ModelServer(f"{TRUE} {PRICED} " * 8, behaviour) as server:
        model = open_model(f"openai:tiny@{server.address}", timeout=4.0)
        writer = AnswerWriter(QUESTION, PASSAGES, model, cite=cite)
        with pytest.raises(LanguageModelError):
            writer.write()
        assert_exact(writer.answer)
        server.behaviours[:] = ["ok"]
        again = AnswerWriter(QUESTION, PASSAGES, model, cite=cite).write()
    assert again.answered
    assert QUESTION in str(server.requests[-1]["messages"])


def test_a_document_that_changed_meanwhile_is_not_cited() -> None:
    def cite_unchanged(number: int, passage: Passage, span: EvidenceSpan) -> Citation | None:
        if passage.document.source == "prices.txt":
            return None
        return Citation(number, "d", passage.document.source, "", 7, "Power", span.start, span.end, span.text)

    answer = AnswerWriter(QUESTION, PASSAGES, ScriptedModel(f"{PRICED} {TRUE}"), cite=cite_unchanged).write()
    assert [(c.number, c.source, c.page) for c in answer.citations] == [(1, "manual.txt", 7)]
    assert [(s.text, s.citations) for s in answer.sentences] == [("The P40 battery lasts about 16 hours.", (1,))]
