"""What in a question means one thing only: codes, versions, years, and the numbers of models ("Tide 60"). Pure.

Such a word has no other for the same thing: where no passage holds it, none is about it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from index import Passage
from index.terms import Term, parse_query, stems, terms
from qa.facts import is_unit

Code = tuple[str, ...]
"""Stems of a code's parts, in their order."""

_YEAR = re.compile(r"(?<![\w.,-])(?:1\d\d\d|20\d\d)(?![\w-]|[.,]\d)")
_MODEL_DIGITS = 3
"""Digits of a model's number at most; longer ones are years or amounts."""
_UNIT = re.compile(r"[.,:/-]?\d|\s?(?:%|°|per ?cent\b|[ap]\.?m\b|million\b|thousand\b|billion\b)")
"""What makes a number after a name an amount ("in Germany 40 percent")."""
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
    asked, models = codes(question), _models(question)
    if not asked and not models:  # as most have none, and the words of all passages are not cut into stems for nothing
        return False
    texts = [
        padded(" ".join((passage.chunk.text, passage.chunk.context, passage.heading or "", passage.document.source)))
        for passage in passages
    ]
    return any(not any(holds(text, code) for text in texts) for code in asked) or any(
        _is_other_model(model, texts) for model in models
    )


def _is_code(parts: Code) -> bool:
    """Whether words written as one are a code: letters, then figures; or figures alone. Not "18-year-old"."""
    return parts[-1].isdigit() or (not parts[0].isdigit() and any(part.isdigit() for part in parts))


def _models(question: str) -> list[Code]:
    """Names with a short number after them: "AquaPure 500". Not "May 10", nor "in Germany 40 percent"."""
    words = terms(question)
    return [
        (name.stem, number.stem)
        for place, (name, number) in enumerate(pairwise(words))
        if place and _is_name(question, name) and _numbers_it(question, name, number)
        if not any(is_unit(after.stem) for after in words[place + 2 : place + 3])
    ]


def _is_name(question: str, word: Term) -> bool:
    return question[word.start].isupper() and not word.stop and word.stem not in _MONTHS


def _numbers_it(question: str, name: Term, number: Term) -> bool:
    return (
        number.stem.isdigit()
        and len(number.stem) <= _MODEL_DIGITS
        and question[name.end : number.start] == " "
        and not _UNIT.match(question, number.end)
    )


def _is_other_model(model: Code, texts: Sequence[str]) -> bool:
    """Whether texts number what has this name, but hold this number nowhere, nor between two of theirs ("20 to 80")."""
    name, number = model
    if any(f" {number} " in text for text in texts):
        return False
    numbered = re.compile(rf" {re.escape(name)} (\d+)(?:(?: to| and| or)? (\d+))?(?= )")
    found = [[int(other) for other in match.groups() if other] for text in texts for match in numbered.finditer(text)]
    return bool(found) and not any(min(others) < int(number) < max(others) for others in found)
