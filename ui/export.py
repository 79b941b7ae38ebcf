"""An answer -> text to take along: plain, and Markdown with footnotes. Pure."""

import re

from qa import Answer, Citation
from qa.wording import counted

_MARKDOWN_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LINE_SIGNS = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)


def plain_text(answer: Answer) -> str:
    """The answer with markers, then a line per citation."""
    lines = [answer.marked_text]
    lines += [f"Note: {note}" for note in answer.notes]
    lines += [f"[{item.number}] {place(item)}: “{_one_line(item.quote)}”" for item in answer.citations]
    return "\n".join(lines)


def with_footnotes(answer: Answer) -> str:
    """Markdown: the question, the answer with footnote markers, and each quote in a footnote."""
    lines = [f"## {literal(_one_line(answer.question))}", ""]
    if not answer.answered or not answer.sentences:
        lines.append(literal(answer.text))
    else:
        lines.append(
            " ".join(
                f"{literal(_one_line(sentence.text))}{''.join(f'[^{number}]' for number in sentence.citations)}"
                for sentence in answer.sentences
                if sentence.supported
            )
        )
    for note in answer.notes:
        lines += ["", f"> {literal(_one_line(note))}"]
    lines += ["", f"Confidence {answer.confidence:.0%}; {counted(answer.searched, 'document')} searched.", ""]
    for item in answer.citations:
        lines.append(f"[^{item.number}]: {literal(place(item))}: “{literal(_one_line(item.quote))}”")
    return "\n".join(lines) + "\n"


def place(citation: Citation) -> str:
    """File, page and heading in one line."""
    parts = [citation.source]
    parts += [f"page {citation.page}"] if citation.page is not None else []
    parts += [citation.heading] if citation.heading else []
    return ", ".join(_one_line(part) for part in parts)


def literal(text: str) -> str:
    """Text that Markdown shows as it is: no links, images, HTML or lists come of it."""
    text = _LINE_SIGNS.sub(r"\1\\\2", _MARKDOWN_SIGNS.sub(r"\\\1", text))
    return re.sub(r"(?i)\b(https?|ftp|mailto|www)(?=[:.])", "\\1\u200b", text)  # some readers link bare addresses


def _one_line(text: str) -> str:
    return " ".join(text.split())
