"""What in a question means one thing only: codes, versions, years and numbered things ("Tide 60", "four blinks"). Pure.

Such a word has no other for the same thing: where no passage holds it, none is about it.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

from index import Passage
from index.terms import Term, parse_query, stems, terms
from qa.facts import is_unit
from qa.number_words import ORDINALS, SCALES, SMALL, TENS

Code = tuple[str, ...]
"""Stems of a code's parts, in their order."""
Numbered = tuple[str, int]
"""Stem of a thing's name and its number: ("house", 5). Of an ordinal the number is negative: "the third floor" is not
"three floors"."""

_YEAR = re.compile(r"(?<![\w.,-])(?:1\d\d\d|20\d\d)(?![\w-]|[.,]\d)")
_MODEL_DIGITS = 3
"""Digits of a model's number at most; longer ones are years or amounts."""
_UNIT = re.compile(r"[.,:/-]?\d|\s?(?:%|°|per ?cent\b|[ap]\.?m\b|million\b|thousand\b|billion\b)")
"""What makes a number after a name an amount ("in Germany 40 percent")."""
_NUMBER_OF = {word: number for word, number in (SMALL | TENS).items() if number > 1} | {
    word: -number for word, number in ORDINALS.items()
}
"""Words that number a thing. Not "one" and "zero", which are said of anything."""
_WORDS_OF = {number: stems(word) for word, number in _NUMBER_OF.items()}
_NUMBER_STEMS = frozenset(
    stem for word in (*_NUMBER_OF, *SCALES, "one", "per", "cent", "percent") for stem in stems(word)
)
_PART_OF = frozenset(".,-/:$€£")
"""Before a number: it is the end of a longer one, or of a price."""
_MONTHS = frozenset(
    stem
    for month in "january february march april may june july august september october november december".split()
    for stem in (*stems(month), *stems(month[:3]))
)


def codes(text: str) -> frozenset[Code]:
    """Codes, versions ("ERR-4045", "2.5") and years."""
    found = (parts for parts in parse_query(text).compounds if _is_code(parts))
    return frozenset((*found, *((year,) for year in _YEAR.findall(text))))


def alike(code: Code, other: Code) -> bool:
    """Whether two codes are of one kind: the same letters first, or both figures alone."""
    same_letters = code[0] == other[0] and not code[0].isdigit()
    return same_letters or (len(code) == len(other) and all(part.isdigit() for part in code + other))


def numbered_things(text: str) -> frozenset[Numbered]:
    """Things with a short number after or before their name: "house 5", "four blinks", "the third floor".

    No amounts: not "40 percent", "5 km" or "May 10".
    """
    words = terms(text)
    found = set()
    for place, (left, right) in enumerate(pairwise(words)):
        if text[left.end : right.start] != " ":
            continue
        after, before = _number(text, right), _number(text, left)
        if after is not None and _is_thing(left) and not _unit_after(words, place + 1):
            found.add((left.stem, after))
        if before is not None and _is_thing(right):
            found.add((right.stem, before))
    return frozenset(found)


def numbered_otherwise(asked: AbstractSet[Numbered], told: AbstractSet[Numbered]) -> bool:
    """Whether one of the things asked for is told of with other numbers only, none of a range around it ("1 to 5")."""
    for name, number in asked:
        theirs = {other for thing, other in told if thing == name and (other < 0) == (number < 0)}
        if theirs and not min(theirs) <= number <= max(theirs):
            return True
    return False


def holds(text: str, code: Code) -> bool:
    """Whether a text that :func:`padded` made holds a code."""
    return padded_stems(code) in text


def padded(text: str) -> str:
    """A text's stems between blanks, so that a word is found as a whole."""
    return padded_stems(stems(text))


def padded_stems(words: Iterable[str]) -> str:
    """Stems between blanks, with one before the first and after the last."""
    return f" {' '.join(words)} "


def names_unknown_code(question: str, passages: Iterable[Passage]) -> bool:
    """Whether something that a question names by a code or number stands nowhere in what was found.

    That is in no passage, heading above one, or name of its file. A name with a number counts only where the passages
    know the name with other numbers: they tell models apart by them, and this one is none of theirs.
    """
    asked, models, things = codes(question), _models(question), numbered_things(question)
    if not asked and not models and not things:  # as most; the words of all passages are not cut into stems for nothing
        return False
    written = [
        " ".join((passage.chunk.text, passage.chunk.context, passage.heading or "", passage.document.source))
        for passage in passages
    ]
    texts = [padded(text) for text in written]
    return (
        any(not any(holds(text, code) for text in texts) for code in asked)
        or any(_is_other_model(model, texts) for model in models)
        or any(_is_other_thing(thing, written, texts) for thing in things)
    )


def _is_code(parts: Code) -> bool:
    """Whether words written as one are a code: letters, then figures; or figures alone. Not "18-year-old"."""
    return parts[-1].isdigit() or (not parts[0].isdigit() and any(part.isdigit() for part in parts))


def _number(text: str, word: Term) -> int | None:
    if _is_short_number(text, word):
        return None if text[max(0, word.start - 1) : word.start] in _PART_OF else int(word.stem)
    return _NUMBER_OF.get(text[word.start : word.end].lower())


def _is_thing(word: Term) -> bool:
    return (
        word.stem.isalpha()
        and len(word.stem) > 1
        and not (word.stop or word.stem in _MONTHS or word.stem in _NUMBER_STEMS or is_unit(word.stem))
    )


def _models(question: str) -> list[Code]:
    """Names with a short number after them: "AquaPure 500". Not "May 10", nor "in Germany 40 percent"."""
    words = terms(question)
    return [
        (name.stem, number.stem)
        for place, (name, number) in enumerate(pairwise(words))
        if place and _is_name(question, name) and _numbers_it(question, name, number)
        if not _unit_after(words, place + 1)
    ]


def _is_name(question: str, word: Term) -> bool:
    return question[word.start].isupper() and not word.stop and word.stem not in _MONTHS


def _numbers_it(question: str, name: Term, number: Term) -> bool:
    return question[name.end : number.start] == " " and _is_short_number(question, number)


def _is_short_number(text: str, word: Term) -> bool:
    """Whether a word is a number of few digits with no sign or unit close after it."""
    return word.stem.isdecimal() and len(word.stem) <= _MODEL_DIGITS and not _UNIT.match(text, word.end)


def _unit_after(words: Sequence[Term], place: int) -> bool:
    return any(is_unit(word.stem) for word in words[place + 1 : place + 2])


def _is_other_thing(thing: Numbered, written: Sequence[str], padded_texts: Sequence[str]) -> bool:
    """Whether texts tell things of this name apart by two numbers or more, none of them this one or beyond it."""
    name, number = thing
    written_as = (*_WORDS_OF.get(number, ()), str(abs(number)))
    if any(holds(text, (word,)) for text in padded_texts for word in written_as):
        return False
    told = {other for text in written for other in numbered_things(text) if other[0] == name}
    return len({other for _, other in told if (other < 0) == (number < 0)}) > 1 and numbered_otherwise({thing}, told)


def _is_other_model(model: Code, texts: Sequence[str]) -> bool:
    """Whether texts number what has this name, but hold this number nowhere, nor between two of theirs ("20 to 80")."""
    name, number = model
    if any(f" {number} " in text for text in texts):
        return False
    numbered = re.compile(rf" {re.escape(name)} (\d+)(?:(?: to| and| or)? (\d+))?(?= )")
    found = [[int(other) for other in match.groups() if other] for text in texts for match in numbered.finditer(text)]
    return bool(found) and not any(min(others) < int(number) < max(others) for others in found)
