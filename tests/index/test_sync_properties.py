"""Whatever happens to a folder, in whatever order: after a sync the store is that folder."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from index import Index, Progress

from ..helpers import HashEncoder, write_files

_NAMES = st.sampled_from(["a.txt", "b.md", "deep/c.txt", "deep/d e.md", "f.txt"])
_BROKEN = b"\x89PNG\r\n\x1a\n" + bytes(64)


def _unique_word(number: int) -> str:
    """A word that no other number has and that no stemmer changes."""
    return "q" + "".join("bdfghkmnpz"[int(digit)] for digit in f"{number:04}") + "o"


def _texts(files: dict[str, bytes]) -> set[tuple[str, bytes]]:
    """Contents with their format, which decides how they are read."""
    return {(Path(name).suffix, content) for name, content in files.items()}


class FolderAndStore(RuleBasedStateMachine):
    """``files`` is what lies in the folder, ``indexed`` what the store must hold after the last sync; by source."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp())
        self.folder = write_files(self.place / "folder", {})
        self.files: dict[str, bytes] = {}
        self.indexed: dict[str, bytes] = {}
        self.synced = True
        self.written = 0
        self.encoder = HashEncoder(dimension=16)

    @initialize()
    def open(self) -> None:
        self.index = Index.open(self.place / "store", encoder=self.encoder)

    def teardown(self) -> None:
        self.index.close()
        shutil.rmtree(self.place)

    @rule(name=_NAMES, sections=st.integers(1, 4))
    def write(self, name: str, sections: int) -> None:
        """Add or change a file. Most of its text is shared with others; one word is its own."""
        self.written += 1
        parts = [f"# Part {number}\n\nThe pump of part {number} is red. It runs.\n\n" for number in range(sections)]
        parts.insert(sections // 2, f"The word here is {_unique_word(self.written)}.\n\n")
        self._put(name, "".join(parts).encode())

    @rule(name=_NAMES)
    def break_file(self, name: str) -> None:
        self._put(name, _BROKEN)

    @precondition(lambda self: self.files)
    @rule(data=st.data(), name=_NAMES)
    def copy(self, data: st.DataObject, name: str) -> None:
        self._put(name, self.files[data.draw(st.sampled_from(sorted(self.files)))])

    @precondition(lambda self: self.files)
    @rule(data=st.data(), name=_NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.files)))
        content = self.files.pop(old)
        (self.folder / old).unlink()
        self._put(name, content)

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        del self.files[name]
        (self.folder / name).unlink()
        self.synced = False

    @rule()
    def reopen(self) -> None:
        self.index.close()
        self.open()

    @rule()
    def sync(self) -> None:
        before = dict(self.indexed)
        readable = {name: content for name, content in self.files.items() if content != _BROKEN}
        kept = {name: before[name] for name in self.files if name not in readable and name in before}
        self.indexed = {**readable, **kept}
        self.encoder.encoded.clear()
        report = self.index.sync(self.folder)
        self.synced = True
        assert len(report.failed) == len(self.files) - len(readable)
        assert report.added + report.updated + report.renamed + report.unchanged == len(readable)
        assert report.unchanged == sum(before.get(name) == content for name, content in readable.items())
        assert len(set(self.encoder.encoded)) == len(self.encoder.encoded), "a text was embedded twice"
        if _texts(readable) <= _texts(before):
            assert self.encoder.encoded == [], "nothing new was to be embedded"

    @rule(calls=st.integers(0, 6))
    def interrupt(self, calls: int) -> None:
        """Stop a sync in the middle. What it left is taken as found; the next one must mend it."""
        left = calls

        def stop(_: Progress) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

        try:
            self.index.sync(self.folder, progress=stop)
            self.synced = True
        except KeyboardInterrupt:
            self.synced = False
        self.indexed = {item.source: self.index.document(item.source).text.encode() for item in self.index.documents()}
        assert self.index.verify() == []

    @precondition(lambda self: self.synced)
    @invariant()
    def the_store_is_the_folder(self) -> None:
        catalog = self.index._catalog
        assert {item.source: self.index.document(item.source).text.encode() for item in self.index.documents()} == (
            self.indexed
        )
        assert catalog.problems() == []
        used = {row[0] for row in catalog._connection.execute("SELECT DISTINCT vector_key FROM chunks")}
        assert set(catalog.vector_keys()) == used
        if self.index._chroma is not None:
            assert self.index._chroma.keys() == used

    @precondition(lambda self: self.synced and self.indexed)
    @rule()
    def each_document_is_found_by_its_word(self) -> None:
        for source, content in self.indexed.items():
            word = next(word for word in content.decode().replace(".", " ").split() if word.startswith("q"))
            passages = self.index.search(word, top_k=20).passages
            assert word in passages[0].chunk.text
            holders = [passage for passage in passages if word in passage.chunk.text]  # several if it was copied
            assert source in {name for passage in holders for name in (passage.document.source, *passage.duplicates)}

    def _put(self, name: str, content: bytes) -> None:
        write_files(self.folder, {name: content})
        self.files[name] = content
        self.synced = False


@pytest.mark.timeout(120)
class TestFolderAndStore(FolderAndStore.TestCase):  # type: ignore[misc, valid-type]
    settings = settings(
        max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
