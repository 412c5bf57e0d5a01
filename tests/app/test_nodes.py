"""Selecting, moving, adding, removing and renaming nodes by hand; undo all the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from app.canvas.tips import node_tip
from graph.format import dump
from graph.graph import Graph

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.document import Document
    from tests.app.hand import Hand

SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


def test_dragging_a_node_is_one_undo_step(hand: Hand, document: Document) -> None:
    before = document.graph
    start = hand.title("size")
    hand.press(start)
    hand.move(start, start + QPoint(104, 64))
    assert document.graph is before, "a drag is an edit only at its release"
    hand.release(start + QPoint(104, 64))
    assert document.graph.nodes["size"].position == (424.0, 480.0)
    assert document.undo_name == "Move"
    document.undo()
    assert document.graph is before
    assert hand.canvas.scene.nodes["size"].pos().toTuple() == (320.0, 416.0)


def test_a_moved_node_takes_its_wires_along(hand: Hand, canvas: Canvas) -> None:
    start = hand.title("size")
    hand.drag(start, start + QPoint(0, 80))
    link = next(link for link in canvas.scene.wires if link.source.node == "size")
    wire, item = canvas.scene.wires[link], canvas.scene.nodes["size"]
    assert wire.start == item.socket_point(item.state.face.sockets[0].side, "latent")


def test_alt_moves_off_the_grid(hand: Hand, document: Document) -> None:
    start = hand.title("size")
    hand.drag(start, start + QPoint(13, 5), ALT)
    x, y = document.graph.nodes["size"].position
    assert (x % 8, y % 8) != (0, 0)


def test_escape_gives_a_drag_up(hand: Hand, document: Document) -> None:
    before = document.graph
    start = hand.title("size")
    hand.press(start)
    hand.move(start, start + QPoint(100, 60))
    hand.key(Qt.Key.Key_Escape)
    hand.release(start + QPoint(100, 60))
    assert document.graph is before
    assert hand.canvas.scene.nodes["size"].pos().toTuple() == (320.0, 416.0)


def test_selected_nodes_move_together(hand: Hand, document: Document) -> None:
    hand.click(hand.title("prompt"))
    hand.click(hand.title("negative"), SHIFT)
    assert hand.canvas.selection.ids == {"prompt", "negative"}
    start = hand.title("negative")
    hand.drag(start, start + QPoint(0, 400))
    assert document.graph.nodes["prompt"].position[1] > 300
    assert document.graph.nodes["size"].position == (320.0, 416.0)


def test_a_click_selects_one_and_shift_toggles(hand: Hand, canvas: Canvas) -> None:
    hand.click(hand.title("size"))
    assert canvas.selection.ids == {"size"}
    hand.click(hand.title("save"), SHIFT)
    assert canvas.selection.ids == {"size", "save"}
    hand.click(hand.title("size"), SHIFT)
    assert canvas.selection.ids == {"save"}
    hand.click(hand.at(-40, 600))
    assert canvas.selection.ids == frozenset()


def test_a_rectangle_selects_what_it_touches(hand: Hand, canvas: Canvas) -> None:
    hand.drag(hand.at(300, -20), hand.at(600, 300))
    assert canvas.selection.ids == {"prompt", "negative"}


def test_delete_and_undo_bring_the_identical_graph_back(hand: Hand, canvas: Canvas) -> None:
    document = canvas.document
    before = document.graph
    hand.click(hand.title("sampler"))
    canvas.deeds.delete()
    assert "sampler" not in document.graph.nodes
    assert "sampler" not in canvas.scene.nodes
    after = document.graph
    document.undo()
    assert document.graph is before
    assert set(canvas.scene.nodes) == set(before.nodes)
    assert set(canvas.scene.wires) == set(before.links())
    document.redo()
    assert document.graph is after


def test_duplicates_keep_the_wires_into_them_and_are_selected(hand: Hand, canvas: Canvas) -> None:
    hand.click(hand.title("decode"))
    canvas.deeds.duplicate()
    (copy,) = canvas.selection.ids
    node = canvas.document.graph.nodes[copy]
    assert node.wires == canvas.document.graph.nodes["decode"].wires
    assert node.position == (992.0, 32.0)
    assert canvas.document.undo_name == "Duplicate"


def test_copy_and_paste_are_readable_text(hand: Hand, canvas: Canvas) -> None:
    canvas.selection.set({"size", "sampler"})
    canvas.deeds.copy()
    assert '"sfumato/sample"' in QGuiApplication.clipboard().text()
    canvas.deeds.paste()
    pasted = canvas.selection.ids
    assert len(pasted) == 2
    graph = canvas.document.graph
    assert {source.node for key in pasted for row in graph.nodes[key].wires.values()
            for source in row} <= pasted  # fmt: skip
    assert hand.canvas.document.undo_name == "Paste"


def test_pasting_garbage_says_so_and_changes_nothing(canvas: Canvas) -> None:
    said: list[str] = []
    canvas.refused.connect(said.append)
    before = canvas.document.graph
    QGuiApplication.clipboard().setText("{ not a graph")
    canvas.deeds.paste()
    assert canvas.document.graph is before
    assert said == ["The clipboard holds no nodes"]


def test_double_clicking_a_title_renames(hand: Hand, canvas: Canvas) -> None:
    hand.double_click(hand.title("size"))
    hand.type("Canvas size")
    hand.key(Qt.Key.Key_Return)
    assert canvas.document.graph.nodes["size"].title == "Canvas size"
    assert canvas.document.undo_name == "Rename"


def test_an_empty_title_is_that_of_the_type(hand: Hand, canvas: Canvas) -> None:
    hand.double_click(hand.title("size"))
    hand.key(Qt.Key.Key_Backspace)
    hand.key(Qt.Key.Key_Return)
    assert canvas.document.graph.nodes["size"].title == ""
    assert canvas.scene.nodes["size"].state.title == "Empty latent"


def test_every_edit_undone_gives_the_first_document_bit_for_bit(hand: Hand, canvas: Canvas) -> None:
    document = canvas.document
    first = dump(document.graph)
    start = hand.title("size")
    hand.drag(start, start + QPoint(40, 40))
    hand.drag(hand.control("sampler", "steps"), hand.control("sampler", "steps") + QPoint(60, 0))
    hand.drag(hand.input("save", "image"), hand.input("save", "image") + QPoint(-30, 200))
    canvas.selection.set({"negative"})
    canvas.deeds.duplicate()
    canvas.deeds.delete()
    last = dump(document.graph)
    while document.undo_name:
        document.undo()
    assert dump(document.graph) == first
    while document.redo_name:
        document.redo()
    assert dump(document.graph) == last
    assert set(canvas.scene.wires) == set(document.graph.links())


def test_a_node_of_an_unknown_type_is_drawn_inert(canvas: Canvas) -> None:
    from graph.catalog import Catalog

    canvas.document.catalog = Catalog(
        spec for spec in canvas.document.catalog if "vae" not in spec.id
    )
    state = canvas.scene.nodes["decode"].state
    assert not state.known
    assert {socket.name for socket in state.face.sockets} == {"latent", "vae", "image"}
    assert set(canvas.scene.wires) == set(canvas.document.graph.links())
    canvas.grab()


def test_an_empty_graph_can_be_shown_and_fitted(canvas: Canvas) -> None:
    canvas.deeds.select_all()
    canvas.deeds.delete()
    assert canvas.document.graph == Graph()
    canvas.fit_all()
    canvas.grab()


def test_the_title_tells_what_the_node_is_for(canvas: Canvas) -> None:
    item = canvas.scene.nodes["sampler"]
    text = node_tip(item, item.state.face.title.center())
    assert "Denoise a latent" in text
