"""Writes `weights.f32`, the mean of the points that the stretches of the training came to: `python3 -m trainer.mean --folder .cache/guide`."""

import argparse
from array import array
from pathlib import Path


def read(file: Path) -> array:
    weights = array("f")
    weights.frombytes(file.read_bytes())
    return weights


def mean(points: list[array]) -> array:
    return array("f", [sum(values) / len(values) for values in zip(*points, strict=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide")
    folder = Path(parser.parse_args().folder)
    (folder / "weights.f32").write_bytes(mean([read(file) for file in sorted(folder.glob("point-*.f32"))]).tobytes())


if __name__ == "__main__":
    main()
