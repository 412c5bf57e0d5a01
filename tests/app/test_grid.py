"""The grid finds whatever lies in a box."""

from __future__ import annotations

import random

from app.canvas.index import Box, Grid, overlap


class Thing:
    pass


def random_box(rng: random.Random) -> Box:
    left, top = rng.uniform(-5000, 5000), rng.uniform(-5000, 5000)
    wide = rng.choice((10.0, 300.0, 3000.0, 1e6))
    return (left, top, left + rng.uniform(0, wide), top + rng.uniform(0, wide))


def test_nothing_in_a_box_is_missed() -> None:
    rng = random.Random(4)
    grid: Grid[Thing] = Grid()
    boxes: dict[Thing, Box] = {}
    for _ in range(600):
        choice = rng.random()
        thing = Thing() if choice < 0.5 or not boxes else rng.choice(list(boxes))
        if choice > 0.85 and thing in boxes:
            grid.drop(thing)
            del boxes[thing]
        else:
            boxes[thing] = random_box(rng)
            grid.put(thing, (boxes[thing],))
        asked = random_box(rng)
        found = grid.near(asked)
        assert {t for t, box in boxes.items() if overlap(box, asked)} <= found
        assert found <= set(boxes)


def test_what_is_far_away_is_left_out() -> None:
    grid: Grid[Thing] = Grid()
    things = [Thing() for _ in range(400)]
    for number, thing in enumerate(things):
        x, y = number % 20 * 1000.0, number // 20 * 1000.0
        grid.put(thing, ((x, y, x + 200, y + 200),))
    assert len(grid.near((0.0, 0.0, 900.0, 900.0))) <= 4
