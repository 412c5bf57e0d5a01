"""Numbers, seeds and sizes: slid, turned, stepped, typed, worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from app.seeds import renew
from app.widgets.number import NumberField
from app.widgets.seed import SeedField
from app.widgets.size import PRESETS, SizeField, proportions
from graph.edits import set_param
from graph.seeds import free_seeds
from tests.app.widgets.conftest import ALL, Bench, turn

if TYPE_CHECKING:
    from app.document import Document

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def number(bench: Bench, name: str, ids: tuple[str, ...] = ("one",)) -> NumberField:
    field = bench.field(name, ids)
    assert isinstance(field, NumberField)
    return field


def slide(field: NumberField, by: int) -> None:
    line = field.line
    start = line.rect().center()
    QTest.mousePress(line, LEFT, NONE, start)
    for step in range(1, 6):
        QTest.mouseMove(line, start + QPoint(by * step // 5, 0))
    QTest.mouseRelease(line, LEFT, NONE, start + QPoint(by, 0))


def write(field: NumberField, text: str) -> None:
    """Click, write over what is there, and press Return."""
    QTest.mouseClick(field.line, LEFT, NONE, field.line.rect().center())
    QTest.keyClicks(field.line, text)
    QTest.keyClick(field.line, Qt.Key.Key_Return)


def test_a_slide_is_one_step(bench: Bench, document: Document) -> None:
    field = number(bench, "steps")
    slide(field, 80)
    assert bench.value("steps") == 50
    assert [step.name for step in document.steps] == ["Change Steps"]
    document.undo()
    assert field.line.text() == "20"


def test_escape_gives_a_slide_up(bench: Bench, document: Document) -> None:
    line = number(bench, "steps").line
    QTest.mousePress(line, LEFT, NONE, line.rect().center())
    QTest.mouseMove(line, line.rect().center() + QPoint(60, 0))
    assert line.text() != "20"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    QTest.mouseRelease(line, LEFT, NONE, line.rect().center())
    assert (line.text(), bench.value("steps"), len(document.steps)) == ("20", 20, 0)


def test_the_wheel_steps_only_with_ctrl_and_a_row_is_one_step(
    bench: Bench, document: Document
) -> None:
    line = number(bench, "amount").line
    turn(line, 1, NONE)
    assert bench.value("amount") == 0.5
    for _ in range(3):
        turn(line, 1, CTRL)
    assert bench.value("amount") == pytest.approx(0.65)
    turn(line, -1, CTRL | SHIFT)
    assert bench.value("amount") == pytest.approx(0.15)
    assert len(document.steps) == 1
    assert line.text() == "0.15"


def test_keys_step_and_stop_at_the_limits(bench: Bench) -> None:
    line = number(bench, "steps").line
    QTest.mouseClick(line, LEFT, NONE, line.rect().center())
    QTest.keyClick(line, Qt.Key.Key_Up)
    QTest.keyClick(line, Qt.Key.Key_Up, SHIFT)
    assert bench.value("steps") == 31
    for _ in range(5):
        QTest.keyClick(line, Qt.Key.Key_PageDown)
    assert bench.value("steps") == 1


@pytest.mark.parametrize(
    ("text", "held"),
    [("33", 33), ("5*8", 40), ("2**6", 64), ("x+1", 21), ("50%*100", 50), ("3,0", 3)],
)
def test_an_expression_is_worked_out(bench: Bench, text: str, held: int) -> None:
    write(number(bench, "steps"), text)
    assert bench.value("steps") == held


def test_the_result_is_told_while_it_is_written(bench: Bench) -> None:
    field = number(bench, "steps")
    QTest.mouseClick(field.line, LEFT, NONE, field.line.rect().center())
    bubble = field.line._bubble
    assert bubble.text() == "1 to 150, step 1"
    QTest.keyClicks(field.line, "4*8")
    assert bubble.text() == "= 32"
    QTest.keyClicks(field.line, "*")
    assert "ends too soon" in bubble.text()
    assert bubble.property("tone") == "error"
    QTest.keyClick(field.line, Qt.Key.Key_Escape)
    assert bench.value("steps") == 20


@pytest.mark.parametrize(
    ("text", "why"), [("200", "200 is outside 1 to 150"), ("2.5", "use 2 or 3"), ("a", "'a' is")]
)
def test_a_refused_number_stays_to_be_mended(bench: Bench, text: str, why: str) -> None:
    field = number(bench, "steps")
    write(field, text)
    assert why in bench.refused[0]
    assert field.line.text() == text
    assert bench.value("steps") == 20
    field.line.selectAll()
    QTest.keyClicks(field.line, "12")
    QTest.keyClick(field.line, Qt.Key.Key_Return)
    assert bench.value("steps") == 12


def test_leaving_means_what_was_written(bench: Bench) -> None:
    one, other = number(bench, "steps"), number(bench, "amount")
    QTest.mouseClick(one.line, LEFT, NONE, one.line.rect().center())
    QTest.keyClicks(one.line, "44")
    QTest.keyClick(one.line, Qt.Key.Key_Tab)
    assert bench.value("steps") == 44
    assert other.line.hasFocus()
    assert other.line.selectedText() == "0.50"


def test_several_nodes_are_changed_as_one(bench: Bench, document: Document) -> None:
    edit = set_param(document.graph, document.catalog, "two", "steps", 30)
    document.edit("set", edit)
    field = number(bench, "steps", ("one", "two"))
    assert field.mixed
    assert field.line.placeholderText() == "several values"
    write(field, "x*2")
    assert (bench.value("steps"), bench.value("steps", "two")) == (40, 60)
    write(field, "7")
    assert (bench.value("steps"), bench.value("steps", "two")) == (7, 7)
    assert field.line.text() == "7"
    document.undo()
    assert field.line.placeholderText() == "several values"
    turn(field.line, 1, CTRL)
    assert (bench.value("steps"), bench.value("steps", "two")) == (41, 61)


def test_if_one_of_several_refuses_none_is_changed(bench: Bench, document: Document) -> None:
    edit = set_param(document.graph, document.catalog, "two", "steps", 100)
    document.edit("set", edit)
    before = document.graph
    write(number(bench, "steps", ("one", "two")), "x*2")
    assert "200 is outside" in bench.refused[0]
    assert document.graph is before


class TestSeeds:
    @pytest.fixture
    def seed(self, bench: Bench) -> SeedField:
        field = bench.field("seed")
        assert isinstance(field, SeedField)
        return field

    def test_thrown_counted_up_and_taken_back(self, bench: Bench, seed: SeedField) -> None:
        assert not seed.back.isEnabled()
        QTest.mouseClick(seed.dice, LEFT)
        thrown = bench.value("seed")
        QTest.mouseClick(seed.next, LEFT)
        assert isinstance(thrown, int)
        assert bench.value("seed") == thrown + 1
        QTest.mouseClick(seed.back, LEFT)
        assert bench.value("seed") == thrown
        QTest.mouseClick(seed.back, LEFT)
        assert bench.value("seed") == thrown + 1

    def test_the_largest_seed_is_typed_exactly(self, bench: Bench, seed: SeedField) -> None:
        write(seed, "2**63-1")
        assert bench.value("seed") == 2**63 - 1
        QTest.mouseClick(seed.next, LEFT)
        assert bench.value("seed") == 2**63 - 1

    def test_a_seed_that_is_not_kept_is_another_for_each_run(
        self, bench: Bench, seed: SeedField, document: Document
    ) -> None:
        renew(document)
        assert bench.value("seed") == 0
        QTest.mouseClick(seed.lock, LEFT)
        assert free_seeds(document.graph.nodes["one"]) == {"seed"}
        renew(document)
        first = bench.value("seed")
        renew(document, ["two"])
        assert bench.value("seed") == first
        renew(document, ["one"])
        assert bench.value("seed") != first
        assert bench.value("seed", "two") == 0
        document.undo()
        assert bench.value("seed") == first
        QTest.mouseClick(seed.lock, LEFT)
        assert not free_seeds(document.graph.nodes["one"])


class TestSizes:
    @pytest.fixture
    def size(self, bench: Bench) -> SizeField:
        inputs = ALL.input_by_name
        field = SizeField(inputs["width"], inputs["height"], bench.values.around, bench.page)
        bench.put(field)
        return field

    def sides(self, bench: Bench) -> tuple[object, object]:
        return bench.value("width"), bench.value("height")

    def test_each_side_is_typed(self, bench: Bench, size: SizeField) -> None:
        write(size.wide, "768")
        write(size.high, "512*2")
        assert self.sides(bench) == (768, 1024)

    def test_locked_proportions_are_kept_on_the_step(self, bench: Bench, size: SizeField) -> None:
        write(size.high, "768")
        QTest.mouseClick(size.lock, LEFT)
        assert size.is_locked
        write(size.wide, "1000")
        assert self.sides(bench) == (1000, 1504)
        write(size.high, "2048")
        assert self.sides(bench) == (1368, 2048)

    def test_swapped_and_undone_as_one(
        self, bench: Bench, size: SizeField, document: Document
    ) -> None:
        write(size.wide, "1024")
        QTest.mouseClick(size.swap, LEFT)
        assert self.sides(bench) == (512, 1024)
        document.undo()
        assert self.sides(bench) == (1024, 512)

    def test_a_preset_is_one_step(self, bench: Bench, size: SizeField, document: Document) -> None:
        QTest.mouseClick(size.presets, LEFT)
        (menu,) = (m for m in size.findChildren(QMenu) if m.isVisible())
        texts = [action.text() for action in menu.actions() if action.text()]
        assert len(texts) == len(PRESETS)
        next(a for a in menu.actions() if a.text().startswith("832 × 1216")).trigger()
        menu.close()
        assert self.sides(bench) == (832, 1216)
        assert len(document.steps) == 1

    @pytest.mark.parametrize(
        ("size_", "text"), [((512, 768), "2:3"), ((1024, 1024), "1:1"), ((1000, 37), "27.03")]
    )
    def test_proportions(self, size_: tuple[int, int], text: str) -> None:
        assert proportions(*size_) == text
