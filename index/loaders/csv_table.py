"""CSV and its relatives: one row block per line, each value with the name of its column."""

import csv
import io

from index.errors import LoadError
from index.loaders.builder import LoadedText, TextBuilder
from index.loaders.decode import decode
from index.loaders.tables import add_table, header_place

_SNIFF_CHARS = 20_000
_DELIMITERS = ",;\t|"
_MAX_FIELD_CHARS = 10_000_000


def load_csv(data: bytes, name: str) -> LoadedText:
    """Read a table of comma, semicolon, tab or bar separated values; labels number the rows below the header from 1.

    :raises LoadError: if the file is binary or one field never ends.
    """
    decoded = decode(data, name)
    delimiter = _delimiter(decoded.text[:_SNIFF_CHARS])
    csv.field_size_limit(_MAX_FIELD_CHARS)
    try:
        rows = list(csv.reader(io.StringIO(decoded.text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise LoadError(f"{name}: is not a readable table ({error}); check its quotes or save it again") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    builder = TextBuilder()
    add_table(builder, rows, header_place(rows))
    text, spans = builder.build()
    media_type = "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return LoadedText(text, spans, media_type=media_type, notices=decoded.notices)


def _delimiter(sample: str) -> str:
    """Return the delimiter that splits the lines into the same number of fields most often."""
    lines = sample.split("\n")
    lines = lines[:-1] if len(lines) > 1 and len(sample) == _SNIFF_CHARS else lines
    best, best_score = ",", 0
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        width = max(set(widths), key=widths.count, default=1)
        # One row in agreement counts as much as one more column: prose has commas, but never evenly.
        score = widths.count(width) * (width - 1)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best
