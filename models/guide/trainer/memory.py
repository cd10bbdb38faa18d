"""Facts that the user tells and asks for later. Names and values are mostly made up on the spot: what must be learned is to copy."""

from dataclasses import dataclass
from random import Random

ONSETS = "b d f g h j k l m n p r s t v w z br dr gr kr tr st sh ch th pl kl sl".split()
VOWELS = "a e i o u a e i o ai ea ou io".split()
CODAS = ["", "", "", "n", "r", "l", "s", "m", "x", "nd", "rt", "ck", "th", "ss"]

NAMES = "Anna Ben Clara David Emma Felix Greta Hugo Ida Jonas Karla Leo Mia Noah Olga Paul Rosa Simon Tina Uwe Vera Walter Yara Zoe Peter Maria John Mary Tom Sarah James Linda Ahmed Fatima Wei Yuki Ivan Olivia Lucas Sofia".split()
CITIES = "Berlin Paris London Madrid Rome Vienna Oslo Prague Dublin Lisbon Hamburg Munich Boston Chicago Denver Tokyo Osaka Delhi Cairo Lima".split()
COLOURS = "red blue green yellow orange purple brown black white grey pink turquoise violet silver".split()
FOODS = "pizza soup bread rice pasta salad cheese curry sushi pancakes apples plums noodles beans honey".split()
ANIMALS = "dog cat horse rabbit hamster parrot tortoise goldfish mouse pony".split()
JOBS = "teacher nurse baker carpenter lawyer pilot gardener farmer painter singer driver plumber doctor writer tailor chemist".split()
HOBBIES = "chess swimming reading painting running cooking sailing fishing dancing hiking cycling singing".split()
THINGS = (
    "gate code|locker number|wifi password|project|project name|cat|dog|boat|car|teacher|doctor|boss|best friend|brother|sister|team|school|street|code word|"
    "favourite book|favourite film|favourite song|favourite game|favourite city|meeting|train|flight|room number|order number|ticket number|customer number|"
    "birthday|password hint|landlord|neighbour|company|band|ship|hotel|village|garden|horse|shop|club|grandmother|uncle|computer|server|printer|bicycle"
).split("|")


LETTERS = "eeeeeeaaaaaiiiiooootttnnnsssrrrlllhhddmmccuuppggbbkkyyvvwwffzjxq"


def word(rng: Random) -> str:
    """A made-up word, mostly one that can be spoken."""
    if rng.random() < 0.4:
        return "".join(rng.choice(LETTERS) for _ in range(rng.randint(3, 10)))
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.6 else "") for _ in range(rng.choice([1, 2, 2, 2, 3])))


def name(rng: Random) -> str:
    return rng.choice(NAMES) if rng.random() < 0.3 else word(rng).capitalize()


def pick(known: list[str], rng: Random, made_up: float = 0.4) -> str:
    return word(rng) if rng.random() < made_up else rng.choice(known)


@dataclass(frozen=True)
class Memory:
    """What the user says, what is answered, the ways to ask for it later, and the answer then."""

    slot: str
    say: str
    reply: str
    asks: list[str]
    recall: str


def a_memory(rng: Random) -> Memory:
    kind = rng.choice(["name"] * 4 + ["city", "age", "job", "pet", "colour", "food", "hobby", "number", "friend", "birthday"] + ["thing"] * 6)
    return MAKERS[kind](rng)


def by_name(rng: Random) -> Memory:
    x = name(rng)
    say = rng.choice(["my name is {x}", "I am {x}", "I'm {x}", "call me {x}", "hi, my name is {x}", "hello, I am {x}", "you can call me {x}", "people call me {x}", "this is {x}", "{x} is my name", "hi, I'm {x}", "hello! My name is {x}", "they call me {x}"])
    asks = ["what is my name", "what's my name", "do you know my name", "who am I", "do you remember my name", "what am I called", "tell me my name", "say my name", "can you remember my name", "what did I say my name was", "my name?", "what was my name", "have you forgotten my name"]
    return Memory("name", say.format(x=x), f"Nice to meet you, {x}. How can I help?", asks, f"Your name is {x}.")


def by_city(rng: Random) -> Memory:
    x = rng.choice(CITIES) if rng.random() < 0.4 else word(rng).capitalize()
    say = rng.choice(["I live in {x}", "I am from {x}", "I come from {x}", "my home is {x}", "I moved to {x}", "my city is {x}", "my home town is {x}"])
    return Memory("city", say.format(x=x), f"{x}, noted.", ["where do I live", "where am I from", "which city do I live in", "what is my city", "do you remember where I live", "where is my home", "which town am I from", "where do I come from"], f"You live in {x}.")


def by_age(rng: Random) -> Memory:
    x = rng.randint(7, 99)
    say = rng.choice(["I am {x} years old", "I'm {x} years old", "my age is {x}", "I am {x}", "I turned {x} this year", "I have just turned {x}"])
    return Memory("age", say.format(x=x), f"{x}, noted.", ["how old am I", "what is my age", "do you know how old I am", "do you remember my age", "tell me my age"], f"You are {x} years old.")


def by_job(rng: Random) -> Memory:
    x = pick(JOBS, rng, 0.3)
    say = rng.choice(["I work as a {x}", "I am a {x}", "my job is {x}", "my profession is {x}", "I'm a {x} by trade"])
    return Memory("job", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my job", "what do I do for a living", "what do I work as", "do you remember my job", "what is my profession", "which job do I have"], f"Your job is {x}.")


def by_pet(rng: Random) -> Memory:
    kind, x = rng.choice(ANIMALS), name(rng)
    say = rng.choice(["my {k} is called {x}", "I have a {k} called {x}", "my {k}'s name is {x}", "the name of my {k} is {x}", "we have a {k} named {x}"])
    return Memory(kind, say.format(k=kind, x=x), f"{x}, noted.", [f"what is my {kind} called", f"what is the name of my {kind}", f"what is my {kind}'s name", f"do you remember my {kind}'s name", f"how is my {kind} called"], f"Your {kind} is called {x}.")


def by_colour(rng: Random) -> Memory:
    x = pick(COLOURS, rng, 0.3)
    say = rng.choice(["my favourite colour is {x}", "I like {x} best of all colours", "my favorite color is {x}", "the colour I like most is {x}"])
    return Memory("colour", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my favourite colour", "which colour do I like", "what's my favorite color", "which colour do I like best", "do you remember my favourite colour"], f"Your favourite colour is {x}.")


def by_food(rng: Random) -> Memory:
    x = pick(FOODS, rng, 0.3)
    say = rng.choice(["my favourite food is {x}", "I like to eat {x}", "I love {x}", "the food I like best is {x}", "my favourite dish is {x}"])
    return Memory("food", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my favourite food", "what do I like to eat", "which food do I like", "what's my favourite dish", "do you remember my favourite food"], f"Your favourite food is {x}.")


def by_hobby(rng: Random) -> Memory:
    x = pick(HOBBIES, rng, 0.3)
    say = rng.choice(["my hobby is {x}", "in my free time I like {x}", "I enjoy {x}", "my favourite hobby is {x}"])
    return Memory("hobby", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my hobby", "what do I like to do", "what do I enjoy", "what do I do in my free time", "do you remember my hobby"], f"Your hobby is {x}.")


def by_number(rng: Random) -> Memory:
    x = rng.randint(0, 9999) if rng.random() < 0.7 else rng.randint(0, 99)
    say = rng.choice(["remember the number {x}", "my lucky number is {x}", "my favourite number is {x}", "keep the number {x} in mind", "the number is {x}", "please remember {x}"])
    return Memory("number", say.format(x=x), f"{x}, noted.", ["what is my number", "what was the number", "which number did I tell you", "what number should you remember", "what is the number", "which number was it", "do you remember the number", "what is my lucky number"], f"The number is {x}.")


def by_friend(rng: Random) -> Memory:
    kin, x = rng.choice("friend brother sister son daughter mother father wife husband cousin colleague".split()), name(rng)
    say = rng.choice(["my {k} is called {x}", "my {k}'s name is {x}", "I have a {k} called {x}", "the name of my {k} is {x}", "my {k} is {x}"])
    return Memory(kin, say.format(k=kin, x=x), f"{x}, noted.", [f"what is my {kin} called", f"what is the name of my {kin}", f"what is my {kin}'s name", f"who is my {kin}", f"do you remember my {kin}'s name"], f"Your {kin} is called {x}.")


def by_birthday(rng: Random) -> Memory:
    from .calendar_lists import MONTHS

    x = f"{rng.randint(1, 28)} {rng.choice(MONTHS)}"
    say = rng.choice(["my birthday is on {x}", "I was born on {x}", "my birthday is {x}", "I have my birthday on {x}"])
    return Memory("birthday", say.format(x=x), f"{x}, noted.", ["when is my birthday", "when was I born", "do you remember my birthday", "on which day is my birthday", "what is my birthday"], f"Your birthday is on {x}.")


def by_thing(rng: Random) -> Memory:
    thing = rng.choice(THINGS) if rng.random() < 0.8 else f"{word(rng)} {rng.choice(['code', 'number', 'name', 'key', 'place'])}"
    x = rng.choice([lambda: str(rng.randint(10, 99999)), lambda: name(rng), lambda: word(rng), lambda: f"{word(rng)} {word(rng)}", lambda: f"{word(rng).capitalize()} {rng.randint(1, 99)}"])()
    owner = rng.choice(["my", "my", "the"])
    yours = "Your" if owner == "my" else "The"
    say = rng.choice(["{o} {k} is {x}", "remember that {o} {k} is {x}", "note: {o} {k} is {x}", "please remember: {o} {k} is {x}", "for later: {o} {k} is {x}", "keep in mind that {o} {k} is {x}", "you should know that {o} {k} is {x}", "just so you know, {o} {k} is {x}"])
    return Memory(thing, say.format(o=owner, k=thing, x=x), f"{yours} {thing} is {x}, noted.", [f"what is {owner} {thing}", f"what was {owner} {thing}", f"do you remember {owner} {thing}", f"tell me {owner} {thing}", f"{owner} {thing}?", f"what did I say about {owner} {thing}", f"can you tell me {owner} {thing}", f"remind me of {owner} {thing}"], f"{yours} {thing} is {x}.")


MAKERS = {"name": by_name, "city": by_city, "age": by_age, "job": by_job, "pet": by_pet, "colour": by_colour, "food": by_food, "hobby": by_hobby, "number": by_number, "friend": by_friend, "birthday": by_birthday, "thing": by_thing}

ECHO = ["say: {x}", "repeat: {x}", "repeat after me: {x}", "say {x}", "please say: {x}", "write: {x}", "echo {x}", "copy this: {x}"]


def an_echo(rng: Random) -> tuple[str, str]:
    """Words to be said back: the plainest way to learn to copy, on which remembering rests."""
    text = " ".join(rng.choice([word, name, word])(rng) if rng.random() < 0.8 else str(rng.randint(0, 9999)) for _ in range(rng.randint(1, 7)))
    return rng.choice(ECHO).format(x=text), text


NOT_TOLD = "You have not told me that."
