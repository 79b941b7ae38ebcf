"""Public datasets, read from the paths the user gives. Nothing is downloaded and nothing is kept."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a SQuAD-format file; ``name`` is unique and serves as file name."""

    name: str
    article: str
    text: str


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question on one paragraph. ``answers`` are (start, text) in that paragraph, empty where it does not answer."""

    id: str
    question: str
    paragraph: Paragraph
    answers: tuple[tuple[int, str], ...]


def read_squad(*paths: Path) -> tuple[list[Paragraph], list[SquadQuestion]]:
    """All paragraphs and questions of files in SQuAD 1.1 or 2.0 format."""
    paragraphs: list[Paragraph] = []
    questions: list[SquadQuestion] = []
    for path in paths:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for item in article["paragraphs"]:
                number = len(paragraphs)
                title = re.sub(r"[^\w.-]", "_", article.get("title", "untitled"))
                paragraph = Paragraph(f"p{number:05d}.txt", f"{path.stem}/{title}", item["context"])
                paragraphs.append(paragraph)
                questions += [
                    SquadQuestion(
                        entry["id"],
                        entry["question"],
                        paragraph,
                        tuple(dict.fromkeys((answer["answer_start"], answer["text"]) for answer in entry["answers"]))
                        if not entry.get("is_impossible")
                        else (),
                    )
                    for entry in item["qas"]
                ]
    return paragraphs, questions


def names_by_article(paragraphs: Iterable[Paragraph]) -> dict[str, frozenset[str]]:
    """The names of each article's paragraphs."""
    found: dict[str, set[str]] = {}
    for paragraph in paragraphs:
        found.setdefault(paragraph.article, set()).add(paragraph.name)
    return {article: frozenset(names) for article, names in found.items()}


def write_paragraphs(paragraphs: Iterable[Paragraph], folder: Path) -> None:
    """One text file per paragraph."""
    folder.mkdir(parents=True, exist_ok=True)
    for paragraph in paragraphs:
        (folder / paragraph.name).write_text(paragraph.text, encoding="utf-8")
