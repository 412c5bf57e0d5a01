"""A node with every kind of value, and fields that stand by themselves in a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.document import Document
from app.editing import Editing
from app.level import Level
from app.widgets import recent
from app.widgets.binding import Binding, Values
from app.widgets.make import make_field
from graph.catalog import Catalog
from graph.edits import add_node
from graph.files import FileIndex
from graph.graph import Graph
from graph.spec import (
    BoolWidget,
    ChoiceOption,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    InputSpec,
    IntWidget,
    NodeSpec,
    SeedWidget,
    TextWidget,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.theme.look import Look
    from app.widgets.field import Field
    from graph.params import Param
    from graph.spec import Widget

MANY = tuple(ChoiceOption(f"c{n}", f"Choice {n}") for n in range(40))


def value(name: str, widget: Widget, default: Param, kind: str = "Text", **more: str) -> InputSpec:
    return InputSpec(
        name=name,
        label=name.capitalize(),
        type=kind,
        widget=widget,
        default=default,
        **more,  # type: ignore[arg-type]
    )


ALL = NodeSpec(
    id="test/all",
    title="All",
    category="Test",
    summary="Has every kind of value.",
    doc="Has every kind of value.\n\nAnd more to say about `it`.",
    inputs=(
        value("steps", IntWidget(1, 150), 20, "Int"),
        value("amount", FloatWidget(0.0, 1.0, 0.05), 0.5, "Float"),
        value("seed", SeedWidget(), 0, "Int"),
        value("width", IntWidget(16, 2048, 8), 512, "Int", partner="height"),
        value("height", IntWidget(16, 2048, 8), 512, "Int"),
        value("line", TextWidget(), ""),
        value("note", TextWidget(multiline=True), ""),
        value("prompt", TextWidget(multiline=True, prompt=True, wildcards=True), ""),
        value("on", BoolWidget(), default=False, kind="Bool"),
        value("few", ChoiceWidget(MANY[:3]), "c0", "Choice"),
        value("many", ChoiceWidget(MANY), "c0", "Choice"),
        value("file", FileWidget("image", (".png",)), None),
        value("tint", ColourWidget(), "#ff8800"),
        value("curve", CurveWidget(), (0.0, 0.0, 1.0, 1.0), "Curve"),
    ),
)
FIELDS = Catalog((ALL,))


@pytest.fixture(autouse=True)
def nothing_used_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_path", lambda: tmp_path / "recent.json")


@pytest.fixture
def document() -> Document:
    graph = Graph()
    for name in ("one", "two"):
        graph = add_node(graph, FIELDS, ALL.id, (0.0, 0.0), node_id=name).graph
    return Document(FIELDS, graph)


@pytest.fixture
def files(tmp_path: Path) -> FileIndex:
    for kind in ("image", "wildcard", "style"):
        (tmp_path / kind).mkdir()
    return FileIndex({kind: [tmp_path / kind] for kind in ("image", "wildcard", "style")})


@pytest.fixture
def values(document: Document, look: Look, files: FileIndex) -> Values:
    level = Level(document, document)
    return Values(level, Editing(level), look, files, document)


class Bench:
    """Puts fields into a window, and remembers what was refused."""

    def __init__(self, qtbot: QtBot, values: Values) -> None:
        self._qtbot = qtbot
        self.values = values
        self.document = values.document
        self.page = QWidget()
        self.page.resize(320, 400)
        self.page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._column = QVBoxLayout(self.page)
        self.refused: list[str] = []
        values.editing.refused.connect(self.refused.append)
        values.document.changed.connect(self._refresh)
        self._bindings: list[Binding] = []
        qtbot.addWidget(self.page)

    def field(self, name: str, ids: tuple[str, ...] = ("one",)) -> Field:
        """A field for the input `name` of the nodes `ids`, shown."""
        item = ALL.input_by_name[name]
        return self.put(make_field(item, self.values.around, self.page), ids)

    def put(self, field: Field, ids: tuple[str, ...] = ("one",)) -> Field:
        self._bindings.append(Binding(self.values, field, ids))
        self._column.addWidget(field)
        field.show()
        self.page.show()
        self.page.activateWindow()
        self.page.setFocus()
        self._qtbot.waitUntil(self.page.isActiveWindow)
        return field

    def _refresh(self) -> None:
        for binding in self._bindings:
            binding.refresh()

    def value(self, name: str, node: str = "one") -> Param:
        return self.values.value(node, name)


@pytest.fixture
def bench(qtbot: QtBot, values: Values) -> Bench:
    return Bench(qtbot, values)


def turn(widget: QWidget, notches: int, modifier: Qt.KeyboardModifier) -> None:
    """Turn the wheel over `widget`."""
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, QPointF(widget.mapToGlobal(middle)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, modifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
