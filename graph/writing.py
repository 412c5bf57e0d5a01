"""Writing the graph file: the same graph is always the same text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from graph.graph import Frame, Mode, Node, Note
from graph.shapes import FileFrame, FileNode, FileNote, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graph.graph import Graph, Source, Subgraph

VERSION = 1
"""Version of the format."""

_KINDS: Mapping[type, type[msgspec.Struct]] = {Node: FileNode, Frame: FileFrame, Note: FileNote}


def dump(graph: Graph) -> bytes:
    """Return `graph` as the text of a graph file: the same graph always gives the same bytes."""
    lines = ["{", f'  "sfumato": {VERSION},', *_parts(graph, "  ")]
    if graph.subgraphs:
        blocks = [_subgraph(graph.subgraphs[name]) for name in sorted(graph.subgraphs)]
        lines.append('  "subgraphs": [\n' + ",\n".join(blocks) + "\n  ],")
    lines.extend(f"  {_json(key)}: {_json(graph.extra[key])}," for key in sorted(graph.extra))
    return ("\n".join(lines).removesuffix(",") + "\n}\n").encode()


def _parts(graph: Graph, indent: str) -> Iterator[str]:
    """Yield the lists of nodes, frames and notes, each with a comma behind it."""
    parts = (("nodes", graph.nodes), ("frames", graph.frames), ("notes", graph.notes))
    for name, items in parts:
        if items or name == "nodes":
            blocks = ",\n".join(_block(_record(items[key]), indent) for key in sorted(items))
            ends = f"\n{blocks}\n{indent}" if blocks else ""
            yield f'{indent}"{name}": [{ends}],'


def _subgraph(subgraph: Subgraph) -> str:
    record: dict[str, Any] = {"id": subgraph.id}
    if subgraph.title:
        record["title"] = subgraph.title
    if subgraph.doc:
        record["doc"] = subgraph.doc
    if subgraph.loop is not None:
        over = {"over": subgraph.loop.over} if subgraph.loop.over else {}
        record["loop"] = over | {"feedback": dict(subgraph.loop.feedback)}
    lines = [f"      {_json(key)}: {_json(value)}," for key, value in record.items()]
    shown: list[dict[str, Any]] = [
        _labelled(item.name, item.label)
        | {"targets": [f"{target.node}.{target.input}" for target in item.targets]}
        for item in subgraph.inputs
    ]
    lines += _rows("inputs", shown)
    shown = [
        _labelled(item.name, item.label) | {"source": _wires((item.source,))}
        for item in subgraph.outputs
    ]
    lines += _rows("outputs", shown)
    lines += _parts(subgraph.body, "      ")
    lines += [f"      {_json(k)}: {_json(subgraph.extra[k])}," for k in sorted(subgraph.extra)]
    return "    {\n" + "\n".join(lines).removesuffix(",") + "\n    }"


def _rows(name: str, rows: list[dict[str, Any]]) -> list[str]:
    """Return a list of small records, each on a line of its own."""
    if not rows:
        return []
    lines = [
        "        {" + ", ".join(f"{_json(k)}: {_json(v)}" for k, v in row.items()) + "}"
        for row in rows
    ]
    return [f"      {_json(name)}: [", *",\n".join(lines).split("\n"), "      ],"]


def _labelled(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label} if label else {"name": name}


def _record(item: Node | Frame | Note) -> dict[str, Any]:
    """Return the fields of a part, in the order in which they are written, without defaults."""
    plain: msgspec.Struct
    match item:
        case Node():
            inputs = {n: _wires(item.wires[n]) for n in sorted(item.wires)}
            params = {n: item.params[n] for n in sorted(item.params)}
            plain = FileNode(
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
            plain = FileFrame(item.id, item.title, item.position, item.size, item.colour)
        case _:
            plain = FileNote(item.id, item.text, item.position, item.size, item.colour)
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
        reason, path = told(error)
        return f"{part.id!r} {path}: {reason}"
    return None


def _wires(sources: tuple[Source, ...]) -> str | list[str]:
    names = [f"{source.node}.{source.output}" for source in sources]
    return names[0] if len(names) == 1 else names


def _block(record: Mapping[str, Any], indent: str) -> str:
    """Return one part as an indented block, each parameter and wire on a line of its own."""
    lines = []
    for key, value in record.items():
        if isinstance(value, dict) and key in ("params", "inputs"):
            inner = ",\n".join(f"{indent}      {_json(n)}: {_json(v)}" for n, v in value.items())
            lines.append(f"{indent}    {_json(key)}: {{\n{inner}\n{indent}    }}")
        else:
            lines.append(f"{indent}    {_json(key)}: {_json(value)}")
    return f"{indent}  {{\n" + ",\n".join(lines) + f"\n{indent}  }}"


def _json(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_json(item) for item in value) + "]"
    if isinstance(value, list):
        return _json(tuple(value))
    return msgspec.json.encode(value).decode()
