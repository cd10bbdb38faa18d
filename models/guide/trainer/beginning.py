"""The weights before the training.

The token embeddings begin with what each token says about the question that it stands in: a linear classifier of questions by the tokens
in them is trained in seconds, and the main directions of its weights, turned at random, are where they begin. Words of one meaning thus begin
near each other, and the training need not find that out by itself.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .bpe import ABOUTS, Tokenizer
from .copying import lay_in_copying
from .dialogues import Dialogues
from .shape import Shape
from .transformer import Transformer

QUESTIONS = 50_000
BATCH = 512
ROUNDS = 2


def begin(tokenizer: Tokenizer, shape: Shape, seed: int) -> Transformer:
    torch.manual_seed(seed)
    model = Transformer(shape, len(ABOUTS))
    model.token_embd.weight.data.add_(begin_embeddings(tokenizer, shape.width, seed))
    lay_in_copying(model)
    return model


def flat(model: nn.Module) -> bytes:
    """All weights in 32 bits, in the order of the model, which is that of the native training."""
    return b"".join(weight.detach().contiguous().numpy().astype("<f4").tobytes() for weight in model.parameters())


def begin_embeddings(tokenizer: Tokenizer, width: int, seed: int, deviation: float = 0.05) -> Tensor:
    """One row a token, with the given root mean square."""
    dialogues = Dialogues(seed)
    numbers = {name: number for number, name in enumerate(dialogues.intents())}
    asked: list[tuple[list[int], int]] = []
    while len(asked) < QUESTIONS:
        made = dialogues.dialogue(1)
        if made.intents:
            asked.append((sorted(set(tokenizer.encode(made.turns[0][0]))), numbers[made.intents[0]]))
    weights = classify(asked, len(tokenizer.tokens), len(numbers))
    left, sizes, _ = torch.linalg.svd(weights - weights.mean(1, keepdim=True), full_matrices=False)
    turn, _ = torch.linalg.qr(torch.randn(width, width))
    rows = (left[:, :width] * sizes[:width].sqrt()) @ turn
    return rows * (deviation / rows.square().mean().sqrt())


def classify(asked: list[tuple[list[int], int]], tokens: int, kinds: int) -> Tensor:
    """The weight of each token for each kind of question."""
    weights, bias = nn.EmbeddingBag(tokens, kinds, mode="sum"), torch.zeros(kinds, requires_grad=True)
    nn.init.zeros_(weights.weight)
    optimizer = torch.optim.Adam([weights.weight, bias], lr=0.02)
    for _ in range(ROUNDS):
        order = torch.randperm(len(asked)).tolist()
        for start in range(0, len(order), BATCH):
            some = [asked[index] for index in order[start : start + BATCH]]
            lengths = torch.tensor([0, *(len(ids) for ids, _ in some[:-1])])
            scores = weights(torch.tensor([id for ids, _ in some for id in ids]), lengths.cumsum(0)) + bias
            loss = F.cross_entropy(scores, torch.tensor([kind for _, kind in some]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return weights.weight.detach()
