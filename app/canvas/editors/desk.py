"""Opening the right editor over a control, and making what it says an edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRandomGenerator, QRectF

from app.canvas.editors.line import LineEditor
from app.canvas.editors.menus import choice_menu, file_menu, open_menu
from app.canvas.editors.overlay import lay_over
from app.canvas.editors.paragraph import ParagraphEditor
from app.canvas.values import read_value, roll, show_value
from graph.spec import BoolWidget, ChoiceWidget, FileWidget, SeedWidget, TextWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtCore import QRect

    from app.canvas.face import Control
    from app.canvas.node_item import NodeItem
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView
    from app.editing import Editing
    from graph.edits import Change
    from graph.files import FileIndex
    from graph.params import Param
    from graph.spec import Widget

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
        self._files = files
        self._editor: LineEditor | ParagraphEditor | None = None
        self._node = ""
        self._own = False
        self._visit = 0
        scene.document.changed.connect(self._look_after)
        scene.document.catalogChanged.connect(self.close)
        view.moved.connect(self.finish)

    @property
    def editor(self) -> LineEditor | ParagraphEditor | None:
        """The editor that is open, or None."""
        return self._editor

    def activate(self, item: NodeItem, control: Control) -> None:
        """Do what a click on a control means: switch, pick, or write."""
        widget, value = control.input.widget, item.state.value(control.name)
        match widget:
            case BoolWidget():
                self._set(item.node_id, control.name, value is not True)
            case ChoiceWidget():
                open_menu(
                    choice_menu(widget, value, self._view, self._picker(item, control.name)),
                    self._below(item, control),
                )
            case FileWidget():
                pick = self._picker(item, control.name)
                open_menu(
                    file_menu(widget, value, self._files, self._view, pick),
                    self._below(item, control),
                )
            case TextWidget(multiline=True):
                self._write(item, control)
            case None:
                pass
            case _:
                self._type(item, control, widget)

    def throw_dice(self, item: NodeItem, control: Control) -> None:
        """Give a seed another value at random."""
        if isinstance(control.input.widget, SeedWidget):
            value = roll(QRandomGenerator.system().generate64() >> 1)
            self._set(item.node_id, control.name, value)

    def rename(self, item: NodeItem) -> None:
        """Edit a node's title."""
        editor, node_id = LineEditor(item.state.title, self._view.viewport()), item.node_id
        editor.signals.done.connect(lambda text: self._renamed(node_id, text))
        self._show(editor, item, TITLE, item.state.face.title)

    def _renamed(self, node_id: str, text: str) -> None:
        item = self._scene.nodes.get(node_id)
        if self._editor is None or item is None:
            return
        self.close()
        title = "" if text.strip() == item.state.spec.title else text.strip()
        if title != item.state.node.title:
            self._editing.rename(node_id, title)

    def _set(self, node_id: str, name: str, value: Param, merge: Hashable | None = None) -> bool:
        self._own = True
        try:
            return self._editing.set_param(node_id, name, value, merge)
        finally:
            self._own = False

    def _picker(self, item: NodeItem, name: str) -> Callable[[Param], object]:
        node_id = item.node_id
        return lambda value: self._set(node_id, name, value)

    def _below(self, item: NodeItem, control: Control) -> QPoint:
        rect = self._place(item, control.rect)
        return self._view.viewport().mapToGlobal(rect.bottomLeft() + QPoint(0, 2))

    def _place(self, item: NodeItem, rect: QRectF) -> QRect:
        return self._view.mapFromScene(item.mapRectToScene(rect)).boundingRect()

    def _type(self, item: NodeItem, control: Control, widget: Widget) -> None:
        text, node_id = show_value(widget, item.state.value(control.name)), item.node_id
        editor = LineEditor(text, self._view.viewport())
        editor.signals.done.connect(lambda said: self._typed(node_id, control.name, widget, said))
        self._show(editor, item, control.name, control.rect)

    def _typed(self, node_id: str, name: str, widget: Widget, text: str) -> None:
        """Take what was typed; where it is refused the editor stays, for another try."""
        editor = self._editor
        if editor is None:
            return
        try:
            taken = self._set(node_id, name, read_value(widget, text))
        except ValueError as error:
            self._editing.refused.emit(str(error))
            taken = False
        if taken or not editor.hasFocus():
            self.close()

    def _write(self, item: NodeItem, control: Control) -> None:
        self._visit += 1
        visit = (item.node_id, control.name, self._visit)
        text = item.state.value(control.name)
        editor = ParagraphEditor(text if isinstance(text, str) else "", self._view.viewport())
        editor.signals.typed.connect(lambda said: self._set(visit[0], visit[1], said, visit))
        editor.signals.done.connect(lambda _: self.close())
        self._show(editor, item, control.name, control.rect)

    def _show(
        self, editor: LineEditor | ParagraphEditor, item: NodeItem, name: str, rect: QRectF
    ) -> None:
        self.finish()
        self._editor, self._node = editor, item.node_id
        editor.signals.given_up.connect(self.close)
        lay_over(editor, self._place(item, rect), self._view.zoom, self._scene.look)
        item.state.editing = name
        item.update()
        editor.show()
        editor.setFocus()

    def finish(self) -> None:
        """End editing; what was typed counts."""
        if isinstance(self._editor, LineEditor):
            self._editor.signals.done.emit(self._editor.text())
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
        had_focus = editor.hasFocus()
        editor.hide()
        editor.deleteLater()
        if had_focus:
            self._view.setFocus()

    def _look_after(self, change: Change) -> None:
        """Close the editor when its node was changed by something else."""
        if self._editor is not None and not self._own and self._node in change.nodes:
            self.close()
