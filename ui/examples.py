"""Questions to begin with, such as a person would ask, made from what a store says. Each is one it answers well.

A heading may be a question itself; a sentence of a plain form ("The pier was opened in 1824.") can be turned into the
question that it answers. A question is offered only if the assistant answers it from that very place, and is sure.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import zip_longest

from index import Document, Span
from qa import Answer, Assistant
from qa.followup import leans_on_history
from qa.wording import readable

_MOST = 8
_FEW = 4
_MOST_DOCUMENTS = 12
_FROM_ONE_DOCUMENT = 2
_TRIED = 24
"""Questions tried in all; each takes as long as an answer."""
_TRIED_OF_ONE = 4
_SURE = 0.6
_MOST_TEXT = 200_000
"""Characters of a document that are looked through."""
_LONGEST_SENTENCE = 240
_LONGEST_QUESTION = 90

_ASKS = re.compile(
    r"(?:How|What|Which|Who|When|Where|Why|Is|Are|Does|Do|Can|May|Must)\b(?!.*\b(?:I|I'm|my|me|you|your)\b)[^.?!:;]*\?"
)
_TITLE = re.compile(r"(?!.*\b(?:it|its|you|your|our|what|how|who|not|again|this|that)\b)[A-Z][A-Za-z'., -]{3,40}[a-z.]")
_CAPITAL = r"[A-Z][\w’'-]*\w"
_NAMED = rf"{_CAPITAL}(?: (?:(?:of|de|van|von|the) )?{_CAPITAL}){{0,3}}"
_VAGUE = "first|second|third|last|latter|former|other|same|only|next|correct|right|wrong|old|new|above|following"
_THING = rf"(?:(?:The|A|An) (?!(?:{_VAGUE})\b)[\w’'%-]+(?: [\w’'%-]+){{0,3}}?|{_NAMED})"
_FIGURE = r"(?:about |around |roughly |nearly )?(?:(?:EUR|USD|GBP|[€$£]) ?)?\d[\d,.]*"
_TIME = r"(?:seconds?|s|minutes?|min|hours?|h|days?|working days|weeks?|months?|years?)"
_DAY = r"(?:(?:on|in|at) )?(?:\w+ )?(?:\d{1,2} )?(?:[A-Z][a-z]+ )?(?:\d{1,2}, )?[12]\d{3}\b"
_DONE = (
    r"(?:\w+ed|built|begun|born|bought|brought|chosen|cut|found|given|held|known|laid|left|lost|made|paid|put|sent|set|"
    r"shown|shut|sold|taken|told|won|written)"
)
_NOT_NAMES = frozenset(
    "it they he she we you this that these those there here one both each all some many most what which who when where "
    "why how nobody everyone nothing everything january february march april may june july august september october "
    "november december monday tuesday wednesday thursday friday saturday sunday table figure page section chapter note "
    "warning caution currently recently today yesterday tomorrow following however therefore otherwise never".split()
)
"""Words that open a sentence with a capital, and about which nobody asks by this word alone."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A question, and the place of the document that should answer it."""

    question: str
    document_id: str
    start: int
    end: int


def example_questions(assistant: Assistant) -> dict[str, str]:
    """At most eight questions, from different documents first, each with the id of the document that answers it.

    The same store gives the same ones.
    """
    infos = assistant.index.documents()
    step = max(1, len(infos) // _MOST_DOCUMENTS)
    documents = [assistant.index.document(info.source) for info in infos[::step][:_MOST_DOCUMENTS]]
    asked = _kept(assistant, [_candidates(document)[:_TRIED_OF_ONE] for document in documents], _MOST)
    if len(asked) < _FEW:  # nothing in them has the form of an answer, so what their headings name
        asked |= _kept(assistant, [_by_headings(document)[:_TRIED_OF_ONE] for document in documents], _FEW - len(asked))
    return asked


def _kept(assistant: Assistant, queues: Sequence[Sequence[_Candidate]], most: int) -> dict[str, str]:
    """The first that are answered well, one of each document in turn."""
    rounds = [item for turn in zip_longest(*queues) for item in turn if item is not None]
    kept: dict[str, str] = {}
    for candidate in rounds[:_TRIED]:
        if len(kept) == most:
            break
        enough = list(kept.values()).count(candidate.document_id) == _FROM_ONE_DOCUMENT
        if not enough and candidate.question not in kept and _answers(assistant.ask(candidate.question), candidate):
            kept[candidate.question] = candidate.document_id
    return kept


def _answers(answer: Answer, candidate: _Candidate) -> bool:
    """Whether the answer is a sure one, and begins with the place that the question was made from."""
    if not answer.answered or answer.confidence < _SURE:
        return False
    first = answer.citations[0]
    return first.document_id == candidate.document_id and candidate.start < first.end and first.start < candidate.end


def _candidates(document: Document) -> list[_Candidate]:
    """Questions that the document asks itself, then those made from its sentences, of one form after another."""
    asked = [
        _Candidate(span.label, document.id, span.start, span.end)
        for span in document.spans
        if span.kind == "section" and _ASKS.fullmatch(span.label) and not leans_on_history(span.label)
    ]
    made: dict[int, list[_Candidate]] = {}
    ordinary = frozenset(re.findall(r"(?<![\w-])[a-z]{3,}(?![\w-])", document.text[:_MOST_TEXT]))
    names = frozenset(re.findall(r"(?<=[a-z,;] )[A-Z][\w-]+", document.text[:_MOST_TEXT]))
    for start, end, sentence in _sentences(document):
        if found := _question(sentence, ordinary, names):
            form, question = found
            made.setdefault(form, []).append(_Candidate(question, document.id, start, end))
    turns = zip_longest(*(made[form] for form in sorted(made)))
    mixed = [candidate for turn in turns for candidate in turn if candidate is not None]
    usable = [item for item in [*asked[:2], *mixed, *asked[2:]] if len(item.question) <= _LONGEST_QUESTION]
    return list({item.question: item for item in reversed(usable)}.values())[::-1]


def _by_headings(document: Document) -> list[_Candidate]:
    title = document.title.strip()
    return [
        _Candidate(f"What does {title} say about {_lower(span.label)}?", document.id, span.start, span.end)
        for span in document.spans
        if span.kind == "section" and span.label != title and _TITLE.fullmatch(title) and _TITLE.fullmatch(span.label)
    ]


def _lower(heading: str) -> str:
    """As it stands inside a sentence, unless another capital in it says that it is a name."""
    return heading if re.search(r"\S.*[A-Z]", heading) else f"{heading[0].lower()}{heading[1:]}"


def _sentences(document: Document) -> Iterator[tuple[int, int, str]]:
    """Sentences of paragraphs and items as people read them, with their places."""
    for span in document.spans:
        if span.kind not in {"paragraph", "item"} or span.start > _MOST_TEXT:
            continue
        for start, end in _cut(document.text, span):
            if end - start <= _LONGEST_SENTENCE:
                yield start, end, readable(document.text[start:end], media_type=document.media_type)


def _cut(text: str, span: Span) -> Iterator[tuple[int, int]]:
    start = span.start
    for stop in re.finditer(r"[.!?](?=\s+[A-Z“\"])|\Z", text[span.start : span.end]):
        end = span.start + stop.end()
        yield start, end
        start = end


def _question(sentence: str, ordinary: AbstractSet[str], names: AbstractSet[str]) -> tuple[int, str] | None:
    """The question that a sentence answers, with the number of its form; None if it has no form that we know.

    ``ordinary``: words that the document writes without a capital; ``names``: those with one inside a sentence.
    """
    sentence = re.sub(r"^\s*(?:[\d.]+\s+)?", "", sentence)
    for number, (pattern, template) in enumerate(_FORMS):
        match = pattern.match(sentence)
        if match is None:
            continue
        thing, *others = match.groups()
        first, _, rest = thing.partition(" ")
        if first.lower() in _NOT_NAMES:
            return None
        if not rest and first.lower() not in ordinary and first not in names:
            return None  # its capital may be the sentence's
        if first in {"The", "A", "An"} or first.lower() in ordinary:
            thing = f"{first.lower()} {rest}".strip()
        question = template.format(thing, *(_PRESENT.get(word, word) for word in others))
        return number, f"{question[0].upper()}{question[1:]}"
    return None


def _form(pattern: str, template: str) -> tuple[re.Pattern[str], str]:
    return re.compile(pattern), template


_PRESENT = {"rose": "rise", "fell": "fall", "grew": "grow", "increased": "increase", "decreased": "decrease",
            "dropped": "drop"}  # fmt: skip
_FORMS = (
    _form(rf"({_THING}) (was|were) ({_DONE}(?: in [A-Z]\w+)?) {_DAY}", "When {1} {0} {2}?"),
    _form(rf"({_THING}) ha[ds] been ({_DONE}) {_DAY}", "When was {0} {1}?"),
    _form(rf"({_THING}) (?:takes|lasts) {_FIGURE} {_TIME}\b", "How long does {0} take?"),
    _form(rf"({_THING}) (?:runs|ran|works) for {_FIGURE} {_TIME}\b", "How long does {0} run?"),
    _form(rf"({_THING}) (can|may|must|should) (?:be )?(\w+ed) (?:every|within|after|before) {_FIGURE} {_TIME}\b",
          "When {1} {0} be {2}?"),
    _form(rf"({_THING}) (?:costs?|is priced at) {_FIGURE}", "How much does {0} cost?"),
    _form(rf"({_THING}) weighs? {_FIGURE}", "How much does {0} weigh?"),
    _form(rf"({_THING}) (hold|contain|need|use|employ|lift|store)s? {_FIGURE} (?!per\b|%)([a-z]{{4,}}s)\b",
          "How many {2} does {0} {1}?"),
    _form(rf"({_THING}) had {_FIGURE} ([a-z]{{4,}}s)\b", "How many {1} did {0} have?"),
    _form(rf"({_NAMED}) (is|was) (the (?:first to|head of|chair of|director of|founder of|author of) [^,.;:]+)",
          "Who {1} {2}?"),
    _form(rf"({_THING}) (is|was) (?:now )?{_FIGURE}(?![\d.,]|.* only\b)", "What {1} {0}?"),
    _form(rf"({_THING}) (rose|fell|grew|increased|decreased|dropped) (?:by|from|to) {_FIGURE}",
          "By how much did {0} {1}?"),
    _form(rf"({_THING}) (will|must|can) be ({_DONE}) {_DAY}", "When {1} {0} be {2}?"),
    _form(rf"({_THING}) was ({_DONE}) by (?:[A-Z]\w+ )*{_CAPITAL}", "Who {1} {0}?"),
    _form(rf"({_THING}) (is|are|was|were) ([^,.;:]{{3,60}}?),? because\b", "Why {1} {0} {2}?"),
    _form(rf"({_THING}) (is|are) (?:not|never) (reimbursed|covered|allowed|paid|permitted|supported|included)\b",
          "{1} {0} {2}?"),
    _form(rf"((?:The )?{_NAMED}) (?:is|are) (?:an?|the) [a-z-]+ (?:[a-z-]+ )*(?:for|of|that|which|who)\b",
          "What is {0}?"),
)  # fmt: skip
"""Forms of sentences, the plainest first, and the questions that they answer."""
