"""Is what a model wrote in the passages it was shown? Deterministic and pure; English.

For each sentence the stretches that say it are looked for, first in the passages it cites, then in all that were shown.
Every number, date, name and quotation must be there, in its place; nothing may be turned round; and enough of the
words must be covered. What cites is decided here: a citation is a place where evidence was found, never a model's word.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import Literal

from index import Passage
from index.terms import stems, terms
from qa.compare import Claim, EvidenceText, contradiction
from qa.facts import facts
from qa.instructions import barred_sentences, gives_orders
from qa.markers import Written

Verdict = Literal["supported", "partly", "not supported"]
_RANK: dict[Verdict, int] = {"supported": 2, "partly": 1, "not supported": 0}

_ENOUGH = 0.6
"""Share of a sentence's topic words that its evidence must hold: a rewording keeps about two thirds of them."""
_SOME = 0.35
"""Below this the sentence is about something else."""
_ALIKE = 0.15
"""Evidence that covers this much less than the best is tried too: sources repeat themselves in other words."""
_TRIED = 4
_MOST_EVIDENCE = 3
"""A sentence that needs more than this many sentences as evidence is a summary nobody can check at a glance."""
_ADDS = 2
"""A further sentence must bring so many words that the first did not have."""
_NEW = 3
"""So many topic words in a row that no evidence holds are a statement of their own."""
_FRAGMENT = 3
"""With fewer topic words, numbers and dates than this a sentence says something only as the answer to its question."""
_WHOLE_QUOTE = 0.85
"""A quotation must stand in a passage, in one piece, to this share of its words, or it is none."""
_SHORTEST_QUOTE = 3
_QUOTED = re.compile(r"“([^”]{2,})”|(?<!\w)\"([^\"]{2,})\"(?!\w)|«([^»]{2,})»")
_LEADING_ANSWER = re.compile(r"^\s*(?:yes|no)\b[\s,.:;!–—-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EvidenceSpan:
    """A sentence of a shown passage: ``passage`` counts from 1 as the prompt did; offsets are the document's."""

    passage: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A written sentence, whether the passages say it, why not (in words, "" if they do), and where they say it."""

    written: Written
    verdict: Verdict
    reason: str
    evidence: tuple[EvidenceSpan, ...] = ()


@dataclass(frozen=True)
class _Unit:
    """One sentence that may be evidence, with what stands around it in its passage."""

    span: EvidenceSpan
    before: str
    context: str

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(stems(self.span.text))

    @cached_property
    def around(self) -> frozenset[str]:
        """Words above it and of the sentences before it, which its pronouns stand for."""
        return frozenset(stems(self.context)) | frozenset(stems(self.before))


class Checker:
    """Checks sentences against passages. Sentences that give orders to a language model are never evidence."""

    def __init__(self, passages: Sequence[Passage], question: str = "") -> None:
        """Take the passages in the order in which the prompt numbered them, from 1."""
        self._units = [unit for number, passage in enumerate(passages, 1) for unit in _units(number, passage)]
        self._question = frozenset(term.stem for term in terms(question) if not term.stop)
        self._names = frozenset(
            name.stems for unit in self._units for name in facts(unit.span.text).names if not name.opens
        )

    def check(self, written: Written) -> Checked:
        """The verdict on one sentence."""
        if written.code:
            return self._check_whole(written)
        text = _LEADING_ANSWER.sub("", written.text)
        claim = Claim.of(text, known_names=self._names, question=self._question)
        if not claim.size:
            return Checked(written, "not supported", "It says nothing that could be checked.")
        quoted = self._find_quotes(text)
        if isinstance(quoted, str):
            return Checked(written, "not supported", quoted)
        cited = [unit for unit in self._units if unit.span.passage in written.cited]
        best = self._best(written, claim, cited)
        if best.verdict != "supported" or self._covered(claim, best) < self._most_covered(claim) - _ALIKE:
            elsewhere = self._best(written, claim, self._units)
            best = max(elsewhere, best, key=lambda checked: _RANK[checked.verdict])
        if not best.evidence:
            return best
        return replace(best, evidence=tuple(dict.fromkeys([*best.evidence, *quoted])))

    def _best(self, written: Written, claim: Claim, units: Sequence[_Unit]) -> Checked:
        """The best verdict that some evidence among ``units`` gives."""
        covered = sorted(((_coverage(claim, [unit], self._question), -place) for place, unit in enumerate(units)))[::-1]
        if not covered or covered[0][0] == 0:
            return Checked(written, "not supported", "No passage says anything like it.")
        found: list[Checked] = []
        for coverage, place in covered[:_TRIED]:
            if coverage < covered[0][0] - _ALIKE:
                break
            found.append(self._judge(written, claim, self._with_more(claim, units[-place], units)))
            if found[-1].verdict == "supported":
                return found[-1]
        return max(found, key=lambda checked: _RANK[checked.verdict])

    def _covered(self, claim: Claim, checked: Checked) -> float:
        spans = set(checked.evidence)
        return _coverage(claim, [unit for unit in self._units if unit.span in spans], self._question)

    def _most_covered(self, claim: Claim) -> float:
        return max((_coverage(claim, [unit], self._question) for unit in self._units), default=0.0)

    def _with_more(self, claim: Claim, first: _Unit, units: Sequence[_Unit]) -> list[_Unit]:
        """The first sentence and those that bring words, or a fact in its place, that it has not."""
        chosen = [first]
        while len(chosen) < _MOST_EVIDENCE:
            missing = claim.words - frozenset().union(*(unit.words for unit in chosen))
            wanted = claim.missing_facts([_evidence(unit) for unit in chosen])
            gains = [
                (len(missing & unit.words) + _ADDS * claim.places_fact(wanted, _evidence(unit)), -place)
                for place, unit in enumerate(units)
                if unit not in chosen
            ]
            gain, place = max(gains, default=(0, 0))
            if gain < _ADDS:
                break
            chosen.append(units[-place])
        return chosen

    def _judge(self, written: Written, claim: Claim, chosen: Sequence[_Unit]) -> Checked:
        spans = tuple(unit.span for unit in chosen)
        if reason := contradiction(claim, [_evidence(unit) for unit in chosen]):
            return Checked(written, "not supported", reason, spans)
        coverage = _coverage(claim, chosen, self._question)
        if claim.size < _FRAGMENT and not any(self._question & (unit.words | unit.around) for unit in chosen):
            return Checked(written, "not supported", "It is no answer to the question, and too short to stand alone.")
        if len(new := _longest_new(claim, chosen, self._question)) >= _NEW:
            return Checked(written, "partly", f"The passages do not say “{claim.between(new)}”.", spans)
        if coverage >= _ENOUGH:
            return Checked(written, "supported", "", spans)
        if coverage >= _SOME:
            return Checked(written, "partly", f"The passages say {coverage:.0%} of it.", spans)
        return Checked(written, "not supported", "No passage says it.", spans)

    def _find_quotes(self, text: str) -> list[EvidenceSpan] | str:
        """Where each quotation stands, or what is wrong with one."""
        found: list[EvidenceSpan] = []
        for match in _QUOTED.finditer(text):
            quote = next(group for group in match.groups() if group)
            spans = self._quote_spans(stems(quote))
            if spans is None:
                return f"No passage holds the words “{quote.strip()}”."
            found += spans
        return found

    def _quote_spans(self, quote: tuple[str, ...]) -> list[EvidenceSpan] | None:
        """The sentences that a quotation stands in; [] if it is too short to need any; None if it stands nowhere."""
        if not quote:
            return []
        needed = len(quote) if len(quote) < _SHORTEST_QUOTE else _WHOLE_QUOTE * len(quote)
        passages: dict[int, list[_Unit]] = {}
        for unit in self._units:
            passages.setdefault(unit.span.passage, []).append(unit)
        for units in passages.values():
            owners = [unit for unit in units for _ in stems(unit.span.text)]
            words = [stem for unit in units for stem in stems(unit.span.text)]
            block = SequenceMatcher(None, words, quote, autojunk=False).find_longest_match()
            if block.size >= needed:
                return list(dict.fromkeys(unit.span for unit in owners[block.a : block.a + block.size]))
        return None

    def _check_whole(self, written: Written) -> Checked:
        block = stems(written.text)
        spans = self._quote_spans(block) if len(block) >= _SHORTEST_QUOTE else None
        if not spans:
            return Checked(written, "not supported", "No passage holds this block.")
        return Checked(written, "supported", "", tuple(spans))


def _units(number: int, passage: Passage) -> list[_Unit]:
    chunk = passage.chunk
    barred = barred_sentences(chunk)
    texts = [chunk.text[start - chunk.start : end - chunk.start] for start, end in chunk.sentences]
    above = (passage.document.title, *chunk.context.splitlines(), passage.heading or "")
    context = " ".join(text for text in above if not gives_orders(text))
    said = [" " if place in barred else text for place, text in enumerate(texts)]
    return [
        _Unit(EvidenceSpan(number, start, end, text), " ".join(said[max(0, place - 2) : place]), context)
        for place, ((start, end), text) in enumerate(zip(chunk.sentences, texts, strict=True))
        if place not in barred and text.strip()
    ]


@lru_cache(maxsize=1_024)
def _evidence(unit: _Unit) -> EvidenceText:
    return EvidenceText(facts(unit.span.text), unit.words, unit.around, frozenset(stems(unit.context)), unit.span.text)


def _coverage(claim: Claim, units: Sequence[_Unit], question: frozenset[str]) -> float:
    """Share of the claim's words that stand in the evidence. What stands above or before it counts half, and a word
    of the question that the evidence does not repeat weighs half.
    """
    words = frozenset().union(*(unit.words for unit in units))
    around = frozenset().union(*(unit.around for unit in units))
    held = total = 0.0
    for word in claim.words | claim.figures:
        weight = 0.5 if word in question and word not in words else 1.0
        total += weight
        held += weight if word in words else weight / 2 if word in around else 0.0
    return held / total if total else 0.0


def _longest_new(claim: Claim, units: Sequence[_Unit], question: frozenset[str]) -> list[int]:
    """Places in the text of the longest run of topic words that neither evidence nor question holds."""
    held = question.union(*(unit.words | unit.around for unit in units))
    longest: list[int] = []
    run: list[int] = []
    for stem, start in claim.facts.words:
        run = [] if stem in held else [*run, start]
        longest = max(longest, run, key=len)
    return longest
