"""Words of a question that are mistyped -> the documents' word that was meant.

A word counts as mistyped if no document holds it, it is no word of the embedder's vocabulary (30,000 frequent words,
each one piece), and a slip of the fingers makes it out of a word of the documents: two letters swapped, one left out,
one too many, or the key beside the right one. More is not enough: "hypoglycemia" is not "hyperglycemia".
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice

from index.split import TokenOffsets
from index.terms import Term, parse_query, terms

_SHORTEST = 5
"""Letters; of shorter words too many are a slip apart."""
_MOST = 5
"""Words of a question that are looked up: each takes some milliseconds."""
_STEMS_ALIKE = 0.7
_STEMS = 8
"""Stems whose words are compared: the nearest ones, by their share of matching letters (difflib)."""
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACES = {key: (row, column + row / 2) for row, keys in enumerate(_KEYS) for column, key in enumerate(keys)}

StemsLike = Callable[[str, int], Iterable[str]]
"""A stem's first letter and its length -> the stems of the documents that begin so and are about as long."""
TextWith = Callable[[str], str]
"""A stem -> a text of the documents that holds it."""


def corrections(
    question: str, known: frozenset[str], *, stems_like: StemsLike, text_with: TextWith, token_offsets: TokenOffsets
) -> dict[str, str]:
    """Mistyped words of a question, as written, and what each should be. ``known`` are the stems that documents hold.

    Words in quotation marks and names (capitals after the question's first word) are left alone.
    """
    quoted = {stem for phrase in parse_query(question).phrases for stem in phrase}
    unknown = {
        question[term.start : term.end]: term.stem
        for place, term in enumerate(terms(question))
        if term.stem not in known | quoted
        and _may_be_mistyped(question[term.start : term.end], term, first=not place, token_offsets=token_offsets)
    }
    found = {word: _meant(word.lower(), stem, stems_like, text_with) for word, stem in islice(unknown.items(), _MOST)}
    return {word: meant for word, meant in found.items() if meant}


def respelled(question: str, corrected: dict[str, str]) -> str:
    """The question with the words as they should be."""
    for word, meant in corrected.items():
        question = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", meant, question)
    return question


def _may_be_mistyped(word: str, term: Term, *, first: bool, token_offsets: TokenOffsets) -> bool:
    is_word = word.isalpha() and word.isascii() and len(word) >= _SHORTEST and not term.stop
    return is_word and (word.islower() or (first and word.istitle())) and len(token_offsets(word.lower())) > 1


def _meant(word: str, stem: str, stems_like: StemsLike, text_with: TextWith) -> str:
    for near in get_close_matches(stem, list(stems_like(stem[0], len(stem))), n=_STEMS, cutoff=_STEMS_ALIKE):
        written = _as_written(near, text_with(near))
        if written and (_is_slip(stem, near) or _is_slip(word, written)):
            return written
    return ""


def _as_written(stem: str, text: str) -> str:
    """A word of the text that has the stem and no capital, which would make it a name; empty if there is none."""
    words = (text[term.start : term.end] for term in terms(text) if term.stem == stem)
    return next((word for word in words if word.islower()), "")


def _is_slip(typed: str, meant: str) -> bool:
    """Whether one slip of the fingers makes what was typed of what was meant."""
    if len(typed) != len(meant):
        longer, shorter = sorted((typed, meant), key=len, reverse=True)
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    wrong = [place for place in range(len(typed)) if typed[place] != meant[place]]
    if len(wrong) == 1:
        return _are_neighbours(typed[wrong[0]], meant[wrong[0]])
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:
        return False
    left, right = wrong
    return typed[left] == meant[right] and typed[right] == meant[left]


def _are_neighbours(left: str, right: str) -> bool:
    if left not in _PLACES or right not in _PLACES:
        return False
    (row, column), (other_row, other_column) = _PLACES[left], _PLACES[right]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1
