"""The unit that an answer must have ("how much does it cost" wants money), and whether a text has one.

A sentence about the right thing without such a figure is a common false answer where the documents hold none: "How old
is she?" finds when she was appointed. Where a rule is not sure it says that nothing is lacking. Pure; English.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import takewhile

from index.terms import Term, terms
from index.types import CELL_BORDER
from qa.expectation import offers
from qa.facts import Date, Number, facts, is_unit
from qa.number_words import ALTERNATIVES

_WORDS = f"{ALTERNATIVES}|several|few"
_FIGURE = rf"(?:(?<![\d.,/-])\d|\b(?:{_WORDS}|an?|half)\b)"
_BETWEEN = r"[\d.,/\s-]{0,12}(?:[a-z]+[\s-]){0,2}"
"""What may stand between a figure and its unit: the rest of the figure, and "more", "working", "nautical". Of bounded
length, or a file of digits would take seconds."""
_DIGITS = r"(?<![\d.,/-])\d[\d.,]{0,12}\s?"


def _figure_with(words: str, signs: str) -> re.Pattern[str]:
    """A figure before a unit in words, or digits right before its sign ("5 h", "40cm"): "in" and "s" mean much else."""
    return re.compile(rf"{_FIGURE}{_BETWEEN}(?:{words})\b|{_DIGITS}(?:{signs})\b", re.IGNORECASE)


_DURATION = _figure_with(
    r"seconds?|minutes?|mins?|hours?|days?|nights?|weeks?|fortnights?|months?|years?|decades?|centur(?:y|ies)",
    r"(?<=\s)s|ms|min|h|d",
)
_SINCE = re.compile(r"\b(?:since|until|till|from)\b", re.IGNORECASE)
_SIZE = _figure_with(
    r"metres?|meters?|kilomet(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|miles?|yards?|feet|foot|inch(?:es)?|"
    r"stor(?:e?y|ies)|floors?|pages?",
    r"[mck]?m|ft|(?<=\d)in",
)
_MONEY = re.compile(
    r"[$€£¥₹]|\b(?:EUR|USD|GBP|CHF|SEK|NOK|DKK)(?![A-Za-z])|\d(?:p|c|ct)\b|"
    r"\b(?:euros?|dollars?|pounds?|cents?|pence|francs?|kron(?:a|or|er)|yen|rupees?|shillings?|free|gratis|"
    r"no (?:charge|cost|fee))\b",
    re.IGNORECASE,
)
_OLD = re.compile(rf"\b(?:born|aged?|old)\b|{_FIGURE}{_BETWEEN}years?\b", re.IGNORECASE)
_SHARE = re.compile(
    r"%|\bper ?cent\b|\b(?:half|third|quarter|fifth|tenth|most|all|none|majority)s?\b|"
    r"(?<![\d.,/-])\d{1,3} (?:of|in|out of) ",
    re.IGNORECASE,
)
_WEIGHT = _figure_with(r"kilos?|kilograms?|grams?|tons?|tonnes?|pounds?|ounces?", r"[km]?g|t|lbs?|oz")
_WARMTH = re.compile(r"°|\bdegrees?\b|\d ?[CFK]\b", re.IGNORECASE)
_OFTEN = re.compile(
    r"\b(?:every|each|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?|once|twice|times|always|never|after|per)\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:.]\d\d\b|\b\d{1,2} ?[ap]\.?m\b|\b(?:noon|midnight|\w+days)\b", re.IGNORECASE)

_VERB = r"(?:is|are|was|were|do|does|did|will|would|can|must|has|have|had)"
_PAID = r"(?:cost|costs|price|charged?|fees?|pay|pays|paid|earns?|salary|spend|spent|budget|worth|wage|fines?|rent)"
_ASKED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (re.compile(asked, re.IGNORECASE), wanted)
    for asked, wanted in (
        (rf"\bhow (?:much|high) {_VERB}\b.*\b{_PAID}\b", _MONEY),
        (rf"\bwhat {_VERB}\b.* cost\b|\bhow expensive\b", _MONEY),
        (r"\b(?:what|which) (?:is|are|was|were) (?:\w+ ){0,3}(?:price|fee|salary|rent)\b", _MONEY),
        (r"\bhow old\b|\b(?:at )?what age\b", _OLD),
        (r"\b(?:what|which) (?:percentage|percent|per cent|share|proportion|fraction)\b|\bpercentage\b", _SHARE),
        (rf"\bhow heavy\b|\bhow much {_VERB}\b.* weigh\b", _WEIGHT),
        (r"\bhow (?:hot|cold|warm)\b|\b(?:what|which) (?:is|are|was|were)?(?: \w+){0,3} temperature\b", _WARMTH),
        (rf"\bhow (?:tall|deep|wide|far|thick)\b|\bhow high\b(?!.*\b{_PAID}\b)", _SIZE),
        (r"\b(?:what|which) (?:is|are|was|were) (?:\w+ ){0,2}(?:length|height|width|depth|distance|diameter)\b", _SIZE),
        (r"\bhow often\b|\bhow frequent", _OFTEN),
    )
)
_HOW_LONG = re.compile(r"\bhow long\b", re.IGNORECASE)
_WHEN = re.compile(
    rf"^\W*(?:and |but )?when {_VERB}\b|\b(?:on|in|since|by|until|from) (?:which|what) (?:day|month|year|date)\b|"
    r"\b(?:what|which) (?:year|date)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_COUNT = re.compile(rf"(?<![\d.,/-])\d|\b(?:{_WORDS}|none|no|nobody|both)\b", re.IGNORECASE)
_DAYS = 31
_PERCENT = "percent"
_COUNTED_WITHIN = 4
"""Words that may stand between a number and what it counts ("6,200 German and Dutch soldiers")."""


def lacks_unit(question: str, text: str, *, header: str = "") -> bool:
    """Whether the question asks for a unit, a date or a count, and ``text`` has none.

    ``header``: the names of the columns if the text is of a table's row; they may tell the unit of its figures.
    """
    return _check(question)(text, header)


@lru_cache(maxsize=64)
def _check(question: str) -> Callable[[str, str], bool]:
    """What tells of a text and its header whether they lack what is asked. Cached: all sentences found are checked."""
    if _HOW_LONG.search(question):
        return _lacks_length
    if found := _HOW_MANY.search(question):
        counted = _counted(question[found.end() :])
        return lambda text, _: not _counts(counted, text)
    if _WHEN.search(question):
        return lambda text, _: not (_dated(text) or _DURATION.search(text))
    wanted = [unit for asked, unit in _ASKED if asked.search(question)]
    return lambda text, header: any(not unit.search(f"{header} {text}") for unit in wanted)


def _lacks_length(text: str, header: str) -> bool:
    return not (header or _DURATION.search(text) or _SIZE.search(text) or (_SINCE.search(text) and _dated(text)))


def _dated(text: str) -> bool:
    return bool(offers(text, "date", question_words=frozenset()) or _CLOCK.search(text))


def _counts(counted: AbstractSet[str], text: str) -> bool:
    """Whether ``text`` has a number near one of the stems ``counted``, or names nothing of them and may mean them.

    A day or month is no count, nor is a figure with a unit where no unit is asked for: "40 percent" are no soldiers
    (but in a table's row they may be those of whom a survey tells). Of 1,219 answers to such a question this flags 3 %,
    of other sentences with a figure 20 %.
    """
    if not _COUNT.search(text):
        return False
    said = facts(text)
    dates = [(date.start, date.end) for date in said.dates if _is_surely_date(date, text)]
    words = [term for term in terms(text) if not _within(dates, term.start)]
    unfit = dates if any(map(is_unit, counted)) else [*dates, *_measured(said.numbers, words, counted, text)]
    numbers = [match.start() for match in _COUNT.finditer(text) if not _within(unfit, match.start())]
    places = [number for number, term in enumerate(words) if term.stem in counted]
    if not numbers or not places:  # "How many voted for it? Nine of eleven did." names nothing
        return bool(numbers)
    starts = [number for number, term in enumerate(words) if any(term.start <= begin < term.end for begin in numbers)]
    return any(abs(place - start) <= _COUNTED_WITHIN for place in places for start in starts)


def _is_surely_date(date: Date, text: str) -> bool:
    """Not "up to 12 may attend", nor "in March 40 came"."""
    written = text[date.start : date.end]
    return (date.year is not None or written != written.lower()) and (date.day or 1) <= _DAYS


def _measured(
    numbers: Sequence[Number], words: Sequence[Term], counted: AbstractSet[str], text: str
) -> Iterator[tuple[int, int]]:
    """Where the figures with a unit stand, but for those right before a word that is counted."""
    survey = CELL_BORDER in text
    for number in numbers:
        if number.unit and not (survey and number.unit == _PERCENT):
            after = [term.stem for term in words if term.start >= number.end][:2]
            if not counted & set(after):
                yield number.start, number.end


def _within(stretches: Sequence[tuple[int, int]], place: int) -> bool:
    return any(start <= place < end for start, end in stretches)


def _counted(asked: str) -> frozenset[str]:
    """Stems of up to three words of what follows "how many", before the first small word: one of them is counted."""
    return frozenset(term.stem for term in takewhile(lambda term: not term.stop, terms(asked)[:3]))
