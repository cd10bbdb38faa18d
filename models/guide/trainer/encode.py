"""Conversations as tokens: ChatML, and which of them the guide says."""

from dataclasses import dataclass, field

from .bpe import Tokenizer
from .dialogues import Dialogue


@dataclass
class Encoded:
    tokens: list[int] = field(default_factory=list)
    """For each token whether it is taught: the guide's words and the end of its turns."""
    taught: list[bool] = field(default_factory=list)
    """Places where an answer begins, and the number of what its question is about."""
    intents: list[tuple[int, int]] = field(default_factory=list)

    def put(self, ids: list[int], teach: bool = False) -> None:
        self.tokens.extend(ids)
        self.taught.extend([teach] * len(ids))


class Encoder:
    """`numbers`: by the name of what a question is about."""

    def __init__(self, tokenizer: Tokenizer, numbers: dict[str, int]):
        self.tokenizer, self.numbers = tokenizer, numbers

    def begin(self, made: Encoded, role: str) -> None:
        made.put([self.tokenizer.start_of_turn, *self.tokenizer.encode(f"{role}\n")])

    def say(self, made: Encoded, text: str, teach: bool = False) -> None:
        made.put([*self.tokenizer.encode(text), self.tokenizer.end_of_turn], teach)
        made.put(self.tokenizer.encode("\n"))

    def about(self, made: Encoded, intent: str) -> None:
        """What the guide thinks of before it answers."""
        made.put([self.tokenizer.first_about + self.numbers[intent]], True)

    def encode(self, dialogue: Dialogue, answered: bool, as_shown: bool) -> Encoded:
        """Not answered, it ends with what the first question is about: much shorter, and enough to learn that.

        `as_shown`: the guide's earlier turns are as the portal gives them back, without what they were about, and not taught.
        """
        made = Encoded()
        if dialogue.wishes.prompt is not None and answered:
            self.begin(made, "system")
            self.say(made, dialogue.wishes.prompt)
        for number, ((question, answer), intent) in enumerate(zip(dialogue.turns, dialogue.intents), 1):
            self.begin(made, "user")
            self.say(made, question)
            self.begin(made, "assistant")
            made.intents.append((len(made.tokens) - 1, self.numbers[intent]))
            earlier = as_shown and number < len(dialogue.turns)
            if not earlier:
                self.about(made, intent)
            if not answered:
                break
            self.say(made, answer, teach=not earlier)
        return made
