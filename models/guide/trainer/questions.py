"""The ways to ask: frames around what one wants to do, around a thing, and around a setting."""

from random import Random

from .facts_folder import read
from .grammar import Synonyms, expand

FRAMES: dict[str, list[str]] = read("frames")


def ask(frame: str, phrase: str, synonyms: Synonyms, rng: Random) -> str:
    """The question that a frame makes of a phrase."""
    return expand(frame.replace("{x}", phrase), synonyms, rng)


THESAURUS: dict[str, list[str]] = {word: [other for other in group if other != word] for group in read("thesaurus") for word in group}


def reword(question: str, rng: Random, share: float = 0.4) -> str:
    """The question with some of its words replaced by others that may stand for them."""
    return " ".join(rng.choice(THESAURUS[word]) if word in THESAURUS and rng.random() < share else word for word in question.split(" "))


SMALL = set("a an the of to in on at for is are do does did can could may must would will be been my your our this that these it its there i me you we and or so as by with from".split())


def clip(question: str, rng: Random) -> str:
    """The question without some of its small words, as people in a hurry write: what counts is the others."""
    return " ".join(word for word in question.split(" ") if word.lower() not in SMALL or rng.random() < 0.5) or question


def dress(question: str, rng: Random) -> str:
    """The question as people type it: with or without a capital, a mark, a word of politeness."""
    if rng.random() < 0.16:
        question = rng.choice(FRAMES["openings"]) + question
    if rng.random() < 0.14:
        question += rng.choice(FRAMES["endings"])
    if rng.random() < 0.5:
        question = question[:1].upper() + question[1:]
    elif rng.random() < 0.12:
        question = question.lower()
    mark = rng.random()
    if mark < 0.55 and not question.endswith(("?", ".")):
        question += "?"
    elif mark < 0.65 and not question.endswith(("?", ".")):
        question += "."
    return question
