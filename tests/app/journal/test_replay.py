"""A journal gives back the undo history, cut off anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map
from msgspec.structs import replace

from app.document import Document
from app.history import LIMIT, History
from app.journal.codec import apply, difference
from app.journal.lines import Edited, Line, Travelled, sound, written
from app.journal.replay import Remembered, replay, told
from graph.edits import Edit, add_node, put_note
from graph.edits import difference as change
from graph.format import dump, parse
from graph.graph import Graph, Node, Note, Source, Subgraph, with_nodes
from tests.graph.build import CATALOG
from tests.graph.random_edits import all_types, applied, history

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.history import Step
    from tests.graph.random_edits import Make


def journal(lines: Iterable[Line]) -> bytes:
    data, check = b"", 0
    for line in lines:
        more, check = written(line, check)
        data += more
    return data


class Kept:
    """A document, the lines that it was told by, and every graph that it ever was."""

    def __init__(self, graph: Graph) -> None:
        self.document = Document(CATALOG, graph)
        self.lines = list(told(self.remembered()))
        self.graphs = [graph]
        self.document.edited.connect(self._edited)

    def remembered(self) -> Remembered:
        document = self.document
        return Remembered(
            document.graph, document.saved, history=History(document.steps, document.position)
        )

    def _edited(self, step: Step, merged: bool) -> None:
        self.lines.append(Edited(step.name, difference(step.before, step.after), merged))

    def do(self, make: Make, merge: str | None) -> None:
        before = self.document.graph
        after = applied(before, make)
        self.document.edit("Edit", Edit(after, change(before, after)), merge)
        self.graphs.append(self.document.graph)

    def travel(self, position: int) -> None:
        before = self.document.position
        self.document.travel(position)
        if self.document.position != before:
            self.lines.append(Travelled(self.document.position))
        self.graphs.append(self.document.graph)


def same(found: Remembered, document: Document) -> None:
    assert dump(found.graph) == dump(document.graph)
    assert found.graph.readers == document.graph.readers
    assert found.history.position == document.position
    assert [step.name for step in found.history.steps] == [step.name for step in document.steps]
    for mine, its in zip(found.history.steps, document.steps, strict=True):
        assert mine.before == its.before
        assert mine.after == its.after


actions = st.lists(
    st.one_of(
        st.tuples(history(1, 1), st.sampled_from([None, "a", "b"])),
        st.integers(-3, 12),
    ),
    max_size=25,
)


def live(acts: list[tuple[list[Make], str | None] | int]) -> Kept:
    kept = Kept(all_types())
    for act in acts:
        if isinstance(act, int):
            kept.travel(kept.document.position - act if act < 3 else act)
        else:
            kept.do(act[0][0], act[1])
    return kept


@given(actions)
def test_what_is_read_is_the_document_with_its_history(
    acts: list[tuple[list[Make], str | None] | int],
) -> None:
    kept = live(acts)
    replayed = replay(journal(kept.lines))
    assert replayed is not None
    same(replayed.document, kept.document)
    again = replay(journal(told(kept.remembered())))
    assert again is not None
    same(again.document, kept.document)
    modified = again.document.saved is not again.document.graph
    assert modified is kept.document.modified


@given(actions, st.data())
def test_any_part_of_a_journal_gives_a_graph_that_was(
    acts: list[tuple[list[Make], str | None] | int], data: st.DataObject
) -> None:
    kept = live(acts)
    whole = journal(kept.lines)
    were = {dump(graph) for graph in kept.graphs}
    for _ in range(5):
        cut = data.draw(st.integers(0, len(whole)))
        replayed = replay(whole[:cut])
        begun = cut > whole.index(b"\n")
        assert (replayed is not None) is begun
        if replayed is not None:
            assert dump(replayed.document.graph) in were
            assert replayed.length == whole.rfind(b"\n", 0, cut) + 1


@given(actions, st.data())
def test_damage_anywhere_ends_what_is_read_and_raises_nothing(
    acts: list[tuple[list[Make], str | None] | int], data: st.DataObject
) -> None:
    kept = live(acts)
    whole = bytearray(journal(kept.lines))
    were = {dump(graph) for graph in kept.graphs}
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    replayed = replay(bytes(whole))
    if replayed is not None:
        assert dump(replayed.document.graph) in were
        assert replayed.length <= at


@pytest.mark.parametrize("data", [b"", b"\n", b"junk\n" * 3, b"00000000 {}\n", bytes(range(256))])
def test_what_is_no_journal_gives_nothing(data: bytes) -> None:
    assert replay(data) is None


def test_a_sound_line_that_means_nothing_ends_what_is_read() -> None:
    kept = Kept(all_types())
    data = journal(kept.lines)
    _, _, check = next(sound(data))
    text = b'{"do":"sung","song":"la"}'
    data += b"%08x %s\n" % (crc32(text, check), text)
    replayed = replay(data)
    assert replayed is not None
    same(replayed.document, kept.document)


def test_a_line_holds_what_changed_and_not_the_graph() -> None:
    graph = Graph()
    for number in range(2000):
        graph = add_node(graph, CATALOG, "test/number", node_id=f"n{number}").graph
    after = put_note(graph, Note(id="note", text="a note")).graph
    data, _ = written(Edited("Write", difference(graph, after)))
    assert len(data) < 300
    assert dump(apply(difference(graph, after), graph)) == dump(after)


def test_names_that_are_no_latin_and_extra_fields_come_back() -> None:
    text = (
        '{"sfumato": 1, "later": {"deep": [1, 2.5, null, true]}, "nodes": [{"id": "a",'
        ' "type": "gone/plugin", "title": "שלום 🌙", "params": {"f": {"file": "x.png"},'
        ' "t": [1, "zwei", 3.0], "n": 1, "x": 1.0, "b": true}, "new": {"k": "v"}}]}'
    )
    graph = parse(text.encode(), catalog=CATALOG)
    replayed = replay(journal(told(Remembered(graph, None))))
    assert replayed is not None
    found = replayed.document.graph
    assert found == graph
    assert dump(found) == dump(graph)
    params = found.nodes["a"].params
    assert [type(params[name]) for name in ("n", "x", "b")] == [int, float, bool]


def test_a_long_history_comes_back_as_far_as_it_is_kept() -> None:
    kept = Kept(Graph())
    for number in range(LIMIT + 20):
        kept.do(lambda g, n=number: put_note(g, Note(id="note", text=str(n))), None)  # type: ignore[misc]
    replayed = replay(journal(kept.lines))
    assert replayed is not None
    assert len(replayed.document.history.steps) == LIMIT
    same(replayed.document, kept.document)


def test_one_part_under_two_names_is_not_taken_for_another() -> None:
    """As when a subgraph is renamed, or copied before it is changed."""
    text = b'{"sfumato": 1, "a": {"x": 1}, "nodes": []}'
    before = parse(text, catalog=CATALOG)
    value = before.extra["a"]
    after = replace(before, extra=Map({"b": value, "c": value}))
    patch = difference(before, after)
    assert set(patch.put["extra"]) == {"b", "c"}
    assert apply(patch, before) == after


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
def test_a_difference_is_exact_whatever_comes_and_goes(
    changes: list[tuple[int, bool]],
) -> None:
    graph = with_nodes(Graph(), put=[Node(id=f"n{number}", type="x") for number in range(20)])
    before = graph
    for number, there in changes:
        node_id = f"n{number}"
        if there:
            graph = with_nodes(graph, put=[Node(id=node_id, type="x", title=str(len(node_id)))])
        elif node_id in graph.nodes:
            graph = with_nodes(graph, remove=[node_id])
    patch = difference(before, graph)
    assert dump(apply(patch, before)) == dump(graph)
    gone = {key for key in before.nodes if key not in graph.nodes}
    assert set(patch.drop.get("nodes", ())) == gone


def nested(body: Graph, title: str = "") -> Graph:
    inside = Subgraph(id="inside", title=title, body=body)
    return replace(Graph(), subgraphs=Map({"inside": inside}))


def test_what_is_done_inside_a_subgraph_is_a_small_line_too() -> None:
    nodes = [Node(id=f"n{number}", type="x") for number in range(500)]
    wired = Node(id="w", type="x", wires=Map({"a": (Source("n1", "out"),)}))
    body = with_nodes(Graph(), put=[*nodes, wired])
    before = nested(body)
    moved = with_nodes(body, put=[replace(nodes[3], position=(1.0, 2.0))], remove=["n7"])
    for after in (nested(moved), nested(moved, "Stars"), nested(body, "Stars"), Graph(), before):
        patch = difference(before, after)
        assert len(written(Edited("Edit", patch))[0]) < 600
        found = apply(patch, before)
        assert found == after
        assert dump(found) == dump(after)
    whole = replay(journal(told(Remembered(before, None))))
    assert whole is not None
    assert whole.document.graph == before
