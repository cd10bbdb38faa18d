"""Trains the guide: `python3 -m trainer.train --tokens 20000000`. Goes on from the last checkpoint where there is one.

Two processes, one thread each, share the weights and the work of each batch: on two cores that are also used for other things this is twice as
fast as two threads in one process, since they meet once a step and not in each multiplication.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from .beginning import begin_embeddings
from .bpe import Tokenizer, learn_merges
from .dialogues import Dialogues
from .muon import Muon
from .packing import UNTAUGHT, Batch, Packer
from .shared import Shared
from .transformer import Shape, Transformer

TOKENIZER_SAMPLE = 30_000
"""Tokens that a process takes at a time."""
SHARE = 1024
INTENT_WEIGHT = 1.0


def make_tokenizer(folder: Path, vocabulary: int, seed: int) -> Tokenizer:
    file = folder / "tokenizer.json"
    if not file.exists():
        dialogues = Dialogues(seed)
        made = (dialogues.dialogue(2) for _ in range(TOKENIZER_SAMPLE))
        texts = (text for dialogue in made for text in ["user\n", "assistant\n", "system\n", dialogue.wishes.prompt or "", *(part for turn in dialogue.turns for part in turn)])
        Tokenizer(learn_merges(texts, vocabulary)).save(file)
    return Tokenizer.load(file)


def schedule(done: float, decay_from: float) -> float:
    """Warm-up over the first hundredth, full rate, then down to nearly nothing in a straight line."""
    if done < 0.01:
        return max(0.05, done / 0.01)
    return min(1.0, max(0.02, (1 - done) / (1 - decay_from)))


def row_length(step: int, done: float) -> int:
    """Mostly short rows, which are quick; later some long ones, so that the guide can read a whole context."""
    if done > 0.3 and step % 100 == 99:
        return 2048
    if done > 0.3 and step % 33 == 32:
        return 1024
    return (128, 256, 128, 128, 256, 128, 512)[step % 7]


def loss_of(model: Transformer, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the guide's words, and of what the questions are about."""
    states, middle = model(batch.tokens, batch.mask)
    taught, asked = batch.targets != UNTAUGHT, batch.intents != UNTAUGHT
    begun = F.layer_norm(middle[asked], middle.shape[-1:])
    return F.cross_entropy(model.logits(states[taught]), batch.targets[taught]), F.cross_entropy(model.intent(begun), batch.intents[asked])


def begin(model: Transformer, tokenizer: Tokenizer, folder: Path, seed: int) -> None:
    """From the last checkpoint, or from embeddings that know what questions are about."""
    if (folder / "model.pt").exists():
        model.load_state_dict(torch.load(folder / "model.pt"), strict=False)
    else:
        model.token_embd.weight.data.add_(begin_embeddings(tokenizer, model.shape.width, seed))


def work(rank: int, options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    torch.manual_seed(options.seed)
    packer = Packer(Tokenizer.load(folder / "tokenizer.json"))
    model = Transformer(Shape(), len(packer.intents))
    if rank == 0:
        begin(model, packer.tokenizer, folder, options.seed)
    shared = Shared(folder / "shared", model, rank, options.workers)
    shared.lend(model)
    weights = list(model.named_parameters())
    mine = [(name, weight.data) for name, weight in weights[rank :: options.workers]]
    optimizer = Muon(mine, options.rate, options.adam_rate)
    state_file, step, seen, spent = folder / f"optimizer-{rank}.pt", 0, 0, 0.0
    if state_file.exists():
        saved = torch.load(state_file)
        optimizer.restore(saved["state"], saved["steps"])
        step, seen, spent = saved["step"], saved["seen"], saved["seconds"]
    begun, seen_before, smooth = time.time(), seen, None
    while True:
        if rank == 0:
            shared.progress[0] = min(1.0, max(seen / options.tokens, (time.time() - begun) / 60 / options.minutes))
        shared.meet()
        done = float(shared.progress[0])
        length = row_length(step, done)
        rows = max(1, SHARE // length)
        shares = max(1, options.batch // (rows * length))
        for gradient in shared.gradients[rank].values():
            gradient.zero_()
        shared.meet()
        for share in shared.shares(shares):
            loss, about = loss_of(model, packer.batch((options.seed * 1_000_003 + step) * 1_009 + share, rows, length))
            model.zero_grad(set_to_none=True)
            (loss + INTENT_WEIGHT * about).backward()
            for name, weight in weights:
                shared.gradients[rank][name].add_(weight.grad, alpha=1 / shares)
            losses = loss.item(), about.item()
            smooth = losses if smooth is None else tuple(old * 0.95 + new * 0.05 for old, new in zip(smooth, losses))
        shared.meet()
        optimizer.step({name: sum(part[name] for part in shared.gradients) for name, _ in mine}, schedule(done, options.decay_from))
        step, seen = step + 1, seen + rows * length * shares
        shared.taken[0] = 0
        shared.meet()
        finished, took = done >= 1, time.time() - begun
        if rank == 0 and smooth is not None and (step % 20 == 0 or finished):
            line = {"step": step, "tokens": seen, "loss": round(smooth[0], 4), "intent_loss": round(smooth[1], 4), "seconds": round(spent + took), "speed": round((seen - seen_before) / took)}
            with (folder / "log.jsonl").open("a") as log:
                log.write(json.dumps(line) + "\n")
        if step % options.save_every == 0 or finished:
            torch.save({"state": optimizer.state, "steps": optimizer.steps, "step": step, "seen": seen, "seconds": spent + took}, state_file)
            if rank == 0:
                torch.save({name: weight.clone() for name, weight in model.state_dict().items()}, folder / "model.pt.part")
                (folder / "model.pt.part").rename(folder / "model.pt")
            shared.meet()
        if finished:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide", help="checkpoints, log and tokenizer")
    parser.add_argument("--tokens", type=int, default=12_000_000)
    parser.add_argument("--minutes", type=float, default=1e6, help="ends by then, whatever it has seen; for a last stretch")
    parser.add_argument("--batch", type=int, default=3072, help="tokens a step")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--adam-rate", type=float, default=0.003)
    parser.add_argument("--decay-from", type=float, default=0.5)
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rank", type=int, default=0, help="set by the first process for the others")
    options = parser.parse_args()
    folder = Path(options.folder)
    torch.set_num_threads(1)
    others = []
    if options.rank == 0:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "shared").unlink(missing_ok=True)
        make_tokenizer(folder, Shape().vocabulary, options.seed)
        arguments = [f"--{key.replace('_', '-')}={value}" for key, value in vars(options).items() if key != "rank"]
        command = [sys.executable, "-m", "trainer.train", *arguments]
        others = [subprocess.Popen([*command, f"--rank={rank}"]) for rank in range(1, options.workers)]
    work(options.rank, options)
    if any([other.wait() for other in others]):
        sys.exit("A process of the training failed.")
    (folder / "shared").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
