"""Text -> the facts in it that must not change: numbers, units, dates, names, codes, what is negated. Pure; English.

Number words, thousands separators and scales are read ("6.2 million" = "6,200,000"); unit spellings are folded.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from index.terms import STOP_WORDS, stems, terms
from qa.number_words import SCALES, SMALL, TENS

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = re.compile(
    rf"\b(?P<iso_year>[12]\d{{3}})-(?P<iso_month>[01]\d)(?:-(?P<iso_day>[0-3]\d))?\b|"
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+(?P<month>{_MONTH})\b\.?(?:\s*,?\s+(?P<year>[12]\d{{3}})\b)?|"
    rf"\b(?P<month2>{_MONTH})\b\.?\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?:%|\d))(?:\s*,?\s+(?P<year2>[12]\d{{3}})\b)?|"
    rf"\b(?P<month3>{_MONTH})\b\.?\s+(?P<year3>[12]\d{{3}})\b",
    re.IGNORECASE,
)
_BARE_MONTH = re.compile(
    r"(?<!^)\b(January|February|March|April|May|June|July|"
    r"August|September|October|November|December)\b"
)
_CODE = re.compile(r"(?<![\w-])(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z][\w]*(?:[-./]\w+)*")

_ORDINALS = {word: number for number, word in enumerate(
    "first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)}  # fmt: skip
_WORDS = "|".join([*SMALL, *TENS])
_NUMBER = re.compile(
    rf"(?P<currency>[$€£¥]\s?)?(?<![\w.])(?P<sign>(?<![\w)\]])[-−](?=\d))?"
    rf"(?P<digits>\d{{1,3}}(?P<group>[,\u00a0\u202f ])\d{{3}}(?:(?P=group)\d{{3}})*(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?)|"
    rf"\b(?P<word>(?:{_WORDS})(?:[\s-](?:{_WORDS}))?)(?=\b)|\b(?P<ordinal>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_SCALE = re.compile(rf"[\s-]?({'|'.join(SCALES)})s?\b", re.IGNORECASE)
_UNIT = re.compile(r"(?:[\s-]?(%|°\s?[CF]|‰)|[\s-]?([A-Za-zµ²³/]+))")
_UNITS = {
    unit: name
    for name, spellings in {
        "percent": "% percent percentage pct",
        "dollar": "$ usd dollar dollars", "euro": "€ eur euro euros", "pound": "£ gbp",
        "second": "s sec secs second seconds", "minute": "min mins minute minutes", "hour": "h hr hrs hour hours",
        "day": "day days", "week": "week weeks", "month": "month months", "year": "year years yr yrs",
        "millimetre": "mm millimetre millimetres millimeter millimeters",
        "centimetre": "cm centimetre centimetres centimeter centimeters",
        "metre": "m metre metres meter meters", "kilometre": "km kilometre kilometres kilometer kilometers",
        "mile": "mi mile miles", "foot": "ft foot feet", "inch": "in inch inches",
        "gram": "g gram grams", "kilogram": "kg kilogram kilograms", "tonne": "t tonne tonnes ton tons",
        "litre": "l litre litres liter liters", "millilitre": "ml millilitre millilitres",
        "volt": "v volt volts", "watt": "w watt watts", "celsius": "°c celsius", "fahrenheit": "°f fahrenheit",
        "megabyte": "mb megabyte megabytes", "gigabyte": "gb gigabyte gigabytes",
    }.items()
    for unit in spellings.split()
}  # fmt: skip
_UNIT_STEMS = frozenset(stem for unit in (*_UNITS, *_UNITS.values(), "degree") for stem in stems(unit))
_CURRENCY_BEFORE = re.compile(r"\b(EUR|USD|GBP)\s?$")

_CAPITAL = re.compile(r"\b[A-ZÀ-ÖØ-Þ][\w’'-]*")
_ORDINARY = frozenset(
    """according additionally after although another because before both but during each either even every finally
    first following furthermore here however instead its later many more moreover most neither no nor not now once one
    only other overall perhaps second several similarly since some still such then there therefore these third thus
    today together two under unlike until upon what when where whether which while who yes yet january february march
    april may june july august september october november december monday tuesday wednesday thursday friday saturday
    sunday mr mrs ms dr eur usd gbp""".split()
)
_NEGATION = re.compile(
    r"\b(?:not(?! only)|(?<!_)no(?: longer)?(?![.:]\s)|never|none|nobody|nothing|nowhere|neither|nor|"
    r"without|cannot|hardly|barely|unable|lacks?|lacked|"
    r"fail(?:s|ed)? to|refus(?:e[sd]?|ing) to|instead of|rather than)\b|n[’']t\b", re.IGNORECASE)  # fmt: skip
_ANTONYMS = """
    increase increased rise rose risen grow grew grown gain/decrease decline fall fell fallen drop shrink shrank lose
    more greater larger bigger/less fewer smaller lesser
    higher/lower
    highest most maximum largest biggest longest/lowest least minimum smallest shortest
    before/after
    above over/below under
    first/last
    earlier/later
    early/late
    north northern/south southern
    east eastern/west western
    always/never
    all every/none
    with/without
    allow permit permitted may/forbid forbidden prohibit ban
    include included including/exclude excluded excluding
    accept accepted approve approved/reject rejected refuse refused deny denied
    support supported back backed favour/oppose opposed
    win won/lose lost
    open opened/close closed shut
    begin began begun start started/end ended finish stop
    old older oldest/new newer newest young
    male man men/female woman women
    internal/external
    import/export
    buy bought/sell sold
    upper top/lower bottom
    left/right
    positive/negative
    possible/impossible
    legal/illegal
    true/false
    major/minor
    public/private
    present/absent
    inside/outside
    strong stronger/weak weaker
    success succeed successful/failure fail unsuccessful
    hot hotter warm/cold colder cool
    rich/poor
    safe/dangerous unsafe
    enter/leave left exit
    arrive/depart
    mandatory required compulsory/optional voluntary
    agree/disagree
    appear/disappear
    connect/disconnect
"""
"""Words that say the contrary of each other, a pair of sides a line."""


@dataclass(frozen=True, slots=True)
class Number:
    """A value and its unit ("" where there is none that is known); ``text[start:end]`` is the figure as written."""

    value: float
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Date:
    """A day, a month, or a month of a year; None: not said."""

    year: int | None
    month: int
    day: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """One capitalised word or code: its stems, whether it opens the sentence (so that its capital proves nothing)."""

    stems: tuple[str, ...]
    start: int
    end: int
    opens: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text claims that can be compared. ``words``: stems of its topic words with their places, figures left
    out; ``negated``: stems that stand right after a negation; ``negations``: how many there are.
    """

    numbers: tuple[Number, ...]
    dates: tuple[Date, ...]
    names: tuple[Name, ...]
    words: tuple[tuple[str, int], ...]
    negated: frozenset[str]
    plain: frozenset[str]
    negations: int


@lru_cache(maxsize=4_096)
def facts(text: str) -> Facts:
    """The facts of a text. Cached: every sentence of an answer meets the same passages."""
    dates = _dates(text)
    taken = [(date.start, date.end) for date in dates]
    codes = [match.span() for match in _CODE.finditer(text) if not _within(match.start(), taken)]
    numbers = _numbers(text, [*taken, *codes])
    names = _names(text, taken, codes)
    inside = [*taken, *codes, *((number.start, number.end) for number in numbers)]
    words = tuple(
        (term.stem, term.start)
        for term in terms(text)
        if not term.stop and not term.stem[0].isdigit() and not _within(term.start, inside)
        and not _NEGATION.fullmatch(text[term.start : term.end])
    )  # fmt: skip
    negations = [match.end() for match in _NEGATION.finditer(text)]
    reached = {place for end in negations for place in _reach(words, text, end)}
    negated = frozenset(words[place][0] for place in reached)
    plain = frozenset(stem for place, (stem, _) in enumerate(words) if place not in reached)
    return Facts(numbers, dates, names, words, negated, plain, len(negations))


def opposites(stem: str) -> frozenset[str]:
    """Stems that say the contrary."""
    return _OPPOSITES.get(stem, frozenset())


def _reach(words: tuple[tuple[str, int], ...], text: str, end: int) -> list[int]:
    """The place of the first topic word after a negation, in the same clause."""
    clause = re.search(r"[,;:.]", text[end:])
    limit = end + clause.start() if clause else len(text)
    return [place for place, (_, start) in enumerate(words) if end <= start < limit][:1]


def _within(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _dates(text: str) -> tuple[Date, ...]:
    found = []
    for match in _DATE.finditer(text):
        part = match.groupdict()
        month = part["iso_month"] or part["month"] or part["month2"] or part["month3"]
        number = int(month) if month.isdigit() else _month(month)
        day = part["iso_day"] or part["day"] or part["day2"]
        year = part["iso_year"] or part["year"] or part["year2"] or part["year3"]
        if 1 <= number <= 12:
            found.append(Date(int(year) if year else None, number, int(day) if day else None, *match.span()))
    spans = [(date.start, date.end) for date in found]
    bare = [match for match in _BARE_MONTH.finditer(text) if not _within(match.start(), spans)]
    return (*found, *(Date(None, _month(match.group()), None, *match.span()) for match in bare))


def _month(word: str) -> int:
    return next((number for number, name in enumerate(_MONTHS, 1) if name.startswith(word.lower()[:3])), 0)


def _numbers(text: str, taken: list[tuple[int, int]]) -> tuple[Number, ...]:
    found = []
    for match in _NUMBER.finditer(text):
        if _within(match.start(), taken) or (match.group("ordinal") and not _counts(match, text)):
            continue
        value, end = _value(match), match.end()
        while not match.group("ordinal") and (scale := _SCALE.match(text, end)):
            value, end = value * SCALES[scale.group(1).lower()], scale.end()
        found.append(Number(value, _unit(match, text, end), match.start(), end))
    return tuple(found)


def _counts(match: re.Match[str], text: str) -> bool:
    """Whether an ordinal word is a number here: "a second" is time, "first" alone may be an adverb."""
    return match.group().lower() not in {"second", "first"} and not re.search(r"\d\s?$", text[: match.start()])


def _value(match: re.Match[str]) -> float:
    if match.group("ordinal"):
        return float(_ORDINALS[match.group("ordinal").lower()])
    if match.group("word"):
        return float(sum(SMALL.get(part, TENS.get(part, 0)) for part in re.split(r"[\s-]", match["word"].lower())))
    digits = re.sub(r"[\u00a0\u202f ]", "", match.group("digits"))
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        digits = digits.replace(",", "")
    value = float(digits.replace(",", "."))
    return -value if match.group("sign") else value


def is_unit(stem: str) -> bool:
    """Whether a word, given by its stem, is a unit of figures: "month", "km", "euro"."""
    return stem in _UNIT_STEMS


def _unit(match: re.Match[str], text: str, end: int) -> str:
    if match.group("currency"):
        return _UNITS.get(match.group("currency").strip(), "")
    if before := _CURRENCY_BEFORE.search(text[: match.start()]):
        return _UNITS[before.group(1).lower()]
    after = _UNIT.match(text, end)
    if after is None:
        return ""
    spelled = (after.group(1) or after.group(2)).replace(" ", "").lower()
    if spelled == "per" and text[end:].lstrip().lower().startswith("per cent"):
        spelled = "percent"
    if spelled in {"in", "s", "m", "t", "l"} and after.group().startswith(" ") and spelled != "m":
        return ""  # "5 in every 10"
    return _UNITS.get(spelled, "")


def _names(text: str, dates: list[tuple[int, int]], codes: list[tuple[int, int]]) -> tuple[Name, ...]:
    found = [Name(stems(text[start:end]), start, end, opens=False) for start, end in codes if stems(text[start:end])]
    for match in _CAPITAL.finditer(text):
        word = re.sub(r"['’]s?$", "", match.group())
        if _within(match.start(), [*dates, *codes]) or word.lower() in STOP_WORDS | _ORDINARY or len(word) < 2:
            continue
        opens = not re.search(r"\w", text[: match.start()]) or bool(re.search(r"[.!?:]\s+\W*$", text[: match.start()]))
        if opens and re.match(r"['’]s\b|\s+(?:of\s+)?[A-Z]", text[match.start() + len(word) :]):
            opens = False
        if split := stems(word):
            found.append(Name(split, match.start(), match.start() + len(word), opens))
    return tuple(sorted(found, key=lambda name: name.start))


def _all_opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in _ANTONYMS.strip().splitlines():
        left, right = (stems(side) for side in line.split("/"))
        for one, other in ((left, right), (right, left)):
            for stem in one:
                table.setdefault(stem, set()).update(other)
    return {stem: frozenset(others) for stem, others in table.items()}


_OPPOSITES = _all_opposites()
