"""The canvas as a whole: view, scene, editors and search over one document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.arranging import Arranging
from app.canvas.crumbs import Crumbs
from app.canvas.deeds import Deeds
from app.canvas.drops import Drops
from app.canvas.editors.desk import EditorDesk
from app.canvas.editors.words import WordDesk
from app.canvas.empty import EmptyHint
from app.canvas.face import lay_out
from app.canvas.find_bar import FindBar, place_bar
from app.canvas.gestures.carry import boxes_of
from app.canvas.hands import Hands
from app.canvas.minimap import Minimap
from app.canvas.pictures import Pictures
from app.canvas.scene import CanvasScene
from app.canvas.search import SearchBox
from app.canvas.selection import Selection
from app.canvas.view import CanvasView
from app.editing import Editing, socket_type
from app.level import Level
from app.structure import Structure
from app.theme import metrics
from app.words import translate
from graph.bookmarks import Bookmark
from graph.copies import needed
from graph.graph import Source, Target
from graph.inside import INPUTS, OUTPUTS
from graph.subgraphs import PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QResizeEvent

    from app.document import Document
    from app.theme.look import Look
    from graph.files import FileIndex
    from graph.params import Param
    from graph.spec import NodeSpec


class Canvas(QWidget):
    """Shows a document, or the inside of one of its subgraphs, and edits it.

    Signals:
        refused(str): something could not be done; the text says why.
        said(str): what is chosen by keys alone.
        opened(str): the picture of that node is to be seen large.
        menuAsked(str, QPoint): the context menu of a part is wanted.
        socketMenuAsked(str, str, QPoint): that of something that a subgraph shows, see `Hands`.
        levelChanged(): the graph that is shown is inside of another subgraph, or outside.
    """

    refused = Signal(str)
    said = Signal(str)
    opened = Signal(str)
    menuAsked = Signal(str, QPoint)
    socketMenuAsked = Signal(str, str, QPoint)
    levelChanged = Signal()

    def __init__(
        self, document: Document, look: Look, files: FileIndex, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.level = Level(document, self)
        self.selection = Selection(self)
        self.editing = Editing(self.level, self)
        self.structure = Structure(self.editing)
        self.scene = CanvasScene(self.level, self.selection, look, self)
        self.arranging = Arranging(self.editing, lambda ids: boxes_of(self.scene, ids))
        self.view = CanvasView(self.scene)
        self.desk = EditorDesk(self.view, self.scene, self.editing, files)
        around = self.desk.values.around
        self.words = WordDesk(self.view, self.scene, self.structure, around)
        self.hands = Hands(
            self.view, self.scene, self.selection, self.editing, self.desk, self.words
        )
        self.deeds = Deeds(self)
        self._empty = EmptyHint(self.level, look, self)
        self.crumbs = Crumbs(self.level, self)
        self.find_bar = FindBar(self)
        self.minimap = Minimap(self.view, self.scene, self)
        self.minimap.hide()
        self._drops = Drops(self, files)
        self._path: tuple[str, ...] = ()
        self._looks: dict[tuple[str, ...], tuple[QPointF, float]] = {}
        """Where one looked at each level when one left it."""
        self._albums: dict[tuple[str, ...], Pictures] = {(): self.scene.pictures}
        self.search = SearchBox(look, self)
        self._wire: Source | Target | None = None
        self._drop = QPointF()
        self._compose()

    def _compose(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self._empty.raise_()
        self.crumbs.raise_()
        self.setFocusProxy(self.view)
        self.setAcceptDrops(True)
        self.view.setAccessibleName(translate("Canvas", "Graph"))
        self.view.hand_to(self.hands)
        self.view.moved.connect(self.search.close_box)
        self.hands.searchAsked.connect(self.open_search)
        self.hands.opened.connect(self.opened)
        self.hands.menuAsked.connect(self.menuAsked)
        self.hands.socketMenuAsked.connect(self.socketMenuAsked)
        self.hands.entered.connect(self.level.enter)
        self.hands.said.connect(self.said)
        self.level.entered.connect(self._leave_level)
        self.level.catalogChanged.connect(self._arrive)
        self.search.chosen.connect(self._add)
        self.search.closed.connect(self._search_closed)
        self.editing.refused.connect(self.refused)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: what lies over the canvas is as large as it is."""
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())
        self.crumbs.move(8, 8)
        place_bar(self.find_bar, self)
        corner = self.rect().bottomRight() - self.minimap.rect().bottomRight()
        self.minimap.move(corner - QPoint(8, 8))

    # Levels

    def _leave_level(self) -> None:
        """Keep where one looked, and take the pictures of where one goes."""
        self.hands.cancel()
        self._looks[self._path] = (self._middle(), self.view.zoom)
        self.selection.set(())
        self.scene.pictures = self._albums.setdefault(self.level.path, Pictures())

    def _arrive(self) -> None:
        """Look where one looked at this level before, or at all of it."""
        if self._path == self.level.path:
            return
        came_from, self._path = self._path, self.level.path
        look = self._looks.get(self._path)
        if look is None:
            self.fit_all()
        else:
            self.view.look_at(*look)
        depth = len(self._path)
        door = came_from[depth] if came_from[:depth] == self._path and came_from[depth:] else ""
        if door in self.level.graph.nodes:
            self.selection.set({door}, door)
        self.levelChanged.emit()

    def put_picture(self, event_id: str, image: QImage) -> None:
        """Show what a node made, by what the engine calls the node."""
        *path, node_id = event_id.split("/")
        self._albums.setdefault(tuple(path), Pictures()).put(node_id, image)
        if tuple(path) == self.level.path:
            self.scene.show_picture(node_id)

    # Adding

    def open_search(self, at: QPoint, wire: Source | Target | None = None) -> None:
        """Search for a node to add at `at` of the viewport; with `wire`, one that it leads to."""
        better: frozenset[str] = frozenset()
        specs = self.addable()
        if wire is not None:
            specs, better = self._fitting(wire)
        if wire is not None and not specs:
            self.refused.emit(translate("Canvas", "No node takes a wire of this type"))
            return
        hint = translate("Canvas", "Search nodes")
        if wire is not None:
            hint = translate("Canvas", "Search nodes for {0}").format(socket_type(self.level, wire))
        self._wire, self._drop = wire, self.view.mapToScene(at)
        self.search.open(specs, at, hint, better)
        self.hands.show_loose(wire, self._drop)

    def search_in_middle(self) -> None:
        """Search for a node to add in the middle of the view."""
        self.open_search(self.view.viewport().rect().center())

    def addable(self) -> list[NodeSpec]:
        """Return the node types that can be added here: no subgraph that holds the one shown."""
        whole, inside = self.document.graph, self.level.inside
        barred = {INPUTS, OUTPUTS}
        if inside:
            barred |= {PREFIX + key for key in whole.subgraphs if inside in needed(whole, [key])}
        return [spec for spec in self.level.catalog if spec.id not in barred]

    def _fitting(self, wire: Source | Target) -> tuple[list[NodeSpec], frozenset[str]]:
        """Return the node types that `wire` can lead to, and the ids of those of the same type."""
        carried = socket_type(self.level, wire)
        exact: list[NodeSpec] = []
        other: list[NodeSpec] = []
        for spec in self.addable():
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
        return exact + other, frozenset(spec.id for spec in exact)

    def _add(self, type_id: str) -> None:
        """Add the chosen node where the search was asked for, its fitting socket at that point."""
        wire, spot = self._wire, self._drop
        spec = self.level.catalog.get(type_id)
        if spec is None:
            return
        place = QPointF(spot.x(), spot.y() - metrics.TITLE_HEIGHT / 2)
        if isinstance(wire, Target):
            place -= QPointF(lay_out(spec).rect.width(), 0)
        self._put(type_id, place, wire)

    def add_node(self, type_id: str, at: QPointF, params: Mapping[str, Param] | None = None) -> str:
        """Add a node with its title under `at` of the scene; return its id, empty if refused."""
        self.search.habits.used(type_id)
        half = QPointF(metrics.NODE_WIDTH / 2, metrics.TITLE_HEIGHT / 2)
        return self._put(type_id, at - half, None, params)

    def _put(
        self,
        type_id: str,
        place: QPointF,
        wire: Source | Target | None,
        params: Mapping[str, Param] | None = None,
    ) -> str:
        grid = metrics.GRID
        at = (float(round(place.x() / grid) * grid), float(round(place.y() / grid) * grid))
        node_id = self.editing.add(type_id, at, wire=wire, params=params)
        if node_id:
            self.selection.set({node_id}, node_id)
        return node_id

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Qt: take node types and files that nodes can hold; graphs are for the window."""
        if self._drops.takes(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Qt: add nodes for what was dropped."""
        place = self.view.mapFrom(self, event.position().toPoint())
        added = self._drops.drop(event.mimeData(), self.view.mapToScene(place))
        if added:
            event.acceptProposedAction()
            self.selection.set(added)
            self.view.setFocus()

    def _search_closed(self) -> None:
        self.hands.show_loose(None, QPointF())
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    # Looking

    def show_part(self, path: tuple[str, ...], part_id: str) -> None:
        """Go to where a part is, select it, and bring it into view."""
        self.level.go(path)
        item = self.scene.part(part_id)
        if item is None:
            return
        self.selection.set({part_id}, part_id)
        if not self.view.seen.contains(item.sceneBoundingRect()):
            self.view.look_at(item.sceneBoundingRect().center(), max(self.view.zoom, 0.5))

    def show_minimap(self, *, shown: bool) -> None:
        """Show the minimap, or hide it."""
        self.minimap.setVisible(shown)
        self.minimap.raise_()

    def look(self) -> Bookmark:
        """Return where one looks now."""
        middle = self._middle()
        at = (round(middle.x(), 1), round(middle.y(), 1))
        return Bookmark(at, round(self.view.zoom, 3), self.level.path)

    def _middle(self) -> QPointF:
        """Return the point of the scene in the middle of the view."""
        area = self.view.viewport().size()
        return self.view.camera.to_scene(QPointF(area.width() / 2, area.height() / 2))

    def look_at(self, bookmark: Bookmark) -> None:
        """Look where `bookmark` says."""
        self.level.go(bookmark.path)
        self.view.look_at(QPointF(*bookmark.at), bookmark.zoom)

    def fit_all(self) -> None:
        """Bring the whole graph into view."""
        self.view.show_rect(self.scene.extent())

    def fit_selected(self) -> None:
        """Bring the selected nodes into view, or the whole graph without a selection."""
        ids = self.selection.ids
        self.view.show_rect(self.scene.bounds(ids) if ids else self.scene.extent())
