"""`--set NODE.PARAM=VALUE`: finding the node and reading the value as its widget takes it."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from graph.edits import set_param
from graph.errors import ParamError, UnknownNodeError
from graph.params import FileRef
from graph.spec import BoolWidget, FileWidget, FloatWidget, IntWidget, SeedWidget

if TYPE_CHECKING:
    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Graph, Node
    from graph.params import Param
    from graph.spec import Widget

_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def assign(graph: Graph, catalog: Catalog, files: FileIndex, text: str) -> Graph:
    """Return `graph` with one `NODE.PARAM=VALUE` done; raise a `GraphError` telling why not."""
    place, equals, value = text.partition("=")
    name, dot, param = place.rpartition(".")
    if not (equals and dot):
        raise ParamError(f"--set {text!r}: write NODE.PARAM=VALUE")
    node = find_node(graph, catalog, name.strip())
    item = catalog.require(node.type).input(param.strip())
    if item is None or item.widget is None:
        return set_param(graph, catalog, node.id, param.strip(), value).graph
    parsed = _parse(item.widget, value, files)
    return set_param(graph, catalog, node.id, item.name, parsed).graph


def find_node(graph: Graph, catalog: Catalog, name: str) -> Node:
    """Return the node whose id or title is `name`."""
    if name in graph.nodes:
        return graph.nodes[name]
    titles: dict[str, list[Node]] = {}
    for node in graph.nodes.values():
        spec = catalog.get(node.type)
        titles.setdefault(node.title or (spec.title if spec else node.type), []).append(node)
    found = titles.get(name, [])
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(sorted(node.id for node in found))
        raise UnknownNodeError(f"{len(found)} nodes are called {name!r}; use an id: {ids}")
    near = get_close_matches(name, [*graph.nodes, *titles], n=1)
    known = ", ".join(sorted(titles))
    hint = f"did you mean {near[0]!r}?" if near else f"its nodes are: {known}"
    raise UnknownNodeError(f"there is no node {name!r} in this graph; {hint}")


def _parse(widget: Widget, text: str, files: FileIndex) -> Param:
    """Read `text` as `widget` takes it; what cannot be read is handed on, to be refused there."""
    match widget:
        case IntWidget() | SeedWidget():
            return _number(text, int)
        case FloatWidget():
            return _number(text, float)
        case BoolWidget():
            plain = text.strip().lower()
            return plain in _TRUE if plain in _TRUE | _FALSE else text
        case FileWidget():
            return _file(widget, text, files)
        case _:
            return text


def _file(widget: FileWidget, text: str, files: FileIndex) -> FileRef:
    """Take a path that is there, else a name in the folders of the widget's kind."""
    if not text:
        raise ParamError(f"name a file of kind {widget.kind}, or a path to one")
    path = Path(text)
    if path.is_dir() and not widget.folders:
        raise ParamError(f"{text} is a folder; name a file in it")
    return files.remember(path, widget.kind) if path.exists() else FileRef(text)


def _number(text: str, kind: type[int | float]) -> int | float | str:
    try:
        return kind(text)
    except ValueError:
        return text
