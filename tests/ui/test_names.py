"""Names from strangers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import UsageError
from ui.names import collection_name, safe_source, slug, unused


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("a/b/c.txt", "a/b/c.txt"),
        ("C:\\Users\\me\\notes.md", "C_/Users/me/notes.md"),
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\x", "x"),
        ("a\0b.txt", "ab.txt"),
        ("a\u202egpj.exe", "agpj.exe"),
        (".bashrc", "bashrc"),
        ("con.txt", "_con.txt"),
        ("a/./b/../c", "a/b/c"),
        ("x. . ", "x"),
        ("what?.md", "what_.md"),
        ("", "unnamed"),
        ("../..", "unnamed"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("\ud800.txt", "_.txt"),
    ],
)
def test_a_name_is_made_safe(given_name: str, safe: str) -> None:
    assert safe_source(given_name) == safe


def test_a_long_name_keeps_its_extension() -> None:
    name = safe_source("ä" * 500 + ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= 255
    assert len(safe_source("/".join("abcdefghijklmnopqrstuvwxyz")).split("/")) <= 12


@given(st.text(max_size=300))
def test_no_name_leads_outside_or_hides(name: str) -> None:
    safe = safe_source(name)
    assert safe
    for part in safe.split("/"):
        assert part not in {"", ".", ".."}
        assert not part.startswith(".")
        assert len(part.encode()) <= 255
    assert "\\" not in safe
    assert safe.isprintable()
    assert safe_source(safe) == safe


def test_a_taken_name_gets_a_number() -> None:
    assert unused("a/b.md", {"a/b.md", "a/b (2).md"}) == "a/b (3).md"
    assert unused("a.b/c", {"a.b/c"}) == "a.b/c (2)"
    assert unused("free", set()) == "free"


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\u202eb", "a\0b", "\u200b", "REPORTS", " reports "])
def test_a_collection_is_not_called_so(name: str) -> None:
    with pytest.raises(UsageError):
        collection_name(name, {"reports"})


def test_any_other_text_names_a_collection_and_its_folder_is_ours() -> None:
    assert collection_name("  ../Ä <b>  \t 二 ") == "../Ä <b> 二"
    assert slug("../Ä <b> 二").startswith("b-")
    assert "/" not in slug("../../x")
    assert slug("二") != slug("二")
