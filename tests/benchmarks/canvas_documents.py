"""What large documents take: opening, pasting, single edits, searching; and a start of the app."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.harness import Row, measure, row
from tests.benchmarks.window import environment_in, start_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication

    from app.canvas.canvas import Canvas
    from graph.catalog import Catalog

OPEN_MS = {2000: 400.0, 10_000: 2000.0}
PASTE_MS, UNDO_MS, EDIT_MS, KEY_MS = 500.0, 200.0, 8.0, 20.0
START_S, MEMORY_MB = 1.0, 180.0
SMALL, LARGE, TYPES = 40, 2000, 3000
ROUNDS = 3
EDITS = 20
NODE = f"n{LARGE // 2}"

# The true way in, on a graph file, to the first painted frame.
SHOWN = """
import os, sys, time
import app.main
def shown(application, window):
    application.processEvents()
    at = time.time()
    import psutil
    used = psutil.Process().memory_info().rss / 2**20
    print(at, time.process_time(), used, "torch" in sys.modules, flush=True)
    os._exit(0)
app.main._serve = shown
from pathlib import Path
app.main.main(Path(sys.argv[1]))
"""


def processes() -> Iterator[Row]:
    """Measure the start of the app on a small graph, and what it takes of memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.json"
        path.write_bytes(_small_graph())
        environment = environment_in(Path(folder))
        told = [start_of(SHOWN, environment, str(path)) for _ in range(ROUNDS + 1)][1:]
    seconds = statistics.median(seconds for seconds, _ in told)
    cpu = statistics.median(float(words[0]) for _, words in told)
    memory = statistics.median(float(words[1]) for _, words in told)
    name = f"{SMALL} nodes: app, start to window"
    yield Row(name, cpu, "s CPU", START_S, elapsed=seconds * 1000)
    yield Row(f"{SMALL} nodes: app, memory", memory, "MiB", MEMORY_MB)
    yield Row("torch is loaded by then", float(any(w[2] == "True" for _, w in told)), "", 0.0)


def _small_graph() -> bytes:
    """Return a graph of the built-in node types, as a file."""
    from graph.catalog import load_catalog
    from graph.edits import add_node
    from graph.format import dump
    from graph.graph import Graph
    from resources import catalog as shipped

    catalog = load_catalog(shipped.read())
    specs = list(catalog)
    graph = Graph()
    for number in range(SMALL):
        place = (number % 8 * 320.0, number // 8 * 520.0)
        graph = add_node(graph, catalog, specs[number % len(specs)].id, place).graph
    return dump(graph)


def documents(application: QApplication) -> Iterator[Row]:
    """Measure what large documents take, from the call to the painted frame."""
    yield from (_opening(application, count) for count in OPEN_MS)
    yield from _editing(application)
    yield from _searching(application)


def _took(application: QApplication, work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    application.processEvents()
    return (time.thread_time() - begin) * 1000


def _opening(application: QApplication, count: int) -> Row:
    from app.canvas.canvas import Canvas
    from app.document import Document
    from app.theme.look import Look
    from graph.files import FileIndex
    from graph.format import dump, parse
    from tests.benchmarks.canvas_scene import CATALOG, large_graph

    data, look, shown = dump(large_graph(count)), Look(), []

    def work() -> None:
        graph = parse(data, catalog=CATALOG)
        canvas = Canvas(Document(CATALOG, graph), look, FileIndex({}))
        shown.append(canvas)
        canvas.resize(1600, 1000)
        canvas.show()
        canvas.fit_all()

    took = statistics.median(_took(application, work) for _ in range(ROUNDS))
    for canvas in shown:
        canvas.hide()
    return Row(f"{count:,}: open from JSON", took, "ms CPU", OPEN_MS[count])


def _editing(application: QApplication) -> Iterator[Row]:
    from tests.benchmarks.canvas_window import show_large

    canvas = show_large(application, LARGE)
    pastes, undos = [], []
    for _ in range(ROUNDS):
        pastes.append(_took(application, lambda: _paste(application, canvas)))
        undos.append(_took(application, canvas.document.undo))
    yield Row(f"{LARGE:,}: select all, copy, paste", statistics.median(pastes), "ms CPU", PASTE_MS)
    yield Row(f"{LARGE:,}: undo of that", statistics.median(undos), "ms CPU", UNDO_MS)
    for zoom in (1.0, 0.0):
        if zoom:
            canvas.view.centerOn(canvas.scene.nodes[NODE])
            canvas.view.zoom_to(zoom)
        else:
            canvas.fit_all()
        application.processEvents()
        where = "near" if zoom else "all in view"
        for name, edit in _edits(canvas):
            took = [_took(application, lambda n=n, e=edit: e(n)) for n in range(EDITS)]  # type: ignore[misc] # a default binds the loop's value
            yield Row(f"{LARGE:,}: {name}, {where}", statistics.median(took), "ms CPU", EDIT_MS)
    yield _planning(canvas)
    canvas.hide()


def _planning(canvas: Canvas) -> Row:
    """Measure the plan that follows an edit; the app makes it beside the window."""
    from graph.files import FileIndex
    from graph.plan import plan

    document, files = canvas.document, FileIndex({})
    times = measure(lambda: plan(document.graph, document.catalog, files, "", {}), rounds=ROUNDS)
    return row(f"{LARGE:,}: plan, in a thread of its own", times)


def _paste(application: QApplication, canvas: Canvas) -> None:
    for step in (canvas.deeds.select_all, canvas.deeds.copy, canvas.deeds.paste):
        step()
        application.processEvents()


def _edits(canvas: Canvas) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Yield edits of a node in the middle; each also marks what depends on it, as a plan does."""
    from app.board import Board
    from app.frames import Frames

    board = Board(canvas.document, Frames(canvas))
    board.changed.connect(lambda ids: canvas.scene.show_runs(board.runs, ids))
    document, editing = canvas.document, canvas.editing
    document.changed.connect(lambda change: board.edited(change.nodes))
    node, (x, y) = NODE, canvas.scene.nodes[NODE].place
    yield "value", lambda n: editing.set_param(node, "steps", 20 + n)
    yield "move", lambda n: editing.move({node: (x + 8.0 * (n % 2 + 1), y)})
    yield "rename", lambda n: editing.rename(node, f"Title {n}")
    yield "undo", lambda _: document.undo()


def _searching(application: QApplication) -> Iterator[Row]:
    from PySide6.QtCore import QPoint
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QLineEdit

    from tests.benchmarks.canvas_window import show_large

    canvas = show_large(application, SMALL)
    canvas.document.catalog = _many_types()
    canvas.open_search(QPoint(300, 300))
    application.processEvents()
    focus = canvas.search.findChild(QLineEdit)
    assert isinstance(focus, QLineEdit)
    took = [_took(application, lambda k=key: QTest.keyClicks(focus, k)) for key in "blend 12"]  # type: ignore[misc] # as above
    yield Row(f"{TYPES:,} node types: search, worst key", max(took), "ms CPU", KEY_MS)
    canvas.hide()


def _many_types() -> Catalog:
    import msgspec

    from graph.catalog import Catalog
    from tests.benchmarks.canvas_scene import PICTURE, PLAIN, TITLES

    return Catalog(
        (
            PICTURE,
            PLAIN,
            *(
                msgspec.structs.replace(
                    PICTURE,
                    id=f"many/type_{number}",
                    title=f"{TITLES[number % len(TITLES)]} {number}",
                    synonyms=("mix", f"kind {number % 50}"),
                    category=f"Group {number % 40}",
                )
                for number in range(TYPES)
            ),
        )
    )
