"""What the commands of the canvas do to what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.gestures.carry import boxes_of, with_carried
from app.clipboard import NothingToPasteError, copy_parts, pasted_parts
from app.theme import metrics
from app.words import translate
from graph.bookmarks import bookmarks, set_bookmark
from graph.graph import Loop, Mode
from graph.layout import Box, Edge, around
from graph.showing import feedback_pairs
from graph.subgraphs import subgraph_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QPointF

    from app.canvas.canvas import Canvas
    from graph.graph import Graph


class Deeds:
    """Acts on the selection of one canvas; what comes of it is selected."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._editing = canvas.editing
        self._structure = canvas.structure
        self._arranging = canvas.arranging

    @property
    def _ids(self) -> frozenset[str]:
        return self._canvas.selection.ids

    def _select(self, ids: Iterable[str]) -> None:
        chosen = frozenset(ids)
        if chosen:
            self._canvas.selection.set(chosen)

    # Copying

    def delete(self) -> None:
        """Remove what is selected."""
        self._editing.delete(self._ids)

    def duplicate(self) -> None:
        """Copy what is selected; frames with what lies in them."""
        self._select(self._editing.duplicate(self._whole()))

    def _whole(self) -> set[str]:
        """Return what is selected, with what selected frames carry, pinned nodes too."""
        return with_carried(self._canvas.scene, self._ids) | self._ids

    def copy(self) -> bool:
        """Put what is selected on the clipboard; say whether there was anything."""
        return copy_parts(self._editing.gathered(self._whole()))

    def cut(self) -> None:
        """Put what is selected on the clipboard and remove it."""
        ids = self._whole()
        if self.copy():
            self._editing.delete(ids)

    def paste(self) -> None:
        """Add what is on the clipboard in the middle of the view."""
        try:
            part = pasted_parts(self._canvas.document.base)
        except NothingToPasteError as error:
            self._canvas.refused.emit(str(error))
            return
        self.insert(part, translate("Canvas", "Paste"), None)

    def insert(self, part: Graph, name: str, at: QPointF | None) -> None:
        """Add `part` around `at` of the scene, or the middle of the view."""
        view = self._canvas.view
        centre = at or view.mapToScene(view.viewport().rect().center())
        width = metrics.NODE_WIDTH
        boxes = [Box(*node.position, width, width) for node in part.nodes.values()]
        boxes += [Box(*p.position, *p.size) for p in (*part.frames.values(), *part.notes.values())]
        whole = around(boxes)
        if whole is None:
            self._canvas.refused.emit(translate("Canvas", "The clipboard holds no nodes"))
            return
        x, y = whole.centre
        grid = metrics.GRID
        shift = (
            float(round((centre.x() - x) / grid) * grid),
            float(round((centre.y() - y) / grid) * grid),
        )
        self._select(self._editing.insert(name, part, shift))

    def select_all(self) -> None:
        """Select everything."""
        graph = self._canvas.level.graph
        self._canvas.selection.set((*graph.nodes, *graph.frames, *graph.notes))

    # Structure

    def rename(self) -> None:
        """Edit the title of the node or frame, or the text of the note, that was selected last."""
        canvas, scene = self._canvas, self._canvas.scene
        current = canvas.selection.current
        if canvas.level.can_enter(current) and not scene.nodes[current].state.node.title:
            self._entitle_subgraph(current)
        elif current in scene.nodes and current not in (canvas.level.edges or ()):
            canvas.desk.rename(scene.nodes[current])
        elif current in scene.frames:
            canvas.words.entitle(scene.frames[current])
        elif current in scene.notes:
            canvas.words.write(scene.notes[current])

    def _entitle_subgraph(self, node_id: str) -> None:
        """Write the name of a subgraph, over the node that stands for it."""
        item = self._canvas.scene.nodes[node_id]
        self._canvas.words.ask(
            item.state.title,
            item.mapRectToScene(item.state.face.title),
            lambda title: self._structure.entitle_subgraph(node_id, title),
        )

    def mute(self) -> None:
        """Mute the selected nodes, or switch them on."""
        self._structure.switch(self._ids, Mode.MUTED)

    def bypass(self) -> None:
        """Bypass the selected nodes, or switch them on."""
        self._structure.switch(self._ids, Mode.BYPASSED)

    def collapse(self) -> None:
        """Collapse the selected nodes, or open them."""
        self._structure.collapse(self._ids)

    def pin(self) -> None:
        """Pin the selected nodes, or free them."""
        self._structure.pin(self._ids)

    def paint(self, colour: str) -> None:
        """Give what is selected a colour, or take it away."""
        self._structure.paint(self._ids, colour)

    def add_note(self) -> None:
        """Put a note under the pointer, and write in it."""
        note = self._structure.note(self._under_pointer())
        if note:
            self._select([note])
            self._canvas.words.write(self._canvas.scene.notes[note])

    def add_frame(self) -> None:
        """Put a frame around what is selected, or under the pointer, and name it."""
        boxes = boxes_of(self._canvas.scene, self._ids)
        frame = self._structure.frame(boxes, self._under_pointer())
        if frame:
            self._canvas.selection.set({frame}, frame)
            self._canvas.words.entitle(self._canvas.scene.frames[frame])

    def _under_pointer(self) -> tuple[float, float]:
        point = self._canvas.view.mapToScene(self._canvas.hands.at)
        grid = metrics.GRID
        return float(round(point.x() / grid) * grid), float(round(point.y() / grid) * grid)

    # Wires

    def wire(self) -> None:
        """Wire the node that was selected last, by keyboard."""
        self._canvas.hands.begin_wiring()

    def take_out(self) -> None:
        """Remove what is selected, and heal the wires."""
        self._editing.take_out(self._ids)

    def unwire(self) -> None:
        """Take away all wires of the selected nodes."""
        self._editing.unwire_all(self._ids)

    # Subgraphs

    def group(self) -> None:
        """Make a subgraph of what is selected, and ask for its name."""
        node = self._structure.group(self._whole())
        if node:
            self._canvas.selection.set({node}, node)
            self._entitle_subgraph(node)

    def ungroup(self) -> None:
        """Expand the selected subgraphs."""
        self._select(self._structure.ungroup(self._ids))

    def enter(self) -> None:
        """Go into the subgraph that was selected last."""
        canvas = self._canvas
        current = canvas.selection.current
        if not canvas.level.enter(current):
            words = translate("Canvas", "Choose a node that stands for a subgraph")
            canvas.refused.emit(words)

    def leave(self) -> None:
        """Go out of the subgraph that is shown."""
        self._canvas.level.leave()

    def make_own(self) -> None:
        """Give the selected nodes subgraphs of their own."""
        self._structure.make_own(self._ids)

    def repeat(self, *, over: str | None) -> None:
        """Let the subgraph that was selected last repeat, through the list `over`, or by count.

        None for `over` ends that. What goes out and comes in alike is fed back.
        """
        base = self._canvas.document.base

        def make(graph: Graph, subgraph_id: str) -> Loop | None:
            if over is None:
                return None
            pairs = feedback_pairs(graph, base, subgraph_id)
            return Loop(over=over, feedback=tuple(pair for pair in pairs if pair[1] != over))

        self._structure.repeat(self._canvas.selection.current, make)

    def repeatable(self) -> tuple[tuple[str, str], ...] | None:
        """Return the inputs, names and labels, that the subgraph selected last can go through."""
        level = self._canvas.level
        node = level.graph.nodes.get(self._canvas.selection.current)
        subgraph = None if node is None else subgraph_of(level.document.graph, node.type)
        spec = None if node is None else level.catalog.get(node.type)
        if subgraph is None or spec is None:
            return None
        names = {item.name for item in subgraph.inputs}
        return tuple((item.name, item.label) for item in spec.inputs if item.name in names)

    # Places

    def tidy(self) -> None:
        """Lay out the selected nodes, or all."""
        scene = self._canvas.scene
        sizes = {key: (i.rect.width(), i.rect.height()) for key, i in scene.nodes.items()}
        frames = with_carried(scene, self._ids)
        chosen = [key for key in frames if key in scene.nodes]
        self._arranging.tidy(chosen if len(chosen) > 1 else None, sizes)

    def align(self, edge: Edge) -> None:
        """Bring an edge of what is selected in line."""
        self._arranging.align(self._ids, edge)

    def distribute(self, *, across: bool) -> None:
        """Make the gaps in what is selected equal."""
        self._arranging.distribute(self._ids, across=across)

    def nudge(self, across: int, down: int) -> None:
        """Move what is selected by grid units, frames with what lies in them."""
        grid = float(metrics.GRID)
        ids = with_carried(self._canvas.scene, self._ids)
        self._arranging.nudge(ids, (across * grid, down * grid))

    # Bookmarks

    def set_bookmark(self, digit: str) -> None:
        """Remember where one looks; the same place again takes the bookmark away."""
        canvas, document = self._canvas, self._canvas.document
        look = canvas.look()
        kept = bookmarks(document.graph).get(digit)
        wanted = None if kept == look else look
        name = (
            translate("Editing", "Set bookmark {0}")
            if wanted is not None
            else translate("Editing", "Remove bookmark {0}")
        )
        self._editing.attempt_whole(
            name.format(digit), lambda graph: set_bookmark(graph, digit, wanted)
        )
        canvas.said.emit(name.format(digit))

    def go_to_bookmark(self, digit: str) -> None:
        """Look where the bookmark says."""
        found = bookmarks(self._canvas.document.graph).get(digit)
        if found is not None:
            self._canvas.look_at(found)
        else:
            words = translate("Canvas", "There is no bookmark {0}: Ctrl+{0} sets it")
            self._canvas.refused.emit(words.format(digit))
