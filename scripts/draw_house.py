#!/usr/bin/env python3
"""Draws the rooms of libs/, src/ and bench/ and who includes whom, as the includes say, into docs/images/house.svg.

  scripts/draw_house.py           writes the figure
  scripts/draw_house.py --check   fails when the figure is stale

A room stands above everything that it includes. A line that follows from others is left out.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "layers"))
from check_layers import ALLOWED, STOREYS, reachable, room_includes  # noqa: E402

FIGURE = ROOT / "docs" / "images" / "house.svg"
COLOURS = {"libs": "#e8f0fe", "src": "#e6f4ea", "bench": "#fef7e0"}
BOX_WIDTH, BOX_HEIGHT, GAP, ROW = 148, 30, 12, 78
MARGIN = 16


def without_shortcuts(edges):
    """The lines that do not follow from others."""
    return {
        room: {other for other in others if not any(other in reachable(edges, between) for between in others - {other})}
        for room, others in edges.items()
    }


def levels(edges):
    """By room: the length of the longest way down."""
    known = {}

    def level(room):
        if room not in known:
            known[room] = 1 + max((level(other) for other in edges[room]), default=-1)
        return known[room]

    for room in edges:
        level(room)
    return known


def places(edges):
    """By room: its box's upper left corner. A row is ordered by where the rooms below it stand, to keep lines short."""
    level = levels(edges)
    rows = [sorted(room for room in edges if level[room] == n) for n in range(max(level.values()) + 1)]
    width = max(len(row) for row in rows) * (BOX_WIDTH + GAP) - GAP
    at = {}
    for n, row in enumerate(rows):
        def wanted(room):
            below = [at[other][0] for other in edges[room]]
            return (sum(below) / len(below) if below else 0, room)

        row.sort(key=wanted)
        left = MARGIN + (width - (len(row) * (BOX_WIDTH + GAP) - GAP)) / 2
        for i, room in enumerate(row):
            at[room] = (left + i * (BOX_WIDTH + GAP), MARGIN + (len(rows) - 1 - n) * ROW)
    return at, width + 2 * MARGIN, (len(rows) - 1) * ROW + BOX_HEIGHT + 2 * MARGIN


def draw():
    edges = room_includes()
    at, width, height = places(edges)
    storey_of = {room: storey for storey, rooms in STOREYS.items() for room in rooms}
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        'font-family="sans-serif" font-size="12">',
        "<title>The rooms of message-service, each above what it includes</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
    ]
    for room, others in sorted(without_shortcuts(edges).items()):
        for other in sorted(others):
            (x1, y1), (x2, y2) = at[room], at[other]
            x1, x2, y1 = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2, y1 + BOX_HEIGHT
            middle = (y1 + y2) / 2
            out.append(f'<path d="M{x1:.0f} {y1:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}" '
                       'fill="none" stroke="#9aa0a6"/>')
    for room, (x, y) in sorted(at.items()):
        out.append(f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="4" '
                   f'fill="{COLOURS[storey_of[room]]}" stroke="#5f6368"/>')
        out.append(f'<text x="{x + BOX_WIDTH / 2:.0f}" y="{y + 19:.0f}" text-anchor="middle">{room}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    figure = draw()
    if sys.argv[1:] == ["--check"]:
        if not FIGURE.exists() or FIGURE.read_text(encoding="utf-8") != figure:
            sys.exit(f"{FIGURE.relative_to(ROOT)} is stale: run scripts/draw_house.py")
        print(f"{FIGURE.relative_to(ROOT)} shows {len(ALLOWED)} rooms as they are")
    else:
        FIGURE.write_text(figure, encoding="utf-8")
        print(f"wrote {FIGURE.relative_to(ROOT)}")
