"""Draws the loss over the tokens seen, as an SVG without any library."""

import argparse
import json
import math
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 320, 56, 40, 16


def draw(points: list[tuple[int, float]]) -> str:
    most = max(tokens for tokens, _ in points)
    low, high = math.floor(math.log10(min(loss for _, loss in points)) * 2) / 2, math.ceil(math.log10(max(loss for _, loss in points)))
    x = lambda tokens: LEFT + (WIDTH - LEFT - 16) * tokens / most
    y = lambda loss: HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (math.log10(loss) - low) / (high - low)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>The loss of the guide's words, by the tokens that its training has seen</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for loss in [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]:
        if low <= math.log10(loss) <= high:
            parts.append(f'<path d="M{LEFT} {y(loss):.1f}H{WIDTH - 16}" stroke="#ddd"/><text x="{LEFT - 8}" y="{y(loss) + 4:.1f}" text-anchor="end">{loss:g}</text>')
    step = 10 ** math.floor(math.log10(most)) / (1 if most >= 4 * 10 ** math.floor(math.log10(most)) else 2)
    for mark in range(1, int(most / step) + 1):
        parts.append(f'<text x="{x(mark * step):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{mark * step / 1e6:g} M</text>')
    line = " ".join(f"{x(tokens):.1f},{y(loss):.1f}" for tokens, loss in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#2563eb" stroke-width="1.5"/>')
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 6}" text-anchor="middle">tokens seen</text>')
    parts.append(f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">loss, natural log</text></svg>')
    return "\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", default=".cache/guide")
    parser.add_argument("--out", default="loss.svg")
    options = parser.parse_args()
    points: list[tuple[int, float]] = []
    for line in map(json.loads, (Path(options.folder) / "log.jsonl").read_text().splitlines()):
        # What was broken off after the last checkpoint was done again.
        points = [point for point in points if point[0] < line["tokens"]] + [(line["tokens"], line["loss"])]
    Path(options.out).write_text(draw(points))


if __name__ == "__main__":
    main()
