"""Our checked answers as a LlamaIndex query engine: python examples/llamaindex_query_engine.py STORE "QUESTION"."""

import sys

from qa import Assistant
from qa.llamaindex import AssistantQueryEngine


def main(store: str, question: str) -> None:
    """Print the answer and what it cites."""
    with Assistant.open(store, read_only=True) as assistant:
        response = AssistantQueryEngine(assistant).query(question)
        print(response)
        for number, found in enumerate(response.source_nodes, 1):
            print(f"[{number}] {found.node.metadata['source']}: {found.node.get_content()!r}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
