"""Whatever a hand does: the view agrees with the document, and undo leads all the way back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.canvas.face import Side
from app.journal.codec import apply, difference
from graph.format import dump, parse
from graph.layout import Edge
from tests.app.catalog import CATALOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.canvas.canvas import Canvas
    from app.document import Document
    from tests.app.hand import Hand

GESTURES = 250
NONE = Qt.KeyboardModifier.NoModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHT = Qt.MouseButton.RightButton
MOST = 60
"""Nodes above which some are deleted."""


def anywhere(rng: random.Random, canvas: Canvas) -> QPoint:
    area = canvas.view.viewport().rect()
    return QPoint(rng.randrange(area.width()), rng.randrange(area.height()))


def on_something(rng: random.Random, hand: Hand) -> QPoint:
    """A place on a node, a wire, a frame or a note; the ground where there is nothing."""
    scene = hand.canvas.scene
    kind = rng.randrange(8)
    if kind == 0 and scene.wires:
        return hand.on_wire(rng.choice(sorted(scene.wires)), rng.randrange(25))
    if kind == 1 and scene.frames:
        frame = rng.choice(sorted(scene.frames))
        return rng.choice([hand.bar, hand.corner, hand.middle])(frame)
    if kind == 2 and scene.notes:
        return rng.choice([hand.corner, hand.middle])(rng.choice(sorted(scene.notes)))
    nodes = sorted(scene.nodes)
    if not nodes:
        return anywhere(rng, hand.canvas)
    node = rng.choice(nodes)
    state = scene.nodes[node].state
    places: list[Callable[[], QPoint]] = [lambda: hand.title(node)]
    places += [lambda s=s: hand.socket(node, s.side, s.name) for s in state.face.sockets]  # type: ignore[misc] # a default binds the loop's value
    places += [
        lambda c=c: hand.control(node, c.name)  # type: ignore[misc] # as above
        for c in state.face.controls
        if c.name not in ("file", "scheduler")  # those open menus
    ]
    return rng.choice(places)()


def drag(rng: random.Random, hand: Hand) -> None:
    canvas = hand.canvas
    end = on_something(rng, hand) if rng.random() < 0.6 else anywhere(rng, canvas)
    hand.drag(on_something(rng, hand), end, rng.choice([NONE] * 5 + [SHIFT, CTRL, ALT]))


def sweep(rng: random.Random, hand: Hand) -> None:
    hand.drag(anywhere(rng, hand.canvas), anywhere(rng, hand.canvas))


def cut(rng: random.Random, hand: Hand) -> None:
    start, end = anywhere(rng, hand.canvas), anywhere(rng, hand.canvas)
    if rng.random() < 0.5:
        hand.drag(start, end, CTRL, RIGHT)
        return
    hand.hold(Qt.Key.Key_Y)
    hand.drag(start, end)
    hand.let_go(Qt.Key.Key_Y)


def give_up(rng: random.Random, hand: Hand) -> None:
    """Begin to drag, and press Escape."""
    start = on_something(rng, hand)
    modifier = rng.choice([NONE, CTRL, ALT])
    hand.press(start, modifier)
    hand.move(start, anywhere(rng, hand.canvas), modifier)
    hand.key(Qt.Key.Key_Escape)
    hand.release(start)


def shake(rng: random.Random, hand: Hand) -> None:
    hand.shake(on_something(rng, hand), rng.choice([3, 6]))


def write(rng: random.Random, hand: Hand) -> None:
    hand.double_click(on_something(rng, hand))
    hand.type(rng.choice(["12", "a star", "-5", "nan"]))
    hand.key(rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape]))


def search(rng: random.Random, hand: Hand) -> None:
    hand.key(Qt.Key.Key_Tab)
    hand.type(rng.choice(["sample", "e", "zzz", "", "subgraph"]))
    hand.key(rng.choice([Qt.Key.Key_Return, Qt.Key.Key_Escape]))


def travel(rng: random.Random, hand: Hand) -> None:
    document = hand.canvas.document
    steps: list[Callable[[], None]] = [document.undo, document.redo]
    rng.choice(steps)()


def command(rng: random.Random, hand: Hand) -> None:
    canvas, deeds = hand.canvas, hand.canvas.deeds
    acts: list[Callable[[], object]] = [
        deeds.duplicate, deeds.select_all, deeds.paste, deeds.copy, deeds.cut, deeds.delete,
        deeds.take_out, deeds.unwire, deeds.mute, deeds.bypass, deeds.collapse, deeds.pin,
        deeds.add_note, deeds.add_frame, deeds.tidy,
        lambda: deeds.paint(rng.choice(["", "#b8564e"])),
        lambda: deeds.align(rng.choice(list(Edge))),
        lambda: deeds.distribute(across=rng.random() < 0.5),
        lambda: deeds.nudge(rng.randint(-2, 2), rng.randint(-2, 2)),
        lambda: deeds.set_bookmark(rng.choice("12")),
    ]  # fmt: skip
    if len(canvas.scene.nodes) > MOST:
        acts = [deeds.delete]
    rng.choice(acts)()


def subgraph(rng: random.Random, hand: Hand) -> None:
    canvas, deeds = hand.canvas, hand.canvas.deeds
    nodes = [key for key in canvas.scene.nodes if canvas.level.can_enter(key)]
    if rng.random() < 0.5 and nodes:
        canvas.selection.set({key := rng.choice(sorted(nodes))}, key)
    acts: list[Callable[[], object]] = [
        deeds.group, deeds.ungroup, deeds.enter, deeds.enter, deeds.leave, deeds.make_own,
        lambda: deeds.repeat(over=rng.choice([None, ""])) if canvas.selection.current else None,
        lambda: deeds.go_to_bookmark(rng.choice("12")),
    ]  # fmt: skip
    rng.choice(acts)()


def wire_by_keys(rng: random.Random, hand: Hand) -> None:
    if hand.canvas.scene.nodes:
        node = rng.choice(sorted(hand.canvas.scene.nodes))
        hand.canvas.selection.set({node}, node)
        hand.canvas.deeds.wire()
        for _ in range(rng.randint(1, 6)):
            hand.key(rng.choice([Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return]))
        hand.key(Qt.Key.Key_Escape)


def look(rng: random.Random, hand: Hand) -> None:
    canvas = hand.canvas
    canvas.fit_all()
    canvas.view.zoom_to(rng.choice([0.15, 0.3, 0.7, 1.0, 1.8, canvas.view.zoom]))


ACTS = (drag, drag, drag, drag, sweep, cut, give_up, shake, write, search, travel, command,
        command, subgraph, wire_by_keys, look)  # fmt: skip


def act(rng: random.Random, hand: Hand) -> str:
    chosen = rng.choice(ACTS)
    chosen(rng, hand)
    return chosen.__name__


def agrees(canvas: Canvas) -> None:
    graph, scene = canvas.level.graph, canvas.scene
    assert set(scene.nodes) == set(graph.nodes)
    assert set(scene.frames) == set(graph.frames)
    assert set(scene.notes) == set(graph.notes)
    assert set(scene.wires) == set(graph.links())
    assert all(part in graph for part in canvas.selection.ids)
    for node in graph.nodes.values():
        item = scene.nodes[node.id]
        assert item.pos().toTuple() == node.position
        assert item.state.node is node
        assert item.state.known == (canvas.level.catalog.get(node.type) is not None)
        assert item.state.live == {}
        assert item.state.fits is None
    for part in (*graph.frames.values(), *graph.notes.values()):
        drawn = scene.part(part.id)
        assert drawn is not None
        assert drawn.sceneBoundingRect().getRect() == (*part.position, *part.size)
    for link, wire in scene.wires.items():
        source = scene.nodes[link.source.node]
        assert wire.start == source.socket_point(Side.OUTPUT, link.source.output)
        assert wire.isVisible()
        assert wire.opacity() == 1
    assert canvas.crumbs.isVisible() == bool(canvas.level.path)


def undo_all(document: Document) -> None:
    while document.undo_name:
        document.undo()


def redo_all(document: Document) -> None:
    while document.redo_name:
        document.redo()


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(1, 24))]
)
def test_random_gestures_keep_view_and_document_together(hand: Hand, seed: int) -> None:
    rng = random.Random(seed)
    canvas, document = hand.canvas, hand.canvas.document
    first = dump(document.graph)
    for number in range(GESTURES):
        act(rng, hand)
        canvas.desk.finish()
        canvas.words.finish()
        canvas.search.close_box()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        agrees(canvas)
        if number % 50 == 0:
            canvas.grab()
            assert parse(dump(document.graph), catalog=CATALOG) == document.graph
    redo_all(document)
    last = dump(document.graph)
    undo_all(document)
    assert dump(document.graph) == first
    redo_all(document)
    assert dump(document.graph) == last
    agrees(canvas)
    for step in document.steps:  # what the journal writes down leads there too
        assert apply(difference(step.before, step.after), step.before) == step.after, step.name
