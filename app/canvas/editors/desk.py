"""Opening the right field over a control, and making what it says an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QRectF

from app.canvas.editors.overlay import lay_over
from app.canvas.editors.reach import Reach
from app.canvas.values import read_value, stepped, write_value
from app.seeds import throw
from app.widgets.binding import Binding, Values
from app.widgets.choice import open_choices
from app.widgets.colour import ColourPopup
from app.widgets.file import named, open_files, takes
from app.widgets.make import make_field
from app.widgets.size import SizeField
from app.widgets.text import TextField
from app.words import translate
from graph.spec import (
    BoolWidget,
    ChoiceWidget,
    ColourWidget,
    FileWidget,
    FloatWidget,
    InputSpec,
    IntWidget,
    PaintedWidget,
    SeedWidget,
    TextWidget,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from app.canvas.face import Control
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView
    from app.editing import Editing
    from app.widgets.field import Field
    from graph.edits import Change
    from graph.files import FileIndex
    from graph.params import Param

TITLE = "\0title"
"""Stands for a node's title where the name of a control is asked for."""


class EditorDesk(QObject):
    """Keeps the one editor that is open; it goes when its node changes under it."""

    def __init__(
        self, view: CanvasView, scene: CanvasScene, editing: Editing, files: FileIndex
    ) -> None:
        super().__init__(view)
        self._view = view
        self._scene = scene
        self._editing = editing
        self.values = Values(scene.document, editing, scene.look, files, self)
        """What fields here and elsewhere show and change."""
        self._editor: Field | None = None
        self._node = ""
        self._reach = Reach(view, scene, self)
        scene.document.changed.connect(self._look_after)
        scene.document.catalogChanged.connect(self.close)
        view.moved.connect(self.finish)

    @property
    def editor(self) -> Field | None:
        """The editor that is open, or None."""
        return self._editor

    def activate(self, item: NodeItem, control: Control) -> None:
        """Do what a click on a control means: switch, pick, or write."""
        widget, value = control.input.widget, item.state.value(control.name)
        pick = self._picker(item.node_id, control.name)
        around = self.values.around
        match widget:
            case None:
                pass
            case BoolWidget():
                pick(value is not True)
            case ChoiceWidget():
                open_choices(
                    widget, value, around.look, self._view, self._on_screen(item, control), pick,
                    control.input.label,
                )  # fmt: skip
            case FileWidget():
                place = self._on_screen(item, control)
                open_files(widget, value, around, self._view, place, pick)
            case ColourWidget():
                self._open_colours(item, control, value)
            case PaintedWidget():
                self.values.paintAsked.emit(item.node_id, control.name)
            case _:
                self._open(item, control)

    def throw_dice(self, item: NodeItem, control: Control) -> None:
        """Give a seed another value at random."""
        if isinstance(control.input.widget, SeedWidget):
            self._picker(item.node_id, control.name)(throw())

    def step(self, item: NodeItem, control: Control, steps: int, merge: Hashable) -> None:
        """Take a number so many steps up; steps with the same `merge` are one undo step."""
        widget, value = control.input.widget, item.state.value(control.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        if isinstance(widget, IntWidget | FloatWidget):
            self._set(item.node_id, control.name, stepped(widget, value, steps), merge)

    def take_file(self, item: NodeItem, control: Control, path: Path) -> bool:
        """Give a control the file at `path`; say whether it is for such files."""
        widget = control.input.widget
        if not isinstance(widget, FileWidget) or not takes(widget, path):
            return False
        return self._set(item.node_id, control.name, named(widget, path, self.values.around.files))

    def copy_text(self, item: NodeItem, control: Control) -> str:
        """Return a value as text, for the clipboard."""
        widget = control.input.widget
        return "" if widget is None else write_value(widget, item.state.value(control.name))

    def paste_text(self, item: NodeItem, control: Control, text: str) -> bool:
        """Give a control what a text says; say whether it was taken."""
        widget = control.input.widget
        if widget is None:
            return False
        try:
            value = read_value(widget, text, item.state.value(control.name))
        except ValueError as error:
            self._editing.refused.emit(f"{control.input.label}: {error}")
            return False
        return self._set(item.node_id, control.name, value)

    def reset(self, item: NodeItem, name: str = "") -> None:
        """Give a value its default again; without a name, all values of the node."""
        names = [name] if name else [found.name for found, _ in item.state.spec.widgets]
        self.values.reset((item.node_id, each) for each in names)

    def rename(self, item: NodeItem) -> None:
        """Edit a node's title."""
        title = InputSpec(
            name=TITLE, label=translate("Editors", "Title"), type="Text", widget=TextWidget()
        )
        editor, node_id = TextField(title, self.values.around, self._view.viewport()), item.node_id
        editor.show_value(item.state.title)
        editor.meant.connect(lambda text: self._renamed(node_id, str(text)))
        self._show(editor, item, TITLE, item.state.face.title)
        editor.begin()

    def _renamed(self, node_id: str, text: str) -> None:
        item = self._scene.nodes.get(node_id)
        if self._editor is None or item is None:
            return
        self.close()
        title = "" if text.strip() == item.state.spec.title else text.strip()
        if title != item.state.node.title:
            self._editing.rename(node_id, title)

    def _set(self, node_id: str, name: str, value: Param, merge: Hashable | None = None) -> bool:
        key = (node_id, name)
        step = translate("Editing", "Change {0}").format(self.values.labels([key]))
        return self.values.write(step, {key: value}, merge)

    def _picker(self, node_id: str, name: str) -> Callable[[Param], object]:
        return lambda value: self._set(node_id, name, value)

    def _on_screen(self, item: NodeItem, control: Control) -> QRect:
        rect = self._place(item, control.rect)
        return QRect(self._view.viewport().mapToGlobal(rect.topLeft()), rect.size())

    def _place(self, item: NodeItem, rect: QRectF) -> QRect:
        return self._view.mapFromScene(item.mapRectToScene(rect)).boundingRect()

    def _open_colours(self, item: NodeItem, control: Control, value: Param) -> None:
        colour = value if isinstance(value, str) else ""
        popup = ColourPopup(colour, self._scene.look, self._view)
        key, visit = (item.node_id, control.name), object()
        popup.chosen.connect(lambda chosen: self._set(*key, chosen, visit))
        popup.closed.connect(self._scene.document.seal)
        popup.open_at(self._on_screen(item, control))

    def _open(self, item: NodeItem, control: Control) -> None:
        """Lay a field over a control; one for a size over both of its numbers."""
        spec, node = item.state.spec, item.state.node
        port, rect = self._view.viewport(), control.rect
        wide = next((i for i in spec.inputs if control.name in (i.name, i.partner)), control.input)
        high = spec.input(wide.partner) if wide.partner else None
        if high is not None and not {wide.name, high.name} & set(node.wires):
            size = SizeField(wide, high, self.values.around, port)
            for name in (wide.name, high.name):
                other = item.state.face.control(name)
                rect = rect if other is None else rect.united(other.rect)
            self._show(size, item, control.name, rect)
            Binding(self.values, size, (node.id,))
            (size.wide if control.name == wide.name else size.high).begin()
            return
        field = make_field(control.input, self.values.around, port)
        self._show(field, item, control.name, rect)
        Binding(self.values, field, (node.id,))
        field.begin()

    def _show(self, editor: Field, item: NodeItem, name: str, rect: QRectF) -> None:
        self.finish()
        self._editor, self._node = editor, item.node_id
        lay_over(editor, self._place(item, rect), self._view.viewport().rect())
        item.state.editing = name
        item.update()
        editor.show()
        editor.left.connect(lambda: self._left(editor))
        editor.given_up.connect(self.close)
        editor.done.connect(self.close)

    def _left(self, editor: Field) -> None:
        """Close a field that was left; one that is still written into stays."""
        if self._editor is editor and not editor.has_focus():
            self.close()

    def finish(self) -> None:
        """End editing; what was typed counts."""
        if self._editor is not None:
            self._editor.finish()
        self.close()

    def close(self) -> None:
        """End editing; what is not in the document yet is given up."""
        editor, item = self._editor, self._scene.nodes.get(self._node)
        self._editor, self._node = None, ""
        if editor is None:
            return
        self._scene.document.seal()
        if item is not None:
            item.state.editing = ""
            item.update()
        had_focus = editor.has_focus()
        editor.hide()
        editor.deleteLater()
        if had_focus:
            self._view.setFocus()

    def _look_after(self, change: Change) -> None:
        """Close the editor when its node was changed by something else."""
        if self._editor is not None and not self.values.writing and self._node in change.nodes:
            self.close()
