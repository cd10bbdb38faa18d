"""A circuit for copying, laid into the weights before the training begins.

To say back what was said, a transformer needs two heads in sequence (Olsson and others, 2022: https://arxiv.org/abs/2209.11895): one that tells
each place which token stood before it, and one that looks for the place whose predecessor is the token just said, and says what stands
there. Training finds this by itself, but only after many more tokens than we have time for. So we put it there, roughly, in a few of the
heads; training makes it sharp, and learns when to use it.
"""

import math

import torch
from torch import Tensor

from .transformer import Transformer

"""Dimensions in which tokens are compared: pairs that turn slowly, so that the distance between two places hardly matters."""
COMPARED = 18
"""Fast-turning pairs by which the head of the first layer finds its neighbour, and how strongly each counts."""
PLACED, PLACED_SCORE = 6, 8.0
"""The score of a place whose predecessor is the token looked for."""
MATCH_SCORE = 50.0
"""In norms of a token's embedding: what all tokens have in common, what the first head writes, and what the others write together."""
COMMON, WRITTEN, SAID = 0.7, 3.0, 8.0
"""The heads that look for the predecessor: the last two in each of these layers."""
LAYERS, HEADS = (1, 2), 2


@torch.no_grad()
def lay_in_copying(model: Transformer) -> None:
    shape = model.shape
    width, size = shape.width, shape.head_width
    embeddings = model.token_embd.weight
    norm = embeddings.norm(dim=1).mean().item()
    # A direction that every token has, room for "what stood before", and the rest.
    basis, _ = torch.linalg.qr(torch.randn(width, width))
    common, room, rest = basis[:, 0], basis[:, 1 : 1 + COMPARED], basis[:, 1 + COMPARED :]
    compared, said = some_of(rest, COMPARED), some_of(rest, len(LAYERS) * HEADS * size)
    keep = basis[:, : 1 + COMPARED]
    embeddings.sub_(embeddings @ keep @ keep.T).add_(COMMON * norm * common)
    for block in model.blk[: max(LAYERS)]:
        for writes in (block.attn_output.weight, block.ffn_down.weight):
            writes.sub_(keep @ (keep.T @ writes))
    embedded = embeddings.norm(dim=1).mean().item()

    # Scores of cos(angle · (distance - 1)), summed over pairs: greatest one place back.
    first, head = model.blk[0], heads_of(shape.heads - 1, size)
    sees_common = COMMON * norm * math.sqrt(width) / embedded
    strength = math.sqrt(PLACED_SCORE * math.sqrt(size)) / sees_common
    query, key = torch.zeros(size), torch.zeros(size)
    for pair in range(PLACED):
        angle = shape.rope_base ** (-2 * pair / size)
        query[2 * pair], query[2 * pair + 1] = strength * math.cos(angle), -strength * math.sin(angle)
        key[2 * pair] = strength
    first.attn_q.weight[head] = torch.outer(query, common)
    first.attn_k.weight[head] = torch.outer(key, common)
    first.attn_v.weight[head] = 0
    first.attn_v.weight[head][:COMPARED] = compared.T
    first.attn_output.weight[:, head] = 0
    first.attn_output.weight[:, head][:, :COMPARED] = room * (WRITTEN * norm / math.sqrt(COMPARED))

    # The states that these layers read have about this norm; what they read is scaled to that of `width` ones.
    states = math.hypot(embedded, WRITTEN * norm)
    scale = math.sqrt(MATCH_SCORE * math.sqrt(size) / (WRITTEN * norm * norm * math.sqrt(COMPARED / width))) * states / math.sqrt(width)
    for number, layer in enumerate(LAYERS):
        block = model.blk[layer]
        for which in range(HEADS):
            head = heads_of(shape.heads - HEADS + which, size)
            mine = said[:, (number * HEADS + which) * size :][:, :size]
            block.attn_q.weight[head] = 0
            block.attn_k.weight[head] = 0
            block.attn_q.weight[head][size - COMPARED :] = scale * compared.T
            block.attn_k.weight[head][size - COMPARED :] = scale * room.T
            block.attn_v.weight[head] = mine.T
            seen = norm * math.sqrt(size) / states
            block.attn_output.weight[:, head] = mine * (SAID * norm / math.sqrt(len(LAYERS) * HEADS) / seen)


def heads_of(number: int, size: int) -> slice:
    return slice(number * size, (number + 1) * size)


def some_of(directions: Tensor, count: int) -> Tensor:
    """So many random directions at right angles, of the space of the given ones."""
    turn, _ = torch.linalg.qr(torch.randn(directions.shape[1], directions.shape[1]))
    return directions @ turn[:, :count]
