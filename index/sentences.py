"""Text -> sentences, by the trained English Punkt model in the llama-index-core wheel.

LlamaIndex's own sentence splitter uses an untrained Punkt that breaks after "Dr."; the trained model lies beside it in
the same wheel. Importing nltk takes seconds, so it is loaded when the first text is cut, never to answer a question.
"""

import re
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

from index.errors import ModelError

_EXTRA_ABBREVIATIONS = {"e.g", "i.e", "cf", "vs", "approx", "fig", "figs", "eq", "eqs", "sec", "ca", "est", "incl",
                        "dept", "ed", "eds", "vol", "pp", "al", "resp", "viz", "min", "max", "temp"}  # fmt: skip
"""Abbreviations of manuals, papers and contracts that Punkt's training text, newspapers, did not hold."""
_OPEN_ENDED = re.compile(r"(?:\b(?:No|Nos|Nr|Art|Fig|Figs|Sec|Sect|Vol|Ch|Par|Cl|Eq|Tab|p|pp)\.|§)$", re.IGNORECASE)
"""A piece that ends like this goes on if a number follows ("No. 5"), else it is a sentence ("He said no.")."""
_WIDE_STOP = re.compile(r"[。！？]+[」』”’）]*")
_CLOSING = re.compile(r"(?:\*\*|__|[*_)\]”’\"'])+(?=\s)")
"""What closes the sentence before it: Punkt knows quotation marks, but not Markdown's."""
_LETTERS = re.compile(r"[^\W\d_]{2}|[぀-ヿ㐀-鿿]")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of the sentences of ``text``, in order, without the white space between them."""
    pieces = [part for start, end in _punkt().span_tokenize(text) for part in _split_wide(text, start, end)]
    return _merge(text, pieces)


def _split_wide(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut at the full stops of Chinese and Japanese, which Punkt does not know."""
    cuts = [match.end() for match in _WIDE_STOP.finditer(text, start, end)]
    if not cuts:
        return [(start, end)]
    bounds = [start, *[cut for cut in cuts if cut < end], end]
    return [
        (left + len(text[left:right]) - len(text[left:right].lstrip()), right)
        for left, right in pairwise(bounds)
        if text[left:right].strip()
    ]


def _merge(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what is no sentence by itself to its neighbour: list numbers ("1."), and numbers after "No."."""
    merged: list[tuple[int, int]] = []
    for start, end in pieces:
        if merged and (closing := _CLOSING.match(text, start, end)):
            merged[-1] = (merged[-1][0], closing.end())
            start = closing.end() + len(text[closing.end() : end]) - len(text[closing.end() : end].lstrip())
        if merged:
            before = text[merged[-1][0] : merged[-1][1]]
            if not _LETTERS.search(before) or (_OPEN_ENDED.search(before) and text[start].isdigit()):
                merged[-1] = (merged[-1][0], end)
                continue
        merged.append((start, end))
    if len(merged) > 1 and not _LETTERS.search(text[merged[-1][0] : merged[-1][1]]):
        (start, _), (_, end) = merged[-2:]
        merged[-2:] = [(start, end)]
    return merged


@cache
def _punkt() -> Any:  # noqa: ANN401 - nltk is untyped
    spec = find_spec("llama_index.core")
    if spec is None or spec.origin is None:
        raise ModelError("The sentence model is missing: llama-index-core is not installed; run pip install again.")
    folder = Path(spec.origin).parent / "_static" / "nltk_cache"

    import nltk.data
    from nltk.tokenize.punkt import PunktTokenizer

    if str(folder) not in nltk.data.path:
        nltk.data.path.insert(0, str(folder))
    try:
        tokenizer = PunktTokenizer("english")
    except LookupError as error:
        raise ModelError(
            f"The sentence model is missing from {folder}; install llama-index-core 0.14 again."
        ) from error
    tokenizer._params.abbrev_types |= _EXTRA_ABBREVIATIONS
    return tokenizer
