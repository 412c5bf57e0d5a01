"""Pictures of the mask editor at work: `python -m tests.screenshots_mask [FOLDER]`.

Painted by hand on one of the pictures of the starter model, light and dark, over the picture and
alone, with a shape under way.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
for _name in ("CACHE", "CONFIG", "DATA"):
    os.environ[f"XDG_{_name}_HOME"] = tempfile.mkdtemp()

import numpy as np  # noqa: E402 - the platform comes first
from PySide6.QtCore import QPointF, Qt  # noqa: E402
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QRadialGradient  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from app.keymap import Keymap  # noqa: E402
from app.mask.brush import Touch  # noqa: E402
from app.mask.editor import MaskEditor  # noqa: E402
from app.mask.hand import Kit, Tool  # noqa: E402
from app.theme.look import Look  # noqa: E402
from app.theme.style import dress  # noqa: E402
from app.widgets.field import Surroundings  # noqa: E402
from graph.files import FileIndex  # noqa: E402

_SIDE = 1024
_HELD = Qt.KeyboardModifier.NoModifier


def landscape() -> QImage:
    """Return a paper landscape: sun, hills, a sea."""
    image = QImage(_SIDE, _SIDE, QImage.Format.Format_RGB888)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    sky = QRadialGradient(QPointF(660, 330), 900)
    sky.setColorAt(0, QColor("#f6d9a8"))
    sky.setColorAt(1, QColor("#5f86a6"))
    painter.fillRect(image.rect(), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#e9c46a"))
    painter.drawEllipse(QPointF(660, 330), 140, 140)
    for colour, base, high in (("#7d9a8c", 620, 120), ("#4f7768", 720, 90), ("#274c43", 850, 70)):
        hills = QPainterPath(QPointF(0, base))
        for x in range(0, _SIDE + 1, 8):
            hills.lineTo(x, base - high * np.sin(x / 150 + base))
        hills.lineTo(_SIDE, _SIDE)
        hills.lineTo(0, _SIDE)
        painter.setBrush(QColor(colour))
        painter.drawPath(hills)
    painter.end()
    return image


class Photographer:
    """Paints, and takes pictures of it."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application, self._folder = application, folder
        self._look = Look()
        dress(application, self._look)
        around = Surroundings(self._look, FileIndex())
        self._editor = MaskEditor(np.zeros((_SIDE, _SIDE), np.uint8), Kit(), around, Keymap({}))
        self._editor.resize(1440, 960)
        self._editor.show_picture(landscape())
        self._editor.show()
        self._settle()

    def _settle(self, seconds: float = 0.3) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._application.processEvents()
            time.sleep(0.01)

    def _stroke(self, points: list[tuple[float, float, float]], *, pen: bool = True) -> None:
        hand = self._editor.hand
        first, *rest = (Touch(*point) for point in points)
        hand.press(first, _HELD, pen=pen)
        for touch in rest:
            hand.move(touch)
        hand.release(rest[-1])

    def paint(self) -> None:
        """Select the sun with the brush, and a wave below it with a pen that is pressed."""
        kit, editor = self._editor.kit, self._editor
        turn = np.linspace(0, 2 * np.pi, 80)
        editor.take(Tool.LASSO)
        hand = editor.hand
        hand.press(Touch(805, 330), _HELD)
        for angle in turn:
            hand.move(Touch(660 + 146 * np.cos(angle), 330 + 146 * np.sin(angle)))
        hand.release(Touch(805, 330))
        editor.take(Tool.BRUSH)
        editor.set_brush("size", 96.0)
        editor.set_brush("hardness", 0.5)
        x = np.linspace(90, 900, 90)
        wave = 640 - 60 * np.sin(x / 110)
        pressure = 0.15 + 0.85 * np.sin(np.linspace(0, np.pi, 90)) ** 2
        self._stroke([(a, b, p) for a, b, p in zip(x, wave, pressure, strict=True)])
        editor.set_brush("size", 64.0)
        assert kit.tool is Tool.BRUSH

    def all(self) -> None:
        """Take all pictures."""
        self.paint()
        view = self._editor.view
        for theme in ("dark", "light"):
            self._look.choose(theme)
            self._editor.take(Tool.BRUSH)
            view._hover(view.to_screen(QPointF(420, 470)))
            self._shoot(f"mask-editor-{theme}")
        self._look.choose("dark")
        self._editor.take(Tool.FILL)
        self._shoot("mask-editor-fill")
        self._editor.take(Tool.ELLIPSE)
        self._editor._show_bare(True)
        self._editor.hand.press(Touch(130, 130), _HELD)
        self._editor.hand.move(Touch(420, 330))
        view.zoom_to(view.zoom * 1.3)
        self._shoot("mask-editor-alone")

    def _shoot(self, name: str) -> None:
        self._settle()
        self._editor.grab().save(str(self._folder / f"{name}.png"))
        print(self._folder / f"{name}.png")


def main(folder: Path) -> None:
    """Take all pictures into `folder`."""
    application = QApplication([])
    Photographer(application, folder).all()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
