"""Words of a question that are misspelt -> the documents' word that was meant.

A word counts as misspelt if no document holds it, it is no word of the embedder's vocabulary (30,000 frequent words,
each one piece), and a word of the documents is spelt nearly alike. So a question on what the documents do not hold
("Slovenia") is never read as one on what they do ("Slovakia").
"""

import re
from collections.abc import Callable, Iterable
from difflib import get_close_matches

from index.split import TokenOffsets
from index.terms import Term, terms

_SHORTEST = 5
"""Letters; of shorter words too many are a letter apart."""
_ALIKE = 0.83
"""Ratio of matching letters (difflib): "nuber" and "number" .91, "maximun" and "maximum" .86; "postgres" and "posters",
which are two words, .80."""
_STEMS_ALIKE = 0.7
_STEMS = 4
"""Stems whose words are compared: the nearest ones."""

StemsLike = Callable[[str, int], Iterable[str]]
"""A stem's first letter and its length -> the stems of the documents that begin so and are about as long."""
TextWith = Callable[[str], str]
"""A stem -> a text of the documents that holds it."""


def corrections(
    question: str, known: frozenset[str], *, stems_like: StemsLike, text_with: TextWith, token_offsets: TokenOffsets
) -> dict[str, str]:
    """Misspelt words of a question, as written, and what each should be. ``known`` are the stems that documents hold.

    Names are left alone (capitals after the question's first word): nobody can tell Kowalski from Kowalska.
    """
    found = {}
    for place, term in enumerate(terms(question)):
        word = question[term.start : term.end]
        if term.stem not in known and _may_be_misspelt(word, term, first=not place, token_offsets=token_offsets):
            meant = _nearest(word.lower(), term.stem, stems_like, text_with)
            if meant is not None:
                found[word] = meant
    return found


def respelled(question: str, corrected: dict[str, str]) -> str:
    """The question with the words as they should be."""
    for word, meant in corrected.items():
        question = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", meant, question)
    return question


def _may_be_misspelt(word: str, term: Term, *, first: bool, token_offsets: TokenOffsets) -> bool:
    is_word = word.isalpha() and word.isascii() and len(word) >= _SHORTEST and not term.stop
    return is_word and (word.islower() or (first and word.istitle())) and len(token_offsets(word.lower())) > 1


def _nearest(word: str, stem: str, stems_like: StemsLike, text_with: TextWith) -> str | None:
    near = get_close_matches(stem, list(stems_like(stem[0], len(stem))), n=_STEMS, cutoff=_STEMS_ALIKE)
    words = [spelt for other in near if (spelt := _as_written(other, text_with(other)))]
    return next(iter(get_close_matches(word, words, n=1, cutoff=_ALIKE)), None)


def _as_written(stem: str, text: str) -> str:
    """A word of the text that has the stem, in small letters."""
    return next((text[term.start : term.end].lower() for term in terms(text) if term.stem == stem), "")
