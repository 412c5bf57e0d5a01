"""The graph file: versioned, readable, diffable JSON, one node per block.

`docs/file-format.md` describes it and `docs/graph.schema.json` is its JSON Schema. Reading is
strict: a file is refused whole, as `FILE: $.nodes[17].params.steps: reason`, or loads soundly.
Nodes of types that are not installed load as they are, so that saving keeps them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar

import msgspec
from immutables import Map
from msgspec import Meta

from graph.atomic import write_atomic
from graph.errors import FormatError
from graph.graph import NOTHING, Extra, Frame, Graph, Mode, Node, Note, Source, with_nodes
from graph.order import find_cycle
from graph.params import FileRef, Param, is_portable
from graph.spec import InputSpec, NodeSpec, held, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from graph.catalog import Catalog

VERSION = 1
MAX_BYTES = 256 << 20
MAX_NODES = 200_000
MAX_DEPTH = 100
"""Levels of nesting in fields that this version does not know."""
_REACH = 1e7

# To Python's regular expressions, `$` alone also fits before a last line break.
_END = r"$(?!\n)"
_ID = "[A-Za-z0-9_-]{1,80}"
_NAME = "[A-Za-z_][A-Za-z0-9_]{0,79}"
Id: TypeAlias = Annotated[str, Meta(pattern=f"^{_ID}{_END}", description="Unique id.")]
Name: TypeAlias = Annotated[str, Meta(pattern=f"^{_NAME}{_END}")]
Coordinate: TypeAlias = Annotated[float, Meta(ge=-_REACH, le=_REACH)]
Length: TypeAlias = Annotated[float, Meta(ge=0, le=_REACH)]
Colour: TypeAlias = Annotated[str, Meta(pattern=f"^(#[0-9a-fA-F]{{6}})?{_END}")]
# WORKAROUND msgspec 0.22: a union of a constrained str and a list corrupts memory when the value is
# refused (`msgspec.convert("n", Annotated[str, Meta(pattern="x")] | list[str])`, then a garbage
# collection), so the pattern of a wire is only stated in the schema here and checked in `_source`.
_WIRE = re.compile(rf"^{_ID}\.{_NAME}{_END}")
Wire: TypeAlias = Annotated[
    str, Meta(description="node.output", extra_json_schema={"pattern": _WIRE.pattern})
]


class _Node(msgspec.Struct, omit_defaults=True, gc=False):
    """A node: what it is, what its widgets hold, what is wired into it."""

    id: Id
    type: Annotated[str, Meta(min_length=1, max_length=200, description="pack/function")]
    version: Annotated[int, Meta(ge=1)] = 1
    title: str = ""
    position: tuple[Coordinate, Coordinate] = (0.0, 0.0)
    colour: Colour = ""
    mode: Mode = Mode.ON
    collapsed: bool = False
    pinned: bool = False
    params: dict[Name, Param] = {}
    inputs: dict[Name, Wire | list[Wire]] = {}


class _Frame(msgspec.Struct, omit_defaults=True):
    """A titled rectangle behind nodes."""

    id: Id
    title: str = ""
    position: tuple[Coordinate, Coordinate] = (0.0, 0.0)
    size: tuple[Length, Length] = (400.0, 300.0)
    colour: Colour = ""


class _Note(msgspec.Struct, omit_defaults=True):
    """Text on the canvas."""

    id: Id
    text: str = ""
    position: tuple[Coordinate, Coordinate] = (0.0, 0.0)
    size: tuple[Length, Length] = (240.0, 120.0)
    colour: Colour = ""


class _File(msgspec.Struct, omit_defaults=True):
    """A Sfumato graph."""

    sfumato: Annotated[int, Meta(ge=1, description="Version of the format.")]
    nodes: list[_Node] = []
    frames: list[_Frame] = []
    notes: list[_Note] = []


S = TypeVar("S", bound=msgspec.Struct)

_KINDS: Mapping[type, type[msgspec.Struct]] = {Node: _Node, Frame: _Frame, Note: _Note}


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
            document = msgspec.convert(raw, _File)
        except msgspec.ValidationError as error:
            reason, path = _told(error)
            raise self._fail(self._exact(path, raw), reason) from None
        if len(document.nodes) > MAX_NODES:
            raise self._fail(
                "$.nodes", f"has {len(document.nodes)} nodes; the limit is {MAX_NODES}"
            )
        self._check_ids(document)
        graph = Graph(
            frames=Map(
                {f.id: self._frame(*at, f) for at, f in _placed(document.frames, raw, "frames")}
            ),
            notes=Map(
                {n.id: self._note(*at, n) for at, n in _placed(document.notes, raw, "notes")}
            ),
            extra=self._extra("$", raw, _File),
        )
        nodes = [self._node(*at, n) for at, n in _placed(document.nodes, raw, "nodes")]
        graph = with_nodes(graph, put=nodes)
        self._check_wires(nodes, graph)
        cycle = find_cycle(graph)
        if cycle:
            raise self._fail("$.nodes", f"these nodes form a circle: {' -> '.join(cycle)}")
        return graph

    def _exact(self, path: str, raw: dict[str, Any]) -> str:
        """Replace the `[...]` by which msgspec names a dictionary's value with the key it means."""
        found = re.match(r"^\$\.nodes\[(\d+)\]\.(params|inputs)\[\.\.\.\]", path)
        if not found:
            return path
        index, part = int(found[1]), found[2]
        for name, value in raw["nodes"][index][part].items():
            try:
                msgspec.convert({part: {name: value}, "id": "x", "type": "x"}, _Node)
            except msgspec.ValidationError:
                return f"$.nodes[{index}].{part}.{name}"
        return path

    def _check_ids(self, document: _File) -> None:
        seen: dict[str, str] = {}
        for part in ("nodes", "frames", "notes"):
            for index, item in enumerate(getattr(document, part)):
                place = f"$.{part}[{index}]"
                if item.id in seen:
                    raise self._fail(f"{place}.id", f"{item.id!r} is taken by {seen[item.id]}")
                seen[item.id] = place

    def _frame(self, path: str, raw: dict[str, Any], item: _Frame) -> Frame:
        return Frame(
            id=item.id,
            title=item.title,
            position=item.position,
            size=item.size,
            colour=item.colour,
            extra=self._extra(path, raw, _Frame),
        )

    def _note(self, path: str, raw: dict[str, Any], item: _Note) -> Note:
        return Note(
            id=item.id,
            text=item.text,
            position=item.position,
            size=item.size,
            colour=item.colour,
            extra=self._extra(path, raw, _Note),
        )

    def _node(self, path: str, raw: dict[str, Any], item: _Node) -> Node:
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
            extra=self._extra(path, raw, _Node),
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
            if not _WIRE.match(name):
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
        problem = refusal(item.widget, value)
        if problem is not None:
            raise self._fail(path, problem)
        return held(item.widget, value)

    def _check_wires(self, nodes: list[Node], graph: Graph) -> None:
        for index, node in enumerate(nodes):
            spec = self._catalog.get(node.type)
            for name, sources in node.wires.items():
                path = f"$.nodes[{index}].inputs.{name}"
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
        if item and not self._catalog.sockets.accepts(item.type, output.type):
            raise self._fail(path, f"takes {item.type}, but {source.node} gives {output.type}")


def _placed(
    items: list[S], raw: dict[str, Any], part: str
) -> Iterator[tuple[tuple[str, dict[str, Any]], S]]:
    """Yield each item with its path and the fields as they stand in the file."""
    for index, item in enumerate(items):
        yield (f"$.{part}[{index}]", raw[part][index]), item


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


def dump(graph: Graph) -> bytes:
    """Return `graph` as the text of a graph file: the same graph always gives the same bytes."""
    lines = ["{", f'  "sfumato": {VERSION},']
    parts = (("nodes", graph.nodes), ("frames", graph.frames), ("notes", graph.notes))
    for name, items in parts:
        if items or name == "nodes":
            blocks = ",\n".join(_block(_record(items[key])) for key in sorted(items))
            lines.append(f'  "{name}": [\n{blocks}\n  ],' if blocks else f'  "{name}": [],')
    lines.extend(f"  {_json(key)}: {_json(graph.extra[key])}," for key in sorted(graph.extra))
    return ("\n".join(lines).removesuffix(",") + "\n}\n").encode()


def save(graph: Graph, path: Path) -> None:
    """Write `graph` to `path`, atomically; raise `OSError` with the old file intact."""
    write_atomic(path, dump(graph))


def _record(item: Node | Frame | Note) -> dict[str, Any]:
    """Return the fields of a part, in the order in which they are written, without defaults."""
    plain: msgspec.Struct
    match item:
        case Node():
            inputs = {n: _wires(item.wires[n]) for n in sorted(item.wires)}
            params = {n: item.params[n] for n in sorted(item.params)}
            plain = _Node(
                item.id,
                item.type,
                item.version,
                item.title,
                item.position,
                item.colour,
                item.mode,
                item.collapsed,
                item.pinned,
                params,
                inputs,
            )
        case Frame():
            plain = _Frame(item.id, item.title, item.position, item.size, item.colour)
        case _:
            plain = _Note(item.id, item.text, item.position, item.size, item.colour)
    record: dict[str, Any] = {
        name: value
        for name in plain.__struct_fields__
        if (value := getattr(plain, name)) or name == "position"
    }
    if record.get("mode") is Mode.ON:
        del record["mode"]
    for name in record.keys() & {"position", "size"}:
        record[name] = tuple(map(float, record[name]))
    if record.get("version") == 1:
        del record["version"]
    return record | {key: item.extra[key] for key in sorted(item.extra)}


def misfit(part: Node | Frame | Note) -> str | None:
    """Say why a file could not hold `part`, or None: what edits make must open again."""
    record = _record(part)
    try:
        msgspec.convert(record, _KINDS[type(part)])
        msgspec.json.encode(record)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        reason, path = _told(error)
        return f"{part.id!r} {path}: {reason}"
    return None


def _told(error: Exception) -> tuple[str, str]:
    """Return the reason and the JSON path in an error of msgspec."""
    reason, _, place = str(error).partition(" - at ")
    at_key, _, path = place.strip("`").rpartition("` in `")
    return (f"a name in it is refused: {reason}" if at_key else reason), path or "$"


def _wires(sources: tuple[Source, ...]) -> str | list[str]:
    names = [f"{source.node}.{source.output}" for source in sources]
    return names[0] if len(names) == 1 else names


def _block(record: Mapping[str, Any]) -> str:
    """Return one part as an indented block, each parameter and wire on a line of its own."""
    lines = []
    for key, value in record.items():
        if isinstance(value, dict) and key in ("params", "inputs"):
            inner = ",\n".join(f"        {_json(n)}: {_json(v)}" for n, v in value.items())
            lines.append(f"      {_json(key)}: {{\n{inner}\n      }}")
        else:
            lines.append(f"      {_json(key)}: {_json(value)}")
    return "    {\n" + ",\n".join(lines) + "\n    }"


def _json(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    if isinstance(value, list):
        return _json(tuple(value))
    return msgspec.json.encode(value).decode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, as `docs/graph.schema.json` holds it."""
    text = msgspec.json.encode(msgspec.json.schema(_File)).decode()
    # The structs of this module are private, their names in the schema are not.
    public = re.sub(r'"(#/\$defs/)?_(File|Node|Frame|Note)"', r'"\1\2"', text)
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | msgspec.json.decode(public, type=dict[str, Any])
