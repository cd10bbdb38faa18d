"""Where the tables lie."""

from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "facts"


def read(name: str):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text())


def read_asked() -> dict[str, list[str]]:
    """By the name of a fact, or the kind of something unknown: whole questions, written by hand in `asked/`."""
    tables = [yaml.safe_load(file.read_text()) for file in sorted((FOLDER / "asked").glob("*.yaml"))]
    return {name: questions for table in tables for name, questions in table.items()}
