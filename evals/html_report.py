"""A run as one HTML page that needs nothing else: figures, plots as SVG, every sample. Pure; all text is escaped."""

import html
from collections.abc import Mapping, Sequence

import numpy as np

from evals.figures import HIGHER_IS_BETTER
from evals.gate import Verdict
from evals.report import flip_lines, format_value
from evals.types import Figure, Figures, Result

_WIDTH, _HEIGHT, _MARGIN = 340, 260, 42

_STYLE = """
:root { color-scheme: light dark; --line: #2563eb; --grid: #8884; --bad: #b91c1c; --good: #15803d; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .75rem; text-align: left;
border-bottom: 1px solid var(--grid); vertical-align: top; } td.number { text-align: right; }
.plots { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; } figcaption { font-weight: 600; }
svg text { fill: currentColor; font-size: 11px; } .bad { color: var(--bad); } .good { color: var(--good); }
pre { white-space: pre-wrap; background: #8881; padding: 1rem; } details { margin: .5rem 0; }
@media (prefers-color-scheme: dark) { :root { --line: #60a5fa; --bad: #f87171; --good: #4ade80; } }
"""

Point = tuple[float, float]


def page(
    title: str,
    measured: Figures,
    tags: Mapping[str, Figure],
    results: Sequence[Result],
    verdict: Verdict | None,
    history: Sequence[tuple[str, Mapping[str, float]]],
) -> str:
    """The whole page. ``history``: commit and figures of earlier baselines, oldest first."""
    plots = [
        _plot("Precision against coverage", "share answered", "right", {"": precision_curve(results)}),
        _plot(
            "Calibration", "confidence", "documents hold the answer", {"": calibration_points(results)}, diagonal=True
        ),
        _bars("Accuracy per tag", {tag: figure.value for tag, figure in tags.items()}),
    ]
    if len(history) > 1:
        plots.append(_history(history))
    return "\n".join(
        [
            "<!doctype html><html lang=en><meta charset=utf-8>",
            "<meta name=viewport content='width=device-width, initial-scale=1'>",
            f"<title>{html.escape(title)}</title><style>{_STYLE}</style><h1>{html.escape(title)}</h1>",
            _gate(verdict),
            _figures_table(measured),
            f"<div class=plots>{''.join(plots)}</div>",
            _samples(results),
            "</html>",
        ]
    )


def precision_curve(results: Sequence[Result]) -> list[Point]:
    """(share answered, share of those right), most confident first, over the questions that were answered."""
    answered = sorted((r for r in results if r.answered), key=lambda r: -r.confidence)
    hits = np.cumsum([bool(r.correct) for r in answered])
    return [((i + 1) / len(results), float(hits[i] / (i + 1))) for i in range(len(answered))]


def calibration_points(results: Sequence[Result], bins: int = 10) -> list[Point]:
    """(mean confidence, share answerable) per bin of equal width that holds a result."""
    points = []
    for number in range(bins):
        inside = [result for result in results if min(int(result.confidence * bins), bins - 1) == number]
        if inside:
            share = sum(result.answerable for result in inside) / len(inside)
            points.append((float(np.mean([result.confidence for result in inside])), share))
    return points


def _gate(verdict: Verdict | None) -> str:
    if verdict is None:
        return ""
    state = (
        "<p class=good><strong>Gate passed.</strong>"
        if verdict.passed
        else "<p class=bad><strong>Gate failed.</strong>"
    )
    failures = "".join(f"<li>{html.escape(failure)}</li>" for failure in verdict.failures)
    flips = f"<h2>Flipped questions</h2><pre>{html.escape(chr(10).join(flip_lines(verdict.flips)))}</pre>"
    return f"{state}</p><ul>{failures}</ul>" + (flips if verdict.flips else "")


def _figures_table(measured: Figures) -> str:
    rows = []
    for name, figure in measured.items():
        low_high = (
            ""
            if figure.low is None or figure.high is None
            else f"{format_value(name, figure.low)} – {format_value(name, figure.high)}"
        )
        rows.append(
            f"<tr><td>{html.escape(name)} {'↑' if HIGHER_IS_BETTER[name] else '↓'}"
            f"<td class=number>{format_value(name, figure.value)}<td>{low_high}<td class=number>{figure.count}"
        )
    return f"<table><tr><th>figure<th>value<th>95 % interval<th>n{''.join(rows)}</table>"


def _samples(results: Sequence[Result]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(r.id)}<td>{html.escape(r.question)}"
        f"<td class={'good' if r.correct else 'bad'}>{'right' if r.correct else html.escape(r.stage or 'wrong')}"
        f"<td class=number>{r.confidence:.2f}<td>{html.escape(r.text)}"
        for r in results
    )
    head = "<tr><th>sample<th>question<th>outcome<th>confidence<th>answer"
    return f"<details><summary>All {len(results)} samples</summary><table>{head}{rows}</table></details>"


def _plot(
    title: str, x_label: str, y_label: str, lines: Mapping[str, Sequence[Point]], *, diagonal: bool = False
) -> str:
    """Lines over the unit square."""
    parts = [_axes(x_label, y_label)]
    if diagonal:
        parts.append(f"<path d='M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}' stroke='var(--grid)' stroke-dasharray=4 fill=none />")
    for points in lines.values():
        path = "".join(f"{'L' if i else 'M'}{_x(x):.1f} {_y(y):.1f}" for i, (x, y) in enumerate(points))
        parts.append(f"<path d='{path}' stroke='var(--line)' stroke-width=2 fill=none />")
        if len(points) <= 20:
            parts += [f"<circle cx={_x(x):.1f} cy={_y(y):.1f} r=3 fill='var(--line)' />" for x, y in points]
    return _figure(title, "".join(parts), _HEIGHT)


def _bars(title: str, values: Mapping[str, float]) -> str:
    parts = []
    for row, (name, value) in enumerate(values.items()):
        top = 8 + row * 16
        parts.append(f"<text x=104 y={top + 10} text-anchor=end>{html.escape(name)}</text>")
        parts.append(f"<rect x=110 y={top} width={value * 180:.1f} height=12 fill='var(--line)' />")
        parts.append(f"<text x={114 + value * 180:.1f} y={top + 10}>{value:.2f}</text>")
    return _figure(title, "".join(parts), 16 + 16 * len(values))


def _history(history: Sequence[tuple[str, Mapping[str, float]]]) -> str:
    steps = max(1, len(history) - 1)
    shown = ("accuracy", "answer contained", "citation precision")
    parts = [_axes(f"{history[0][0]} … {history[-1][0]}", "value")]
    for number, name in enumerate(shown):
        points = [(i / steps, figures[name]) for i, (_, figures) in enumerate(history) if name in figures]
        path = "".join(f"{'L' if i else 'M'}{_x(x):.1f} {_y(y):.1f}" for i, (x, y) in enumerate(points))
        dash = ("", "6 3", "2 3")[number]
        parts.append(f"<path d='{path}' stroke='var(--line)' stroke-dasharray='{dash}' stroke-width=2 fill=none />")
        if points:
            parts.append(f"<text x={_x(0) + 4} y={_y(points[0][1]) - 4:.1f}>{name}</text>")
    return _figure("Over commits", "".join(parts), _HEIGHT)


def _axes(x_label: str, y_label: str) -> str:
    grid = "".join(
        f"<path d='M{_x(0)} {_y(v):.1f}H{_x(1)}' stroke='var(--grid)' /><text x={_x(0) - 6} y={_y(v) + 4:.1f} "
        f"text-anchor=end>{v:g}</text><text x={_x(v):.1f} y={_y(0) + 14} text-anchor=middle>{v:g}</text>"
        for v in (0, 0.25, 0.5, 0.75, 1)
    )
    x_text = f"<text x={_WIDTH / 2} y={_HEIGHT - 6} text-anchor=middle>{html.escape(x_label)}</text>"
    y_text = (
        f"<text transform='translate(11 {_HEIGHT / 2}) rotate(-90)' text-anchor=middle>{html.escape(y_label)}</text>"
    )
    return grid + x_text + y_text


def _figure(title: str, content: str, height: int) -> str:
    label = html.escape(title, quote=True)
    return (
        f"<figure><figcaption>{label}</figcaption>"
        f"<svg role=img aria-label='{label}' width={_WIDTH} height={height} viewBox='0 0 {_WIDTH} {height}'>"
        f"{content}</svg></figure>"
    )


def _x(value: float) -> float:
    return _MARGIN + value * (_WIDTH - _MARGIN - 14)


def _y(value: float) -> float:
    return _HEIGHT - _MARGIN - value * (_HEIGHT - _MARGIN - 14)
