"""The canvas as a whole: view, scene, editors and search over one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.canvas.editors.desk import EditorDesk
from app.canvas.empty import EmptyHint
from app.canvas.face import lay_out
from app.canvas.hands import Hands
from app.canvas.scene import CanvasScene
from app.canvas.search import SearchBox
from app.canvas.selection import Selection
from app.canvas.view import CanvasView
from app.clipboard import copy_nodes, pasted_nodes
from app.editing import Editing, socket_type
from app.theme import metrics
from app.words import translate
from graph.errors import SfumatoError
from graph.graph import Source, Target

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.document import Document
    from app.theme.look import Look
    from graph.files import FileIndex
    from graph.spec import NodeSpec


class Canvas(QWidget):
    """Shows a document and edits it.

    Signals:
        refused(str): something could not be done; the text says why.
        opened(str): the picture of that node is to be seen large.
        menuAsked(str, QPoint): the context menu of a node is wanted.
    """

    refused = Signal(str)
    opened = Signal(str)
    menuAsked = Signal(str, QPoint)

    def __init__(
        self, document: Document, look: Look, files: FileIndex, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.selection = Selection(self)
        self.editing = Editing(document, self)
        self.scene = CanvasScene(document, self.selection, look, self)
        self.view = CanvasView(self.scene)
        self.desk = EditorDesk(self.view, self.scene, self.editing, files)
        self.hands = Hands(self.view, self.scene, self.selection, self.editing, self.desk)
        self._empty = EmptyHint(document, look, self)
        self.search = SearchBox(look, self)
        self._wire: Source | Target | None = None
        self._drop = QPointF()
        self._compose()

    def _compose(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self._empty.raise_()
        self.setFocusProxy(self.view)
        self.view.setAccessibleName(translate("Canvas", "Graph"))
        self.view.hand_to(self.hands)
        self.view.moved.connect(self.search.close_box)
        self.hands.searchAsked.connect(self.open_search)
        self.hands.opened.connect(self.opened)
        self.hands.menuAsked.connect(self.menuAsked)
        self.search.chosen.connect(self._add)
        self.search.closed.connect(self._search_closed)
        self.editing.refused.connect(self.refused)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: what lies over the canvas is as large as it is."""
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())

    # Adding

    def open_search(self, at: QPoint, wire: Source | Target | None = None) -> None:
        """Search for a node to add at `at` of the viewport; with `wire`, one that it leads to."""
        specs = self._fitting(wire) if wire is not None else list(self.document.catalog)
        if wire is not None and not specs:
            self.refused.emit(translate("Canvas", "No node takes a wire of this type"))
            return
        hint = translate("Canvas", "Search nodes")
        if wire is not None:
            hint = translate("Canvas", "Search nodes for {0}").format(
                socket_type(self.document, wire)
            )
        self._wire, self._drop = wire, self.view.mapToScene(at)
        self.search.open(specs, at, hint)

    def search_in_middle(self) -> None:
        """Search for a node to add in the middle of the view."""
        self.open_search(self.view.viewport().rect().center())

    def _fitting(self, wire: Source | Target) -> list[NodeSpec]:
        """Return the node types that `wire` can lead to; exact types before conversions."""
        catalog, carried = self.document.catalog, socket_type(self.document, wire)
        exact: list[NodeSpec] = []
        other: list[NodeSpec] = []
        for spec in catalog:
            link = self.editing.fitting(spec.id, "", wire)
            if link is None:
                continue
            if isinstance(wire, Source):
                item = spec.input(link.target.input)
                good = item is not None and item.type == carried and item.widget is None
            else:
                output = spec.output(link.source.output)
                good = output is not None and output.type == carried
            (exact if good else other).append(spec)
        return exact + other

    def _add(self, type_id: str) -> None:
        """Add the chosen node where the search was asked for, its fitting socket at that point."""
        wire, spot = self._wire, self._drop
        spec = self.document.catalog.get(type_id)
        if spec is None:
            return
        face = lay_out(spec)
        place = QPointF(spot.x(), spot.y() - metrics.TITLE_HEIGHT / 2)
        if isinstance(wire, Target):
            place -= QPointF(face.rect.width(), 0)
        grid = metrics.GRID
        position = (round(place.x() / grid) * grid, round(place.y() / grid) * grid)
        node_id = self.editing.add(type_id, (float(position[0]), float(position[1])), wire=wire)
        if node_id:
            self.selection.set({node_id}, node_id)

    def _search_closed(self) -> None:
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    # Commands

    def delete_selected(self) -> None:
        """Remove the selected nodes."""
        self.editing.delete(self.selection.ids)

    def duplicate_selected(self) -> None:
        """Copy the selected nodes and select the copies."""
        self.selection.set(self.editing.duplicate(self.selection.ids) or self.selection.ids)

    def select_all(self) -> None:
        """Select every node."""
        self.selection.set(self.document.graph.nodes)

    def copy(self) -> None:
        """Put the selected nodes on the clipboard."""
        copy_nodes(self.document.graph, self.selection.ids)

    def cut(self) -> None:
        """Put the selected nodes on the clipboard and remove them."""
        if copy_nodes(self.document.graph, self.selection.ids):
            self.delete_selected()

    def paste(self) -> None:
        """Add the nodes on the clipboard in the middle of the view, and select them."""
        try:
            nodes = pasted_nodes(self.document.catalog)
        except SfumatoError:
            self.refused.emit(translate("Canvas", "The clipboard holds no nodes"))
            return
        if not nodes:
            return
        centre = self.view.mapToScene(self.view.viewport().rect().center())
        left = min(node.position[0] for node in nodes)
        top = min(node.position[1] for node in nodes)
        grid = metrics.GRID
        shift = (
            float(round((centre.x() - left - metrics.NODE_WIDTH / 2) / grid) * grid),
            float(round((centre.y() - top - metrics.NODE_WIDTH / 2) / grid) * grid),
        )
        added = self.editing.insert(translate("Canvas", "Paste"), nodes, shift, keep_outside=False)
        if added:
            self.selection.set(added)

    def rename_selected(self) -> None:
        """Edit the title of the node that was selected last."""
        item = self.scene.nodes.get(self.selection.current)
        if item is not None:
            self.desk.rename(item)

    def fit_all(self) -> None:
        """Bring the whole graph into view."""
        self.view.show_rect(self.scene.bounds(self.scene.nodes))

    def fit_selected(self) -> None:
        """Bring the selected nodes into view, or the whole graph without a selection."""
        self.view.show_rect(self.scene.bounds(self.selection.ids or self.scene.nodes))
