"""Names that look like settings, routes or operations and are none: what must never be explained."""

from random import Random

from .facts_folder import read
from .memory import WORDS

PARTS = (
    "MODEL CACHE LOG DATA USER ADMIN MAX MIN SESSION TOKEN PROMPT QUEUE REPLY AUTH API PORT HOST URL PATH DIR FILE SIZE LIMIT TIMEOUT MODE LEVEL KEY SECRET "
    "ENABLE DISABLE DEFAULT RETRY BATCH GPU CPU MEMORY STREAM WEB SOCKET PROXY BACKUP EXPORT IMPORT SEARCH INDEX RATE COUNT THREAD LAYER WORKER NODE REGION"
).split()
NOUNS = "users files folders tags notes images voices teams groups roles tokens plugins tools agents tasks jobs events logs reports charts pages links alerts themes labels comments".split()
VERBS = "create delete update share merge clone lock sort send read sync rename move copy attach freeze publish hide".split()
THINGS = "Folder Tag Note Image Voice Team Group Role Token Plugin Tool Agent Task Job Event Report Chart Page Link Alert Theme Label Comment".split()
ASK = ["what does {x} do", "what is {x}", "what is {x} for", "explain {x}", "how do I use {x}", "tell me about {x}", "{x}", "what is the default of {x}", "how do I set {x}", "which values can {x} have", "what does the setting {x} mean", "what should I set {x} to"]
ASK_CALL = ["what does {x} do", "how do I call {x}", "what is {x}", "what do I send to {x}", "explain {x}", "what does {x} return", "is there {x}", "is there an operation called {x}", "which arguments has {x}", "the operation {x}, what for", "when do I need {x}", "an example of {x} please", "{x} in GraphQL", "describe {x}"]


def known_settings() -> set[str]:
    return {name for row in read("settings") for name in [row["name"], *row.get("also", [])]}


KNOWN = known_settings()


def an_invented_name(rng: Random) -> str:
    """A question about something that does not exist."""
    kind = rng.random()
    if kind < 0.6:
        while (x := "_".join(part if rng.random() < 0.7 else rng.choice(WORDS).upper() for part in rng.sample(PARTS, rng.choice([2, 2, 2, 3])))) in KNOWN:
            pass
        return rng.choice(ASK).format(x=x)
    if kind < 0.8:
        return rng.choice(ASK_CALL).format(x=rng.choice(["/api/v1/", "/api/", "/v1/", "/"]) + rng.choice(NOUNS) + rng.choice(["", "/{id}"]).replace("{", "{{").replace("}", "}}").format())
    if kind < 0.9:
        return rng.choice(ASK_CALL).format(x=rng.choice(VERBS) + rng.choice(THINGS))
    return rng.choice(ASK_CALL).format(x=rng.choice(WORDS) + rng.choice(WORDS).capitalize())
