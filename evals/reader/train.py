"""Train the reader: MiniLM with a span head; a question that its passage does not answer points at the first token.

    python -m evals.reader.train --base FOLDER --data FOLDER --out FOLDER [--tokens 8000000] [--never FILE ...]

What the folders hold is said in docs/reader.md. A run with the same seed sees the same batches; killed, it goes on from
its last checkpoint. About 2,500 tokens a second on two idle cores, in 32 bits: in bf16 it is 1,600 there, since the
processor multiplies its matrices no faster and every operation converts.
"""

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertForQuestionAnswering

from evals.reader.example import Example
from evals.reader.overlap import unmeasured_examples

_MAX_LENGTH = 320
"""Question and passage together; longer passages are cut here (they are read in windows when answering)."""
_TOKENS_PER_BATCH = 4096
_MULTIPLE = 16
"""Batches are padded to a multiple of this, so that the kernels made for one shape serve many."""
_LEARNING_RATE = 2e-4
"""Of the trial that this grew from; half of it learns visibly slower in the first million tokens. A later round is
better off with a third: with this rate its model alone reads worse (SQuAD F1 72.0) than what it began from (75.7)."""
_WARM_UP_TOKENS = 300_000
_DECAY = 0.35
"""Share of the tokens over which the learning rate falls to zero, in a line; before, it stays (so that a run can be
made longer while it runs, which a rate that falls from the start does not allow; Hu et al. 2024, MiniCPM)."""
_CHECKPOINT_SECONDS = 240


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids, where the passage begins, and the answer's first and last token (0, 0: not there)."""

    ids: list[int]
    passage_start: int
    start: int
    end: int


def encode(examples: Sequence[Example], tokenizer: object) -> list[Encoded]:
    """Tokenise; examples whose answer lies beyond the window are left out."""
    encoded = []
    for first in range(0, len(examples), 512):
        part = examples[first : first + 512]
        batch = tokenizer(  # type: ignore[operator]
            [example.question for example in part],
            [example.passage for example in part],
            truncation="only_second",
            max_length=_MAX_LENGTH,
            return_offsets_mapping=True,
        )
        for row, example in enumerate(part):
            sequence = batch.sequence_ids(row)
            offsets = batch["offset_mapping"][row]
            begin = sequence.index(1) if 1 in sequence else len(sequence)
            start = end = 0
            if example.start is not None and example.end is not None:
                inside = [
                    i for i, part_of in enumerate(sequence)
                    if part_of == 1 and offsets[i][0] < example.end and offsets[i][1] > example.start
                ]  # fmt: skip
                if not inside:
                    continue
                start, end = inside[0], inside[-1]
            encoded.append(Encoded(batch["input_ids"][row], begin, start, end))
    return encoded


def batches(encoded: Sequence[Encoded], rng: random.Random) -> Iterator[list[Encoded]]:
    """All examples in batches of like length and about equal numbers of tokens, in random order, for ever."""
    while True:
        order = sorted(encoded, key=lambda item: len(item.ids) + rng.random() * 24)
        groups: list[list[Encoded]] = []
        group: list[Encoded] = []
        for item in order:
            if group and (len(group) + 1) * max(len(item.ids), len(group[-1].ids)) > _TOKENS_PER_BATCH:
                groups.append(group)
                group = []
            group.append(item)
        groups.append(group)
        rng.shuffle(groups)
        yield from groups


def collate(group: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Padded tensors of one batch."""
    longest = max(len(item.ids) for item in group)
    length = -(-longest // _MULTIPLE) * _MULTIPLE
    ids = torch.zeros(len(group), length, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for row, item in enumerate(group):
        ids[row, : len(item.ids)] = torch.tensor(item.ids)
        mask[row, : len(item.ids)] = 1
        types[row, item.passage_start : len(item.ids)] = 1
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "token_type_ids": types,
        "start_positions": torch.tensor([item.start for item in group]),
        "end_positions": torch.tensor([item.end for item in group]),
    }


def train(
    base: Path, data: Path, out: Path, *, tokens: int, seed: int, never: Sequence[Path], peak: float = _LEARNING_RATE
) -> None:
    """Train until ``tokens`` have been seen, but on no passage that shares twelve words in a row with ``never``."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    tokenizer = AutoTokenizer.from_pretrained(base)
    encoded = encode(unmeasured_examples(data, rng, never), tokenizer)
    print(f"{len(encoded)} examples, {sum(len(e.ids) for e in encoded)} tokens an epoch", flush=True)
    # Without dropout a step takes a third less time, and in little more than one epoch nothing is learnt by heart.
    model = BertForQuestionAnswering.from_pretrained(
        base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager"
    )
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
        lr=peak,
        fused=True,
    )
    seen, steps = 0, 0
    checkpoint = out / "checkpoint.pt"
    source = batches(encoded, rng)
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        for _ in range(state["steps"]):  # the same batches as before, so that none is seen twice
            next(source)
        seen, steps = state["seen"], state["steps"]
        print(f"going on after {steps} steps", flush=True)
    model.train()
    saved, losses = time.monotonic(), []
    log = (out / "log.jsonl").open("a")
    while seen < tokens:
        batch = collate(next(source))
        rate = peak * min(1.0, (seen + 4096) / _WARM_UP_TOKENS, (1 - seen / tokens) / _DECAY)
        for setting in optimiser.param_groups:
            setting["lr"] = rate
        loss = model(**batch).loss
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        steps += 1
        seen += int(batch["attention_mask"].sum())
        losses.append(float(loss.detach()))
        if steps % 25 == 0:
            line = {
                "steps": steps,
                "tokens": seen,
                "loss": round(sum(losses[-25:]) / 25, 4),
                "time": round(time.time()),
            }
            print(json.dumps(line), file=log, flush=True)
        if time.monotonic() - saved > _CHECKPOINT_SECONDS or seen >= tokens:
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "seen": seen, "steps": steps}
            torch.save(state, checkpoint.with_suffix(".tmp"))
            checkpoint.with_suffix(".tmp").replace(checkpoint)
            saved = time.monotonic()
    model.save_pretrained(out / "model")
    tokenizer.save_pretrained(out / "model")


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2 at full precision")
    parser.add_argument("--data", type=Path, required=True, help="folder with squadshifts-*.json and qamr/")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tokens", type=int, default=8_000_000)
    parser.add_argument("--seed", type=int, default=20261122, help="of another cycle: another, for other examples")
    parser.add_argument("--rate", type=float, default=_LEARNING_RATE, help="the highest learning rate")
    parser.add_argument("--never", type=Path, nargs="*", default=[], help="files of what measures the reader")
    options = parser.parse_args()
    torch.set_num_threads(2)
    train(
        options.base,
        options.data,
        options.out,
        tokens=options.tokens,
        seed=options.seed,
        never=options.never,
        peak=options.rate,
    )


if __name__ == "__main__":
    main()
