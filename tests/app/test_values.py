"""Values: dragged, typed, written, picked and thrown on the node."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.canvas.values import dragged, fraction, read_value, show_value
from app.widgets.number import NumberField
from app.widgets.picker import Picker
from graph.params import FileRef
from graph.spec import ChoiceOption, ChoiceWidget, FloatWidget, IntWidget, SeedWidget, TextWidget

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.document import Document
    from graph.params import Param
    from graph.spec import Widget
    from tests.app.hand import Hand


def value(document: Document, node: str, name: str) -> Param:
    return document.graph.nodes[node].params[name]


def pick(text: str) -> None:
    """Choose from the menu that is open."""
    (menu,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible())
    action = next(action for action in menu.actions() if action.text() == text)
    action.trigger()
    menu.close()


def choose(text: str) -> None:
    """Choose from the list that is open."""
    (picker,) = (
        w for w in QApplication.topLevelWidgets() if isinstance(w, Picker) and w.isVisible()
    )
    QTest.keyClicks(picker.field, text)
    QTest.keyClick(picker.field, Qt.Key.Key_Return)


def test_dragging_a_number_is_one_step(hand: Hand, document: Document) -> None:
    before = document.graph
    place = hand.control("sampler", "steps")
    hand.press(place)
    hand.move(place, place + QPoint(80, 0))
    assert document.graph is before
    assert hand.canvas.scene.nodes["sampler"].state.value("steps") == 50
    hand.release(place + QPoint(80, 0))
    assert value(document, "sampler", "steps") == 50
    assert document.undo_name == "Change Steps"
    document.undo()
    assert document.graph is before


def test_a_drag_stays_in_range(hand: Hand, document: Document) -> None:
    place = hand.control("sampler", "steps")
    hand.drag(place, place + QPoint(-300, 0))
    assert value(document, "sampler", "steps") == 1


def test_shift_drags_finely(hand: Hand, document: Document) -> None:
    place = hand.control("sampler", "guidance")
    hand.drag(place, place + QPoint(16, 0), Qt.KeyboardModifier.ShiftModifier)
    assert value(document, "sampler", "guidance") == 8.0


def test_escape_gives_a_value_drag_up(hand: Hand, document: Document) -> None:
    before = document.graph
    place = hand.control("sampler", "steps")
    hand.press(place)
    hand.move(place, place + QPoint(80, 0))
    hand.key(Qt.Key.Key_Escape)
    hand.release(place)
    assert document.graph is before
    assert hand.canvas.scene.nodes["sampler"].state.value("steps") == 20


def test_a_number_is_typed_after_a_double_click(hand: Hand, document: Document) -> None:
    hand.double_click(hand.control("sampler", "steps"))
    hand.type("33")
    hand.key(Qt.Key.Key_Return)
    assert value(document, "sampler", "steps") == 33
    assert hand.canvas.desk.editor is None


def test_return_types_into_the_value_under_the_pointer(hand: Hand, document: Document) -> None:
    hand.hover(hand.control("sampler", "guidance"))
    hand.key(Qt.Key.Key_Return)
    hand.type("4.5")
    hand.key(Qt.Key.Key_Return)
    assert value(document, "sampler", "guidance") == 4.5


@pytest.mark.parametrize(
    ("typed", "says"),
    [("200", "200 is outside 1 to 150"), ("many", "'many' is not a number")],
)
def test_a_refused_value_is_told_and_can_be_mended(
    hand: Hand, canvas: Canvas, typed: str, says: str
) -> None:
    said: list[str] = []
    canvas.refused.connect(said.append)
    hand.double_click(hand.control("sampler", "steps"))
    hand.type(typed)
    hand.key(Qt.Key.Key_Return)
    assert value(canvas.document, "sampler", "steps") == 20
    assert len(said) == 1
    assert says in said[0]
    assert canvas.desk.editor is not None
    assert isinstance(canvas.desk.editor, NumberField)
    canvas.desk.editor.line.selectAll()
    hand.type("12")
    hand.key(Qt.Key.Key_Return)
    assert value(canvas.document, "sampler", "steps") == 12


def test_escape_gives_typing_up(hand: Hand, document: Document) -> None:
    before = document.graph
    hand.double_click(hand.control("sampler", "steps"))
    hand.type("33")
    hand.key(Qt.Key.Key_Escape)
    assert document.graph is before
    assert hand.canvas.desk.editor is None


def test_a_click_elsewhere_means_what_was_typed(hand: Hand, document: Document) -> None:
    hand.double_click(hand.control("sampler", "steps"))
    hand.type("33")
    hand.click(hand.at(-40, 600))
    assert value(document, "sampler", "steps") == 33


def test_a_prompt_is_written_in_place_and_is_one_step(hand: Hand, document: Document) -> None:
    before = document.graph
    hand.click(hand.control("prompt", "text"))
    hand.type("a red star")
    assert value(document, "prompt", "text") == "a red star"
    hand.key(Qt.Key.Key_Escape)
    assert document.undo_name == "Change Text"
    document.undo()
    assert document.graph is before


def test_two_visits_to_a_prompt_are_two_steps(hand: Hand, document: Document) -> None:
    for text in ("a", "b"):
        hand.click(hand.control("prompt", "text"))
        hand.type(text)
        hand.key(Qt.Key.Key_Escape)
    assert value(document, "prompt", "text") == "ab"
    document.undo()
    assert value(document, "prompt", "text") == "a"


def test_undo_while_writing_closes_the_editor(hand: Hand, canvas: Canvas) -> None:
    hand.click(hand.control("prompt", "text"))
    hand.type("a red star")
    canvas.document.undo()
    assert canvas.desk.editor is None
    assert value(canvas.document, "prompt", "text") == ""


def test_one_line_of_text_is_typed(hand: Hand, document: Document) -> None:
    hand.click(hand.control("save", "name"))
    hand.type("star")
    hand.key(Qt.Key.Key_Return)
    assert value(document, "save", "name") == "star"


def test_a_switch_is_clicked(hand: Hand, document: Document) -> None:
    hand.click(hand.control("sampler", "tiled"))
    assert value(document, "sampler", "tiled") is True
    hand.click(hand.control("sampler", "tiled"))
    assert value(document, "sampler", "tiled") is False


def test_a_choice_is_picked_from_a_menu(hand: Hand, document: Document) -> None:
    hand.click(hand.control("sampler", "scheduler"))
    pick("DDIM")
    assert value(document, "sampler", "scheduler") == "ddim"


def test_the_dice_throws_another_seed(hand: Hand, document: Document) -> None:
    hand.click(hand.glyph("sampler", "seed"))
    first = value(document, "sampler", "seed")
    hand.click(hand.glyph("sampler", "seed"))
    assert len({0, first, value(document, "sampler", "seed")}) == 3


def test_a_file_is_picked_from_those_that_are_known(hand: Hand, document: Document) -> None:
    hand.click(hand.control("checkpoint", "file"))
    choose("tiny.safetensors")
    assert value(document, "checkpoint", "file") == FileRef("tiny.safetensors")


def test_a_wired_value_shows_its_wire_and_no_control(hand: Hand, canvas: Canvas) -> None:
    from graph.edits import add_node, connect
    from graph.graph import Source, Target

    document = canvas.document
    spec = document.catalog.require("sfumato/blend")
    edit = add_node(document.graph, document.catalog, spec.id, (640.0, 560.0), node_id="blend")
    document.edit("Add", edit)
    face = canvas.scene.nodes["blend"].state.face
    assert face.control("amount") is not None
    with pytest.raises(Exception, match="takes Float"):
        connect(
            document.graph, document.catalog, Source("decode", "image"), Target("blend", "amount")
        )
    hand.drag(hand.output("decode", "image"), hand.input("blend", "images"))
    assert document.graph.nodes["blend"].wires["images"] == (Source("decode", "image"),)


@pytest.mark.parametrize(
    ("widget", "held", "shown"),
    [
        (FloatWidget(0, 1), 0.5, "0.50"),
        (FloatWidget(0, 30, 0.5), 7.0, "7.0"),
        (IntWidget(0, 10), 3, "3"),
        (SeedWidget(), 2**62, str(2**62)),
        (ChoiceWidget((ChoiceOption("a", "First"),)), "a", "First"),
        (ChoiceWidget((ChoiceOption("a", "First"),)), "gone", "gone"),
        (TextWidget(), "words", "words"),
    ],
)
def test_values_are_shown(widget: Widget, held: Param, shown: str) -> None:
    assert show_value(widget, held) == shown


@pytest.mark.parametrize(("text", "held"), [("1,5", 1.5), (" 2 ", 2.0), ("1e-3", 0.001)])
def test_numbers_are_read(text: str, held: float) -> None:
    assert read_value(FloatWidget(0, 10), text) == held


@pytest.mark.parametrize("text", ["nan", "inf", "", "two"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a|missing"):
        read_value(FloatWidget(0, 10), text)


def test_a_drag_lands_on_steps_within_the_range() -> None:
    widget = FloatWidget(0.0, 30.0, 0.5)
    for pixels in range(-500, 500, 7):
        reached = dragged(widget, 7.0, pixels, fine=False)
        assert isinstance(reached, float)
        assert 0.0 <= reached <= 30.0
        assert (reached * 2).is_integer()


def test_a_range_too_wide_to_show_has_no_length() -> None:
    assert fraction(IntWidget(0, 10**9), 5) is None
    assert fraction(IntWidget(0, 10), 5) == 0.5
