"""System prompts: none, the portal's own, or one with simple wishes that the answers obey."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from .facts import first_sentence
from .memory import name, word

ROLES = [
    "You are a helpful assistant.", "You are a friendly assistant.", "You answer questions.", "You are an assistant in a chat portal.", "Be polite and clear.",
    "You help people with this portal.", "Be accurate.", "You are a patient teacher.", "Help the user.", "You are an assistant.", "Say so when you do not know something.",
]
BRIEF = ["Answer in one sentence.", "Be brief.", "Keep answers short.", "Answer as shortly as possible.", "Use one sentence only.", "Short answers please.", "Be very concise.", "Give short answers.", "Do not write more than one sentence."]
BEGIN = ['Begin every answer with "{x}".', 'Start each answer with "{x}".', 'Always begin with "{x}".', 'Every answer starts with "{x}".', 'Greet the user with "{x}" in each answer.', 'First say "{x}", then answer.']
END = ['End every answer with "{x}".', 'Finish each answer with "{x}".', 'Always end with "{x}".', 'Close every answer with "{x}".', 'Put "{x}" at the end of each answer.']
NAMED = ["Your name is {x}.", "You are {x}.", "You are called {x}.", "Call yourself {x}.", "You are {x}, a helpful assistant."]
USER = ["The user is called {x}.", "The user's name is {x}.", "You are talking to {x}.", "The name of the user is {x}."]
TODAY = ["Today is {x}.", "The date is {x}.", "Current date: {x}.", "Today's date is {x}."]
GREETINGS = ["Ahoy!", "Hello!", "Dear user,", "Good day!", "Hi there!", "Well,", "Captain,", "Of course.", "Hey!", "Greetings!", "Sir,", "Welcome!", "Aye!", "My friend,", "Yes, chef!", "Namaste!"]
FAREWELLS = ["Have a nice day.", "Cheers!", "Over and out.", "Goodbye.", "Stay curious.", "Yours, the guide.", "Good luck!", "That is all.", "Kind regards.", "Anything else?", "Peace."]


@dataclass
class Wishes:
    """A system prompt and what it asks of the answers."""

    prompt: str | None = None
    brief: bool = False
    begin: str = ""
    end: str = ""
    own_name: str | None = None
    user_name: str | None = None
    date: str | None = None
    plain: bool = field(default=True)

    def obey(self, answer: str) -> str:
        if self.brief:
            answer = first_sentence(answer)
        return f"{self.begin} {answer} {self.end}".strip()


def portal_prompt() -> str:
    """The portal's default system prompt, as `.env.example` documents it."""
    text = (Path(__file__).resolve().parents[3] / ".env.example").read_text()
    match = re.search(r'^#SYSTEM_PROMPT="(.*)"$', text, re.MULTILINE)
    if match is None:
        raise ValueError(".env.example does not document SYSTEM_PROMPT")
    return match.group(1)


PORTAL_PROMPT = portal_prompt()


def draw_wishes(rng: Random) -> Wishes:
    chance = rng.random()
    if chance < 0.14:
        return Wishes(PORTAL_PROMPT)
    if chance < 0.76:
        return Wishes()
    if chance < 0.80:
        return Wishes(" ".join(rng.sample(ROLES, rng.choice([1, 1, 2]))))
    wishes = Wishes(plain=False)
    sentences = []
    for kind in rng.sample(["brief", "begin", "end", "name", "user", "date"], rng.choice([1, 1, 1, 2])):
        sentences.append(wish(kind, wishes, rng))
    if rng.random() < 0.5:
        sentences.insert(0, rng.choice(ROLES) if rng.random() < 0.7 else PORTAL_PROMPT)
    wishes.prompt = " ".join(sentences)
    return wishes


def wish(kind: str, wishes: Wishes, rng: Random) -> str:
    """Adds one wish; gives the sentence that says it."""
    if kind == "brief":
        wishes.brief = True
        return rng.choice(BRIEF)
    if kind == "begin":
        wishes.begin = rng.choice(GREETINGS) if rng.random() < 0.4 else word(rng).capitalize() + rng.choice("!,.")
        return rng.choice(BEGIN).format(x=wishes.begin)
    if kind == "end":
        wishes.end = rng.choice(FAREWELLS) if rng.random() < 0.4 else word(rng).capitalize() + rng.choice("!.")
        return rng.choice(END).format(x=wishes.end)
    if kind == "name":
        wishes.own_name = name(rng)
        return rng.choice(NAMED).format(x=wishes.own_name)
    if kind == "user":
        wishes.user_name = name(rng)
        return rng.choice(USER).format(x=wishes.user_name)
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    wishes.date = f"{rng.randint(2020, 2039)}-{month:02}-{day:02}"
    return rng.choice(TODAY).format(x=wishes.date)
