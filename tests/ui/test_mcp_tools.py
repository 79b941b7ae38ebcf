"""The tools as an agent meets them, through the protocol's own client and a real process."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from index import Index
from index.embed import Encoder

from ..helpers import write_files

mcp = pytest.importorskip("mcp")


async def _call(store: Path, calls: list[tuple[str, dict[str, Any]]]) -> tuple[list[str], list[tuple[bool, str]]]:
    command = mcp.StdioServerParameters(command=sys.executable, args=["-m", "qa.cli", "mcp", "--store", str(store)])
    async with mcp.Client(command) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
        results = [await client.call_tool(name, arguments) for name, arguments in calls]
    return names, [(result.is_error, "\n".join(part.text for part in result.content)) for result in results]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_ask_search_and_show(tmp_path: Path, real_encoder: Encoder) -> None:
    text = "# Pump\n\nThe pump needs a voltage of 12 V.\n"
    with Index.open(tmp_path / "store", encoder=real_encoder) as index:
        index.sync(write_files(tmp_path / "documents", {"pump.md": text}))
    names, results = asyncio.run(
        _call(
            tmp_path / "store",
            [
                ("ask", {"question": "What voltage does the pump need?"}),
                ("search", {"query": "voltage"}),
                ("show", {"source": "pump.md", "start": 8, "length": 8}),
                ("show", {"source": "nowhere.md"}),
                ("ask", {"question": ""}),
                ("search", {"query": "x", "top_k": 1000}),
            ],
        )
    )
    assert names == ["ask", "search", "show"]
    answer = json.loads(results[0][1])
    assert answer["answered"]
    citation = answer["citations"][0]
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert json.loads(results[1][1])["source"] == "pump.md"
    assert json.loads(results[2][1])["text"] == text[8:16]
    assert [error for error, _ in results] == [False, False, False, True, True, True]
    assert "'nowhere.md'" in results[3][1]
