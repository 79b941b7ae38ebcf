"""What can go wrong, as one tree. Every message holds the value and the remedy; doors print it as it is.

AnswerableError
├── UsageError               the call itself is wrong: a path that is not there, a bad option
├── LoadError                one file cannot be read; the others can
├── StoreError               the store is missing, damaged or of another version
│   ├── StoreLockedError     another process writes to the store
│   └── ModelMismatchError   the store was made with another embedding model
└── ModelError               an embedding model cannot be loaded
"""


class AnswerableError(Exception):
    """Base of every error that is meant to be shown to the user."""


class UsageError(AnswerableError):
    """The call is wrong and cannot succeed as it is."""


class LoadError(AnswerableError):
    """A file cannot be read as a document."""


class StoreError(AnswerableError):
    """The store cannot be used as it is."""


class StoreLockedError(StoreError):
    """Another process holds the store for writing."""


class ModelMismatchError(StoreError):
    """The store's vectors were made by another embedding model."""


class ModelError(AnswerableError):
    """A model's files are missing or are not what they should be."""
