"""Small arithmetic: sums and differences within twenty, the multiplication table up to ten."""

from random import Random

ASK = {
    "+": ["what is {a} + {b}", "{a} + {b}", "{a}+{b}", "what is {a} plus {b}", "add {a} and {b}", "how much is {a} + {b}", "{a} plus {b}", "calculate {a} + {b}", "what do {a} and {b} make", "sum of {a} and {b}", "compute {a}+{b}", "what does {a} plus {b} equal"],
    "-": ["what is {a} - {b}", "{a} - {b}", "{a}-{b}", "what is {a} minus {b}", "subtract {b} from {a}", "how much is {a} - {b}", "{a} minus {b}", "calculate {a} - {b}", "take {b} away from {a}", "compute {a}-{b}"],
    "×": ["what is {a} × {b}", "{a} * {b}", "{a}*{b}", "what is {a} times {b}", "multiply {a} by {b}", "how much is {a} x {b}", "{a} times {b}", "calculate {a} * {b}", "what is {a} x {b}", "what is the product of {a} and {b}"],
}


def a_sum(rng: Random) -> tuple[str, str]:
    sign = rng.choice("++--×")
    if sign == "×":
        a, b = rng.randint(0, 10), rng.randint(0, 10)
    else:
        a = rng.randint(0, 20)
        b = rng.randint(0, 20 - a if sign == "+" else a)
    return rng.choice(ASK[sign]).format(a=a, b=b), f"{a} {sign} {b} = {result(sign, a, b)}."


def result(sign: str, a: int, b: int) -> int:
    return a + b if sign == "+" else a - b if sign == "-" else a * b
