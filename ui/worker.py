"""The child process that writes to a store: ``python -m ui.worker``, one request on stdin, JSON lines on stdout.

Parsers read strangers' files, so they run here, where a crash or a memory bomb ends nothing but this process. The store
loses nothing by it (one transaction per document). It also ends when its parent does: then stdin is closed.
"""

import json
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from glob import escape
from typing import Any, TextIO

from index import AnswerableError, Index, Progress, StoreLockedError, UsageError

_NICENESS = 10
"""Of indexing: whoever asks meanwhile is served first."""


def main(requests: TextIO = sys.stdin, replies: TextIO = sys.stdout) -> int:
    """Do one request; 0 also if it failed with a message, which is the last line written."""
    request: dict[str, Any] = json.loads(requests.readline())
    threading.Thread(target=_end_with_parent, args=(requests,), daemon=True).start()
    os.umask(0o077)
    _limit_memory(request.get("memory"))

    def reply(**values: object) -> None:
        replies.write(f"{json.dumps(values)}\n")
        replies.flush()

    try:
        with Index.open(request["store"], model=request["model"], threads=request["threads"]) as index:
            if request["action"] == "remove":
                reply(kind="removed", count=_remove(index, request["sources"]))
            else:
                _add(index, request["files"], reply)
    except StoreLockedError as error:
        reply(kind="locked", error=str(error))
    except AnswerableError as error:
        reply(kind="error", error=str(error))
    except MemoryError:
        return 1
    return 0


def _add(index: Index, files: Mapping[str, str], reply: Any) -> None:  # noqa: ANN401 - a function of keywords
    with suppress(OSError):
        os.nice(_NICENESS)

    def tell(progress: Progress) -> None:
        reply(kind="progress", **asdict(progress))

    report = index.add(files, progress=tell)
    reply(kind="report", failed={failed.source: failed.error for failed in report.failed}, notices=report.notices)


def _remove(index: Index, sources: list[str]) -> int:
    """Remove documents by name; what is gone already is no error."""
    known = {document.source for document in index.documents()}
    wanted = [escape(source) for source in sources if source in known]  # a name may look like a pattern
    try:
        return index.remove(wanted) if wanted else 0
    except UsageError:
        return 0


def _limit_memory(size: int | None) -> None:
    if size is None:
        return
    with suppress(ImportError, ValueError, OSError):
        import resource  # not on Windows

        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _end_with_parent(requests: TextIO) -> None:
    with suppress(ValueError, OSError):
        requests.read()
    os._exit(3)


if __name__ == "__main__":
    sys.exit(main())
