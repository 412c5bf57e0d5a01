"""Tidying up: a whole graph, or some of its nodes, laid out from left to right.

What lies in a frame stays together and is laid out in it; pinned nodes stay where they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from graph import edits
from graph.edits import Edit, difference
from graph.layers import Arrow, layers
from graph.layout import Box, around, boxes_of, carried_by, frame_around, snapped
from graph.order import ordered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from graph.catalog import Catalog
    from graph.graph import Graph, Point

_APART = 64.0


def tidied(
    graph: Graph,
    catalog: Catalog,
    sizes: Mapping[str, tuple[float, float]],
    ids: Iterable[str] | None = None,
) -> Edit:
    """Lay out the nodes `ids`, or all; frames whose nodes are all among them go along.

    `sizes` says how large nodes are drawn. The left upper corner of all that moves stays.
    """
    wanted = {key for key in (graph.nodes if ids is None else ids) if key in graph.nodes}
    wanted = {key for key in wanted if not graph.nodes[key].pinned}
    if not wanted:
        return Edit(graph, difference(graph, graph))
    boxes = boxes_of(graph, sizes)
    held = _held(graph, boxes, wanted)
    maker = _Tidy(graph, catalog, boxes, held, wanted)
    places, frames = maker.places()
    fresh = edits.move(graph, places).graph
    for key, box in frames.items():
        frame = replace(graph.frames[key], position=(box.x, box.y), size=(box.width, box.height))
        fresh = edits.put_frame(fresh, frame).graph
    return Edit(fresh, difference(graph, fresh))


def _held(
    graph: Graph, boxes: Mapping[str, Box], wanted: set[str]
) -> dict[str, set[str]]:  # fmt: skip
    """Return the frames that are laid out as one thing each, and the nodes in them.

    The largest frames whose nodes all are to be moved; a circle of wires through one undoes it.
    """
    found: dict[str, set[str]] = {}
    area = sorted(graph.frames, key=lambda key: -boxes[key].width * boxes[key].height)
    taken: set[str] = set()
    for key in area:
        inside = {part for part in carried_by(graph, boxes, key) if part in graph.nodes}
        if inside and inside <= wanted and not inside & taken:
            found[key] = inside
            taken |= inside
    while found:
        unit = {node: key for key, nodes in found.items() for node in nodes}
        rest = _circular(graph, unit, wanted)
        if not rest:
            break
        for key in rest:
            del found[key]
    return found


def _circular(graph: Graph, unit: Mapping[str, str], wanted: set[str]) -> set[str]:
    """Return the frames that wires leave and come back to through nodes outside of them."""
    after: dict[str, set[str]] = {}
    left: dict[str, int] = {unit.get(key, key): 0 for key in wanted}
    for key in wanted:
        for reader in graph.readers.get(key, frozenset()) & wanted:
            one, other = unit.get(key, key), unit.get(reader, reader)
            if one != other and other not in after.setdefault(one, set()):
                after[one].add(other)
                left[other] += 1
    waiting = [key for key, count in left.items() if count == 0]
    while waiting:
        here = waiting.pop()
        del left[here]
        for reader in after.get(here, ()):
            left[reader] -= 1
            if left[reader] == 0:
                waiting.append(reader)
    return left.keys() & set(unit.values())


class _Tidy:
    def __init__(
        self,
        graph: Graph,
        catalog: Catalog,
        boxes: Mapping[str, Box],
        held: Mapping[str, set[str]],
        wanted: set[str],
    ) -> None:
        self._graph = graph
        self._catalog = catalog
        self._boxes = boxes
        self._held = held
        self._wanted = wanted
        self._unit = {node: key for key, nodes in held.items() for node in nodes}

    def places(self) -> tuple[dict[str, Point], dict[str, Box]]:
        """Return the places of nodes, and where the frames around them are."""
        inner = {key: self._inside(nodes) for key, nodes in self._held.items()}
        sizes = {key: (box.width, box.height) for key, (box, _places) in inner.items()}
        for key in self._wanted - self._unit.keys():
            sizes[key] = (self._boxes[key].width, self._boxes[key].height)
        units = self._laid_out(sizes)
        start = around(self._boxes[key] for key in sizes)
        landed = around(Box(*units[key], *size) for key, size in sizes.items())
        by = (start.x - landed.x, start.y - landed.y) if start and landed else (0.0, 0.0)
        places: dict[str, Point] = {}
        frames: dict[str, Box] = {}
        for key, (x, y) in units.items():
            at = (snapped(x + by[0]), snapped(y + by[1]))
            if key not in inner:
                places[key] = at
                continue
            box, inside = inner[key]
            frames[key] = Box(at[0], at[1], box.width, box.height)
            away = (at[0] - box.x, at[1] - box.y)
            places |= {name: (p[0] + away[0], p[1] + away[1]) for name, p in inside.items()}
        return places, frames

    def _inside(self, nodes: set[str]) -> tuple[Box, dict[str, Point]]:
        """Return the frame around `nodes`, laid out, and where they are in it."""
        sizes = {key: (self._boxes[key].width, self._boxes[key].height) for key in nodes}
        found = {
            key: (snapped(x), snapped(y)) for key, (x, y) in self._laid_out(sizes).items()
        }  # fmt: skip
        frame = frame_around(Box(*found[key], *sizes[key]) for key in nodes)
        assert frame is not None  # noqa: S101 - frames without nodes are left out
        return frame, found

    def _laid_out(self, sizes: Mapping[str, tuple[float, float]]) -> dict[str, Point]:
        """Return the places of nodes and frames: each set that hangs together below the last."""
        arrows = list(self._arrows(sizes))
        order = sorted(sizes, key=lambda key: (self._boxes[key].y, self._boxes[key].x, key))
        places: dict[str, Point] = {}
        down = 0.0
        for part in _joined(order, arrows):
            within = {key: sizes[key] for key in part}
            own = [arrow for arrow in arrows if arrow.source in within]
            found = layers(within, own, part)
            places |= {key: (x, y + down) for key, (x, y) in found.items()}
            whole = around(Box(*found[key], *within[key]) for key in part)
            down += (whole.height if whole is not None else 0.0) + _APART
        return places

    def _arrows(self, sizes: Mapping[str, tuple[float, float]]) -> list[Arrow]:
        found: dict[tuple[str, str], Arrow] = {}
        whole = self._unit if any(key in self._held for key in sizes) else {}
        for node_id in ordered(self._graph, self._wanted):
            node = self._graph.nodes[node_id]
            spec = self._catalog.get(node.type)
            rows = max(len(spec.inputs) + len(spec.outputs), 1) if spec is not None else 1
            places = {item.name: place for place, item in enumerate(spec.inputs if spec else ())}
            for name, sources in sorted(node.wires.items()):
                for source in sources:
                    one = whole.get(source.node, source.node)
                    other = whole.get(node_id, node_id)
                    if one == other or one not in sizes or other not in sizes:
                        continue
                    enters = (places.get(name, 0) + 1) / (rows + 1) if other == node_id else 0.5
                    found.setdefault((one, other), Arrow(one, other, 0.3, enters))
        return list(found.values())


def _joined(order: list[str], arrows: list[Arrow]) -> list[list[str]]:
    """Return the sets of boxes that hang together, the topmost first, each in `order`."""
    beside: dict[str, list[str]] = {key: [] for key in order}
    for arrow in arrows:
        beside[arrow.source].append(arrow.target)
        beside[arrow.target].append(arrow.source)
    first: dict[str, str] = {}
    parts: dict[str, list[str]] = {}
    for start in order:
        waiting = [] if start in first else [start]
        first.setdefault(start, start)
        while waiting:
            for other in beside[waiting.pop()]:
                if other not in first:
                    first[other] = start
                    waiting.append(other)
        parts.setdefault(first[start], []).append(start)
    return list(parts.values())
