"""Scored sentences -> the few that make the answer. Pure."""

import math
import re
from collections.abc import Sequence
from itertools import accumulate, pairwise

from index import SearchResult
from index.split import BULLET
from index.terms import parse_query, stems, terms
from index.types import CELL_BORDER
from qa.expectation import asks_for_list, asks_for_several, expected_kind
from qa.features import introduces
from qa.reader import Evidence, document_of
from qa.wording import innermost

_ALSO = 0.5
"""A further sentence must be at least this likely, against the best one, to hold the answer."""
_ALSO_IN_LIST = 0.25
"""The same where the question asks for several things, or for an explanation, which seldom fits one sentence."""
_REPEATS = 0.6
"""A sentence that shares this much of the shorter one's words with a chosen one adds nothing."""
_LIST_ITEMS = 8
"""Sentences shown after one that ends with a colon and so introduces a list,"""
_LIST_CHARACTERS = 600
"""or more of them, as long as they are short: some ten lines of a chat."""
_DEFINITION_LEAD = 3.0
"""A definition may score this much less than the best sentence: it seldom repeats the question's words."""

_MARK = re.compile(rf"\n\s*{BULLET.pattern}$")
_ITEM_GAP = re.compile(rf"\s*\n\s*{BULLET.pattern}|\n[ \t]*|\n\n[ \t]+")
"""What stands between two items of a list, or before the second paragraph of one."""
_FOLLOWS = re.compile(
    r"\b(?:as follows|the following (?:is|are) (?:a|the|some|all)\b[^.]*|(?:are|is) listed below)[.]\s*$", re.IGNORECASE
)
_LABEL = re.compile(r"\W{0,3}(\w[\w -]{0,30}?)\W{0,3}:\s+\S")
"""The label of a line: "Default: 30", "**Default:** 30"."""
_NUMBERED = re.compile(r"(?:\d{1,3}[.)]|[A-Za-z]\))\s")
_ASKS_FOR_MEANING = re.compile(r"\bmean(?:s|ing)?\b|\bstands? for\b|\bdefin", re.IGNORECASE)


def select(question: str, evidence: Sequence[Evidence], result: SearchResult, *, limit: int) -> list[Evidence]:
    """The sentences of the answer, the best first, then those that add to it in the order of the documents.

    A sentence that introduces a list comes with the list, and who asks for a list gets the whole of a short one, after
    the sentence that introduces it; ``limit`` does not hold for either. ``evidence`` is sorted, best first.
    """
    if not evidence:
        return []
    several = asks_for_several(question)
    share = _ALSO_IN_LIST if several else _ALSO
    listed = list_around(evidence[0], evidence, result)
    is_table = any(CELL_BORDER in item.place.text for item in listed)  # of which most often one row answers
    if listed and (
        (not is_table and _asked_for(question, listed[0], evidence)) or _asked_for_all(question, listed[1:], share)
    ):
        return listed
    evidence = _without_announcement(evidence)
    best, floor = evidence[0], evidence[0].score + math.log(share)
    chosen = [best]
    for item in evidence[1:]:
        if item.score < floor or len(chosen) == (limit if several else min(limit, 2)):
            break
        if not any(_overlap(item, other) >= _REPEATS for other in chosen):
            chosen.append(item)
    order = {passage.document.id: rank for rank, passage in reversed(list(enumerate(result.passages)))}
    rest = sorted(chosen[1:], key=lambda item: (order[document_of(item, result)], item.place.start))
    return [best, *rest]


def definition_first(question: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Where the meaning of a code is asked, a sentence or row that begins with the code goes before others as good.

    "What does ERR-4042 mean?" is answered by its row in the table of codes, not by a sentence that happens to name it.
    """
    codes = parse_query(question).compounds if _ASKS_FOR_MEANING.search(question) else ()
    if not evidence or not codes:
        return list(evidence)
    floor = evidence[0].score - _DEFINITION_LEAD
    defining = [
        item
        for item in evidence
        if item.score >= floor and any(stems(item.place.text)[: len(code)] == code for code in codes)
    ]
    return _moved_up(defining, evidence)


def labelled_first(question: str, evidence: Sequence[Evidence], result: SearchResult) -> list[Evidence]:
    """A line such as "Default: 30" first, where its label and the heading above it are all that is asked for.

    "What is the default of http.timeout?" is answered by that line under the heading "http.timeout", not by its
    neighbour that repeats the name.
    """
    asked = _topic(question)

    def is_asked_for(item: Evidence) -> bool:
        label = _LABEL.match(item.place.text)
        if label is None or not asked:
            return False
        named = set(stems(label.group(1)))
        heading = innermost(result.passages[item.place.passage].heading)
        return named <= asked <= named | set(stems(heading))

    return _moved_up([item for item in evidence if is_asked_for(item)], evidence)


def _moved_up(first: Sequence[Evidence], evidence: Sequence[Evidence]) -> list[Evidence]:
    return [*first, *(item for item in evidence if item not in first)]


def ends_in_list(evidence: Sequence[Evidence], result: SearchResult) -> bool:
    """Whether the best sentence's list, or the announcement of one, is cut off by its passage's end."""
    best = evidence[0]
    end = result.passages[best.place.passage].chunk.sentences[-1][1]
    listed = list_around(best, evidence, result)
    if not listed:
        return _announces(best.place.text) and best.place.end == end
    return listed[-1].place.end == end and _shown(listed) == len(listed)


def list_around(item: Evidence, evidence: Sequence[Evidence], result: SearchResult) -> list[Evidence]:
    """What a sentence with a colon introduces, after that sentence; of a sentence inside a short list, that list.

    Empty where there is none, or where nothing of it stands in the passage.
    """
    number = item.place.passage
    passage = sorted((each for each in evidence if each.place.passage == number), key=lambda each: each.place.start)
    chunk = result.passages[number].chunk
    gaps = [""] + [
        chunk.text[left.place.end - chunk.start : right.place.start - chunk.start] for left, right in pairwise(passage)
    ]
    first = passage.index(item)
    while not _announces(passage[first].place.text):
        if not first or not _goes_on(passage[first - 1], gaps[first], passage[first]):
            return []
        first -= 1
    end = next((n for n in range(first + 1, len(passage)) if _announces(passage[n].place.text)), len(passage))
    if _is_list(gaps[first + 1 : end], passage[first + 1 : end]):
        ends = (n for n in range(first + 2, end) if not _goes_on(passage[n - 1], gaps[n], passage[n]))
        end = next(ends, end)
    elif item is not passage[first] or not introduces(item.place.text):
        return []
    shown = _shown(passage[first + 1 : end])
    if item is not passage[first] and end - first - 1 > shown:
        return []
    return passage[first : first + 1 + shown] if shown else []


def _shown(items: Sequence[Evidence]) -> int:
    """How many of a list's items are shown."""
    lengths = accumulate(len(item.place.text) for item in items)
    return sum(number < _LIST_ITEMS or length <= _LIST_CHARACTERS for number, length in enumerate(lengths))


def _asked_for(question: str, announcement: Evidence, evidence: Sequence[Evidence]) -> bool:
    """Whether the list is asked for: what announces it is best, or says more of the question than the best item.

    Where not several things are asked for it must also be second, and about as good.
    """
    best = evidence[0]
    if announcement is best:
        return True
    asked = _topic(question)
    nearer = len(asked & _topic_without_figures(announcement)) > len(asked & _topic_without_figures(best))
    as_good = announcement is evidence[1] and announcement.score >= best.score + math.log(_ALSO_IN_LIST)
    return nearer and (asks_for_list(question) or (as_good and expected_kind(question) == "thing"))


def _announces(text: str) -> bool:
    """Whether a sentence announces a list: it ends with a colon, or says so."""
    return introduces(text) or bool(_FOLLOWS.search(text))


def _is_list(gaps: Sequence[str], items: Sequence[Evidence]) -> bool:
    """Whether what follows a colon are the lines of a list rather than text or code."""
    if not items:
        return False
    marked = bool(_MARK.search(gaps[0]) or _NUMBERED.match(items[0].place.text))
    return marked or (len(items) > 1 and _ITEM_GAP.fullmatch(gaps[1]) is not None)


def _goes_on(before: Evidence, gap: str, item: Evidence) -> bool:
    """Whether a sentence is of the list that the one before it introduces or is of: an item, or more of an item."""
    if _announces(before.place.text):
        return "\n" in gap
    return "\n" not in gap or bool(_ITEM_GAP.fullmatch(gap) or _NUMBERED.match(item.place.text))


def _asked_for_all(question: str, items: Sequence[Evidence], share: float) -> bool:
    """Whether a list is asked for, and two at least, and half, of this one's items that were read are about as good."""
    read = [item for item in items if item.score > -math.inf]
    if not asks_for_list(question) or not read:
        return False
    best = max(item.score for item in read)
    good = sum(item.score >= best + math.log(share) for item in read)
    return good >= max(2, len(read) / 2)


def _without_announcement(evidence: Sequence[Evidence]) -> Sequence[Evidence]:
    """Leave out a best sentence that only announces what is not there, if another is not much worse."""
    best, *others = evidence
    if not _announces(best.place.text) or (best.place.span is not None and best.place.span.margin >= 0):
        return evidence
    others = [item for item in others if not _announces(item.place.text)]
    return others if others and others[0].score >= best.score + math.log(_ALSO_IN_LIST) else evidence


def _overlap(left: Evidence, right: Evidence) -> float:
    """Shared topic words, as a share of the shorter sentence's; figures do not count."""
    first, second = _topic_without_figures(left), _topic_without_figures(right)
    return len(first & second) / (min(len(first), len(second)) or 1)


def _topic(text: str) -> set[str]:
    return {term.stem for term in terms(text) if not term.stop}


def _topic_without_figures(item: Evidence) -> set[str]:
    return {stem for stem in _topic(item.place.text) if not stem[0].isdigit()}
