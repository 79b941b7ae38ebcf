"""Reports: valid, self-contained, and safe to open whatever the documents hold."""

from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

from evals.figures import by_tag, figures
from evals.gate import compare, to_baseline
from evals.html_report import calibration_points, page, precision_curve
from evals.report import figure_lines, junit, markdown
from tests.evals.test_gate import PRINTS, result, run

HOSTILE = "</td><script>alert(1)</script>\x1b[31m\x00"


def test_figures_of_a_known_run() -> None:
    results = [*run(), result("wrong", correct=False), result("said", answerable=False, correct=False)]
    measured = figures(results)
    assert measured["accuracy"].value == 60 / 62
    assert measured["answer contained"].value == 40 / 41
    assert measured["false answers"].value == 1 / 21
    assert measured["false refusals"].value == 0
    assert measured["hit@1"].value == 1
    assert by_tag(results)["t"].count == 62


def test_what_cannot_be_measured_is_not_there() -> None:
    only_refused = [item for item in run() if not item.answerable]
    assert "answer contained" not in figures(only_refused)
    assert "answerability AUROC" not in figures(only_refused)
    assert figures([]) == {}


def test_junit_counts_only_what_became_wrong() -> None:
    now = [replace(run()[0], correct=False, stage="not retrieved", text=HOSTILE), *run()[1:]]
    root = ElementTree.fromstring(junit(now, compare(now, to_baseline(run(), PRINTS), PRINTS)))
    failed = [case.get("name") for case in root if case.find("failure") is not None]
    assert failed == ["gate", "a0: a0?"]
    assert root.get("tests") == str(len(now) + 1)


def test_markdown_names_the_gate_and_the_flips() -> None:
    now = [replace(run()[0], correct=False), *run()[1:]]
    verdict = compare(now, to_baseline(run(), PRINTS), PRINTS)
    text = markdown("ours", figures(now), by_tag(now), verdict)
    assert "Gate: FAILED" in text
    assert "right -> WRONG  a0" in text


def test_changes_against_the_baseline_are_marked() -> None:
    lines = figure_lines(figures(run()), {"accuracy": 0.9, "false answers": 0.5})
    assert any("accuracy" in line and "better" in line for line in lines)
    assert any("false answers" in line and "better" in line for line in lines)


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    now = [replace(item, text=HOSTILE, question=HOSTILE) for item in run()]
    verdict = compare(now, to_baseline(run(), PRINTS), PRINTS)
    text = page(
        "ours", figures(now), by_tag(now), now, verdict, [("abc", {"accuracy": 0.5}), ("def", {"accuracy": 0.6})]
    )
    seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            seen.append((tag, attributes))

    Tags().feed(text)
    assert "script" not in {tag for tag, _ in seen}
    assert not [
        name for _, attributes in seen for name, _ in attributes if name in {"src", "href", "onload", "onerror"}
    ]
    assert "Over commits" in text


def test_the_curves() -> None:
    results = [replace(run()[0], confidence=0.9), replace(run()[0], confidence=0.3, correct=False)]
    assert precision_curve(results) == [(0.5, 1.0), (1.0, 0.5)]
    assert calibration_points(results) == [(0.3, 1.0), (0.9, 1.0)]
