"""A run as people and CI systems read it: text, Markdown, JUnit XML. Pure. The HTML page is in ``html_report.py``."""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from evals.figures import HIGHER_IS_BETTER
from evals.gate import Flip, Verdict
from evals.types import Figure, Figures, Result

_FLIPS_SHOWN = 40
_TEXT_SHOWN = 200


def figure_lines(measured: Figures, before: Mapping[str, float] | None = None) -> list[str]:
    """One line per figure: value, 95 % interval, change against the baseline."""
    return [
        f"{name:28} {format_value(name, figure.value):>8}  {_interval(name, figure):20}{_change(name, figure, before)}"
        for name, figure in measured.items()
    ]


def format_value(name: str, value: float) -> str:
    """Milliseconds whole, shares with three digits."""
    return f"{value:.0f}" if "(ms)" in name else f"{value:.3f}"


def flip_lines(flips: Sequence[Flip]) -> list[str]:
    """Each flipped question: what it was, what it is, where it was lost, what was found."""
    lines = []
    for flip in flips[:_FLIPS_SHOWN]:
        lines += [
            f"{'right -> WRONG' if flip.was_correct else 'wrong -> right'}  {flip.id}: {flip.question}",
            f"    before: {_short(flip.before)}",
            f"    now:    {_short(flip.after)}",
            f"    found:  {', '.join(flip.sources[:4]) or 'nothing'}" + (f"  [{flip.stage}]" if flip.stage else ""),
        ]
    if len(flips) > _FLIPS_SHOWN:
        lines.append(f"... and {len(flips) - _FLIPS_SHOWN} more.")
    return lines


def markdown(title: str, measured: Figures, tags: Mapping[str, Figure], verdict: Verdict | None) -> str:
    """A summary for a pull request or a job page."""
    parts = [f"# {title}", ""]
    if verdict is not None:
        parts += [f"**Gate: {'passed' if verdict.passed else 'FAILED'}**", ""]
        parts += [f"- {failure}" for failure in verdict.failures] + [""]
    parts += ["| figure | value | 95 % interval | n |", "|---|---|---|---|"]
    parts += [
        f"| {name} {'↑' if HIGHER_IS_BETTER[name] else '↓'} | {format_value(name, figure.value)} |"
        f" {_interval(name, figure) or '–'} | {figure.count} |"
        for name, figure in measured.items()
    ]
    parts += ["", "| tag | accuracy | n |", "|---|---|---|"]
    parts += [f"| {tag} | {figure.value:.2f} | {figure.count} |" for tag, figure in tags.items()]
    if verdict is not None and verdict.flips:
        parts += ["", "## Flipped questions", "", "```", *flip_lines(verdict.flips), "```"]
    return "\n".join(parts) + "\n"


def junit(results: Sequence[Result], verdict: Verdict | None) -> str:
    """JUnit XML: one case for the gate and its failures, and one per sample.

    Without a baseline every sample that is not right counts as a failure; with one only those that became wrong do.
    """
    regressed = None if verdict is None else {flip.id for flip in verdict.flips if flip.was_correct}
    suite = ElementTree.Element("testsuite", name="qa eval")
    failures = 0
    if verdict is not None:
        case = ElementTree.SubElement(suite, "testcase", classname="gate", name="gate")
        for message in verdict.failures:
            ElementTree.SubElement(case, "failure", message=_xml(message))
        failures += not verdict.passed
    for result in results:
        seconds = f"{result.milliseconds / 1000:.3f}"
        name = _xml(f"{result.id}: {result.question}")
        case = ElementTree.SubElement(suite, "testcase", classname="sample", name=name, time=seconds)
        if result.id in regressed if regressed is not None else result.correct is False:
            failures += 1
            failure = ElementTree.SubElement(case, "failure", message=_xml(result.stage or "wrong"))
            failure.text = _xml(result.text)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    """XML 1.0 has no form for most control characters and for lone surrogates."""
    return "".join(
        character if character in "\t\n\r" or (character >= " " and not "\ud800" <= character <= "\udfff") else "�"
        for character in text
    )


def _interval(name: str, figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{format_value(name, figure.low)} to {format_value(name, figure.high)}"


def _change(name: str, figure: Figure, before: Mapping[str, float] | None) -> str:
    if before is None or name not in before or abs(figure.value - before[name]) < 5e-4:
        return ""
    change = figure.value - before[name]
    return f"{change:+.3f} {'better' if (change > 0) == HIGHER_IS_BETTER[name] else 'WORSE'}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TEXT_SHOWN else f"{text[: _TEXT_SHOWN - 1]}…"
