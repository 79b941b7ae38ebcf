"""What a language model writes -> plain sentences with the numbers they cite. Pure; the same however the text arrives.

A sentence is given out once nothing that follows can change it: a marker that has only half arrived is waited for.
Links, images, HTML and invisible characters do not survive; fenced code is kept as it is, and brackets in it cite
nothing.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from index.sentences import sentence_spans
from qa.wording import readable

_LONGEST_SENTENCE = 2_000
"""A model that never ends its sentence is cut here, so that an endless stream cannot fill the memory."""
_LONGEST_MARKER = 48
"""An opening bracket that is not closed within so many characters opens no marker."""
_WIDEST_RANGE = 20
"""[1-3] is a range of passages; a wider one is no citation that anybody could check."""

_WORD = r"(?:sources?|passages?|documents?|refs?\.?|references?|citations?|nos?\.?|see)"
_NUMBERS = r"\^?\d{1,4}(?:\s*(?:,|;|-|–|—|and|&|to|\+)\s*\^?\d{1,4})*"
_MARKER = re.compile(
    rf"\\?[\[［]\s*(?:{_WORD}[\s:#]*)*({_NUMBERS})\s*(?:†[^\]］\n]*)?\\?[\]］]|"
    rf"【\s*(?:{_WORD}[\s:#]*)*({_NUMBERS})\s*(?:†[^】\n]*)?】|"
    rf"[(（]\s*(?:{_WORD}[\s:#]*)+\[?({_NUMBERS})\]?\s*[)）]",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)\s*(?:-|–|—|to)\s*\^?(\d+)|(\d+)", re.IGNORECASE)
_OPENERS = "[［【(（\\"
_CLOSERS = "]］】)）\n"
_END = re.compile(r"(?<=\S)[.!?…]+[\"”’')\]*_]*(?=\s|\\?[\[［【])|[。！？]+[」』”’）]*|\n")
_FENCE = re.compile(r"[ ]{0,3}(?:```|~~~)")
_BULLET = re.compile(r"^\s*(?:[-*+•]\s+|#{1,6}\s+|>\s*|\d{1,3}[.)]\s+(?=\D))+")

_IMAGE = re.compile(r"!\[[^\]\n]*\](?:\([^)\n]*\)?|\[[^\]\n]*\]?)?")
_LINK = re.compile(r"\[([^\]\n]*)\]\([^)\n]*\)?")
_DEFINITION = re.compile(r"^\s*\[[^\]\n]+\]:\s*\S.*$", re.MULTILINE)
_REFERENCE = re.compile(r"\[([^\]\n]*[^\]\d\s,;^-][^\]\n]*)\]\[[^\]\n]*\]")
_TAG = re.compile(r"<!--.*?(?:-->|$)|</?[A-Za-z!?][^<>]*(?:>|$)", re.DOTALL)
_ADDRESS = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}:|\B)//[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+|\b(?:javascript|data|vbscript|file|mailto):\S+",
    re.IGNORECASE,
)
LINK_REMOVED = "(link removed)"
_CODE_MARK = re.compile(r"`([^`\n]*)`")


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence as the model wrote it, made plain. ``cited``: the passages it names, in order, without repeats;
    ``forged``: how many numbers named no passage. ``code``: a fenced block, kept with its lines.
    """

    text: str
    cited: tuple[int, ...] = ()
    forged: int = 0
    code: bool = False


class SentenceStream:
    """Pieces of text in, finished sentences out. Numbers above ``passages`` are forged."""

    def __init__(self, passages: int) -> None:
        """Begin with nothing heard."""
        self._passages = passages
        self._buffer = ""

    def feed(self, piece: str) -> Iterator[Written]:
        """Take the next piece; give out the sentences that now stand."""
        self._buffer += piece.replace("\r", "")
        yield from self._ready(last=False)

    def finish(self) -> Iterator[Written]:
        """There is no more: give out what is left."""
        yield from self._ready(last=True)

    def _ready(self, *, last: bool) -> Iterator[Written]:
        while (end := _settled_end(self._buffer, last=last)) is not None:
            raw, self._buffer = self._buffer[:end], self._buffer[end:]
            if (written := plain(raw, self._passages)) is not None:
                yield written


def written_sentences(text: str, passages: int) -> list[Written]:
    """All sentences of a finished text."""
    stream = SentenceStream(passages)
    return [*stream.feed(text), *stream.finish()]


def _settled_end(buffer: str, *, last: bool) -> int | None:
    """Where the first sentence (or code block) of the buffer ends, if nothing that follows can change that."""
    text = buffer.lstrip("\n ")
    lead = len(buffer) - len(text)
    if not text:
        return len(buffer) if last and buffer else None
    if not last and len(text) < 6 and _FENCE.match(text) is None and set(text) <= {"`", "~", " "}:
        return None  # a fence may be about to open
    if _FENCE.match(text):
        return _fence_end(buffer, lead, last=last)
    for match in _END.finditer(buffer, lead):
        if match.end() - lead > _LONGEST_SENTENCE:
            break
        if buffer[lead : match.start()].count("`") % 2 and match.group() != "\n":
            continue  # inside inline code
        following = _after_markers(buffer, match.end(), last=last)
        if following is None:
            return None
        marked = bool(buffer[match.end() : following].strip())
        if match.group() == "\n" or _breaks(buffer[lead : match.end()], buffer[following:], marked=marked):
            return following
    if len(text) > _LONGEST_SENTENCE:
        cut = buffer.rfind(" ", lead, lead + _LONGEST_SENTENCE)
        return cut if cut > lead else lead + _LONGEST_SENTENCE
    return len(buffer) if last else None


def _fence_end(buffer: str, start: int, *, last: bool) -> int | None:
    line_end = buffer.find("\n", start)
    while line_end >= 0:
        next_end = buffer.find("\n", line_end + 1)
        line = buffer[line_end + 1 : next_end if next_end >= 0 else len(buffer)]
        if _FENCE.match(line) and (next_end >= 0 or last):
            return next_end + 1 if next_end >= 0 else len(buffer)
        if next_end - start > _LONGEST_SENTENCE:
            return next_end + 1
        line_end = next_end
    return len(buffer) if last or len(buffer) - start > 2 * _LONGEST_SENTENCE else None


def _after_markers(buffer: str, position: int, *, last: bool) -> int | None:
    """The first character after white space and markers; None while that is not known yet."""
    while True:
        while position < len(buffer) and buffer[position].isspace():
            position += 1
        if position == len(buffer):
            return position if last else None
        if buffer[position] not in _OPENERS:
            return position
        if match := _MARKER.match(buffer, position):
            position = match.end()
            while position < len(buffer) and buffer[position] in ".,;":
                position += 1  # "[1]." closes the sentence that is over already
            continue
        window = buffer[position + 1 : position + _LONGEST_MARKER]
        open_still = len(window) < _LONGEST_MARKER - 1 and not any(character in _CLOSERS for character in window)
        # "]" may be the escaped half of "\]", or the inner bracket of "(see [1])": one character more decides.
        if not last and (
            open_still or (window and window[-1] in _CLOSERS and position + 1 + len(window) == len(buffer))
        ):
            return None
        return position


def _breaks(before: str, after: str, *, marked: bool) -> bool:
    """Whether a sentence ends here; ``marked``: a citation stands between, as it does at the end of one.

    Only the first character that follows counts, so that text may come in pieces.
    """
    if not after:
        return True
    first = after.lstrip("\"'“‘*_([`")[:1] or "X"
    if marked and not first.islower():
        return True
    # A lower-case word, a figure, or a name, which decides nothing by itself, as "The" would.
    following = "the" if first.islower() else "1" if first.isdigit() else "Smithson"
    return len(sentence_spans(f"{_MARKER.sub('', before).strip()} {following} end")) > 1


def plain(raw: str, passages: int) -> Written | None:
    """One raw stretch made plain; None if it says nothing. Markers alone come as a sentence without text."""
    if _FENCE.match(raw.lstrip("\n ")):
        return _code(raw)
    numbers: list[int] = []
    forged = 0
    kept: list[str] = []
    text = _neutral(raw)
    codes: list[str] = []

    def hold(match: re.Match[str]) -> str:
        codes.append(match.group(1))
        return f"\x00{len(codes) - 1}\x00"

    position = 0
    text = _CODE_MARK.sub(hold, text)
    for match in _MARKER.finditer(text):
        kept.append(text[position : match.start()])
        position = match.end()
        found, wrong = _numbers(next(group for group in match.groups() if group), passages)
        numbers += found
        forged += wrong
    kept.append(text[position:])
    text = _tidy("".join(kept))
    text = re.sub("\x00(\\d+)\x00", lambda match: codes[int(match.group(1))], text)
    if not text and not numbers and not forged:
        return None
    return Written(text, tuple(dict.fromkeys(numbers)), forged)


def _code(raw: str) -> Written | None:
    lines = raw.strip("\n ").split("\n")[1:]
    if lines and _FENCE.match(lines[-1]):
        lines = lines[:-1]
    text = "\n".join(_visible(line) for line in lines).strip("\n")
    return Written(_inert(text), code=True) if text.strip() else None


def _numbers(text: str, passages: int) -> tuple[list[int], int]:
    """The passages that a marker names, and how many of its numbers name none."""
    named: list[int] = []
    for match in _RANGE.finditer(text):
        low, high = int(match.group(1) or match.group(3)), int(match.group(2) or match.group(3))
        named += range(low, high + 1) if 0 <= high - low < _WIDEST_RANGE else [0]
    known = [number for number in named if 1 <= number <= passages]
    return known, len(named) - len(known)


def _neutral(text: str) -> str:
    """Nothing that a page, a terminal or a Markdown reader would act on."""
    text = _visible(text)
    for _ in range(4):  # taking one thing out can uncover another: &amp;lt;img
        before = text
        text = _TAG.sub(" ", html.unescape(text))
        text = _DEFINITION.sub(" ", _IMAGE.sub(" ", text))
        text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", text))
        text = _visible(text)
        if text == before:
            break
    return _inert(text)


def _inert(text: str) -> str:
    """Without addresses, and with nothing left that opens a tag or a link."""
    text = re.sub(r"<(?=[A-Za-z/!?])", "‹", _ADDRESS.sub(LINK_REMOVED, text))
    return re.sub(r"\](?=[(\[])", "] ", text)


def _visible(text: str) -> str:
    """Without control and format characters, which hide text or change its order."""
    return "".join(
        " " if character in "\t\n\u2028\u2029" else character
        for character in text
        if character in "\t\n\u2028\u2029" or unicodedata.category(character) not in {"Cc", "Cf", "Cn", "Co", "Cs"}
    )


def _tidy(text: str) -> str:
    text = _BULLET.sub("", readable(text, media_type="text/markdown"))
    text = re.sub(r"\(\s*\)|\[\s*\]", " ", text)
    text = re.sub(r"\s+([.,;:!?…])", r"\1", " ".join(text.split())).lstrip(":;,.)] ")
    text = re.sub(r"([.!?])\1?(?:\s*\.)+$", r"\1", text) if not text.endswith("...") else text
    return text if re.search(r"\w", text) else ""
