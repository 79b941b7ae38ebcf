"""``qa eval``: choose a dataset, run it, compare with a baseline, write the reports."""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evals.adapters import Dataset, draw, read_dataset
from evals.figures import by_tag, figures
from evals.gate import Verdict, compare, read_baseline, to_baseline, write_baseline
from evals.html_report import page
from evals.report import figure_lines, flip_lines, junit, markdown
from evals.runner import run
from evals.samples import SEED_SAMPLES, read_samples
from evals.types import Result, Sample
from index import UsageError
from index.files import find_files
from qa import Assistant, Settings
from qa.terminal import printable_text

SEEDS = Path(__file__).parents[1] / "seeds"
SEED_BASELINE = Path(__file__).parent / "data" / "baseline.json"
_TO_REVIEW = "to-review"
_LOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for; see ``qa eval --help``."""

    dataset: str | None = None
    documents: Path | None = None
    store: Path | None = None
    baseline: Path | None = None
    update_baseline: bool = False
    as_json: bool = False
    report: Path | None = None
    sample: int | None = None
    seed: int = 0
    only: str | None = None


def evaluate(options: Options, settings: Settings) -> int:
    """Run an evaluation; 0 if there is no gate or it is open, else 1.

    :raises UsageError: the options, the samples or the baseline cannot be used.
    """
    title, documents, samples, source = _dataset(options)
    samples = _chosen(samples, options)
    if source is not None and source.top_k is not None:
        settings = replace(settings, top_k=source.top_k)
    path = options.baseline or (SEED_BASELINE if options.dataset is None else None)
    if options.update_baseline and path is None:
        raise UsageError("Name the file to write with --baseline FILE.")
    # A baseline that cannot be read is known before minutes are spent.
    baseline = None if options.update_baseline or options.baseline is None else read_baseline(options.baseline)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if source is not None:
            documents = _written(source, work / "documents")
        assistant = stack.enter_context(Assistant.open(options.store or work / "store", settings=settings))
        _refuse_a_store_of_other_documents(assistant, documents)
        failed = assistant.index.sync(documents).failed
        if failed:
            raise UsageError(f"A document of the evaluation cannot be read: {failed[0].error}")
        with _Bar(len(samples)) as bar:
            results = run(assistant, samples, alone=source.alone if source else None, progress=bar.update)
        prints = fingerprints(assistant, samples)
    verdict = None if baseline is None else compare(results, baseline, prints)
    if options.update_baseline and path is not None:
        write_baseline(path, to_baseline(results, prints))
        _append_history(path, results)
        print(f"wrote {path}", file=sys.stderr)
    _print(title, results, verdict, baseline, as_json=options.as_json)
    if options.report is not None:
        _write_reports(options.report, title, results, verdict, path)
    return 0 if verdict is None or verdict.passed else 1


def _dataset(options: Options) -> tuple[str, Path, list[Sample], Dataset | None]:
    """Title, folder of documents, samples, and the public dataset, whose documents are yet to be written."""
    if options.dataset is None:
        if not SEEDS.is_dir():
            raise UsageError("The sample documents are not installed; name a dataset, or run this in the repository.")
        return "seeds", SEEDS, read_samples(SEED_SAMPLES), None
    if options.dataset.endswith(".jsonl"):
        path = Path(options.dataset)
        folder = options.documents or path.parent / "documents"
        if not folder.is_dir():
            raise UsageError(f"There is no folder {folder}; name the documents of {path} with --documents FOLDER.")
        return path.stem, folder, read_samples(path), None
    dataset = read_dataset(options.dataset)
    return dataset.name, Path(), dataset.samples, dataset


def _written(dataset: Dataset, folder: Path) -> Path:
    """The documents of a dataset as files."""
    folder.mkdir(parents=True)
    for name, text in dataset.documents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def _refuse_a_store_of_other_documents(assistant: Assistant, documents: Path) -> None:
    """An evaluation makes its store equal to its documents; that must not happen to somebody's index."""
    ours = {file.source for file in find_files([documents], store=assistant.index.store)}
    others = [info.source for info in assistant.index.documents() if info.source not in ours]
    if others:
        raise UsageError(
            f"The store {assistant.index.store} holds other documents, such as {others[0]!r}, which an evaluation "
            "would remove; leave out --store, or name a new one."
        )


def _chosen(samples: Sequence[Sample], options: Options) -> list[Sample]:
    waiting = [sample for sample in samples if _TO_REVIEW in sample.tags]
    if waiting:
        print(f"{len(waiting)} samples wait for review and are left out.", file=sys.stderr)
    chosen = [sample for sample in samples if _TO_REVIEW not in sample.tags]
    if options.only is not None:
        tags = {tag for sample in chosen for tag in sample.tags}
        if options.only not in tags:
            raise UsageError(f"No sample has the tag {options.only!r}; there are: {', '.join(sorted(tags)) or 'none'}.")
        chosen = [sample for sample in chosen if options.only in sample.tags]
    if options.sample is not None:
        chosen = draw(chosen, options.sample, options.seed)
    if not chosen:
        raise UsageError("There is no sample to run.")
    return chosen


def fingerprints(assistant: Assistant, samples: Sequence[Sample]) -> dict[str, str]:
    """Digests of documents and samples, so that only like is compared with like; and what they were run with."""
    documents = hashlib.sha256()
    for info in assistant.index.documents():
        documents.update(f"{info.source}\0{assistant.index.document(info.source).text}\0".encode())
    return {
        "documents": documents.hexdigest()[:16],
        "samples": hashlib.sha256(repr(list(samples)).encode()).hexdigest()[:16],
        "model": assistant.index.status().model,
        "threshold": str(assistant.threshold),
    }


def _print(
    title: str, results: Sequence[Result], verdict: Verdict | None, baseline: Mapping[str, Any] | None, *, as_json: bool
) -> None:
    measured = figures(results)
    if as_json:
        content: dict[str, Any] = {
            "dataset": title,
            "figures": {
                name: {"value": figure.value, "interval": [figure.low, figure.high], "count": figure.count}
                for name, figure in measured.items()
            },
            "samples": to_baseline(results, {})["samples"],
        }
        if verdict is not None:
            content["gate"] = {"passed": verdict.passed, "failures": list(verdict.failures),
                               "flips": [flip.id for flip in verdict.flips]}  # fmt: skip
        print(json.dumps(content, ensure_ascii=False, indent=1))
        return
    print(f"{title}: {len(results)} samples")
    print("\n".join(figure_lines(measured, None if baseline is None else baseline["figures"])))
    if verdict is None:
        lost = [f"{result.stage:22} {result.id}: {result.question}" for result in results if result.stage]
        more = [f"... and {len(lost) - _LOST_SHOWN} more; --report shows all."] if len(lost) > _LOST_SHOWN else []
        print(printable_text("\n".join(["", *lost[:_LOST_SHOWN], *more])))
    else:
        lines = ["", *flip_lines(verdict.flips), *(f"FAILED: {failure}" for failure in verdict.failures)]
        print(printable_text("\n".join(lines)))
        if verdict.passed:
            print("Gate passed.")


def _write_reports(
    folder: Path, title: str, results: Sequence[Result], verdict: Verdict | None, baseline: Path | None
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    measured, tags = figures(results), by_tag(results)
    (folder / "report.md").write_text(markdown(title, measured, tags, verdict), encoding="utf-8")
    (folder / "junit.xml").write_text(junit(results, verdict), encoding="utf-8")
    history = _history(baseline)
    (folder / "report.html").write_text(page(title, measured, tags, results, verdict, history), encoding="utf-8")
    print(f"wrote {folder}/report.html, report.md and junit.xml", file=sys.stderr)


def _history_file(baseline: Path) -> Path:
    return baseline.with_name(f"{baseline.stem}-history.jsonl")


def _append_history(baseline: Path, results: Sequence[Result]) -> None:
    """One line per baseline: the commit it was made on top of, and its figures."""
    line = {"commit": _commit(), "figures": to_baseline(results, {})["figures"]}
    with _history_file(baseline).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _history(baseline: Path | None) -> list[tuple[str, Mapping[str, float]]]:
    if baseline is None or not _history_file(baseline).is_file():
        return []
    lines = _history_file(baseline).read_text(encoding="utf-8").splitlines()
    return [(entry["commit"], entry["figures"]) for entry in map(json.loads, lines)]


def _commit() -> str:
    try:
        found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"


class _Bar:
    """Progress on stderr with the running score; nothing where there is no terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._right = self._done = 0
        self._bar: Any = None

    def __enter__(self) -> "_Bar":
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=self._total, unit="question", leave=False)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    @property
    def update(self) -> Callable[[Result], None]:
        """Take one more result."""

        def note(result: Result) -> None:
            self._done += 1
            self._right += bool(result.correct)
            if self._bar is not None:
                self._bar.update()
                self._bar.set_postfix_str(f"{self._right / self._done:.1%} right")

        return note
