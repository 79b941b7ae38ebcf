"""Arguments that several commands of the command line share, and what may be given for them."""

import argparse
from datetime import date


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Which passages are read: how many, and of which documents."""
    parser.add_argument("--top-k", type=_top_k, metavar="N", help="passages to read, 1 to 100 (default: 8)")
    parser.add_argument(
        "--source", action="append", default=[], metavar="GLOB", help="only documents of this name; repeatable"
    )
    parser.add_argument(
        "--type", action="append", default=[], metavar="GLOB", help="only this media type, e.g. 'text/*'"
    )
    parser.add_argument("--since", type=_date, metavar="DATE", help="only documents of this day or later (YYYY-MM-DD)")
    parser.add_argument(
        "--until", type=_date, metavar="DATE", help="only documents of this day or earlier (YYYY-MM-DD)"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which language model writes, if any."""
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="language model that writes the answers, e.g. openai:NAME@http://127.0.0.1:8080/v1",
    )


def _top_k(value: str) -> int:
    if not value.isdecimal() or not 1 <= int(value) <= 100:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number from 1 to 100")
    return int(value)


def port(value: str) -> int:
    """A port to listen on, 0 for any."""
    if not value.isdecimal() or not 0 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError(f"{value!r} is not a number from 0 to 65535")
    return int(value)


def _date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date like 2026-05-31") from None


def text(value: str) -> str:
    """An argument whose bytes are no text, made text."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def question(value: str) -> str:
    """A question that asks something."""
    if not value.strip():
        raise argparse.ArgumentTypeError("it is empty; give the question in quotes")
    return text(value)
