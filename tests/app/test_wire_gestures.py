"""Wires cut, shaken off, put on nodes, bent with dots, moved together, drawn by keys alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from app.canvas.face import Side
from graph.edits import add_node, disconnect, move
from graph.graph import Link, Source, Target
from tests.app.catalog import CATALOG

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.document import Document
    from tests.app.hand import Hand

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
RIGHT = Qt.MouseButton.RightButton
DECODED = Link(Source("decode", "image"), Target("save", "image"))
SAMPLED = Link(Source("sampler", "latent"), Target("decode", "latent"))
VAE = Link(Source("checkpoint", "vae"), Target("decode", "vae"))


def links(document: Document) -> set[Link]:
    return set(document.graph.links())


class TestCut:
    def test_ctrl_and_the_right_button_cut(self, hand: Hand, document: Document) -> None:
        at = hand.on_wire(DECODED)
        hand.drag(at - QPoint(0, 40), at + QPoint(0, 40), CTRL, RIGHT)
        assert DECODED not in links(document)
        assert document.undo_name == "Cut wires"
        document.undo()
        assert DECODED in links(document)

    def test_y_held_down_cuts_with_the_left_button(self, hand: Hand, document: Document) -> None:
        at = hand.on_wire(SAMPLED)
        hand.hold(Qt.Key.Key_Y)
        hand.drag(at - QPoint(0, 40), at + QPoint(0, 40))
        hand.let_go(Qt.Key.Key_Y)
        assert SAMPLED not in links(document)
        steps = document.position
        hand.drag(at - QPoint(0, 40), at + QPoint(0, 40))
        assert document.position == steps  # the key is up: only a rubber band

    def test_a_stroke_takes_all_that_it_crosses(self, hand: Hand, document: Document) -> None:
        hand.hold(Qt.Key.Key_Y)
        x = hand.input("decode", "latent").x() - 20
        hand.drag(QPoint(x, 5), QPoint(x, 750))
        hand.let_go(Qt.Key.Key_Y)
        assert not {SAMPLED, VAE} & links(document)

    def test_escape_gives_up(self, hand: Hand, document: Document) -> None:
        at = hand.on_wire(DECODED)
        hand.press(at - QPoint(0, 40), CTRL, RIGHT)
        hand.move(at - QPoint(0, 40), at + QPoint(0, 40), CTRL, RIGHT)
        hand.key(Qt.Key.Key_Escape)
        assert DECODED in links(document)

    def test_across_nothing_is_no_step(self, hand: Hand, document: Document) -> None:
        hand.drag(QPoint(4, 4), QPoint(30, 30), CTRL, RIGHT)
        assert not document.undo_name


class TestInsertAndShake:
    @pytest.fixture
    def again(self, document: Document) -> None:
        """A second sampler, wired to nothing, below the rest."""
        made = add_node(document.graph, CATALOG, "sfumato/invert", (320.0, 620.0), node_id="extra")
        document.edit("Add", made)
        made = add_node(document.graph, CATALOG, "sfumato/sample", (0.0, 300.0), node_id="again")
        document.edit("Add", made)

    @pytest.mark.usefixtures("again")
    def test_a_node_dropped_on_a_wire_goes_into_it(self, hand: Hand, document: Document) -> None:
        start = hand.title("again")
        away = hand.on_wire(SAMPLED) - hand.middle("again")
        hand.drag(start, start + away)
        nodes = document.graph.nodes
        assert nodes["decode"].wires["latent"] == (Source("again", "latent"),)
        assert nodes["again"].wires["latent"] == (Source("sampler", "latent"),)
        assert document.undo_name == "Insert on wire"
        document.undo()
        assert SAMPLED in links(document)
        assert document.graph.nodes["again"].position == (0.0, 300.0)

    @pytest.mark.usefixtures("again")
    def test_where_it_does_not_fit_it_is_only_moved(self, hand: Hand, document: Document) -> None:
        before = links(document)
        start = hand.title("extra")
        hand.drag(start, start + hand.on_wire(SAMPLED) - hand.middle("extra"))
        assert links(document) == before
        assert document.undo_name == "Move"

    def test_a_wired_node_is_not_put_on_wires(self, hand: Hand, document: Document) -> None:
        before = links(document)
        start = hand.title("negative")
        hand.drag(start, start + hand.on_wire(SAMPLED) - hand.middle("negative"))
        assert links(document) == before

    @pytest.mark.usefixtures("again")
    def test_shaking_takes_it_out_again(self, hand: Hand, document: Document) -> None:
        start = hand.title("again")
        hand.drag(start, start + hand.on_wire(SAMPLED) - hand.middle("again"))
        hand.shake(hand.title("again"))
        assert document.undo_name == "Shake out"
        assert SAMPLED in links(document)
        assert not document.graph.nodes["again"].wires
        assert all(wire.isVisible() for wire in hand.canvas.scene.wires.values())

    def test_carrying_is_not_shaking(self, hand: Hand, document: Document) -> None:
        hand.shake(hand.title("decode"), strokes=2)
        assert {SAMPLED, VAE, DECODED} <= links(document)

    def test_ctrl_delete_takes_out_and_heals(self, hand: Hand, document: Document) -> None:
        document.edit("Add", add_node(document.graph, CATALOG, "sfumato/sample", node_id="again"))
        hand.canvas.editing.insert_on(SAMPLED, "again")
        hand.canvas.selection.set({"again"})
        hand.canvas.deeds.take_out()
        assert "again" not in document.graph.nodes
        assert SAMPLED in links(document)
        assert document.undo_name == "Take out"


class TestDots:
    def test_a_double_click_on_a_wire_puts_a_dot(self, hand: Hand, document: Document) -> None:
        at = hand.on_wire(DECODED)
        hand.double_click(at)
        dot = document.graph.nodes["dot"]
        assert dot.wires["value"] == (DECODED.source,)
        assert document.graph.nodes["save"].wires["image"] == (Source("dot", "value"),)
        assert (hand.middle("dot") - at).manhattanLength() <= 12
        assert hand.canvas.selection.ids == {"dot"}

    def test_alt_and_a_drag_bends_a_wire(self, hand: Hand, document: Document) -> None:
        at = hand.on_wire(VAE)
        hand.drag(at, at + QPoint(0, 120), ALT)
        x, y = document.graph.nodes["dot"].position
        assert abs(hand.at(x, y).y() - at.y() - 120) < 20
        assert [step.name for step in document.steps] == ["Add dot"]  # one step, drag and all

    def test_a_wire_from_a_dot_knows_what_it_carries(self, hand: Hand, canvas: Canvas) -> None:
        hand.double_click(hand.on_wire(DECODED))
        start = hand.output("dot", "value")
        hand.press(start)
        hand.move(start, start + QPoint(30, 150))
        assert canvas.scene.nodes["save"].state.fits == frozenset({(Side.INPUT, "image")})
        assert canvas.scene.nodes["decode"].state.fits == frozenset()
        hand.key(Qt.Key.Key_Escape)

    def test_a_dot_taken_out_leaves_the_wire(self, hand: Hand, document: Document) -> None:
        hand.double_click(hand.on_wire(DECODED))
        hand.canvas.deeds.take_out()
        assert DECODED in links(document)


class TestMovingSeveral:
    def test_ctrl_moves_all_wires_of_an_output(self, hand: Hand, document: Document) -> None:
        made = add_node(
            document.graph, CATALOG, "sfumato/load_checkpoint", (0.0, 300.0), node_id="other"
        )
        document.edit("Add", made)
        start = hand.output("checkpoint", "text_encoder")
        hand.drag(start, hand.output("other", "text_encoder"), CTRL)
        wanted = (Source("other", "text_encoder"),)
        assert document.graph.nodes["prompt"].wires["text_encoder"] == wanted
        assert document.graph.nodes["negative"].wires["text_encoder"] == wanted
        assert document.undo_name == "Move wires"
        assert all(wire.isVisible() for wire in hand.canvas.scene.wires.values())

    def test_what_does_not_fit_leaves_them(self, hand: Hand, document: Document) -> None:
        before = document.graph
        start = hand.output("checkpoint", "text_encoder")
        hand.drag(start, hand.output("checkpoint", "vae"), CTRL)
        assert document.graph is before

    def test_on_empty_ground_they_go(self, hand: Hand, document: Document) -> None:
        start = hand.output("checkpoint", "text_encoder")
        hand.drag(start, QPoint(start.x() + 10, 700), CTRL)
        assert not document.graph.nodes["prompt"].wires
        assert not document.graph.nodes["negative"].wires


class TestKeys:
    def press(self, hand: Hand, *keys: Qt.Key) -> None:
        for key in keys:
            hand.key(key)

    def test_a_wire_without_the_mouse(self, hand: Hand, document: Document) -> None:
        document.edit("Disconnect", disconnect(document.graph, DECODED))
        hand.click(hand.title("decode"))
        hand.canvas.deeds.wire()
        self.press(hand, Qt.Key.Key_Return, Qt.Key.Key_Return)
        assert DECODED in links(document)

    def test_arrows_go_through_what_fits_the_nearest_first(
        self, hand: Hand, document: Document, canvas: Canvas
    ) -> None:
        said: list[str] = []
        canvas.said.connect(said.append)
        hand.click(hand.title("checkpoint"))
        canvas.deeds.wire()
        self.press(hand, Qt.Key.Key_Down, Qt.Key.Key_Return)
        first = said[-1]
        self.press(hand, Qt.Key.Key_Down)
        assert {first, said[-1]} == {"Prompt: Text encoder", "Negative prompt: Text encoder"}
        self.press(hand, Qt.Key.Key_Escape)
        assert {item.state.fits for item in canvas.scene.nodes.values()} == {None}
        assert not document.undo_name

    def test_a_click_ends_it(self, hand: Hand, canvas: Canvas) -> None:
        hand.click(hand.title("checkpoint"))
        canvas.deeds.wire()
        self.press(hand, Qt.Key.Key_Return)
        hand.click(hand.title("save"))
        assert canvas.selection.ids == {"save"}
        assert {item.state.fits for item in canvas.scene.nodes.values()} == {None}

    def test_keys_of_commands_are_for_the_wire_meanwhile(self, hand: Hand, canvas: Canvas) -> None:
        hand.click(hand.title("checkpoint"))
        before = canvas.document.graph
        canvas.deeds.wire()
        self.press(hand, Qt.Key.Key_Left, Qt.Key.Key_Escape)
        assert canvas.document.graph is before  # and no nudge


class TestPromoting:
    def test_a_wired_value_becomes_a_value_again(self, hand: Hand, document: Document) -> None:
        document.edit("Move", move(document.graph, {"size": (320.0, 500.0)}))
        node = add_node(document.graph, CATALOG, "sfumato/number", (0.0, 500.0), node_id="n")
        document.edit("Add", node)
        canvas = hand.canvas
        assert canvas.editing.wire(Source("n", "int"), Target("size", "width"))
        assert canvas.scene.nodes["size"].state.face.control("width") is None
        hand.double_click(hand.input("size", "width"))
        assert not document.graph.nodes["size"].wires
        assert canvas.scene.nodes["size"].state.face.control("width") is not None

    def test_a_value_asks_what_shall_give_it(self, hand: Hand, canvas: Canvas) -> None:
        hand.double_click(hand.input("size", "width"))
        assert canvas.search.isVisible()
        hand.type("number")
        hand.key(Qt.Key.Key_Return)
        wires = canvas.document.graph.nodes["size"].wires
        assert wires["width"] == (Source("number", "int"),)
