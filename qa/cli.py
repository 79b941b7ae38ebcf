"""The command line: thin commands over the public calls. Results go to stdout, everything else to stderr.

Exit codes: 0 done (an abstention is a result), 1 failed, 2 wrong usage, 130 interrupted. Nothing heavy is imported
until a command needs it, so that ``qa --help`` and ``qa status`` are immediate.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qa.cli_arguments import add_filters, add_model, port, question, text
from qa.wording import counted

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_SOUND = {
    False: "The documents are sound. (The vector index is checked and mended with --repair.)",
    True: "The store is sound.",
}
_EPILOG = """exit codes: 0 done (also if the documents do not hold the answer), 1 failed, 2 wrong usage, 130 interrupted
the store is --store (after the command), else $QA_STORE, else .qa in the current folder"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest:
        remedy = "; put the question in quotes" if "question" in options and not rest[0].startswith("-") else ""
        parser.error(f"unrecognized arguments: {' '.join(rest)}{remedy}")
    from index.errors import AnswerableError, UsageError

    try:
        return int(options.run(options))
    except UsageError as error:
        return _fail(str(error), USAGE)
    except AnswerableError as error:
        return _fail(str(error), FAILED)
    except KeyboardInterrupt:
        return _fail("Interrupted. What was finished is kept; the same command takes up the rest.", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone; Python would complain again when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _fail(message: str, code: int) -> int:
    from qa.terminal import printable

    print(printable(f"qa: {message}"), file=sys.stderr)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qa",
        description="Answers you can check: ask your documents, offline, and get exact citations.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    index = _command(commands, "index", _index, "make the store equal to folders of documents")
    index.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="folder or file")
    index.add_argument("--keep-removed", action="store_true", help="keep documents whose file is gone")

    ask = _command(commands, "ask", _ask, "answer one question, with citations")
    ask.add_argument("question", type=question, help="the question; words in double quotes must stand there together")
    add_filters(ask)
    add_model(ask)
    ask.add_argument("--mark", choices=["right", "wrong", "partly"], help="note what you think of the answer ...")
    ask.add_argument(
        "--samples", type=Path, metavar="FILE", help="... in this file of eval samples (needed with --mark)"
    )
    ask.add_argument("--comment", default="", metavar="TEXT", help="a comment to note with the mark")

    chat = _command(
        commands, "chat", _chat, "ask questions one after another; follow-ups are understood", json_output=False
    )
    add_filters(chat)
    add_model(chat)

    search = _command(commands, "search", _search, "list the passages that match best")
    search.add_argument("query", type=text, help="words or a question")
    add_filters(search)

    show = _command(commands, "show", _show, "print the stored text of a document; citations' offsets index into it")
    show.add_argument("source", help="name of the document, as in citations")

    status = _command(commands, "status", _status, "what the store holds")
    status.add_argument("--documents", action="store_true", help="list the documents")

    remove = _command(commands, "remove", _remove, "remove documents from the store (files are left alone)")
    remove.add_argument("sources", nargs="+", metavar="SOURCE", help="name or glob pattern")

    verify = _command(commands, "verify", _verify, "check the store")
    verify.add_argument("--repair", action="store_true", help="mend the vector index from the catalog")

    evaluate = _command(commands, "eval", _eval, "measure answers against known ones; fail where they got worse")
    evaluate.add_argument(
        "dataset", nargs="?", help="samples (.jsonl) or a public dataset; default: our own over seeds/"
    )
    evaluate.add_argument("--documents", type=Path, metavar="DIR", help="the documents of your own samples")
    evaluate.add_argument("--baseline", type=Path, metavar="FILE", help="compare with this; exit code 1 if worse")
    evaluate.add_argument("--update-baseline", action="store_true", help="write the baseline anew")
    evaluate.add_argument("--report", type=Path, metavar="DIR", help="write report.html, report.md and junit.xml here")
    evaluate.add_argument("--sample", type=int, metavar="N", help="only N samples, drawn with --seed")
    evaluate.add_argument("--seed", type=int, default=0, metavar="S", help="seed of --sample (default: 0)")
    evaluate.add_argument("--only", metavar="TAG", help="only samples with this tag")
    add_model(evaluate)

    ui = _command(commands, "ui", _ui, "open the chat in a browser", json_output=False)
    add_model(ui)
    ui.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    ui.add_argument("--port", type=port, default=7860, help="port, 0 for any that is free (default: 7860)")
    ui.add_argument("--open", action="store_true", help="open the browser")
    ui.add_argument("--samples", type=Path, metavar="FILE", help="where marked answers go (default: in the store)")
    ui.add_argument(
        "--report", type=Path, metavar="FILE", default=Path("reports/report.html"),
        help="report of `qa eval` to show (default: reports/report.html)",
    )  # fmt: skip

    _command(commands, "mcp", _mcp, "serve ask, search and show to other programs over stdio", json_output=False)
    return parser


def _command(
    commands: Any,  # noqa: ANN401 - argparse keeps the class to itself
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
    *,
    json_output: bool = True,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--store", type=Path, metavar="DIR", help="folder of the store")
    parser.add_argument("--embedding-model", metavar="DIR", help="folder of a sentence-transformers model")
    if json_output:
        parser.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
    parser.set_defaults(run=run)
    return parser


def _index(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from index.files import require_paths
    from qa.terminal import ProgressBar, printable

    require_paths(options.paths)  # before a store is made for nothing, which then says that it holds no documents
    with _open_index(options) as index, ProgressBar() as bar:
        report = index.sync(*options.paths, keep_removed=options.keep_removed, progress=bar.update)
    for line in [*(failed.error for failed in report.failed), *report.notices]:
        print(printable(line), file=sys.stderr)
    if options.json:
        _print_json({**asdict(report), "seconds": round(report.seconds, 2)})
    else:
        counts = ("added", "updated", "renamed", "unchanged", "removed")
        parts = [f"{getattr(report, name)} {name}" for name in counts if getattr(report, name)] or ["nothing to do"]
        if report.failed:
            parts.append(f"{len(report.failed)} could not be read")
        holds = f"{counted(report.documents, 'document')}, {counted(report.chunks, 'chunk')}"
        print(f"{', '.join(parts)} in {report.seconds:.1f} s; the store holds {holds}.")
    nothing_read = not report.added + report.updated + report.renamed + report.unchanged
    if nothing_read and not report.failed:
        print("qa: no documents were found there.", file=sys.stderr)
    return FAILED if nothing_read else DONE


def _ask(options: argparse.Namespace) -> int:
    from index.errors import UsageError
    from qa.terminal import answer_lines

    if options.mark and options.samples is None:
        raise UsageError("--mark needs --samples FILE: the file of eval samples that the mark is added to.")
    with _open_assistant(options) as assistant:
        answer = assistant.ask(options.question, where=_filter(options), top_k=options.top_k)
        if options.mark:
            from evals.feedback import record_feedback  # the command line is where all rooms meet

            record_feedback(answer, options.mark, options.samples, comment=options.comment)
        if options.json:
            _print_json(answer.to_dict())
        else:
            print("\n".join(answer_lines(answer, assistant.index)))
    return DONE


def _chat(options: argparse.Namespace) -> int:
    from qa.terminal import answer_lines, read_question
    from qa.types import Turn

    history: list[Turn] = []
    with _open_assistant(options) as assistant:
        print(
            f"{counted(assistant.index.status().documents, 'document')}. An empty line ends the chat.", file=sys.stderr
        )
        while question := read_question():
            answer = assistant.ask(question, history=history, where=_filter(options), top_k=options.top_k)
            print("\n".join(answer_lines(answer, assistant.index)), flush=True)
            history.append(Turn(question, answer.text))
    return DONE


def _search(options: argparse.Namespace) -> int:
    from qa.terminal import passage_lines
    from qa.types import passage_to_dict

    with _open_assistant(options) as assistant:
        top_k = options.top_k or assistant.settings.top_k
        result = assistant.index.search(options.query, top_k=top_k, where=_filter(options))
    if options.json:
        passages = [passage_to_dict(passage) for passage in result.passages]
        _print_json({"query": options.query, "passages": passages, "searched": result.searched})
    else:
        print("\n".join(line for passage in result.passages for line in passage_lines(passage)) or "Nothing found.")
    return DONE


def _show(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from qa.terminal import printable_text

    with _open_index(options, read_only=True) as index:
        document = index.document(options.source)
    if options.json:
        _print_json(asdict(document))
    else:
        sys.stdout.write(printable_text(document.text) if sys.stdout.isatty() else document.text)
        if not document.text.endswith("\n"):
            print()
    return DONE


def _status(options: argparse.Namespace) -> int:
    from dataclasses import asdict

    from qa.terminal import document_line

    with _open_index(options, read_only=True) as index:
        status = index.status()
        documents = index.documents() if options.documents else []
    if options.json:
        listed = {"document_list": [asdict(document) for document in documents]} if options.documents else {}
        _print_json({**asdict(status), **listed})
        return DONE
    print(f"{status.store}: {counted(status.documents, 'document')}, {counted(status.chunks, 'chunk')}, "
          f"{status.bytes / 1e6:.1f} MB, embedded by {status.model}.")  # fmt: skip
    for document in documents:
        print(document_line(document))
    return DONE


def _remove(options: argparse.Namespace) -> int:
    with _open_index(options) as index:
        count = index.remove(options.sources)
    _print_json({"removed": count}) if options.json else print(f"{counted(count, 'document')} removed.")
    return DONE


def _verify(options: argparse.Namespace) -> int:
    with _open_index(options, read_only=not options.repair) as index:
        problems = index.verify()
        mended = index.verify(repair=True)[len(problems) :] if options.repair else []
    if options.json:
        _print_json({"ok": not problems, "problems": problems, "mended": mended})
    else:
        print("\n".join([*problems, *mended]) or _SOUND[options.repair])
    return FAILED if problems else DONE


def _eval(options: argparse.Namespace) -> int:
    from evals.command import Options, evaluate  # the command line is where all rooms meet

    return evaluate(
        Options(
            options.dataset, options.documents, options.store, options.baseline, options.update_baseline, options.json,
            options.report, options.sample, options.seed, options.only,
        ),
        _settings(options),
    )  # fmt: skip


def _ui(options: argparse.Namespace) -> int:
    from functools import partial

    from evals.feedback import record_feedback  # the command line is where all rooms meet
    from ui.server import Extras, serve

    settings = _settings(options)
    samples = options.samples or settings.store / "feedback.jsonl"
    extras = Extras(partial(record_feedback, path=samples), options.report)
    serve(settings, host=options.host, port=options.port, open_browser=options.open, extras=extras)
    return DONE


def _mcp(options: argparse.Namespace) -> int:
    from ui.mcp_tools import serve  # the command line is where all rooms meet

    serve(_settings(options))
    return DONE


def _settings(options: argparse.Namespace) -> Any:  # noqa: ANN401 - Settings, whose import is not free
    from qa.settings import Settings

    return Settings.from_environment(
        store=options.store, embedding_model=options.embedding_model, model=getattr(options, "model", None)
    )


def _open_index(options: argparse.Namespace, *, read_only: bool = False) -> Any:  # noqa: ANN401
    from index.index import Index

    settings = _settings(options)
    return Index.open(settings.store, model=settings.embedding_model, threads=settings.threads, read_only=read_only)


def _open_assistant(options: argparse.Namespace) -> Any:  # noqa: ANN401
    """For reading only: an index that is being written can be asked, and asking never blocks writing."""
    from qa.assistant import Assistant

    return Assistant.open(settings=_settings(options), read_only=True)


def _filter(options: argparse.Namespace) -> Any:  # noqa: ANN401
    from index.filter import Filter

    if not (options.source or options.type or options.since or options.until):
        return None
    return Filter(tuple(options.source), media_types=tuple(options.type), since=options.since, until=options.until)


def _print_json(value: object) -> None:
    # On a terminal nothing but ASCII is printed: JSON may hold characters that a terminal obeys.
    print(json.dumps(value, ensure_ascii=sys.stdout.isatty(), indent=2))


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"answerable {version('answerable')}"
    except PackageNotFoundError:
        return "answerable (not installed)"


if __name__ == "__main__":
    sys.exit(main())
