"""Days, months, counting and short lists."""

from random import Random

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
NUMBERS = "one two three four five six seven eight nine ten".split()
THINGS = {
    "colours|colors": "red blue green yellow orange purple brown black white grey".split(),
    "fruits|kinds of fruit": "apple banana pear cherry plum grape lemon orange peach mango".split(),
    "animals": "dog cat horse cow sheep lion bear wolf fox rabbit".split(),
    "vegetables": "carrot potato onion tomato cabbage pea bean leek spinach pumpkin".split(),
    "birds": "sparrow eagle owl robin swan duck crow stork raven gull".split(),
    "planets": "Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune".split(),
    "drinks": ["water", "tea", "coffee", "milk", "juice", "lemonade", "cocoa", "beer", "wine", "cider"],
    "tools": "hammer saw drill file knife axe spade rake pliers chisel".split(),
    "trees": "oak beech birch pine maple ash willow lime elm fir".split(),
    "flowers": "rose tulip lily daisy violet poppy iris dahlia aster lilac".split(),
    "shapes": "circle square triangle oval star cube sphere cone cylinder line".split(),
    "instruments": "piano violin flute drum guitar trumpet harp organ cello horn".split(),
}


def a_date(rng: Random) -> tuple[str, str]:
    kind = rng.randrange(7)
    day, month = rng.randrange(7), rng.randrange(12)
    if kind == 0:
        frame = rng.choice(["what day comes after {}", "which day follows {}", "what is the day after {}", "after {} comes which day", "the day after {}"])
        return frame.format(DAYS[day]), f"After {DAYS[day]} comes {DAYS[(day + 1) % 7]}."
    if kind == 1:
        frame = rng.choice(["what day comes before {}", "which day is before {}", "what is the day before {}", "the day before {}"])
        return frame.format(DAYS[day]), f"Before {DAYS[day]} comes {DAYS[(day + 6) % 7]}."
    if kind == 2:
        frame = rng.choice(["what month comes after {}", "which month follows {}", "what is the month after {}", "the month after {}"])
        return frame.format(MONTHS[month]), f"After {MONTHS[month]} comes {MONTHS[(month + 1) % 12]}."
    if kind == 3:
        frame = rng.choice(["what month comes before {}", "which month is before {}", "what is the month before {}", "the month before {}"])
        return frame.format(MONTHS[month]), f"Before {MONTHS[month]} comes {MONTHS[(month + 11) % 12]}."
    if kind == 4:
        frame = rng.choice(["how many days has {}", "how many days are in {}", "how many days does {} have", "how long is {}", "days in {}", "number of days in {}"])
        leap = ", 29 in a leap year" if month == 1 else ""
        return frame.format(MONTHS[month]), f"{MONTHS[month]} has {LENGTHS[month]} days{leap}."
    if kind == 5:
        frame = rng.choice(["which month is the {}", "what is the {} month", "what is the {} month of the year", "name the {} month"])
        return frame.format(ORDINALS[month]), f"The {ORDINALS[month]} month is {MONTHS[month]}."
    days = rng.randint(2, 6)
    frame = rng.choice(["if today is {d}, what day is it in {n} days", "today is {d}. what day is it in {n} days", "what day is {n} days after {d}", "which day is it {n} days after {d}"])
    return frame.format(d=DAYS[day], n=days), f"{days} days after {DAYS[day]} is {DAYS[(day + days) % 7]}."


def a_list(rng: Random) -> tuple[str, str]:
    if rng.random() < 0.4:
        return a_count(rng)
    names, things = rng.choice(list(THINGS.items()))
    count = rng.randint(2, min(7, len(things)))
    number = str(count) if rng.random() < 0.5 else NUMBERS[count - 1]
    frame = rng.choice(["list {n} {x}", "name {n} {x}", "give me {n} {x}", "tell me {n} {x}", "can you name {n} {x}", "I need a list of {n} {x}", "write down {n} {x}", "{n} {x}", "make a list of {n} {x}", "say {n} {x}"])
    question = frame.format(n=number, x=rng.choice(names.split("|")))
    return question, "\n".join(f"{place}. {thing}" for place, thing in enumerate(things[:count], 1))


def a_count(rng: Random) -> tuple[str, str]:
    first = 1 if rng.random() < 0.5 else rng.randint(2, 30)
    last = first + rng.randint(2, 9)
    frames = ["count from {a} to {b}", "count from {a} up to {b}", "list the numbers from {a} to {b}", "write the numbers {a} to {b}", "numbers from {a} to {b}"]
    if first == 1:
        frames += ["count to {b}", "please count to {b}", "can you count to {b}", "count up to {b}"]
    return rng.choice(frames).format(a=first, b=last), ", ".join(map(str, range(first, last + 1)))
