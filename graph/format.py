"""The graph file: versioned, readable, diffable JSON, one node per block.

`docs/file-format.md` describes it and `docs/graph.schema.json` is its JSON Schema. Reading is
strict: a file is refused whole, as `FILE: $.nodes[17].params.steps: reason`, or loads soundly.
Nodes of types that are not installed load as they are, so that saving keeps them; so do values
outside of what their widget takes, with which the node is broken until they are set anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from immutables import Map

from graph.atomic import write_atomic
from graph.errors import FormatError, GraphError
from graph.graph import (
    NOTHING,
    Extra,
    Frame,
    Graph,
    Loop,
    Node,
    Note,
    Source,
    Subgraph,
    SubgraphInput,
    SubgraphOutput,
    Target,
    with_nodes,
)
from graph.order import find_cycle
from graph.params import FileRef, Param, is_portable
from graph.reroutes import carried
from graph.shapes import (
    WIRE,
    File,
    FileFrame,
    FileNode,
    FileNote,
    FileSubgraph,
    schema,
    told,
)
from graph.sockets import ANY
from graph.spec import InputSpec, NodeSpec, held, is_of_kind, refusal
from graph.subgraphs import flaw, innermost_first, spec_of, uses_of
from graph.writing import VERSION, dump, misfit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.catalog import Catalog

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_NODES",
    "VERSION",
    "dump",
    "load",
    "misfit",
    "parse",
    "read_bytes",
    "save",
    "schema",
]

MAX_BYTES = 256 << 20
MAX_NODES = 200_000
MAX_DEPTH = 100
"""Levels of nesting in fields that this version does not know."""
S = TypeVar("S", bound=msgspec.Struct)


def load(path: Path, catalog: Catalog) -> Graph:
    """Return the graph in the file `path`; raise `FormatError` or `OSError`."""
    return parse(read_bytes(path), file=path.name, catalog=catalog)


def read_bytes(path: Path) -> bytes:
    """Return what is in a graph file, or a picture with a graph inside, of a size that is read."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FormatError(_too_large(size), file=path.name)
    return path.read_bytes()


def _too_large(size: int) -> str:
    return f"is {size >> 20} MiB; graphs up to {MAX_BYTES >> 20} MiB are read"


def parse(data: bytes, *, file: str = "graph", catalog: Catalog) -> Graph:
    """Return the graph in the JSON text `data`; raise `FormatError` naming `file` and place."""
    if len(data) > MAX_BYTES:
        raise FormatError(_too_large(len(data)), file=file)
    return _Reader(file, catalog).read(_decode(data, file))


def _decode(data: bytes, file: str) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(data)
    except RecursionError:
        raise FormatError("is nested too deeply", file=file) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FormatError(f"is not JSON: {error}", file=file) from None
    if not isinstance(raw, dict) or "sfumato" not in raw:
        raise FormatError('is not a Sfumato graph: it has no "sfumato" version', file=file)
    version = raw["sfumato"]
    if isinstance(version, int) and version > VERSION:
        reason = f"is of format {version}, made by a newer Sfumato; this one reads up to {VERSION}"
        raise FormatError(reason, file=file, path="$.sfumato")
    return raw


class _Reader:
    """Reads one file: shape first, then ids, values, wires and cycles."""

    def __init__(self, file: str, catalog: Catalog) -> None:
        self._file = file
        self._catalog = catalog

    def _fail(self, path: str, reason: str) -> FormatError:
        return FormatError(reason, file=self._file, path=path)

    def read(self, raw: dict[str, Any]) -> Graph:
        try:
            document = msgspec.convert(raw, File)
        except msgspec.ValidationError as error:
            reason, path = told(error)
            raise self._fail(self._exact(path, raw), reason) from None
        count = len(document.nodes) + sum(len(part.nodes) for part in document.subgraphs)
        if count > MAX_NODES:
            raise self._fail("$.nodes", f"has {count} nodes; the limit is {MAX_NODES}")
        subgraphs = self._subgraphs(document, raw)
        graph = self._body("$", raw, document)
        extra = self._extra("$", raw, File)
        return msgspec.structs.replace(graph, subgraphs=subgraphs, extra=extra)

    def _subgraphs(self, document: File, raw: dict[str, Any]) -> Map[str, Subgraph]:
        """Return the subgraphs; from here on the catalog has their node types."""
        if not document.subgraphs:
            return Map()
        placed = {
            item.id: (path, item, fields)
            for (path, fields), item in _placed(document.subgraphs, raw, "subgraphs")
        }
        if len(placed) < len(document.subgraphs):
            raise self._fail("$.subgraphs", "two subgraphs have one id")
        inside = {
            name: uses_of(node.type for node in item.nodes)
            for name, (_path, item, _fields) in placed.items()
        }
        try:
            order = innermost_first(inside)
        except GraphError as error:
            raise self._fail("$.subgraphs", str(error)) from None
        found = {}
        for name in order:
            found[name] = self._subgraph(*placed[name])
            self._catalog = self._catalog.extended([spec_of(found[name], self._catalog)])
        return Map(found)

    def _subgraph(self, path: str, item: FileSubgraph, raw: dict[str, Any]) -> Subgraph:
        loop = None
        if item.loop is not None:
            loop = Loop(over=item.loop.over, feedback=tuple(sorted(item.loop.feedback.items())))
        subgraph = Subgraph(
            id=item.id,
            title=item.title,
            doc=item.doc,
            body=self._body(path, raw, item),
            inputs=tuple(
                SubgraphInput(
                    name=shown.name,
                    label=shown.label,
                    targets=tuple(
                        Target(source.node, source.output)
                        for source in self._sources(f"{path}.inputs[{i}].targets", shown.targets)
                    ),
                )
                for i, shown in enumerate(item.inputs)
            ),
            outputs=tuple(
                SubgraphOutput(
                    name=shown.name,
                    label=shown.label,
                    source=self._sources(f"{path}.outputs[{i}].source", shown.source)[0],
                )
                for i, shown in enumerate(item.outputs)
            ),
            loop=loop,
            extra=self._extra(path, raw, FileSubgraph),
        )
        problem = flaw(subgraph, self._catalog)
        if problem is not None:
            raise self._fail(path, problem)
        return subgraph

    def _body(self, path: str, raw: dict[str, Any], item: File | FileSubgraph) -> Graph:
        """Return the nodes, frames and notes that lie in a file or in a subgraph."""
        self._check_ids(path, item)
        graph = Graph(
            frames=Map(
                {f.id: self._frame(*at, f) for at, f in _placed(item.frames, raw, "frames", path)}
            ),
            notes=Map(
                {n.id: self._note(*at, n) for at, n in _placed(item.notes, raw, "notes", path)}
            ),
        )
        nodes = [self._node(*at, n) for at, n in _placed(item.nodes, raw, "nodes", path)]
        graph = with_nodes(graph, put=nodes)
        self._check_wires(path, nodes, graph)
        cycle = find_cycle(graph)
        if cycle:
            raise self._fail(f"{path}.nodes", f"these nodes form a circle: {' -> '.join(cycle)}")
        return graph

    def _exact(self, path: str, raw: dict[str, Any]) -> str:
        """Replace the `[...]` by which msgspec names a dictionary's value with the key it means."""
        found = re.match(
            r"^\$(?:\.subgraphs\[(\d+)\])?\.nodes\[(\d+)\]\.(params|inputs)\[\.\.\.\]", path
        )
        if not found:
            return path
        body = raw if found[1] is None else raw["subgraphs"][int(found[1])]
        part = found[3]
        for name, value in body["nodes"][int(found[2])][part].items():
            try:
                msgspec.convert({part: {name: value}, "id": "x", "type": "x"}, FileNode)
            except msgspec.ValidationError:
                return f"{path.partition('[...]')[0]}.{name}"
        return path

    def _check_ids(self, path: str, body: File | FileSubgraph) -> None:
        seen: dict[str, str] = {}
        for part in ("nodes", "frames", "notes"):
            for index, item in enumerate(getattr(body, part)):
                place = f"{path}.{part}[{index}]"
                if item.id in seen:
                    raise self._fail(f"{place}.id", f"{item.id!r} is taken by {seen[item.id]}")
                seen[item.id] = place

    def _frame(self, path: str, raw: dict[str, Any], item: FileFrame) -> Frame:
        return Frame(
            id=item.id,
            title=item.title,
            position=item.position,
            size=item.size,
            colour=item.colour,
            extra=self._extra(path, raw, FileFrame),
        )

    def _note(self, path: str, raw: dict[str, Any], item: FileNote) -> Note:
        return Note(
            id=item.id,
            text=item.text,
            position=item.position,
            size=item.size,
            colour=item.colour,
            extra=self._extra(path, raw, FileNote),
        )

    def _node(self, path: str, raw: dict[str, Any], item: FileNode) -> Node:
        spec = self._catalog.get(item.type)
        params: dict[str, Param] = {} if spec is None else spec.defaults()
        for name, value in item.params.items():
            params[name] = self._param(f"{path}.params.{name}", spec, name, value)
        wires = {
            name: self._sources(f"{path}.inputs.{name}", value)
            for name, value in item.inputs.items()
        }
        return Node(
            id=item.id,
            type=item.type,
            version=item.version,
            params=Map(params),
            wires=Map(wires),
            position=item.position,
            title=item.title,
            colour=item.colour,
            mode=item.mode,
            collapsed=item.collapsed,
            pinned=item.pinned,
            extra=self._extra(path, raw, FileNode),
        )

    def _extra(self, path: str, raw: dict[str, Any], kind: type[msgspec.Struct]) -> Extra:
        """Return the fields that this version does not know."""
        unknown = raw.keys() - set(kind.__struct_fields__)
        if not unknown:
            return NOTHING
        for key in sorted(unknown):
            if _is_deep(raw[key]):
                raise self._fail(f"{path}.{key}", f"is nested deeper than {MAX_DEPTH} levels")
        return Map({key: raw[key] for key in unknown})

    def _sources(self, path: str, value: str | list[str]) -> tuple[Source, ...]:
        names = [value] if isinstance(value, str) else value
        for name in names:
            if not WIRE.match(name):
                raise self._fail(path, f"{name!r} does not name an output as node.output")
        if len(set(names)) < len(names):
            raise self._fail(path, "names one output twice")
        return tuple(Source(*name.split(".")) for name in names)

    def _param(self, path: str, spec: NodeSpec | None, name: str, value: Param) -> Param:
        for ref in value if isinstance(value, tuple) else (value,):
            if isinstance(ref, FileRef) and not is_portable(ref.name):
                reason = f"{ref.name!r} is not a name inside a model or project folder"
                raise self._fail(path, reason)
        item = None if spec is None else spec.input(name)
        if item is None or item.widget is None:
            return value
        if not is_of_kind(item.widget, value):
            raise self._fail(path, str(refusal(item.widget, value)))
        return held(item.widget, value)

    def _check_wires(self, body: str, nodes: list[Node], graph: Graph) -> None:
        for index, node in enumerate(nodes):
            spec = self._catalog.get(node.type)
            for name, sources in node.wires.items():
                path = f"{body}.nodes[{index}].inputs.{name}"
                item = self._input(path, spec, name)
                if not sources:
                    raise self._fail(path, "names no output; leave the input out")
                if item and not item.multiple and len(sources) > 1:
                    raise self._fail(path, f"takes one wire, got {len(sources)}")
                for source in sources:
                    self._check_source(path, source, item, graph)

    def _input(self, path: str, spec: NodeSpec | None, name: str) -> InputSpec | None:
        if spec is None:
            return None
        item = spec.input(name)
        if item is None:
            names = ", ".join(known.name for known in spec.inputs) or "none"
            raise self._fail(path, f"{spec.title} has no such input; it has: {names}")
        return item

    def _check_source(
        self, path: str, source: Source, item: InputSpec | None, graph: Graph
    ) -> None:
        node = graph.nodes.get(source.node)
        if node is None:
            raise self._fail(path, f"there is no node {source.node!r} in this file")
        spec = self._catalog.get(node.type)
        if spec is None:
            return
        output = spec.output(source.output)
        if output is None:
            names = ", ".join(known.name for known in spec.outputs) or "none"
            reason = f"{spec.title} has no output {source.output!r}; it has: {names}"
            raise self._fail(path, reason)
        kind = output.type if output.type != ANY.name else carried(graph, self._catalog, source)
        if item and not self._catalog.sockets.accepts(item.type, kind):
            raise self._fail(path, f"takes {item.type}, but {source.node} gives {kind}")


def _placed(
    items: list[S], raw: dict[str, Any], part: str, path: str = "$"
) -> Iterator[tuple[tuple[str, dict[str, Any]], S]]:
    """Yield each item with its path and the fields as they stand in the file."""
    for index, item in enumerate(items):
        yield (f"{path}.{part}[{index}]", raw[part][index]), item


def _is_deep(value: object) -> bool:
    """Say whether `value` is nested deeper than `MAX_DEPTH`."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True


def save(graph: Graph, path: Path) -> None:
    """Write `graph` to `path`, atomically; raise `OSError` with the old file intact."""
    write_atomic(path, dump(graph))
