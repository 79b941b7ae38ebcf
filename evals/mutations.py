"""Does the gate notice? Breaks the system in small ways, one at a time, and shows the gate's verdict on each.

    python -m evals.mutations [--reruns 5]

Every mutation replaces one function of ours for one evaluation over seeds/, against the committed baseline. The gate
must shut on each of them and stay open on reruns of the code as it is. Exit code 0 if so, else 1.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import index.catalog
import index.index
import index.split
import index.sync
import index.terms
import qa.assistant
import qa.features
import qa.quoted
from evals.command import SEED_BASELINE, SEEDS, fingerprints
from evals.gate import Verdict, compare, read_baseline
from evals.runner import run
from evals.samples import SEED_SAMPLES, read_samples
from qa import Answer, Assistant, Settings


@dataclass(frozen=True, slots=True)
class Mutation:
    """A way to break the system. ``reindex``: it acts while documents are indexed."""

    name: str
    apply: Callable[[], Any]
    settings: Settings = Settings()  # noqa: RUF009 - frozen
    reindex: bool = False


def mutations() -> list[Mutation]:
    """All of them."""
    return [
        Mutation("drop the last chunk of each document", _drop_last_chunk, reindex=True),
        Mutation("shift every sentence by one character", _shift_sentences),
        Mutation("swap the first two citations", _swap_citations),
        Mutation("threshold to 0", _nothing, settings=Settings(threshold=0.0)),
        Mutation("stemming off", _no_stemming, reindex=True),
        Mutation("half the passages read", _nothing, settings=Settings(top_k=Settings().top_k // 2)),
        Mutation(
            "ignore history",
            lambda: patch.object(qa.assistant, "standalone", lambda question, _: question),
        ),
        Mutation("full-text search finds nothing", lambda: _on_catalog("full_text", lambda *_, **__: [])),
        Mutation("headings are no context", lambda: patch.object(index.split, "_context", lambda *_: ""), reindex=True),
        Mutation("sentences' own vectors are ignored", _no_sentence_vectors),
    ]


def verdict_of(mutation: Mutation | None, shared_store: Path) -> Verdict:
    """Evaluate with a mutation (None: as it is) and hold the results against the committed baseline."""
    samples = read_samples(SEED_SAMPLES)
    settings = mutation.settings if mutation else Settings()
    with tempfile.TemporaryDirectory() as work, mutation.apply() if mutation else _nothing():
        store = Path(work) / "store" if mutation and mutation.reindex else shared_store
        with Assistant.open(store, settings=settings) as assistant:
            assistant.index.sync(SEEDS)
            results = run(assistant, samples)
            return compare(results, read_baseline(SEED_BASELINE), fingerprints(assistant, samples))


@contextmanager
def _nothing() -> Iterator[None]:
    yield


def _drop_last_chunk() -> Any:  # noqa: ANN401 - patch's own type
    split = index.split.split

    def shorter(*given: Any, **named: Any) -> list[Any]:  # noqa: ANN401
        chunks = split(*given, **named)
        return chunks[:-1] or chunks

    return patch.object(index.sync, "split", shorter)


def _shift_sentences() -> Any:  # noqa: ANN401
    place = qa.features.SentencePlace
    return patch.object(
        qa.features,
        "SentencePlace",
        lambda passage, start, end, text, span: place(passage, start + 1, end + 1, text, span),
    )


def _swap_citations() -> Any:  # noqa: ANN401
    compose = qa.quoted.quoted_answer

    def swapped(*given: Any, **named: Any) -> Answer:  # noqa: ANN401
        answer = compose(*given, **named)
        numbers = {1: 2, 2: 1} if len(answer.citations) > 1 else {}
        sentences = tuple(
            replace(sentence, citations=tuple(numbers.get(number, number) for number in sentence.citations))
            for sentence in answer.sentences
        )
        return replace(answer, sentences=sentences)

    return patch.object(qa.assistant, "quoted_answer", swapped)


@contextmanager
def _no_stemming() -> Iterator[None]:
    class Identity:
        def stemWord(self, word: str) -> str:  # noqa: N802 - the library's name
            return word

    _forget_stems()
    with patch.object(index.terms, "_STEMMER", Identity()):
        yield
    _forget_stems()


def _forget_stems() -> None:
    index.terms._fold.cache_clear()
    index.terms.stems.cache_clear()


def _on_catalog(name: str, function: Callable[..., Any]) -> Any:  # noqa: ANN401
    return patch.object(index.catalog.Catalog, name, function)


def _no_sentence_vectors() -> Any:  # noqa: ANN401
    return patch.object(index.index, "similarities", lambda _, sentences: (0.0,) * len(sentences))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all mutations and the reruns; print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reruns", type=int, default=5, help="runs of the code as it is (default: 5)")
    options = parser.parse_args(arguments)
    wrong = 0
    with tempfile.TemporaryDirectory() as work:
        store = Path(work) / "store"
        for number in range(options.reruns):
            verdict = verdict_of(None, store)
            wrong += not verdict.passed
            print(f"{'green' if verdict.passed else 'RED (false alarm)':18} rerun {number + 1}", flush=True)
        for mutation in mutations():
            verdict = verdict_of(mutation, store)
            wrong += verdict.passed
            reason = verdict.failures[0] if verdict.failures else ""
            print(f"{'NOT NOTICED' if verdict.passed else 'red':18} {mutation.name}: {reason}", flush=True)
    print(f"{len(mutations())} mutations, {options.reruns} reruns, {wrong} verdicts wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
