"""Watching: what it costs the window that a node shows sixty pictures a second."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from graph.events import NodeFinished, Outcome, RunFinished, Status
from graph.runs.queue import Order
from tests.benchmarks.film_pack import CATALOG, RATE, SIDE
from tests.benchmarks.harness import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.window import MainWindow

SECONDS = 6.0
_WARM = 60
"""Pictures before the measurement."""
_PATIENCE = 60.0
_MANY = 1000


def run() -> Iterator[Row]:
    """Measure."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])  # held while the window lives
    assert application is not None
    with tempfile.TemporaryDirectory() as folder:
        window = _window(Path(folder))
        try:
            yield from _watched(window)
            yield from _flooded(window)
        finally:
            window.shut()
            window.host.close()
            window.hide()


def _window(folder: Path) -> MainWindow:
    """Return a window, with the viewer shown, on one node that the engine does not know yet."""
    from app.document import Document
    from app.host import EngineHost
    from app.preferences import Preferences
    from app.program import Program
    from app.theme.look import Look
    from app.window import MainWindow
    from graph.edits import add_node
    from graph.engine.client import EngineClient
    from graph.engine.settings import EngineSettings
    from graph.graph import Graph

    settings = EngineSettings(packs=("tests.benchmarks.film_pack",))
    host = EngineHost(lambda listener: EngineClient(settings, listener, spare_after=None))
    program = Program(host, settings.files(), Look(), Preferences(output=str(folder)))
    graph = add_node(Graph(), CATALOG, "film/film", node_id="film").graph
    window = MainWindow(program, Document(CATALOG, graph))
    window.resize(1600, 940)
    window.show()
    return window


class _Paints:
    """Counts how often a widget is painted."""

    def __init__(self) -> None:
        from PySide6.QtCore import QEvent, QObject

        class Filter(QObject):
            count = 0

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    self.count += 1
                return super().eventFilter(watched, event)

        self.filter = Filter()


def _watched(window: MainWindow) -> Iterator[Row]:
    from graph.edits import set_param

    workspace = window.workspace
    session, document = workspace.session, workspace.document
    seconds = 2 * SECONDS + 6
    document.edit("Set", set_param(document.graph, CATALOG, "film", "seconds", seconds))
    canvas, viewer = _Paints(), _Paints()
    workspace.canvas.view.viewport().installEventFilter(canvas.filter)
    workspace.viewer.stage.installEventFilter(viewer.filter)
    heard: list[float] = []
    session.results.thumbnailChanged.connect(lambda *_: heard.append(time.perf_counter()))
    session.run()
    _until(lambda: len(heard) >= _WARM)
    yield from _paced(heard, "canvas and viewer", canvas, viewer)
    workspace.viewer.hide()
    yield from _paced(heard, "canvas alone", canvas, viewer)
    assert session.running
    session.stop()
    _until(lambda: not session.running)


def _paced(heard: list[float], what: str, canvas: _Paints, viewer: _Paints) -> Iterator[Row]:
    first, cpu, start = len(heard), time.process_time(), time.perf_counter()
    painted = canvas.filter.count, viewer.filter.count
    _until(lambda: time.perf_counter() - start >= SECONDS)
    cpu, passed = time.process_time() - cpu, time.perf_counter() - start
    count = len(heard) - first
    yield Row(f"{what}: previews of {SIDE} x {SIDE}", count / passed, "a second")
    yield Row("the canvas is painted", (canvas.filter.count - painted[0]) / passed, "a second")
    yield Row("the viewer is painted", (viewer.filter.count - painted[1]) / passed, "a second")
    share = RATE * cpu / count * 100
    yield Row(f"{what}: the window's process, at {RATE} of them", share, "% of a core", 15.0)


def _flooded(window: MainWindow) -> Iterator[Row]:
    """Have all nodes of a large document told to be known, as when a run finds nothing to do."""
    from app.document import Document
    from graph.edits import insert
    from graph.graph import Graph, Node

    nodes = [
        Node(id=f"n{place}", type="film/film", position=(place % 40 * 300.0, place // 40 * 500.0))
        for place in range(_MANY)
    ]
    workspace = window.add_document(Document(CATALOG, insert(Graph(), nodes).graph))
    _until(lambda: workspace.session.planned)
    order = Order(graph=workspace.document.graph, folder=Path(), session=workspace.session._key)
    session = workspace.session
    session._began(order)

    def hear(*, singly: bool, digest: str) -> float:
        cpu = time.thread_time()
        for place in range(_MANY):
            known = (f"{digest}{place:x}",)
            event = NodeFinished(session._number, f"n{place}", Status.CACHED, f"{place}", known)
            session._hear(order, event)
            if singly:
                session.frames.show_now()
        session.frames.show_now()
        return (time.thread_time() - cpu) * 1000

    singly, together = hear(singly=True, digest="a"), hear(singly=False, digest="b")
    session._hear(order, RunFinished(session._number, Outcome.DONE, 1.0))
    yield Row(f"{_MANY:,} nodes known, heard and shown one by one", singly, "ms CPU")
    yield Row(f"{_MANY:,} nodes known, heard at once", together, "ms CPU", 120.0)


def _until(done: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, deadline = QEventLoop(), time.monotonic() + _PATIENCE
    timer = QTimer()
    timer.setInterval(50)
    timer.timeout.connect(lambda: loop.quit() if done() or time.monotonic() > deadline else None)
    timer.start()
    loop.exec()
    timer.stop()
    assert done()
