"""What writes down, for one document, all that is done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.history import History
from app.journal.codec import difference
from app.journal.lines import Detached, Edited, Line, Saved, Travelled, path_bytes
from app.journal.replay import Remembered, told

if TYPE_CHECKING:
    from pathlib import Path

    from app.document import Document
    from app.history import Step
    from app.journal.writer import Writer


class Recorder(QObject):
    """Hears a document and hands lines to the writer; what takes time is done on its thread."""

    def __init__(self, document: Document, path: Path, writer: Writer) -> None:
        """Write to the journal `path`; belongs to `document`, and ends with it."""
        super().__init__(document)
        self.path = path
        self._document = document
        self._writer = writer
        document.edited.connect(self._edited)
        document.travelled.connect(self._travelled)
        document.written.connect(self._written)

    def begin(self) -> None:
        """Write the journal from its beginning."""
        document = self._document
        snapshot = Remembered(
            document.graph,
            document.saved,
            document.path,
            document.digest,
            document.template,
            History(document.steps, document.position),
        )
        self._writer.write(self.path, told(snapshot))

    def _append(self, line: Line) -> None:
        self._writer.append(self.path, lambda: line)

    def _edited(self, step: Step, merged: bool) -> None:  # noqa: FBT001 - a signal's argument
        self._writer.append(
            self.path, lambda: Edited(step.name, difference(step.before, step.after), merged)
        )

    def _travelled(self, position: int) -> None:
        self._append(Travelled(position))

    def _written(self) -> None:
        document = self._document
        if document.modified:
            self._append(Detached(document.digest))
        else:
            self._append(Saved(path_bytes(document.path), document.digest))

    def drop(self) -> None:
        """Delete the journal: the document is closed, and nothing of it is to come back."""
        self._document.edited.disconnect(self._edited)
        self._document.travelled.disconnect(self._travelled)
        self._document.written.disconnect(self._written)
        self._writer.drop(self.path)
