"""Whether anything that measures us is among what the reader was trained on.

    python -m evals.reader.overlap --data FOLDER --evaluation FILE [FILE ...]

Compares runs of twelve words, whatever the format of the evaluation's files: a paragraph that is in both, or a sentence
cut out of it, shows. Exit code 1 if any is shared.
"""

import argparse
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.reader.data import examples
from index.sentences import sentence_spans

_WORDS = 12
"""Shorter runs may be equal by chance ("was born in London and died there in")."""


def shared(training: Iterable[str], evaluation: Iterable[str]) -> list[str]:
    """Training sentences of which twelve words in a row stand in the evaluation's texts."""
    measured = {run for text in evaluation for run in _runs(text)}
    sentences = {text[start:end] for text in training for start, end in sentence_spans(text)}
    return sorted(sentence for sentence in sentences if any(run in measured for run in _runs(sentence)))


def _runs(text: str) -> Iterator[int]:
    """Hashes of all runs of twelve words, in small letters and without signs."""
    words = re.findall(r"\w+", text.lower())
    for start in range(len(words) - _WORDS + 1):
        yield hash(tuple(words[start : start + _WORDS]))


def _unescaped(text: str) -> str:
    """Text out of JSON: its escapes would stand between words."""
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), re.sub(r'\\[nrt"]', " ", text))


def main() -> int:
    """Compare and say what is shared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what the reader was trained on")
    parser.add_argument("--evaluation", type=Path, nargs="+", required=True, help="files of what measures it")
    options = parser.parse_args()
    passages = {example.passage for example in examples(options.data, random.Random(0))}
    files = [
        path.read_text(encoding="utf-8").encode().decode("unicode_escape", "replace") for path in options.evaluation
    ]
    found = shared(passages, files)
    print(f"{len(passages)} training passages; {len(found)} sentences are in the evaluation's files")
    for sentence in found[:20]:
        print(f"  {sentence}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
