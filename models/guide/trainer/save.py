"""Describes what the training wrote, `weights.f32`, for `scripts/model-guide-pack.ts`: the shape and the tokenizer, as `model.json`."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from .bpe import ABOUTS, CONTROLS, Tokenizer
from .shape import Shape


def save(folder: Path) -> None:
    shape = Shape()
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    description = {
        "shape": asdict(shape),
        "tokens": tokenizer.tokens,
        "controls": [*CONTROLS, *ABOUTS],
        "merges": [" ".join(pair) for pair in tokenizer.merges],
        # Innermost first, as GGUF has it.
        "tensors": [{"name": name, "shape": list(reversed(size))} for name, size in shape.tensors()],
    }
    (folder / "model.json").write_text(json.dumps(description))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide")
    save(Path(parser.parse_args().folder))


if __name__ == "__main__":
    main()
