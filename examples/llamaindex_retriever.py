"""Our search inside a LlamaIndex pipeline: python examples/llamaindex_retriever.py STORE "QUESTION"."""

import sys

from index import Index
from qa.llamaindex import PassageRetriever


def main(store: str, question: str) -> None:
    """Print the passages with their exact places."""
    with Index.open(store, read_only=True) as index:
        for found in PassageRetriever(index, top_k=3).retrieve(question):
            node = found.node
            print(f"{node.metadata['source']} {node.start_char_idx}-{node.end_char_idx}: {node.get_content()[:80]!r}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
