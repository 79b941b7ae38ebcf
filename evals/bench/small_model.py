"""Our own samples answered end to end by a small language model on this machine, and beside it by quotes.

    python -m evals.bench.small_model [--samples 60] [--seed 0] [--passages 3] [--servers 1] [--show]

The model is real (see :mod:`evals.bench.llama_server`) and the smallest that answers at all; it is not here for its
answers, but to see what the checks leave of a weak model's, and what that costs. Samples are drawn with answerable and
unanswerable ones in the set's proportions.
"""

import argparse
import os
import queue
import random
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from evals.bench.llama_server import NAME, running_model
from evals.command import SEEDS
from evals.metrics import percentile
from evals.runner import is_correct, stored_texts
from evals.samples import SEED_SAMPLES, find_evidence, read_samples
from evals.types import Place, Sample
from qa import Answer, Assistant, Settings
from qa.quoted import EXTRACTIVE

_TIMEOUT = 600.0
"""Seconds for an answer: this measures what a slow machine writes, not how soon we give up."""
_SHOWN = 10
"""With --show the figures so far are shown each time after so many samples."""
_STRUCK = re.compile(r"(\d+) sentences? (?:was|were) removed\b")
"""The note of an answer that says how many sentences were not supported."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one sample went. ``exact`` of ``citations`` are the stored text at their place; ``struck`` sentences were
    written and not supported. ``failed``: the model did, and the answer is quoted.
    """

    answerable: bool
    answered: bool
    correct: bool
    seconds: float
    citations: int
    exact: int
    kept: int
    struck: int
    failed: bool
    text: str


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--passages", type=int, default=3, help="shown to the model, which reads slowly (default: 3)")
    parser.add_argument("--servers", type=int, default=1, help="as many samples at once; they share the cores")
    parser.add_argument("--show", action="store_true", help="print every answer")
    options = parser.parse_args()
    samples = drawn(read_samples(SEED_SAMPLES), options.samples, options.seed)
    few = Settings(top_k=options.passages, model_timeout=_TIMEOUT)
    columns: dict[str, list[Measured]] = {}
    with ExitStack() as stack:
        store = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "store"
        with Assistant.open(store, settings=Settings()) as opened:
            opened.index.sync(SEEDS)
            columns["quoted"] = measured([opened], samples, show=options.show)
        with Assistant.open(store, settings=few, read_only=True) as opened:
            columns[f"quoted, {options.passages} passages"] = measured([opened], samples, show=options.show)
        threads = max(1, (os.cpu_count() or 1) // options.servers)
        models = [stack.enter_context(running_model(threads=threads)) for _ in range(options.servers)]
        writers = [
            stack.enter_context(Assistant.open(store, settings=few, read_only=True, model=model)) for model in models
        ]
        columns[f"{NAME}, {options.passages} passages"] = measured(writers, samples, show=options.show)
    print(f"{len(samples)} samples, {sum(sample.answerable for sample in samples)} of them answerable")
    print("\n".join(table(columns)))


def drawn(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """``count`` samples, answerable and unanswerable in the proportions of the whole; shuffled, so that the first
    figures that are shown are fair too.
    """
    chance = random.Random(seed)
    answerable = [sample for sample in samples if sample.answerable]
    others = [sample for sample in samples if not sample.answerable]
    share = round(count * len(answerable) / len(samples))
    chosen = [*chance.sample(answerable, share), *chance.sample(others, count - share)]
    return chance.sample(chosen, count)


def measured(assistants: Sequence[Assistant], samples: Sequence[Sample], *, show: bool) -> list[Measured]:
    """Every sample asked, in order, as many at once as there are assistants; each has read once before."""
    texts = stored_texts(assistants[0])
    free: queue.SimpleQueue[Assistant] = queue.SimpleQueue()
    for assistant in assistants:
        assistant.without_model().ask(samples[0].question)
        free.put(assistant)

    def ask(sample: Sample) -> Measured:
        assistant = free.get()
        try:
            answer = assistant.ask(sample.question, history=sample.history)
            return judged(assistant, sample, find_evidence(sample, texts), answer)
        finally:
            free.put(assistant)

    found = []
    with ThreadPoolExecutor(len(assistants)) as pool:
        for number, (sample, row) in enumerate(zip(samples, pool.map(ask, samples), strict=True), 1):
            found.append(row)
            if show:
                mark = "failed" if row.failed else "right" if row.correct else "wrong"
                print(f"{number:3} {sample.id} {mark} {row.seconds:.1f} s, {row.struck} struck: {row.text}", flush=True)
                if number % _SHOWN == 0:
                    print("\n".join(table({f"after {number}": found})), flush=True)
    return found


def judged(assistant: Assistant, sample: Sample, gold: Sequence[Place], answer: Answer) -> Measured:
    """An answer against what is known."""
    exact = sum(
        assistant.index.text_at(citation.document_id, citation.start, citation.end) == citation.quote
        for citation in answer.citations
    )
    struck = sum(int(found.group(1)) for note in answer.notes if (found := _STRUCK.match(note)))
    return Measured(
        sample.answerable, answer.answered, is_correct(sample, gold, answer), answer.timings["total"] / 1e3,
        len(answer.citations), exact, len(answer.sentences), struck,
        assistant.model is not None and answer.model == EXTRACTIVE, answer.text if answer.answered else "",
    )  # fmt: skip


def table(columns: dict[str, list[Measured]]) -> list[str]:
    """The figures, one line each, in Markdown."""
    lines = {name: figures(rows) for name, rows in columns.items()}
    names = list(next(iter(lines.values())))
    return [
        f"| | {' | '.join(lines)} |",
        f"|---|{'---|' * len(lines)}",
        *(f"| {name} | {' | '.join(values[name] for values in lines.values())} |" for name in names),
    ]


def figures(rows: Sequence[Measured]) -> dict[str, str]:
    """By name, as shown."""
    answerable = [row for row in rows if row.answerable]
    others = [row for row in rows if not row.answerable]
    seconds = [row.seconds for row in rows]
    return {
        "seconds for an answer, p50": f"{percentile(seconds, 0.5):.2f}",
        "seconds for an answer, p95": f"{percentile(seconds, 0.95):.2f}",
        "answer contained": _share(sum(row.correct for row in answerable), len(answerable)),
        "false answers": _share(sum(row.answered for row in others), len(others)),
        "false refusals": _share(sum(not row.answered for row in answerable), len(answerable)),
        "citations shown, exact": _share(sum(row.exact for row in rows), sum(row.citations for row in rows)),
        "sentences written": str(sum(row.kept + row.struck for row in rows)),
        "… of them struck": str(sum(row.struck for row in rows)),
        "answers that the model failed to write": str(sum(row.failed for row in rows)),
    }


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.0%})" if whole else "–"


if __name__ == "__main__":
    main()
