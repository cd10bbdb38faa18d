"""Trains the guide: `python3 -m trainer.train --tokens 60000000`. Goes on from the last checkpoint where there is one.

Conversations are made while they are needed and go through a pipe to the native training, which this compiles for the machine it is on.
"""

import argparse
import struct
import subprocess
import sys
from pathlib import Path

from .bpe import ABOUTS, Tokenizer, learn_merges
from .dialogues import Dialogues
from .shape import Shape

SOURCES = Path(__file__).parent / "native"
TOKENIZER_SAMPLE = 30_000


def make_tokenizer(folder: Path, vocabulary: int, seed: int) -> Tokenizer:
    file = folder / "tokenizer.json"
    if not file.exists():
        dialogues = Dialogues(seed)
        made = (dialogues.dialogue(2) for _ in range(TOKENIZER_SAMPLE))
        texts = (text for dialogue in made for text in ["user\n", "assistant\n", "system\n", dialogue.wishes.prompt or "", *(part for turn in dialogue.turns for part in turn)])
        Tokenizer(learn_merges(texts, vocabulary)).save(file)
    return Tokenizer.load(file)


def make_beginning(folder: Path, tokenizer: Tokenizer, shape: Shape, seed: int) -> None:
    """The weights to begin with; PyTorch is needed for these alone."""
    file = folder / "beginning.f32"
    if not file.exists() and not (folder / "checkpoint.bin").exists():
        from .beginning import begin, flat

        file.write_bytes(flat(begin(tokenizer, shape, seed)))


def compile_training(folder: Path, compiler: str) -> Path:
    program = folder / "train"
    if not program.exists() or program.stat().st_mtime < max(file.stat().st_mtime for file in SOURCES.iterdir()):
        options = ["-std=c++20", "-Ofast", "-march=native", "-mprefer-vector-width=512", "-pthread", "-Wno-maybe-uninitialized"]
        subprocess.run([compiler, *options, "-o", program, SOURCES / "train.cpp"], check=True)
    return program


def tokens_seen(folder: Path) -> int:
    """By the checkpoint, whose second number this is."""
    file = folder / "checkpoint.bin"
    return struct.unpack("qq", file.read_bytes()[:16])[1] if file.exists() else 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide", help="checkpoints, log and tokenizer")
    parser.add_argument("--tokens", type=int, default=60_000_000)
    parser.add_argument("--minutes", type=float, default=1e6, help="ends by then, whatever it has seen; earlier runs count")
    parser.add_argument("--batch", type=int, default=2048, help="tokens a step")
    parser.add_argument("--chunk", type=int, default=640, help="tokens that a thread takes at a time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rate", type=float, default=0.012)
    parser.add_argument("--adam-rate", type=float, default=0.003)
    parser.add_argument("--decay-from", type=float, default=0.05)
    parser.add_argument("--restarts", type=int, default=2, help="short stretches after the first; each ends in a point of the mean")
    parser.add_argument("--restart-length", type=float, default=0.125, help="of each, as a share of the whole training")
    parser.add_argument("--restart-rate", type=float, default=0.4, help="at which each begins, as a share of the full rate")
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compiler", default="g++")
    options = parser.parse_args()
    folder, shape = Path(options.folder), Shape()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(folder, shape.texts, options.seed)
    make_beginning(folder, tokenizer, shape, options.seed)
    program = compile_training(folder, options.compiler)
    given = {
        "folder": folder, "vocabulary": shape.vocabulary, "width": shape.width, "layers": shape.layers, "heads": shape.heads, "inner": shape.feed_forward,
        "context": shape.context, "intents": len(ABOUTS),
        **{name.replace("_", "-"): value for name, value in vars(options).items() if name not in ("folder", "compiler", "seed")},
    }
    corpus = [sys.executable, "-m", "trainer.corpus", "--tokenizer", folder / "tokenizer.json", "--seed", str(options.seed + tokens_seen(folder))]
    with subprocess.Popen(corpus, stdout=subprocess.PIPE) as conversations, (folder / "log.jsonl").open("a") as log:
        words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        ended = subprocess.run([program, *words], stdin=conversations.stdout, stdout=log)
        conversations.kill()
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
