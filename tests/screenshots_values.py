"""Pictures of every kind of value: `python -m tests.screenshots_values [FOLDER]`.

On a node, in the inspector, and what opens over both; light and dark, at 100 and 200 %. Each scale
needs a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _name in ("CACHE", "CONFIG", "DATA"):
    os.environ[f"XDG_{_name}_HOME"] = tempfile.mkdtemp()

from PySide6.QtCore import QPoint, QPointF, QRect  # noqa: E402 - the platform comes first
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPixmap  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QMenu, QWidget  # noqa: E402

from app.document import Document  # noqa: E402
from app.host import EngineHost  # noqa: E402
from app.panels.inspector import Inspector  # noqa: E402
from app.preferences import Preferences  # noqa: E402
from app.program import Program  # noqa: E402
from app.theme.look import Look  # noqa: E402
from app.theme.style import dress  # noqa: E402
from app.widgets.choice import ChoiceField  # noqa: E402
from app.widgets.colour import ColourField  # noqa: E402
from app.widgets.file import FileField  # noqa: E402
from app.widgets.number import NumberField  # noqa: E402
from app.widgets.popup import Popup  # noqa: E402
from app.widgets.prompt import PromptField  # noqa: E402
from app.widgets.size import SizeField  # noqa: E402
from app.window import MainWindow  # noqa: E402
from graph.catalog import Catalog  # noqa: E402
from graph.edits import add_node  # noqa: E402
from graph.files import FileIndex  # noqa: E402
from graph.graph import Graph  # noqa: E402
from graph.params import FileRef  # noqa: E402
from graph.spec import (  # noqa: E402
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
from tests.app.fake_engine import FakeEngine  # noqa: E402

if TYPE_CHECKING:
    from graph.params import Param
    from graph.spec import Widget

_NAMES = (
    "Euler", "Euler ancestral", "Heun", "DPM++ 2M", "DPM++ 2M Karras", "DPM++ SDE", "DDIM",
    "DDPM", "LCM", "LMS", "PNDM", "UniPC", "TCD",
)  # fmt: skip


def _options(names: tuple[str, ...]) -> ChoiceWidget:
    return ChoiceWidget(tuple(ChoiceOption(name.lower(), name) for name in names))


def _value(
    label: str, widget: Widget, default: Param, *, doc: str = "", partner: str = ""
) -> InputSpec:
    name = label.lower().replace(" ", "_")
    return InputSpec(
        name=name, label=label, type="Text", widget=widget, default=default, doc=doc,
        partner=partner,
    )  # fmt: skip


EVERYTHING = NodeSpec(
    id="show/everything",
    title="Everything",
    category="Show",
    summary="Holds a value of every kind.",
    doc="Holds a value of every kind.",
    inputs=(
        _value("Prompt", TextWidget(multiline=True, prompt=True, wildcards=True), ""),
        _value("Width", IntWidget(16, 4096, 8), 512, partner="height"),
        _value("Height", IntWidget(16, 4096, 8), 512),
        _value("Steps", IntWidget(1, 150), 20),
        _value("Guidance", FloatWidget(0.0, 30.0, 0.5), 7.0),
        _value("Seed", SeedWidget(), 0),
        _value("Scheduler", _options(_NAMES), "euler"),
        _value("Blend", _options(_NAMES[:4]), "euler"),
        _value("Tiled", BoolWidget(), default=False),
        _value("Picture", FileWidget("image", (".png",)), None),
        _value("Lost picture", FileWidget("image", (".png",)), None),
        _value("Tint", ColourWidget(), "#e8a25c"),
        _value("Tone curve", CurveWidget(), (0.0, 0.0, 1.0, 1.0)),
        _value("File name", TextWidget(), "{graph}-{n}"),
        _value("Notes", TextWidget(multiline=True), ""),
    ),
)
_VALUES: dict[str, Param] = {
    "prompt": "a (red fox:1.3) in the [snow], __colour__ sky, golden hour",
    "width": 832,
    "height": 1216,
    "guidance": 4.5,
    "seed": 1234567890,
    "scheduler": "dpm++ 2m karras",
    "tiled": True,
    "picture": FileRef("autumn/fox.png"),
    "lost_picture": FileRef("gone.png"),
    "tint": "#2e86ab",
    "tone_curve": (0.0, 0.0, 0.25, 0.14, 0.7, 0.86, 1.0, 1.0),
}


def _picture(path: Path, one: str, other: str) -> None:
    image = QImage(96, 96, QImage.Format.Format_RGB32)
    across = QLinearGradient(0, 0, 96, 96)
    across.setColorAt(0, QColor(one))
    across.setColorAt(1, QColor(other))
    painter = QPainter(image)
    painter.fillRect(image.rect(), across)
    painter.end()
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(str(path))


def _files(folder: Path) -> FileIndex:
    pictures = folder / "pictures"
    for name, one, other in (
        ("autumn/fox.png", "#d7722c", "#3a1d10"), ("autumn/leaves.png", "#c23b22", "#f5b700"),
        ("sea/boat.png", "#2e86ab", "#0b2545"), ("sea/harbour.png", "#8ecae6", "#415a77"),
        ("sketch.png", "#e0e0e0", "#9a9a9a"), ("stars.png", "#0b132b", "#5f0f40"),
        ("moor.png", "#606c38", "#283618"), ("dunes.png", "#dda15e", "#bc6c25"),
    ):  # fmt: skip
        _picture(pictures / name, one, other)
    wild = folder / "wildcards"
    wild.mkdir()
    (wild / "colour.txt").write_text("red\nblue\n", encoding="utf-8")
    return FileIndex({"image": [pictures], "wildcard": [wild], "style": [folder]})


class Photographer:
    """Brings one window to show a node with every kind of value, and puts pictures together."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application = application
        self._folder = folder
        scratch = Path(tempfile.mkdtemp())
        self._look = Look()
        dress(application, self._look)
        catalog = Catalog((EVERYTHING,))
        graph = add_node(
            Graph(), catalog, EVERYTHING.id, (0.0, 0.0), node_id="all", params=_VALUES
        ).graph
        files = _files(scratch)
        host = EngineHost(lambda listener: FakeEngine(listener, files=files, catalog=catalog))
        program = Program(host, files, self._look, Preferences(output=str(scratch)))
        self._window = MainWindow(program, Document(catalog, graph))
        self._window.resize(1500, 1060)
        self._window.show()
        self._window.workspace.viewer.hide()
        self._window.docks.switch("inspector")
        self.settle()
        canvas = self._window.workspace.canvas
        canvas.view.zoom_to(1.0)
        canvas.view.centerOn(QPointF(120, 260))
        canvas.selection.set({"all"}, "all")
        self.settle()

    def settle(self, seconds: float = 0.4) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._application.processEvents()
            time.sleep(0.01)

    def all(self, scale: int) -> None:
        """Take the pictures at this scale."""
        for theme in ("dark", "light"):
            self._look.choose(theme)
            self.settle()
            self._compose(self._parts()).save(str(self._folder / f"app-values-{theme}-{scale}.png"))
            print(self._folder / f"app-values-{theme}-{scale}.png")

    def _parts(self) -> list[list[QPixmap]]:
        panel = self._window.docks.get("inspector")
        assert isinstance(panel, Inspector)
        page = panel.widget()
        assert page is not None
        page.resize(300, page.sizeHint().height())
        canvas = self._window.workspace.canvas
        node = canvas.scene.nodes["all"]
        rect = canvas.view.mapFromScene(node.sceneBoundingRect()).boundingRect()
        on_canvas = canvas.view.viewport().grab(rect.adjusted(-12, -12, 12, 12))
        return [
            [on_canvas],
            [page.grab()],
            [self._over_canvas("prompt"), self._over_canvas("width"), self._typed(panel)],
            [self._popup(panel, "scheduler"), self._popup(panel, "tint")],
            [self._popup(panel, "picture"), self._popup(panel, "width")],
        ]

    def _over_canvas(self, name: str) -> QPixmap:
        """Return the editor of a value laid over the canvas."""
        canvas = self._window.workspace.canvas
        item = canvas.scene.nodes["all"]
        control = item.state.face.control(name)
        assert control is not None
        canvas.desk.activate(item, control)
        self.settle()
        editor = canvas.desk.editor
        assert editor is not None
        shot = canvas.view.viewport().grab(editor.geometry().adjusted(-16, -16, 16, 16))
        canvas.desk.close()
        return shot

    def _typed(self, panel: Inspector) -> QPixmap:
        """Return a number while an expression is written into it."""
        field = panel.rows["steps"].field
        assert isinstance(field, NumberField)
        panel.ensureWidgetVisible(field)
        field.line.write()
        QTest.keyClicks(field.line, "2**5 + 8")
        self.settle()
        corner = field.mapTo(self._window, QPoint(0, 0))
        shot = self._window.grab(
            QRect(corner - QPoint(110, 10), field.size()).adjusted(0, 0, 120, 52)
        )
        field.escape()
        return shot

    def _popup(self, panel: Inspector, name: str) -> QPixmap:
        """Return what opens from a field."""
        field = panel.rows[name].field
        match field:
            case ChoiceField():
                field.open_choices()
            case ColourField():
                field.open_picker()
            case FileField():
                field.open_files()
            case SizeField():
                field.presets.click()
            case PromptField():
                field.styles.click()
        self.settle(0.8)
        tops = self._application.topLevelWidgets()
        (popup,) = (w for w in tops if isinstance(w, Popup | QMenu) and w.isVisible())
        shot = popup.grab()
        popup.close()
        return shot

    def _compose(self, columns: list[list[QPixmap]]) -> QPixmap:
        """Lay columns of pictures side by side on the ground of the canvas."""
        gap = 16
        ratio = columns[0][0].devicePixelRatio()
        widths = [max(_width(shot) for shot in column) for column in columns]
        heights = [sum(_height(shot) + gap for shot in column) for column in columns]
        size = QWidget().size()
        size.setWidth(sum(widths) + gap * (len(columns) + 1))
        size.setHeight(max(heights) + gap)
        sheet = QPixmap(size * ratio)
        sheet.setDevicePixelRatio(ratio)
        sheet.fill(self._look.colours.canvas)
        painter = QPainter(sheet)
        x = gap
        for column, width in zip(columns, widths, strict=True):
            y = gap
            for shot in column:
                painter.drawPixmap(x, y, shot)
                y += _height(shot) + gap
            x += width + gap
        painter.end()
        return sheet


def _width(shot: QPixmap) -> int:
    return round(shot.width() / shot.devicePixelRatio())


def _height(shot: QPixmap) -> int:
    return round(shot.height() / shot.devicePixelRatio())


def main(folder: Path) -> None:
    """Take all pictures into `folder`."""
    scale = os.environ.get("QT_SCALE_FACTOR")
    if scale is None:
        for factor in ("1", "2"):
            command = [sys.executable, "-m", "tests.screenshots_values", str(folder)]
            subprocess.run(command, env={**os.environ, "QT_SCALE_FACTOR": factor}, check=True)
        return
    application = QApplication([])
    Photographer(application, folder).all(round(float(scale) * 100))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
