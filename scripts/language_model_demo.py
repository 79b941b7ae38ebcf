"""`make llm-demo`: questions about seeds/, written by a small language model on this machine and checked by our code.

python -m scripts.language_model_demo [--store .qa]
"""

import argparse
import os
import shlex
import subprocess
import sys

from evals.bench.llama_server import NAME, running_model
from index import AnswerableError

QUESTIONS = (
    "Who was the first to bring up sending western troops to Ukraine?",
    "Which battery pack is used in the P40?",
    "Who is the king of Spain?",
)
_ENVIRONMENT = {"QA_TOP_K": "3", "QA_MODEL_TIMEOUT": "600"}
"""A small model reads little at a time; without a graphics card it also reads slowly."""


def main() -> int:
    """Start the server, ask, print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", default=".qa")
    options = parser.parse_args()
    try:
        with running_model() as model:
            print(f"llama.cpp serves {NAME} as {model}; what the passages do not say is struck from its answers.")
            for question in QUESTIONS:
                shown = ["qa", "ask", question, "--model", model]
                print(f"\n$ {shlex.join(shown)}", flush=True)
                subprocess.run(
                    [sys.executable, "-m", "qa.cli", *shown[1:], "--store", options.store],
                    check=True,
                    env={**os.environ, **_ENVIRONMENT},
                )
    except AnswerableError as error:
        print(f"llm-demo: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
