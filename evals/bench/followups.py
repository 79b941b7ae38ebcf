"""Ways to ask a follow-up, measured on our own samples with a conversation before them.

    python -m evals.bench.followups [--show] [--model]

The last question as it is; all turns joined; the first rules we had; the rules of today. Each makes one question of
its own, which is searched and answered without the conversation. With `--model` a small language model rewrites too
(see :mod:`evals.bench.llama_server`): as the assistant takes it, which is only where the rewriting brings no word from
outside the conversation and then beside the rules; and, for comparison, alone and whatever it says.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

from evals.bench.llama_server import running_model
from evals.command import SEEDS
from evals.metrics import contains_answer
from evals.runner import stored_texts
from evals.samples import SEED_SAMPLES, find_evidence, read_samples
from evals.types import Place, Sample
from index.terms import terms
from qa import Assistant, Settings, Turn
from qa.followup import accepted, leans_on_history, standalone
from qa.llm import LanguageModel, open_model
from qa.prompt import rewrite_prompt

Way = Callable[[str, Sequence[Turn]], str]
_DEPTH = 5
_TIMEOUT = 300.0
"""Seconds for a rewriting, on a machine that others use too."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print every question and how it went")
    parser.add_argument("--model", action="store_true", help="measure rewriting by a small language model too")
    options = parser.parse_args()
    samples = [sample for sample in read_samples(SEED_SAMPLES) if sample.history]
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        opened = stack.enter_context(Assistant.open(Path(folder) / "store", settings=Settings()))
        ways = dict(WAYS)
        if options.model:
            ways |= ways_of(open_model(stack.enter_context(running_model(threads=1)), timeout=_TIMEOUT))
        opened.index.sync(SEEDS)
        texts = stored_texts(opened)
        gold = [find_evidence(sample, texts) for sample in samples]
        answerable = sum(sample.answerable for sample in samples)
        print(f"{len(samples)} follow-ups, {answerable} of them answerable")
        print(f"{'':24}{'Hit@5':>8}{'answer':>8}{'refused rightly':>17}")
        known: dict[tuple[str, str], tuple[bool, bool]] = {}  # ways often ask the same
        for name, way in ways.items():
            rows = []
            for sample, places in zip(samples, gold, strict=True):
                asked = way(sample.question, sample.history)
                if (sample.id, asked) not in known:
                    known[sample.id, asked] = measured(opened, sample, places, asked)
                rows.append((*known[sample.id, asked], asked))
            hits, answers, refusals = (
                sum(bool(row[column]) for row, s in zip(rows, samples, strict=True) if s.answerable == wanted)
                for column, wanted in ((0, True), (1, True), (1, False))
            )
            print(f"{name:24}{hits:5} ({hits / answerable:.0%}){answers:3} ({answers / answerable:.0%}){refusals:12}")
            for row, sample in zip(rows, samples, strict=True):
                if options.show:
                    print(f"    {sample.id} {'hit ' if row[0] else '    '}{'ok ' if row[1] else '   '} {row[2]}")


def measured(assistant: Assistant, sample: Sample, gold: Sequence[Place], asked: str) -> tuple[bool, bool]:
    """Whether evidence is among the first five passages, and whether the answer is right, if this is asked."""
    places = [
        Place(passage.document.source, passage.chunk.start, passage.chunk.end)
        for passage in assistant.index.search(asked, top_k=_DEPTH).passages
    ]
    hit = any(place.overlaps(wanted) for place in places for wanted in gold)
    answer = assistant.ask(asked)
    if not sample.answerable:
        return hit, not answer.answered
    return hit, answer.answered and contains_answer(answer.text, sample.answers)


def last_turn(question: str, history: Sequence[Turn]) -> str:  # noqa: ARG001 - a way like the others
    """The question as it stands."""
    return question


def all_turns(question: str, history: Sequence[Turn]) -> str:
    """Everything that was said, then the question."""
    return " ".join([*(f"{turn.question} {turn.answer}" for turn in history), question])


def first_rules(question: str, history: Sequence[Turn]) -> str:
    """The rules of version 0.1: the topic of the question before, in brackets, and no word of its answer."""
    if not history or not leans_on_history(question):
        return question
    before = first_rules(history[-1].question, history[:-1])
    inner = re.search(r"\(([^()]*)\)\s*$", before)
    if inner:
        before = f"{before[: inner.start()]} {inner.group(1)}"
    found = [term for term in terms(before) if not term.stop]
    topic = before[found[0].start :].strip(" ?!.") if found else ""
    own = {term.stem for term in terms(question)}
    if not {term.stem for term in terms(topic) if not term.stop} - own:
        return question
    filler = re.compile(r"^\s*(?:and|but|or|so|also|then|ok(?:ay)?)\b[\s,]*", re.IGNORECASE)
    return f"{filler.sub('', question).strip()} ({topic})"


def questions_only(question: str, history: Sequence[Turn]) -> str:
    """All questions that were asked, without their answers."""
    return all_turns(question, [replace(turn, answer="") for turn in history])


def ways_of(model: LanguageModel) -> dict[str, Way]:
    """The assistant's own way with a model, and its rewriting alone. Each follow-up is rewritten once."""

    @cache
    def rewritten(question: str, history: tuple[Turn, ...]) -> str:
        return model.write(rewrite_prompt(question, history))

    def checked(question: str, history: Sequence[Turn]) -> str:
        by_rules = standalone(question, history)
        if not leans_on_history(question):
            return by_rules
        taken = accepted(rewritten(question, tuple(history)), question, history)
        return f"{taken} ({by_rules})" if taken else by_rules

    def alone(question: str, history: Sequence[Turn]) -> str:
        return " ".join(rewritten(question, tuple(history)).split()) if leans_on_history(question) else question

    return {"our rules + model": checked, "model alone, unchecked": alone}


WAYS: dict[str, Way] = {
    "last question only": last_turn,
    "all turns joined": all_turns,
    "all questions joined": questions_only,
    "first rules": first_rules,
    "rules of today": standalone,
}

if __name__ == "__main__":
    main()
