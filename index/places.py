"""The spans around a character -> where a reader of the document finds it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from index.types import Span


class Place(NamedTuple):
    """Page (or slide; 1-based), heading path (or sheet and row), and the column names of the table around a place."""

    page: int | None
    heading: str | None
    table_header: str


def section_in(spans: Sequence[Span]) -> int:
    """Return where the innermost section, slide or sheet of the spans around a place begins; 0 if in none."""
    return max((span.start for span in spans if span.kind in {"section", "slide", "sheet"}), default=0)


def place_in(spans: Sequence[Span]) -> Place:
    """Return what the spans around a place say of it."""
    page = next((int(span.label) for span in reversed(spans) if span.kind in {"page", "slide"}), None)
    parts = [span.label for span in spans if span.kind in {"sheet", "section"} and span.label]
    parts += [f"row {span.label}" for span in spans if span.kind == "row" and span.label and page is None]
    table_header = next((span.label for span in reversed(spans) if span.kind == "table"), "")
    return Place(page, " > ".join(parts) or None, table_header)
