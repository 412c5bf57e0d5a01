"""What is remembered of a run: each node's fate, in typed data, taken from the run's events."""

from __future__ import annotations

import time
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from graph.actions import BLOCKED, Digests, Entry
from graph.events import (
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeSkipped,
    Outcome,
    Pixels,
    RunEvent,
    RunFinished,
    RunStarted,
    Status,
)
from graph.reasons import Reason
from graph.runs.places import Places
from graph.spec import TextWidget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graph.catalog import Catalog
    from graph.graph import Graph, Node
    from graph.runs.queue import Order

PICTURE = "Image"
_WORDS, _LONGEST = 600, 300
"""Most characters of all prompts that a run can be found by, and of one of them."""


class NodeRecord(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How one node fared in one run."""

    node: str
    """Its id; a path where it lies in a subgraph."""
    title: str
    type: str
    status: Status
    ms: float = 0.0
    steps: int = 0
    """Steps that its body told of."""
    reasons: tuple[Reason, ...] = ()
    files: tuple[str, ...] = ()
    digests: Digests = ()
    remarks: tuple[str, ...] = ()
    error: str = ""
    """Why it failed or was skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run that has ended."""

    outcome: Outcome
    ms: float
    message: str
    nodes: tuple[NodeRecord, ...]
    picture: str = ""
    """Content digest of the picture that stands for the run; empty when it made none."""
    pixels: Pixels | None = None
    """How it looks, where that was told."""

    def count(self, *statuses: Status) -> int:
        """Return how many nodes ended with one of `statuses`."""
        return sum(node.status in statuses for node in self.nodes)


_NODES = msgspec.msgpack.Decoder(tuple[NodeRecord, ...])


def pack_nodes(nodes: tuple[NodeRecord, ...]) -> bytes:
    """Return `nodes` as they are kept."""
    return zlib.compress(msgspec.msgpack.encode(nodes))


def unpack_nodes(data: bytes) -> tuple[NodeRecord, ...]:
    """Return what `pack_nodes` packed; nothing when another version of the program did."""
    try:
        return _NODES.decode(zlib.decompress(data))
    except (zlib.error, msgspec.DecodeError):
        return ()


@dataclass(slots=True)
class Recorder:
    """Takes in the events of one run."""

    order: Order
    catalog: Catalog
    began: float = field(default_factory=time.time)
    """Seconds since 1970."""
    total: int = 0
    """How many nodes the run looks at."""
    _nodes: dict[str, NodeRecord] = field(default_factory=dict)
    _steps: dict[str, int] = field(default_factory=dict)
    _previews: dict[str, Pixels] = field(default_factory=dict)
    """Previews of results by digest; the last few, for only one of them is kept."""
    _places: Places = field(init=False)
    _end: RunFinished | None = None

    def __post_init__(self) -> None:
        """Prepare to find the nodes that events name."""
        self._places = Places(self.order.graph, self.catalog)

    @property
    def done(self) -> int:
        """How many nodes are settled."""
        return len(self._nodes)

    @property
    def ended(self) -> bool:
        """Whether the run is over."""
        return self._end is not None

    def add(self, event: RunEvent) -> None:
        """Take in one event."""
        match event:
            case RunStarted():
                self.total = len(event.nodes)
            case NodeProgress():
                self._steps[event.node] = event.total
            case NodeFinished():
                self._finished(event)
            case NodeFailed():
                error = event.problem.message
                self._note(event.node, Status.FAILED, event.ms, event.reasons, error=error)
            case NodeSkipped():
                self._note(event.node, Status.SKIPPED, error=event.why)
            case RunFinished():
                self._end = event
            case _:
                pass

    def _note(
        self,
        path: str,
        status: Status,
        ms: float = 0.0,
        reasons: tuple[Reason, ...] = (),
        *,
        error: str = "",
    ) -> None:
        node = self._places.node(path)
        self._nodes[path] = NodeRecord(
            path,
            self._places.title(path),
            node.type if node else "",
            status,
            ms,
            self._steps.get(path, 0),
            reasons,
            error=error,
        )

    def _finished(self, event: NodeFinished) -> None:
        self._note(event.node, event.status, event.ms, event.reasons)
        self._nodes[event.node] = msgspec.structs.replace(
            self._nodes[event.node],
            files=event.files,
            digests=event.digests,
            remarks=event.remarks,
        )
        digest = self._picture_of(event.node)
        if digest and event.preview is not None:
            self._previews[digest] = event.preview

    def record(self) -> RunRecord:
        """Return the run as it stands; a run that did not end counts as cancelled."""
        end = self._end or RunFinished(0, Outcome.CANCELLED, (time.time() - self.began) * 1000)
        picture = self._picture()
        return RunRecord(
            outcome=end.outcome,
            ms=end.ms,
            message=end.message,
            nodes=tuple(self._nodes.values()),
            picture=picture,
            pixels=self._previews.get(picture),
        )

    # The picture that stands for the run

    def _picture(self) -> str:
        """Return the digest of a picture that is saved or shown; else of the last one made."""
        last = ""
        for path in self._nodes:
            last = self._picture_of(path) or last
        for node in self._effects():
            for source in self._sources(node):
                if found := self._picture_of(source):
                    return found
        return last

    def _effects(self) -> Iterator[Node]:
        for path in self._nodes:
            spec = self._places.spec(path)
            node = self._places.node(path)
            if spec is not None and spec.effect and node is not None and "/" not in path:
                yield node

    def _sources(self, node: Node) -> Iterator[str]:
        spec = self._places.spec(node.id)
        for item in spec.inputs if spec else ():
            if item.type == PICTURE:
                yield from (source.node for source in node.wires.get(item.name, ()))

    def _picture_of(self, path: str) -> str:
        record, spec = self._nodes.get(path), self._places.spec(path)
        if record is None or spec is None:
            return ""
        for output, entry in zip(spec.outputs, record.digests, strict=False):
            if output.type == PICTURE and (digest := first_digest(entry)):
                return digest
        return ""


def first_digest(entry: Entry) -> str:
    """Return the digest of an output, of a list that of its first element; empty for none."""
    digest = entry if isinstance(entry, str) else next(iter(entry), "")
    return "" if digest == BLOCKED else digest


def words_of(graph: Graph, catalog: Catalog) -> str:
    """Return the prompts in `graph`, one a line, the uppermost first, to find its runs by."""
    found: dict[str, None] = {}
    bodies = [graph, *(subgraph.body for subgraph in graph.subgraphs.values())]
    nodes = [node for body in bodies for node in body.nodes.values()]
    for node in sorted(nodes, key=lambda node: (node.position[1], node.position[0], node.id)):
        spec = catalog.get(node.type)
        for item, widget in spec.widgets if spec else ():
            text = node.params.get(item.name)
            if isinstance(widget, TextWidget) and widget.multiline and isinstance(text, str):
                found[" ".join(text[:_LONGEST].split())] = None
    return "\n".join(text for text in found if text)[:_WORDS]
