"""A transformer of the Llama family: RMSNorm, rotary positions, grouped queries, SwiGLU, tied embeddings.

llama.cpp's `llama` architecture computes the same, so the weights need no conversion but their names.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .shape import Shape


class RMSNorm(nn.Module):
    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * (torch.linalg.vector_norm(x, dim=-1, keepdim=True).square() / x.shape[-1] + self.epsilon).rsqrt() * self.weight


class Block(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        kv_width = shape.head_width * shape.kv_heads
        self.attn_norm = RMSNorm(shape.width, shape.norm_epsilon)
        self.attn_q = nn.Linear(shape.width, shape.width, bias=False)
        self.attn_k = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.width, kv_width, bias=False)
        self.attn_output = nn.Linear(shape.width, shape.width, bias=False)
        self.ffn_norm = RMSNorm(shape.width, shape.norm_epsilon)
        self.ffn_gate = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_up = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.ffn_down = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        x = x + self.attend(self.attn_norm(x), rope, mask)
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))

    def attend(self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor) -> Tensor:
        batch, length, width = x.shape
        shape, groups = self.shape, self.shape.heads // self.shape.kv_heads
        q = rotate(self.attn_q(x).view(batch, length, shape.heads, shape.head_width), rope)
        k = rotate(self.attn_k(x).view(batch, length, shape.kv_heads, shape.head_width), rope)
        v = self.attn_v(x).view(batch, length, shape.kv_heads, shape.head_width)
        # The queries that share a key stand below each other: one multiplication serves the group.
        q = q.view(batch, length, shape.kv_heads, groups, shape.head_width).permute(0, 2, 3, 1, 4)
        q = q.reshape(batch * shape.kv_heads, groups * length, shape.head_width)
        k = k.transpose(1, 2).reshape(batch * shape.kv_heads, length, shape.head_width)
        v = v.transpose(1, 2).reshape(batch * shape.kv_heads, length, shape.head_width)
        scores = torch.bmm(q, k.transpose(1, 2)).view(batch, shape.kv_heads * groups, length, length)
        weights = torch.softmax(torch.add(mask, scores, alpha=1 / math.sqrt(shape.head_width)), dim=-1)
        mixed = torch.bmm(weights.view(batch * shape.kv_heads, groups * length, length), v)
        mixed = mixed.view(batch, shape.kv_heads * groups, length, shape.head_width).transpose(1, 2)
        return self.attn_output(mixed.reshape(batch, length, width))


class Transformer(nn.Module):
    def __init__(self, shape: Shape, intents: int = 0):
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = RMSNorm(shape.width, shape.norm_epsilon)
        # For training only: what the question is about, read where the answer begins, from the middle of the model.
        self.intent = nn.Linear(shape.width, intents, bias=False) if intents > 0 else None
        self.initialise()

    def initialise(self) -> None:
        for name, weight in self.named_parameters():
            if weight.ndim < 2:
                continue
            deviation = 0.02 if name.startswith("token_embd") else 1 / math.sqrt(weight.shape[1])
            # What is added to the states begins as small as the embeddings are.
            if name.endswith(("attn_output.weight", "ffn_down.weight")):
                deviation /= 10 * math.sqrt(2 * self.shape.layers)
            nn.init.normal_(weight, std=deviation)

    def forward(self, tokens: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The last layer's normed states and those in the middle, batch × length × width. `mask` is added to the scores: 0 or -inf."""
        rope = rotations(tokens.shape[1], self.shape)
        x = middle = self.token_embd(tokens)
        for number, block in enumerate(self.blk, 1):
            x = block(x, rope, mask)
            if number == len(self.blk) // 2:
                middle = x
        return self.output_norm(x), middle

    def logits(self, states: Tensor) -> Tensor:
        return F.linear(states, self.token_embd.weight)


def rotations(length: int, shape: Shape) -> tuple[Tensor, Tensor]:
    """Cosine and sine for each place and pair, length × 1 × half a head."""
    half = torch.arange(0, shape.head_width, 2, dtype=torch.float32)
    angles = torch.outer(torch.arange(length, dtype=torch.float32), shape.rope_base ** (-half / shape.head_width))
    return angles.cos()[:, None, :], angles.sin()[:, None, :]


def rotate(x: Tensor, rope: tuple[Tensor, Tensor]) -> Tensor:
    """Turns neighbouring pairs, as llama.cpp does for this architecture."""
    cos, sin = rope
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)
