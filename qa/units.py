"""The unit that an answer must have ("how much is it" wants money, "how tall" a length), and whether a text has it.

A sentence about the right thing without such a figure is a common false answer where the documents hold none: "How old
is she?" finds when she was appointed. Pure; English.
"""

import re

from index.terms import Term, terms
from qa.expectation import offers

_FIGURE = (
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|"
    r"hundred|thousand|an?|half|several|few|some)\b)"
)
_TIME = r"(?:seconds?|minutes?|mins?|hours?|days?|nights?|weeks?|months?|years?|decades?|centur(?:y|ies)|s|ms|h|d)\b"
_LENGTH = (
    r"(?:[mck]?m|metres?|meters?|kilomet(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|yards?|feet|foot|ft|"
    r"inch(?:es)?|in|stor(?:e?y|ies)|floors?|pages?)\b"
)
_BETWEEN = r"[\d.,/\s-]*(?:[a-z]+[\s-]){0,2}"
"""What may stand between a figure and its unit: the rest of the figure, and "more", "working", "nautical"."""


def _figure_with(unit: str) -> re.Pattern[str]:
    return re.compile(rf"{_FIGURE}{_BETWEEN}{unit}", re.IGNORECASE)


_DURATION = _figure_with(_TIME)
_SIZE = _figure_with(_LENGTH)
_MONEY = re.compile(
    r"[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|euros?|dollars?|pounds?|cents?|pence|francs?|kron(?:a|or|er)|yen|rupees?|"
    r"shillings?|free|gratis|no (?:charge|cost|fee))\b",
    re.IGNORECASE,
)
_OLD = re.compile(rf"\b(?:born|aged?|old)\b|{_FIGURE}{_BETWEEN}years?\b", re.IGNORECASE)
_SHARE = re.compile(
    r"%|\bper ?cent\b|\b(?:half|third|quarter|fifth|tenth|most|all|none|majority)s?\b|\b\d+ (?:of|in|out of) ",
    re.IGNORECASE,
)
_WEIGHT = _figure_with(r"(?:k?g|mg|kilos?|kilograms?|grams?|t|tons?|tonnes?|lbs?|pounds?|oz|ounces?)\b")
_WARMTH = re.compile(r"°|\bdegrees?\b|\b\d+ ?[CFK]\b", re.IGNORECASE)
_OFTEN = re.compile(
    r"\b(?:every|each|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?|once|twice|times|always|never|after|per)\b",
    re.IGNORECASE,
)
_PAID = r"(?:cost|costs|price|charged?|fee|pay|paid|earn|salary|spend|spent|budget|worth|wage|fine|rent)\b"

_ASKED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), wanted)
    for asked, wanted in (
        (rf"\bhow much\b.*\b{_PAID}", _MONEY),
        (r"\bwhat (?:do|does|did|will|would)\b.* cost\b|\bhow expensive\b", _MONEY),
        (r"\b(?:what|which)\b(?: \w+){0,3} (?:price|fee|salary|rent)\b", _MONEY),
        (r"\bhow old\b|\b(?:at )?what age\b", _OLD),
        (r"\b(?:what|which) (?:percentage|percent|per cent|share|proportion|fraction)\b|\bpercentage\b", _SHARE),
        (r"\bhow heavy\b|\bhow much\b.* weigh|\b(?:what|which)\b(?: \w+){0,3} weight\b", _WEIGHT),
        (r"\bhow (?:hot|cold|warm)\b|\b(?:what|which)\b(?: \w+){0,3} temperature\b", _WARMTH),
        (r"\bhow (?:tall|high|deep|wide|far|thick)\b", _SIZE),
        (r"\b(?:what|which)\b(?: \w+){0,2} (?:length|height|width|depth|distance|diameter)\b", _SIZE),
        (r"\bhow often\b|\bhow frequent", _OFTEN),
    )
)
_HOW_LONG = re.compile(r"\bhow long\b", re.IGNORECASE)
_WHEN = re.compile(
    r"^\W*when\b|\b(?:on|in|since|by|until|from) (?:which|what) (?:day|month)\b|\b(?:what|which) (?:year|date)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_COUNTED_WITHIN = 4
"""Words that may stand between a number and what it counts ("6,200 German and Dutch soldiers")."""
_COUNT = re.compile(_FIGURE, re.IGNORECASE)


def lacks_unit(question: str, text: str) -> bool:
    """Whether the question asks for a unit, a date or a count, and ``text`` has none."""
    if _HOW_LONG.search(question):
        return not (_DURATION.search(text) or _SIZE.search(text))
    if _HOW_MANY.search(question):
        return not counts(question, text)
    if _WHEN.search(question):
        return not (offers(text, "date", question_words=frozenset()) or _DURATION.search(text))
    return any(asked.search(question) and not wanted.search(text) for asked, wanted in _ASKED)


def counts(question: str, text: str) -> bool:
    """Whether ``text`` has a number of what "how many" asks for, or a bare number that may be one."""
    counted = _counted(question)
    numbers = [match.start() for match in _COUNT.finditer(text)]
    if not numbers or not counted:
        return bool(numbers)
    words = terms(text)
    places = [number for number, term in enumerate(words) if term.stem in counted]
    if not places:  # "How many voted for it? Nine of eleven did." names nothing
        return True
    starts = [number for number, term in enumerate(words) if any(term.start <= begin < term.end for begin in numbers)]
    return any(abs(place - start) <= _COUNTED_WITHIN for place in places for start in starts)


def _counted(question: str) -> frozenset[str]:
    """Stems of the noun after "how many": of up to three words, those before the first small word."""
    found = _HOW_MANY.search(question)
    after: list[Term] = terms(question[found.end() :])[:3] if found else []
    stems: list[str] = []
    for term in after:
        if term.stop:
            break
        stems.append(term.stem)
    return frozenset(stems[-1:])
