"""Our index and assistant inside LlamaIndex: a retriever, a query engine, and a tool for agents.

Nodes carry the document's own offsets (``start_char_idx``, ``end_char_idx``), which LlamaIndex's splitters do not keep
reliably. Importing this module imports LlamaIndex, which takes a second; nothing else here does.
"""

from collections.abc import Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from llama_index.core.tools import QueryEngineTool

from index import Filter, Index, Passage
from qa.assistant import Assistant
from qa.types import Answer

_HIDDEN = ["document_id", "start", "end"]
"""Of use to programs; a model or an embedder would only be distracted."""


class PassageRetriever(BaseRetriever):
    """Our search as a LlamaIndex retriever."""

    def __init__(self, index: Index, *, top_k: int = 8, where: Filter | None = None) -> None:
        """Take an open index, which stays the caller's to close."""
        self._index = index
        self._top_k = top_k
        self._where = where
        super().__init__(callback_manager=CallbackManager([]))

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        result = self._index.search(query_bundle.query_str, top_k=self._top_k, where=self._where)
        return [node_of(passage) for passage in result.passages]


class AssistantQueryEngine(BaseQueryEngine):
    """Our assistant as a LlamaIndex query engine.

    The response's text has citation markers; its ``source_nodes`` are the cited sentences, ``[1]`` first, and
    ``metadata`` is :meth:`qa.types.Answer.to_dict`. An abstention is a response without source nodes.
    """

    def __init__(self, assistant: Assistant, *, where: Filter | None = None) -> None:
        """Take an open assistant, which stays the caller's to close."""
        self._assistant = assistant
        self._where = where
        super().__init__(callback_manager=CallbackManager([]))

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._assistant.ask(query_bundle.query_str, where=self._where)
        return Response(answer.marked_text, _cited(answer), answer.to_dict())

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        return self._query(query_bundle)  # SQLite's connection belongs to this thread

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def assistant_tool(
    assistant: Assistant, *, name: str = "ask_documents", description: str = "", where: Filter | None = None
) -> QueryEngineTool:
    """A tool that lets an agent ask the documents; what it gets is checked and cited, or a plain "not in there"."""
    return QueryEngineTool.from_defaults(
        AssistantQueryEngine(assistant, where=where),
        name=name,
        description=description
        or "Answers a question from the user's documents, with citations, or says that they do not answer it.",
    )


def node_of(passage: Passage) -> NodeWithScore:
    """A passage as LlamaIndex's node."""
    document, chunk = passage.document, passage.chunk
    node = _node(
        chunk.id, chunk.text, chunk.start, chunk.end, document.id,
        source=document.source, title=document.title, page=passage.page, heading=passage.heading,
    )  # fmt: skip
    return NodeWithScore(node=node, score=passage.score)


def _cited(answer: Answer) -> list[NodeWithScore]:
    return [
        NodeWithScore(
            node=_node(
                f"{c.document_id}:{c.start}-{c.end}", c.quote, c.start, c.end, c.document_id,
                source=c.source, title=c.title, page=c.page, heading=c.heading,
            ),
            score=answer.confidence,
        )
        for c in answer.citations
    ]  # fmt: skip


def _node(node_id: str, text: str, start: int, end: int, document_id: str, **metadata: Any) -> TextNode:  # noqa: ANN401
    shown: dict[str, Any] = {name: value for name, value in metadata.items() if value is not None}
    hidden: Sequence[str] = _HIDDEN
    return TextNode(
        id_=node_id,
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={**shown, "document_id": document_id, "start": start, "end": end},
        excluded_llm_metadata_keys=list(hidden),
        excluded_embed_metadata_keys=list(hidden),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document_id)},
    )
