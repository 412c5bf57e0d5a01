"""Edits: what each makes, what each refuses, and that a refused one changes nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import pytest
from immutables import Map

from graph import edits
from graph.edits import Change
from graph.errors import CycleError, GraphError, ParamError, SocketError, UnknownNodeError
from graph.graph import Frame, Graph, Link, Node, Note, Source, Target
from graph.params import FileRef
from tests.graph.build import CATALOG, build, chain, n, wired

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.edits import Edit

ONE = n("one", "number", value=1)
SUM = n("sum", "fold", {"a": "one.int"})
NODES = frozenset


def link(source: str, target: str) -> Link:
    return Link(Source(*source.split(".")), Target(*target.split(".")))


@pytest.fixture
def graph() -> Graph:
    made = build(ONE, SUM, n("all", "total", {"parts": ["sum.int", "one.int"]}))
    made = edits.put_frame(made, Frame(id="frame")).graph
    return edits.put_note(made, Note(id="note", text="hello")).graph


class TestAdd:
    def test_a_node_gets_its_defaults_and_a_readable_id(self) -> None:
        edit = edits.add_node(Graph(), CATALOG, "test/fold", (3, 4), params={"b": 2}, title="Sum")
        node = edit.graph.nodes["fold"]
        assert dict(node.params) == {"a": 0, "b": 2, "mode": "plus"}
        assert (node.position, node.title, node.version) == ((3, 4), "Sum", 1)
        assert edit.change == Change(nodes=NODES({"fold"}), semantic=True)

    def test_ids_are_numbered(self) -> None:
        graph = Graph()
        for _ in range(3):
            graph = edits.add_node(graph, CATALOG, "test/fold").graph
        assert set(graph.nodes) == {"fold", "fold-2", "fold-3"}

    def test_an_id_that_a_note_has_is_taken_too(self) -> None:
        graph = edits.put_note(Graph(), Note(id="fold")).graph
        assert set(edits.add_node(graph, CATALOG, "test/fold").graph.nodes) == {"fold-2"}

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [("Empty Latent", "empty-latent"), ("  ", "node"), ("Größe", "gr-e"), ("x" * 99, "x" * 60)],
    )
    def test_ids_are_plain(self, wanted: str, found: str) -> None:
        assert edits.fresh_id(set(), wanted) == found

    def test_whole_numbers_are_kept_as_floats_where_the_widget_holds_floats(self) -> None:
        graph = edits.add_node(Graph(), CATALOG, "test/real", params={"value": 2}).graph
        assert repr(graph.nodes["real"].params["value"]) == "2.0"
        graph = edits.set_param(graph, CATALOG, "real", "value", 3).graph
        assert repr(graph.nodes["real"].params["value"]) == "3.0"

    def test_pasted_nodes_keep_their_wires(self, graph: Graph) -> None:
        copies = [
            Node(id="x", type="test/number"),
            Node(id="y", type="test/fold", wires=Map(a=(Source("x", "int"),))),
        ]
        edit = edits.insert(graph, copies)
        assert edit.graph.readers["x"] == {"y"}
        assert edit.change == Change(nodes=NODES({"x", "y"}), wires=True, semantic=True)


class TestConnect:
    def test_a_wire(self) -> None:
        graph = build(ONE, n("sum", "fold"))
        edit = edits.connect(graph, CATALOG, Source("one", "int"), Target("sum", "a"))
        assert list(edit.graph.links()) == [link("one.int", "sum.a")]
        assert edit.change == Change(nodes=NODES({"one", "sum"}), wires=True, semantic=True)

    def test_a_single_input_gives_its_wire_up(self, graph: Graph) -> None:
        graph = build(n("two", "number"), on=graph)
        edit = edits.connect(graph, CATALOG, Source("two", "int"), Target("sum", "a"))
        assert edit.graph.nodes["sum"].wires["a"] == (Source("two", "int"),)
        assert edit.change.nodes == {"one", "two", "sum"}
        assert edit.graph.readers["one"] == {"all"}

    def test_a_list_input_takes_wires_in_order(self, graph: Graph) -> None:
        assert graph.nodes["all"].wires["parts"] == (Source("sum", "int"), Source("one", "int"))

    def test_safe_conversions_are_taken(self) -> None:
        graph = build(ONE, n("w", "words", {"text": "one.int"}))
        assert graph.readers["one"] == {"w"}

    def test_a_circle_is_named_node_by_node(self) -> None:
        graph = chain(4)
        with pytest.raises(CycleError, match=r"n1 -> n2 -> n3 -> n1$") as caught:
            wired(graph, "n3.int", "n1.b")
        assert set(caught.value.nodes) == {"n1", "n2", "n3"}

    def test_a_node_cannot_feed_itself(self) -> None:
        with pytest.raises(CycleError, match="would close a circle: n1 -> n1"):
            wired(chain(2), "n1.int", "n1.b")


def test_disconnect_takes_one_wire(graph: Graph) -> None:
    edit = edits.disconnect(graph, link("sum.int", "all.parts"))
    assert edit.graph.nodes["all"].wires["parts"] == (Source("one", "int"),)
    assert "sum" not in edit.graph.readers
    edit = edits.disconnect(edit.graph, link("one.int", "all.parts"))
    assert "parts" not in edit.graph.nodes["all"].wires


def test_remove_takes_parts_and_wires(graph: Graph) -> None:
    edit = edits.remove(graph, ["one", "frame", "note"])
    assert set(edit.graph.nodes) == {"sum", "all"}
    assert list(edit.graph.links()) == [link("sum.int", "all.parts")]
    assert (len(edit.graph.frames), len(edit.graph.notes)) == (0, 0)
    assert edit.change == Change(
        NODES({"one", "sum", "all"}), NODES({"frame"}), NODES({"note"}), wires=True, semantic=True
    )


def test_move_puts_all_kinds_of_parts(graph: Graph) -> None:
    edit = edits.move(graph, {"one": (1, 2), "frame": (3, 4), "note": (5, 6)})
    assert edit.graph.nodes["one"].position == (1.0, 2.0)
    assert edit.graph.frames["frame"].position == (3.0, 4.0)
    assert edit.graph.notes["note"].position == (5.0, 6.0)
    assert edit.change == Change(NODES({"one"}), NODES({"frame"}), NODES({"note"}))


def test_describe_and_resize(graph: Graph) -> None:
    edit = edits.describe(graph, "one", title="First", colour="#123456")
    assert (edit.graph.nodes["one"].title, edit.graph.nodes["one"].colour) == ("First", "#123456")
    assert edit.change == Change(NODES({"one"}))
    assert edits.describe(edit.graph, "one", title="").graph.nodes["one"].colour == "#123456"
    assert edits.resize(graph, "frame", (5, 6)).graph.frames["frame"].size == (5, 6)
    assert edits.resize(graph, "note", (5, 6)).graph.notes["note"].size == (5, 6)


def test_set_param(graph: Graph) -> None:
    edit = edits.set_param(graph, CATALOG, "one", "value", 9)
    assert edit.graph.nodes["one"].params["value"] == 9
    assert edit.change == Change(NODES({"one"}), semantic=True)


def test_changes_add_up() -> None:
    a = Change(NODES("a"), NODES("f"), wires=True)
    b = Change(NODES("b"), notes=NODES("n"), semantic=True)
    assert a | b == Change(NODES("ab"), NODES("f"), NODES("n"), wires=True, semantic=True)


PASTED = Node(id="new", type="test/fold")
REFUSED: list[tuple[str, type[GraphError], str, Callable[[Graph], Edit]]] = [
    ("unknown type", UnknownNodeError, r"no node type 'test/numbr': did you mean 'test/number'\?",
     lambda g: edits.add_node(g, CATALOG, "test/numbr")),
    ("unknown pack", UnknownNodeError, "install the pack that brings it",
     lambda g: edits.add_node(g, CATALOG, "zzzz")),
    ("taken id", GraphError, "'one' is already in this graph",
     lambda g: edits.add_node(g, CATALOG, "test/fold", node_id="one")),
    ("id of a note", GraphError, "'note' is already in this graph",
     lambda g: edits.add_node(g, CATALOG, "test/fold", node_id="note")),
    ("bad id", GraphError, r"'a b' \$\.id: ",
     lambda g: edits.add_node(g, CATALOG, "test/fold", node_id="a b")),
    ("bad value", ParamError, r"Number \(number\), Value: 5000 is outside -1000 to 1000",
     lambda g: edits.add_node(g, CATALOG, "test/number", params={"value": 5000})),
    ("unknown value", ParamError, r"Fold \(sum\) has no value 'c'; its values are: a, b, mode",
     lambda g: edits.set_param(g, CATALOG, "sum", "c", 1)),
    ("wrong kind", ParamError, "expected a whole number, got str",
     lambda g: edits.set_param(g, CATALOG, "one", "value", "1")),
    ("huge", ParamError, "outside", lambda g: edits.set_param(g, CATALOG, "one", "value", 10**999)),
    ("choice", ParamError, "'minus' is not one of plus, times",
     lambda g: edits.set_param(g, CATALOG, "sum", "mode", "minus")),
    ("unknown node", UnknownNodeError, "there is no node 'nobody' in this graph",
     lambda g: edits.set_param(g, CATALOG, "nobody", "value", 1)),
    ("move nobody", UnknownNodeError, "no node 'nobody'",
     lambda g: edits.move(g, {"one": (0, 0), "nobody": (0, 0)})),
    ("move to NaN", GraphError, r"'one' \$\.position\[0\]",
     lambda g: edits.move(g, {"frame": (0, 0), "one": (math.nan, 0)})),
    ("frame to infinity", GraphError, r"'frame' \$\.position\[1\]",
     lambda g: edits.move(g, {"frame": (0, -math.inf)})),
    ("far away", GraphError, "<= 10000000.0", lambda g: edits.move(g, {"note": (0, 1e9)})),
    ("colour", GraphError, r"'one' \$\.colour", lambda g: edits.describe(g, "one", colour="red")),
    ("half a letter", GraphError, "'one'", lambda g: edits.describe(g, "one", title="\ud800")),
    ("half a letter, said", GraphError, "'w'", lambda g: edits.set_param(
        build(n("w", "words"), on=g), CATALOG, "w", "text", "\udfff")),
    ("half a letter, noted", GraphError, "'m'",
     lambda g: edits.put_note(g, Note(id="m", text="\ud83d"))),
    ("describe nobody", UnknownNodeError, "nobody", lambda g: edits.describe(g, "nobody")),
    ("no such output", SocketError, "Number has no output 'out'; it has: int",
     lambda g: edits.connect(g, CATALOG, Source("one", "out"), Target("sum", "b"))),
    ("no such input", SocketError, "Fold has no input 'c'; it has: a, b, mode",
     lambda g: edits.connect(g, CATALOG, Source("one", "int"), Target("sum", "c"))),
    ("types", SocketError, "Int of Number is Int, but Image of Mean takes Image",
     lambda g: edits.connect(build(n("m", "mean"), on=g), CATALOG, Source("one", "int"),
                             Target("m", "image"))),
    ("twice", SocketError, "sum.int is already wired into parts",
     lambda g: edits.connect(g, CATALOG, Source("sum", "int"), Target("all", "parts"))),
    ("twice, single", SocketError, "one.int is already wired into a",
     lambda g: edits.connect(g, CATALOG, Source("one", "int"), Target("sum", "a"))),
    ("from nobody", UnknownNodeError, "nobody",
     lambda g: edits.connect(g, CATALOG, Source("nobody", "int"), Target("sum", "a"))),
    ("no such wire", SocketError, "b of 'sum' has no such wire",
     lambda g: edits.disconnect(g, link("one.int", "sum.b"))),
    ("paste twice", GraphError, "have one id", lambda g: edits.insert(g, [PASTED, PASTED])),
    ("paste taken", GraphError, "'frame' is already in this graph",
     lambda g: edits.insert(g, [msgspec.structs.replace(PASTED, id="frame")])),
    ("paste loose", SocketError, "'new' is wired to 'nobody', which is not here",
     lambda g: edits.insert(g, [msgspec.structs.replace(
         PASTED, wires=Map(a=(Source("nobody", "int"),)))])),
    ("paste a circle", CycleError, "form a circle",
     lambda g: edits.insert(g, [msgspec.structs.replace(
         PASTED, wires=Map(a=(Source("new", "int"),)))])),
    ("frame over node", GraphError, "'one' is already",
     lambda g: edits.put_frame(g, Frame(id="one"))),
    ("note over frame", GraphError, "'frame' is already",
     lambda g: edits.put_note(g, Note(id="frame"))),
    ("negative size", GraphError, r"\$\.size\[0\]", lambda g: edits.resize(g, "note", (-1, 1))),
    ("resize a node", UnknownNodeError, "no frame or note 'one'",
     lambda g: edits.resize(g, "one", (1, 1))),
]  # fmt: skip


@pytest.mark.parametrize(("error", "words", "edit"), [row[1:] for row in REFUSED],
                         ids=[row[0] for row in REFUSED])  # fmt: skip
def test_a_refused_edit_says_why_and_changes_nothing(
    graph: Graph, error: type[GraphError], words: str, edit: Callable[[Graph], Edit]
) -> None:
    before = (graph.nodes, graph.frames, graph.notes, graph.readers)
    copy = tuple(dict(part) for part in before)
    with pytest.raises(error, match=words):
        edit(graph)
    assert (graph.nodes, graph.frames, graph.notes, graph.readers) == before
    assert tuple(dict(part) for part in before) == copy


def test_a_file_reference_is_a_value() -> None:
    graph = build(n("r", "read"))
    ref = FileRef("a.txt")
    assert edits.set_param(graph, CATALOG, "r", "file", ref).graph.nodes["r"].params["file"] is ref


class TestDifference:
    def test_equal_graphs_do_not_differ(self, graph: Graph) -> None:
        assert edits.difference(graph, graph) == Change()

    def test_a_move_is_not_semantic(self, graph: Graph) -> None:
        moved = edits.move(graph, {"one": (9, 9), "frame": (1, 1)}).graph
        assert edits.difference(graph, moved) == Change(NODES({"one"}), NODES({"frame"}))

    def test_a_value_is_semantic_and_no_wire(self, graph: Graph) -> None:
        changed = edits.set_param(graph, CATALOG, "one", "value", 5).graph
        assert edits.difference(graph, changed) == Change(NODES({"one"}), semantic=True)

    def test_a_wire_touches_both_ends(self, graph: Graph) -> None:
        cut = edits.disconnect(graph, link("one.int", "sum.a")).graph
        found = edits.difference(graph, cut)
        assert found.wires
        assert found.nodes == {"one", "sum"}
        assert edits.difference(cut, graph) == found

    def test_removal_and_its_undo_are_told_alike(self, graph: Graph) -> None:
        gone = edits.remove(graph, ["sum", "note"]).graph
        forth, back = edits.difference(graph, gone), edits.difference(gone, graph)
        assert forth == back
        assert forth.wires
        assert {"one", "sum", "all"} == forth.nodes
        assert forth.notes == {"note"}
