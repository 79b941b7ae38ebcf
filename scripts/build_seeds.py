"""Writes the PDF and DOCX sample documents in seeds/ from the Markdown files in scripts/seed_sources/.

The same sources give the same bytes on every run. The other sample documents (txt, md, html, csv) are written by hand.

    python scripts/build_seeds.py            write the files
    python scripts/build_seeds.py --check    compare with the files that are there, change nothing
"""

from __future__ import annotations

import argparse
import re
import sys
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    ListFlowable,
    ListItem,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)
from reportlab.platypus.tableofcontents import TableOfContents

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "scripts" / "seed_sources"
SEEDS = ROOT / "seeds"

NUMBER = re.compile(r"[-–+(]?[€$]?\s?\d[\d.,]*\s?(%|pts|\))?|n/a|–")
FONTS = {
    "sans": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    "serif": ("Times-Roman", "Times-Bold", "Times-Italic"),
}


@dataclass
class Block:
    """One piece of a source file: a heading, a paragraph, a list, a table, a boxed note or a page break.

    `level` is a heading's level, a rule's depth, or the first number of a numbered list.
    """

    kind: str
    text: str = ""
    level: int = 0
    items: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)


@dataclass
class Source:
    """A source file: what its head says, and its blocks."""

    meta: dict[str, str]
    blocks: list[Block]


# ---------------------------------------------------------------- reading


def read_source(path: Path) -> Source:
    """Read one source file: a head between two `---` lines, then a small part of Markdown."""
    lines = path.read_text(encoding="utf-8").split("\n")
    end = lines.index("---", 1)
    pairs = (line.partition(":") for line in lines[1:end])
    meta = {key.strip(): value.strip() for key, _, value in pairs}
    blocks: list[Block] = []
    widths: list[float] = []
    for group in _groups(lines[end + 1 :]):
        found = re.fullmatch(r"<!-- widths: ([\d. ]+) -->", group[0])
        if found:
            widths = [float(part) for part in found[1].split()]
            continue
        block = _block(group)
        if block.kind == "table":
            block.widths, widths = widths, []
        blocks.append(block)
    return Source(meta, blocks)


def _groups(lines: list[str]) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            groups.append([])
        else:
            groups[-1].append(line.rstrip())
    return [group for group in groups if group]


def _block(group: list[str]) -> Block:
    first = group[0]
    if heading := re.match(r"(#+) ", first):
        return Block("heading", first[len(heading[0]) :], level=len(heading[1]))
    if first == "<pagebreak>":
        return Block("break")
    if first == "<contents>":
        return Block("contents")
    if first.startswith("|"):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in group]
        return Block("table", rows=[row for row in rows if not re.fullmatch(r"[-: ]+", row[0])])
    if first.startswith("> "):
        return Block("note", " ".join(line.removeprefix("> ") for line in group))
    if re.match(r"(- |\d+\. )", first):
        items: list[str] = []
        for line in group:
            if re.match(r"(- |\d+\. )", line):
                items.append(re.sub(r"^(- |\d+\. )", "", line))
            else:
                items[-1] += " " + line.strip()
        if first.startswith("- "):
            return Block("bullets", items=items)
        return Block("numbers", items=items, level=int(first.split(".")[0]))
    if rule := re.match(r"(\d+\.\d+|\([a-z]+\)) ", first):
        return Block("rule", " ".join(line.strip() for line in group), level=1 if rule[0][0] == "(" else 0)
    return Block("text", " ".join(line.strip() for line in group))


# ---------------------------------------------------------------- PDF


def _markup(text: str, meta: dict[str, str]) -> str:
    """Bold and italic as ReportLab wants them, named by font so that the base fonts are used."""
    _, bold, italic = FONTS[meta["font"]]
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"\*\*(.+?)\*\*", rf'<font name="{bold}">\1</font>', text)
    return re.sub(r"\*(.+?)\*", rf'<font name="{italic}">\1</font>', text)


class _Template(BaseDocTemplate):  # type: ignore[misc]  # reportlab has no types
    """A document that tells its table of contents where the headings fell."""

    def afterFlowable(self, flowable: Any) -> None:  # noqa: ANN401, N802
        level = getattr(flowable, "toc_level", None)
        if level is not None:
            self.notify("TOCEntry", (level, flowable.getPlainText(), self.page))


def _styles(meta: dict[str, str]) -> dict[str, ParagraphStyle]:
    regular, bold, italic = FONTS[meta["font"]]
    size = float(meta.get("size", "10"))
    colour = HexColor(meta["colour"])
    text = ParagraphStyle("text", fontName=regular, fontSize=size, leading=size * 1.38, spaceAfter=size * 0.65)
    head = ParagraphStyle("head", parent=text, fontName=bold, textColor=colour, keepWithNext=1)
    cell = ParagraphStyle("cell", parent=text, fontSize=size - 1, leading=(size - 1) * 1.25, spaceAfter=0)
    return {
        "text": text,
        "title": ParagraphStyle("title", parent=head, fontSize=size * 2.5, leading=size * 3),
        "subtitle": ParagraphStyle("subtitle", parent=text, fontSize=size * 1.3, leading=size * 1.8),
        "h1": ParagraphStyle(
            "h1", parent=head, fontSize=size * 1.7, leading=size * 2.1, spaceBefore=size * 1.1, spaceAfter=size * 0.7
        ),
        "h2": ParagraphStyle(
            "h2", parent=head, fontSize=size * 1.25, leading=size * 1.6, spaceBefore=size * 0.8, spaceAfter=size * 0.4
        ),
        "h3": ParagraphStyle("h3", parent=head, fontSize=size, spaceBefore=size * 0.5, spaceAfter=size * 0.2),
        "note": ParagraphStyle("note", parent=text, spaceAfter=0),
        "rule": ParagraphStyle("rule", parent=text, leftIndent=size * 2.6, firstLineIndent=-size * 2.6),
        "caption": ParagraphStyle("caption", parent=text, fontName=italic, fontSize=size - 1, keepWithNext=1),
        "cell": cell,
        "cell-head": ParagraphStyle("cell-head", parent=cell, fontName=bold),
        "cell-number": ParagraphStyle("cell-number", parent=cell, alignment=TA_RIGHT),
        "centre": ParagraphStyle("centre", parent=text, alignment=TA_CENTER),
    }


def _pdf_table(block: Block, meta: dict[str, str], styles: dict[str, ParagraphStyle], width: float) -> Table:
    total_row = block.rows[-1][0].startswith("**")
    shares = block.widths or [1.0] * len(block.rows[0])
    columns = range(len(block.rows[0]))
    numeric = [all(NUMBER.fullmatch(row[col].strip("*")) for row in block.rows[1:]) for col in columns]
    cells = []
    for number, row in enumerate(block.rows):
        line = []
        for col, value in enumerate(row):
            style = styles["cell-number" if numeric[col] else "cell"]
            shown = f"**{value}**" if value and number == 0 else value
            line.append(Paragraph(_markup(shown, meta), style))
        cells.append(line)
    looks = [
        ("GRID", (0, 0), (-1, -1), 0.5, HexColor("#8a8f98")),
        ("BACKGROUND", (0, 0), (-1, 0), HexColor("#e4e9ef")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    if total_row:
        looks.append(("LINEABOVE", (0, -1), (-1, -1), 1.2, HexColor("#40454d")))
    return Table(
        cells,
        colWidths=[width * share / sum(shares) for share in shares],
        repeatRows=1,
        style=TableStyle(looks),
        spaceBefore=2,
        spaceAfter=10,
    )


def _pdf_note(block: Block, meta: dict[str, str], styles: dict[str, ParagraphStyle], width: float) -> Table:
    looks = [
        ("BOX", (0, 0), (-1, -1), 0.8, HexColor(meta["colour"])),
        ("BACKGROUND", (0, 0), (-1, -1), HexColor("#fbf5e6")),
        ("LEFTPADDING", (0, 0), (-1, -1), 8),
        ("TOPPADDING", (0, 0), (-1, -1), 5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    inner = Paragraph(_markup(block.text, meta), styles["note"])
    return Table([[inner]], colWidths=[width], style=TableStyle(looks), spaceBefore=4, spaceAfter=10)


def _pdf_list(block: Block, meta: dict[str, str], styles: dict[str, ParagraphStyle]) -> ListFlowable:
    size = styles["text"].fontSize
    tight = ParagraphStyle("item", parent=styles["text"], spaceAfter=size * 0.3)
    looks: dict[str, Any] = {"bulletType": "bullet", "start": "•"}
    if block.kind == "numbers":
        looks = {"bulletType": "1", "bulletFormat": "%s.", "start": block.level}
    return ListFlowable(
        [ListItem(Paragraph(_markup(item, meta), tight)) for item in block.items],
        bulletFontName=styles["text"].fontName,
        bulletFontSize=size,
        leftIndent=size * 1.9,
        spaceAfter=size * 0.5,
        **looks,
    )


def _contents(styles: dict[str, ParagraphStyle]) -> TableOfContents:
    table = TableOfContents()
    table.dotsMinLevel = 0
    first = ParagraphStyle("toc1", parent=styles["text"], spaceAfter=2)
    table.levelStyles = [first, ParagraphStyle("toc2", parent=first, leftIndent=16)]
    return table


def _heading(block: Block, meta: dict[str, str], styles: dict[str, ParagraphStyle]) -> Paragraph:
    para = Paragraph(_markup(block.text, meta), styles[f"h{block.level}"])
    if block.level < 3:
        para.toc_level = block.level - 1
    return para


def _flow(source: Source, width: float) -> list[Any]:
    meta, styles = source.meta, _styles(source.meta)
    story: list[Any] = []
    if "cover" in meta:
        story += [Spacer(1, 55 * mm, isGlue=True), Paragraph(_markup(meta["title"], meta), styles["title"])]
        story += [Paragraph(_markup(line.strip(), meta), styles["subtitle"]) for line in meta["cover"].split("//")]
        story.append(PageBreak())
    last = ""
    for block in source.blocks:
        if block.kind == "heading":
            if last != "heading":  # a heading under a heading stays with it
                story.append(CondPageBreak((55 if block.level == 1 else 30) * mm))
            story.append(_heading(block, meta, styles))
        elif block.kind == "break":
            story.append(PageBreak())
        elif block.kind == "contents":
            story += [Paragraph("Contents", styles["h1"]), _contents(styles), Spacer(1, 6 * mm)]
        elif block.kind == "table":
            story.append(_pdf_table(block, meta, styles, width))
        elif block.kind == "note":
            story.append(KeepTogether([_pdf_note(block, meta, styles, width)]))
        elif block.kind in ("bullets", "numbers"):
            story.append(_pdf_list(block, meta, styles))
        else:
            look = "caption" if re.match(r"Table \d+[.:]", block.text) else block.kind
            story.append(Paragraph(_markup(block.text, meta), styles[look]))
        last = block.kind
    return story


def write_pdf(source: Source) -> bytes:
    """Lay the source out twice: the first time counts the pages that the footer names."""
    meta = source.meta
    regular, bold, _ = FONTS[meta["font"]]
    left, right, top, bottom = 22 * mm, 20 * mm, 24 * mm, 22 * mm
    wide, high = A4
    total = 0

    def furniture(canvas: Any, doc: Any) -> None:  # noqa: ANN401
        if "cover" in meta and doc.page == 1:
            return
        canvas.saveState()
        canvas.setStrokeColor(HexColor(meta["colour"]))
        canvas.setLineWidth(0.6)
        canvas.line(left, high - 18 * mm, wide - right, high - 18 * mm)
        canvas.line(left, 16 * mm, wide - right, 16 * mm)
        canvas.setFont(bold, 8)
        canvas.drawString(left, high - 16 * mm, meta["header"])
        canvas.setFont(regular, 8)
        canvas.drawRightString(wide - right, high - 16 * mm, meta["number"])
        canvas.drawString(left, 12 * mm, meta["footer"])
        canvas.drawRightString(wide - right, 12 * mm, f"Page {doc.page} of {total}")
        canvas.restoreState()

    result = BytesIO()
    for _ in range(2):
        result = BytesIO()
        doc = _Template(
            result, pagesize=A4, title=meta["title"], author=meta["author"], subject=meta["number"], invariant=1
        )
        frame = Frame(left, bottom, wide - left - right, high - top - bottom, 0, 0, 0, 0)
        doc.addPageTemplates([PageTemplate("page", [frame], onPage=furniture)])
        doc.multiBuild(_flow(source, wide - left - right))
        total = doc.page
    return result.getvalue()


# ---------------------------------------------------------------- DOCX


def _runs(para: Any, text: str) -> None:  # noqa: ANN401
    for part in re.split(r"(\*\*.+?\*\*|\*.+?\*)", text):
        run = para.add_run(part.strip("*"))
        run.bold = True if part.startswith("**") else None
        run.italic = True if part.startswith("*") and not part.startswith("**") else None


def _field(para: Any, code: str) -> None:  # noqa: ANN401
    element = OxmlElement("w:fldSimple")
    element.set(qn("w:instr"), code)
    para._p.append(element)  # python-docx has no fields


def _numbering(document: Any, start: int) -> int:  # noqa: ANN401
    """Make a numbered list of its own and return its number."""
    numbering = document.part.numbering_part.numbering_definitions._numbering
    style = document.styles["List Number"].element
    old = style.pPr.numPr.numId.val
    abstract = next(num for num in numbering.num_lst if num.numId == old).abstractNumId.val
    num = numbering.add_num(abstract)
    num.add_lvlOverride(ilvl=0).add_startOverride(start)
    return int(num.numId)


def _docx_list(document: Any, block: Block) -> None:  # noqa: ANN401
    number = _numbering(document, block.level) if block.kind == "numbers" else 0
    for item in block.items:
        para = document.add_paragraph(style="List Number" if number else "List Bullet")
        if number:
            properties = para._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = 0
            properties.get_or_add_numId().val = number
        _runs(para, item)


def _docx_table(document: Any, block: Block) -> None:  # noqa: ANN401
    table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    shares = block.widths or [1.0] * len(block.rows[0])
    for number, row in enumerate(block.rows):
        cells = table.add_row().cells
        for col, value in enumerate(row):
            cells[col].width = Cm(16.5 * shares[col] / sum(shares))
            para = cells[col].paragraphs[0]
            para.paragraph_format.space_after = Pt(1)
            _runs(para, f"**{value}**" if value and number == 0 else value)
            if number and NUMBER.fullmatch(value):
                para.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    head = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(head)
    document.add_paragraph()


def _docx_furniture(document: Any, meta: dict[str, str]) -> None:  # noqa: ANN401
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.25)
    section.header.paragraphs[0].text = f"{meta['header']}\t\t{meta['number']}"
    foot = section.footer.paragraphs[0]
    foot.text = f"{meta['footer']}\t\tPage "
    _field(foot, "PAGE")
    base = document.styles["Normal"]
    base.font.name, base.font.size = meta["font"], Pt(float(meta.get("size", "10.5")))
    base.paragraph_format.space_after = Pt(6)


def write_docx(source: Source) -> bytes:
    """Write the source as a Word file with real headings, lists and tables."""
    meta = source.meta
    document = docx.Document()
    _docx_furniture(document, meta)
    document.add_paragraph(meta["title"], style="Title")
    if "cover" in meta:
        for line in meta["cover"].split("//"):
            _runs(document.add_paragraph(), line.strip())
    for block in source.blocks:
        if block.kind in ("break", "contents"):
            raise ValueError(f"{meta['file']}: page breaks and contents are for PDF only")
        if block.kind == "heading":
            document.add_heading(block.text, level=block.level)
        elif block.kind == "table":
            _docx_table(document, block)
        elif block.kind == "note":
            _runs(document.add_paragraph(style="Intense Quote"), block.text)
        elif block.kind in ("bullets", "numbers"):
            _docx_list(document, block)
        else:
            para = document.add_paragraph()
            if block.kind == "rule":
                indent = 0.9 * (block.level + 1)
                para.paragraph_format.left_indent = Cm(indent)
                para.paragraph_format.first_line_indent = Cm(-0.9)
            _runs(para, block.text)
    written = datetime.fromisoformat(meta["written"])
    core = document.core_properties
    core.title, core.author, core.last_modified_by = meta["title"], meta["author"], meta["author"]
    core.subject, core.comments, core.revision = meta["number"], "", 1
    core.created = core.modified = core.last_printed = written
    raw = BytesIO()
    document.save(raw)
    return _fixed_zip(raw)


def _fixed_zip(raw: BytesIO) -> bytes:
    """Write a zip again, with one fixed time for all its members."""
    result = BytesIO()
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            new.writestr(info, old.read(name))
    return result.getvalue()


# ---------------------------------------------------------------- command line


def build() -> dict[str, bytes]:
    """Return every document as name and bytes."""
    documents = {}
    for path in sorted(SOURCES.glob("*.md")):
        source = read_source(path)
        name = source.meta["file"]
        documents[name] = write_pdf(source) if name.endswith(".pdf") else write_docx(source)
    return documents


def main() -> int:
    """Write the documents, or with --check say which differ from the ones on disk."""
    parser = argparse.ArgumentParser(description="Write the PDF and DOCX sample documents in seeds/.")
    parser.add_argument("--check", action="store_true", help="compare with the files on disk, write nothing")
    check = parser.parse_args().check
    stale = 0
    for name, content in build().items():
        path = SEEDS / name
        same = path.exists() and path.read_bytes() == content
        if check:
            stale += not same
            print(f"{'same   ' if same else 'DIFFERS'}  {name}")
        else:
            path.write_bytes(content)
            print(f"{'unchanged' if same else 'written  '}  {name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
