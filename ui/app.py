"""The page: Gradio's parts and which of them speak to which. What they say is made in :mod:`ui.handlers`."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Before the import: with it Gradio asks no outside host for anything.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio

from index import AnswerableError
from ui import conversation, handlers, lookup
from ui.collection import READERS
from ui.handlers import Exchanges, RecordFeedback
from ui.library import DEFAULT, Library

STATIC = Path(__file__).parent / "static"
STATIC_PATH = "/page"
"""Where the server offers the files in ``STATIC``."""

_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_SHEETS = ("page.css", "evidence.css", "documents.css")
_QUESTIONS_AT_ONCE = READERS
"""With 8, which wait for each other, p95 of ten users on the page is 1.8 s; with as many as there are readers 1.5 s."""
_CACHE_SECONDS = (3600, 24 * 3600)
"""How often Gradio looks for old uploads of its own, and how old those are that it deletes."""


def appearance() -> dict[str, Any]:
    """What ``mount_gradio_app`` and ``launch`` need to show the page as it is meant."""
    # Not by Gradio's own ``css``: it rewrites every selector to reach nothing outside its own part of the page.
    sheets = "".join(f'<link rel="stylesheet" href="{_address(name)}">' for name in _SHEETS)
    return {
        "theme": gradio.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        "head": f'{sheets}<script src="{_address("page.js")}" defer></script>',
        "footer_links": [],
        "ssr_mode": False,
    }


def _address(name: str) -> str:
    """Where a file of ours is offered, under a name that changes with it, so that no browser keeps an old one."""
    return f"{STATIC_PATH}/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def build(
    library: Library,
    *,
    record_feedback: RecordFeedback | None = None,
    report: Path | None = None,
    server_folders: bool = False,
) -> gradio.Blocks:
    """The page. ``server_folders``: offer to add folders of the server; the library says which."""
    feedback = record_feedback is not None

    with gradio.Blocks(title="Answerable", analytics_enabled=False, delete_cache=_CACHE_SECONDS) as page:
        exchanges = gradio.State(())
        with gradio.Row(elem_id="bar"):
            gradio.HTML('<h1 class="brand">Answerable</h1>', apply_default_css=False, elem_id="brand")
            collection = gradio.Dropdown(
                list(library.names()), value=DEFAULT, label="Collection", elem_id="collection", filterable=False
            )
        with gradio.Row(elem_id="work"):
            with gradio.Column(elem_id="desk"), gradio.Tabs(elem_id="tabs"):
                with gradio.Tab("Ask", id="Ask"):
                    talk = gradio.HTML(_first_paint(), apply_default_css=False, elem_id="talk")
                    with gradio.Row(elem_id="composer"):
                        question = gradio.Textbox(
                            placeholder="Ask your documents", label="Question", show_label=False, max_lines=6,
                            elem_id="question", autofocus=True, scale=1, max_length=4000,
                        )  # fmt: skip
                        send = gradio.Button("Ask", elem_id="send", variant="primary")
                        stop = gradio.Button("Stop", elem_id="stop", visible=False)
                with gradio.Tab("Documents", id="Documents"):
                    listing = _documents_tab(page, library, collection, server_folders=server_folders)
                with gradio.Tab("Evaluation", id="Evaluation") as evaluation:
                    shown_report = gradio.HTML("", apply_default_css=False, elem_id="report")
            panel = gradio.HTML("", apply_default_css=False, elem_id="evidence")
        wanted = _bridge("evidence")
        repeat = _bridge("again")
        marked = _bridge("feedback")
        until_examples = gradio.Timer(2.0, active=False)  # a page opened before the models are loaded has none to show

        def reply(text: str, so_far: Exchanges, name: str) -> Iterator[tuple[Any, ...]]:
            # The buttons change places in one step with the answer, so that a second question cannot come between.
            for now in handlers.answer(library, so_far, text, name):
                busy = bool(now) and now[-1].state == "searching"
                shown = handlers.talk(library, now, name, feedback=feedback)
                yield (
                    now,
                    shown,
                    "" if busy else gradio.skip(),
                    gradio.update(visible=not busy),
                    gradio.update(visible=busy),
                )

        def reply_again(message: str, so_far: Exchanges, name: str) -> Iterator[tuple[Any, ...]]:
            before, text, its_collection = handlers.again(so_far, message)
            yield from reply(text, before, its_collection or name)

        def halt(so_far: Exchanges, name: str) -> tuple[Any, ...]:
            now = conversation.stopped(so_far)
            shown = handlers.talk(library, now, name, feedback=feedback)
            return now, shown, gradio.update(visible=True), gradio.update(visible=False)

        def keep_mark(message: str, so_far: Exchanges, name: str) -> tuple[Exchanges, str]:
            now = handlers.mark(record_feedback, so_far, message) if record_feedback else so_far
            return now, handlers.talk(library, now, name, feedback=feedback)

        def show_evidence(message: str, so_far: Exchanges, name: str) -> str:
            return lookup.evidence(library, so_far, name, message)

        def show_talk(so_far: Exchanges, name: str) -> tuple[Any, ...]:
            warming = library.warming  # asked before: examples made meanwhile are shown by one tick more
            return handlers.talk(library, so_far, name, feedback=feedback), gradio.Timer(active=warming and not so_far)

        answered = [exchanges, talk, question, send, stop]
        asking: dict[str, Any] = {**_PRIVATE, "outputs": answered, "concurrency_limit": _QUESTIONS_AT_ONCE}
        runs = [
            gradio.on([question.submit, send.click], reply, [question, exchanges, collection], **asking),
            repeat.change(reply_again, [repeat, exchanges, collection], **asking),
        ]
        stop.click(halt, [exchanges, collection], [exchanges, talk, send, stop], cancels=runs, **_PRIVATE)
        marked.change(keep_mark, [marked, exchanges, collection], [exchanges, talk], **_PRIVATE)
        wanted.change(
            show_evidence, [wanted, exchanges, collection], panel, trigger_mode="always_last",
            concurrency_limit=_QUESTIONS_AT_ONCE, **_PRIVATE,
        )  # fmt: skip
        gradio.on(
            [page.load, collection.change, listing.change, until_examples.tick], show_talk, [exchanges, collection],
            [talk, until_examples], concurrency_limit=None, trigger_mode="always_last", **_PRIVATE,
        )  # fmt: skip
        gradio.on([page.load, evaluation.select], lambda: handlers.report(report), None, shown_report, **_PRIVATE)

        def ask(question: str, history: list[dict[str, str]], collection: str = DEFAULT) -> dict[str, Any]:
            """Answer a question with citations; ``history`` holds earlier {"question", "answer"}, oldest first."""
            try:
                return handlers.ask(library, question, history or [], collection or DEFAULT)
            except AnswerableError as error:
                raise gradio.Error(str(error)) from error

        gradio.events.api(ask, api_name="ask", concurrency_limit=_QUESTIONS_AT_ONCE)
    assert isinstance(page, gradio.Blocks)
    return page


def _documents_tab(page: Any, library: Library, collection: Any, *, server_folders: bool) -> Any:  # noqa: ANN401
    """Uploads, the list and its buttons; the component that holds the list."""
    notice = gradio.HTML("", apply_default_css=False, elem_id="notice")
    with gradio.Row(elem_id="adding"):
        files = gradio.File(label="Drop files here, or choose them", file_count="multiple", elem_id="files", height=150)
        with gradio.Column(elem_id="adding-more"):
            folder_files = gradio.UploadButton("Choose a folder", file_count="directory", elem_id="folder-files")
            with gradio.Accordion("A folder of the server", open=False, visible=server_folders):
                folder = gradio.Textbox(label="Path", elem_id="folder", max_lines=1)
                add = gradio.Button("Add this folder", size="sm")
            with gradio.Accordion("New collection", open=False):
                new_name = gradio.Textbox(label="Name", elem_id="new-collection", max_lines=1, max_length=80)
                make = gradio.Button("Create", size="sm")
    progress = gradio.HTML("", apply_default_css=False, elem_id="progress")
    search = gradio.Textbox(
        value="", label="Find a document", placeholder="Find a document", show_label=False, max_lines=1, elem_id="find"
    )
    listing = gradio.HTML('<p class="searching"><span></span>Looking…</p>', apply_default_css=False, elem_id="listing")
    clock = gradio.Timer(1.0, active=False)
    asked = _bridge("documents")
    doomed = _bridge("delete")
    for component in (files, folder_files):
        # Gradio hands on only the paths of its own copies, whose names have lost spaces, brackets and emoji.
        setattr(component, "preprocess", _names_and_paths)  # noqa: B010

    def shown(name: str, words: str, said: str = "") -> tuple[Any, ...]:
        part = handlers.shown(library, name, words, said)
        return part.notice, part.progress, part.listing, gradio.Timer(active=part.busy)

    def tick(name: str, words: str) -> tuple[Any, ...]:
        return shown(name, words)[1:]

    def take(chosen: list[tuple[str, str]] | None, name: str, words: str) -> tuple[Any, ...]:
        said = handlers.upload(library, name, chosen) if chosen else ""
        return *shown(name, words, said), None

    def take_folder(path: str, name: str, words: str) -> tuple[Any, ...]:
        return shown(name, words, handlers.add_folder(library, name, path))

    def change(message: str, name: str, words: str) -> tuple[Any, ...]:
        return shown(name, words, handlers.change(library, name, message))

    def create(wanted: str) -> tuple[Any, ...]:
        made, said = handlers.create(library, wanted)
        names = list(library.names())
        return (gradio.Dropdown(names, value=made) if made else gradio.skip()), ("" if made else wanted), said

    def delete(message: str, name: str) -> tuple[Any, ...]:
        now, said = handlers.delete(library, name, message)
        return gradio.Dropdown(list(library.names()), value=now), said

    tab = [notice, progress, listing, clock]
    gradio.on([page.load, collection.input], shown, [collection, search], tab, **_PRIVATE)
    collection.change(tick, [collection, search], tab[1:], **_PRIVATE)  # made or deleted: what was said stays
    search.input(tick, [collection, search], tab[1:], trigger_mode="always_last", **_PRIVATE)
    clock.tick(tick, [collection, search], tab[1:], **_PRIVATE)
    files.upload(take, [files, collection, search], [*tab, files], **_PRIVATE)
    folder_files.upload(take, [folder_files, collection, search], [*tab, folder_files], **_PRIVATE)
    gradio.on([add.click, folder.submit], take_folder, [folder, collection, search], tab, **_PRIVATE)
    gradio.on([make.click, new_name.submit], create, [new_name], [collection, new_name, notice], **_PRIVATE)
    asked.change(change, [asked, collection, search], tab, **_PRIVATE)
    doomed.change(delete, [doomed, collection], [collection, notice], **_PRIVATE)
    page.load(lambda: gradio.Dropdown(list(library.names())), None, collection, **_PRIVATE)
    return listing


def _bridge(name: str) -> Any:  # noqa: ANN401
    """A text field that nobody sees: page.js writes into it what a button of our HTML asks for, never the same twice.

    Listen to its ``change``: Gradio tells of ``input`` only where keys were pressed.
    """
    return gradio.Textbox(visible="hidden", elem_id=f"bridge-{name}", elem_classes="bridge", label=f"bridge {name}")


def _names_and_paths(payload: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - what Gradio calls ListFiles
    return [(str(file.orig_name or Path(file.path).name), str(file.path)) for file in payload or ()]


def _first_paint() -> str:
    return '<div class="welcome"><h2 class="headline">Answers you can check</h2></div>'
