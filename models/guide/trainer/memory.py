"""Facts that the user tells and asks for later. Names and values are mostly made up on the spot: what must be learned is to copy."""

import re
from dataclasses import dataclass
from random import Random

from .facts_folder import read_asked

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


"""Words of the language, as the questions about everything else have them."""
WORDS = sorted({word for word in re.findall(r"\b[a-z]{4,12}\b", " ".join(read_asked()["general"]))})


def word(rng: Random) -> str:
    """Any word: one of the language, one that can be spoken, or mere letters."""
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(WORDS)
    if kind < 0.5:
        return "".join(rng.choice(LETTERS) for _ in range(rng.randint(3, 10)))
    syllables = [rng.choice(ONSETS) + rng.choice(VOWELS) + (rng.choice(CODAS) if rng.random() < 0.6 else "") for _ in range(rng.choice([1, 2, 2, 2, 3]))]
    made = "".join(syllables)
    if rng.random() < 0.25:
        # The same twice is where copying goes astray.
        at = rng.randrange(len(made))
        made = made[:at] + made[at] + made[at:] if rng.random() < 0.6 else syllables[0] + made
    return made


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
    kind = rng.choice(["name"] * 4 + ["city", "age", "job", "pet", "colour", "food", "hobby", "number", "friend", "birthday"] + ["thing"] * 6 + ["measure", "place", "liking"])
    return MAKERS[kind](rng)


def by_name(rng: Random) -> Memory:
    x = name(rng)
    say = rng.choice(["my name is {x}", "I am {x}", "I'm {x}", "call me {x}", "hi, my name is {x}", "hello, I am {x}", "you can call me {x}", "people call me {x}", "this is {x}", "{x} is my name", "hi, I'm {x}", "hello! My name is {x}", "they call me {x}", "good morning, I am {x}", "good evening, I am {x}", "good day, {x} here", "it is {x} speaking", "you are talking to {x}", "my friends call me {x}", "my first name is {x}", "I go by {x}", "name: {x}", "hey there, {x} is what I am called", "{x} here"])
    asks = ["what is my name", "what's my name", "do you know my name", "who am I", "do you remember my name", "what am I called", "tell me my name", "say my name", "can you remember my name", "what did I say my name was", "my name?", "what was my name", "have you forgotten my name", "do you still know who I am", "how am I called", "what do my friends call me", "which name did I give you", "by which name do you know me", "what is the name I told you", "you know my name, don't you", "please say my name", "my name again please", "who is talking to you", "what did I call myself"]
    return Memory("name", say.format(x=x), f"Nice to meet you, {x}. How can I help?", asks, f"Your name is {x}.")


def by_city(rng: Random) -> Memory:
    x = rng.choice(CITIES) if rng.random() < 0.4 else word(rng).capitalize()
    say = rng.choice(["I live in {x}", "I am from {x}", "I come from {x}", "my home is {x}", "I moved to {x}", "my city is {x}", "my home town is {x}"])
    return Memory("city", say.format(x=x), f"{x}, noted.", ["where do I live", "where am I from", "which city do I live in", "what is my city", "do you remember where I live", "where is my home", "which town am I from", "where do I come from", "what is my home town", "in which town do I live", "which place do I come from", "what town did I name", "tell me where I live", "my city?", "what did I say about where I live"], f"You live in {x}.")


def by_age(rng: Random) -> Memory:
    x = rng.randint(7, 99)
    say = rng.choice(["I am {x} years old", "I'm {x} years old", "my age is {x}", "I am {x}", "I turned {x} this year", "I have just turned {x}"])
    return Memory("age", say.format(x=x), f"{x}, noted.", ["how old am I", "what is my age", "do you know how old I am", "do you remember my age", "tell me my age", "what age am I", "how many years old am I", "my age?", "which age did I tell you", "what did I say about my age"], f"You are {x} years old.")


def by_job(rng: Random) -> Memory:
    x = pick(JOBS, rng, 0.6)
    say = rng.choice(["I work as a {x}", "I am a {x}", "my job is {x}", "my profession is {x}", "I'm a {x} by trade", "I earn my money as a {x}", "I am employed as a {x}", "by profession I am a {x}", "my work is {x}", "I make a living as a {x}", "my occupation is {x}"])
    return Memory("job", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my job", "what do I do for a living", "what do I work as", "do you remember my job", "what is my profession", "which job do I have", "what do I do", "what is my work", "what is my occupation", "how do I earn my money", "which profession did I name", "tell me my job", "what was my job", "my job?"], f"Your job is {x}.")


def by_pet(rng: Random) -> Memory:
    kind, x = rng.choice(ANIMALS), name(rng)
    say = rng.choice(["my {k} is called {x}", "I have a {k} called {x}", "my {k}'s name is {x}", "the name of my {k} is {x}", "we have a {k} named {x}"])
    return Memory(kind, say.format(k=kind, x=x), f"{x}, noted.", [f"what is my {kind} called", f"what is the name of my {kind}", f"what is my {kind}'s name", f"do you remember my {kind}'s name", f"how is my {kind} called", f"my {kind}'s name?", f"tell me the name of my {kind}", f"which name has my {kind}", f"what do I call my {kind}", f"what did I name my {kind}"], f"Your {kind} is called {x}.")


def by_colour(rng: Random) -> Memory:
    x = pick(COLOURS, rng, 0.5)
    say = rng.choice(["my favourite colour is {x}", "I like {x} best of all colours", "my favorite color is {x}", "the colour I like most is {x}"])
    return Memory("colour", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my favourite colour", "which colour do I like", "what's my favorite color", "which colour do I like best", "do you remember my favourite colour"], f"Your favourite colour is {x}.")


def by_food(rng: Random) -> Memory:
    x = pick(FOODS, rng, 0.6)
    say = rng.choice(["my favourite food is {x}", "I like to eat {x}", "I love {x}", "the food I like best is {x}", "my favourite dish is {x}"])
    return Memory("food", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my favourite food", "what do I like to eat", "which food do I like", "what's my favourite dish", "do you remember my favourite food"], f"Your favourite food is {x}.")


def by_hobby(rng: Random) -> Memory:
    x = pick(HOBBIES, rng, 0.6)
    say = rng.choice(["my hobby is {x}", "in my free time I like {x}", "I enjoy {x}", "my favourite hobby is {x}", "I spend my weekends with {x}", "I am fond of {x}", "I love {x}", "{x} is my hobby", "my pastime is {x}"])
    return Memory("hobby", say.format(x=x), f"{x.capitalize()}, noted.", ["what is my hobby", "what do I like to do", "what do I enjoy", "what do I do in my free time", "do you remember my hobby", "which hobby do I have", "what am I fond of", "what is my pastime", "how do I spend my free time", "my hobby?", "tell me what I enjoy"], f"Your hobby is {x}.")


def by_number(rng: Random) -> Memory:
    x = rng.randint(0, 9999) if rng.random() < 0.7 else rng.randint(0, 99)
    say = rng.choice(["remember the number {x}", "my lucky number is {x}", "my favourite number is {x}", "keep the number {x} in mind", "the number is {x}", "please remember {x}", "remember {x}", "note the number {x}", "note down {x}", "keep {x} for me", "{x} is the number to remember", "please keep {x} in mind"])
    return Memory("number", say.format(x=x), f"{x}, noted.", ["what is my number", "what was the number", "which number did I tell you", "what number should you remember", "what is the number", "which number was it", "do you remember the number", "what is my lucky number", "which number did I give you", "tell me the number", "what number did I say", "the number?", "repeat the number that I told you", "which number do you keep for me"], f"The number is {x}.")


def by_friend(rng: Random) -> Memory:
    kin, x = rng.choice("friend brother sister son daughter mother father wife husband cousin colleague".split()), name(rng)
    say = rng.choice(["my {k} is called {x}", "my {k}'s name is {x}", "I have a {k} called {x}", "the name of my {k} is {x}", "my {k} is {x}"])
    return Memory(kin, say.format(k=kin, x=x), f"{x}, noted.", [f"what is my {kin} called", f"what is the name of my {kin}", f"what is my {kin}'s name", f"who is my {kin}", f"do you remember my {kin}'s name", f"tell me my {kin}'s name", f"how is my {kin} called", f"which name has my {kin}", f"my {kin}'s name?", f"what was the name of my {kin}"], f"Your {kin} is called {x}.")


def by_birthday(rng: Random) -> Memory:
    from .calendar_lists import MONTHS

    x = f"{rng.randint(1, 28)} {rng.choice(MONTHS)}"
    say = rng.choice(["my birthday is on {x}", "I was born on {x}", "my birthday is {x}", "I have my birthday on {x}"])
    return Memory("birthday", say.format(x=x), f"{x}, noted.", ["when is my birthday", "when was I born", "do you remember my birthday", "on which day is my birthday", "what is my birthday", "which day was I born on", "my birthday?", "what date is my birthday", "tell me my birthday"], f"Your birthday is on {x}.")


def by_thing(rng: Random) -> Memory:
    thing = rng.choice(THINGS) if rng.random() < 0.8 else f"{word(rng)} {rng.choice(['code', 'number', 'name', 'key', 'place'])}"
    x = rng.choice([lambda: str(rng.randint(10, 99999)), lambda: name(rng), lambda: word(rng), lambda: f"{word(rng)} {word(rng)}", lambda: f"{word(rng).capitalize()} {rng.randint(1, 99)}"])()
    owner = rng.choice(["my", "my", "the"])
    yours = "Your" if owner == "my" else "The"
    say = rng.choice(["{o} {k} is {x}", "remember that {o} {k} is {x}", "note: {o} {k} is {x}", "please remember: {o} {k} is {x}", "for later: {o} {k} is {x}", "keep in mind that {o} {k} is {x}", "you should know that {o} {k} is {x}", "just so you know, {o} {k} is {x}", "{o} {k}: {x}", "{x} is {o} {k}", "don't forget: {o} {k} is {x}", "make a note: {o} {k} is {x}", "I want you to remember that {o} {k} is {x}", "by the way, {o} {k} is {x}", "{o} {k} is called {x}"])
    return Memory(thing, say.format(o=owner, k=thing, x=x), f"{yours} {thing} is {x}, noted.", [f"what is {owner} {thing}", f"what was {owner} {thing}", f"do you remember {owner} {thing}", f"tell me {owner} {thing}", f"{owner} {thing}?", f"what did I say about {owner} {thing}", f"can you tell me {owner} {thing}", f"remind me of {owner} {thing}", f"which {thing} did I name", f"say {owner} {thing} again", f"what did I tell you about {owner} {thing}", f"do you still know {owner} {thing}", f"please tell me {owner} {thing} again", f"{owner} {thing} was what", f"who or what is {owner} {thing}", f"I forgot {owner} {thing}"], f"{yours} {thing} is {x}.")


MEASURES = {"long": "metres", "high": "metres", "wide": "metres", "deep": "metres", "old": "years", "far": "kilometres", "heavy": "kilos", "big": "acres", "expensive": "euros", "fast": "kilometres an hour"}
MEASURED = "house|boat|street|pool|tree|fence|car|bridge|garage|rope|field|balcony|bike|tower|bag|table|cellar|grandfather|school|sofa|trip".split("|")


def by_measure(rng: Random) -> Memory:
    how, thing, x = rng.choice(list(MEASURES)), rng.choice(MEASURED) if rng.random() < 0.7 else word(rng), rng.randint(2, 999)
    value = f"{x} {MEASURES[how]}"
    say = rng.choice(["my {t} is {v} {h}", "my {t} is exactly {v} {h}", "remember that my {t} is {v} {h}", "the {t} of ours is {v} {h}", "I measured it: my {t} is {v} {h}"])
    return Memory(f"{thing} {how}", say.format(t=thing, v=value, h=how), f"{value}, noted.", [f"how {how} is my {thing}", f"do you remember how {how} my {thing} is", f"tell me how {how} my {thing} is", f"how {how} did I say my {thing} is", f"my {thing} is how {how}"], f"Your {thing} is {value} {how}.")


def by_place(rng: Random) -> Memory:
    thing, x = rng.choice(MEASURED + "keys|umbrella|passport|wallet|glasses|ladder|ring|letter|coat|spare key".split("|")), word(rng)
    place = rng.choice(["in the {x}", "under the {x}", "behind the {x}", "on the {x}", "at the {x}", "next to the {x}", "in {y}"]).format(x=x, y=x.capitalize())
    say = rng.choice(["I put my {t} {p}", "my {t} is {p}", "I left my {t} {p}", "remember that my {t} is {p}", "my {t} lies {p}", "I keep my {t} {p}"])
    return Memory(f"{thing} where", say.format(t=thing, p=place), f"{place[:1].upper() + place[1:]}, noted.", [f"where is my {thing}", f"where did I put my {thing}", f"where did I leave my {thing}", f"do you know where my {thing} is", f"tell me where my {thing} is", f"where do I keep my {thing}"], f"Your {thing} is {place}.")


def by_liking(rng: Random) -> Memory:
    thing, x = rng.choice("song|film|book|game|band|author|sport|team|season|flower|drink|animal|painter|fruit|dessert|language|subject|toy|tree".split("|")), pick([], rng, 1)
    say = rng.choice(["my favourite {t} is {x}", "the {t} I like best is {x}", "{x} is my favourite {t}", "my favorite {t} is {x}", "of all {t}s I like {x} most"])
    return Memory(f"favourite {thing}", say.format(t=thing, x=x), f"{x.capitalize()}, noted.", [f"what is my favourite {thing}", f"which {thing} do I like best", f"what's my favorite {thing}", f"do you remember my favourite {thing}", f"tell me my favourite {thing}", f"which {thing} do I like most"], f"Your favourite {thing} is {x}.")


MAKERS = {"name": by_name, "city": by_city, "age": by_age, "job": by_job, "pet": by_pet, "colour": by_colour, "food": by_food, "hobby": by_hobby, "number": by_number, "friend": by_friend, "birthday": by_birthday, "thing": by_thing, "measure": by_measure, "place": by_place, "liking": by_liking}

ECHO = ["say: {x}", "repeat: {x}", "repeat after me: {x}", "say {x}", "please say: {x}", "write: {x}", "echo {x}", "copy this: {x}"]


def an_echo(rng: Random) -> tuple[str, str]:
    """Words to be said back: the plainest way to learn to copy, on which remembering rests."""
    text = " ".join(rng.choice([word, name, word])(rng) if rng.random() < 0.8 else str(rng.randint(0, 9999)) for _ in range(rng.randint(1, 7)))
    return rng.choice(ECHO).format(x=text), text


NOT_TOLD = "You have not told me that."
