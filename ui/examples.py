"""Questions to begin with, made from what a store holds: its titles, headings and names. Each is one it answers."""

import re
from collections import Counter

from index import Document, Filter
from qa import Assistant

_MOST = 8
_MOST_DOCUMENTS = 12
_TRIED = 4
"""Questions tried for each document; each takes as long as an answer."""
_HEADING = re.compile(r"[A-Za-z][A-Za-z' -]{3,48}[a-z]")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,}){0,2})")
_EMPTY = frozenset(
    "abstract appendix bibliography conclusion conclusions content contents faq index introduction notes overview "
    "preface recitals references summary january february march april may june july august september october november "
    "december monday tuesday wednesday thursday friday saturday sunday breaking figure table page".split()
)
"""Headings and capitalised words that nobody asks about."""


def example_questions(assistant: Assistant) -> tuple[str, ...]:
    """At most eight, from different documents first, the surest answers first. The same store gives the same ones."""
    infos = assistant.index.documents()
    step = max(1, len(infos) // _MOST_DOCUMENTS)
    found = [_answered(assistant, assistant.index.document(info.source)) for info in infos[::step][:_MOST_DOCUMENTS]]
    rounds = [sorted(items, reverse=True) for items in zip(*(_padded(items) for items in found), strict=True)]
    return tuple(dict.fromkeys(question for items in rounds for sure, question in items if sure))[:_MOST]


def _answered(assistant: Assistant, document: Document) -> list[tuple[float, str]]:
    """Confidence and question, for those that the document answers, the surest first."""
    asked = []
    where = Filter(sources=(re.sub(r"([*?[])", r"[\1]", document.source),))
    for question in _questions(document)[:_TRIED]:
        answer = assistant.ask(question)
        if answer.answered and assistant.ask(question, where=where).answered:
            asked.append((answer.confidence, question))
    return sorted(asked, reverse=True)


def _padded(items: list[tuple[float, str]]) -> list[tuple[float, str]]:
    return [*items, *[(0.0, "")] * (_TRIED - len(items))]


def _questions(document: Document) -> list[str]:
    title = document.title if _reads_well(document.title) else ""
    headings = [span.label for span in document.spans if span.kind == "section" and _reads_well(span.label)]
    topics = [heading for heading in dict.fromkeys(headings) if heading != title]
    names = [name for name, count in Counter(_NAME.findall(document.text)).most_common(4) if count > 1]
    about = [f"What does {title} say about {_lower(topic)}?" for topic in topics] if title else []
    said = [f"What is said about {name}?" for name in names if name.lower() not in _EMPTY]
    return [*about[:2], *said[:2], *about[2:], *said[2:]]


def _reads_well(label: str) -> bool:
    return _HEADING.fullmatch(label) is not None and len(label.split()) <= 6 and label.lower() not in _EMPTY


def _lower(topic: str) -> str:
    """As it stands inside a sentence: names and abbreviations keep their capitals."""
    first, *rest = topic.split()
    return " ".join([first.lower() if first[1:].islower() and all(word.islower() for word in rest) else first, *rest])
