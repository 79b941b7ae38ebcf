"""E-books: the chapters in the order of the spine, each read as a web page."""

import posixpath
import zipfile
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from index.loaders.archive import ARCHIVE_ERRORS, broken, open_archive
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.html_page import add_page

_CONTAINER = "META-INF/container.xml"
_CONTAINER_NAMES = {"c": "urn:oasis:names:tc:opendocument:xmlns:container"}
_PACKAGE_NAMES = {"o": "http://www.idpf.org/2007/opf", "d": "http://purl.org/dc/elements/1.1/"}
_PAGE_TYPES = ("application/xhtml+xml", "text/html")
_KIND = "E-book"


def load_epub(data: bytes, name: str) -> LoadedText:
    """Read an EPUB file, without its cover page and table of contents.

    :raises LoadError: if the archive or its XML is damaged, or too large when unpacked.
    """
    with open_archive(data, name, _KIND) as archive:
        try:
            folder, package = _package(archive)
        except (*ARCHIVE_ERRORS, ParseError, DefusedXmlException) as error:
            raise broken(name, _KIND, "its table of contents is damaged") from error
        paths = _chapter_paths(folder, package)
        builder, missing = TextBuilder(), 0
        for path in paths:
            try:
                chapter = archive.read(path)
            except ARCHIVE_ERRORS:
                missing += 1
            else:
                builder.close_sections()
                if chapter.strip():
                    add_page(builder, chapter, name)
    if missing == len(paths):
        raise broken(name, _KIND, "none of its chapters can be read")
    found = {
        key: _metadata(package, tag) for key, tag in (("author", "creator"), ("date", "date"), ("subject", "subject"))
    }
    found["date"] = found["date"][:10]  # ISO, maybe with a time
    metadata = {key: value for key, value in found.items() if value}
    notices = (f"{missing} of {len(paths)} chapters are missing or damaged",) if missing else ()
    text, spans = builder.build()
    return LoadedText(text, spans, _metadata(package, "title"), "application/epub+zip", metadata, notices)


def _package(archive: zipfile.ZipFile) -> tuple[str, Element]:
    """Return the folder of the package file, which all paths in it start from, and its contents."""
    container = fromstring(archive.read(_CONTAINER))
    root_file = container.find(".//c:rootfile", _CONTAINER_NAMES)
    path = root_file.get("full-path", "") if root_file is not None else ""
    package: Element = fromstring(archive.read(path))
    return posixpath.dirname(path), package


def _chapter_paths(folder: str, package: Element) -> list[str]:
    pages = {
        item.get("id"): item.get("href", "")
        for item in package.iterfind("o:manifest/o:item", _PACKAGE_NAMES)
        if item.get("media-type") in _PAGE_TYPES and "nav" not in item.get("properties", "").split()
    }
    order = [item.get("idref") for item in package.iterfind("o:spine/o:itemref", _PACKAGE_NAMES)]
    return [posixpath.normpath(posixpath.join(folder, unquote(pages[each]))) for each in order if each in pages]


def _metadata(package: Element, tag: str) -> str:
    return one_line(package.findtext(f"o:metadata/d:{tag}", "", _PACKAGE_NAMES) or "")
