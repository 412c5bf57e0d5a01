"""The one door: edits, undo, merging, and what is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.document import Document
from app.editing import Editing
from app.history import LIMIT, History, Step
from app.level import Level
from graph.edits import Change, move, set_param
from graph.graph import Graph, Source, Target
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    from graph.files import FileIndex


def write(document: Document, text: str, merge: Hashable | None = None) -> None:
    edit = set_param(document.graph, CATALOG, "prompt", "text", text)
    document.edit("Write", edit, merge)


def test_an_edit_is_told_with_its_change(document: Document) -> None:
    told: list[Change] = []
    document.changed.connect(told.append)
    write(document, "a")
    assert told == [Change(frozenset({"prompt"}), semantic=True)]
    document.undo()
    assert told[1] == told[0]


def test_undo_and_redo_give_the_very_same_graphs(document: Document) -> None:
    first = document.graph
    write(document, "a")
    second = document.graph
    document.undo()
    assert document.graph is first
    document.redo()
    assert document.graph is second
    document.redo()
    assert document.graph is second


def test_a_new_edit_forgets_what_was_undone(document: Document) -> None:
    write(document, "a")
    document.undo()
    write(document, "b")
    assert document.redo_name == ""


def test_edits_in_a_row_with_one_key_are_one_step(document: Document) -> None:
    first = document.graph
    for text in ("a", "ab", "abc"):
        write(document, text, ("prompt", 1))
    assert document.graph.nodes["prompt"].params["text"] == "abc"
    document.undo()
    assert document.graph is first


def test_a_seal_ends_the_row(document: Document) -> None:
    write(document, "a", ("prompt", 1))
    document.seal()
    write(document, "ab", ("prompt", 1))
    document.undo()
    assert document.graph.nodes["prompt"].params["text"] == "a"


def test_an_edit_that_changes_nothing_is_no_step(document: Document) -> None:
    document.edit("Move", move(document.graph, {}))
    document.edit("Move", move(document.graph, {}))
    assert document.undo_name in ("", "Move")
    before = document.graph
    assert Editing(Level(document)).set_param("prompt", "text", "")
    assert document.graph is before


def test_one_and_true_are_different_values(document: Document) -> None:
    assert not Editing(Level(document)).set_param("sampler", "tiled", 0)
    assert document.graph.nodes["sampler"].params["tiled"] is False


def test_a_refused_edit_is_told_and_changes_nothing(document: Document) -> None:
    editing = Editing(Level(document))
    said: list[str] = []
    editing.refused.connect(said.append)
    before = document.graph
    assert not editing.wire(Source("checkpoint", "model"), Target("decode", "latent"))
    assert document.graph is before
    assert "Model" in said[0]


def test_history_is_bounded() -> None:
    history, graph = History(), Graph()
    for number in range(LIMIT + 50):
        history.record(Step(str(number), graph, graph))
    count = 0
    while history.undo() is not None:
        count += 1
    assert count == LIMIT


def test_saving_makes_it_unmodified(document: Document, files: FileIndex, tmp_path: Path) -> None:
    write(document, "a")
    modified = [document.modified]
    document.save(tmp_path / "star.json", files)
    modified.append(document.modified)
    assert modified == [True, False]
    assert document.name == "star"


def test_names_before_a_file() -> None:
    document = Document(CATALOG, text_to_image())
    assert document.name == "Untitled"
    document.template = "text-to-image"
    assert document.name == "text-to-image"


def test_the_best_socket_is_taken_for_a_dropped_wire(document: Document) -> None:
    editing = Editing(Level(document))
    link = editing.fitting("sfumato/sample", "new", Source("prompt", "conditioning"))
    assert link is not None
    assert link.target == Target("new", "positive")
    assert editing.fitting("sfumato/save_image", "new", Source("prompt", "conditioning")) is None


@pytest.mark.parametrize("ids", [(), ("gone",)])
def test_deleting_nothing_is_no_step(document: Document, ids: tuple[str, ...]) -> None:
    assert not Editing(Level(document)).delete(ids)
    assert document.undo_name == ""
