"""Whatever a hand does: the view agrees with the document, and undo leads all the way back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from app.canvas.face import Side
from graph.format import dump

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.canvas.canvas import Canvas
    from app.document import Document
    from tests.app.hand import Hand

GESTURES = 250


def anywhere(rng: random.Random, canvas: Canvas) -> QPoint:
    area = canvas.view.viewport().rect()
    return QPoint(rng.randrange(area.width()), rng.randrange(area.height()))


def on_something(rng: random.Random, hand: Hand) -> QPoint:
    """A place on a node: its title, a value or a socket; the ground where there is no node."""
    nodes = sorted(hand.canvas.scene.nodes)
    if not nodes:
        return anywhere(rng, hand.canvas)
    node = rng.choice(nodes)
    state = hand.canvas.scene.nodes[node].state
    places: list[Callable[[], QPoint]] = [lambda: hand.title(node)]
    places += [lambda s=s: hand.socket(node, s.side, s.name) for s in state.face.sockets]  # type: ignore[misc] # a default binds the loop's value
    places += [
        lambda c=c: hand.control(node, c.name)  # type: ignore[misc] # as above
        for c in state.face.controls
        if c.name not in ("file", "scheduler")  # those open menus
    ]
    return rng.choice(places)()


def act(rng: random.Random, hand: Hand) -> None:
    canvas = hand.canvas
    modifier = rng.choice(
        [Qt.KeyboardModifier.NoModifier] * 4
        + [Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier]
    )
    choice = rng.randrange(12)
    if choice <= 4:
        end = on_something(rng, hand) if rng.random() < 0.6 else anywhere(rng, canvas)
        hand.drag(on_something(rng, hand), end, modifier)
    elif choice == 5:
        hand.drag(anywhere(rng, canvas), anywhere(rng, canvas))
    elif choice == 6:
        hand.double_click(on_something(rng, hand))
        hand.type(rng.choice(["12", "a star", "-5", "nan"]))
        hand.key(rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape]))
    elif choice == 7:
        hand.key(Qt.Key.Key_Tab)
        hand.type(rng.choice(["sample", "e", "zzz", ""]))
        hand.key(rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape]))
    elif choice == 8:
        steps: list[Callable[[], None]] = [canvas.document.undo, canvas.document.redo]
        rng.choice(steps)()
    elif choice == 9:
        deeds = canvas.deeds
        commands: list[Callable[[], object]]
        commands = [deeds.duplicate, deeds.select_all, deeds.paste, deeds.copy]
        rng.choice(commands)()
    elif choice == 10 or len(canvas.scene.nodes) > 60:
        canvas.deeds.delete()
    else:
        canvas.fit_all()
        canvas.view.zoom_to(rng.choice([0.3, 0.7, 1.0, 1.8, canvas.view.zoom]))


def agrees(canvas: Canvas) -> None:
    graph, scene = canvas.document.graph, canvas.scene
    assert set(scene.nodes) == set(graph.nodes)
    assert set(scene.wires) == set(graph.links())
    assert canvas.selection.ids <= set(graph.nodes)
    for node in graph.nodes.values():
        item = scene.nodes[node.id]
        assert item.pos().toTuple() == node.position
        assert item.state.node is node
        assert item.state.live == {}
        assert item.state.fits is None
    for link, wire in scene.wires.items():
        source = scene.nodes[link.source.node]
        assert wire.start == source.socket_point(Side.OUTPUT, link.source.output)
        assert wire.isVisible()


def undo_all(document: Document) -> None:
    while document.undo_name:
        document.undo()


def redo_all(document: Document) -> None:
    while document.redo_name:
        document.redo()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 20))]
)
def test_random_gestures_keep_view_and_document_together(hand: Hand, seed: int) -> None:
    rng = random.Random(seed)
    canvas, document = hand.canvas, hand.canvas.document
    first = dump(document.graph)
    for number in range(GESTURES):
        act(rng, hand)
        canvas.desk.finish()
        canvas.search.close_box()
        agrees(canvas)
        if number % 50 == 0:
            canvas.grab()
    redo_all(document)
    last = dump(document.graph)
    undo_all(document)
    assert dump(document.graph) == first
    redo_all(document)
    assert dump(document.graph) == last
    agrees(canvas)
