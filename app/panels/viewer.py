"""The viewer: the picture of the node that is selected, or else the newest one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app.panels.elided import ElidedLabel
from app.panels.stage import Stage
from app.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QImage

    from app.canvas.selection import Selection
    from app.session import Session
    from app.theme.look import Look

_BAR = 40


class Viewer(QWidget):
    """Shows what `session` knows of the picture of `selection`'s current node.

    Signals:
        paintAsked(str): a mask is to be painted on the picture of a node, named as the engine does.
    """

    paintAsked = Signal(str)

    def __init__(
        self, session: Session, selection: Selection, look: Look, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._session = session
        self._selection = selection
        self.event_id: Callable[[str], str] = str
        """What the engine calls a node of the graph that is shown: inside a subgraph, its path."""
        self._node = ""
        self._digest = ""
        self.stage = Stage(look, self)
        self.title = QLabel(self)
        self.details = ElidedLabel(self)
        self.fit = QToolButton(self)
        self.actual = QToolButton(self)
        self.paint = QToolButton(self)
        self._arrange()
        self._bind()
        self.refresh()

    def _arrange(self) -> None:
        self.stage.hint = translate("Viewer", "No picture yet. Run the graph with Ctrl+Return.")
        self.fit.setText(translate("Viewer", "Fit"))
        self.fit.setToolTip(translate("Viewer", "Show the whole picture"))
        self.actual.setText("100 %")
        self.actual.setToolTip(translate("Viewer", "Show every pixel"))
        self.paint.setText(translate("Viewer", "Paint mask"))
        self.paint.setToolTip(translate("Viewer", "Paint a mask on this picture"))
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.setContentsMargins(16, 4, 8, 4)
        top.addWidget(self.title, 1)
        top.addWidget(self.paint)
        top.addWidget(self.fit)
        top.addWidget(self.actual)
        bottom.setContentsMargins(16, 0, 16, 0)
        bottom.addWidget(self.details, 1)
        self.details.setFixedHeight(_BAR - 8)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self.stage, 1)
        whole.addLayout(bottom)

    def _bind(self) -> None:
        results = self._session.results
        self.fit.clicked.connect(self.stage.fit)
        self.actual.clicked.connect(self.stage.actual)
        self.paint.clicked.connect(lambda: self.paintAsked.emit(self._node))
        self.stage.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.stage.customContextMenuRequested.connect(self._menu)
        self.stage.zoomChanged.connect(self._describe)
        self._selection.changed.connect(lambda _: self.refresh())
        results.changed.connect(self._results_changed)
        results.thumbnailChanged.connect(self._thumbnail_changed)
        results.pictureArrived.connect(self._picture_arrived)

    def show_node(self, node_id: str) -> None:
        """Show the picture of `node_id`, whatever is selected."""
        self._node, self._digest = node_id, self._session.results.pictured(node_id)
        self.title.setText(self._session.board.title(node_id) if node_id else "")
        image = self._session.picture(self._digest)
        small = self._session.results.thumbnail(node_id) if node_id else None
        if image is not None:
            self.stage.show_image(image)
        elif small is not None:
            # Until the full picture comes, its small version stands for it.
            self.stage.show_image(small)
        else:
            self.stage.clear()
        self._describe()

    def refresh(self) -> None:
        """Show the node that is meant now: the selected one if it has a picture, or the newest."""
        results = self._session.results
        chosen = self._chosen
        self.show_node(chosen if chosen and results.pictured(chosen) else results.newest)

    @property
    def _chosen(self) -> str:
        """What the engine calls the node that was selected last; empty without one."""
        current = self._selection.current
        return self.event_id(current) if current else ""

    def _results_changed(self, ids: frozenset[str]) -> None:
        if self._node in ids or not self._selection.current:
            self.refresh()

    def _thumbnail_changed(self, node_id: str, image: QImage) -> None:
        """Show what a node that runs looks like so far, unless another is selected."""
        if self._chosen not in ("", node_id) or self._session.current != node_id:
            return
        other = (self._node, self._digest) != (node_id, "")
        # What was asked for of its last result would cover what it does now.
        self._node, self._digest = node_id, ""
        self.stage.show_image(image)
        if other:
            self.title.setText(self._session.board.title(node_id))
            self._describe()

    def _picture_arrived(self, digest: str, image: QImage) -> None:
        if digest == self._digest:
            self.stage.show_image(image)
            self._describe()

    def _menu(self, at: QPoint) -> None:
        if not self.paint.isEnabled():
            return
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for button in (self.paint, self.fit, self.actual):
            menu.addAction(button.text()).triggered.connect(button.click)
        menu.popup(self.stage.mapToGlobal(at))

    def _describe(self) -> None:
        """Write size, zoom and file under the picture."""
        self.paint.setEnabled(bool(self._node) and not self.stage.empty)
        if self.stage.empty:
            self.details.set_text("")
            return
        size, files = self.stage.picture_size, self._session.results.written(self._node)
        whole = self._session.results.full(self._digest) is not None
        parts = [f"{size.width()} × {size.height()}"] if whole else []
        parts += [f"{self.stage.zoom * 100:.0f} %", *(Path(path).name for path in files)]
        self.details.set_text("  ·  ".join(parts))
        self.details.setToolTip("\n".join(files))
