"""LlamaIndex gets our passages, answers and tool; the examples run."""

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from llama_index.core.base.llms.types import ChatMessage, ChatResponse, ChatResponseAsyncGen, LLMMetadata, MessageRole
from llama_index.core.llms.function_calling import FunctionCallingLLM
from llama_index.core.llms.llm import ToolSelection
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.response_synthesizers import ResponseMode, get_response_synthesizer

from index import Filter, Index
from qa import Assistant, Settings
from qa.llamaindex import AssistantQueryEngine, PassageRetriever, assistant_tool
from tests.helpers import ROOT, write_files

QUESTION = "How long does the battery of the lamp last?"
FACT = "The battery of the lamp lasts 18 hours on one charge."


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("llamaindex")
    write_files(
        place / "documents",
        {
            "lamp.txt": f"About lamps.\n\n{FACT} Charge it with the cable.\n",
            "hat.txt": "The hat is grey and made of felt.",
        },
    )
    with Assistant.open(place / "store", settings=Settings()) as made:
        made.index.sync(place / "documents")
    return place / "store"


@pytest.fixture
def assistant(store: Path) -> Iterator[Assistant]:
    with Assistant.open(store, settings=Settings(threshold=0.0), read_only=True) as opened:
        yield opened


def assert_places(index: Index, nodes: list[Any]) -> None:
    assert nodes
    for found in nodes:
        text = index.document(found.node.metadata["source"]).text
        assert text[found.node.start_char_idx : found.node.end_char_idx] == found.node.text


def test_nodes_have_the_documents_offsets(assistant: Assistant) -> None:
    nodes = PassageRetriever(assistant.index, top_k=2).retrieve(QUESTION)
    assert_places(assistant.index, nodes)
    assert FACT in nodes[0].node.get_content()
    assert nodes[0].score is not None
    assert nodes[0].node.source_node is not None
    assert nodes[0].node.source_node.node_id == assistant.index.document("lamp.txt").id


def test_filters_reach_the_search(assistant: Assistant) -> None:
    nodes = PassageRetriever(assistant.index, where=Filter(sources=("hat*",))).retrieve(QUESTION)
    assert {found.node.metadata["source"] for found in nodes} == {"hat.txt"}


def test_retrieving_works_inside_a_loop(assistant: Assistant) -> None:
    nodes = asyncio.run(PassageRetriever(assistant.index).aretrieve(QUESTION))
    assert_places(assistant.index, nodes)


def test_a_pipeline_of_llamaindex_reads_our_passages(assistant: Assistant) -> None:
    agent_llm = ScriptedLLM()
    engine = RetrieverQueryEngine(
        PassageRetriever(assistant.index),
        get_response_synthesizer(llm=agent_llm, response_mode=ResponseMode.COMPACT),
    )
    response = engine.query(QUESTION)
    assert FACT in agent_llm.seen[-1]
    assert "start_char" not in agent_llm.seen[-1]
    assert_places(assistant.index, response.source_nodes)


def test_the_query_engine_answers_and_cites(assistant: Assistant) -> None:
    response = AssistantQueryEngine(assistant).query(QUESTION)
    assert f"{FACT} [1]" in str(response)
    assert_places(assistant.index, response.source_nodes)
    assert response.metadata["answered"] is True  # type: ignore[index]


def test_the_query_engine_abstains(store: Path) -> None:
    with Assistant.open(store, settings=Settings(threshold=1.0), read_only=True) as strict:
        response = AssistantQueryEngine(strict).query("Who was the king of Spain?")
    assert response.source_nodes == []
    assert "do not answer" in str(response)


class ScriptedLLM(FunctionCallingLLM):
    """Calls the tool it is given with the user's question, then repeats what the tool said."""

    seen: list[str] = []  # noqa: RUF012 - pydantic copies it

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(is_function_calling_model=True, model_name="scripted", is_chat_model=True)

    def _prepare_chat_with_tools(  # type: ignore[override]
        self, tools: Any, user_msg: Any = None, chat_history: Any = None, **_: Any
    ) -> dict[str, Any]:
        assert [tool.metadata.name for tool in tools] == ["ask_documents"]
        messages = list(chat_history or [])
        return {"messages": [*messages, user_msg] if user_msg else messages}

    def get_tool_calls_from_response(  # type: ignore[override]
        self, response: ChatResponse, **_: Any
    ) -> list[ToolSelection]:
        return list(response.message.additional_kwargs.get("calls", []))

    def chat(self, messages: Any, **_: Any) -> ChatResponse:
        self.seen.append("\n".join(str(message.content) for message in messages))
        if messages[-1].role is MessageRole.TOOL:
            return ChatResponse(message=ChatMessage(role="assistant", content=f"They say: {messages[-1].content}"))
        call = ToolSelection(tool_id="1", tool_name="ask_documents", tool_kwargs={"input": QUESTION})
        return ChatResponse(message=ChatMessage(role="assistant", content="", additional_kwargs={"calls": [call]}))

    async def achat(self, messages: Any, **options: Any) -> ChatResponse:
        return self.chat(messages, **options)

    async def astream_chat(self, messages: Any, **options: Any) -> ChatResponseAsyncGen:
        async def pieces() -> ChatResponseAsyncGen:
            yield self.chat(messages, **options)

        return pieces()

    def stream_chat(self, messages: Any, **options: Any) -> Any:
        yield self.chat(messages, **options)

    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError

    async def acomplete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError

    def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError

    async def astream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
        raise NotImplementedError


def example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # LlamaIndex's workflows look at every attribute
def test_an_agent_asks_with_our_tool(assistant: Assistant) -> None:
    said = asyncio.run(example("llamaindex_agent").ask(assistant, QUESTION, ScriptedLLM()))
    assert said.startswith("They say:")
    assert f"{FACT} [1]" in said


@pytest.mark.parametrize(
    ("name", "shown"),
    [("llamaindex_retriever", "lamp.txt 14-"), ("llamaindex_query_engine", f"[1] lamp.txt: '{FACT}'")],
)
def test_examples_run(name: str, shown: str, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example(name).main(str(store), QUESTION)
    printed = capsys.readouterr().out
    assert shown in printed or FACT in printed


def test_the_tool_describes_itself(assistant: Assistant) -> None:
    tool = assistant_tool(assistant)
    assert tool.metadata.name == "ask_documents"
    assert "documents" in tool.metadata.description
