"""Writes conversations for the training to stdout, without end, as `native/corpus.hpp` reads them."""

import argparse
import sys
from array import array
from collections.abc import Iterator
from pathlib import Path
from random import Random

from .bpe import Tokenizer
from .dialogues import Dialogues
from .encode import Encoded, Encoder
from .memory import ECHO

SPOKEN = 0x8000
WORKED_OUT = {"sum", "date", "list", "again", "told"}


def record(encoded: Encoded) -> bytes:
    """One conversation in 16-bit numbers."""
    spoken = (id | SPOKEN if taught else id for id, taught in zip(encoded.tokens, encoded.taught))
    asked = (number for pair in encoded.intents for number in pair)
    return array("H", [len(encoded.tokens), len(encoded.intents), *spoken, *asked]).tobytes()


def copy(encoder: Encoder, rng: Random) -> Encoded:
    """Any tokens to be said back: without this, copying, on which remembering rests, is learned last."""
    tokenizer, made = encoder.tokenizer, Encoded()
    ids = [rng.randrange(tokenizer.end_of_text) for _ in range(rng.randint(4, 24))]
    encoder.begin(made, "user")
    made.put(tokenizer.encode(rng.choice(ECHO).removesuffix("{x}")))
    made.put([*ids, tokenizer.end_of_turn, *tokenizer.encode("\n")])
    encoder.begin(made, "assistant")
    encoder.about(made, "again")
    made.put([*ids, tokenizer.end_of_turn], True)
    return made


def conversations(tokenizer: Tokenizer, numbers: dict[str, int], seed: int, longest: int, copies: float = 0.07) -> Iterator[Encoded]:
    """Mostly short ones; now and then one that fills a good part of a context. `copies`: the share of those of any tokens."""
    dialogues, encoder = Dialogues(seed), Encoder(tokenizer, numbers)
    rng = dialogues.rng
    while True:
        if rng.random() < copies:
            yield copy(encoder, rng)
            continue
        turns = rng.choice([1] * 16 + [2, 2, 2, 3, 3]) if rng.random() < 0.985 else rng.choice([4, 5, 6, 8]) if rng.random() < 0.96 else rng.randint(10, 40)
        dialogue = dialogues.dialogue(turns)
        # What is recited is learned soon; what is worked out needs its answer every time.
        answered = len(dialogue.turns) > 1 or dialogue.intents[0] in WORKED_OUT or rng.random() < 0.35
        encoded = encoder.encode(dialogue, answered, as_shown=rng.random() < 0.5)
        if len(encoded.tokens) <= longest:
            yield encoded


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=2048)
    parser.add_argument("--copies", type=float, default=0.07)
    options = parser.parse_args()
    numbers = {name: number for number, name in enumerate(Dialogues(0).intents())}
    try:
        for encoded in conversations(Tokenizer.load(Path(options.tokenizer)), numbers, options.seed, options.longest, options.copies):
            sys.stdout.buffer.write(record(encoded))
    except BrokenPipeError:
        sys.stderr.close()


if __name__ == "__main__":
    main()
