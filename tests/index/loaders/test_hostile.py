"""Damaged and malicious files end in a document or a LoadError, never in anything else."""

import io
import random
import zipfile
from pathlib import Path

import pytest

from index.errors import LoadError
from index.load import load

from .samples import (
    Load,
    check_spans,
    docx_bytes,
    email_bytes,
    epub_members,
    pdf_bytes,
    pptx_bytes,
    xlsx_bytes,
    zip_bytes,
)

MUTATIONS = 40
SAMPLES = {
    "a.pdf": pdf_bytes([[(72, 700, 12, "Some text on a page")], [(72, 700, 12, "And more")]]),
    "a.docx": docx_bytes(),
    "a.pptx": pptx_bytes(),
    "a.xlsx": xlsx_bytes({"A": [["Model", "Price"], ["X200", 49]]}),
    "a.epub": zip_bytes(epub_members()),
    "a.eml": email_bytes(),
    "a.html": b"<html><body><h1>Title</h1><p>Some text</p><table><tr><td colspan=2>x<td>1</table></body></html>",
    "a.md": b"# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n",
    "a.csv": b'Model,Price\n"X ""200""",49\n',
    "a.json": b'{"items": [{"a": [1, {"b": "\\ud800"}]}], "c": null}',
}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Flip bits, cut, swap, overwrite or repeat parts of a file."""
    kind, place = rng.randrange(5), rng.randrange(len(data))
    length = rng.randrange(1, 1 + min(200, len(data)))
    if kind == 0:
        flipped = bytearray(data)
        for _ in range(rng.randrange(1, 30)):
            flipped[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        return bytes(flipped)
    if kind == 1:
        return data[:place]
    if kind == 2:
        other = rng.randrange(len(data))
        return data[:place] + data[other : other + length] + data[place:]
    if kind == 3:
        return data[:place] + rng.randbytes(length) + data[place + length :]
    return data[:place] + data[place : place + length] * 20 + data[place + length :]


def load_or_refuse(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    message = f"{path.name}: "
    try:
        check_spans(load(path, path.name))
    except LoadError as error:
        message = str(error)
    assert message.startswith(f"{path.name}: ")


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(tmp_path: Path, name: str) -> None:
    rng = random.Random(name)
    for _ in range(MUTATIONS):
        load_or_refuse(tmp_path / name, mutated(SAMPLES[name], rng))


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.epub"])
def test_damaged_members(tmp_path: Path, name: str) -> None:
    """Damage inside of the archive, which checksums would hide from the test above."""
    with zipfile.ZipFile(io.BytesIO(SAMPLES[name])) as archive:
        members: dict[str, str | bytes] = {each: archive.read(each) for each in archive.namelist()}
    rng = random.Random(name)
    for _ in range(MUTATIONS):
        damaged = rng.choice([each for each, content in members.items() if content])
        content = members[damaged]
        assert isinstance(content, bytes)
        load_or_refuse(tmp_path / name, zip_bytes({**members, damaged: mutated(content, rng)}))


@pytest.mark.parametrize("name", ["a.pdf", "a.docx", "a.pptx", "a.xlsx", "a.epub"])
@pytest.mark.parametrize(
    "data", [b"", b"x", b"Just text, no such file.", bytes(range(256)) * 8, b"PK\3\4", b"%PDF-1.7"]
)
def test_files_that_are_not_what_they_are_called(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(LoadError, match=r"a\.\w+: "):
        load(path, name)


@pytest.mark.parametrize(
    "member", ["word/document.xml", "ppt/presentation.xml", "xl/workbook.xml", "META-INF/container.xml"]
)
def test_zip_bombs_are_refused(load_bytes: Load, member: str) -> None:
    bomb = zip_bytes({member: b" " * 20_000_000})
    with pytest.raises(LoadError, match=r"unpacks to 20,000,000 bytes in 1 parts, more than is safe to read"):
        load_bytes("a.docx", bomb)


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {new} '{f'&{old};' * 10}'>" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.epub", "a.pptx"])
@pytest.mark.parametrize("kind", ["laughs", "file"])
def test_xml_entities_are_inert(tmp_path: Path, name: str, kind: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY")
    doctype = f"{LAUGHS}]>" if kind == "laughs" else f"<!DOCTYPE x [<!ENTITY i SYSTEM 'file://{secret}'>]>"
    with zipfile.ZipFile(io.BytesIO(SAMPLES[name])) as archive:
        members: dict[str, str | bytes] = {each: archive.read(each) for each in archive.namelist()}
    for member, content in members.items():
        if member.endswith((".xml", ".opf", ".xhtml")) and isinstance(content, bytes):
            xml = content.decode()
            xml = xml.replace("?>", "?>" + doctype, 1) if xml.startswith("<?xml") else doctype + xml
            for word in ("warranty lasts", "Ship in", "X200", "came by", "The Lighthouse"):
                xml = xml.replace(word, "&i;", 1)
            members[member] = xml
    path = tmp_path / name
    path.write_bytes(zip_bytes(members))
    try:
        document = load(path, name)
    except LoadError:
        return
    assert "CANARY" not in document.text + document.title
    assert document.text.count("ha") < 100


def test_huge_line_and_many_marks_take_no_time(load_bytes: Load) -> None:
    """Each of these took a pattern quadratic time once, or could."""
    for piece in (b"<!--", b"# a ", b"`", b"[", b"(", b"|", b"- ", b".", b" ", b"*", b"<a "):
        load_bytes("a.md", b"x " + piece * (200_000 // len(piece)) + b" x\n\nend")
        load_bytes("a.txt", b"x " + piece * (200_000 // len(piece)) + b" x\n\nend")
        load_bytes("b.md", b"x\n\n" + (piece + b"\n") * 20_000 + b" x\n\nend")
