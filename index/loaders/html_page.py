"""HTML: the main text of a page by trafilatura, or all visible text where that finds next to nothing."""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, islice, takewhile

import trafilatura
from lxml import etree, html

from index.errors import LoadError
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.decode import decode
from index.loaders.tables import add_table, has_typed_column, header_place
from index.types import SpanKind

_DECLARED_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_UNSEEN_TAGS = frozenset(
    (
        "script",
        "style",
        "template",
        "noscript",
        "iframe",
        "object",
        "svg",
        "math",
        "canvas",
        "select",
        "textarea",
        "datalist",
    )
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6, "summary": 4, "head": 4}
"""Heading tags and their levels; ``head`` is trafilatura's, with the level in ``rend``."""
_PARAGRAPH_TAGS = (
    *(
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "cell",
        "center",
        "details",
        "dialog",
        "div",
        "dl",
    ),
    *(
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "hr",
        "html",
        "legend",
        "list",
        "main",
        "ol",
        "p",
    ),
    *("option", "quote", "row", "section", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul"),
)
_BLOCKS: dict[str, SpanKind] = {
    **dict.fromkeys(("li", "dt", "dd", "item"), "item"),
    **dict.fromkeys(("pre", "code"), "code"),
    **dict.fromkeys(_PARAGRAPH_TAGS, "paragraph"),
}
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "cell")
_MAX_COLUMNS = 1000
_MAX_CELL_CHARS = 1500
"""A table with a longer cell is a page's layout and not a table."""
_BREAK = "\0"
"""Stands for a line break between the pieces of a block; HTML text never holds it."""
_MAX_TERM_CHARS = 80
_TERM_ENDS = ".:;!"
_MIN_MAIN_CHARS = 250
"""Less main text than this is only believed if the page as a whole holds hardly more."""
_MIN_HEADINGS = 3
_MAX_HEADINGS = 200
"""Headings that are looked at to see whether a page was read as one lump; each is a search through the page."""
_APART = frozenset(("nav", "aside", "header", "footer", "form"))
"""What stands within ``main`` and is set apart from the content."""
_ANCHOR_SIGNS = frozenset("¶#§🔗")
"""Texts of the links beside headings that point at themselves."""


def load_html(data: bytes, name: str) -> LoadedText:
    """Read a saved web page; nothing is ever fetched.

    :raises LoadError: if the file is binary or holds no HTML.
    """
    text, notices = _decoded(data, name)
    if not text.strip():
        return LoadedText("", ())
    page = parse_page(text, name)
    content = _content(page)
    title = _own_heading(page, content)
    _prepare_content(page, content)
    builder, metadata = TextBuilder(), {}
    found = _main_text(page)
    if found is not None:
        title = title or one_line(found.title or "")
        fields = {"author": found.author, "date": found.date, "site": found.sitename, "description": found.description}
        metadata = {key: one_line(value) for key, value in fields.items() if value}
    body = _richer(found.body if found is not None else None, page)
    add_tree(builder, body)
    title = title or one_line(page.findtext(".//title") or "") or builder.first_heading
    composed, spans = builder.build()
    return LoadedText(composed, spans, title, "text/html", metadata, notices)


def add_page(builder: TextBuilder, data: bytes, name: str) -> None:
    """Append all visible text of a page whose every word counts, such as a chapter of a book.

    :raises LoadError: if the data are binary or hold no HTML.
    """
    text, _ = _decoded(data, name)
    page = parse_page(text, name)
    add_tree(builder, body if (body := page.find("body")) is not None else page)


def parse_page(text: str, name: str) -> html.HtmlElement:
    """Parse HTML or XHTML and cut out what a reader does not see.

    :raises LoadError: if there is no element in it.
    """
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        page = html.document_fromstring(_XML_DECLARATION.sub("", text, count=1), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise LoadError(f"{name}: is not a readable web page; open it in a browser and save it again") from error
    for element in list(page.iter(etree.Element)):
        if _is_unseen(element) and element.getparent() is not None:
            element.drop_tree()
        elif element.tag == "pre" and len(element) == 0:
            code = etree.SubElement(element, "code")  # without it, trafilatura takes a listing for a quotation
            code.text, element.text = element.text, None
    for term in [each for each in page.iter("dt") if (before := each.getprevious()) is None or before.tag != "dt"]:
        _define(term)
    return page


def _define(first: html.HtmlElement) -> None:
    """Write terms before each of their definitions, which alone say nothing; make a term that asks a heading."""
    following = [each for each in first.itersiblings() if isinstance(each.tag, str)]
    terms = [first, *takewhile(lambda each: each.tag == "dt", following)]
    definitions = list(takewhile(lambda each: each.tag == "dd", following[len(terms) - 1 :]))
    for line_break in (line_break for term in terms for line_break in term.iter("br")):
        line_break.tail = f" {line_break.tail or ''}"
    text = ", ".join(filter(None, (one_line("".join(term.itertext())) for term in terms)))
    if text.endswith("?"):
        first.tag = "h4"
        return
    is_plain = not any(_is_apart(part) for term in terms for part in term)
    if not is_plain or not definitions or not 0 < len(text) <= _MAX_TERM_CHARS:
        return
    for definition in definitions:
        begin = definition
        while not (begin.text or "").strip() and len(begin) and begin[0].tag in ("p", "div", "span"):
            begin = begin[0]
        begin.text = f"{text}{'' if text[-1] in _TERM_ENDS else ':'} {(begin.text or '').lstrip()}"
    for term in terms:
        term.drop_tree()


def add_tree(builder: TextBuilder, root: etree._Element) -> None:
    """Append the blocks of an HTML tree, or of trafilatura's, in reading order."""
    reading = _Reading(builder)
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            reading.leave(element)
        elif element.tag == "nav":
            walk.skip_subtree()
        elif element.tag == "table" and (rows := _rows(element)):
            reading.flush()
            builder.add(one_line(element.findtext("caption") or ""))
            add_table(builder, rows, _header(element, rows))
            walk.skip_subtree()
        else:
            reading.enter(element)
    reading.flush()


class _Reading:
    """The text since the last block, and the elements that say what kind of block it will be."""

    def __init__(self, builder: TextBuilder) -> None:
        self._builder = builder
        self._pieces: list[str] = []
        self._open: list[tuple[str, int]] = []  # tags of open blocks, with the heading's level or the list's counter

    def enter(self, element: etree._Element) -> None:
        """Begin an element."""
        tag = element.tag
        if tag in ("br", "lb"):
            self._pieces.append(_BREAK)
        elif _is_block(element):
            self.flush()
            self._number(tag)
            self._open.append(("ol" if element.get("rend") == "ol" else tag, _level(element)))
        self._pieces.append(element.text or "")

    def leave(self, element: etree._Element) -> None:
        """End an element and go on with what follows it."""
        if _is_block(element):
            self.flush()
            if self._open:
                self._open.pop()
        self._pieces.append(element.tail or "")

    def flush(self) -> None:
        """Append the text so far as a block."""
        text, self._pieces = "".join(self._pieces), []
        kind: SpanKind = "paragraph"
        for tag, level in reversed(self._open):
            if tag in _HEADINGS:
                self._builder.heading(text.replace(_BREAK, " "), level)
                return
            if (kind := _BLOCKS[tag]) != "paragraph":
                break
        if kind == "code":
            self._builder.add(text.replace(_BREAK, "\n"), kind)
        else:
            self._builder.add("\n".join(filter(None, map(one_line, text.split(_BREAK)))), kind)

    def _number(self, tag: str) -> None:
        """Write the number of an ordered list's item, which a browser would show."""
        if tag in ("li", "item") and self._open and self._open[-1][0] == "ol":
            number = self._open[-1][1] + 1
            self._open[-1] = ("ol", number)
            self._pieces.append(f"{number}. ")


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    declared = _DECLARED_CHARSET.search(data[:4096])
    decoded = decode(data, name, declared[1].decode("ascii") if declared else "")
    return decoded.text, decoded.notices


def _content(page: html.HtmlElement) -> list[html.HtmlElement]:
    """The outermost elements of which the page's author says that they are the content."""
    found: list[html.HtmlElement] = []
    walk = etree.iterwalk(page, events=("start",))
    for _, element in walk:
        if element.tag == "main" or element.get("role") == "main":
            found.append(element)
            walk.skip_subtree()
    return found


def _own_heading(page: html.HtmlElement, content: list[html.HtmlElement]) -> str:
    """The content's heading that the page's title repeats; trafilatura may take one of a menu or a help box."""
    title = one_line(page.findtext(".//title") or "").casefold()
    headings = (one_line("".join(heading.itertext())) for part in content for heading in part.iter("h1"))
    return next((text for text in headings if text and _has_words(title, text.casefold())), "")


def _has_words(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None


def _prepare_content(page: html.HtmlElement, content: list[html.HtmlElement]) -> None:
    """Keep what trafilatura would drop: lists of links, lists of definitions, and listings inside figures."""
    for part in content:
        walk = etree.iterwalk(part, events=("start",))
        for _, element in walk:
            if element.tag in _APART or element.get("role") == "navigation":
                walk.skip_subtree()
            elif element.tag == "a":
                element.tag = "span"
    for definitions in list(page.iter("dl")):
        for part in list(definitions.iter("dl", "dt", "dd", "div", "details", "summary")):
            _as_paragraphs(part)
    for figure in page.iter("figure"):
        if any(figure.find(f".//{tag}") is not None for tag in ("pre", "table")):
            figure.tag = "div"
    _give_headings_a_place(page)


def _give_headings_a_place(page: html.HtmlElement) -> None:
    """Put what stands in the body itself into a ``main``: trafilatura drops headings that have no part of the page."""
    body = page.find("body")
    if body is None or not any(child.tag in _HEADINGS for child in body) or page.find(".//main") is not None:
        return
    whole = body.makeelement("main")
    whole.text, body.text = body.text, None
    whole.extend(list(body))
    body.append(whole)


def _as_paragraphs(part: html.HtmlElement) -> None:
    """Make a list of definitions, or a part of one, paragraphs: trafilatura loses much of the text between blocks."""
    if not any(_is_apart(child) for child in part):
        part.tag = "p"
        return
    part.tag = "div"
    children, text = list(part), part.text
    part.text = None
    for is_block, run in groupby(children, _is_apart):
        run_of = list(run)
        if not is_block:
            part.insert(part.index(run_of[0]), _paragraph(part, text, run_of))
            text = None
            continue
        for block in run_of:
            if (text or "").strip():
                block.addprevious(_paragraph(part, text, ()))
            text, block.tail = block.tail, None
    if (text or "").strip():
        part.append(_paragraph(part, text, ()))


def _is_apart(element: html.HtmlElement) -> bool:
    """Say whether an element stands apart from the text before it."""
    return element.tag in _BLOCKS or element.tag in _HEADINGS or element.tag in ("table", "details", "summary", "hr")


def _paragraph(part: html.HtmlElement, text: str | None, words: Sequence[html.HtmlElement]) -> html.HtmlElement:
    paragraph: html.HtmlElement = part.makeelement("p")
    paragraph.text = text
    paragraph.extend(words)
    return paragraph


def _main_text(page: html.HtmlElement) -> "trafilatura.settings.Document | None":
    found = _extracted(page, recall=False)
    if found is not None and _lacks_list(found.body, page):
        return _extracted(page, recall=True) or found
    return found


def _extracted(page: html.HtmlElement, *, recall: bool) -> "trafilatura.settings.Document | None":
    try:
        found = trafilatura.bare_extraction(page, include_comments=False, with_metadata=True, favor_recall=recall)
    except Exception:  # noqa: BLE001 - its heuristics run on any tree and fail in any way; the whole page is still there
        return None
    return found if isinstance(found, trafilatura.settings.Document) and found.body is not None else None


def _lacks_list(main: etree._Element, page: html.HtmlElement) -> bool:
    """Say whether a list of the page's text was taken for navigation: one without links that follows kept text."""
    kept = _letters(main.itertext())
    for found in page.iter("ul", "ol"):
        if next(found.iterancestors(*_APART), None) is not None or found.find(".//a") is not None:
            continue
        before = next((each for each in found.itersiblings(preceding=True) if each.tag not in _HEADINGS), None)
        follows = _letters(before.itertext()) if before is not None else ""
        if follows and follows in kept and any(_letters([text]) not in kept for text in found.itertext()):
            return True
    return False


def _letters(texts: Iterable[str]) -> str:
    """Return the letters and figures of texts: spaces and signs may be put between them in another way."""
    return re.sub(r"[\W_]+", "", "".join(texts))


def _richer(main: etree._Element | None, page: html.HtmlElement) -> etree._Element:
    """Return the main text if it is worth the name, else the whole body."""
    body = page.find("body") if page.find("body") is not None else page
    if main is None:
        return body
    if _is_lump(main, body):
        return body
    main_chars = _chars(main)
    return main if main_chars >= _MIN_MAIN_CHARS or main_chars * 2 > _chars(body) else body


def _is_lump(main: etree._Element, body: etree._Element) -> bool:
    """Say whether headings became part of running text, as when questions and answers are read as one paragraph."""
    text = one_line(" ".join(main.itertext()))
    first = islice(body.iter("h1", "h2", "h3", "h4"), _MAX_HEADINGS)
    headings = {one_line(" ".join(each.itertext())) for each in first} - {""}
    inside = [heading for heading in headings if heading in text]
    kept = {one_line(" ".join(each.itertext())) for each in main.iter("head")}
    return len(inside) >= _MIN_HEADINGS and sum(heading in kept for heading in inside) * 2 < len(inside)


def _chars(element: etree._Element) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _is_unseen(element: html.HtmlElement) -> bool:
    if element.tag in _UNSEEN_TAGS or element.get("aria-hidden") == "true":
        return True
    if element.tag == "a" and element.text in _ANCHOR_SIGNS and len(element) == 0:
        return True
    hidden = element.get("hidden")
    if hidden is not None and hidden.lower() != "until-found":  # the latter is folded text a browser's search opens
        return True
    return bool(_HIDDEN_STYLE.search(element.get("style", "")))


def _is_block(element: etree._Element) -> bool:
    tag = element.tag
    if tag == "code":  # in a paragraph it is a word, else a listing
        return element.getparent() is None or element.getparent().tag in ("body", "main", "div", "section", "article")
    return tag in _BLOCKS or tag in _HEADINGS


def _level(element: etree._Element) -> int:
    if element.tag == "head" and (element.get("rend") or "")[1:].isdigit():
        return int(element.get("rend")[1:])
    return _HEADINGS.get(element.tag, 0)


def _rows(table: etree._Element) -> list[list[str]]:
    """Return a table's cells; no rows if it only arranges a page."""
    if table.find(".//table") is not None:
        return []
    rows = []
    for row in table.iter(*_ROWS):
        cells: list[str] = []
        for cell in row.iterchildren(*_CELLS):
            span = cell.get("colspan", "1")
            extra = int(span) - 1 if span.isdecimal() and len(span) < 4 else 0
            cells += [one_line(" ".join(cell.itertext())), *[""] * extra]
        rows.append(cells[:_MAX_COLUMNS])
    width = max(map(len, rows), default=0)
    is_layout = width < 2 or any(len(cell) > _MAX_CELL_CHARS for row in rows for cell in row)
    return [] if is_layout else rows


def _header(table: etree._Element, rows: list[list[str]]) -> int | None:
    """Return the index of the row that names the columns: marked as such, or above numbers."""
    first = next(table.iter(*_ROWS))
    if len(rows) > 1 and all(cell.tag == "th" or cell.get("role") == "head" for cell in first):
        return 0
    place = header_place(rows)
    return place if place is not None and has_typed_column(rows, place) else None
