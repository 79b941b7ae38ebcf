"""JSON and JSON lines: one block per record, every value with the path of its keys."""

import json
from collections.abc import Iterator
from typing import TypeAlias

from index.errors import LoadError
from index.loaders.builder import LoadedText, TextBuilder, one_line
from index.loaders.decode import decode
from index.types import CELL_BORDER

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_MAX_ROW_CHARS = 400
"""A record up to this length stands on one line, a longer one has a line per value."""


def load_json(data: bytes, name: str) -> LoadedText:
    """Read a JSON file: the objects of a list are records, all else is grouped by its outermost key.

    :raises LoadError: if the file is not JSON.
    """
    decoded = decode(data, name)
    if not decoded.text.strip():
        return LoadedText("", ())
    try:
        value: Json = json.loads(decoded.text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and error.lineno > 1:
            return load_json_lines(data, name)
        raise LoadError(f"{name}: is not valid JSON ({error}); correct it there") from error
    except (ValueError, RecursionError) as error:
        raise LoadError(f"{name}: holds JSON that is nested too deeply or a number too long; simplify it") from error
    builder = TextBuilder()
    title = _add(builder, value)
    text, spans = builder.build()
    return LoadedText(text, spans, title, "application/json", notices=decoded.notices)


def load_json_lines(data: bytes, name: str) -> LoadedText:
    """Read JSON lines; lines that are not JSON are left out with a notice.

    :raises LoadError: if no line is JSON.
    """
    decoded = decode(data, name)
    builder, broken = TextBuilder(), 0
    for number, line in enumerate(decoded.text.split("\n"), start=1):
        if line.strip():
            try:
                _add_record(builder, json.loads(line), number)
            except (ValueError, RecursionError):
                broken += 1
    text, spans = builder.build()
    if broken and not text:
        raise LoadError(f"{name}: none of its {broken} lines is valid JSON; save one JSON object per line")
    notices = (*decoded.notices, f"{broken} lines are not valid JSON and were left out") if broken else decoded.notices
    return LoadedText(text, spans, "", "application/jsonl", notices=notices)


def _add(builder: TextBuilder, value: Json) -> str:
    """Add a whole file's value and return its title, if it names one."""
    if isinstance(value, list):
        _add_records(builder, value)
        return ""
    if not isinstance(value, dict):
        builder.add(_shown(value))
        return ""
    for key, inner in value.items():
        builder.close_sections()
        if isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            builder.heading(key, 1)
            _add_records(builder, inner)
        else:
            builder.add("\n".join(_flat(inner, key)))
    title = value.get("title")
    return one_line(title) if isinstance(title, str) else ""


def _add_records(builder: TextBuilder, records: list[Json]) -> None:
    for number, record in enumerate(records, start=1):
        _add_record(builder, record, number)


def _add_record(builder: TextBuilder, record: Json, number: int) -> None:
    lines = list(_flat(record, ""))
    row = CELL_BORDER.join(lines)
    if len(row) <= _MAX_ROW_CHARS and "\n" not in row:
        builder.add(row, "row", str(number))
    else:
        builder.add("\n".join(lines), "paragraph", str(number))


def _flat(value: Json, path: str) -> Iterator[str]:
    """Yield ``key.path: value`` for every value inside; a list of plain values stays on one line."""
    waiting: list[tuple[str, Json]] = [(path, value)]  # not recursive: a file may nest deeper than Python calls
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend((f"{path}.{key}" if path else key, inner) for key, inner in reversed(value.items()))
        elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            inner_items = list(enumerate(value, start=1))
            waiting.extend((f"{path}.{place}" if path else str(place), inner) for place, inner in reversed(inner_items))
        else:
            shown = ", ".join(map(_shown, value)) if isinstance(value, list) else _shown(value)
            if shown:
                yield f"{path}: {shown}" if path else shown


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return value.strip()
    return "" if value is None else json.dumps(value)
