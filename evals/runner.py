"""Ask every sample through the public ``Assistant`` and note how it went."""

import re
from collections.abc import Callable, Mapping, Sequence

from evals.metrics import contains_answer, exact_match, token_f1
from evals.samples import find_evidence
from evals.types import Place, Result, Sample, Stage
from index import Filter, Passage
from index.terms import stems
from qa import Answer, Assistant, Citation, Sentence
from qa.followup import standalone
from qa.quoted import EXTRACTIVE
from qa.wording import readable

_DEPTH = 50
"""How deep a lost sample's evidence is looked for, to tell a search that missed from a reader that stopped early."""

ProgressCallback = Callable[[Result], None]


def stored_texts(assistant: Assistant) -> dict[str, str]:
    """Source -> stored text of every document."""
    return {info.source: assistant.index.document(info.source).text for info in assistant.index.documents()}


def run(
    assistant: Assistant,
    samples: Sequence[Sample],
    *,
    alone: Mapping[str, Sequence[str]] | None = None,
    progress: ProgressCallback | None = None,
) -> list[Result]:
    """Results in the order of ``samples``. ``alone`` limits a sample (by id) to certain sources.

    :raises UsageError: a sample's evidence is not in the documents.
    """
    texts = stored_texts(assistant)
    gold = [find_evidence(sample, texts) for sample in samples]  # all first: a mistake should not cost minutes
    results = []
    for sample, places in zip(samples, gold, strict=True):
        where = Filter(sources=tuple(alone[sample.id])) if alone is not None else None
        answer = assistant.ask(sample.question, history=sample.history, where=where)
        result = score(sample, places, answer, texts, lost_at(assistant, sample, places, answer, where))
        results.append(result)
        if progress is not None:
            progress(result)
    return results


def score(
    sample: Sample, gold: Sequence[Place], answer: Answer, texts: Mapping[str, str], stage: Stage | None
) -> Result:
    """Compare an answer with what is known. ``texts`` are the stored texts, for the check of every citation."""
    passages = [_place(passage) for passage in answer.passages]
    citations = [Place(item.source, item.start, item.end) for item in answer.citations]
    shown = answer.text if answer.answered else ""
    measured = sample.answerable and bool(sample.answers)
    return Result(
        id=sample.id,
        question=sample.question,
        answerable=sample.answerable,
        tags=sample.tags,
        answered=answer.answered,
        text=answer.text,
        confidence=answer.confidence,
        correct=is_correct(sample, gold, answer),
        exact_match=exact_match(shown, sample.answers) if measured else None,
        token_f1=token_f1(shown, sample.answers) if measured else None,
        ranks=_ranks(passages, gold, texts),
        found=sum(any(item.overlaps(place) for place in passages) for item in gold),
        wanted=len(gold),
        citations=len(citations),
        right_citations=sum(any(place.overlaps(item) for item in gold) for place in citations) if gold else None,
        cited=sum(any(item.overlaps(place) for place in citations) for item in gold) if gold else None,
        exact=is_exact(answer, texts),
        stage=stage,
        sources=tuple(dict.fromkeys(passage.document.source for passage in answer.passages)),
        milliseconds=answer.timings.get("total", 0.0),
    )


def _ranks(passages: Sequence[Place], gold: Sequence[Place], texts: Mapping[str, str]) -> tuple[int, ...]:
    """See :attr:`evals.types.Result.ranks`."""
    if gold and all((place.start, place.end) == (0, len(texts[place.source])) for place in gold):
        documents = list(dict.fromkeys(place.source for place in passages))
        return tuple(documents.index(place.source) + 1 for place in gold if place.source in documents)
    firsts = (next((rank for rank, passage in enumerate(passages, 1) if passage.overlaps(item)), None) for item in gold)
    return tuple(rank for rank in firsts if rank is not None)


def is_exact(answer: Answer, texts: Mapping[str, str]) -> bool:
    """Whether every citation is its document's own characters, and every sentence says what its citations say.

    A sentence of the extractive answerer must be the words of its citations as they are shown (``qa.wording``).
    """
    quotes = {citation.number: citation for citation in answer.citations}
    return all(
        texts[citation.source][citation.start : citation.end] == citation.quote for citation in answer.citations
    ) and all(_says_what_is_cited(sentence, quotes, answer.model) for sentence in answer.sentences)


def _says_what_is_cited(sentence: Sentence, quotes: Mapping[int, Citation], model: str) -> bool:
    cited = [quotes[number] for number in sentence.citations if number in quotes]
    said = set(stems(sentence.text))
    shown = {stem for citation in cited for stem in stems(readable(citation.quote, media_type=_markup(citation)))}
    return bool(cited) and (shown <= said if model == EXTRACTIVE else bool(shown & said))


def _markup(citation: Citation) -> str:
    """Markdown's signs may be taken off a quote; the type is told by the name, as when it was read."""
    return "text/markdown" if citation.source.lower().endswith((".md", ".markdown")) else "text/plain"


def is_correct(sample: Sample, gold: Sequence[Place], answer: Answer) -> bool:
    """Right: what the documents do not hold is refused; else a gold answer stands in the text shown, in its words or,
    where no short answer is known, by a citation that overlaps the evidence.
    """
    if not sample.answerable:
        return not answer.answered
    if not answer.answered:
        return False
    if sample.answers:
        return contains_answer(answer.text, sample.answers) or contains_answer(_plain(answer), sample.answers)
    return any(
        Place(citation.source, citation.start, citation.end).overlaps(place)
        for citation in answer.citations
        for place in gold
    )


def lost_at(
    assistant: Assistant, sample: Sample, gold: Sequence[Place], answer: Answer, where: Filter | None
) -> Stage | None:
    """The step at which a sample was lost, None if it was not."""
    if is_correct(sample, gold, answer):
        return None
    if not sample.answerable:
        return "false answer"
    if not any(_place(passage).overlaps(item) for passage in answer.passages for item in gold):
        deep = assistant.index.search(standalone(sample.question, sample.history), top_k=_DEPTH, where=where).passages
        return "retrieved but not read" if _any_overlap(deep, gold) else "not retrieved"
    return "wrong sentence" if answer.answered else "read but refused"


def _any_overlap(passages: Sequence[Passage], gold: Sequence[Place]) -> bool:
    return any(_place(passage).overlaps(item) for passage in passages for item in gold)


def _place(passage: Passage) -> Place:
    return Place(passage.document.source, passage.chunk.start, passage.chunk.end)


def _plain(answer: Answer) -> str:
    """The quotes without Markdown's signs: accepted answers may be written either way."""
    return " ".join(re.sub(r"[*_`|]+", " ", citation.quote) for citation in answer.citations)
