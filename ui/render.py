"""A conversation -> HTML: questions, answers with numbered markers, refusals, disagreements. Pure; knows no Gradio."""

import json
from collections.abc import Sequence

from qa import Answer, Citation
from qa import Sentence as AnswerSentence
from ui.conversation import Exchange
from ui.export import plain_text, with_footnotes
from ui.markup import count, escape, name

_PEEK = 320
"""Characters of a quote shown beside its marker."""
_NEAREST = 3
"""Passages offered where the documents do not answer."""
_LONGEST_TAIL = 24
"""Letters of a last word that may be kept on one line with its markers."""
_HIGH, _FAIR = 0.8, 0.6
"""From here on a confidence is called high, and fair."""
_WELCOME = '<div class="welcome"><h2 class="headline">Answers you can check</h2>'
_DISAGREE = "The sources disagree"
_MARKS = (("right", "Right"), ("partly", "Partly right"), ("wrong", "Wrong"))


def conversation(exchanges: Sequence[Exchange], *, feedback: bool) -> str:
    """All questions and answers, oldest first. ``feedback``: ask what the reader thinks of each answer."""
    last = exchanges[-1].number if exchanges else 0
    return "".join(exchange(item, feedback=feedback, last=item.number == last) for item in exchanges)


def welcome(*, documents: int, examples: Sequence[str]) -> str:
    """What stands where nothing was asked yet."""
    if not documents:
        return (
            f"{_WELCOME}<p>This collection holds no documents yet. Add some, "
            "and every sentence of an answer will lead to the words it was taken from.</p>"
            '<p><button type="button" class="primary" data-tab="Documents">Add documents</button></p></div>'
        )
    offered = "".join(
        f'<li><button type="button" class="example" data-question="{text}" dir="auto">{text}</button></li>'
        for text in map(escape, examples)
    )
    suggestions = f'<h3 class="quiet">Try one of these</h3><ul class="examples">{offered}</ul>' if offered else ""
    return (
        f"{_WELCOME}<p>Ask about {count(documents, 'document')}. Every "
        "sentence of an answer leads to the words it was taken from; where the documents do not answer, you are told "
        "so.</p>"
        f"{suggestions}</div>"
    )


def exchange(item: Exchange, *, feedback: bool, last: bool) -> str:
    """One question with what came of it."""
    body = _body(item)
    done = item.answer is not None and item.state == "done"
    tail = _tools(item, item.answer, feedback=feedback, last=last) if done and item.answer else ""
    if item.state in {"stopped", "failed"} and last:
        tail = f'<div class="tools">{_again(item, "Try again")}</div>'
    return (
        f'<article class="exchange" data-number="{item.number}" data-state="{item.state}">'
        f'<h2 class="question" dir="auto">{escape(item.question)}</h2><div class="reply">{body}</div>{tail}</article>'
    )


def confidence_words(confidence: float) -> str:
    """How sure the answer is, in words."""
    if confidence >= _HIGH:
        return "High confidence"
    return "Fair confidence" if confidence >= _FAIR else "Low confidence: check the quotes"


def _body(item: Exchange) -> str:
    if item.state == "failed":
        return f'<p class="failure" role="alert">{escape(item.error)}</p>'
    if item.answer is None:
        words = f'<p class="answer" dir="auto">{"".join(_sentence(item.number, s, {}) for s in item.sentences)}</p>'
        if item.state == "stopped":
            return (words if item.sentences else "") + '<p class="quiet">Stopped.</p>'
        return (words if item.sentences else "") + '<p class="searching"><span></span>Reading the documents…</p>'
    if not item.answer.answered:
        return _abstention(item.number, item.answer)
    return _answer(item.number, item.answer)


def _answer(number: int, answer: Answer) -> str:
    citations = {citation.number: citation for citation in answer.citations}
    notes = [note for note in answer.notes if not note.startswith(_DISAGREE)]
    disagreement = next((note for note in answer.notes if note.startswith(_DISAGREE)), "")
    sentences = list(answer.sentences)
    sides = ""
    if disagreement and len(sentences) >= 2:
        sides = _sides(number, sentences[:2], citations)
        sentences = sentences[2:]
    elif disagreement:
        notes.insert(0, disagreement)
    words = "".join(_sentence(number, sentence, citations) for sentence in sentences)
    return (
        sides
        + (f'<p class="answer" dir="auto">{words}</p>' if words else "")
        + "".join(f'<p class="note" dir="auto">{escape(note)}</p>' for note in notes)
        + _sources(number, answer)
        + _measure(answer)
    )


def _sentence(number: int, sentence: AnswerSentence, citations: dict[int, Citation]) -> str:
    """A sentence, its short answer in bold, with its markers; struck through if nothing supports it."""
    text = sentence.text
    if not sentence.supported:
        label = '<span class="unsupported-label">not supported by the documents</span>'
        return f'<span class="sentence unsupported"><s>{escape(text)}</s> {label}</span> '
    markers = "".join(_marker(number, citation, citations.get(citation)) for citation in sentence.citations)
    tail = len(text) - len(text.rsplit(None, 1)[-1]) if text.strip() else len(text)
    if markers and len(text) - tail <= _LONGEST_TAIL:  # no line begins with a marker
        ending = _stretch(sentence, tail, len(text))
        return (
            f'<span class="sentence">{_stretch(sentence, 0, tail)}<span class="tail">{ending}{markers}</span></span> '
        )
    return f'<span class="sentence">{_stretch(sentence, 0, len(text))}{markers}</span> '


def _stretch(sentence: AnswerSentence, start: int, end: int) -> str:
    """``text[start:end]`` with what of the short answer lies in it in bold."""
    text = sentence.text
    bold_start, bold_end = sentence.answer or (end, end)
    bold_start, bold_end = min(max(bold_start, start), end), min(max(bold_end, start), end)
    bold = f"<strong>{escape(text[bold_start:bold_end])}</strong>" if bold_start < bold_end else ""
    shown = f"{escape(text[start:bold_start])}{bold}{escape(text[max(bold_end, bold_start) : end])}"
    return shown.replace(" | ", ' <span class="bar">|</span> ')  # between the cells of a table's row


def _marker(number: int, shown: int, citation: Citation | None) -> str:
    """A numbered button that opens the evidence, and the quote that is shown when it is pointed at."""
    if citation is None:
        return f'<span class="marker pending">{shown}</span>'
    place = f"peek-{number}-{shown}"
    quote = _shortened(citation.quote, _PEEK)
    return (
        f'<span class="cite"><button type="button" class="marker" id="marker-{number}-{shown}" '
        f'data-evidence="{_request(exchange=number, citation=shown)}" aria-describedby="{place}" '
        f'aria-label="Evidence {shown}, {name(citation.source)}">{shown}</button>'
        f'<span class="peek" role="tooltip" id="{place}"><span class="peek-quote" dir="auto">{escape(quote)}</span>'
        f'<span class="peek-place" dir="auto">{_where(citation)}</span></span></span>'
    )


def _sides(number: int, pair: Sequence[AnswerSentence], citations: dict[int, Citation]) -> str:
    """Two sources that contradict each other, side by side; the note that says so would only repeat their figures."""
    cards = "".join(
        f'<div class="side"><h4 dir="auto">{name(citations[sentence.citations[0]].source)}</h4>'
        f'<p dir="auto">{_sentence(number, sentence, citations)}</p></div>'
        for sentence in pair
        if sentence.citations and sentence.citations[0] in citations
    )
    return (
        f'<section class="disagreement" aria-label="{_DISAGREE}"><h3>{_DISAGREE}</h3>'
        f'<p class="quiet">Read both before you rely on either.</p><div class="sides">{cards}</div></section>'
    )


def _abstention(number: int, answer: Answer) -> str:
    """A calm statement that the documents do not say, and the passages that come nearest."""
    nearest = "".join(
        f'<li><button type="button" class="passage" data-evidence="{_request(exchange=number, passage=place)}">'
        f'<span class="passage-place" dir="auto">{name(passage.document.source)}'
        f"{_page(passage.page, passage.heading)}</span>"
        f'<span class="passage-text" dir="auto">{escape(_shortened(passage.chunk.text, 220))}</span></button></li>'
        for place, passage in enumerate(answer.passages[:_NEAREST])
    )
    offered = f'<h3>Nearest passages</h3><ul class="passages">{nearest}</ul>' if nearest else ""
    return (
        f'<section class="abstention"><p class="verdict">{escape(answer.text)}</p>{offered}'
        f'<p class="measure">{count(answer.searched, "document")} searched · chance that they hold the answer: '
        f"{answer.confidence:.0%}</p></section>"
    )


def _sources(number: int, answer: Answer) -> str:
    """Where each marker leads, as a list: what a touch screen shows instead of the quote under the pointer."""
    items = "".join(
        f'<li><button type="button" class="source" data-evidence="{_request(exchange=number, citation=item.number)}">'
        f'<span class="marker" aria-hidden="true">{item.number}</span><span dir="auto">{_where(item)}</span>'
        "</button></li>"
        for item in answer.citations
    )
    return f'<ul class="sources" aria-label="Sources">{items}</ul>' if items else ""


def _measure(answer: Answer) -> str:
    title = "The estimated chance that the documents hold the answer where we looked"
    level = "high" if answer.confidence >= _HIGH else "fair" if answer.confidence >= _FAIR else "low"
    return (
        f'<p class="measure"><span class="level {level}" aria-hidden="true"></span><span title="{title}">'
        f"{confidence_words(answer.confidence)} ({answer.confidence:.0%})</span> · "
        f"{count(answer.searched, 'document')} searched</p>"
    )


def _tools(item: Exchange, answer: Answer, *, feedback: bool, last: bool) -> str:
    """Copy, export, ask again; and what the reader thinks."""
    place = f"markdown-{item.number}"
    return (
        '<div class="tools">'
        f'<button type="button" class="tool" data-copy="plain-{item.number}">Copy</button>'
        f'<button type="button" class="tool" data-download="{place}" data-name="answer-{item.number}.md">'
        "Export Markdown</button>"
        f"{_again(item, 'Ask again') if last else ''}"
        f"{_feedback(item) if feedback else ''}</div>"
        f'<pre hidden id="plain-{item.number}">{escape(plain_text(answer))}</pre>'
        f'<pre hidden id="{place}">{escape(with_footnotes(answer))}</pre>'
    )


def _again(item: Exchange, label: str) -> str:
    return f'<button type="button" class="tool" data-again="{item.number}">{label}</button>'


def _feedback(item: Exchange) -> str:
    if item.mark:
        shown = dict(_MARKS).get(item.mark, item.mark).lower()
        return f'<span class="thanks">Marked as {escape(shown)}. Thank you.</span>'
    buttons = "".join(
        f'<button type="button" class="tool" data-mark="{mark}" aria-pressed="false">{label}</button>'
        for mark, label in _MARKS
    )
    return (
        f'<span class="feedback" data-number="{item.number}" role="group" aria-label="Was this answer right?">{buttons}'
        '<span class="comment" hidden><label>Comment, if you like'
        f'<input type="text" maxlength="2000" id="comment-{item.number}" dir="auto" autocomplete="off"></label>'
        '<button type="button" class="tool send">Send</button></span></span>'
    )


def _request(**values: int | str) -> str:
    """What a button asks the server for, as JSON in an attribute."""
    return escape(json.dumps(values))


def _where(citation: Citation) -> str:
    return f'<span class="file">{name(citation.source)}</span>{_page(citation.page, citation.heading)}'


def _page(page: int | None, heading: str | None) -> str:
    parts = [f"page {page}"] if page is not None else []
    parts += [escape(heading)] if heading else []
    return f'<span class="place"> · {" · ".join(parts)}</span>' if parts else ""


def _shortened(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rsplit(' ', 1)[0]} …"
