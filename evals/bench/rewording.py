"""True sentences reworded lightly, and sentences with one fact changed, by rules. Made to measure checking.

The words used here are chosen apart from those that the check knows.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

_SYNONYMS = dict(
    pair.split("/")
    for pair in """big/large begin/start began/started started/began begins/starts shows/displays showed/displayed
    made/produced makes/produces make/produce used/employed uses/employs use/employ often/frequently usually/normally
    near/close_to about/concerning also/too many/numerous main/principal famous/well-known built/constructed
    build/construct gets/receives got/received gave/provided gives/provides said/stated says/states called/named
    known/recognised happened/occurred occurs/happens part/portion help/assist helps/assists important/significant
    large/sizeable small/little bought/purchased keep/retain keeps/retains needs/requires need/require
    film/movie movie/film song/track country/nation city/town wrote/authored received/got released/issued
    created/made appeared/turned_up lived/resided located/situated found/discovered""".split()
)
_ADJUNCT_LEAD = re.compile(r"^((?:In|On|At|During|From|Since|By|For|Within|Under)\s[^,.;]{3,60}),\s+(\w.+?)([.!?]?)$")
_ADJUNCT_TAIL = re.compile(r"^(.{20,}?\w),?\s+((?:in|on|at|during|since|within|under)\s[^,.;()]{3,45})([.!?]?)$")
_REASON_TAIL = re.compile(r"^(.{15,}?),?\s+((?:because|since|although|while|when|if)\s[^;]{8,}?)([.!?]?)$")
_BRACKETS = re.compile(r"\s*\([^()]*\)")
_INSERTION = re.compile(
    r",\s(?:which|who|whose|where|including|such as|also|formerly|then|usually|known)\b[^,;]{4,80},"
)
_SUBJECT = re.compile(
    r"^((?:The\s+|A\s+)?[A-Z][\w'’-]*(?:\s+(?:of\s+(?:the\s+)?)?[A-Z][\w'’-]*)*)(\s+(?:is|was|are|were|has|had|can|will|became|began|plays?|won|lives?|made|wrote|said|starred|appeared|consists?|provides?)\b)"
)
_PRONOUN = re.compile(r"^(?:It|He|She|They|This|These)(\s+(?:is|was|are|were|has|had|can|will|became|began)\b)")

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]*-|\w)")
_WORD_NUMBERS = "two three four five six seven eight nine ten twelve twenty thirty".split()
_WORD_NUMBER = re.compile(rf"\b(?:{'|'.join(_WORD_NUMBERS)})\b", re.IGNORECASE)
_MONTHS = "January February March April May June July August September October November December".split()
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b(?=\s+\d|,)|(?<=\d\s)\b(?:{'|'.join(_MONTHS)})\b")
_YEAR = re.compile(r"(?<![\w,.-])(?:1[5-9]|20)\d\d(?![\w-])")
_NAME = re.compile(r"(?<=[a-z,]\s)[A-Z][\w'’-]*[a-z](?:\s+[A-Z][\w'’-]*[a-z])*")
_AUXILIARY = re.compile(r"\b(is|was|are|were|has|have|had|can|will|could|does|did|do|would|may|must)\s+(?!not\b|n't)")
_NOT = re.compile(r"\b(is|was|are|were|has|have|had|can|will|could|does|did|do|would|may|must)\s+not\s+|\b(can)not\s+")
_CONTRARY = dict(
    pair.split("/")
    for pair in """more/less less/more first/last last/first increased/decreased increase/decrease before/after
    after/before higher/lower lower/higher highest/lowest largest/smallest oldest/newest northern/southern
    southern/northern north/south south/north east/west west/east western/eastern eastern/western above/below
    always/never won/lost opened/closed began/ended included/excluded allowed/forbidden upper/lower female/male
    male/female early/late older/younger internal/external longest/shortest major/minor left/right
    supported/opposed accepted/rejected inside/outside greater/smaller maximum/minimum open/closed
    successful/unsuccessful most/least new/old best/worst""".split()
)


def reworded(sentence: str, title: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, sentence) for every rule that fits; the meaning stays."""
    if match := _ADJUNCT_LEAD.match(sentence):
        lead, rest, end = match.groups()
        yield "clause moved", f"{_upper(rest)} {_lower(lead)}{end}"
    elif match := _ADJUNCT_TAIL.match(sentence) or _REASON_TAIL.match(sentence):
        rest, tail, end = match.groups()
        yield "clause moved", f"{_upper(tail)}, {_keep_name(rest)}{end}"
    if (other := _with_synonyms(sentence)) != sentence:
        yield "synonyms", other
    if match := _SUBJECT.match(sentence):
        yield "pronoun for name", f"{chance.choice(['It', 'This'])}{match.group(2)}{sentence[match.end() :]}"
    if title and (match := _PRONOUN.match(sentence)):
        yield "name for pronoun", f"{title}{match.group(1)}{sentence[match.end() :]}"
    shorter = _INSERTION.sub("", _BRACKETS.sub("", sentence))
    if shorter != sentence and len(shorter.split()) >= 5:
        yield "adjunct dropped", shorter
    elif (match := _ADJUNCT_TAIL.match(sentence)) and len(match.group(1).split()) >= 6:
        yield "adjunct dropped", f"{match.group(1)}{match.group(3)}"


def altered(sentence: str, passages: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, sentence) for every rule that fits; one fact is wrong. ``passages[0]`` is the sentence's own."""
    if found := [m for m in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(m.group())]:
        yield "number", _swapped(sentence, chance.choice(found), lambda old: _other_number(old, chance))
        match = chance.choice(found)
        near = [
            n
            for n in _NUMBER.findall(passages[0])
            if n != match.group() and not _YEAR.fullmatch(n) and n not in sentence
        ]
        if near:
            yield "number from passage", _swapped(sentence, match, lambda _: chance.choice(near))
    elif found := list(_WORD_NUMBER.finditer(sentence)):
        others = [word for word in _WORD_NUMBERS if word not in sentence.lower()]
        yield "number word", _swapped(sentence, chance.choice(found), lambda _: chance.choice(others))
    if found := list(_YEAR.finditer(sentence)):
        yield (
            "year",
            _swapped(sentence, chance.choice(found), lambda old: str(int(old) + chance.choice([-7, -2, -1, 1, 3, 10]))),
        )
    if found := list(_MONTH.finditer(sentence)):
        yield (
            "month",
            _swapped(sentence, chance.choice(found), lambda old: chance.choice([m for m in _MONTHS if m != old])),
        )
    if found := list(_NAME.finditer(sentence)):
        match = chance.choice(found)
        for kind, texts in (("name", passages[1:]), ("name from passage", passages[:1])):
            pool = sorted(
                {n for text in texts for n in _NAME.findall(text) if not set(n.split()) & set(sentence.split())}
            )
            if pool:
                yield kind, _swapped(sentence, match, partial(_any_of, pool, chance))
    if found := list(_NOT.finditer(sentence)):
        match = chance.choice(found)
        yield (
            "negation taken out",
            f"{sentence[: match.start()]}{match.group(1) or match.group(2)} {sentence[match.end() :]}",
        )
    elif found := list(_AUXILIARY.finditer(sentence)):
        match = found[0]
        yield "negation put in", f"{sentence[: match.start()]}{match.group(1)} not {sentence[match.end() :]}"
    words = [m for m in re.finditer(r"\b\w+\b", sentence) if m.group() in _CONTRARY]
    if words:
        yield "opposite", _swapped(sentence, chance.choice(words), lambda old: _CONTRARY[old])


def _swapped(sentence: str, match: re.Match[str], change: Callable[[str], str]) -> str:
    new = change(match.group())
    return f"{sentence[: match.start()]}{_upper(new) if match.group()[0].isupper() else new}{sentence[match.end() :]}"


def _any_of(pool: Sequence[str], chance: random.Random, old: str) -> str:  # noqa: ARG001 - called like the others
    return chance.choice(pool)


def _other_number(old: str, chance: random.Random) -> str:
    value = float(old.replace(",", ""))
    new = chance.choice([value + 1, value * 2 + 1, value + 10, max(value - 2, 0.5), value * 10])
    decimals = len(old.partition(".")[2])
    return f"{new:,.{decimals}f}" if "," in old else f"{new:.{decimals}f}"


def _with_synonyms(sentence: str) -> str:
    return re.sub(r"\b[a-z]+\b", lambda m: _SYNONYMS.get(m.group(), m.group()).replace("_", " "), sentence)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _keep_name(text: str) -> str:
    """Small first letter, unless a name opens the sentence."""
    first = text.split()[0]
    return (
        _lower(text) if first in {"The", "A", "An", "It", "He", "She", "They", "This", "These", "In", "There"} else text
    )
