"""What joins the mask editor to a document: which picture, which node, and every stroke kept.

Each finished stroke is an edit of the document, and so in the journal before the next one. All of
one visit to the editor have the same merge key: they are one step of the document's undo, while
the editor has an undo of its own, stroke by stroke. On leaving, the mask is packed once more,
smaller; it stays the same step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject

from app.canvas.face import PICTURES
from app.mask.editor import MaskEditor
from app.mask.hand import Kit
from app.theme import metrics
from app.words import translate
from graph import painted
from graph.graph import Source
from graph.spec import PaintedWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from app.keymap import Keymap
    from app.workspace import Workspace

PAINTED_MASK: Final = "sfumato/painted_mask"
_UNKNOWN: Final = 1024
"""Pixels along a side of a mask while there is no picture."""
_GAP: Final = 64.0


class Painter(QObject):
    """Opens the mask editor for the document of a workspace; one at a time."""

    def __init__(self, workspace: Workspace, keymap: Keymap) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._keymap = keymap
        self.kit = Kit()
        self.editor: MaskEditor | None = None
        self._key = ("", "")
        self._digest = ""
        self._visit: object = None
        self._before = ""
        """The value that the node had when the editor was opened."""
        workspace.canvas.desk.values.paintAsked.connect(self.open)
        workspace.session.results.pictureArrived.connect(self._picture_arrived)

    # Which node

    def can_paint_on(self, node_id: str) -> bool:
        """Say whether a node has a picture to paint on, or is a mask to paint."""
        return bool(self._painted_input(node_id)) or self._source(node_id) is not None

    def paint_on(self, node_id: str) -> None:
        """Paint on the picture of a node: with the node for it that is wired, or a new one."""
        name = self._painted_input(node_id)
        if name:
            self.open(node_id, name)
            return
        source = self._source(node_id)
        found = "" if source is None else self._wired(source) or self._add(source)
        if found:
            canvas = self._workspace.canvas
            canvas.selection.set({found}, found)
            self.open(found, self._painted_input(found))

    def _painted_input(self, node_id: str) -> str:
        """Return the name of the input of a node that holds a painted mask."""
        level = self._workspace.canvas.level
        node = level.graph.nodes.get(node_id)
        spec = level.catalog.get(node.type) if node else None
        inputs = spec.inputs if spec else ()
        return next((item.name for item in inputs if isinstance(item.widget, PaintedWidget)), "")

    def _source(self, node_id: str) -> Source | None:
        """Return the output with the picture that a node makes or, lacking one, takes in."""
        level = self._workspace.canvas.level
        node = level.graph.nodes.get(node_id)
        spec = level.catalog.get(node.type) if node else None
        if node is None or spec is None or node_id in (level.edges or ()):
            return None
        for output in spec.outputs:
            if output.type in PICTURES:
                return Source(node_id, output.name)
        for item in spec.inputs:
            if item.type in PICTURES and node.wires.get(item.name):
                return node.wires[item.name][0]
        return None

    def _wired(self, source: Source) -> str:
        """Return the painted mask that `source` is wired into already."""
        for node_id, node in self._workspace.canvas.level.graph.nodes.items():
            if self._painted_input(node_id) and any(source in wire for wire in node.wires.values()):
                return node_id
        return ""

    def _add(self, source: Source) -> str:
        """Add a painted mask beside the node that `source` belongs to, where there is room."""
        canvas = self._workspace.canvas
        items = canvas.scene.nodes
        beside = items[source.node].sceneBoundingRect()
        taken = [item.sceneBoundingRect() for item in items.values()]
        place = beside.translated(beside.width() + _GAP, 0)
        place.setWidth(metrics.NODE_WIDTH)
        while any(place.intersects(other) for other in taken):
            place.translate(0, metrics.GRID * 2)
        at = (round(place.left(), 1), round(place.top(), 1))
        return canvas.editing.add(PAINTED_MASK, at, wire=source)

    # The editor

    def open(self, node_id: str, name: str) -> None:
        """Open the editor for the input `name` of a node."""
        if self.editor is not None:
            return
        values = self._workspace.canvas.desk.values
        value = values.value(node_id, name)
        self._key, self._visit = (node_id, name), object()
        self._before = value if isinstance(value, str) else ""
        self.editor = MaskEditor(
            self._mask(self._before), self.kit, values.around, self._keymap,
            self._workspace.window(),
        )  # fmt: skip
        self.editor.painted.connect(self._write)
        self.editor.closed.connect(self._closed)
        self._ask_picture(node_id)
        self.editor.open()

    def _mask(self, value: str) -> np.ndarray:
        try:
            return painted.decode(value)
        except painted.PaintedError:
            return np.zeros((_UNKNOWN, _UNKNOWN), np.uint8)

    def _ask_picture(self, node_id: str) -> None:
        """Show what is wired in, at full size, as soon as it is there."""
        session, level = self._workspace.session, self._workspace.canvas.level
        node = level.graph.nodes[node_id]
        wired = next((name for name in node.wires if self._takes_picture(node_id, name)), "")
        self._digest = session.results.taken_in(level.event_id(node_id), wired) if wired else ""
        picture = session.picture(self._digest) if self._digest else None
        if picture is not None:
            self._show(picture)
        elif self.editor is not None:
            self.editor.tell(
                translate("Mask", "The picture is on its way") if self._digest
                else translate("Mask", "Run the graph to see its picture here") if wired
                else translate("Mask", "Wire a picture into the node to paint over it")
            )  # fmt: skip

    def _takes_picture(self, node_id: str, name: str) -> bool:
        level = self._workspace.canvas.level
        item = level.catalog.require(level.graph.nodes[node_id].type).input(name)
        return item is not None and item.type in PICTURES

    def _picture_arrived(self, digest: str, image: QImage) -> None:
        if digest == self._digest:
            self._show(image)

    def _show(self, picture: QImage) -> None:
        if self.editor is not None:
            self.editor.show_picture(picture)

    def _write(self) -> None:
        self._put(painted.QUICK)

    def _put(self, level: int) -> None:
        """Make what is painted the value of the node."""
        if self.editor is None:
            return
        layer = self.editor.layer
        text = self._before if layer.pristine else painted.encode(layer.pixels, level)
        step = translate("Editing", "Paint mask")
        self._workspace.canvas.desk.values.write(step, {self._key: text}, self._visit)

    def _closed(self) -> None:
        editor = self.editor
        if editor is None:
            return
        if not editor.layer.pristine:
            self._put(painted.SMALL)
        self.editor, self._digest = None, ""
        self._workspace.document.seal()
        editor.deleteLater()
        self._workspace.canvas.view.setFocus()
