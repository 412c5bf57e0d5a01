"""Subgraphs on the canvas: made, gone into, changed from inside, wired at their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from app.level import Level
from app.runstate import Badge, NodeRun
from graph.format import dump, parse
from graph.graph import Loop, Source, Target
from tests.app.catalog import CATALOG

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.canvas.canvas import Canvas
    from app.document import Document
    from app.window import MainWindow
    from tests.app.hand import Hand


@pytest.fixture
def grouped(canvas: Canvas) -> str:
    """The sampler and the decoder in one."""
    canvas.selection.set({"sampler", "decode"})
    canvas.deeds.group()
    return "subgraph"


@pytest.fixture
def inside(hand: Hand, canvas: Canvas, grouped: str) -> str:
    """The same, gone into."""
    hand.double_click(hand.middle(grouped))
    assert canvas.level.inside == "subgraph"
    canvas.fit_all()
    return grouped


def sound(document: Document) -> None:
    assert parse(dump(document.graph), catalog=CATALOG) == document.graph


class TestOutside:
    def test_one_node_stands_for_them(
        self, canvas: Canvas, document: Document, grouped: str
    ) -> None:
        sound(document)
        assert canvas.selection.ids == {grouped}
        item = canvas.scene.nodes[grouped]
        assert item.state.known
        labels = [socket.label for socket in item.state.face.sockets]
        assert {"Model", "Positive", "Negative", "Latent", "Vae", "Image"} <= set(labels)
        assert document.undo_name == "Make subgraph"
        document.undo()
        assert not document.graph.subgraphs
        assert {"sampler", "decode"} <= set(canvas.scene.nodes)

    def test_expanding_is_the_way_back(
        self, canvas: Canvas, document: Document, grouped: str
    ) -> None:
        canvas.deeds.ungroup()
        assert canvas.selection.ids == {"sampler", "decode"}
        assert not document.graph.subgraphs
        document.undo()
        assert grouped in document.graph.nodes

    def test_plain_nodes_are_told_from_subgraphs(self, canvas: Canvas) -> None:
        said: list[str] = []
        canvas.refused.connect(said.append)
        canvas.selection.set({"save"})
        canvas.deeds.ungroup()
        canvas.deeds.enter()
        assert said == ["Choose a node that stands for a subgraph"] * 2

    def test_it_asks_for_a_name_which_all_copies_bear(
        self, hand: Hand, canvas: Canvas, document: Document, grouped: str
    ) -> None:
        hand.type("Painter")
        hand.key(Qt.Key.Key_Return)
        assert document.graph.subgraphs["subgraph"].title == "Painter"
        assert canvas.scene.nodes[grouped].state.title == "Painter"
        canvas.deeds.duplicate()
        canvas.selection.set({"subgraph-2"}, "subgraph-2")
        canvas.deeds.rename()
        hand.type("Artist")
        hand.key(Qt.Key.Key_Return)
        assert canvas.scene.nodes[grouped].state.title == "Artist"
        assert document.undo_name == "Rename subgraph"
        sound(document)

    def test_copies_are_linked_until_made_independent(
        self, canvas: Canvas, document: Document, grouped: str
    ) -> None:
        canvas.deeds.duplicate()
        assert document.graph.nodes["subgraph-2"].type == "subgraph/subgraph"
        canvas.deeds.make_own()
        assert document.graph.nodes["subgraph-2"].type == "subgraph/subgraph-2"
        assert document.graph.nodes[grouped].type == "subgraph/subgraph"
        sound(document)

    @pytest.mark.usefixtures("grouped")
    def test_pasting_brings_the_subgraph_along(self, canvas: Canvas, document: Document) -> None:
        canvas.deeds.cut()
        assert not document.graph.subgraphs
        canvas.deeds.paste()
        assert set(document.graph.subgraphs) == {"subgraph"}
        sound(document)

    def test_it_is_found_in_the_search(self, hand: Hand, canvas: Canvas, grouped: str) -> None:
        hand.click(QPoint(5, 740))
        hand.key(Qt.Key.Key_Tab)
        hand.type("subgraph")
        hand.key(Qt.Key.Key_Return)
        assert canvas.document.graph.nodes["subgraph-2"].type == "subgraph/subgraph"
        assert grouped in canvas.document.graph.nodes

    def test_the_last_one_deleted_takes_it_along(
        self, canvas: Canvas, document: Document, grouped: str
    ) -> None:
        assert grouped in document.graph.nodes
        canvas.deeds.delete()
        assert not document.graph.subgraphs

    def test_repeating(self, canvas: Canvas, document: Document, grouped: str) -> None:
        assert canvas.deeds.repeatable() is not None
        canvas.deeds.repeat(over="")
        assert document.graph.subgraphs["subgraph"].loop == Loop()
        face = canvas.scene.nodes[grouped].state.face
        assert face.control("count") is not None
        canvas.deeds.repeat(over=None)
        assert document.graph.subgraphs["subgraph"].loop is None


class TestInside:
    def test_breadcrumbs_lead_back(self, canvas: Canvas, inside: str) -> None:
        assert canvas.crumbs.isVisible()
        assert canvas.crumbs.names == ["Untitled", "Subgraph"]
        assert set(canvas.scene.nodes) == {"sampler", "decode", "-inputs-", "-outputs-"}
        canvas.level.go(())
        assert not canvas.crumbs.isVisible()
        assert inside in canvas.scene.nodes
        assert canvas.selection.ids == {inside}

    def test_keys_lead_in_and_out(self, canvas: Canvas, grouped: str) -> None:
        canvas.selection.set({grouped}, grouped)
        canvas.deeds.enter()
        assert list(canvas.level.path) == [grouped]
        canvas.deeds.leave()
        assert not canvas.level.path

    def test_one_looks_where_one_looked(self, canvas: Canvas, inside: str) -> None:
        canvas.view.zoom_to(0.5)
        canvas.deeds.leave()
        zoom = canvas.view.zoom
        canvas.level.enter(inside)
        assert canvas.view.zoom == 0.5
        canvas.deeds.leave()
        assert canvas.view.zoom == zoom

    @pytest.mark.usefixtures("inside")
    def test_values_and_moves_inside_are_steps_of_the_document(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        canvas.editing.set_param("sampler", "steps", 33)
        body = document.graph.subgraphs["subgraph"].body
        assert body.nodes["sampler"].params["steps"] == 33
        start = hand.title("decode")
        hand.drag(start, start + QPoint(0, 80))
        moved = document.graph.subgraphs["subgraph"].body.nodes["decode"]
        assert moved.position[1] > 0
        assert [step.name for step in document.steps][-2:] == ["Change Steps", "Move"]
        document.undo()
        document.undo()
        assert canvas.scene.nodes["sampler"].state.value("steps") == 20
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_undoing_the_subgraph_leads_out(self, canvas: Canvas, document: Document) -> None:
        document.undo()
        assert canvas.level.path == ()
        assert "sampler" in canvas.scene.nodes
        assert not canvas.crumbs.isVisible()

    @pytest.mark.usefixtures("inside")
    def test_a_wire_to_the_edge_shows_an_output(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        hand.drag(hand.output("sampler", "latent"), hand.input("-outputs-", "new"))
        outputs = document.graph.subgraphs["subgraph"].outputs
        assert [item.name for item in outputs] == ["image", "latent"]
        assert document.undo_name == "Connect"
        canvas.deeds.leave()
        labels = [s.label for s in canvas.scene.nodes["subgraph"].state.face.sockets]
        assert labels.count("Latent") == 2
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_a_double_click_on_a_socket_shows_a_value_outside(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        hand.double_click(hand.input("sampler", "steps"))
        names = [item.name for item in document.graph.subgraphs["subgraph"].inputs]
        assert names[-1] == "steps"
        assert document.graph.nodes["subgraph"].params["steps"] == 20
        hand.double_click(hand.input("sampler", "steps"))
        target = document.graph.subgraphs["subgraph"].inputs[-1].targets
        assert target == ()
        canvas.deeds.leave()
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_a_wire_taken_off_the_edge_is_shown_no_more(
        self, hand: Hand, document: Document
    ) -> None:
        start = hand.input("-outputs-", "image")
        hand.drag(start, start + QPoint(-40, 200))
        assert not document.graph.subgraphs["subgraph"].outputs
        assert not document.graph.nodes["save"].wires
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_shown_sockets_are_renamed_and_sorted(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        face = canvas.scene.nodes["-inputs-"].state.face
        row = next(s for s in face.sockets if s.name == "positive").row
        place = canvas.scene.nodes["-inputs-"].mapToScene(row.center())
        hand.double_click(canvas.view.mapFromScene(place))
        hand.type("What to paint")
        hand.key(Qt.Key.Key_Return)
        shown = {i.name: i.label for i in document.graph.subgraphs["subgraph"].inputs}
        assert shown["positive"] == "What to paint"
        names = [item.name for item in document.graph.subgraphs["subgraph"].inputs]
        canvas.structure.shift_shown("inputs", "positive", -1)
        after = [item.name for item in document.graph.subgraphs["subgraph"].inputs]
        assert after.index("positive") == names.index("positive") - 1
        canvas.structure.hide_shown("inputs", "positive")
        assert "positive" not in document.graph.nodes["subgraph"].wires
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_the_edges_can_be_neither_deleted_nor_copied(
        self, canvas: Canvas, document: Document
    ) -> None:
        canvas.deeds.select_all()
        canvas.deeds.duplicate()
        body = document.graph.subgraphs["subgraph"].body
        assert set(body.nodes) == {"sampler", "decode", "sampler-2", "decode-2"}
        canvas.deeds.select_all()
        canvas.deeds.delete()
        assert not document.graph.subgraphs["subgraph"].body.nodes
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_a_subgraph_offers_nothing_that_holds_it(self, canvas: Canvas) -> None:
        assert "subgraph/subgraph" not in {spec.id for spec in canvas.addable()}
        part = canvas.editing.gathered(["sampler"])
        assert set(part.nodes) == {"sampler"}

    @pytest.mark.usefixtures("inside")
    def test_pasting_it_into_itself_is_refused_in_words(
        self, canvas: Canvas, document: Document
    ) -> None:
        said: list[str] = []
        canvas.refused.connect(said.append)
        canvas.deeds.leave()
        canvas.selection.set({"subgraph"})
        canvas.deeds.copy()
        canvas.level.enter("subgraph")
        before = document.graph
        canvas.deeds.paste()
        assert document.graph is before
        assert "cannot hold itself" in said[0]

    @pytest.mark.usefixtures("inside")
    def test_a_subgraph_in_a_subgraph(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"decode"})
        canvas.deeds.group()
        canvas.level.enter("subgraph-2")
        assert canvas.crumbs.names == ["Untitled", "Subgraph", "Subgraph"]
        assert canvas.level.event_id("decode") == "subgraph/subgraph-2/decode"
        canvas.deeds.leave()
        canvas.deeds.leave()
        sound(document)

    @pytest.mark.usefixtures("inside")
    def test_dots_and_cuts_work_on_the_wires_of_the_edges(
        self, canvas: Canvas, document: Document, hand: Hand
    ) -> None:
        link = next(k for k in canvas.scene.wires if k.target == Target("-outputs-", "image"))
        hand.double_click(hand.on_wire(link))
        outputs = document.graph.subgraphs["subgraph"].outputs
        assert outputs[0].source == Source("dot", "value")
        canvas.deeds.take_out()
        assert document.graph.subgraphs["subgraph"].outputs[0].source == Source("decode", "image")
        sound(document)


def test_a_level_follows_edits_made_elsewhere(document: Document) -> None:
    """Two canvases on one document, or an undo while another level is shown."""
    from graph.grouping import collapse

    document.edit("Group", collapse(document.graph, CATALOG, ["decode"], title="box"))
    one, other = Level(document), Level(document)
    one.enter("box")
    heard: list[object] = []
    one.changed.connect(heard.append)
    other.enter("box")
    assert other.graph.nodes["decode"] == one.graph.nodes["decode"]
    document.undo()
    assert one.path == other.path == ()
    assert not heard


def test_a_run_is_followed_inside(window: MainWindow, qtbot: QtBot) -> None:
    workspace = window.workspace
    canvas, board = workspace.canvas, workspace.session.board
    canvas.selection.set({"sampler", "decode"})
    canvas.deeds.group()
    canvas.level.enter("subgraph")

    def badge(node_id: str) -> Badge:
        return canvas.scene.nodes[node_id].state.run.badge

    board.begin(("subgraph/sampler", "subgraph/decode"))
    board.put("subgraph/sampler", NodeRun(Badge.RUNNING))
    qtbot.waitUntil(lambda: badge("sampler") is Badge.RUNNING)
    # To the node that stands for both, nothing happens now.
    board.put("subgraph/sampler", NodeRun(Badge.RAN))
    board.put("subgraph/decode", NodeRun(Badge.RUNNING))
    qtbot.waitUntil(lambda: badge("decode") is Badge.RUNNING)
    assert badge("sampler") is Badge.RAN
    board.put("subgraph/decode", NodeRun(Badge.RAN))
    qtbot.waitUntil(lambda: badge("decode") is Badge.RAN)
