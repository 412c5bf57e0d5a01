"""What an artist does to the structure of a graph: switches, frames, notes and subgraphs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from app.words import translate
from graph import edits, showing
from graph.copies import independent
from graph.edits import Edit, difference, fresh_id
from graph.errors import GraphError
from graph.graph import Frame, Mode, Note
from graph.grouping import collapse
from graph.layout import Box, frame_around
from graph.subgraphs import subgraph_of
from graph.ungrouping import expand

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping

    from app.editing import Editing
    from graph.graph import Graph, Loop, Point, Size
    from graph.showing import Side

NOTE_SIZE = (240.0, 120.0)
LEAST = 48.0
"""The least width and height of frames and notes."""


class Structure:
    """Edits of nodes' switches and looks, of frames, notes and subgraphs."""

    def __init__(self, editing: Editing) -> None:
        self._editing = editing
        self._level = editing.level

    def _nodes(self, ids: Iterable[str]) -> list[str]:
        edges = self._level.edges or ()
        nodes = self._level.graph.nodes
        return sorted(key for key in frozenset(ids) if key in nodes and key not in edges)

    # Switches and looks

    def switch(self, ids: Iterable[str], mode: Mode) -> bool:
        """Mute or bypass nodes; when all of them are so already, switch them on."""
        nodes = self._nodes(ids)
        on = all(self._level.graph.nodes[key].mode is mode for key in nodes)
        names = {
            Mode.MUTED: translate("Editing", "Mute"),
            Mode.BYPASSED: translate("Editing", "Bypass"),
        }
        name = translate("Editing", "Switch on") if on else names[mode]
        wanted = Mode.ON if on else mode
        return bool(nodes) and self._editing.attempt(
            name, lambda graph: edits.set_mode(graph, nodes, wanted)
        )

    def collapse(self, ids: Iterable[str]) -> bool:
        """Collapse nodes to their titles; when all of them are, open them."""
        nodes = self._nodes(ids)
        wanted = not all(self._level.graph.nodes[key].collapsed for key in nodes)
        name = translate("Editing", "Collapse") if wanted else translate("Editing", "Open up")
        return bool(nodes) and self._editing.attempt(
            name, lambda graph: edits.arrange(graph, nodes, collapsed=wanted)
        )

    def pin(self, ids: Iterable[str]) -> bool:
        """Pin nodes where they are; when all of them are pinned, free them."""
        nodes = self._nodes(ids)
        wanted = not all(self._level.graph.nodes[key].pinned for key in nodes)
        name = translate("Editing", "Pin") if wanted else translate("Editing", "Unpin")
        return bool(nodes) and self._editing.attempt(
            name, lambda graph: edits.arrange(graph, nodes, pinned=wanted)
        )

    def paint(self, ids: Iterable[str], colour: str) -> bool:
        """Give nodes, frames and notes a colour (`#rrggbb`), or take it away."""
        wanted = frozenset(ids) - frozenset(self._level.edges or ())

        def make(graph: Graph) -> Edit:
            fresh = graph
            for key in sorted(wanted):
                if key in graph.frames:
                    frame = replace(graph.frames[key], colour=colour)
                    fresh = edits.put_frame(fresh, frame).graph
                elif key in graph.notes:
                    note = replace(graph.notes[key], colour=colour)
                    fresh = edits.put_note(fresh, note).graph
                elif key in graph.nodes:
                    fresh = edits.describe(fresh, key, colour=colour).graph
            return Edit(fresh, difference(graph, fresh))

        return bool(wanted) and self._editing.attempt(translate("Editing", "Colour"), make)

    # Frames and notes

    def frame(self, boxes: Mapping[str, Box], at: Point) -> str:
        """Put a frame around `boxes`, or an empty one at `at`; return its id."""
        box = frame_around(boxes.values()) or Box(at[0], at[1], 400.0, 304.0)
        name = fresh_id(self._level.graph, "frame")
        frame = Frame(
            id=name,
            title=translate("Editing", "Frame"),
            position=(box.x, box.y),
            size=(box.width, box.height),
        )
        made = self._editing.attempt(
            translate("Editing", "Add frame"), lambda graph: edits.put_frame(graph, frame)
        )
        return name if made else ""

    def note(self, at: Point) -> str:
        """Put an empty note at `at`; return its id."""
        name = fresh_id(self._level.graph, "note")
        note = Note(id=name, position=at, size=NOTE_SIZE)
        made = self._editing.attempt(
            translate("Editing", "Add note"), lambda graph: edits.put_note(graph, note)
        )
        return name if made else ""

    def write(self, note_id: str, text: str, merge: Hashable | None = None) -> bool:
        """Give a note another text."""
        note = self._level.graph.notes.get(note_id)
        if note is None or note.text == text:
            return note is not None
        return self._editing.attempt(
            translate("Editing", "Write note"),
            lambda graph: edits.put_note(graph, replace(graph.notes[note_id], text=text)),
            merge,
        )

    def entitle(self, frame_id: str, title: str) -> bool:
        """Give a frame another title."""
        frame = self._level.graph.frames.get(frame_id)
        if frame is None or frame.title == title:
            return frame is not None
        return self._editing.attempt(
            translate("Editing", "Rename frame"),
            lambda graph: edits.put_frame(graph, replace(graph.frames[frame_id], title=title)),
        )

    def resize(self, part_id: str, position: Point, size: Size) -> bool:
        """Give a frame or a note another place and size."""

        def make(graph: Graph) -> Edit:
            moved = edits.move(graph, {part_id: position})
            sized = edits.resize(moved.graph, part_id, size)
            return Edit(sized.graph, moved.change | sized.change)

        return self._editing.attempt(translate("Editing", "Resize"), make)

    # Subgraphs

    def group(self, ids: Iterable[str]) -> str:
        """Make a subgraph of parts; return the id of the node that stands for it."""
        wanted = frozenset(ids) - frozenset(self._level.edges or ())
        base, inside = self._level.document.base, self._level.inside
        before = self._level.graph.nodes
        made = self._editing.attempt_whole(
            translate("Editing", "Make subgraph"),
            lambda graph: collapse(graph, base, wanted, inside=inside),
        )
        fresh = [key for key in self._level.graph.nodes if key not in before] if made else []
        return fresh[0] if fresh else ""

    def ungroup(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Expand the subgraphs that nodes stand for; return the ids of what was in them."""
        wanted = [key for key in self._nodes(ids) if self._level.can_enter(key)]
        if not wanted:
            words = translate("Editing", "Choose a node that stands for a subgraph")
            self._editing.refused.emit(words)
            return ()
        base, inside = self._level.document.base, self._level.inside

        def make(graph: Graph) -> Edit:
            fresh = graph
            for key in wanted:
                fresh = expand(fresh, base, key, inside=inside).graph
            return Edit(fresh, difference(graph, fresh))

        before = self._parts()
        self._editing.attempt_whole(translate("Editing", "Expand subgraph"), make)
        return tuple(self._parts() - before)

    def _parts(self) -> frozenset[str]:
        graph = self._level.graph
        return frozenset((*graph.nodes, *graph.frames, *graph.notes))

    def make_own(self, ids: Iterable[str]) -> bool:
        """Give nodes that stand for a subgraph one of their own, to be changed alone."""
        wanted = [key for key in self._nodes(ids) if self._level.can_enter(key)]
        base, inside = self._level.document.base, self._level.inside
        return bool(wanted) and self._editing.attempt_whole(
            translate("Editing", "Make independent"),
            lambda graph: independent(graph, base, wanted, inside),
        )

    def entitle_subgraph(self, node_id: str, title: str) -> bool:
        """Name the subgraph that a node stands for, and so all nodes that do."""
        base = self._level.document.base

        def make(graph: Graph) -> Edit:
            node = edits.require_node(self._level.graph, node_id)
            subgraph = subgraph_of(graph, node.type)
            if subgraph is None:
                raise GraphError(translate("Editing", "It stands for no subgraph"), node_id)
            return showing.describe(graph, base, subgraph.id, title=title)

        return self._editing.attempt_whole(translate("Editing", "Rename subgraph"), make)

    def repeat(self, node_id: str, make: Callable[[Graph, str], Loop | None]) -> bool:
        """Let the subgraph that a node stands for repeat as `make` says, or no longer."""
        base = self._level.document.base

        def edit(graph: Graph) -> Edit:
            node = edits.require_node(self._level.graph, node_id)
            subgraph = subgraph_of(graph, node.type)
            if subgraph is None:
                raise GraphError(translate("Editing", "Only subgraphs can be repeated"), node_id)
            return showing.set_loop(graph, base, subgraph.id, make(graph, subgraph.id))

        return self._editing.attempt_whole(translate("Editing", "Repeat"), edit)

    def label_shown(self, side: Side, name: str, text: str) -> bool:
        """Name what the subgraph that is shown shows outside."""
        base, inside = self._level.document.base, self._level.inside
        return bool(inside) and self._editing.attempt_whole(
            translate("Editing", "Rename socket"),
            lambda graph: showing.label(graph, base, inside, side, name, text),
        )

    def shift_shown(self, side: Side, name: str, by: int) -> bool:
        """Move what is shown outside up or down among the rest."""
        subgraph = self._level.subgraph
        if subgraph is None:
            return False
        shown = [item.name for item in subgraph.inputs]
        if side == "outputs":
            shown = [item.name for item in subgraph.outputs]
        place = shown.index(name) + by if name in shown else -1
        base, inside = self._level.document.base, self._level.inside
        return 0 <= place < len(shown) and self._editing.attempt_whole(
            translate("Editing", "Move socket"),
            lambda graph: showing.shift(graph, base, inside, side, name, place),
        )

    def hide_shown(self, side: Side, name: str) -> bool:
        """Show something outside no longer."""
        base, inside = self._level.document.base, self._level.inside
        return bool(inside) and self._editing.attempt_whole(
            translate("Editing", "Remove socket"),
            lambda graph: showing.hide(graph, base, inside, side, name),
        )
