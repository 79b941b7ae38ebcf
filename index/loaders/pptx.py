"""PowerPoint files: one ``slide`` span per slide, with its title, text, tables and notes."""

import io
from collections.abc import Iterator
from typing import Any, TypeAlias

import pptx
from pptx.exc import PythonPptxError

from index.loaders.archive import ARCHIVE_ERRORS, broken, open_archive
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.tables import add_table, has_typed_column, header_place

_Shape: TypeAlias = Any
"""A python-pptx shape; the library publishes no types."""

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


def load_pptx(data: bytes, name: str) -> LoadedText:
    """Read a PowerPoint file; hidden slides are left out with a notice.

    :raises LoadError: if the archive or its XML is damaged, or too large when unpacked.
    """
    open_archive(data, name, "PowerPoint file").close()
    builder, hidden = TextBuilder(), 0
    try:
        presentation = pptx.Presentation(io.BytesIO(data))
        for number, slide in enumerate(presentation.slides, start=1):
            if slide.element.get("show") in ("0", "false"):
                hidden += 1
                continue
            with builder.within("slide", str(number)):
                _add_slide(builder, slide)
                builder.close_sections()
        properties = presentation.core_properties
        metadata = {"author": properties.author, "subject": properties.subject, "keywords": properties.keywords}
        metadata = {key: one_line(value) for key, value in metadata.items() if value}
        if properties.modified or properties.created:
            metadata["date"] = (properties.modified or properties.created).date().isoformat()
        title = one_line(properties.title or "")
    except (*ARCHIVE_ERRORS, PythonPptxError, AttributeError, TypeError, SyntaxError) as error:
        # A part that is missing or of another kind shows as a missing attribute; damaged XML is lxml's SyntaxError.
        raise broken(name, "PowerPoint file", "its contents are damaged") from error
    text, spans = builder.build()
    title = title if title != "PowerPoint Presentation" else ""  # what PowerPoint writes when the author wrote nothing
    notices = (f"{hidden} hidden slides were left out",) if hidden else ()
    return LoadedText(text, spans, title or builder.first_heading, _MEDIA_TYPE, metadata, notices)


def _add_slide(builder: TextBuilder, slide: Any) -> None:  # noqa: ANN401 - python-pptx publishes no types
    title = slide.shapes.title
    if title is not None:
        builder.heading(title.text_frame.text, 1)
    for shape in _shapes(slide):
        if title is not None and shape.shape_id == title.shape_id:
            continue
        if shape.has_text_frame:
            _add_text(builder, shape)
        elif getattr(shape, "has_table", False):
            _add_table(builder, shape)
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        notes = one_line(slide.notes_slide.notes_text_frame.text)
        builder.add(f"Notes: {notes}" if notes else "")


def _shapes(slide: Any) -> Iterator[_Shape]:  # noqa: ANN401 - python-pptx publishes no types
    """Yield a slide's shapes in their order, also those inside of groups."""
    waiting = list(reversed(list(slide.shapes)))
    while waiting:
        shape = waiting.pop()
        if hasattr(shape, "shapes"):
            waiting.extend(reversed(list(shape.shapes)))
        else:
            yield shape


def _add_text(builder: TextBuilder, shape: _Shape) -> None:
    """Add a shape's paragraphs: several ones in a slide's own text area are its bullet points."""
    paragraphs = [text for each in shape.text_frame.paragraphs if (text := one_line(each.text))]
    is_list = shape.is_placeholder and len(paragraphs) > 1
    for text in paragraphs:
        builder.add(text, "item" if is_list else "paragraph")


def _add_table(builder: TextBuilder, shape: _Shape) -> None:
    rows = [[one_line(cell.text) for cell in row.cells] for row in shape.table.rows]
    header = header_place(rows)
    if header is not None and max(map(len, rows)) == 2 and not has_typed_column(rows, header):
        header = None if not shape.table.first_row else header
    add_table(builder, rows, header)
