"""Names that strangers give: of files that they upload, and of collections. No name reaches the disk unchecked."""

import re
import secrets
import unicodedata
from collections.abc import Set

from index import UsageError

MAX_COLLECTION_NAME = 80
_MAX_PART_BYTES = 180
"""Of one folder or file name; file systems allow 255, and a number may be added."""
_MAX_PARTS = 12
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, where a store may be copied to."""


def safe_source(name: str) -> str:
    """A relative path with forward slashes, safe on every system, that is as much like ``name`` as can be.

    It never leads outside, hides a file, or shows itself other than it is (no direction marks, no control characters).
    """
    parts = [_safe_part(part) for part in visible(name).replace("\\", "/").split("/")]
    kept = [part for part in parts if part]
    if not kept:
        return "unnamed"
    return "/".join([*kept[: _MAX_PARTS - 1], kept[-1]] if len(kept) > _MAX_PARTS else kept)


def visible(text: str) -> str:
    """``text`` in composed form, without characters that cannot be seen or that turn the direction of writing."""
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    kinds = [(character, unicodedata.category(character)) for character in composed]
    return "".join(" " if kind == "Zs" else character for character, kind in kinds if kind not in _UNSEEN)


def collection_name(name: str, known: Set[str] = frozenset()) -> str:
    """A collection's name as it is kept and shown.

    :raises UsageError: it is empty, too long, holds what cannot be shown, or is taken.
    """
    cleaned = " ".join(name.split())
    if not cleaned:
        raise UsageError("The collection has no name; give it one.")
    if len(cleaned) > MAX_COLLECTION_NAME:
        raise UsageError(f"The name has {len(cleaned)} characters; at most {MAX_COLLECTION_NAME} are allowed.")
    if visible(cleaned) != unicodedata.normalize("NFC", cleaned):
        raise UsageError(f"The name {visible(cleaned)!r} holds characters that cannot be shown; leave them out.")
    cleaned = unicodedata.normalize("NFC", cleaned)
    if cleaned.casefold() in {other.casefold() for other in known}:
        raise UsageError(f"There is a collection called {cleaned!r} already; choose another name.")
    return cleaned


def unused(source: str, taken: Set[str]) -> str:
    """``source``, or if it is taken the same with a number: ``notes (2).md``."""
    stem, dot, extension = source.rpartition(".")
    if not dot or "/" in extension:
        stem, dot, extension = source, "", ""
    number, candidate = 1, source
    while candidate in taken:
        number += 1
        candidate = f"{stem} ({number}){dot}{extension}"
    return candidate


def slug(name: str) -> str:
    """The name of a collection's folder: what is plain in ``name``, for people who look, and a random part."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{plain}-{secrets.token_hex(4)}".lstrip("-")


def _safe_part(part: str) -> str:
    part = _UNSAFE.sub("_", part).strip().lstrip(".").rstrip(". ").strip()
    if _RESERVED.fullmatch(part):
        part = f"_{part}"
    return _shortened(part)


def _shortened(part: str) -> str:
    """At most so many bytes; the extension stays."""
    if len(part.encode()) <= _MAX_PART_BYTES:
        return part
    stem, dot, extension = part.rpartition(".")
    if not dot or len(extension) > 10:
        stem, dot, extension = part, "", ""
    room = _MAX_PART_BYTES - len(f"{dot}{extension}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + dot + extension
