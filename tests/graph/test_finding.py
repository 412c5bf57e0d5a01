"""Finding parts by words, and bookmarks in the file."""

from __future__ import annotations

import pytest

from graph import edits
from graph.bookmarks import Bookmark, bookmarks, set_bookmark
from graph.finding import MOST, Found, find
from graph.format import dump, parse
from graph.graph import Frame, Graph, Note
from graph.grouping import collapse
from graph.params import FileRef
from graph.subgraphs import localized
from tests.graph.build import CATALOG, build, n


@pytest.fixture
def graph() -> Graph:
    made = build(n("one", "words", text="a red star"), n("two", "number", value=42))
    made = edits.describe(made, "two", title="Red things").graph
    made = edits.put_frame(made, Frame(id="f", title="Red frame")).graph
    return edits.put_note(made, Note(id="note", text="think of red")).graph


def test_titles_come_first_then_texts_then_values(graph: Graph) -> None:
    found = find(graph, CATALOG, "red")
    assert [item.part for item in found] == ["f", "two", "note", "one"]
    assert [item.where for item in found] == ["title", "title", "text", "value"]


def test_all_words_are_meant_in_any_order(graph: Graph) -> None:
    assert [item.part for item in find(graph, CATALOG, "THINGS red")] == ["two"]
    assert [item.part for item in find(graph, CATALOG, "42")] == ["two"]
    assert [item.part for item in find(graph, CATALOG, "test/words")] == ["one"]


def test_files_are_found_by_their_names() -> None:
    made = build(n("r", "read"))
    name = next(iter(made.nodes["r"].params))
    made = edits.set_param(made, CATALOG, "r", name, FileRef("cats/tabby.txt")).graph
    assert find(made, CATALOG, "tabby") == [Found((), "r", "value")]


def test_what_is_inside_is_found_through_each_node_that_stands_for_it(graph: Graph) -> None:
    made = collapse(graph, CATALOG, ["one"], title="box").graph
    made = edits.add_node(made, localized(CATALOG, made), "subgraph/box").graph
    paths = {item.path for item in find(made, localized(CATALOG, made), "star")}
    assert paths == {("box",), ("box-2",)}


def test_no_list_is_endless() -> None:
    made = edits.insert(Graph(), [build(n("x", "number")).nodes["x"]]).graph
    for number in range(MOST + 20):
        made = edits.put_note(made, Note(id=f"n{number}", text="same")).graph
    assert len(find(made, CATALOG, "same")) == MOST


class TestBookmarks:
    def test_a_file_keeps_them(self) -> None:
        mark = Bookmark((1.5, -2.0), 0.5, ("box",))
        made = set_bookmark(Graph(), "4", mark).graph
        again = parse(dump(made), catalog=CATALOG)
        assert again == made
        assert bookmarks(again) == {"4": mark}

    def test_the_last_one_taken_away_leaves_nothing(self) -> None:
        made = set_bookmark(Graph(), "4", Bookmark((0.0, 0.0))).graph
        assert set_bookmark(made, "4", None).graph == Graph()

    def test_only_digits_name_them(self) -> None:
        with pytest.raises(ValueError, match="1 to 9"):
            set_bookmark(Graph(), "0", Bookmark((0.0, 0.0)))
