"""Conversations: what is asked and answered, turn by turn, under one system prompt."""

from dataclasses import dataclass, field
from random import Random

from . import memory
from .calendar_lists import a_date, a_list
from .facts import ASKED, Fact, first_sentence, load_facts, load_small_talk, load_synonyms, load_unknown
from .grammar import expand
from .invented import an_invented_name
from .memory import Memory, a_memory
from .questions import clip, dress, reword
from .sums import a_sum
from .typos import misspell
from .wishes import Wishes, draw_wishes

Turn = tuple[str, str]

SHARES = {"fact": 0.31, "unknown": 0.30, "talk": 0.07, "sum": 0.08, "date": 0.03, "list": 0.02, "memory": 0.16, "echo": 0.03}
OTHER_DOOR = {
    "ui": ["and in the web app?", "and on the page?", "how do I do that by hand?", "and in the browser?", "which button is that?", "and with the mouse?"],
    "rest": ["and over REST?", "and with curl?", "and by the API?", "what about REST?", "which route is that?", "how do I do that over HTTP?", "and in a script?", "the same with REST please"],
    "graphql": ["and in GraphQL?", "what about GraphQL?", "which mutation is that?", "and with GraphQL?", "how do I do that in GraphQL?", "the same in GraphQL please"],
}
SHORTER = ["shorter please", "in one sentence", "too long", "shorter", "say that in one sentence", "make it short", "tl;dr", "can you say that shorter", "briefly please", "the short version please"]
AGAIN = ["repeat that", "say that again", "please repeat", "once more please", "what did you say", "can you repeat that", "tell me again", "I missed that"]
ASK_DATE = ["what is the date", "what day is it today", "what is today's date", "which date is it", "what date is today", "do you know the date"]
ASK_WHO = ["who are you", "what is your name", "what are you called", "introduce yourself", "do you have a name", "what should I call you", "tell me who you are"]


@dataclass
class Dialogue:
    wishes: Wishes
    turns: list[Turn] = field(default_factory=list)
    """What each question is about: the name of a fact, or of a kind of question."""
    intents: list[str] = field(default_factory=list)
    memories: dict[str, Memory] = field(default_factory=dict)
    """The last thing said about the portal, for follow-ups."""
    last: Fact | None = None


class Dialogues:
    """Endless conversations from a seed."""

    def __init__(self, seed: int):
        self.rng = Random(seed)
        self.synonyms = load_synonyms()
        self.facts = load_facts()
        self.talk = load_small_talk()
        self.unknown = load_unknown()
        self.unknown_groups = [(kind, group) for kind in self.unknown for group in kind["groups"]]
        self.unknown_asked = [(kind, question) for kind in self.unknown for question in ASKED[kind["kind"]]]
        self.weights = [len(group["ask"]) ** 0.5 * len(group["words"].split("|")) ** 0.5 for _, group in self.unknown_groups]

    def intents(self) -> list[str]:
        """Every name that `Dialogue.intents` may hold."""
        return [
            *(fact.id for fact in (*self.facts, *self.talk)),
            *(f"unknown/{kind['kind']}" for kind in self.unknown),
            *("sum", "date", "list", "told", "recall", "not-told", "again", "shorter", "own-name", "user-name", "today"),
        ]

    def dialogue(self, turns: int) -> Dialogue:
        """A conversation of about so many turns."""
        made = Dialogue(draw_wishes(self.rng))
        while len(made.turns) < turns:
            self.go_on(made)
        return made

    def go_on(self, made: Dialogue) -> None:
        """Adds a turn, now and then two that belong together."""
        rng = self.rng
        if made.turns and rng.random() < 0.16 and self.follow_up(made):
            return
        if made.memories and rng.random() < 0.3:
            return self.ask_memory(made)
        if not made.wishes.plain and rng.random() < 0.25 and self.ask_wish(made):
            return
        kind = rng.choices(list(SHARES), SHARES.values())[0]
        made.last = None
        if kind == "memory":
            # Also that nothing was told must be known.
            if rng.random() < 0.12:
                return self.ask_memory(made)
            self.tell_memory(made)
            if rng.random() < 0.45:
                self.ask_memory(made)
        elif kind == "fact":
            made.last = rng.choice(self.facts)
            self.add(made, self.typed(made.last.question(self.synonyms, rng)), made.last.answer, made.last.id)
        else:
            question, answer, intent = self.exchange(kind)
            if kind in ("sum", "date", "list", "echo"):
                question = question if kind == "echo" else dress(question, rng)
            else:
                question = self.typed(question)
            self.add(made, question, answer, intent)

    def exchange(self, kind: str) -> tuple[str, str, str]:
        rng = self.rng
        if kind == "sum":
            return *a_sum(rng), kind
        if kind == "date":
            return *a_date(rng), kind
        if kind == "list":
            return *a_list(rng), kind
        if kind == "unknown":
            return self.an_unknown()
        if kind == "echo":
            return *memory.an_echo(rng), "again"
        talk = rng.choice(self.talk)
        return talk.question(self.synonyms, rng), talk.answer, talk.id

    def an_unknown(self) -> tuple[str, str, str]:
        rng = self.rng
        if rng.random() < 0.2:
            return an_invented_name(rng), self.unknown[-1]["answer"], f"unknown/{self.unknown[-1]['kind']}"
        if rng.random() < 0.5:
            kind, question = rng.choice(self.unknown_asked)
            return expand(question, self.synonyms, rng), kind["answer"], f"unknown/{kind['kind']}"
        kind, group = rng.choices(self.unknown_groups, self.weights)[0]
        x = rng.choice(group["words"].split("|"))
        if kind is self.unknown[0] and rng.random() < 0.12:
            x = memory.name(rng) if rng.random() < 0.5 else memory.word(rng)
        return expand(rng.choice(group["ask"]).replace("{x}", x), self.synonyms, rng), kind["answer"], f"unknown/{kind['kind']}"

    def typed(self, question: str) -> str:
        if self.rng.random() < 0.3:
            question = reword(question, self.rng)
        if self.rng.random() < 0.2:
            question = clip(question, self.rng)
        question = dress(question, self.rng)
        return misspell(question, self.rng) if self.rng.random() < 0.22 else question

    def add(self, made: Dialogue, question: str, answer: str, intent: str) -> None:
        made.turns.append((question, made.wishes.obey(answer)))
        made.intents.append(intent)

    def follow_up(self, made: Dialogue) -> bool:
        """Something that only makes sense after the last turn; false where nothing does."""
        rng, wishes, last = self.rng, made.wishes, made.last
        kind = rng.choice(["door", "door", "shorter", "again"])
        if kind == "again" and not (wishes.begin or wishes.end):
            made.turns.append((dress(rng.choice(AGAIN), rng), made.turns[-1][1]))
            made.intents.append("again")
            return True
        if last is None:
            return False
        if kind == "shorter" and not wishes.brief:
            self.add(made, dress(rng.choice(SHORTER), rng), first_sentence(last.answer), "shorter")
            return True
        if kind == "door" and last.doors:
            door = rng.choice(list(last.doors))
            made.last = next(fact for fact in self.facts if fact.id == f"{last.id.split('/')[0]}/{door}")
            self.add(made, rng.choice(OTHER_DOOR[door]), made.last.answer, made.last.id)
            return True
        return False

    def tell_memory(self, made: Dialogue) -> None:
        rng = self.rng
        told = [item for item in (a_memory(rng) for _ in range(rng.choice([1, 1, 1, 2]))) if item.slot not in made.memories]
        if not told or (made.wishes.user_name and any(item.slot == "name" for item in told)):
            return
        if len(told) == 2 and told[0].slot == told[1].slot:
            told.pop()
        for item in told:
            made.memories[item.slot] = item
        if len(told) == 2:
            text = f"{told[0].say}{rng.choice([' and ', ', ', '. '])}{told[1].say}"
            self.add(made, self.said(text), "Noted.", "told")
        else:
            self.add(made, self.said(told[0].say), told[0].reply, "told")

    def said(self, text: str) -> str:
        if self.rng.random() < 0.6:
            text = text[:1].upper() + text[1:]
        return text + ("." if self.rng.random() < 0.5 else "")

    def ask_memory(self, made: Dialogue) -> None:
        rng = self.rng
        made.last = None
        if not made.memories or rng.random() < 0.14:
            asked = a_memory(rng)
            if asked.slot not in made.memories and not (asked.slot == "name" and made.wishes.user_name):
                return self.add(made, dress(rng.choice(asked.asks), rng), memory.NOT_TOLD, "not-told")
        if made.memories:
            item = rng.choice(list(made.memories.values()))
            self.add(made, dress(rng.choice(item.asks), rng), item.recall, "recall")

    def ask_wish(self, made: Dialogue) -> bool:
        rng, wishes = self.rng, made.wishes
        if wishes.own_name:
            self.add(made, self.typed(rng.choice(ASK_WHO)), f"I am {wishes.own_name}, the built-in guide of PocketLLM Portal.", "own-name")
        elif wishes.user_name:
            self.add(made, self.typed(rng.choice(["what is my name", "who am I", "do you know my name", "what's my name"])), f"Your name is {wishes.user_name}.", "user-name")
        elif wishes.date:
            self.add(made, self.typed(rng.choice(ASK_DATE)), f"Today is {wishes.date}.", "today")
        else:
            return False
        return True


