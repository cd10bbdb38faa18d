"""Phrases with choices: `[a|b]` stands for one of its parts, `{word}` for one of the word's synonyms."""

import re
from random import Random

CHOICE = re.compile(r"\[([^\[\]]*)\]")
WORD = re.compile(r"\{(\w+)\}")

Synonyms = dict[str, list[str]]


def expand(phrase: str, synonyms: Synonyms, rng: Random) -> str:
    """One of the texts that the phrase stands for; choices inside choices are made first."""
    while CHOICE.search(phrase):
        phrase = CHOICE.sub(lambda match: rng.choice(match.group(1).split("|")), phrase)
    phrase = WORD.sub(lambda match: rng.choice(synonyms[match.group(1)]) if match.group(1) in synonyms else match.group(0), phrase)
    return mend_articles(re.sub(r" +", " ", phrase).strip())


def mend_articles(text: str) -> str:
    """`a answer` becomes `an answer`."""
    text = re.sub(r"\b([Aa]) (?=[aeioAEIO])", r"\1n ", text)
    return re.sub(r"\b([Aa])n (?=[bcdfgjkmpqrstvwyz])", r"\1 ", text)
