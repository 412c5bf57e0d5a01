"""Editing: a key in the search, a drag, edits outside and inside a subgraph of 2,000 nodes."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

from immutables import Map

from graph import edits
from graph.graph import Graph, Node, Source, Target
from tests.benchmarks.harness import Row, measure, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.canvas.canvas import Canvas
    from graph.spec import NodeSpec

TYPES, NODES = 3000, 2000
KEY_MS, EDIT_MS, DRAG_MS = 20.0, 8.0, 1.5
_WORDS = [
    "image", "latent", "mask", "sample", "noise", "upscale", "blur", "sharpen", "encode",
    "decode", "text", "prompt", "model", "lora", "control", "depth", "edge", "canny", "pose",
    "video", "frame", "layer", "alpha", "blend", "crop", "resize", "pad", "tile", "seed", "number",
    "list", "loop", "batch", "preview", "save", "load", "style", "colour", "curve", "level",
]  # fmt: skip


def run() -> Iterator[Row]:
    """Measure."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    canvas = _canvas()
    application.processEvents()
    yield from _searching(canvas)
    yield from _wiring(canvas)
    yield from _nesting(canvas)
    yield row(f"{NODES:,}: tidy up", measure(canvas.deeds.tidy, rounds=3))
    canvas.close()


def _types() -> list[NodeSpec]:
    from graph.spec import NodeSpec

    rng = random.Random(1)
    return [
        NodeSpec(
            id=f"p/{n}",
            title=" ".join(rng.sample(_WORDS, rng.randint(1, 4))).capitalize(),
            category="/".join(rng.sample(_WORDS, 2)).title(),
            synonyms=tuple(rng.sample(_WORDS, 2)),
        )
        for n in range(TYPES)
    ]


def _canvas() -> Canvas:
    """A canvas on samplers, wired here and there."""
    from app.canvas.canvas import Canvas
    from app.document import Document
    from app.theme.look import Look
    from graph.files import FileIndex
    from tests.app.catalog import CATALOG, SAMPLE

    rng, nodes = random.Random(2), []
    for number in range(NODES):
        near = max(0, number - rng.randrange(1, 30))
        wires = Map({"latent": (Source(f"n{near}", "latent"),)} if number else {})
        place = (number % 50 * 320.0, number // 50 * 600.0)
        values = Map(SAMPLE.defaults())
        nodes.append(Node(id=f"n{number}", type=SAMPLE.id, params=values, wires=wires,
                          position=place))  # fmt: skip
    canvas = Canvas(Document(CATALOG, edits.insert(Graph(), nodes).graph), Look(), FileIndex())
    canvas.resize(1600, 1000)
    canvas.show()
    return canvas


def _searching(canvas: Canvas) -> Iterator[Row]:
    from PySide6.QtCore import QPoint

    types = _types()
    opened = measure(lambda: canvas.search.open(types, QPoint(10, 10), ""), rounds=3)
    yield row(f"search: open with {TYPES:,} types", opened)
    for query in ("s", "samp", "image bl", "smpl", "zzzz", "decoed"):

        def type_it(query: str = query) -> None:
            canvas.search.field.setText(query)
            canvas.search.list.viewport().repaint()

        times = measure(type_it, before=lambda: canvas.search.field.setText(""))
        yield row(f"search: “{query}” at once", times, KEY_MS)
    canvas.search.close_box()


def _wiring(canvas: Canvas) -> Iterator[Row]:
    from PySide6.QtCore import QPoint, QPointF

    from app.canvas.gestures.base import Pointer
    from app.canvas.gestures.carry import Carry
    from app.canvas.gestures.draw_wire import DrawWire

    scene, editing = canvas.scene, canvas.editing
    start = Pointer(scene.nodes["n1000"].pos(), QPoint(0, 0))
    carry = Carry(start, "n1000", frozenset({"n1000"}), scene, editing)
    place = iter(range(10_000))

    def drag() -> None:
        step = next(place) % 40 + 10
        carry.move(Pointer(start.scene + QPointF(step, step), QPoint(step, step)))

    yield row(f"{NODES:,}: drag a node, without painting", measure(drag, rounds=50), DRAG_MS)
    carry.cancel()

    def wire() -> None:
        DrawWire(start, Source("n5", "latent"), scene, editing, ask=lambda *_: None).cancel()

    yield row(f"{NODES:,}: take hold of a wire, let go", measure(wire))


def _nesting(canvas: Canvas) -> Iterator[Row]:
    document, deeds = canvas.document, canvas.deeds
    step = iter(range(1, 150))
    yield row(
        f"{NODES:,}: change a value",
        measure(lambda: canvas.editing.set_param("n100", "steps", next(step))),
        EDIT_MS,
    )
    deeds.select_all()
    yield row(f"{NODES:,}: make one subgraph", measure(deeds.group, rounds=1))
    canvas.words.close()
    node = next(iter(document.graph.nodes))
    yield row(f"{NODES:,}: enter it", measure(lambda: canvas.level.enter(node), rounds=1))
    for what, work in (
        ("change a value", lambda: canvas.editing.set_param("n100", "steps", next(step))),
        ("nudge a node", lambda: canvas.arranging.nudge({"n100"}, (8.0, 0.0))),
        ("wire", lambda: canvas.editing.wire(Source("n0", "latent"), Target("n1999", "latent"))),
    ):
        rounds = 1 if what == "wire" else 7
        yield row(f"{NODES:,} inside: {what}", measure(work, rounds=rounds), EDIT_MS)
    deeds.leave()
    canvas.selection.set({node}, node)
    yield row(f"{NODES:,}: expand it", measure(deeds.ungroup, rounds=1))
    canvas.selection.set(())
