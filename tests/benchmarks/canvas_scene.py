"""A large document as artists make them: several node types, values, wires and thumbnails."""

from __future__ import annotations

import random

from immutables import Map
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from graph.catalog import Catalog
from graph.edits import insert
from graph.graph import Graph, Node, Source
from graph.spec import (
    ChoiceOption,
    ChoiceWidget,
    FloatWidget,
    InputSpec,
    IntWidget,
    NodeSpec,
    OutputSpec,
    SeedWidget,
)

COLUMN, ROW = 320.0, 520.0
THUMBNAIL = 256
TITLES = ("Sampler", "Upscale twice", "Blend", "Negative prompt", "Refine face")


def _socket(name: str, kind: str) -> InputSpec:
    return InputSpec(name=name, label=name.capitalize(), type=kind, required=False)


def _spec(name: str, title: str, kinds: tuple[str, str]) -> NodeSpec:
    """Return a type with 3 inputs, 2 outputs and three values."""
    return NodeSpec(
        id=f"bench/{name}",
        title=title,
        category="Benchmark",
        inputs=(
            _socket("first", kinds[0]),
            _socket("second", kinds[1]),
            _socket("third", kinds[0]),
            InputSpec(name="steps", label="Steps", type="Int", widget=IntWidget(1, 150),
                      default=20),
            InputSpec(name="strength", label="Strength", type="Float", default=0.6,
                      widget=FloatWidget(0.0, 1.0, 0.05)),
            InputSpec(name="mode", label="Mode", type="Choice", default="soft",
                      widget=ChoiceWidget((ChoiceOption("soft", "Soft"),
                                           ChoiceOption("hard", "Hard")))),
            InputSpec(name="seed", label="Seed", type="Int", widget=SeedWidget(), default=7),
        ),
        outputs=(
            OutputSpec(name="one", label="One", type=kinds[0]),
            OutputSpec(name="two", label="Two", type=kinds[1]),
        ),
    )  # fmt: skip


PICTURE = _spec("picture", "Blend pictures", ("Image", "Mask"))
PLAIN = _spec("plain", "Join prompts", ("Conditioning", "Model"))
CATALOG = Catalog((PICTURE, PLAIN))


def large_graph(count: int, seed: int = 1) -> Graph:
    """Return `count` nodes on a loose grid, 1.5 wires a node, most of them to neighbours."""
    rng = random.Random(seed)
    columns = max(1, round((count * 1.6 * ROW / COLUMN) ** 0.5))
    nodes: list[Node] = []
    for index in range(count):
        spec = PICTURE if index % columns % 3 else PLAIN
        place = (index % columns * COLUMN, index // columns * ROW + rng.randrange(6) * 8.0)
        nodes.append(
            Node(
                id=f"n{index}",
                type=spec.id,
                params=Map(
                    {**spec.defaults(), "steps": rng.randrange(1, 150), "seed": rng.randrange(999)}
                ),
                position=place,
                title=rng.choice(TITLES) if index % 4 == 0 else "",
                colour=rng.choice(("#7a9cc6", "#c67a7a", "#8dbf7a")) if index % 9 == 0 else "",
                wires=Map(_wires(rng, spec.id, nodes, columns)),
            )
        )
    return insert(Graph(), nodes).graph


def _wires(
    rng: random.Random, kind: str, nodes: list[Node], columns: int
) -> dict[str, tuple[Source, ...]]:
    """Return one or two wires from nodes of the type `kind` nearby."""
    wires: dict[str, tuple[Source, ...]] = {}
    for name, output in (("first", "one"), ("second", "two"))[: rng.choice((1, 2))]:
        start = len(nodes) - rng.choice((1, 1, 2, 3, columns, columns + 1))
        near = (nodes[n] for n in range(start, max(-1, start - 8), -1) if n >= 0)
        found = next((node for node in near if node.type == kind), None)
        if found is not None:
            wires[name] = (Source(found.id, output),)
    return wires


def thumbnail(number: int) -> QImage:
    """Return a picture as a sampler might make it: soft colours with something in the middle."""
    image = QImage(THUMBNAIL, THUMBNAIL, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    ground = QLinearGradient(0, 0, THUMBNAIL, THUMBNAIL)
    ground.setColorAt(0, QColor.fromHsv(number * 47 % 360, 140, 190))
    ground.setColorAt(1, QColor.fromHsv((number * 47 + 90) % 360, 120, 90))
    painter.fillRect(image.rect(), ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor.fromHsv(number * 91 % 360, 180, 230))
    painter.drawEllipse(60 + number % 40, 60, 120, 110)
    painter.end()
    return image
