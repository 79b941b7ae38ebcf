"""PDF: lines by pdfium, blocks by their geometry, one ``page`` span per page."""

import ctypes
import io
import math
import re

import pypdfium2
import pypdfium2.raw as pdfium

from index.errors import LoadError
from index.loaders.builder import LoadedText, TextBuilder, one_line, visible
from index.loaders.pdf_blocks import add_pages, title_of
from index.loaders.pdf_cells import least_gap, merge_rows
from index.loaders.pdf_lines import PageLine, without_running_lines
from index.loaders.pdf_places import Box, PagePicture, find_on_page, lines_of

_MAX_PAGES = 20_000
_MIN_SIZE = 2.0
"""Points; smaller text is not for human eyes."""
_LINE = re.compile("[^\r\n\x02\ufffe]+[\x02\ufffe]?")
"""A line of pdfium's text; it marks hyphens at the end of a line with one of two odd characters."""
_SPACES = re.compile(r"\s+")
_BOLD_NAME = re.compile(r"bold|black|heavy|semibd|demi", re.IGNORECASE)
_PDF_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_FILE_NAME_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel) - .*|untitled.*|.*\.\w{3,4}|document\d*|[\W\d_]*)$", re.I
)
_LONGEST_PICTURE = 2_600
"""Pixels; a page drawn larger than that is a poster."""
_COLOURS = 128
"""Enough for print; the picture is a third as large as with all."""
_WRONG_PASSWORD = "password"  # noqa: S105 - a word of pdfium's message, not a secret


def load_pdf(data: bytes, name: str) -> LoadedText:
    """Read a PDF file.

    :raises LoadError: if it is damaged, needs a password, or holds only pictures of text.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if _WRONG_PASSWORD in str(error).lower():
            raise LoadError(f"{name}: is protected by a password; save it without one") from error
        raise LoadError(
            f"{name}: is not a readable PDF (pdfium says: {error}); open it in a PDF viewer and print it to a new PDF"
        ) from error
    try:
        pages = _pages(document, name)
        metadata = _metadata(document)
    finally:
        document.close()
    return _composed(pages, metadata, name)


def page_picture(
    data: bytes, page: int, stored: str, quote: tuple[int, int] | None, *, width: int = 1100
) -> PagePicture | None:
    """Draw a page (1-based), with boxes over a quote; None if the file is no PDF that can be read, or has no such page.

    ``stored`` is what was read of this page, ``quote`` the quote's half-open offsets in it (None: mark nothing).
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return None
    try:
        if not 1 <= page <= len(document):
            return None
        opened = document[page - 1]
        try:
            return _drawn(opened, stored, quote, width)
        finally:
            opened.close()
    except pypdfium2.PdfiumError:
        return None
    finally:
        document.close()


def _drawn(page: pypdfium2.PdfPage, stored: str, quote: tuple[int, int] | None, width: int) -> PagePicture:
    size = page.get_size()
    scale = min(width, _LONGEST_PICTURE * size[0] / size[1]) / size[0]
    picture = page.render(scale=scale).to_pil()
    text_page = page.get_textpage()
    try:
        boxes = _quote_boxes(page, text_page.raw, stored, quote, picture.size) if quote else ()
    finally:
        text_page.close()
    buffer = io.BytesIO()
    picture.convert("RGB").quantize(_COLOURS).save(buffer, "PNG")
    return PagePicture(buffer.getvalue(), picture.width, picture.height, boxes)


def _quote_boxes(
    page: pypdfium2.PdfPage, text_page: pdfium.FPDF_TEXTPAGE, stored: str, quote: tuple[int, int], size: tuple[int, int]
) -> tuple[Box, ...]:
    """Return a box per line of a quote."""
    places = find_on_page(stored, *quote, _shown_characters(_page_text(text_page)))
    width, height = size
    lines = lines_of([_pixels(page, text_page, place, size) for place in places])
    return tuple(
        Box(left / width, top / height, (right - left) / width, (bottom - top) / height)
        for left, top, right, bottom in lines
    )


def _shown_characters(text: str) -> list[str]:
    """Return what each of pdfium's characters is read as; nothing for those that are dropped."""
    shown = ["-" if character in "\x02\ufffe" else visible(character) for character in text]
    for place in range(len(text) - 1):
        if "\ud800" <= text[place] < "\udc00" <= text[place + 1] <= "\udfff":
            shown[place], shown[place + 1] = _mended(text[place : place + 2]), ""
    return shown


def _pixels(
    page: pypdfium2.PdfPage, text_page: pdfium.FPDF_TEXTPAGE, place: int, size: tuple[int, int]
) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a character on the drawn page, in pixels."""
    rect = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text_page, place, rect)
    x, y = ctypes.c_int(), ctypes.c_int()
    fine = 16  # pdfium answers in whole pixels: ask for a larger drawing
    corners = []
    for across, up in ((rect.left, rect.top), (rect.right, rect.bottom)):
        pdfium.FPDF_PageToDevice(page.raw, 0, 0, size[0] * fine, size[1] * fine, 0, across, up, x, y)
        corners.append((x.value / fine, y.value / fine))
    (left, top), (right, bottom) = corners
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)


def _composed(pages: list[list[PageLine]], metadata: dict[str, str], name: str) -> LoadedText:
    empty = sum(1 for lines in pages if not lines)
    if empty == len(pages):
        raise LoadError(
            f"{name}: none of its {len(pages)} pages holds text, so it looks scanned; run text recognition (OCR) on it "
            "and add the result"
        )
    notices = (f"{empty} of {len(pages)} pages hold no text; they look scanned",) if empty else ()
    builder = TextBuilder()
    kept = without_running_lines(pages)
    add_pages(builder, kept)
    text, spans = builder.build()
    title = metadata.pop("title", "") or title_of(kept[0]) or builder.first_heading
    return LoadedText(text, spans, title, "application/pdf", metadata, notices)


def _pages(document: pypdfium2.PdfDocument, name: str) -> list[list[PageLine]]:
    if not 0 < len(document) <= _MAX_PAGES:
        raise LoadError(
            f"{name}: has {len(document):,} pages; we read 1 to {_MAX_PAGES:,}; split it into smaller files"
        )
    return [_page(document, index) for index in range(len(document))]


def _page(document: pypdfium2.PdfDocument, index: int) -> list[PageLine]:
    """Return a page's lines; none for a page that cannot be read, which is then reported as one without text."""
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return []
    try:
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError:
        return []
    else:
        try:
            return merge_rows(_lines(text_page.raw, page.get_rotation()))
        finally:
            text_page.close()
    finally:
        page.close()


def _lines(text_page: pdfium.FPDF_TEXTPAGE, rotation: int) -> list[PageLine]:
    text = _page_text(text_page)
    boxes = _Boxes(text_page, rotation)
    lines = []
    for match in _LINE.finditer(text):
        raw = match.group()
        start = match.start() + len(raw) - len(raw.lstrip())
        end = match.start() + len(raw.rstrip())
        if start >= end:
            continue
        first, last = boxes.box(start), boxes.box(end - 1)
        size = max(_height(boxes, place) for place in _ends(text, start, end))
        if size >= _MIN_SIZE and (cells := _cells(text, start, end, size, boxes)):
            bold = boxes.is_bold(start) and boxes.is_bold(end - 1)
            texts, places, gaps = zip(*cells, strict=True)
            lines.append(PageLine(texts, places, first[0], last[2], first[1], first[3], size, bold, gaps=gaps))
    return lines


def _ends(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the first and last letter or figure: a box to tick is drawn in a larger font than the text around it."""
    first = next((place for place in range(start, end) if text[place].isalnum()), start)
    last = next((place for place in range(end - 1, first - 1, -1) if text[place].isalnum()), end - 1)
    return first, last


def _height(boxes: "_Boxes", place: int) -> float:
    _, bottom, _, top = boxes.box(place)
    return top - bottom


def _page_text(text_page: pdfium.FPDF_TEXTPAGE) -> str:
    """Return a page's characters, one for each index that pdfium knows."""
    count = pdfium.FPDFText_CountChars(text_page)
    codes = (pdfium.FPDFText_GetUnicode(text_page, index) for index in range(count))
    return "".join(chr(code) if 0 < code < 0x110000 else " " for code in codes)


def _cells(
    text: str, start: int, end: int, size: float, boxes: "_Boxes"
) -> list[tuple[str, tuple[float, float], float]]:
    """Split a line where the white between two words may be that of columns: text, left and right, white before it."""
    words = [(start, start)]  # where the word before a space ends, and the next one begins
    words += [spaces.span() for spaces in _SPACES.finditer(text, start, end)]
    lefts = [boxes.box(begin)[0] for _, begin in words]
    rights = [boxes.box(stop - 1)[2] for stop, _ in [*words[1:], (end, end)]]
    gaps = [math.inf, *((left - right) / size for left, right in zip(lefts[1:], rights, strict=False))]
    least = least_gap(gaps[1:])
    firsts = [number for number, gap in enumerate(gaps) if gap > least]
    cells = []
    for first, behind in zip(firsts, [*firsts[1:], len(words)], strict=True):
        stop = words[behind][0] if behind < len(words) else end
        if cell := one_line(_mended(text[words[first][1] : stop])):
            cells.append((cell, (lefts[first], rights[behind - 1]), gaps[first]))
    return cells


def _mended(cell: str) -> str:
    """Write pdfium's mark for a hyphen at the end of a line as one, and join the halves of rare characters."""
    cell = re.sub("[\x02\ufffe]", "-", cell)
    return cell.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Boxes:
    """Where characters stand, seen as a reader holds the page."""

    def __init__(self, text_page: pdfium.FPDF_TEXTPAGE, rotation: int) -> None:
        self._text_page = text_page
        self._rotation = rotation
        self._rect = pdfium.FS_RECTF()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a character, with the font's full height."""
        pdfium.FPDFText_GetLooseCharBox(self._text_page, index, self._rect)
        left, bottom, right, top = self._rect.left, self._rect.bottom, self._rect.right, self._rect.top
        if self._rotation == 90:
            return bottom, -right, top, -left
        if self._rotation == 180:
            return -right, -top, -left, -bottom
        if self._rotation == 270:
            return -top, left, -bottom, right
        return left, bottom, right, top

    def is_bold(self, index: int) -> bool:
        """Say whether a character's font calls itself bold."""
        length = pdfium.FPDFText_GetFontInfo(self._text_page, index, self._name, len(self._name), self._flags)
        name = self._name.value if 0 < length <= len(self._name) else b""
        return bool(_BOLD_NAME.search(name.decode("ascii", "ignore")))


def _metadata(document: pypdfium2.PdfDocument) -> dict[str, str]:
    """Return what the file says about itself and is worth showing."""
    found = {key.lower(): one_line(value) for key, value in document.get_metadata_dict(skip_empty=True).items()}
    metadata = {key: found[key] for key in ("author", "subject", "keywords") if found.get(key)}
    if date := _PDF_DATE.match(found.get("creationdate", "")):
        metadata["date"] = "-".join(date.groups())
    title = found.get("title", "")
    if 3 <= len(title) <= 200 and not _FILE_NAME_TITLE.match(title):
        metadata["title"] = title
    return metadata
