"""What may import what, and what each room shows to the others."""

import ast
import importlib
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from .helpers import ROOT

ROOMS = ("index", "qa", "ui", "evals")
FORBIDDEN = {
    "index": {"qa", "ui", "evals"},
    "qa": {"ui", "evals"},
    "ui": {"evals"},
    "evals": {"ui"},
}
"""Imports go one way."""
MEETING_PLACE = "qa/cli.py"
"""The command line may import every room, but only inside the function that needs it."""

HOMES = {
    "Stemmer": "index/terms.py",
    "charset_normalizer": "index/loaders/decode.py",
    "chromadb": "index/vectors.py",
    "defusedxml": "index/loaders/epub.py",
    "docx": "index/loaders/docx.py",
    "filelock": "index/store.py",
    "fastapi": "ui/server.py",
    "gradio": "ui/app.py",
    "llama_index": "qa/llm.py",
    "lxml": "index/loaders/html_page.py",
    "mcp": "ui/mcp_tools.py",
    "nltk": "index/sentences.py",
    "onnxruntime": "index/onnx_model.py",
    "openpyxl": "index/loaders/xlsx.py",
    "pathspec": "index/files.py",
    "prometheus_client": "ui/metrics.py",
    "pptx": "index/loaders/pptx.py",
    "pydantic": "ui/schemas.py",
    "pypdfium2": "index/loaders/pdf.py",
    "sentence_transformers": "index/torch_encoder.py",
    "sqlite3": "index/catalog.py",
    "tiktoken": "qa/prompt.py",
    "threadpoolctl": "ui/server.py",
    "tokenizers": "index/onnx_model.py",
    "torch": "index/torch_encoder.py",
    "trafilatura": "index/loaders/html_page.py",
    "uvicorn": "ui/server.py",
}
"""The one file that knows each outside library. Its shapes and errors stop there."""
FREE = {
    "torch": ("evals/",),
    "onnxruntime": ("evals/reader/",),
    "llama_index": ("qa/llamaindex.py",),
    "fastapi": ("ui/rest.py", "ui/chat_completions.py"),
    "pydantic": ("ui/chat_completions.py", "ui/mcp_tools.py"),
    "gradio": ("ui/server.py",),
}
"""Measuring and fitting may use torch as it is, and export to ONNX; evals/bench may use anything, since it measures
other pipelines. Routes are written in FastAPI and fields in pydantic, wherever there are routes and fields; the server
mounts Gradio's page.
"""

EXPORTS = {
    "index": [
        "AnswerableError",
        "Chunk",
        "Document",
        "DocumentInfo",
        "FailedFile",
        "Filter",
        "Index",
        "LoadError",
        "ModelError",
        "ModelMismatchError",
        "Passage",
        "Progress",
        "SearchResult",
        "Signals",
        "Span",
        "Status",
        "StoreError",
        "StoreLockedError",
        "SyncReport",
        "UsageError",
    ],
    "qa": ["Answer", "Assistant", "Citation", "Sentence", "Settings", "Turn"],
}


def modules(*rooms: str) -> list[Path]:
    """Files of our own, as paths relative to the repository's root."""
    return sorted(path.relative_to(ROOT) for room in rooms for path in (ROOT / room).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def imported(node: ast.AST) -> list[str]:
    """Full names of the modules (or the names in them) that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


@cache
def all_imports(path: Path) -> list[str]:
    return [name for node in ast.walk(tree_of(path)) for name in imported(node)]


def at_import_time(body: list[ast.stmt]) -> Iterator[str]:
    """What runs when the module is imported: no function bodies, nothing that only type checkers read."""
    for node in body:
        yield from imported(node)
        if isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                continue
            yield from at_import_time([child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)])


def room_of(name: str) -> str:
    return name.split(".")[0]


@pytest.mark.parametrize("path", modules(*ROOMS), ids=str)
def test_imports_go_one_way(path: Path) -> None:
    tree = tree_of(path)
    names = list(at_import_time(tree.body)) if str(path) == MEETING_PLACE else all_imports(path)
    assert not {room_of(name) for name in names} & FORBIDDEN[path.parts[0]]


@pytest.mark.parametrize("library", sorted(HOMES))
def test_one_file_knows_an_outside_library(library: str) -> None:
    users = [path.as_posix() for path in modules(*ROOMS) if any(room_of(name) == library for name in all_imports(path))]
    allowed = ("evals/bench/", *FREE.get(library, ()))
    assert [user for user in users if not user.startswith(allowed)] == [HOMES[library]]


def test_no_module_imports_itself_through_others() -> None:
    """Importing in a circle works only in a lucky order."""
    ours = {".".join(path.with_suffix("").parts).removesuffix(".__init__"): path for path in modules(*ROOMS)}
    graph = {
        module: {
            name if name in ours else name.rpartition(".")[0]
            for name in at_import_time(tree_of(path).body)
            if name in ours or name.rpartition(".")[0] in ours
        }
        for module, path in ours.items()
    }
    assert graph["index.search"] >= {"index.terms", "index.types"}, "the graph is read rightly"
    TopologicalSorter(graph).prepare()  # raises where there is a circle, and names it


def test_nothing_of_ours_imports_tests_or_scripts() -> None:
    for path in modules(*ROOMS):
        assert not {room_of(name) for name in all_imports(path)} & {"tests", "scripts"}, path


@pytest.mark.parametrize("room", sorted(EXPORTS))
def test_each_room_exports_what_is_listed_here(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__all__ == EXPORTS[room]
    assert all(hasattr(module, name) for name in EXPORTS[room])


@pytest.mark.parametrize("package", ["ui", "evals", "index.loaders"])
def test_other_packages_export_nothing(package: str) -> None:
    body = tree_of(Path(*package.split("."), "__init__.py")).body
    assert [type(node) for node in body] == [ast.Expr], "a docstring and nothing else"


def undocumented(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if ast.get_docstring(node) is None:
                yield f"{prefix}{node.name}"
            if isinstance(node, ast.ClassDef):
                yield from undocumented(node.body, f"{prefix}{node.name}.")


@pytest.mark.parametrize("path", modules(*ROOMS, "scripts"), ids=str)
def test_everything_public_says_what_it_does(path: Path) -> None:
    tree = tree_of(path)
    assert ast.get_docstring(tree) is not None
    assert list(undocumented(tree.body, f"{path}: ")) == []
