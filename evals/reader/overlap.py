"""Whether anything that measures us is among what the reader was trained on.

    python -m evals.reader.overlap --data FOLDER --evaluation FILE [FILE ...]

Compares runs of twelve words, whatever the format of the evaluation's files: a paragraph that is in both, or a sentence
cut out of it, shows. Exit code 1 if any is shared; `evals.reader.train --never FILE ...` leaves such passages out.
"""

import argparse
import random
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.reader.data import examples
from evals.reader.example import Example, alone
from index.sentences import sentence_spans

_ALONE = 0.35
"""Share of examples that are also given as their one sentence: short, so an eighth more tokens."""
_WORDS = 12
"""Shorter runs may be equal by chance ("was born in London and died there in")."""


def word_runs(texts: Iterable[str]) -> frozenset[int]:
    """Hashes of all runs of twelve words of the texts; good for one process only."""
    return frozenset(run for text in texts for run in _runs(text))


def shares(text: str, measured: frozenset[int]) -> bool:
    """Whether twelve words in a row of ``text`` are among ``measured``, which ``word_runs`` gave."""
    return any(run in measured for run in _runs(text))


def unmeasured_examples(data: Path, rng: random.Random, never: Iterable[Path]) -> list[Example]:
    """All examples of one epoch but those whose passage shares a run of words with the files ``never``.

    Of some also the one sentence that is asked about, drawn last: by itself it may be too short to share a run.
    """
    measured = word_runs(evaluation_texts(never))
    found = [example for example in examples(data, rng) if not shares(example.passage, measured)]
    drawn = [example for example in found if rng.random() < _ALONE]
    return [*found, *(short for example in drawn if (short := alone(example, rng)) is not None)]


def evaluation_texts(paths: Iterable[Path]) -> Iterator[str]:
    """What the files hold, readable as text whatever their format; JSON's escapes would stand between words."""
    for path in paths:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), path.read_text(encoding="utf-8"))
        yield re.sub(r'\\[nrt"]', " ", text)


def _runs(text: str) -> Iterator[int]:
    """Hashes of all runs of twelve words, in small letters and without signs."""
    words = re.findall(r"\w+", text.lower())
    for start in range(len(words) - _WORDS + 1):
        yield hash(tuple(words[start : start + _WORDS]))


def main() -> int:
    """Compare and say what is shared."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="what the reader was trained on")
    parser.add_argument("--evaluation", type=Path, nargs="+", required=True, help="files of what measures it")
    options = parser.parse_args()
    passages = {example.passage for example in examples(options.data, random.Random(0))}
    measured = word_runs(evaluation_texts(options.evaluation))
    sentences = {text[start:end] for text in passages for start, end in sentence_spans(text)}
    found = sorted(sentence for sentence in sentences if shares(sentence, measured))
    print(f"{len(passages)} training passages; {len(found)} sentences are in the evaluation's files")
    for sentence in found[:20]:
        print(f"  {sentence}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
