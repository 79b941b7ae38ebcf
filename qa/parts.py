"""A question that asks two things -> its parts. Pure; English."""

import re

from index.terms import terms

_ASKING = r"(?:who|whom|whose|what|when|where|why|which|how)"
_JOINT = re.compile(rf"\?\s+|,?\s+(?:and|or)\s+(?=(?:(?:on|in|at|by|for|to|from|with|of|since|until)\s+)?{_ASKING}\b)",
                    re.IGNORECASE)  # fmt: skip
_BEGINS = re.compile(rf"^\W*(?:(?:and|on|in|at|by|for|to|from|with|of|since|until)\s+)*{_ASKING}\b", re.IGNORECASE)
_MOST_PARTS = 4
"""More parts than this are a list of questions; they are asked as one."""


def question_parts(question: str) -> list[str]:
    """The single questions inside ``question``, each as it stands there; one element if it asks one thing.

    "Who chaired the meeting and when did it end?" has two; "Which towns and villages were taken?" has one.
    """
    parts = [part.strip(" ,;") for part in _JOINT.split(question.strip().rstrip("?")) if part.strip(" ,;")]
    if not 2 <= len(parts) <= _MOST_PARTS or not all(_BEGINS.match(part) for part in parts):
        return [question]
    if all(term.stop for term in terms(parts[0])):  # "When and where was it founded?" has one topic, at its end
        return [question]
    return [f"{part}?" for part in parts]
