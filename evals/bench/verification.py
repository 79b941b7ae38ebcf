"""How well written sentences are checked: invented citations, altered facts, and true sentences wrongly struck.

    python -m evals.bench.verification --data FOLDER_OF_CLAPNQ [--half development|final] [--show 20]

Samples are made by script from sentences known to be evidence: ClapNQ's gold sentences, each shown among passages of
other questions, and the evidence of our own samples, shown among what search finds. Half of them, by the hash of their
id, are for development; the other half is only measured. Answers that people wrote for ClapNQ are reported too: they
reword freely, so they tell how much true text a strict check strikes.
"""

import argparse
import hashlib
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.bench.rewording import altered, reworded
from evals.command import SEEDS
from evals.runner import stored_texts
from evals.samples import SEED_SAMPLES, find_evidence, read_samples
from index import Chunk, DocumentInfo, Passage, Signals
from index.sentences import sentence_spans
from qa import Assistant, Settings
from qa.markers import written_sentences
from qa.verify import Checked, Checker

_DISTRACTORS = 4
_INVENTED = 200
_ALTERED = 300
_TRUE = 400
"""Samples of each kind over both halves."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence that stands in ``passages[0]``, the question it answers, and the passages shown with it."""

    id: str
    question: str
    sentence: str
    title: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What a model may have written. ``bad``: must not stand. ``kind``: how it was made."""

    id: str
    kind: str
    text: str
    fact: Fact
    bad: bool


def main() -> None:
    """Make the cases, check them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with clapnq_dev_answerable.jsonl")
    parser.add_argument("--half", choices=["development", "final"], default="development")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N wrong verdicts")
    options = parser.parse_args()
    facts = [*clapnq_facts(options.data / "clapnq_dev_answerable.jsonl"), *own_facts()]
    facts = [fact for fact in facts if half_of(fact.id) == options.half]
    print(f"{options.half} half: {len(facts)} true sentences to make cases of")
    report("altered facts", altered_cases(facts), show=options.show)
    report("a statement added to a true sentence", extended_cases(facts), show=options.show)
    report("true sentences", true_cases(facts), show=options.show)
    report_invented(invented_cases(facts), show=options.show)
    report("answers written by people", human_cases(options.data, options.half), show=options.show)


def half_of(name: str) -> str:
    """Which half a sample belongs to."""
    return "development" if hashlib.sha256(name.encode()).digest()[0] % 2 else "final"


def clapnq_facts(path: Path) -> list[Fact]:
    """ClapNQ's gold sentences, as prose."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    shown = [passage_of(row["id"], row["passages"][0]) for row in rows]
    facts = []
    for place, row in enumerate(rows):
        others = random.Random(row["id"]).sample([p for p in shown if p is not shown[place]], _DISTRACTORS)
        gold = dict.fromkeys(prose(s) for output in row["output"] for s in output.get("selected_sentences", []))
        for number, sentence in enumerate(gold):
            if len(sentence.split()) >= 5 and sentence in shown[place].chunk.text:
                facts.append(Fact(f"{row['id']}-{number}", row["input"], sentence, shown[place].document.title,
                                  (shown[place], *others)))  # fmt: skip
    return facts


def own_facts() -> list[Fact]:
    """The sentences of our own samples' evidence, shown among what search finds for the question."""
    facts = []
    with tempfile.TemporaryDirectory() as folder, Assistant.open(Path(folder) / "store", settings=Settings()) as opened:
        opened.index.sync(SEEDS)
        texts = stored_texts(opened)
        for sample in read_samples(SEED_SAMPLES):
            if not sample.evidence or sample.history:
                continue
            found = opened.index.search(sample.question).passages
            for number, place in enumerate(find_evidence(sample, texts)):
                own = next(
                    (
                        (passage, texts[place.source][start:end])
                        for passage in found
                        if passage.document.source == place.source
                        for start, end in passage.chunk.sentences
                        if start <= place.start < end
                    ),
                    None,
                )
                if own and len(own[1].split()) >= 5:
                    sentence = " ".join(re.sub(r"[*`_]{1,2}", "", own[1]).split())
                    rest = tuple(passage for passage in found if passage is not own[0])
                    facts.append(Fact(f"{sample.id}-{number}", sample.question, sentence, own[0].document.title,
                                      (own[0], *rest)))  # fmt: skip
    return facts


def passage_of(name: str, row: dict[str, str]) -> Passage:
    """A paragraph of ClapNQ as a search would give it."""
    text = prose(" ".join(row["sentences"]))
    spans = tuple(sentence_spans(text))
    document = DocumentInfo(str(name), f"{name}.txt", row["title"], "text/plain", {}, (), len(text), "", 1)
    chunk = Chunk(str(name), 0, 0, len(text), text, row["title"], spans)
    return Passage(chunk, document, 1.0, Signals(1, 1, 1, 1), (0.5,) * len(spans))


def prose(text: str) -> str:
    """Text cut into words by a machine -> as people write it."""
    text = re.sub(r"``\s*(.*?)\s*''", r"“\1”", text)
    text = re.sub(r"\s+([.,;:!?%)\]])", r"\1", re.sub(r"([(\[$£€])\s+", r"\1", text))
    text = re.sub(r"\s+('s|n't|'re|'ve|'ll|'d|')(?=\W|$)", r"\1", text)
    return " ".join(re.sub(r"(\w) - (\w)", r"\1-\2", text).split())


def altered_cases(facts: Sequence[Fact]) -> list[Case]:
    """True sentences with one fact changed, the same number of every kind where there are enough; half are reworded."""
    kinds: dict[str, list[Case]] = {}
    for fact in facts:
        chance = random.Random(fact.id)
        true = {fact.sentence, *(text for _, text in reworded(fact.sentence, fact.title, random.Random(fact.id)))}
        for kind, text in altered(fact.sentence, [p.chunk.text for p in fact.passages], chance):
            if chance.random() < 0.5:
                choices = [
                    other for _, other in reworded(text, fact.title, random.Random(fact.id)) if other not in true
                ]
                text = chance.choice(choices) if choices else text
            if text in true:
                continue  # the changed fact was left out again
            kinds.setdefault(kind, []).append(Case(fact.id, kind, f"{text} [1]", fact, bad=True))
    return drawn(kinds, _ALTERED // 2)


def extended_cases(facts: Sequence[Fact]) -> list[Case]:
    """True sentences with a clause of another document at their end, without its names and numbers."""
    cases = []
    for place, fact in enumerate(facts):
        clauses = [
            tail
            for other in (facts[(place + 7) % len(facts)], facts[(place + 31) % len(facts)])
            if other.passages[0] not in fact.passages
            for tail in re.findall(
                r"\b(?:and|which|because|while|so that|but|who)\s[a-z ]{25,70}(?=[,.;])", other.sentence
            )
        ]
        if clauses:
            cases.append(
                Case(fact.id, "clause added", f"{fact.sentence.rstrip('.')}, {clauses[0]}. [1]", fact, bad=True)
            )
    return drawn({"clause added": cases}, 100)


def true_cases(facts: Sequence[Fact]) -> list[Case]:
    """True sentences as they stand and lightly reworded."""
    kinds: dict[str, list[Case]] = {}
    for fact in facts:
        chance = random.Random(fact.id)
        kinds.setdefault("as it stands", []).append(
            Case(fact.id, "as it stands", f"{fact.sentence} [1]", fact, bad=False)
        )
        for kind, text in reworded(fact.sentence, fact.title, chance):
            kinds.setdefault(kind, []).append(Case(fact.id, kind, f"{text} [1]", fact, bad=False))
    return drawn(kinds, _TRUE // 2)


def invented_cases(facts: Sequence[Fact]) -> list[Case]:
    """True sentences that cite a number that is not there, or another passage; and sentences of unseen documents."""
    kinds: dict[str, list[Case]] = {}
    for place, fact in enumerate(facts):
        count = len(fact.passages)
        stranger = facts[(place + len(facts) // 2) % len(facts)]
        kinds.setdefault("no such number", []).append(
            Case(fact.id, "no such number", f"{fact.sentence} [{count + 1 + place % 90}]", fact, bad=True))  # fmt: skip
        if count > 1:
            text = f"{fact.sentence} [{2 + place % (count - 1)}]"
            kinds.setdefault("other passage", []).append(Case(fact.id, "other passage", text, fact, bad=True))
        if stranger.sentence not in " ".join(p.chunk.text for p in fact.passages):
            kinds.setdefault("unseen sentence", []).append(
                Case(fact.id, "unseen sentence", f"{stranger.sentence} [1]", fact, bad=True))  # fmt: skip
    return drawn(kinds, _INVENTED // 2)


def human_cases(folder: Path, half: str) -> list[Case]:
    """The sentences of the answers that people wrote, each over its own passage."""
    path = folder / "clapnq_dev_answerable.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]
    cases = []
    for row in rows:
        passage = passage_of(row["id"], row["passages"][0])
        for number, output in enumerate(row["output"]):
            name = f"{row['id']}-human-{number}"
            if half_of(name) == half and output.get("answer"):
                answer = prose(output["answer"])
                fact = Fact(name, row["input"], answer, passage.document.title, (passage,))
                cases += [
                    Case(name, "as written", f"{answer[start:end]} [1]", fact, bad=False)
                    for start, end in sentence_spans(answer)
                ]
    return cases


def drawn(kinds: dict[str, list[Case]], count: int) -> list[Case]:
    """``count`` cases, shared equally among the kinds as far as they reach."""
    chance = random.Random(0)
    piles = [chance.sample(cases, len(cases)) for _, cases in sorted(kinds.items())]
    found: list[Case] = []
    while len(found) < count and any(piles):
        for pile in piles:
            if pile and len(found) < count:
                found.append(pile.pop())
    return found


def checked(case: Case) -> list[Checked]:
    """The verdicts on what stands in a case."""
    checker = Checker(case.fact.passages, case.fact.question)
    return [checker.check(written) for written in written_sentences(case.text, len(case.fact.passages))]


def report(title: str, cases: Sequence[Case], *, show: int) -> None:
    """How many were struck (not "supported"), by kind."""
    struck: Counter[str] = Counter()
    partly: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for case in cases:
        verdicts = checked(case)
        wrongly = any(item.verdict != "supported" for item in verdicts)
        total[case.kind] += 1
        struck[case.kind] += wrongly
        partly[case.kind] += wrongly and all(item.verdict != "not supported" for item in verdicts)
        if wrongly != case.bad:
            worst = next((item for item in verdicts if item.verdict != "supported"), verdicts[0])
            wrong.append(
                f"  {case.kind}: {case.text}\n    {worst.reason}\n    now: {' / '.join(e.text for e in worst.evidence)}"
            )
    bad, count = sum(struck.values()), sum(total.values())
    print(f"\n{title}: {bad} of {count} struck ({share(bad, count)}), {sum(partly.values())} as only partly supported")
    for kind in sorted(total):
        print(f"  {kind:20} {struck[kind]:4} of {total[kind]:4}  {share(struck[kind], total[kind])}")
    print("\n".join(wrong[:show]))


def report_invented(cases: Sequence[Case], *, show: int) -> None:
    """How many invented citations were removed: nothing is cited but a place that holds what is said."""
    removed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in cases:
        total[case.kind] += 1
        left = list(surviving(case))
        removed[case.kind] += not left
        if left and show:
            print(f"  {case.kind}: {case.text}\n    cites {left}")
    print(f"\ninvented citations: {sum(removed.values())} of {sum(total.values())} removed")
    for kind in sorted(total):
        print(f"  {kind:20} {removed[kind]:4} of {total[kind]:4}")


def surviving(case: Case) -> Iterator[str]:
    """Texts cited in the end for no other reason than that the invented citation named their passage."""
    known = {number for item in checked(case) for number in item.written.cited}
    for item in checked(case):
        if case.kind == "unseen sentence" and item.verdict == "supported":
            yield from (span.text for span in item.evidence)
        if case.kind == "other passage" and item.verdict == "supported":
            yield from (span.text for span in item.evidence if span.passage in known)
        if case.kind == "no such number" and (not item.written.forged or known):
            yield item.written.text


def share(part: int, whole: int) -> str:
    """As a percentage."""
    return f"{part / whole:.1%}" if whole else "-"


if __name__ == "__main__":
    main()
