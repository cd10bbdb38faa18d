"""Compares the gradient of the native training with PyTorch's: `python3 -m trainer.check --trainer FILE --tokenizer FILE`. Needs PyTorch."""

import argparse
import subprocess
import tempfile
from pathlib import Path

import torch
import torch.nn.functional as F

from .beginning import flat
from .bpe import ABOUTS, Tokenizer
from .corpus import conversations, record
from .dialogues import Dialogues
from .encode import Encoded
from .shape import Shape
from .transformer import Transformer

ABOUT_EMPHASIS = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainer", required=True)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--count", type=int, default=12)
    options = parser.parse_args()
    shape = Shape()
    numbers = {name: number for number, name in enumerate(Dialogues(0).intents())}
    intents = len(ABOUTS)
    made = conversations(Tokenizer.load(Path(options.tokenizer)), numbers, 7, shape.context)
    some = [next(made) for _ in range(options.count)]
    with tempfile.TemporaryDirectory() as folder:
        given = {"vocabulary": shape.vocabulary, "width": shape.width, "layers": shape.layers, "heads": shape.heads, "inner": shape.feed_forward, "context": shape.context, "intents": intents,
                 "rate": 0, "adam-rate": 0, "check": 1, "folder": folder}
        torch.manual_seed(1)
        model = Transformer(shape, intents)
        Path(folder, "beginning.f32").write_bytes(flat(model))
        words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
        for one in some:
            ran = subprocess.run([options.trainer, *words], input=record(one), stdout=subprocess.PIPE, check=True)
            gradient = torch.frombuffer(bytearray(Path(folder, "gradient.f32").read_bytes()), dtype=torch.float32)
            compare(model, one, gradient, ran.stdout.decode())


def compare(model: Transformer, one: Encoded, gradient: torch.Tensor, printed: str) -> None:
    shape, gradients = model.shape, {}
    for (name, weight), part in zip(model.named_parameters(), gradient.split([weight.numel() for weight in model.parameters()])):
        gradients[name] = part.view_as(weight)
    model.zero_grad()
    tokens = torch.tensor([one.tokens])
    length = len(one.tokens)
    states, middle = model(tokens, torch.full((1, 1, length, length), float("-inf")).triu(1))
    taught = [place - 1 for place, is_taught in enumerate(one.taught) if is_taught]
    asked = [place for place, _ in one.intents]
    targets = tokens[0, [place + 1 for place in taught]]
    losses = F.cross_entropy(model.logits(states[0, taught]), targets, reduction="none")
    emphasis = torch.where(targets >= shape.texts, ABOUT_EMPHASIS, 1.0)
    about = F.cross_entropy(model.intent(F.layer_norm(middle[0, asked], [shape.width])), torch.tensor([number for _, number in one.intents]), reduction="sum") if asked else torch.zeros(())
    ((losses * emphasis).sum() + about).backward()
    alike = {name: F.cosine_similarity(gradients[name].flatten(), weight.grad.flatten(), dim=0).item() for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.norm() > 0}
    sizes = [(gradients[name].norm() / weight.grad.norm()).item() for name, weight in model.named_parameters() if weight.grad is not None and weight.grad.norm() > 0]
    worst = min(alike, key=alike.get)
    print(f"{length} tokens, loss {losses.sum().item():.4f} {about.item():.4f}, native {printed.strip()}; least alike {worst} {alike[worst]:.5f}; sizes {min(sizes):.4f} to {max(sizes):.4f}")


if __name__ == "__main__":
    main()
