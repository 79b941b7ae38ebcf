"""Nothing of a document or a person becomes markup; every sentence leads to its evidence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa import Answer, Citation, Sentence
from ui.conversation import Exchange, asked, failed, heard, history, marked, stopped
from ui.export import with_footnotes
from ui.markup import Mark, escape
from ui.markup import marked as with_marks
from ui.render import confidence_words, conversation, exchange, welcome

from .pages import Seen, abstention, answer, citation, read_html

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\'"&<!--${x}{{y}}'
TAGS = set("article h2 h3 h4 div p span button ul li strong s section pre label input mark".split())
"""All that a conversation is made of."""

any_text = st.text(max_size=60) | st.sampled_from([HOSTILE, "\x00\r\n\t", "\u202egpj.exe", "\ud800", "😀" * 9, "مرحبا"])


def shown(item: Answer, **options: bool) -> Seen:
    exchanges = heard(asked((), "question?", "documents"), item)
    return read_html(conversation(exchanges, feedback=options.get("feedback", True)))


def attributes(seen: Seen, name: str) -> list[str]:
    return [value for _, key, value in seen.attributes if key == name]


@given(any_text, any_text, any_text)
def test_any_text_stays_text(text: str, source: str, question: str) -> None:
    for item in (answer(text, text, source=source, notes=(text,)), abstention(text, source=source)):
        exchanges = heard(asked((), question, "documents"), replace(item, question=question))
        seen = read_html(conversation(exchanges, feedback=True))
        assert set(seen.tags) <= TAGS
        assert not [name for _, name, _ in seen.attributes if name.startswith("on") or name in {"href", "src", "style"}]


@given(any_text)
def test_escaped_text_reads_as_it_was(text: str) -> None:
    seen = read_html(f"<p>{escape(text)}</p>")
    assert seen.tags == ["p"]
    assert len(seen.text) == len(text)
    assert all(was == now for was, now in zip(text, seen.text, strict=True) if now != "\ufffd")


@given(st.text(alphabet="ab <&\n\r'\"é😀", min_size=1, max_size=40), st.data())
def test_marks_are_exact(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, 9))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    other = data.draw(st.integers(0, len(text)))
    marks = (Mark(other + offset, other + offset + 3), Mark(start + offset, end + offset, current=True))
    seen = read_html(with_marks(text, offset, marks))
    assert seen.text == text
    assert text[start:end] in seen.marks
    assert 1 <= len(seen.marks) <= 2


def test_every_sentence_carries_its_marker() -> None:
    seen = shown(answer("It is blue.", "It has wheels."))
    assert [value for value in attributes(seen, "id") if value.startswith("marker-")] == ["marker-1-1", "marker-1-2"]
    requests = attributes(seen, "data-evidence")
    assert requests.count('{"exchange": 1, "citation": 2}') == 2, "the marker, and the list of sources"


def test_quote_is_shown_beside_its_marker() -> None:
    seen = shown(answer("It is blue."))
    assert set(attributes(seen, "aria-describedby")) <= set(attributes(seen, "id"))
    assert seen.text.count("It is blue.") >= 2


def test_short_answer_is_bold() -> None:
    text = "Supported only by the Baltic states and Poland."
    place = (text.index("the Baltic"), text.index("."))
    item = answer(text)
    item = replace(item, sentences=(replace(item.sentences[0], answer=place),))
    page = exchange(heard(asked((), "who?", "documents"), item)[0], feedback=False, last=True)
    bold = page.replace("</strong>", "<strong>").split("<strong>")[1::2]
    assert "".join(bold) == "the Baltic states and Poland"
    assert text in read_html(page).text


def test_what_nothing_supports_is_struck_through() -> None:
    item = replace(answer("It is blue."), sentences=(Sentence("It flies.", (), supported=False),))
    seen = shown(item)
    assert "s" in seen.tags
    assert "not supported by the documents" in seen.text
    assert "It flies" not in with_footnotes(item), "nor taken along"


def test_disagreement_is_shown_side_by_side() -> None:
    note = "The sources disagree: a.txt says 3, b.txt says 4."
    page = exchange(heard(asked((), "?", "documents"), answer("It is 3.", "It is 4.", "More.", notes=(note,)))[0],
                    feedback=False, last=True)  # fmt: skip
    assert page.count('class="side"') == 2
    assert "a.txt says 3" in with_footnotes(answer("It is 3.", notes=(note,))), "what is taken along says it in words"
    assert page.index("More.") > page.index("It is 4.")


def test_refusal_offers_the_nearest_passages() -> None:
    seen = shown(abstention("one", "two", "three", "four"))
    assert attributes(seen, "data-evidence") == [f'{{"exchange": 1, "passage": {place}}}' for place in range(3)]
    assert "3 documents searched" in seen.text
    assert "alert" not in attributes(seen, "role"), "a refusal is no error"


@pytest.mark.parametrize(("value", "words"), [(0.95, "High"), (0.8, "High"), (0.7, "Fair"), (0.4, "Low")])
def test_confidence_is_said_in_words_with_its_number(value: float, words: str) -> None:
    assert confidence_words(value).startswith(words)
    assert f"{value:.0%}" in shown(answer("It is.", confidence=value)).text


def test_first_page_offers_questions_or_documents() -> None:
    assert "<button" in welcome(documents=0, examples=())
    seen = read_html(welcome(documents=2, examples=("Why?", HOSTILE)))
    assert attributes(seen, "data-question") == ["Why?", HOSTILE]
    assert "2 documents" in seen.text


def test_stopped_failed_and_marked_answers_say_so() -> None:
    begun = heard(asked((), "?", "documents"), Sentence("It is", (1,), supported=True))
    assert "Reading the documents" in conversation(begun, feedback=True)
    assert "Stopped" in conversation(stopped(begun), feedback=True)
    assert "no model" in conversation(failed(begun, "There is no model."), feedback=True)
    done = heard(begun, answer("It is blue."))
    assert stopped(done) == done
    assert "Marked as right" in conversation(marked(done, 1, "right"), feedback=True)
    assert "data-mark" not in conversation(done, feedback=False)


def test_history_holds_what_was_answered_in_the_same_collection() -> None:
    first = heard(asked((), "one?", "documents"), answer("It is 1."))
    second = heard(asked(first, "two?", "other"), answer("It is 2."))
    assert [turn.question for turn in history(second, "documents")] == ["one?"]
    assert [turn.answer for turn in history(second, "other")] == ["It is 2."]
    assert asked(second, "three?", "documents")[-1].number == 3


def test_markdown_takes_no_markup_along() -> None:
    item = replace(answer("![x](http://evil/a.png) [y](http://evil) <b>"), question="# *why*?")
    text = with_footnotes(item)
    assert "](" not in text.replace("\\]\\(", "").replace("\\](", "")
    assert "\\<b\\>" in text
    assert "[^1]: " in text
    assert "http://" not in text


def test_marker_without_its_citation_is_no_button() -> None:
    page = conversation(heard(asked((), "?", "d"), Sentence("It is.", (1,), supported=True)), feedback=False)
    assert "<button" not in page


def test_long_names_and_headings_do_not_hide() -> None:
    item = replace(answer("It is."), citations=(citation(1, "It is.", source="x" * 300, heading="y" * 300),))
    assert "x" * 300 in shown(item).text


def test_one_exchange_is_enough() -> None:
    assert isinstance(asked((), "?", "documents")[0], Exchange)
    assert isinstance(answer("It is.").citations[0], Citation)
