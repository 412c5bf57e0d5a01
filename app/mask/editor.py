"""The mask editor: a window over the document's own, with tools, picture and options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.keys import bindings
from app.mask import operations
from app.mask.brush import LARGEST, SMALLEST
from app.mask.hand import SHAPES, STROKES, Hand, Tool
from app.mask.layer import Layer
from app.mask.options import Options
from app.mask.transfer import TransferError, read_mask, resized, write_mask
from app.mask.view import NOTCH, MaskView
from app.widgets.buttons import IconButton
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QCloseEvent

    from app.keymap import Keymap
    from app.mask.hand import Kit
    from app.widgets.field import Surroundings

_ICONS: Final = {
    Tool.BRUSH: "ph.paint-brush",
    Tool.ERASER: "ph.eraser",
    Tool.FILL: "ph.paint-bucket",
    Tool.RECTANGLE: "ph.rectangle",
    Tool.ELLIPSE: "ph.circle",
    Tool.LASSO: "ph.scribble-loop",
}
_SIZE_STEP, _HARDNESS_STEP = 1.15, 0.1
_NATIVE = QKeySequence.SequenceFormat.NativeText
_SHARE = 0.92
_TOOLS, _BAR, _BUTTON = 56, 48, 40
_PICTURES = "*.png *.jpg *.jpeg *.webp"


class MaskEditor(QDialog):
    """Paints on a mask; knows nothing of documents.

    Signals:
        painted(): a step was done, undone or done again: `layer` holds another mask.
        closed(): it is closed.
    """

    painted = Signal()
    closed = Signal()

    def __init__(
        self,
        mask: NDArray[np.uint8],
        kit: Kit,
        around: Surroundings,
        keymap: Keymap,
        parent: QWidget | None = None,
    ) -> None:
        """Begin with `mask` (H, W; 255 = selected) and the tools as `kit` has them."""
        super().__init__(parent)
        self.setObjectName("mask-editor")
        self.setWindowTitle(translate("Mask", "Paint mask"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.kit = kit
        self.hand = Hand(kit, Layer(mask), self)
        self.view = MaskView(self.hand, around.look, self)
        self.options = Options(kit, around, self)
        self.tools: dict[Tool, IconButton] = {}
        self.actions_by_name: dict[str, QAction] = {}
        self._pushes: dict[str, QPushButton] = {}
        self._around = around
        self._keymap = keymap
        self._folder = Path.home()
        self._note = ""
        self.title = QLabel(translate("Mask", "Mask"), self)
        self.zoom = QLabel(self)
        self.hint = QLabel(self)
        self.keys = QLabel(self)
        self._make_actions()
        self._arrange()
        self._bind()
        self._refresh()
        if parent is not None:
            self.resize(parent.window().size() * _SHARE)
        self.view.setFocus()

    @property
    def layer(self) -> Layer:
        """What is painted on."""
        return self.hand.layer

    # What it is made of

    def _make_actions(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "undo": lambda: self._travel(self.layer.undo),
            "redo": lambda: self._travel(self.layer.redo),
            "smaller": lambda: self._resize_brush(1 / _SIZE_STEP),
            "larger": lambda: self._resize_brush(_SIZE_STEP),
            "softer": lambda: self._harden(-_HARDNESS_STEP),
            "harder": lambda: self._harden(_HARDNESS_STEP),
            "invert": lambda: self.act("invert"),
            "all": lambda: self.act("all"),
            "clear": lambda: self.act("clear"),
            "bare": lambda: self._show_bare(not self.view.bare),
            "fit": self.view.fit,
            "actual": self.view.actual,
            "nearer": lambda: self.view.zoom_to(self.view.zoom * NOTCH),
            "farther": lambda: self.view.zoom_to(self.view.zoom / NOTCH),
            "done": self.accept,
        }
        for tool in Tool:
            acts[tool] = partial(self.take, tool)
        for name, act in acts.items():
            action = QAction(bindings()[_command(name)].title, self)
            action.triggered.connect(lambda *_, act=act: act())
            self.addAction(action)
            self.actions_by_name[name] = action

    def _arrange(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._tool_column())
        middle.addWidget(self.view, 1)
        middle.addWidget(self.options)
        foot = QFrame(self)
        foot.setObjectName("mask-foot")
        foot.setFixedHeight(32)
        line = QHBoxLayout(foot)
        line.setContentsMargins(16, 0, 16, 0)
        line.addWidget(self.hint, 1)
        self.hint.setProperty("tone", "muted")
        # In a narrow window the words give way, and not the picture.
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.keys.setProperty("tone", "muted")
        line.addWidget(self.keys)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self._head())
        whole.addLayout(middle, 1)
        whole.addWidget(foot)

    def _tool_column(self) -> QWidget:
        column = QFrame(self)
        column.setObjectName("mask-tools")
        column.setFixedWidth(_TOOLS)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(8, 16, 8, 16)
        inner.setSpacing(8)
        for tool in Tool:
            title = self.actions_by_name[tool].text()
            button = IconButton(_ICONS[tool], title, self._around.look, column)
            button.setFixedSize(_BUTTON, _BUTTON)
            button.setIconSize(QSize(20, 20))
            button.setCheckable(True)
            button.clicked.connect(lambda *_, chosen=tool: self.take(chosen))
            inner.addWidget(button)
            self.tools[tool] = button
        inner.addStretch(1)
        return column

    def _head(self) -> QWidget:
        head = QFrame(self)
        head.setObjectName("mask-head")
        head.setFixedHeight(_BAR)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self.title)
        row.addStretch(1)
        self.zoom.setProperty("tone", "muted")
        row.addWidget(self.zoom)
        for name in ("fit", "actual"):
            row.addWidget(self._push(name))
        row.addSpacing(8)
        for name in ("undo", "redo"):
            row.addWidget(self._push(name))
        row.addSpacing(8)
        done = self._push("done")
        done.setProperty("usual", True)  # noqa: FBT003 - Qt's signature
        row.addWidget(done)
        return head

    def _push(self, name: str) -> QPushButton:
        action = self.actions_by_name[name]
        button = QPushButton(action.text(), self)
        button.setAutoDefault(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setEnabled(action.isEnabled())
        button.clicked.connect(action.trigger)
        action.changed.connect(lambda: button.setEnabled(action.isEnabled()))
        self._pushes[name] = button
        return button

    def _bind(self) -> None:
        self.hand.finished.connect(lambda _: self._step_done())
        self.options.changed.connect(self._kit_changed)
        self.options.asked.connect(self.act)
        self.options.bareAsked.connect(self._show_bare)
        self.options.left.connect(self.view.setFocus)
        self.view.zoomChanged.connect(self._describe)
        self._keymap.changed.connect(self._put_keys)
        self._put_keys()

    # Keys

    def _put_keys(self) -> None:
        """Give each action the keys that it has now, and say them."""
        for name, action in self.actions_by_name.items():
            action.setShortcuts(self._keymap.keys(_command(name)))
        for name, button in (*self.tools.items(), *self._pushes.items()):
            title, key = self.actions_by_name[name].text(), self._key(name)
            button.setToolTip(f"{title} ({key})" if key else title)
        told = ((self._key(tool), self.actions_by_name[tool].text()) for tool in Tool)
        self.keys.setText("  ·  ".join(f"{key}: {title}" for key, title in told if key))
        self._refresh()

    def _key(self, name: str) -> str:
        """Return the first key of an action as it is read; empty when it has none."""
        return self.actions_by_name[name].shortcut().toString(_NATIVE)

    # What is done

    def take(self, tool: Tool) -> None:
        """Put `tool` into the hand."""
        self.hand.give_up()
        self.kit.tool = tool
        self._kit_changed()

    def act(self, name: str) -> None:
        """Do something to the whole mask, by name."""
        self.hand.give_up()
        layer, reach = self.layer, self.kit.reach
        deeds: dict[str, tuple[str, Callable[[], None]]] = {
            "invert": (translate("Mask", "Invert"), lambda: operations.invert(layer)),
            "all": (translate("Mask", "Select all"), lambda: operations.select_all(layer)),
            "clear": (translate("Mask", "Clear"), lambda: operations.clear(layer)),
            "grow": (translate("Mask", "Grow"), lambda: operations.grow(layer, reach)),
            "shrink": (translate("Mask", "Shrink"), lambda: operations.grow(layer, -reach)),
            "feather": (translate("Mask", "Feather"), lambda: operations.feather(layer, reach)),
        }
        if name == "import":
            self._ask_import()
        elif name == "export":
            self._ask_export()
        else:
            words, deed = deeds[name]
            deed()
            self.hand.act(words)

    def _travel(self, go: Callable[[], object]) -> None:
        self.hand.give_up()
        if go() is not None:
            self.view.update()
            self._step_done()

    def _step_done(self) -> None:
        self._refresh()
        self.painted.emit()

    def _resize_brush(self, factor: float) -> None:
        size = self.kit.brush.size
        wanted = round(max(size + 1, size * factor) if factor > 1 else min(size - 1, size * factor))
        self.set_brush("size", float(min(LARGEST, max(SMALLEST, wanted))))

    def _harden(self, by: float) -> None:
        hardness = min(1.0, max(0.0, self.kit.brush.hardness + by))
        self.set_brush("hardness", round(hardness, 2))

    def set_brush(self, name: str, value: float) -> None:
        """Set the brush otherwise: see `Brush`."""
        self.kit.brush = self.kit.brush.with_value(name, value)
        self._kit_changed()

    def _kit_changed(self) -> None:
        self._refresh()
        self.view.show_tool()

    def _show_bare(self, bare: bool) -> None:  # noqa: FBT001 - a signal's argument
        self.view.show_bare(bare=bare)
        self._refresh()

    # The picture, and files

    def show_picture(self, picture: QImage) -> None:
        """Paint over `picture`; as long as nothing was painted, the mask takes its size."""
        size = picture.size()
        if size != self.view.size_in_pixels:
            if self.layer.pristine:
                self.hand.layer = Layer(resized(self.layer.pixels, size))
            else:
                size = self.view.size_in_pixels
                picture = picture.scaled(
                    size, Qt.AspectRatioMode.IgnoreAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )  # fmt: skip
        plain = picture.convertToFormat(QImage.Format.Format_RGB888)
        lines = np.frombuffer(plain.constBits(), np.uint8)
        lines = lines.reshape(plain.height(), plain.bytesPerLine())[:, : 3 * plain.width()]
        self.hand.picture = lines.reshape(plain.height(), plain.width(), 3).copy()
        self.view.show_picture(plain)
        self.view.fit()
        self.tell("")

    def tell(self, words: str) -> None:
        """Say `words` at the foot, instead of how the tool is used; nothing, when empty."""
        self._note = words
        self._refresh()

    def _ask_import(self) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        alpha = menu.addAction(translate("Mask", "Alpha of a picture…"))
        alpha.triggered.connect(lambda: self._choose_import(alpha=True))
        grey = menu.addAction(translate("Mask", "Luminance of a picture…"))
        grey.triggered.connect(lambda: self._choose_import(alpha=False))
        button = self.options.buttons["import"]
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _choose_import(self, *, alpha: bool) -> None:
        words = translate("Mask", "Import a mask")
        filters = translate("Mask", "Pictures") + f" ({_PICTURES})"
        chosen, _ = QFileDialog.getOpenFileName(self, words, str(self._folder), filters)
        if chosen:
            self.import_mask(Path(chosen), alpha=alpha)

    def import_mask(self, path: Path, *, alpha: bool) -> None:
        """Take the mask from the alpha of a picture file, or from its luminance."""
        self._folder = path.parent
        try:
            mask = read_mask(path, self.view.size_in_pixels, alpha=alpha)
        except TransferError as error:
            self.tell(str(error))
            return
        operations.replace(self.layer, mask)
        self.hand.act(translate("Mask", "Import"))
        self.tell("")

    def _ask_export(self) -> None:
        words, place = translate("Mask", "Export the mask"), self._folder / "mask.png"
        chosen, _ = QFileDialog.getSaveFileName(self, words, str(place), "PNG (*.png)")
        if chosen:
            self.export_mask(Path(chosen))

    def export_mask(self, path: Path) -> None:
        """Write the mask to a PNG file."""
        self._folder = path.parent
        try:
            write_mask(path.with_suffix(".png"), self.layer.pixels)
        except TransferError as error:
            self.tell(str(error))
        else:
            self.tell(translate("Mask", "Written: {0}").format(path.with_suffix(".png").name))

    # Showing

    def _refresh(self) -> None:
        kit, layer = self.kit, self.layer
        for tool, button in self.tools.items():
            button.setChecked(tool is kit.tool)
        self.actions_by_name["undo"].setEnabled(bool(layer.undo_name))
        self.actions_by_name["redo"].setEnabled(bool(layer.redo_name))
        self.options.refresh(bare=self.view.bare)
        self.hint.setText(self._note or self._hint(kit.tool))
        self._describe()

    def _hint(self, tool: Tool) -> str:
        """Return how a tool is used."""
        looking = [translate("Mask", "Space or middle button: move"),
                   translate("Mask", "Wheel: zoom"),
                   self._pressed(translate("Mask", "mask alone"), "bare")]  # fmt: skip
        if tool in STROKES:
            use = [self._pressed(translate("Mask", "size"), "smaller", "larger"),
                   self._pressed(translate("Mask", "hardness"), "softer", "harder"),
                   translate("Mask", "Shift: line"), translate("Mask", "Alt: erase")]  # fmt: skip
        else:
            use = [translate("Mask", "Drag") if tool in SHAPES else translate("Mask", "Click"),
                   translate("Mask", "Shift: add"), translate("Mask", "Alt: subtract")]  # fmt: skip
        if tool in SHAPES:
            use.append(translate("Mask", "Esc: give up"))
        return "  ·  ".join(filter(None, (*use, *looking)))

    def _pressed(self, what: str, *names: str) -> str:
        """Return which keys do `what`; nothing when there are none."""
        keys = " ".join(filter(None, map(self._key, names)))
        return f"{keys}: {what}" if keys else ""

    def _describe(self) -> None:
        size = self.view.size_in_pixels
        zoom = self.view.zoom * 100
        self.zoom.setText(f"{size.width()} × {size.height()}  ·  {zoom:.0f} %")

    def done(self, result: int) -> None:
        """Qt: it closes, by a button, a key or its title bar; nothing painted is lost."""
        self.hand.give_up()
        super().done(result)
        self.closed.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt: the title bar's button ends as the others do."""
        event.accept()
        self.done(QDialog.DialogCode.Accepted)


def _command(name: str) -> str:
    """Return what the action `name` of the editor is called among all commands."""
    return f"mask.{name}"
