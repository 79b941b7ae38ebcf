"""Bytes to text: byte order mark, UTF-16 by its zero bytes, strict UTF-8, then a guess."""

import codecs
import logging
import re
from dataclasses import dataclass

from index.errors import LoadError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE_BYTES = 1 << 16
"""Enough to recognise a file as text and to guess its encoding."""
_MAX_CONTROL_SHARE = 0.02
"""Share of control bytes above which a file is no text; random bytes have ten per cent, text has none."""
_CONTROL_BYTES = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b\x1a\b")) + b"\x7f"
_WESTERN_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "àâæçèéêëîïôœùûüÿ",  # French
        "äöüßéàè",  # German, with its loan words
        "áéíñóúüçàèìòùïºª",  # Spanish, Catalan, Italian
        "àáâãçéêíóôõúüºª",  # Portuguese
        "åäöæøéü",  # Nordic
        "áðéíóúýþæöäå",  # Icelandic
        "éèëïöüáó",  # Dutch
    )
)
"""Lower-case letters beyond a-z by language; guessers, for lack of such a list, confuse west and east."""
_SYMBOL_IN_WORD = re.compile("[a-zA-Z][\xa1-\xa9\xab\xac\xae-\xb3\xb5\xb6\xb8\xb9\xbb-\xbf][a-zA-Z]")
_NOT_DECODABLE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text with Unix newlines, free of NUL and lone surrogates, and what was lost on the way."""

    text: str
    notices: tuple[str, ...] = ()


def decode(data: bytes, name: str, declared: str = "") -> Decoded:
    """Decode a text file; ``declared`` is the encoding it claims, believed if the bytes do not say otherwise.

    :raises LoadError: if the bytes are no text.
    """
    text, encoding = _decode_marked(data) or _decode_unmarked(data, name, declared)
    # A character that cannot be decoded may stand in the file itself; only those the decoder wrote are a loss.
    lost = text.count("\ufffd") - data.count("\ufffd".encode(encoding, "ignore") or b"\0")
    text, surrogates = _NOT_DECODABLE.subn("\ufffd", text)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").removeprefix("\ufeff")
    lost = max(lost, 0) + surrogates
    if not lost:
        return Decoded(text)
    characters = "1 character is" if lost == 1 else f"{lost} characters are"
    return Decoded(text, (f"{characters} not valid {encoding} and shown as \ufffd; save the file as UTF-8",))


def is_binary(data: bytes) -> bool:
    """Say whether the bytes are no text in any encoding."""
    if any(data.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS):
        return False
    sample = data[:_SAMPLE_BYTES]
    if _guess_utf16(sample):
        return False
    controls = len(sample) - len(sample.translate(None, _CONTROL_BYTES))
    return controls > max(1, _MAX_CONTROL_SHARE * len(sample))


def _decode_marked(data: bytes) -> tuple[str, str] | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace"), encoding
    return None


def _decode_unmarked(data: bytes, name: str, declared: str) -> tuple[str, str]:
    encoding = _guess_utf16(data[:_SAMPLE_BYTES])
    if encoding:
        return data.decode(encoding, "replace"), encoding
    if is_binary(data):
        raise LoadError(f"{name}: holds binary data, not text; convert it to text or leave it out")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        encoding = "utf-8" if _is_mostly_utf8(data) else _known(declared) or _guess(data)
    return data.decode(encoding, "replace"), encoding


def _guess_utf16(sample: bytes) -> str:
    """Name the UTF-16 variant of text without a mark: its zero bytes all stand at even or all at odd places."""
    sample = sample[: len(sample) // 2 * 2]
    zeros_even, zeros_odd = sample[::2].count(0), sample[1::2].count(0)
    # Spaces and line ends alone give every twentieth character a zero byte, in any script.
    if min(zeros_even, zeros_odd) > 0 or max(zeros_even, zeros_odd) * 20 < len(sample) // 2 or len(sample) < 4:
        return ""
    encoding = "utf-16-be" if zeros_even else "utf-16-le"
    text = sample.decode(encoding, "replace")
    unreadable = sum(not character.isprintable() and not character.isspace() for character in text)
    return encoding if unreadable <= _MAX_CONTROL_SHARE * len(text) else ""


def _known(declared: str) -> str:
    """Return the codec for a declared encoding, as browsers read it; empty for none or one that gives no text."""
    wider = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
    try:
        codec = codecs.lookup(declared)
        "".encode(codec.name)  # raises LookupError for codecs that turn bytes into bytes
    except (LookupError, ValueError):
        return ""
    return "" if codec.name.startswith("utf") else wider.get(codec.name, codec.name)


def _is_mostly_utf8(data: bytes) -> bool:
    """Say whether the few bytes that are not UTF-8 are damage in a UTF-8 file rather than another encoding."""
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    valid = sum(1 for character in text if character > "\x7f" and character != "\ufffd")
    return valid >= 2 * damaged


def _guess(data: bytes) -> str:
    first = next(place for place, byte in enumerate(data) if byte > 127)
    sample = data[max(0, first - 256) :][:_SAMPLE_BYTES]
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes  # not at the top: few files need it

    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    match = from_bytes(sample).best()
    return match.encoding if match else "cp1252"


def _is_western(sample: bytes) -> bool:
    text = sample.decode("cp1252", "replace")
    letters = [character for character in text.lower() if character.isalpha()]
    beyond_ascii = [letter for letter in letters if letter > "\x7f"]
    return (
        "\ufffd" not in text
        and len(beyond_ascii) * 3 < len(letters)
        and not _SYMBOL_IN_WORD.search(text)
        and any(alphabet.issuperset(beyond_ascii) for alphabet in _WESTERN_ALPHABETS)
    )
