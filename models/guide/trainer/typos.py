"""Misspellings as fingers make them. Names, numbers and paths are left alone: another spelling is another thing."""

import re
from random import Random

NEIGHBOURS = {
    key: near
    for key, near in zip(
        "qwertyuiopasdfghjklzxcvbnm",
        ["wa", "qe", "wr", "et", "ry", "tu", "yi", "uo", "ip", "o", "qs", "ad", "sf", "dg", "fh", "gj", "hk", "jl", "k", "xs", "zc", "xv", "cb", "vn", "bm", "n"],
    )
}
PLAIN_WORD = re.compile(r"[a-z]{4,}")


def misspell(text: str, rng: Random, share: float = 0.12) -> str:
    """The text with a share of its plain words misspelled."""
    words = text.split(" ")
    return " ".join(misspell_word(word, rng) if PLAIN_WORD.fullmatch(word) and rng.random() < share else word for word in words)


def misspell_word(word: str, rng: Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at] + word[at:]
    if kind == 2:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + rng.choice(NEIGHBOURS[word[at]]) + word[at + 1 :]
