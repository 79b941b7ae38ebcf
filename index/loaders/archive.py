"""Zip archives, which Word, PowerPoint, Excel and e-book files are: opened only after a look at their sizes."""

import io
import lzma
import struct
import zipfile
import zlib

from index.errors import LoadError

ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)
"""What ``zipfile`` raises for damaged archives."""

_MAX_UNPACKED_BYTES = 300 * 1024 * 1024
_MAX_RATIO = 100
"""Unpacked to packed size; documents have 3 to 30, bombs 1000."""
_RATIO_FREE_BYTES = 10 * 1024 * 1024
"""Up to this size any ratio is harmless: small files of repeated XML pack very well."""
_MAX_MEMBERS = 20_000


def open_archive(data: bytes, name: str, kind: str) -> zipfile.ZipFile:
    """Open an archive whose unpacked size is harmless; ``kind`` completes "is not a readable ...".

    :raises LoadError: if the archive is damaged or unpacks to more than we read.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ARCHIVE_ERRORS as error:
        raise broken(name, kind, "the zip archive is broken") from error
    # zipfile never unpacks more than the size a member declares, so the declared sizes can be trusted.
    unpacked = sum(member.file_size for member in archive.infolist())
    is_bomb = unpacked > _RATIO_FREE_BYTES and unpacked > _MAX_RATIO * len(data)
    if is_bomb or unpacked > _MAX_UNPACKED_BYTES or len(archive.infolist()) > _MAX_MEMBERS:
        raise LoadError(
            f"{name}: unpacks to {unpacked:,} bytes in {len(archive.infolist()):,} parts, more than is safe to read; "
            "save its text in smaller files"
        )
    return archive


def member_names(data: bytes) -> frozenset[str]:
    """Return the names of an archive's members; none if it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except ARCHIVE_ERRORS:
        return frozenset()


def broken(name: str, kind: str, problem: str) -> LoadError:
    """Return the error for a damaged file, with what usually repairs it."""
    program = kind.split()[0]
    return LoadError(f"{name}: is not a readable {kind} ({problem}); open it in {program} and save it again")
