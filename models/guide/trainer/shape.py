"""The shape of the model, as the training, the check and the GGUF have it."""

from dataclasses import dataclass

from .bpe import ABOUTS


@dataclass(frozen=True)
class Shape:
    """Of which so many are text and its frame, the others what a question is about."""
    texts: int = 2048
    vocabulary: int = texts + len(ABOUTS)
    width: int = 192
    layers: int = 4
    heads: int = 6
    kv_heads: int = 6
    feed_forward: int = 512
    context: int = 2048
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    def tensors(self) -> list[tuple[str, tuple[int, ...]]]:
        """Names, which are llama.cpp's, and sizes, rows first, in the order in which the training writes them."""
        width, inner = self.width, self.feed_forward
        found: list[tuple[str, tuple[int, ...]]] = [("token_embd.weight", (self.vocabulary, width))]
        for layer in range(self.layers):
            sizes = {
                "attn_norm": (width,), "attn_q": (width, width), "attn_k": (width, width), "attn_v": (width, width), "attn_output": (width, width),
                "ffn_norm": (width,), "ffn_gate": (inner, width), "ffn_up": (inner, width), "ffn_down": (width, inner),
            }
            found += [(f"blk.{layer}.{name}.weight", size) for name, size in sizes.items()]
        return [*found, ("output_norm.weight", (width,))]

