"""Where the tables lie."""

from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "facts"


def read(name: str):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
