"""The weighted mean of several points of one training, which errs less than each of them: `python3 -m trainer.mean --out weights.f32 a.f32:0.5 b.f32:0.5`."""

import argparse
from array import array
from pathlib import Path


def read(file: str) -> array:
    weights = array("f")
    weights.frombytes(Path(file).read_bytes())
    return weights


def mean(points: list[tuple[float, array]]) -> array:
    whole = sum(share for share, _ in points)
    return array("f", [sum(share * value for (share, _), value in zip(points, values)) / whole for values in zip(*(weights for _, weights in points))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    parser.add_argument("points", nargs="+", help="FILE:SHARE, files as the training saves them")
    options = parser.parse_args()
    points = [point.rsplit(":", 1) for point in options.points]
    Path(options.out).write_bytes(mean([(float(share), read(file)) for file, share in points]).tobytes())


if __name__ == "__main__":
    main()
