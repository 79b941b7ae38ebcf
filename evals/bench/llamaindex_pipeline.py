"""The pipeline a LlamaIndex user would write, as its own process: the yardstick of ``evals.bench.speed``.

python -m evals.bench.llamaindex_pipeline index|ask MODEL FOLDER STORE [QUESTION]
"""

import json
import sys
import time
from pathlib import Path

import chromadb
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.chroma import ChromaVectorStore

CHUNK_TOKENS = 200
"""tiktoken tokens: about the length of our chunks, and short enough for the embedder to read whole."""


def main() -> None:
    """Index a folder of text files, or ask an index."""
    action, model, folder, store, *question = sys.argv[1:]
    embedder = HuggingFaceEmbedding(model_name=model)
    collection = chromadb.PersistentClient(store).get_or_create_collection("documents")
    vectors = ChromaVectorStore(chroma_collection=collection)
    begun = time.perf_counter()
    if action == "index":
        documents = [
            Document(text=path.read_text(), metadata={"source": path.name}) for path in Path(folder).glob("*.txt")
        ]
        VectorStoreIndex.from_documents(
            documents,
            storage_context=StorageContext.from_defaults(vector_store=vectors),
            embed_model=embedder,
            transformations=[SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=0)],
        )
        result = {"chunks": collection.count()}
    else:
        retriever = VectorStoreIndex.from_vector_store(vectors, embed_model=embedder).as_retriever(similarity_top_k=8)
        result = {"found": len(retriever.retrieve(question[0]))}
    print(json.dumps({**result, "seconds": time.perf_counter() - begun}))


if __name__ == "__main__":
    main()
