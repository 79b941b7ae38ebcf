"""Errors of the server that have a status of their own over HTTP; all others of the user's are 400."""

from index import UsageError


class NotThereError(UsageError):
    """There is no such document, collection, job or file."""


class TooMuchError(UsageError):
    """More, or larger, than the server takes."""


class NotAllowedError(UsageError):
    """The server was not told that it may."""
