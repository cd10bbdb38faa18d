"""Conversations as rows of tokens for training: ChatML, several conversations a row, none sees another."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .bpe import Tokenizer
from .dialogues import Dialogue, Dialogues

UNTAUGHT = -1
"""How many conversations wait for a row that they fit into."""
CHOICE = 24


@dataclass
class Batch:
    tokens: Tensor
    """What follows each token; UNTAUGHT where it is not the guide that speaks."""
    targets: Tensor
    """Where an answer begins, the number of what the question is about; UNTAUGHT elsewhere."""
    intents: Tensor
    """Added to the attention scores: -inf for later tokens and for other conversations."""
    mask: Tensor


@dataclass
class Encoded:
    tokens: list[int]
    """For each token whether it is taught: the guide's words and the end of its turns."""
    taught: list[bool]
    """Places where an answer begins, and what its question is about."""
    intents: list[tuple[int, str]]


def encode_dialogue(dialogue: Dialogue, tokenizer: Tokenizer, answered: bool) -> Encoded:
    """Without answers it ends where the first one would begin: much shorter, and enough to learn what questions are about."""
    tokens: list[int] = []
    taught: list[bool] = []
    intents: list[tuple[int, str]] = []

    def put(ids: list[int], teach: bool = False) -> None:
        tokens.extend(ids)
        taught.extend([teach] * len(ids))

    def say(role: str, text: str, teach: bool = False) -> None:
        put([tokenizer.start_of_turn, *tokenizer.encode(f"{role}\n")])
        if teach:
            intents.append((len(tokens) - 1, intent))
            if not answered:
                return
        put([*tokenizer.encode(text), tokenizer.end_of_turn], teach)
        put(tokenizer.encode("\n"))

    if dialogue.wishes.prompt is not None and answered:
        say("system", dialogue.wishes.prompt)
    for (question, answer), intent in zip(dialogue.turns, dialogue.intents):
        say("user", question)
        say("assistant", answer, teach=True)
        if not answered:
            break
    return Encoded(tokens, taught, intents)


class Packer:
    """Batches: the same seed gives the same one."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self.dialogues = Dialogues(0)
        self.rng = self.dialogues.rng
        self.intents = {name: number for number, name in enumerate(self.dialogues.intents())}

    def batch(self, seed: int, rows: int, length: int) -> Batch:
        self.rng.seed(seed)
        tokens = torch.full((rows, length + 1), self.tokenizer.end_of_text, dtype=torch.long)
        targets = torch.full((rows, length + 1), UNTAUGHT, dtype=torch.long)
        owners = torch.zeros((rows, length + 1), dtype=torch.long)
        intents = torch.full((rows, length + 1), UNTAUGHT, dtype=torch.long)
        waiting = [self.next(length) for _ in range(CHOICE)]
        for row in range(rows):
            at, owner = 0, 1
            while fitting := [encoded for encoded in waiting if at + len(encoded.tokens) <= length + 1]:
                # The one that has waited longest.
                chosen = fitting[0]
                waiting.remove(chosen)
                waiting.append(self.next(length))
                end = at + len(chosen.tokens)
                tokens[row, at:end] = torch.tensor(chosen.tokens)
                targets[row, at:end] = torch.tensor([id if teach else UNTAUGHT for id, teach in zip(chosen.tokens, chosen.taught)])
                owners[row, at:end] = owner
                for place, intent in chosen.intents:
                    intents[row, at + place] = self.intents[intent]
                at, owner = end, owner + 1
        tokens, targets, owners, intents = tokens[:, :-1], targets[:, 1:], owners[:, :-1], intents[:, :-1]
        seen = (owners[:, :, None] == owners[:, None, :]).tril()
        mask = torch.zeros(seen.shape).masked_fill_(~seen, float("-inf"))
        return Batch(tokens.contiguous(), targets.contiguous(), intents.contiguous(), mask[:, None])

    def next(self, length: int) -> Encoded:
        """A conversation that fits into a row: mostly short ones, and some that fill it."""
        while True:
            answered = length > 128 or self.rng.random() < 0.5
            turns = 1 if length <= 128 else self.rng.choice([1, 1, 2, 2, 3, 4, 5]) if length <= 256 else int(length / 40 * self.rng.uniform(0.3, 1.1))
            encoded = encode_dialogue(self.dialogues.dialogue(turns), self.tokenizer, answered)
            if len(encoded.tokens) <= length + 1:
                return encoded
