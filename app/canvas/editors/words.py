"""Writing on the canvas itself: the text of notes, titles of frames, names of shown sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF

from app.canvas.editors.overlay import lay_over
from app.widgets.text import ParagraphField, TextField
from app.words import translate
from graph.spec import InputSpec, TextWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.canvas.frame_item import FrameItem, NoteItem
    from app.canvas.scene import CanvasScene
    from app.canvas.view import CanvasView
    from app.structure import Structure
    from app.widgets.field import Surroundings
    from graph.edits import Change

_WORDS = InputSpec(
    name="words",
    label=translate("Editors", "Text"),
    type="Text",
    widget=TextWidget(multiline=True),
    default="",
)


class WordDesk(QObject):
    """Keeps the one editor that is open, over the place of what it writes."""

    def __init__(
        self, view: CanvasView, scene: CanvasScene, structure: Structure, around: Surroundings
    ) -> None:
        super().__init__(view)
        self._around = around
        self._view = view
        self._scene = scene
        self._structure = structure
        self._editor: TextField | ParagraphField | None = None
        self._part = ""
        self._visit = 0
        scene.document.changed.connect(self._look_after)
        scene.document.catalogChanged.connect(self.close)
        view.moved.connect(self.finish)

    @property
    def editor(self) -> TextField | ParagraphField | None:
        """The editor that is open, or None."""
        return self._editor

    def write(self, item: NoteItem) -> None:
        """Edit the text of a note; what is typed is in the document at once."""
        self._visit += 1
        note_id, visit = item.part_id, ("note", item.part_id, self._visit)
        editor = ParagraphField(_WORDS, self._around, self._view.viewport())
        editor.show_value(item.note.text)
        editor.typed.connect(lambda text: self._structure.write(note_id, str(text), visit))
        self._show(editor, note_id, item.sceneBoundingRect())

    def entitle(self, item: FrameItem) -> None:
        """Edit the title of a frame."""
        frame_id = item.part_id
        place = item.mapRectToScene(item.bar).adjusted(4, 2, -4, -2)
        self.ask(
            item.frame.title,
            place,
            lambda text: self._structure.entitle(frame_id, text),
            part=frame_id,
        )

    def ask(
        self, text: str, place: QRectF, done: Callable[[str], object], *, part: str = ""
    ) -> None:
        """Edit one line over `place` of the scene; `done` gets it when it is another one."""
        editor = TextField(_WORDS, self._around, self._view.viewport())
        editor.show_value(text)
        editor.meant.connect(lambda said: self._said(str(said).strip(), text, done))
        self._show(editor, part, place)

    def _said(self, said: str, before: str, done: Callable[[str], object]) -> None:
        if self.close() and said != before:
            done(said)

    def _show(self, editor: TextField | ParagraphField, part: str, place: QRectF) -> None:
        self.finish()
        self._editor, self._part = editor, part
        rect = self._view.mapFromScene(place).boundingRect()
        lay_over(editor, rect, self._view.viewport().rect())
        editor.show()
        editor.left.connect(lambda: self._left(editor))
        editor.given_up.connect(self.close)
        editor.done.connect(self.close)
        editor.begin()

    def _left(self, editor: TextField | ParagraphField) -> None:
        if self._editor is editor and not editor.has_focus():
            self.finish()

    def finish(self) -> None:
        """End editing; what was typed counts."""
        if self._editor is not None:
            self._editor.finish()
        self.close()

    def close(self) -> bool:
        """End editing; what is not in the document yet is given up. Say whether there was one."""
        editor, self._editor, self._part = self._editor, None, ""
        if editor is None:
            return False
        self._scene.document.seal()
        had_focus = editor.has_focus()
        editor.hide()
        editor.deleteLater()
        if had_focus:
            self._view.setFocus()
        return True

    def _look_after(self, change: Change) -> None:
        """Close the editor when its part is gone."""
        graph = self._scene.graph
        if self._part and self._part not in graph and self._part in change.frames | change.notes:
            self.close()
