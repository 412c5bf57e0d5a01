"""The workspace: one document with its session, canvas and viewer; one for each tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from app.canvas.canvas import Canvas
from app.custody import Custody
from app.mask.painter import Painter
from app.panels.banner import Banner
from app.panels.notices import Notices
from app.panels.progress_line import ProgressLine
from app.panels.viewer import Viewer
from app.session import Session

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QImage

    from app.document import Document
    from app.host import EngineHost
    from app.keymap import Keymap
    from app.theme.look import Look
    from graph.files import FileIndex

_CANVAS_SHARE, _VIEWER_SHARE = 1200, 420


class Workspace(QWidget):
    """Joins the views of one document: what the session learns, the canvas shows."""

    def __init__(
        self,
        document: Document,
        host: EngineHost,
        files: FileIndex,
        look: Look,
        keymap: Keymap,
        parent: QWidget | None = None,
        *,
        locks_folder: Path | None = None,
    ) -> None:
        """Hold the lock of the document's file in `locks_folder`; none without that."""
        super().__init__(parent)
        document.setParent(self)
        self.document = document
        self.session = Session(document, host, files, self)
        self.canvas = Canvas(document, look, files, self)
        self.viewer = Viewer(self.session, self.canvas.selection, look, self)
        self.viewer.event_id = self.canvas.level.event_id
        self.painter = Painter(self, keymap)
        self.custody = Custody(document, locks_folder, self)
        self.notices = Notices(self)
        self.banner = Banner(self)
        self.progress_line = ProgressLine(self.session, look, self)
        self._arrange()
        self._bind(host)

    def _arrange(self) -> None:
        left = QWidget(self)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.progress_line)
        column.addWidget(self.notices)
        column.addWidget(self.banner)
        column.addWidget(self.canvas, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.setHandleWidth(1)
        splitter.addWidget(left)
        splitter.addWidget(self.viewer)
        splitter.setStretchFactor(0, 1)
        splitter.setCollapsible(0, False)  # noqa: FBT003 - Qt's signature
        splitter.setSizes([_CANVAS_SHARE, _VIEWER_SHARE])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(splitter)

    def _bind(self, host: EngineHost) -> None:
        board, results = self.session.board, self.session.results
        board.changed.connect(self._show_runs)
        self.canvas.levelChanged.connect(lambda: self._show_runs(frozenset(board.runs)))
        results.thumbnailChanged.connect(self._show_thumbnail)
        self.canvas.opened.connect(self._open_picture)
        self.session.ordered.connect(self.banner.hide)
        self.viewer.paintAsked.connect(self._paint_on)
        host.died.connect(self.banner.tell)

    def _show_thumbnail(self, node_id: str, image: QImage) -> None:
        self.canvas.put_picture(node_id, image)

    def _show_runs(self, ids: frozenset[str]) -> None:
        """Show how nodes stand; inside a subgraph, those inside."""
        board, level = self.session.board, self.canvas.level
        if not level.path:
            self.canvas.scene.show_runs(board.runs, ids)
        elif level.path[0] in ids:
            runs = {key: board.run_of(level.event_id(key)) for key in level.graph.nodes}
            self.canvas.scene.show_runs(runs, runs.keys())

    def _open_picture(self, node_id: str) -> None:
        self.viewer.show()
        self.viewer.show_node(self.canvas.level.event_id(node_id))

    def _paint_on(self, event_id: str) -> None:
        """Paint on the picture of a node, which may lie inside others."""
        *path, node_id = event_id.split("/")
        if tuple(path) != self.canvas.level.path:
            self.canvas.level.go(tuple(path))
        self.painter.paint_on(node_id)

    def close_session(self) -> None:
        """End what goes on for this document; the workspace can be thrown away then."""
        self.canvas.desk.finish()
        self.custody.close()
        self.session.close()
