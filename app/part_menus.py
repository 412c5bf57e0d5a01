"""The menus of what lies on the canvas: parts, what a subgraph shows, colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QColor, QCursor, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from app.widgets.colour import ColourPopup
from app.words import translate

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from app.window import MainWindow
    from graph.showing import Side

COLOURS = {
    translate("Colours", "Red"): "#b8564e",
    translate("Colours", "Orange"): "#b87a43",
    translate("Colours", "Yellow"): "#a8923f",
    translate("Colours", "Green"): "#5f9157",
    translate("Colours", "Teal"): "#3f8f8c",
    translate("Colours", "Blue"): "#4f7fb5",
    translate("Colours", "Violet"): "#8066b0",
    translate("Colours", "Pink"): "#ad5f8e",
}
"""Equal in lightness, and calm: they lie behind pictures all day."""
_SWATCH = 14
_NODE = (
    "run_selected", "-", "rename", "colour", "-", "mute", "bypass", "collapse", "pin", "-",
    "paint_mask", "duplicate", "copy", "take_out", "unwire", "delete", "-", "add_frame", "group",
)  # fmt: skip
_SUBGRAPH = ("enter", "ungroup", "make_own")
_OTHER = ("rename", "colour", "-", "duplicate", "copy", "delete", "-", "group")


class PartMenus(QObject):
    """Opens the menus for the workspace that a window shows."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    @property
    def _canvas(self) -> Canvas:
        return self._window.workspace.canvas

    def open(self, part_id: str, at: QPoint) -> QMenu:
        """Show the menu of a part at a place of the screen."""
        menu = QMenu(self._window)
        level = self._canvas.level
        if part_id in (level.edges or ()):
            self._fill(menu, ("leave",))
        elif part_id in level.graph.nodes:
            if level.can_enter(part_id):
                self._fill(menu, _SUBGRAPH)
                self._add_repeating(menu)
                menu.addSeparator()
            self._fill(menu, _NODE)
        else:
            self._fill(menu, _OTHER)
        return self._popup(menu, at)

    def _fill(self, menu: QMenu, names: tuple[str, ...]) -> None:
        for name in names:
            if name == "-":
                menu.addSeparator()
            else:
                menu.addAction(self._window.furniture.actions[name])

    def _popup(self, menu: QMenu, at: QPoint) -> QMenu:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)
        return menu

    def _add_repeating(self, menu: QMenu) -> None:
        """Add how the subgraph is repeated."""
        deeds = self._canvas.deeds
        inputs = deeds.repeatable()
        if inputs is None:
            return
        repeat = menu.addMenu(translate("Menus", "Repeat"))
        once = repeat.addAction(translate("Menus", "Once"))
        once.triggered.connect(lambda: deeds.repeat(over=None))
        count = repeat.addAction(translate("Menus", "A number of times"))
        count.triggered.connect(lambda: deeds.repeat(over=""))
        for name, label in inputs:
            action = repeat.addAction(
                translate("Menus", "For each of {0}").format(label).replace("&", "&&")
            )
            action.triggered.connect(lambda *_, chosen=name: deeds.repeat(over=chosen))

    def open_shown(self, side: str, name: str, at: QPoint) -> QMenu:
        """Show the menu of something that the subgraph that is shown shows outside."""
        structure = self._canvas.structure
        which: Side = "inputs" if side == "inputs" else "outputs"
        menu = QMenu(self._window)
        up = menu.addAction(translate("Menus", "Move up"))
        up.triggered.connect(lambda: structure.shift_shown(which, name, -1))
        down = menu.addAction(translate("Menus", "Move down"))
        down.triggered.connect(lambda: structure.shift_shown(which, name, 1))
        menu.addSeparator()
        gone = menu.addAction(translate("Menus", "Remove"))
        gone.triggered.connect(lambda: structure.hide_shown(which, name))
        return self._popup(menu, at)

    def choose_colour(self) -> QMenu | None:
        """Ask for a colour for what is selected."""
        canvas = self._canvas
        if not canvas.selection.ids:
            return None
        menu = QMenu(self._window)
        for name, colour in COLOURS.items():
            action = menu.addAction(_swatch(colour), name)
            action.triggered.connect(lambda *_, chosen=colour: canvas.deeds.paint(chosen))
        menu.addSeparator()
        other = menu.addAction(translate("Menus", "Other…"))
        other.triggered.connect(self._mix_colour)
        none = menu.addAction(translate("Menus", "None"))
        none.triggered.connect(lambda: canvas.deeds.paint(""))
        return self._popup(menu, QCursor.pos())

    def _mix_colour(self) -> None:
        canvas = self._canvas
        popup = ColourPopup("#808080", self._window.look, canvas.view)
        popup.chosen.connect(canvas.deeds.paint)
        at = canvas.view.viewport().mapToGlobal(canvas.hands.at)
        popup.open_at(QRect(at, at))

    def switch_snap(self) -> None:
        """Let what is dragged keep to the grid and its neighbours, or not; remember it."""
        wanted = self._window.furniture.actions["snap"].isChecked()
        for workspace in self._window.workspaces:
            workspace.canvas.hands.snaps = wanted
        self._window.preferences.snap = wanted
        self._window.program.remember()

    def switch_minimap(self) -> None:
        """Show the minimap, or hide it; remember it."""
        shown = self._window.furniture.actions["minimap"].isChecked()
        for workspace in self._window.workspaces:
            workspace.canvas.show_minimap(shown=shown)
        self._window.preferences.minimap = shown
        self._window.program.remember()


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(_SWATCH, _SWATCH)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
