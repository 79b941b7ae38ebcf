"""Our assistant as a tool of a LlamaIndex agent: python examples/llamaindex_agent.py STORE "QUESTION" MODEL@ADDRESS.

The model must call tools, for instance qwen2.5:7b-instruct@http://127.0.0.1:11434/v1 (Ollama).
"""

import asyncio
import sys
from typing import Any

from llama_index.core.agent.workflow import FunctionAgent

from qa import Assistant
from qa.llamaindex import assistant_tool


async def ask(assistant: Assistant, question: str, llm: Any) -> str:  # noqa: ANN401 - any LLM of LlamaIndex
    """What the agent says, after it has asked the documents."""
    agent = FunctionAgent(
        tools=[assistant_tool(assistant)],
        llm=llm,
        system_prompt="Answer from the documents with the tool. Keep its citation markers.",
    )
    return str(await agent.run(user_msg=question))


def main(store: str, question: str, model: str) -> None:
    """Ask a model that a server holds."""
    from llama_index.llms.openai_like import OpenAILike

    name, _, address = model.partition("@")
    llm = OpenAILike(model=name, api_base=address, api_key="none", is_chat_model=True, is_function_calling_model=True)
    with Assistant.open(store, read_only=True) as assistant:
        print(asyncio.run(ask(assistant, question, llm)))


if __name__ == "__main__":
    main(*sys.argv[1:4])
