"""Scored sentences -> the few that make the answer. Pure."""

import math
import re
from collections.abc import Sequence

from index import SearchResult
from index.terms import parse_query, stems, terms
from qa.expectation import asks_for_several
from qa.reader import Evidence, document_of

_ALSO = 0.5
"""A further sentence must be at least this likely, against the best one, to hold the answer."""
_ALSO_IN_LIST = 0.25
"""The same where the question asks for several things, or for an explanation, which seldom fits one sentence."""
_REPEATS = 0.6
"""A sentence that shares this much of the shorter one's words with a chosen one adds nothing."""
_LIST_ITEMS = 6
"""Items shown after a sentence that ends with a colon and so introduces them."""
_DEFINITION_LEAD = 3.0
"""A definition may score this much less than the best sentence: it seldom repeats the question's words."""

_ASKS_FOR_MEANING = re.compile(r"\bmean(?:s|ing)?\b|\bstands? for\b|\bdefin", re.IGNORECASE)


def select(question: str, evidence: Sequence[Evidence], result: SearchResult, *, limit: int) -> list[Evidence]:
    """The sentences of the answer, the best first, then those that add to it in the order of the documents.

    ``evidence`` is sorted, best first.
    """
    if not evidence:
        return []
    best = evidence[0]
    if best.place.text.rstrip().endswith(":"):
        return [best, *_following(best, evidence)][: max(limit, _LIST_ITEMS + 1)]
    several = asks_for_several(question)
    floor = best.score + math.log(_ALSO_IN_LIST if several else _ALSO)
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
    return [*defining, *(item for item in evidence if item not in defining)]


def _following(best: Evidence, evidence: Sequence[Evidence]) -> list[Evidence]:
    """The sentences after one that ends with a colon, in the same passage: what it introduces."""
    same = [
        item for item in evidence if item.place.passage == best.place.passage and item.place.start > best.place.start
    ]
    return sorted(same, key=lambda item: item.place.start)[:_LIST_ITEMS]


def _overlap(left: Evidence, right: Evidence) -> float:
    """Shared topic words, as a share of the shorter sentence's; figures do not count."""
    first, second = _topic(left), _topic(right)
    return len(first & second) / (min(len(first), len(second)) or 1)


def _topic(item: Evidence) -> set[str]:
    return {term.stem for term in terms(item.place.text) if not term.stop and not term.stem[0].isdigit()}
