"""Step 1: one file becomes one document. Contents decide the loader; the extension only helps where they cannot."""

import hashlib
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import cast

from index.errors import LoadError
from index.loaders.archive import member_names
from index.loaders.builder import LoadedText, file_stem
from index.loaders.decode import is_binary
from index.types import Document

LOADERS_VERSION = "6"
"""Stored with every document. Change it whenever a file would give another text or other spans: it is read anew."""
MAX_FILE_BYTES = 200 * 1024 * 1024
"""Larger files are refused: text of this size is a database dump, and parsers need several times a file's size."""

_LOADERS = {
    "text": ("index.loaders.text", "load_text"),
    "markdown": ("index.loaders.markdown", "load_markdown"),
    "html": ("index.loaders.html_page", "load_html"),
    "pdf": ("index.loaders.pdf", "load_pdf"),
    "docx": ("index.loaders.docx", "load_docx"),
    "pptx": ("index.loaders.pptx", "load_pptx"),
    "xlsx": ("index.loaders.xlsx", "load_xlsx"),
    "csv": ("index.loaders.csv_table", "load_csv"),
    "email": ("index.loaders.email_message", "load_email"),
    "epub": ("index.loaders.epub", "load_epub"),
    "json": ("index.loaders.json_records", "load_json"),
    "jsonl": ("index.loaders.json_records", "load_json_lines"),
}
"""Module and function by format; imported when a file needs them, because some take a second."""

_FORMATS = {
    ".txt": "text",
    ".text": "text",
    ".log": "text",
    ".rst": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".csv": "csv",
    ".tsv": "csv",
    ".eml": "email",
    ".epub": "epub",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
SUPPORTED_EXTENSIONS: frozenset[str] = frozenset(_FORMATS)
"""Extensions, in lower case and with their dot, of the files worth looking for in a folder."""

_ZIP_MEMBERS = {
    "word/document.xml": "docx",
    "ppt/presentation.xml": "pptx",
    "xl/workbook.xml": "xlsx",
    "META-INF/container.xml": "epub",
}
"""What tells zip-based formats apart, whatever the file is called."""

_ZIP_FORMATS = frozenset(_ZIP_MEMBERS.values())
_HTML_START = re.compile(
    rb"(?:\s|\xef\xbb\xbf|<\?xml[^>]*>|<!--.{0,2000}?-->)*<(?:!doctype\s+html|html[\s>])", re.I | re.S
)

_FOREIGN_KINDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file of the old kind or with a password"),
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"SQLite format 3\0", "a SQLite database"),
)
"""First bytes of common files that are refused by name instead of as unknown."""


def load(path: Path, source: str) -> Document:
    """Read a file into a document; ``source`` names it in the document's id and in messages.

    :raises LoadError: if the file cannot be opened, is of a kind we do not read, is damaged, or holds no text.
    """
    data = _read(path, source)
    loaded = _loader(data, path.suffix.lower(), source)(data, source)
    if not loaded.text.strip():
        raise LoadError(f"{source}: holds no text; leave it out or check that it was saved completely")
    return Document(
        id=document_id(source, content_hash(data)),
        source=source,
        title=loaded.title or file_stem(source),
        text=loaded.text,
        media_type=loaded.media_type,
        spans=loaded.spans,
        metadata=loaded.metadata,
        notices=loaded.notices,
    )


def content_hash(data: bytes) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def document_id(source: str, content_hash: str) -> str:
    """Return the id of one version of one file: another source or other bytes give another id."""
    return hashlib.sha256(f"{source}\0{content_hash}".encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _read(path: Path, source: str) -> bytes:
    try:
        if path.exists() and not path.is_file():  # reading a pipe or a device would never end
            raise LoadError(f"{source}: is not a regular file; leave it out")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise LoadError(
                f"{source}: has {size:,} bytes, more than the {MAX_FILE_BYTES:,} we read; split it into smaller files"
            )
        return path.read_bytes()
    except OSError as error:
        raise LoadError(
            f"{source}: cannot be opened ({error.strerror}); check that it exists and may be read"
        ) from error


def _loader(data: bytes, extension: str, source: str) -> Callable[[bytes, str], LoadedText]:
    module, function = _LOADERS[_format(data, extension, source)]
    return cast(Callable[[bytes, str], LoadedText], getattr(importlib.import_module(module), function))


def _format(data: bytes, extension: str, source: str) -> str:
    by_extension = _FORMATS.get(extension)
    if data.lstrip()[:5] == b"%PDF-":
        return "pdf"
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip_format(data, by_extension, source)
    for first_bytes, kind in _FOREIGN_KINDS:
        if data.startswith(first_bytes) and is_binary(data):
            raise _unknown(source, kind)
    if by_extension in (None, "text", "pdf", *_ZIP_FORMATS) and _HTML_START.match(data[:4096]):
        return "html"
    if by_extension is None and is_binary(data):
        raise _unknown(source, f"binary data with the extension {extension!r}")
    return by_extension or "text"


def _zip_format(data: bytes, by_extension: str | None, source: str) -> str:
    names = member_names(data)
    for member, kind in _ZIP_MEMBERS.items():
        if member in names:
            return kind
    if by_extension in _ZIP_FORMATS:
        return str(by_extension)  # damaged; its loader says how
    raise _unknown(source, "a zip archive")


def _unknown(source: str, kind: str) -> LoadError:
    extensions = ", ".join(extension[1:] for extension in sorted(SUPPORTED_EXTENSIONS))
    return LoadError(f"{source}: is not a kind of file we read ({kind}); convert it to one of: {extensions}")
