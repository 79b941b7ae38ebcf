"""Questions to begin with, made from what a store holds: its titles, headings and names."""

import re
from collections import Counter

from index import Document
from qa import Assistant

_MOST = 8
_MOST_DOCUMENTS = 24
_HEADING = re.compile(r"[A-Za-z][A-Za-z' -]{3,48}[a-z]")
_NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,}){0,2})")
_EMPTY_HEADINGS = frozenset(
    "abstract appendix bibliography conclusion conclusions content contents faq index introduction notes overview "
    "preface references summary".split()
)


def example_questions(assistant: Assistant) -> tuple[str, ...]:
    """At most eight, from different documents first. The same store gives the same questions."""
    infos = assistant.index.documents()
    step = max(1, len(infos) // _MOST_DOCUMENTS)
    documents = [assistant.index.document(info.source) for info in infos[::step][:_MOST_DOCUMENTS]]
    rounds = zip_longest([_questions(document) for document in documents])
    return tuple(dict.fromkeys(rounds))[:_MOST]


def zip_longest(lists: list[list[str]]) -> list[str]:
    """First the first of each list, then the second of each, and so on."""
    longest = max(map(len, lists), default=0)
    return [items[place] for place in range(longest) for items in lists if place < len(items)]


def _questions(document: Document) -> list[str]:
    title = document.title if _reads_well(document.title) else ""
    headings = [span.label for span in document.spans if span.kind == "section" and _reads_well(span.label)]
    topics = [
        heading for heading in dict.fromkeys(headings) if heading.lower() not in {title.lower(), *_EMPTY_HEADINGS}
    ]
    about = [
        f"What does {title} say about {_lower(topic)}?" if title else f"What is said about {_lower(topic)}?"
        for topic in topics
    ]
    names = Counter(_NAME.findall(document.text)).most_common(3)
    return [*about[:3], *(f"What is said about {name}?" for name, count in names if count > 1)]


def _reads_well(label: str) -> bool:
    return _HEADING.fullmatch(label) is not None and len(label.split()) <= 6


def _lower(topic: str) -> str:
    """As it stands inside a sentence: names and abbreviations keep their capitals."""
    first, *rest = topic.split()
    return " ".join([first.lower() if first[1:].islower() and all(word.islower() for word in rest) else first, *rest])
