"""Documents in, passages out: load, split, embed, store, search. Knows nothing of answers, prompts or screens."""

from index.errors import (
    AnswerableError,
    LoadError,
    ModelError,
    ModelMismatchError,
    StoreError,
    StoreLockedError,
    UsageError,
)
from index.filter import Filter
from index.index import Index, Status
from index.sync import FailedFile, Progress, SyncReport
from index.types import Chunk, Document, DocumentInfo, Passage, SearchResult, Signals, Span

__all__ = [
    "AnswerableError",
    "Chunk",
    "Document",
    "DocumentInfo",
    "FailedFile",
    "Filter",
    "Index",
    "LoadError",
    "ModelError",
    "ModelMismatchError",
    "Passage",
    "Progress",
    "SearchResult",
    "Signals",
    "Span",
    "Status",
    "StoreError",
    "StoreLockedError",
    "SyncReport",
    "UsageError",
]
