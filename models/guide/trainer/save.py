"""Writes what the GGUF is made of: `weights.f32` and its description, `model.json`."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from .bpe import CONTROLS, Tokenizer
from .transformer import Shape, Transformer


def save(folder: Path) -> None:
    shape = Shape()
    model = Transformer(shape)
    model.load_state_dict(torch.load(folder / "model.pt"), strict=False)
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    # Our names are llama.cpp's already.
    weights = [(name, weight.detach().contiguous()) for name, weight in model.named_parameters()]
    with (folder / "weights.f32").open("wb") as file:
        for _, weight in weights:
            file.write(weight.numpy().astype("<f4").tobytes())
    description = {
        "shape": asdict(shape),
        "tokens": tokenizer.tokens,
        "controls": CONTROLS,
        "merges": [" ".join(pair) for pair in tokenizer.merges],
        # Innermost first, as GGUF has it.
        "tensors": [{"name": name, "shape": list(reversed(weight.shape))} for name, weight in weights],
    }
    (folder / "model.json").write_text(json.dumps(description))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide")
    save(Path(parser.parse_args().folder))


if __name__ == "__main__":
    main()
