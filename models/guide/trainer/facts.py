"""The tables in `facts/` as things that can be asked for."""

import re
from dataclasses import dataclass
from random import Random

from .facts_folder import read, read_asked
from .grammar import Synonyms, expand
from .questions import FRAMES, ask

"""By door: the frames for each form of an action."""
DOORS = {
    "ui": {"do": FRAMES["how-to"], "doing": FRAMES["doing"], "done": FRAMES["done"], "does": FRAMES["does"]},
    "rest": {"do": FRAMES["by-rest"], "doing": FRAMES["doing-rest"], "done": FRAMES["done-rest"], "does": FRAMES["does-rest"]},
    "graphql": {"do": FRAMES["by-graphql"], "doing": FRAMES["doing-graphql"], "done": FRAMES["done-graphql"], "does": FRAMES["does-graphql"]},
}

ASKED = read_asked()
"""The share of questions that stand in `asked/` as they are; the others are made of frames and phrases."""
BY_HAND = 0.6


@dataclass(frozen=True)
class Fact:
    id: str
    answer: str
    """Pairs of a frame and a phrase that fills its `{x}`."""
    phrases: list[tuple[list[str], str]]
    """The same thing at the other doors, by the door's name."""
    doors: dict[str, str]

    def question(self, synonyms: Synonyms, rng: Random) -> str:
        asked = ASKED.get(self.id)
        if asked and rng.random() < BY_HAND:
            return expand(rng.choice(asked), synonyms, rng)
        frames, phrase = rng.choice(self.phrases)
        return ask(rng.choice(frames), phrase, synonyms, rng)


def first_sentence(answer: str) -> str:
    """What is said where a short answer is wanted. Full stops inside code, numbers and names do not end a sentence."""
    match = re.match(r"(?s)(.+?[.!?])(?: (?=[A-Z`0-9])|$)", answer)
    return match.group(1) if match else answer


def load_synonyms() -> Synonyms:
    return {word: text.split("|") for word, text in read("synonyms").items()}


def load_facts() -> list[Fact]:
    """Every fact of the portal: actions once a door, settings, concepts."""
    return [*actions(), *settings(), *concepts()]


def load_small_talk() -> list[Fact]:
    return [Fact(row["id"], row["answer"], [(["{x}"], phrase) for phrase in row["ask"]], {}) for row in read("small-talk")]


def load_unknown() -> list[dict]:
    """The kinds of what is not known, each with its answer and groups of words and phrasings."""
    return read("unknown")


def actions() -> list[Fact]:
    found = []
    for row in read("actions"):
        answers = {door: row[door] for door in DOORS}
        for door, forms in DOORS.items():
            others = {other: text for other, text in answers.items() if other != door}
            found.append(Fact(f"{row['id']}/{door}", row[door], [(frames, phrase) for form, frames in forms.items() for phrase in row[form]], others))
    return found


def settings() -> list[Fact]:
    found = []
    for row in read("settings"):
        names = [row["name"], f"`{row['name']}`", row["name"], *row.get("also", [])]
        # As often by its name as by what one wants.
        by_name = [(FRAMES["of-setting"], name) for name in names for _ in range(max(1, len(row["do"]) // len(names)))]
        found.append(Fact(row["name"], row["answer"], [*by_name, *((FRAMES["to-set"], phrase) for phrase in row["do"])], {}))
    return found


def concepts() -> list[Fact]:
    found = []
    for row in read("concepts"):
        what = [(FRAMES["meaning"], phrase) for phrase in row.get("what", [])]
        asked = [(["{x}"], phrase) for phrase in row.get("ask", [])]
        found.append(Fact(row["id"], row["answer"], [*what, *asked], {}))
    return found
