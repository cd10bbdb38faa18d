"""Muon for the matrices, AdamW for the rest.

Muon steps along the nearest orthogonal matrix of the momentum, found by a Newton-Schulz iteration (Keller Jordan and others, 2024:
https://kellerjordan.github.io/posts/muon/); on transformers this small it needs about half of AdamW's steps.
"""

import torch
from torch import Tensor


def orthogonalise(matrix: Tensor, steps: int = 5) -> Tensor:
    """About the orthogonal factor of the matrix; singular values end between 0.7 and 1.2."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / (matrix.norm() + 1e-7)
    if flat := x.shape[0] > x.shape[1]:
        x = x.T
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if flat else x


class Muon:
    """State and step for one list of parameters, each with its gradient given."""

    def __init__(self, parameters: list[tuple[str, Tensor]], rate: float, adam_rate: float, weight_decay: float = 0.05):
        self.parameters = parameters
        self.rate, self.adam_rate, self.weight_decay = rate, adam_rate, weight_decay
        self.state = {name: self.begin(name, weight) for name, weight in parameters}
        self.steps = 0

    def restore(self, state: dict[str, list[Tensor]], steps: int) -> None:
        """Takes up the state of a checkpoint."""
        self.state.update(state)
        self.steps = steps

    @staticmethod
    def is_matrix(name: str, weight: Tensor) -> bool:
        return weight.ndim == 2 and not name.startswith(("token_embd", "intent"))

    def begin(self, name: str, weight: Tensor) -> list[Tensor]:
        return [torch.zeros_like(weight) for _ in range(1 if self.is_matrix(name, weight) else 2)]

    @torch.no_grad()
    def step(self, gradients: dict[str, Tensor], scale: float) -> None:
        """One step; `scale` is the schedule's share of the full rate."""
        self.steps += 1
        for name, weight in self.parameters:
            gradient = gradients[name]
            if self.is_matrix(name, weight):
                (momentum,) = self.state[name]
                momentum.lerp_(gradient, 0.05)
                update = orthogonalise(gradient.lerp(momentum, 0.95))
                rate = self.rate * scale
                weight.mul_(1 - rate * self.weight_decay).add_(update, alpha=-rate * max(1, weight.shape[0] / weight.shape[1]) ** 0.5)
            else:
                first, second = self.state[name]
                first.lerp_(gradient, 0.1)
                second.lerp_(gradient.square(), 0.05)
                unbiased = (second / (1 - 0.95**self.steps)).sqrt_().add_(1e-8)
                weight.addcdiv_(first / (1 - 0.9**self.steps), unbiased, value=-self.adam_rate * scale)
