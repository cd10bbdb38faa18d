"""Weights and gradients that several processes see, and a place where they wait for each other."""

import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor, nn


class Shared:
    """Memory of `workers` processes, in one file. Each process opens it with a model of the same shape."""

    def __init__(self, file: Path, model: nn.Module, rank: int, workers: int):
        self.rank, self.workers, self.met = rank, workers, 0
        count = sum(weight.numel() for weight in model.parameters())
        floats = torch.from_file(str(file), shared=True, size=count * (workers + 1) + workers * 6, dtype=torch.float32)
        self.meetings, self.taken = floats[: workers * 4].view(torch.int64).view(2, workers)
        # How far the training is, 0 to 1, as the first process sees it.
        self.progress = floats[workers * 4 : workers * 6]
        weights, *gradients = floats[workers * 6 :].view(workers + 1, count)
        self.weights = views(weights, model)
        self.gradients = [views(part, model) for part in gradients]

    def lend(self, model: nn.Module) -> None:
        """Puts the model's weights here: those of the first process become everyone's."""
        for name, weight in model.named_parameters():
            if self.rank == 0:
                self.weights[name].copy_(weight.data)
            weight.data = self.weights[name]
        self.meet()

    def shares(self, count: int) -> Iterator[int]:
        """Deals out the numbers 0 to count - 1, first come, first served. Call between two meetings."""
        while (number := int(self.taken[0])) < count:
            # Two processes that ask in the same microsecond may get the same share: it counts twice, which harms nothing.
            self.taken[0] = number + 1
            yield number

    def meet(self) -> None:
        """Waits until every process is here."""
        self.met += 1
        self.meetings[self.rank] = self.met
        while int(self.meetings.min()) < self.met:
            time.sleep(0.001)


def views(flat: Tensor, model: nn.Module) -> dict[str, Tensor]:
    found, at = {}, 0
    for name, weight in model.named_parameters():
        found[name] = flat[at : at + weight.numel()].view_as(weight)
        at += weight.numel()
    return found
