"""Datasets of other forms -> documents in a folder and samples. Read from paths the user gives; nothing is fetched.

SQuAD 2.0 (JSON), BEIR (folder), SciFact (the zip of its CSV files), ClapNQ (JSON Lines), fitz-gov (its package).
"""

import ast
import csv
import io
import json
import random
import re
import tokenize
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from evals.datasets import read_squad
from evals.types import Evidence, Sample
from index import UsageError

_RANKING_DEPTH = 30
"""Passages for a ranking of ten documents: a document may have several."""


_ONE_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents (file name -> text) and the samples over them.

    ``alone``: each sample is asked of its own documents only, as the dataset prescribes; maps sample id to file names.
    ``top_k``: passages to search for, where the dataset judges rankings deeper than we read.
    """

    name: str
    documents: dict[str, str]
    samples: list[Sample]
    alone: dict[str, tuple[str, ...]] | None = None
    top_k: int | None = None


def read_dataset(path: str) -> Dataset:
    """Whatever dataset a path (or the name of the fitz-gov package's tier) holds.

    :raises UsageError: it is none that is known.
    """
    if match := re.fullmatch(r"fitz-gov(?::(tier[01]_\w+))?", path):
        return fitz_gov(match.group(1) or "tier0_sanity")
    place = Path(path)
    for suits, read in _READERS:
        if suits(place):
            return read(place)
    raise UsageError(
        f"{path!r} is no dataset we read: give a SQuAD file (.json), a BEIR folder, scifact.zip, a folder with "
        "clapnq_*.jsonl, fitz-gov, or a .jsonl file of your own samples with --documents FOLDER."
    )


def squad(path: Path) -> Dataset:
    """SQuAD 1.1 or 2.0; each paragraph is a document. ``distractors-*.json`` beside the file adds its paragraphs."""
    distractors = sorted(path.parent.glob("distractors-*.json"))
    paragraphs, questions = read_squad(path, *distractors)
    own = {paragraph.name for paragraph in read_squad(path)[0]}
    samples = [
        Sample(
            id=question.id,
            question=question.question,
            answers=tuple(dict.fromkeys(text for _, text in question.answers)),
            evidence=tuple(
                Evidence(question.paragraph.name, start=start, end=start + len(text))
                for start, text in question.answers
            ),
            answerable=bool(question.answers),
        )
        for question in questions
        if question.paragraph.name in own
    ]
    return Dataset("SQuAD", {paragraph.name: paragraph.text for paragraph in paragraphs}, samples)


def beir(folder: Path) -> Dataset:
    """BEIR: ``corpus.jsonl``, ``queries.jsonl`` and ``qrels/test.tsv``; retrieval only."""
    documents = {
        f"{row['_id']}.txt": _titled(row.get("title", ""), row["text"]) for row in _json_lines(folder / "corpus.jsonl")
    }
    queries = {row["_id"]: row["text"] for row in _json_lines(folder / "queries.jsonl")}
    relevant: dict[str, list[str]] = {}
    for line in (folder / "qrels" / "test.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, score = line.split("\t")
        if int(score) > 0:
            relevant.setdefault(query, []).append(f"{document}.txt")
    return Dataset(folder.name, documents, _retrieval_samples(queries, relevant, documents), top_k=_RANKING_DEPTH)


def scifact(path: Path) -> Dataset:
    """SciFact in its CSV form: claims as queries, their cited abstracts as relevant documents."""
    with zipfile.ZipFile(path) as archive:
        corpus = _csv(archive, "corpus_train.csv")
        claims = _csv(archive, "claims_validation.csv")
    documents = {f"{row['doc_id']}.txt": _titled(row["title"], _printed_list(row["abstract"])) for row in corpus}
    queries = {row["id"]: row["claim"] for row in claims}
    relevant: dict[str, list[str]] = {}
    for row in claims:
        cited = [f"{number}.txt" for number in re.findall(r"\d+", row["cited_doc_ids"])]
        relevant[row["id"]] = list(dict.fromkeys([*relevant.get(row["id"], []), *cited]))
    return Dataset("SciFact", documents, _retrieval_samples(queries, relevant, documents), top_k=_RANKING_DEPTH)


def clapnq(folder: Path) -> Dataset:
    """ClapNQ: answerable questions with gold sentences, and questions whose own passage does not answer them."""
    documents: dict[str, str] = {}
    samples = []
    for file in sorted(folder.glob("clapnq_*.jsonl")):
        for row in _json_lines(file):
            passage = row["passages"][0]
            name = f"{row['id']}.txt"
            documents[name] = " ".join(passage["sentences"])
            gold = [sentence for output in row["output"] for sentence in output.get("selected_sentences", [])]
            evidence = tuple(Evidence(name, quote) for quote in dict.fromkeys(gold) if quote.strip())
            answerable = any(output.get("answer") for output in row["output"])
            samples.append(Sample(str(row["id"]), row["input"], evidence=evidence, answerable=answerable))
    return Dataset("ClapNQ", documents, samples)


def fitz_gov(tier: str) -> Dataset:
    """fitz-gov: cases for abstention and conflicting sources, each with its own contexts.

    Its modes are read as: ``abstain`` must not be answered, all others may be.

    :raises UsageError: the package is not installed.
    """
    spec = find_spec("fitz_gov")
    if spec is None or spec.origin is None:
        raise UsageError("The dataset fitz-gov is a package: pip install fitz-gov==4.1.0")
    documents: dict[str, str] = {}
    samples = []
    alone: dict[str, tuple[str, ...]] = {}
    for file in sorted((Path(spec.origin).parent / "data" / tier).glob("*.json")):
        for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
            names = tuple(f"{case['id']}-{number}.txt" for number in range(len(case["contexts"])))
            documents.update(zip(names, case["contexts"], strict=True))
            alone[case["id"]] = names
            evidence = tuple(Evidence(name, start=0, end=len(documents[name])) for name in names)
            answerable = case["expected_mode"] != "abstain"
            tags = (case["category"], case["expected_mode"])
            samples.append(Sample(case["id"], case["query"], (), evidence if answerable else (), answerable, tags=tags))
    return Dataset(f"fitz-gov {tier}", documents, samples, alone)


def draw(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """``count`` samples drawn with a seed, in their order; all if there are no more."""
    if count >= len(samples):
        return list(samples)
    chosen = set(random.Random(seed).sample(range(len(samples)), count))
    return [sample for number, sample in enumerate(samples) if number in chosen]


_READERS: tuple[tuple[Callable[[Path], bool], Callable[[Path], Dataset]], ...] = (
    (lambda path: path.suffix == ".json" and path.is_file(), squad),
    (lambda path: path.suffix == ".zip" and path.is_file(), scifact),
    (lambda path: (path / "corpus.jsonl").is_file(), beir),
    (lambda path: path.is_dir() and any(path.glob("clapnq_*.jsonl")), clapnq),
)
"""What a path must look like, and what reads it."""


def _retrieval_samples(
    queries: dict[str, str], relevant: dict[str, list[str]], documents: dict[str, str]
) -> list[Sample]:
    return [
        Sample(
            id=query,
            question=text,
            evidence=tuple(
                Evidence(name, start=0, end=len(documents[name]))
                for name in relevant.get(query, [])
                if name in documents
            ),
            tags=("retrieval",),
        )
        for query, text in queries.items()
        if relevant.get(query)
    ]


def _titled(title: str, text: str) -> str:
    """The text as our store will hold it, so that whole documents can be gold."""
    return _ONE_LINE_END.sub("\n", f"{title}\n\n{text}" if title else text)


def _printed_list(text: str) -> str:
    """A list of strings as numpy prints it (no commas) -> its strings, joined."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return " ".join(ast.literal_eval(token.string) for token in tokens if token.type == tokenize.STRING)


def _csv(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    csv.field_size_limit(10_000_000)
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


def _json_lines(path: Path) -> Iterable[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").split("\n"):  # splitlines would cut inside strings
        if line.strip():
            yield json.loads(line)
