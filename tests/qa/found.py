"""Scored sentences, as the reader hands them on."""

from index import Chunk, DocumentInfo, Passage, SearchResult, Signals
from qa.features import SentencePlace
from qa.reader import Evidence
from qa.span_reader import Span


def found(*sentences: tuple[str, str, float], joint: str = " ") -> tuple[list[Evidence], SearchResult]:
    """Evidence from (document, sentence, score), best first; each document is one passage.

    ``joint`` stands between two sentences. Where one holds a part in [[brackets]], the reader found its answer there.
    """
    names = list(dict.fromkeys(name for name, _, _ in sentences))
    passages = []
    evidence = []
    for number, name in enumerate(names):
        texts = [text.replace("[[", "").replace("]]", "") for other, text, _ in sentences if other == name]
        starts = [sum(len(text) + len(joint) for text in texts[:count]) for count in range(len(texts))]
        places = tuple((start, start + len(text)) for start, text in zip(starts, texts, strict=True))
        chunk = Chunk(name, 0, 0, places[-1][1], joint.join(texts), "", places)
        info = DocumentInfo(name, name, name, "text/plain", {}, (), 0, name, 1)
        passages.append(Passage(chunk, info, 1.0, Signals(1, 1, 1, 1), (0.5,) * len(places)))
        own = [(marked, score) for other, marked, score in sentences if other == name]
        for (marked, score), (start, end), text in zip(own, places, texts, strict=True):
            evidence.append(Evidence(SentencePlace(number, start, end, text, _span(marked, start)), score))
    return sorted(evidence, key=lambda item: -item.score), SearchResult(tuple(passages), {}, len(names))


def _span(marked: str, start: int) -> Span | None:
    if "[[" not in marked:
        return None
    begin, end = marked.index("[["), marked.index("]]") - 2
    return Span(start + begin, start + end, 3.0)
