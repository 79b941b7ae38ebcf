"""Where the text that a PDF was read into stands on the page. Pure: compares characters, knows no PDF library.

A loader joins lines, takes hyphens out, drops running headers and puts signs between cells; but what it keeps, it keeps
in the page's order, all but the lines of a table's cells. So the two texts are compared word by word, then the words
left over on both sides, and letter by letter where words differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

_SIGN_OF_OURS = "|"
"""What the loader adds between cells; it stands nowhere on the page."""
_LEAST_FOUND = 0.97
"""Of a quote's characters; with less the words are not surely these, and nothing is marked."""
_LONGEST_LETTERWISE = 4_000
"""Letters compared one by one; a longer stretch without a common word is another text."""


class Box(NamedTuple):
    """A rectangle on a page, as shares of its width and height from the top left."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page as PNG, and boxes over a quote's words, one per line; no boxes if they could not be found for sure."""

    png: bytes
    width: int
    height: int
    boxes: tuple[Box, ...]


class _Word(NamedTuple):
    text: str
    places: tuple[int, ...]


def find_on_page(stored: str, start: int, end: int, page: Sequence[str]) -> list[int]:
    """Places in ``page`` of the characters of ``stored[start:end]``, in order; none if they are not surely there.

    ``stored`` is what was read of the page; ``page`` holds its characters, empty ones for those nobody sees.
    """
    wanted = [place for place in range(start, end) if not stored[place].isspace() and stored[place] != _SIGN_OF_OURS]
    found = _aligned(_words(stored), _words(page))
    places = [found[place] for place in wanted if place in found]
    if not wanted or len(places) < _LEAST_FOUND * len(wanted):
        return []
    return sorted(places)


def lines_of(rectangles: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float, float]]:
    """Rectangles of characters (left, top, right, bottom; downwards) joined to one per line, apart where a gap is."""
    lines: list[tuple[float, float, float, float]] = []
    for left, top, right, bottom in rectangles:
        if lines and _continues(lines[-1], (left, top, right, bottom)):
            last = lines[-1]
            lines[-1] = (min(last[0], left), min(last[1], top), max(last[2], right), max(last[3], bottom))
        else:
            lines.append((left, top, right, bottom))
    return lines


def _continues(line: tuple[float, float, float, float], next_one: tuple[float, float, float, float]) -> bool:
    overlap = min(line[3], next_one[3]) - max(line[1], next_one[1])
    height = min(line[3] - line[1], next_one[3] - next_one[1])
    gap = next_one[0] - line[2]
    return overlap > 0.5 * height and -height < gap < 1.5 * height


def _words(text: Sequence[str]) -> list[_Word]:
    words: list[_Word] = []
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate([*text, " "]):
        if character.isspace() or character == _SIGN_OF_OURS:
            if letters:
                words.append(_Word("".join(letters), tuple(places)))
                letters, places = [], []
        else:
            letters.append(character)
            places += [place] * len(character)  # a character may be read as several: a ligature
    return words


def _aligned(stored: Sequence[_Word], page: Sequence[_Word]) -> dict[int, int]:
    """Place in the stored text -> place on the page."""
    found, differing = _in_order(stored, page)
    rest = []
    for words, others in differing:  # first words that were broken between two lines: they stand where they should
        if _letters(words) == _letters(others):
            found |= _letterwise(words, others)
        else:
            rest.append((words, others))
    moved, _ = _in_order([word for words, _ in rest for word in words], [word for _, others in rest for word in others])
    found |= moved
    taken = set(moved.values())
    for words, others in rest:
        unmoved = [word for word in words if word.places[0] not in moved]
        found |= _letterwise(unmoved, [word for word in others if word.places[0] not in taken])
    return found


def _letters(words: Sequence[_Word]) -> str:
    return "".join(word.text for word in words).replace("-", "")


def _in_order(
    stored: Sequence[_Word], page: Sequence[_Word]
) -> tuple[dict[int, int], list[tuple[Sequence[_Word], Sequence[_Word]]]]:
    """Compare two texts by words: place -> place of those they share in order, and the stretches where they differ."""
    found: dict[int, int] = {}
    differing = []
    matcher = SequenceMatcher(None, [word.text for word in stored], [word.text for word in page], autojunk=False)
    for operation, first, first_end, second, second_end in matcher.get_opcodes():
        if operation == "equal":
            for one, other in zip(stored[first:first_end], page[second:second_end], strict=True):
                found.update(zip(one.places, other.places, strict=True))
        else:
            differing.append((stored[first:first_end], page[second:second_end]))
    return found, differing


def _letterwise(stored: Sequence[_Word], page: Sequence[_Word]) -> dict[int, int]:
    one = [place for word in stored for place in word.places]
    other = [place for word in page for place in word.places]
    if max(len(one), len(other)) > _LONGEST_LETTERWISE:
        return {}
    letters = "".join(word.text for word in stored), "".join(word.text for word in page)
    found: dict[int, int] = {}
    for first, second, size in SequenceMatcher(None, *letters, autojunk=False).get_matching_blocks():
        found.update(zip(one[first : first + size], other[second : second + size], strict=True))
    return found
