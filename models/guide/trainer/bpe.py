"""A byte-level BPE tokenizer, the kind that llama.cpp calls `gpt2` with the pre-tokenizer `gpt-2`.

Digits are never merged: each stands alone, so that sums are read place by place.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

CONTROLS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
"""What the guide says first, and no one sees: the number of what the question is about."""
ABOUTS = [f"<|about-{number}|>" for number in range(352)]
# GPT-2's pattern: letters are [^\W\d_], everything that is neither letter, digit nor space is [^\s\w]|_.
PIECES = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_spelling() -> list[str]:
    """GPT-2's spelling of bytes: printable ones stand for themselves, the others for characters from U+0100 on."""
    spelling, moved = [], 0
    for byte in range(256):
        printable = 0x21 <= byte <= 0x7E or 0xA1 <= byte <= 0xAC or byte >= 0xAE
        spelling.append(chr(byte) if printable else chr(0x100 + moved))
        moved += not printable
    return spelling


SPELLING = byte_spelling()


def spell(text: str) -> str:
    return "".join(SPELLING[byte] for byte in text.encode())


class Tokenizer:
    def __init__(self, merges: list[tuple[str, str]]):
        self.merges = merges
        self.tokens = [*SPELLING, *(left + right for left, right in merges), *CONTROLS, *ABOUTS]
        self.ids = {token: index for index, token in enumerate(self.tokens)}
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.end_of_text, self.start_of_turn, self.end_of_turn = (self.ids[token] for token in CONTROLS)
        self.first_about = self.ids[ABOUTS[0]]
        self.piece = lru_cache(maxsize=200_000)(self.encode_piece)

    def encode(self, text: str) -> list[int]:
        """The ids of plain text; the spelling of a control token is text like any other."""
        return [id for piece in PIECES.findall(text) for id in self.piece(piece)]

    def decode(self, ids: Iterable[int]) -> str:
        bytes_of = {character: byte for byte, character in enumerate(SPELLING)}
        text = "".join(self.tokens[id] for id in ids if self.tokens[id] not in (*CONTROLS, *ABOUTS))
        return bytes(bytes_of[character] for character in text).decode(errors="replace")

    def encode_piece(self, piece: str) -> tuple[int, ...]:
        parts = list(spell(piece))
        while len(parts) > 1:
            rank, at = min((self.ranks.get(pair, len(self.ranks)), at) for at, pair in enumerate(zip(parts, parts[1:])))
            if rank == len(self.ranks):
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.ids[part] for part in parts)

    def save(self, file: Path) -> None:
        file.write_text(json.dumps({"merges": [" ".join(pair) for pair in self.merges]}))

    @staticmethod
    def load(file: Path) -> "Tokenizer":
        return Tokenizer([tuple(merge.split(" ")) for merge in json.loads(file.read_text())["merges"]])


def learn_merges(texts: Iterable[str], vocabulary: int) -> list[tuple[str, str]]:
    """The merges that shorten the texts most, the most frequent pair first; equal ones in the order of their spelling."""
    counts = Counter(spell(piece) for text in texts for piece in PIECES.findall(text))
    words = [(list(word), count) for word, count in sorted(counts.items())]
    pairs: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    for index, (parts, count) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += count
            places[pair].add(index)
    merges: list[tuple[str, str]] = []
    while len(merges) < vocabulary - len(SPELLING) - len(CONTROLS):
        best = max((pair for pair in pairs if not has_digit(pair)), key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        for index in list(places[best]):
            parts, count = words[index]
            for pair in zip(parts, parts[1:]):
                pairs[pair] -= count
                places[pair].discard(index)
            at = 0
            while at < len(parts) - 1:
                if (parts[at], parts[at + 1]) == best:
                    parts[at : at + 2] = [best[0] + best[1]]
                at += 1
            for pair in zip(parts, parts[1:]):
                pairs[pair] += count
                places[pair].add(index)
        del pairs[best]
    return merges


def has_digit(pair: tuple[str, str]) -> bool:
    return any(character.isdigit() for part in pair for character in part)
