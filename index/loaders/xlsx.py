"""Excel files: one ``sheet`` span per visible sheet, one row block per row, labelled with the sheet's row number."""

import datetime
import io
import warnings
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from index.loaders.archive import ARCHIVE_ERRORS, broken, open_archive
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.tables import add_table, has_typed_column, header_place, joined

_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAX_COLUMNS = 2000
_MAX_PERCENT_DECIMALS = 4


def load_xlsx(data: bytes, name: str) -> LoadedText:
    """Read an Excel file with the values its formulas had when it was saved; hidden sheets are left out with a notice.

    :raises LoadError: if the archive or its XML is damaged, or too large when unpacked.
    """
    open_archive(data, name, "Excel file").close()
    builder = TextBuilder()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and validations it drops; we want values only
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    with builder.within("sheet", one_line(sheet.title)):
                        _add_sheet(builder, sheet)
            metadata = _metadata(book.properties)
            title = one_line(book.properties.title or "")
            book.close()
    except (*ARCHIVE_ERRORS, InvalidFileException, AttributeError, TypeError, SyntaxError, AssertionError) as error:
        # A part that is missing or of another kind shows as a missing attribute; damaged XML is a SyntaxError.
        raise broken(name, "Excel file", "its contents are damaged") from error
    text, spans = builder.build()
    notices = (f"{len(hidden)} hidden sheets were left out: {', '.join(map(one_line, hidden))}",) if hidden else ()
    return LoadedText(text, spans, title, _MEDIA_TYPE, metadata, notices)


def _add_sheet(builder: TextBuilder, sheet: Any) -> None:  # noqa: ANN401 - openpyxl publishes no types
    """Add a sheet's tables, which empty rows separate; a part without a header goes on with the one before it."""
    names: list[str] = []
    for first_number, rows in _parts(sheet):
        header = header_place(rows)
        is_remark = len(rows) == 1 and sum(map(bool, rows[0])) == 1
        if is_remark:
            builder.add(joined(rows[0]))
        elif header is not None and (not names or has_typed_column(rows, header)):
            names = rows[header]
            add_table(builder, rows, header, first_number + header + 1)
        else:
            add_table(builder, [names, *rows] if names else rows, 0 if names else None, first_number)


def _parts(sheet: Any) -> Iterator[tuple[int, list[list[str]]]]:  # noqa: ANN401 - openpyxl publishes no types
    """Yield runs of rows between empty ones, each with the number of its first row."""
    sheet.reset_dimensions()  # the size a file states may be wrong
    part: list[list[str]] = []
    number = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), start=1):
        row = [_shown(cell) for cell in cells]
        if any(row):
            part.append(row)
        elif part:
            yield number - len(part), part
            part = []
    if part:
        yield number - len(part) + 1, part


def _shown(cell: Any) -> str:  # noqa: ANN401 - openpyxl publishes no types
    """Return a cell's value as a person reads it; dates as ISO dates."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime):
        has_time = value.time() != datetime.time()
        return value.isoformat(" ", "minutes") if has_time else value.date().isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format or ""))
    return one_line(str(value))


def _number(value: float, number_format: str) -> str:
    if number_format.endswith("%"):
        decimals = len(number_format.partition(".")[2]) - 1
        return f"{value * 100:.{min(max(decimals, 0), _MAX_PERCENT_DECIMALS)}f}%"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{value:.15g}" if isinstance(value, float) else str(value)  # 15 digits hide what binary fractions add


def _metadata(properties: Any) -> dict[str, str]:  # noqa: ANN401 - openpyxl publishes no types
    found = {"author": properties.creator, "subject": properties.subject, "keywords": properties.keywords}
    metadata = {key: one_line(value) for key, value in found.items() if value and value != "openpyxl"}
    if properties.modified or properties.created:
        metadata["date"] = (properties.modified or properties.created).date().isoformat()
    return metadata
