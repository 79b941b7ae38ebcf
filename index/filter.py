"""Which documents a question is asked of."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from index.types import DocumentInfo


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents to search. ``sources`` are glob patterns, one of which must match (case matters; ``*`` also
    crosses folders); ``exclude`` names sources to leave out; ``media_types`` are patterns too; ``since`` and ``until``
    are ISO dates, inclusive, compared with the document's own date or else the day its file was changed.
    """

    sources: tuple[str, ...] = ()
    exclude: frozenset[str] = frozenset()
    media_types: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def accepts(self, document: DocumentInfo) -> bool:
        """Whether a document passes."""
        date = document.metadata.get("date") or document.metadata.get("modified", "")
        return (
            document.source not in self.exclude
            and (not self.sources or any(fnmatchcase(document.source, pattern) for pattern in self.sources))
            and (not self.media_types or any(fnmatchcase(document.media_type, kind) for kind in self.media_types))
            and (self.since is None or date[:10] >= self.since)
            and (self.until is None or date[:10] <= self.until)
        )
