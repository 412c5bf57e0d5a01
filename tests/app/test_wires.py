"""Drawing, moving and dropping wires, as a hand does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from app.canvas.face import Side
from graph.edits import disconnect, remove
from graph.graph import Link, Source, Target

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.canvas.search import SearchBox
    from app.document import Document
    from tests.app.hand import Hand

DECODED = Link(Source("decode", "image"), Target("save", "image"))
SAMPLED = Link(Source("sampler", "latent"), Target("decode", "latent"))


def titles(search: SearchBox) -> list[str]:
    """What is found, from the top."""
    model = search.list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


@pytest.fixture
def unwired(document: Document) -> None:
    """The picture is not wired to Save, for a hand to do it."""
    document.edit("Disconnect", disconnect(document.graph, DECODED))


@pytest.mark.usefixtures("unwired")
def test_dragging_from_an_output_to_an_input_wires_them(hand: Hand, document: Document) -> None:
    hand.drag(hand.output("decode", "image"), hand.input("save", "image"))
    assert DECODED in set(document.graph.links())
    assert document.undo_name == "Connect"
    assert DECODED in hand.canvas.scene.wires


@pytest.mark.usefixtures("unwired")
def test_dragging_from_an_input_to_an_output_wires_them(hand: Hand, document: Document) -> None:
    hand.drag(hand.input("save", "image"), hand.output("decode", "image"))
    assert DECODED in set(document.graph.links())


@pytest.mark.usefixtures("unwired")
def test_a_wire_need_not_hit_the_socket(hand: Hand, document: Document) -> None:
    hand.drag(hand.output("decode", "image"), hand.input("save", "image") + QPoint(-16, 10))
    assert DECODED in set(document.graph.links())


def test_only_sockets_that_fit_are_lit_while_dragging(hand: Hand, canvas: Canvas) -> None:
    start = hand.output("sampler", "latent")
    hand.press(start)
    hand.move(start, start + QPoint(40, 200))
    fits = {key: item.state.fits for key, item in canvas.scene.nodes.items()}
    assert fits["decode"] == frozenset({(Side.INPUT, "latent")})
    assert fits["save"] == frozenset()
    assert fits["sampler"] == frozenset({(Side.OUTPUT, "latent")})  # where it begins
    assert fits["size"] == frozenset()  # before it: a wire back would close a circle
    assert all(wire.opacity() < 1 for wire in canvas.scene.wires.values())
    hand.key(Qt.Key.Key_Escape)
    assert {item.state.fits for item in canvas.scene.nodes.values()} == {None}
    assert all(wire.opacity() == 1 for wire in canvas.scene.wires.values())


def test_a_wire_taken_off_an_input_and_dropped_is_gone(hand: Hand, document: Document) -> None:
    start = hand.input("save", "image")
    hand.drag(start, start + QPoint(-60, 150))
    assert DECODED not in set(document.graph.links())
    assert document.undo_name == "Disconnect"
    assert not hand.canvas.search.isVisible()


def test_a_wire_taken_off_an_input_moves_to_another_in_one_step(
    hand: Hand, document: Document
) -> None:
    before = document.graph
    hand.drag(hand.input("sampler", "positive"), hand.input("sampler", "negative"))
    wires = document.graph.nodes["sampler"].wires
    assert "positive" not in wires
    assert wires["negative"] == (Source("prompt", "conditioning"),)
    document.undo()
    assert document.graph is before


def test_a_wire_picked_up_and_put_back_changes_nothing(hand: Hand, document: Document) -> None:
    before = document.graph
    place = hand.input("save", "image")
    hand.press(place)
    hand.move(place, place + QPoint(-80, 60))
    hand.move(place + QPoint(-80, 60), place)
    hand.release(place)
    assert document.graph is before
    assert hand.canvas.scene.wires[DECODED].isVisible()


def test_a_new_wire_replaces_the_one_on_a_single_input(hand: Hand, document: Document) -> None:
    hand.drag(hand.output("size", "latent"), hand.input("decode", "latent"))
    assert document.graph.nodes["decode"].wires["latent"] == (Source("size", "latent"),)
    assert SAMPLED not in hand.canvas.scene.wires


def test_dropped_on_a_node_a_wire_takes_the_nearest_socket_that_fits(
    hand: Hand, document: Document
) -> None:
    hand.drag(hand.output("size", "latent"), hand.title("decode"))
    assert document.graph.nodes["decode"].wires["latent"] == (Source("size", "latent"),)


def test_wires_that_do_not_fit_are_not_made(hand: Hand, document: Document) -> None:
    before = document.graph
    hand.drag(hand.output("prompt", "conditioning"), hand.input("decode", "latent"))
    assert document.graph is before


def test_dropping_a_wire_on_empty_ground_searches_what_fits(
    hand: Hand, canvas: Canvas, document: Document
) -> None:
    start = hand.output("sampler", "latent")
    hand.drag(start, start + QPoint(60, 200))
    search = canvas.search
    assert search.isVisible()
    rows = [
        search.list.model().index(row, 0).data() for row in range(search.list.model().rowCount())
    ]
    assert rows == ["Decode", "Sample"]
    hand.key(Qt.Key.Key_Return)
    added = document.graph.nodes["vae-decode"]
    assert added.wires["latent"] == (Source("sampler", "latent"),)
    document.undo()
    assert "vae-decode" not in document.graph.nodes


def test_dropping_an_open_input_searches_what_gives_it(hand: Hand, document: Document) -> None:
    document.edit("Delete", remove(document.graph, ["size"]))
    start = hand.input("sampler", "latent")
    hand.drag(start, start + QPoint(-40, 200))
    hand.type("empty")
    hand.key(Qt.Key.Key_Return)
    source = Source("empty-latent", "latent")
    assert document.graph.nodes["sampler"].wires["latent"] == (source,)
