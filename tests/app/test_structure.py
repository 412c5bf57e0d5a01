"""Frames, notes, switches, colours and places, as hand and keys do them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from graph.edits import arrange, put_frame, put_note
from graph.graph import Frame, Mode, Note
from graph.layout import Edge

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.document import Document
    from tests.app.hand import Hand

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def framed(document: Document, canvas: Canvas) -> str:
    """A frame around the prompts."""
    canvas.selection.set({"prompt", "negative"})
    canvas.deeds.add_frame()
    canvas.words.finish()
    document.seal()
    return "frame"


@pytest.fixture
def noted(document: Document) -> str:
    document.edit("Add", put_note(document.graph, Note(id="note", text="# Hi", position=(0, 560))))
    return "note"


class TestFrames:
    def test_it_goes_around_the_selection_and_asks_for_its_title(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        canvas.selection.set({"prompt", "negative"})
        canvas.deeds.add_frame()
        hand.type("Words")
        hand.key(Qt.Key.Key_Return)
        frame = document.graph.frames["frame"]
        assert frame.title == "Words"
        bounds = canvas.scene.bounds(["prompt", "negative"])
        assert canvas.scene.frames["frame"].sceneBoundingRect().contains(bounds)

    def test_its_title_carries_it_and_its_nodes(
        self, hand: Hand, framed: str, document: Document
    ) -> None:
        before = {key: node.position for key, node in document.graph.nodes.items()}
        start = hand.bar(framed)
        hand.drag(start, start + QPoint(0, 80))
        zoom = hand.canvas.view.zoom
        for key in ("prompt", "negative"):
            moved = document.graph.nodes[key].position[1] - before[key][1]
            assert moved == pytest.approx(80 / zoom, abs=9)
        assert document.graph.nodes["sampler"].position == before["sampler"]
        assert document.undo_name == "Move"
        document.undo()
        assert document.graph.nodes["prompt"].position == before["prompt"]

    def test_its_ground_selects_what_is_in_it(self, hand: Hand, framed: str) -> None:
        item = hand.canvas.scene.frames[framed]
        left, top, right, bottom = item.core
        hand.drag(hand.at(left + 12, top + 60), hand.at(right - 12, bottom - 12))
        assert hand.canvas.selection.ids == {"prompt", "negative"}

    def test_its_corner_resizes_it(self, hand: Hand, framed: str, document: Document) -> None:
        before = document.graph.frames[framed]
        start = hand.corner(framed)
        hand.drag(start, start + QPoint(40, 60))
        after = document.graph.frames[framed]
        assert after.position == before.position
        assert after.size[0] > before.size[0]
        assert after.size[1] > before.size[1]
        assert document.undo_name == "Resize"

    def test_its_upper_left_corner_moves_and_resizes(
        self, hand: Hand, framed: str, document: Document
    ) -> None:
        item, before = hand.canvas.scene.frames[framed], document.graph.frames[framed]
        start = hand.at(item.core[0], item.core[1])
        hand.drag(start, start - QPoint(40, 40))
        after = document.graph.frames[framed]
        assert after.position[0] < before.position[0]
        right = after.position[0] + after.size[0]
        assert right == before.position[0] + before.size[0]

    def test_resizing_given_up_leaves_it(self, hand: Hand, framed: str) -> None:
        item = hand.canvas.scene.frames[framed]
        before, start = item.core, hand.corner(framed)
        hand.press(start)
        hand.move(start, start + QPoint(40, 60))
        assert item.core != before
        hand.key(Qt.Key.Key_Escape)
        assert item.core == before

    def test_it_never_gets_smaller_than_can_be_grasped(
        self, hand: Hand, framed: str, document: Document
    ) -> None:
        start = hand.corner(framed)
        hand.drag(start, start - QPoint(2000, 2000))
        assert document.graph.frames[framed].size == (48.0, 48.0)

    def test_a_double_click_renames_it(self, hand: Hand, framed: str, document: Document) -> None:
        hand.double_click(hand.bar(framed))
        hand.type("Prompts")
        hand.key(Qt.Key.Key_Return)
        assert document.graph.frames[framed].title == "Prompts"
        assert document.undo_name == "Rename frame"

    def test_deleted_alone_its_nodes_stay(
        self, framed: str, canvas: Canvas, document: Document
    ) -> None:
        canvas.selection.set({framed})
        canvas.deeds.delete()
        assert not document.graph.frames
        assert "prompt" in document.graph.nodes

    def test_copied_it_takes_its_nodes_along(
        self, framed: str, canvas: Canvas, document: Document
    ) -> None:
        canvas.selection.set({framed})
        canvas.deeds.duplicate()
        assert set(document.graph.frames) == {"frame", "frame-2"}
        assert {"prompt-2", "negative-2"} <= set(document.graph.nodes)


class TestNotes:
    def test_n_puts_one_and_writes_in_it(
        self, hand: Hand, canvas: Canvas, document: Document
    ) -> None:
        hand.hover(hand.at(100, 500))
        canvas.deeds.add_note()
        hand.type("A thought")
        hand.key(Qt.Key.Key_Escape)
        assert document.graph.notes["note"].text == "A thought"
        assert canvas.words.editor is None
        document.undo()  # all of the writing is one step
        assert document.graph.notes["note"].text == ""

    def test_a_double_click_writes_on(self, hand: Hand, noted: str, document: Document) -> None:
        hand.double_click(hand.middle(noted))
        hand.type("!")
        hand.click(QPoint(5, 5))
        assert document.graph.notes[noted].text == "# Hi!"

    def test_it_is_carried_and_resized(self, hand: Hand, noted: str, document: Document) -> None:
        start = hand.middle(noted)
        hand.drag(start, start + QPoint(0, -80))
        assert document.graph.notes[noted].position[1] < 560
        start = hand.corner(noted)
        hand.drag(start, start + QPoint(50, 0))
        assert document.graph.notes[noted].size[0] > 240

    def test_copied_and_pasted(self, noted: str, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({noted})
        assert canvas.deeds.copy()
        canvas.deeds.paste()
        assert document.graph.notes["note-2"].text == "# Hi"
        assert canvas.selection.ids == {"note-2"}


class TestSwitches:
    def test_mute_and_bypass_go_on_and_off(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"sampler", "decode"})
        canvas.deeds.mute()
        assert document.graph.nodes["sampler"].mode is Mode.MUTED
        canvas.deeds.bypass()
        assert {document.graph.nodes[key].mode for key in ("sampler", "decode")} == {Mode.BYPASSED}
        canvas.deeds.bypass()
        assert {document.graph.nodes[key].mode for key in ("sampler", "decode")} == {Mode.ON}
        assert [step.name for step in document.steps] == ["Mute", "Bypass", "Switch on"]

    def test_a_collapsed_node_is_only_its_title(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"sampler"})
        whole = canvas.scene.nodes["sampler"].rect.height()
        canvas.deeds.collapse()
        assert canvas.scene.nodes["sampler"].rect.height() < whole / 2
        canvas.deeds.collapse()
        assert canvas.scene.nodes["sampler"].rect.height() == whole
        assert not document.graph.nodes["sampler"].collapsed

    def test_pinned_nodes_stay(self, hand: Hand, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"save"})
        canvas.deeds.pin()
        before = document.graph
        start = hand.title("save")
        hand.drag(start, start + QPoint(-40, 90))
        assert document.graph is before
        canvas.deeds.nudge(1, 0)
        assert document.graph is before

    def test_colours(self, canvas: Canvas, document: Document, noted: str) -> None:
        canvas.selection.set({"save", noted})
        canvas.deeds.paint("#b8564e")
        assert document.graph.nodes["save"].colour == "#b8564e"
        assert document.graph.notes[noted].colour == "#b8564e"
        document.undo()
        assert document.graph.notes[noted].colour == ""


class TestPlaces:
    def test_align_and_distribute(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"prompt", "negative", "size"})
        canvas.deeds.align(Edge.TOP)
        nodes = document.graph.nodes
        assert {nodes[key].position[1] for key in ("prompt", "negative", "size")} == {0.0}
        canvas.deeds.distribute(across=True)
        assert document.undo_name == "Distribute"

    def test_aligned_already_is_no_step(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"prompt", "sampler"})
        canvas.deeds.align(Edge.TOP)
        assert not document.undo_name

    def test_nudges_in_a_row_are_one_step(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set({"save"})
        for _ in range(3):
            canvas.deeds.nudge(1, 0)
        assert document.graph.nodes["save"].position == (1304.0, 0.0)
        document.undo()
        assert document.graph.nodes["save"].position == (1280.0, 0.0)

    def test_tidying_up_leaves_no_overlap(self, canvas: Canvas, document: Document) -> None:
        canvas.selection.set(())
        canvas.deeds.tidy()
        boxes = [item.sceneBoundingRect() for item in canvas.scene.nodes.values()]
        for number, one in enumerate(boxes):
            assert not any(one.intersects(other) for other in boxes[number + 1 :])
        assert document.undo_name == "Tidy up"

    def test_what_is_dragged_comes_in_line_with_its_neighbours(
        self, hand: Hand, document: Document
    ) -> None:
        document.edit("Pin", arrange(document.graph, ["sampler"], pinned=True))
        start = hand.title("save")
        hand.drag(start, start + QPoint(3, 90))
        hand.drag(hand.title("save"), hand.title("save") + QPoint(0, -87))
        assert document.graph.nodes["save"].position == (1280.0, 0.0)

    def test_with_alt_it_lies_anywhere(self, hand: Hand, document: Document) -> None:
        start = hand.title("save")
        hand.drag(start, start + QPoint(37, 51), ALT)
        zoom = hand.canvas.view.zoom
        x, y = document.graph.nodes["save"].position
        assert (x - 1280) * zoom == pytest.approx(37, abs=1.5)
        assert y * zoom == pytest.approx(51, abs=1.5)

    def test_guides_show_while_dragging_only(self, hand: Hand, canvas: Canvas) -> None:
        start = hand.title("save")
        hand.press(start)
        hand.move(start, start + QPoint(2, 120))
        gesture = canvas.hands._gesture
        assert gesture is not None
        assert not gesture.bounds().isEmpty()
        canvas.grab()
        hand.key(Qt.Key.Key_Escape)
        assert canvas.hands._gesture is None


def test_frames_in_frames_are_carried_once(hand: Hand, document: Document) -> None:
    for frame in (
        Frame(id="out", title="Out", position=(-80, 500), size=(800, 400)),
        Frame(id="in", title="In", position=(0, 600), size=(300, 200)),
    ):
        document.edit("Add", put_frame(document.graph, frame))
    document.edit("Add", put_note(document.graph, Note(id="note", position=(20, 660))))
    hand.canvas.fit_all()
    start = hand.bar("out")
    hand.drag(start, start + QPoint(0, 40))
    shift = document.graph.frames["out"].position[1] - 500
    assert shift > 0
    assert document.graph.frames["in"].position == (0.0, 600.0 + shift)
    assert document.graph.notes["note"].position == (20.0, 660.0 + shift)
