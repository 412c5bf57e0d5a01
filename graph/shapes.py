"""The shapes of what stands in a graph file: what JSON is read into, and its JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from graph.graph import Mode
from graph.params import Param

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
WIRE = re.compile(rf"^{_ID}\.{_NAME}{_END}")
Wire: TypeAlias = Annotated[
    str, Meta(description="node.output", extra_json_schema={"pattern": WIRE.pattern})
]


class FileNode(msgspec.Struct, omit_defaults=True, gc=False):
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


class FileFrame(msgspec.Struct, omit_defaults=True):
    """A titled rectangle behind nodes."""

    id: Id
    title: str = ""
    position: tuple[Coordinate, Coordinate] = (0.0, 0.0)
    size: tuple[Length, Length] = (400.0, 300.0)
    colour: Colour = ""


class FileNote(msgspec.Struct, omit_defaults=True):
    """Text on the canvas."""

    id: Id
    text: str = ""
    position: tuple[Coordinate, Coordinate] = (0.0, 0.0)
    size: tuple[Length, Length] = (240.0, 120.0)
    colour: Colour = ""


class FileInput(msgspec.Struct, omit_defaults=True):
    """An input that a subgraph shows, and the inputs inside that it feeds."""

    name: Name
    label: str = ""
    targets: list[Wire] = []


class FileOutput(msgspec.Struct, omit_defaults=True):
    """An output that a subgraph shows, and the output inside that it is."""

    name: Name
    source: Wire
    label: str = ""


class FileLoop(msgspec.Struct, omit_defaults=True):
    """How a subgraph runs again and again."""

    over: str = ""
    feedback: Annotated[
        dict[Name, Name], Meta(description="Output -> input of the next iteration.")
    ] = {}


class FileSubgraph(msgspec.Struct, omit_defaults=True):
    """A graph that is used as a node, of the type `subgraph/ID`."""

    id: Id
    title: str = ""
    doc: str = ""
    inputs: list[FileInput] = []
    outputs: list[FileOutput] = []
    loop: FileLoop | None = None
    nodes: list[FileNode] = []
    frames: list[FileFrame] = []
    notes: list[FileNote] = []


class File(msgspec.Struct, omit_defaults=True):
    """A Sfumato graph."""

    sfumato: Annotated[int, Meta(ge=1, description="Version of the format.")]
    nodes: list[FileNode] = []
    frames: list[FileFrame] = []
    notes: list[FileNote] = []
    subgraphs: list[FileSubgraph] = []


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file, as `docs/graph.schema.json` holds it."""
    text = msgspec.json.encode(msgspec.json.schema(File)).decode()
    # The structs are named apart from those of `graph.graph`, in the schema they need not be.
    public = re.sub(
        r'"(#/\$defs/)?File(Node|Frame|Note|Input|Output|Loop|Subgraph)?"', _named, text
    )
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | msgspec.json.decode(public, type=dict[str, Any])


def _named(found: re.Match[str]) -> str:
    return f'"{found[1] or ""}{found[2] or "File"}"'


def told(error: Exception) -> tuple[str, str]:
    """Return the reason and the JSON path in an error of msgspec."""
    reason, _, place = str(error).partition(" - at ")
    at_key, _, path = place.strip("`").rpartition("` in `")
    return (f"a name in it is refused: {reason}" if at_key else reason), path or "$"
