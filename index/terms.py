"""Text -> terms: the one analysis shared by the full-text index, ranking and reading.

A term is a word folded to what a searcher means by it: lower case, no diacritics, English stem (Snowball). Letters and
digits part company ("18h" = "18 h", "ERR4042" = "ERR-4042"), thousands separators vanish ("1,500" = "1500"), and
scripts written without spaces give one term per character.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import Stemmer

ANALYSIS_VERSION = "1"
"""Stored with every index. Change it whenever the same text would give other terms."""

STOP_WORDS = frozenset(
    """a an and are as at be been being but by can could did do does doing for from had has have having he her hers him
    his how i if in into is it its itself me my of on or our ours she should so some such than that the their theirs
    them then there these they this those to too us was we were what when where which while who whom whose why will
    with would you your yours s t m re ve ll d don doesn didn isn aren wasn weren hasn haven hadn couldn shouldn
    wouldn""".split()
)
"""Words that carry no topic in English. They stay in the index (quoted phrases need them) but not in questions."""

_ONE_BY_ONE = (
    r"\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    r"\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Japanese, Chinese and Korean: each character is a term."""
_LETTER = rf"[^\W\d_{_ONE_BY_ONE}]"
_WORD = re.compile(
    rf"""
    [{_ONE_BY_ONE}][\u3099\u309a]?                # with a voicing mark of its own
    | \d+(?:[,\u202f\u00a0]\d{{3}})+(?!\d)        # 1,500,000
    | \d+
    | {_LETTER}+(?:[\u0300-\u036f]+{_LETTER}*)*   # accents may be characters of their own
      (?:['’](?:s|t|m|re|ve|ll|d)(?![^\W\d_]))?   # O'Neil is two words, Neil's is one
    """,
    re.VERBOSE | re.IGNORECASE,
)
_APOSTROPHE = re.compile(r"['’].*")
_VOICING_MARKS = "\u3099\u309a"
"""The only combining characters that make another letter (ga of ka), not the same one with an accent."""
_ASCII_MARKS = re.compile(r"[\s\x00-\x2f\x3a-\x60\x7b-\x7f]")
_SEPARATORS = re.compile(r"[,\u202f\u00a0]")
_COMPOUND = re.compile(
    # Only where a word begins: from every letter of a long run the search would take minutes.
    r"(?<!\w)\w+(?:[-–./:_@#&+]\w+)+|(?<![^\W_])(?:[^\W\d_]+\d\w*|\d+[^\W\d_]\w*)"
)
_QUOTED = re.compile(r'(?<!\w)"([^"]+)"(?!\w)|“([^”]+)”')  # no inch marks: 5"
_MAX_WORD = 64
"""Longer runs of letters are encoded data, not words; they are cut so that one cannot bloat the index."""


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a text: ``text[start:end]`` is as written, ``stem`` is compared, ``stop`` marks words of no topic."""

    stem: str
    start: int
    end: int
    stop: bool


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a question asks the full-text index for.

    ``stems`` are its topic words in order, without repeats (all its words if it has only stop words); ``compounds``
    are code-like words whose parts must stand together (ERR-4042); ``phrases`` are quoted and must be there.
    """

    stems: tuple[str, ...]
    compounds: tuple[tuple[str, ...], ...]
    phrases: tuple[tuple[str, ...], ...]


def terms(text: str) -> list[Term]:
    """All terms of ``text`` in order, stop words included."""
    found = []
    for match in _WORD.finditer(text):
        folded, stem = _fold(match.group())
        found.append(Term(stem, match.start(), match.end(), folded in STOP_WORDS))
    return found


@lru_cache(maxsize=20_000)
def stems(text: str) -> tuple[str, ...]:
    """The stems of all words of ``text``, in order. Cached: questions on one topic meet the same passages again."""
    return tuple(_fold(match.group())[1] for match in _WORD.finditer(text))


def topic_stems(found: Iterable[Term]) -> list[str]:
    """Stems without stop words, in order, without repeats; all stems if nothing else is left."""
    found = list(found)
    return list(dict.fromkeys(term.stem for term in found if not term.stop) or dict.fromkeys(t.stem for t in found))


def parse_query(question: str) -> ParsedQuery:
    """Split a question into topic words, code-like compounds and quoted phrases."""
    phrases = tuple(
        phrase for match in _QUOTED.finditer(question) if (phrase := stems(match.group(1) or match.group(2)))
    )
    compounds = tuple(parts for match in _COMPOUND.finditer(question) if len(parts := stems(match.group())) > 1)
    return ParsedQuery(tuple(topic_stems(terms(question))), tuple(dict.fromkeys(compounds)), phrases)


@lru_cache(maxsize=200_000)
def _fold(word: str) -> tuple[str, str]:
    """Word as written -> (folded, stem). Cached: text repeats its words, and folding is most of the cost."""
    if word[0].isdecimal():
        digits = _SEPARATORS.sub("", word)
        return digits, digits
    folded = _APOSTROPHE.sub("", word[:_MAX_WORD]).lower()
    if not folded.isascii():
        decomposed = unicodedata.normalize("NFKD", folded)
        kept = "".join(each for each in decomposed if each in _VOICING_MARKS or not unicodedata.combining(each))
        # Some letters are short for words with spaces or brackets, or for an accent alone.
        folded = unicodedata.normalize("NFC", _ASCII_MARKS.sub("", kept.lower()) or folded)
    return folded, _STEMMER.stemWord(folded)


_STEMMER = Stemmer.Stemmer("english")
_STEMMER.maxCacheSize = 0  # our own cache above holds the folded form too
