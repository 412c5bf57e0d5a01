"""Parts on the clipboard: readable, and whatever else may lie there is told in words."""

from __future__ import annotations

import json
import time
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication

from app.canvas.canvas import Canvas
from app.document import Document
from graph.format import dump, parse
from graph.graph import Graph
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from app.theme.look import Look
    from graph.files import FileIndex


def put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


@pytest.fixture
def said(canvas: Canvas) -> list[str]:
    """What the canvas refused."""
    heard: list[str] = []
    canvas.refused.connect(heard.append)
    return heard


@pytest.fixture
def other(qtbot: QtBot, look: Look, files: FileIndex) -> Iterator[Canvas]:
    """A canvas of another window, with nothing on it."""
    canvas = Canvas(Document(CATALOG), look, files)
    qtbot.addWidget(canvas)
    canvas.show()
    yield canvas
    canvas.desk.close()


def test_what_is_copied_is_a_graph_file(canvas: Canvas) -> None:
    canvas.selection.set({"prompt", "sampler"})
    canvas.deeds.copy()
    text = QGuiApplication.clipboard().text()
    graph = parse(text.encode(), catalog=CATALOG)
    assert set(graph.nodes) == {"prompt", "sampler"}
    assert '"text": "' in text


def test_it_goes_to_another_window_with_its_subgraph(canvas: Canvas, other: Canvas) -> None:
    canvas.selection.set({"sampler", "decode"})
    canvas.deeds.group()
    canvas.deeds.copy()
    other.deeds.paste()
    graph = other.document.graph
    assert set(graph.subgraphs) == {"subgraph"}
    assert other.scene.nodes["subgraph"].state.known
    assert parse(dump(graph), catalog=CATALOG) == graph
    other.document.undo()
    assert other.document.graph == Graph()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The clipboard holds no nodes"),
        ("hello", "The clipboard holds no nodes"),
        ("{", "The clipboard holds no nodes"),
        ('{"sfumato": 1', "Not pasted: clipboard: $: is not JSON"),
        ('{"sfumato": 1, "nodes": [{}]}', "Not pasted: clipboard: $.nodes[0]"),
        ('{"sfumato": 1, "nodes": []}', "The clipboard holds no nodes"),
        ('{"sfumato": 9, "nodes": []}', "made by a newer Sfumato"),
        (
            '{"sfumato": 1, "nodes": [{"id": "a", "type": "x/y", "inputs": {"b": "c.d"}}]}',
            "no node",
        ),
        ("\x00\uffff" * 50 + '"sfumato"', "Not pasted"),
    ],
)
def test_garbage_is_told_and_changes_nothing(
    canvas: Canvas, said: list[str], text: str, words: str
) -> None:
    before = canvas.document.graph
    put(text)
    canvas.deeds.paste()
    assert canvas.document.graph is before
    assert words in said[0]


def test_twenty_megabytes_of_anything_are_refused_at_once(canvas: Canvas, said: list[str]) -> None:
    put("x" * (20 << 20))
    start = monotonic()
    canvas.deeds.paste()
    assert monotonic() - start < 2
    assert said == ["The clipboard holds no nodes"]


def test_twenty_megabytes_of_one_text_in_a_graph(canvas: Canvas, said: list[str]) -> None:
    graph = {
        "sfumato": 1,
        "nodes": [
            {"id": "a", "type": "sfumato/encode_text", "params": {"text": "word " * (4 << 20)}}
        ],
    }
    put(json.dumps(graph))
    canvas.deeds.paste()
    assert "a" in canvas.document.graph.nodes
    assert not said
    canvas.grab()


def test_what_is_beyond_the_limit_says_how_much_it_is(canvas: Canvas, said: list[str]) -> None:
    put('"sfumato"' + " " * (65 << 20))
    canvas.deeds.paste()
    assert said == ["The clipboard holds 65 MB: too much to paste"]


def test_nodes_of_types_that_are_not_here_are_pasted_as_they_are(canvas: Canvas) -> None:
    put('{"sfumato": 1, "nodes": [{"id": "far", "type": "pack/far", "params": {"x": 1}}]}')
    canvas.deeds.paste()
    assert canvas.document.graph.nodes["far"].params["x"] == 1
    assert not canvas.scene.nodes["far"].state.known


def test_thousands_on_one_spot_are_pasted_and_undone(canvas: Canvas) -> None:
    nodes = [{"id": f"n{i}", "type": "sfumato/invert", "position": [0, 0]} for i in range(5000)]
    put(json.dumps({"sfumato": 1, "nodes": nodes}))
    canvas.deeds.paste()
    assert len(canvas.selection.ids) == 5000
    begin = time.thread_time()
    canvas.grab()
    assert time.thread_time() - begin < 0.5, "only the topmost is painted, with its ring"
    canvas.deeds.nudge(1, 1)
    canvas.document.undo()
    canvas.document.undo()
    assert canvas.document.graph == text_to_image()
