"""Random graphs by random edits, refused ones among them: what every document may go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from graph import edits
from graph.errors import GraphError
from graph.graph import Frame, Graph, Link, Note, Source, Target
from graph.spec import ChoiceWidget, TextWidget
from tests.graph.build import CATALOG

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    from graph.edits import Edit
    from graph.graph import Point
    from graph.params import Param
    from graph.spec import NodeSpec

    Make = Callable[[Graph], Edit]

NUMBERS = ("number", "fold", "parity", "split", "total")
TYPES = (*NUMBERS, "words", "real")
IDS = tuple("abcdefgh")
VALUES: dict[str, SearchStrategy[Param]] = {
    "value": st.one_of(st.integers(-5, 5), st.floats(-5, 5), st.booleans()),
    "a": st.integers(-5, 5),
    "b": st.integers(-5, 5),
    "mode": st.sampled_from(["plus", "times", "minus"]),
    "text": st.text(max_size=5),
}
INPUTS = ("a", "b", "value", "parts", "text")
OUTPUTS = ("int", "low", "high", "text", "float")


def _add(node_id: str, type_id: str) -> Make:
    return lambda g: edits.add_node(g, CATALOG, f"test/{type_id}", node_id=node_id)


def _connect(source: Source, target: Target) -> Make:
    return lambda g: edits.connect(g, CATALOG, source, target)


def _connect_some(source: str, output: int, target: str, name: int) -> Make:
    """Wire sockets that exist, whether they fit or not."""

    def make(graph: Graph) -> Edit:
        outputs = _spec(graph, source).outputs
        inputs = _spec(graph, target).inputs
        return edits.connect(
            graph,
            CATALOG,
            Source(source, outputs[output % len(outputs)].name),
            Target(target, inputs[name % len(inputs)].name),
        )

    return make


def _spec(graph: Graph, node_id: str) -> NodeSpec:
    return CATALOG.require(edits.require_node(graph, node_id).type)


def _cut(number: int) -> Make:
    return lambda g: edits.disconnect(g, _some_link(g, number))


def _set(node_id: str, name_and_value: tuple[str, Param]) -> Make:
    name, value = name_and_value
    return lambda g: edits.set_param(g, CATALOG, node_id, name, value)


def _set_some(node_id: str, widget: int, value: int) -> Make:
    """Set a widget that exists to a value that it takes."""

    def make(graph: Graph) -> Edit:
        widgets = _spec(graph, node_id).widgets
        if not widgets:
            return edits.move(graph, {})
        item, kind = widgets[widget % len(widgets)]
        plain: Param = value
        if isinstance(kind, ChoiceWidget):
            plain = kind.options[value % len(kind.options)].value
        elif isinstance(kind, TextWidget):
            plain = str(value)
        return edits.set_param(graph, CATALOG, node_id, item.name, plain)

    return make


def _remove(node_id: str) -> Make:
    return lambda g: edits.remove(g, [node_id])


def _move(node_id: str, place: Point) -> Make:
    return lambda g: edits.move(g, {node_id: place})


def _describe(node_id: str, title: str) -> Make:
    return lambda g: edits.describe(g, node_id, title=title)


def _frame(node_id: str, place: Point) -> Make:
    return lambda g: edits.put_frame(g, Frame(id=node_id, position=place))


def _note(node_id: str, text: str) -> Make:
    return lambda g: edits.put_note(g, Note(id=node_id, text=text))


def _some_link(graph: Graph, number: int) -> Link:
    links = sorted(graph.links())
    return links[number % len(links)] if links else Link(Source("a", "x"), Target("b", "y"))


ids = st.sampled_from(IDS)
places = st.tuples(st.floats(-1e8, 1e8), st.floats(allow_nan=True))
words = st.text(max_size=4)
values = st.sampled_from(sorted(VALUES)).flatmap(lambda k: st.tuples(st.just(k), VALUES[k]))
connects = st.builds(
    _connect,
    st.builds(Source, ids, st.sampled_from(OUTPUTS)),
    st.builds(Target, ids, st.sampled_from(INPUTS)),
)
numbers = st.integers(-5, 5)
some_edit: SearchStrategy[Make] = st.one_of(
    connects,
    st.builds(_connect_some, ids, numbers, ids, numbers),
    st.builds(_connect_some, ids, numbers, ids, numbers),
    st.builds(_set_some, ids, numbers, numbers),
    st.builds(_set_some, ids, numbers, numbers),
    st.builds(_set, ids, values),
    st.builds(_add, ids, st.sampled_from(TYPES)),
    st.builds(_cut, st.integers(0, 20)),
    st.builds(_remove, ids),
    st.builds(_move, ids, places),
    st.builds(_describe, ids, words),
    st.builds(_frame, ids, places),
    st.builds(_note, ids, words),
)
"""An edit that may be refused."""


def history(least: int = 1, most: int = 40) -> SearchStrategy[list[Make]]:
    """Edits, one after another."""
    return st.lists(some_edit, min_size=least, max_size=most)


def applied(graph: Graph, edit: Make) -> Graph:
    """`graph` after `edit`, or as it was when the edit is refused."""
    try:
        return edit(graph).graph
    except GraphError:
        return graph


def all_types() -> Graph:
    """A node of each type, so that random edits have something to work on."""
    graph = Graph()
    for node_id, type_id in zip(IDS, TYPES, strict=False):
        graph = edits.add_node(graph, CATALOG, f"test/{type_id}", node_id=node_id).graph
    return graph
