"""Canvas: processor time a frame beside bare Qt, and what documents of many nodes take.

1600 x 1000 pixels, offscreen. Medians of the thread's own time; a ratio compares two figures of one
run. The reference is `tests.benchmarks.canvas_reference`.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import TYPE_CHECKING

from tests.benchmarks.canvas_documents import documents, processes
from tests.benchmarks.harness import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication

    from app.canvas.canvas import Canvas
    from tests.benchmarks.canvas_reference import Reference

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

RATIO = 1.5
FRAMES = 60
FEW_FRAMES = 20
SIZE = (1600, 1000)
DIAGONAL = (7, 5)
"""Pixels that a pan moves in one frame."""


def run() -> Iterator[Row]:
    """Measure."""
    from PySide6.QtWidgets import QApplication

    yield from processes()
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    for count in (2000, 10_000):
        yield from _frames(application, count)
    yield from documents(application)


def _frames(application: QApplication, count: int) -> Iterator[Row]:
    from tests.benchmarks.canvas_reference import Reference
    from tests.benchmarks.canvas_window import show_large

    canvas = show_large(application, count)
    cached = Reference(canvas, cached=True)
    plain = Reference(canvas, cached=False)
    for view in (cached, plain):
        view.resize(*SIZE)
        view.show()
    cases = Cases(application, canvas)
    for name, ours, theirs, fewer, limit in (
        ("pan at zoom 1", cases.pan(1.0), cases.pan_of(cached, 1.0), False, 1.0),
        ("drag a node", cases.drag(), cases.drag_of(cached), False, 1.5),
        ("zoom step, full detail", cases.zoom(), cases.zoom_of(plain), True, 14.0),
        ("repaint, all in view", cases.repaint(), cases.repaint_of(plain), True,
         6.0 if count == 2000 else 16.0),
        ("pan, all in view", cases.pan(0.0), cases.pan_of(plain, 0.0), False, 0.8),
    ):  # fmt: skip
        frames = FEW_FRAMES if fewer else FRAMES
        # In turns, so that what else the machine does troubles both alike.
        mine, bare = [], []
        for _ in range(3):
            bare += cases.timed(theirs, frames // 3)
            mine += cases.timed(ours, frames // 3)
        one, other = statistics.median(mine), statistics.median(bare)
        yield Row(f"{count:,}: {name}", one, f"ms, bare {other:.2f}, aim {limit:g}")
        yield Row(f"{count:,}: {name}", one / other, "of bare Qt", RATIO)
        yield Row(f"{count:,}: {name}, worst of {len(mine)}", max(mine), "ms")
    cached.hide()
    plain.hide()
    canvas.hide()


class Cases:
    """What is done in each frame; a case sets its stage with a negative step."""

    def __init__(self, application: QApplication, canvas: Canvas) -> None:
        self._application = application
        self._canvas = canvas

    def timed(self, case: Callable[[int], object], frames: int) -> list[float]:
        """Return the milliseconds that `frames` frames of `case` took, each."""
        case(-1)
        self._settle()
        for step in range(3):
            case(step)
            self._application.processEvents()
        took = []
        for step in range(3, frames + 3):
            begin = time.thread_time()
            case(step)
            self._application.processEvents()
            took.append((time.thread_time() - begin) * 1000)
        return took

    def _settle(self) -> None:
        for _ in range(3):
            self._application.processEvents()
        while not self._canvas.view.settled:
            time.sleep(0.01)
            self._application.processEvents()

    def _look(self, zoom: float) -> None:
        """Look at the middle of the graph; at zoom 0, at all of it."""
        canvas = self._canvas
        if zoom:
            canvas.view.look_at(canvas.scene.extent().center(), zoom)
        else:
            canvas.fit_all()

    def _look_with(self, view: Reference, zoom: float) -> None:
        self._look(zoom)
        camera = self._canvas.view.camera
        view.look_at(camera.zoom, camera.x, camera.y)

    def pan(self, zoom: float) -> Callable[[int], object]:
        def step(number: int) -> None:
            if number < 0:
                self._look(zoom)
            else:
                self._canvas.view.scroll_by(*_way(number))

        return step

    def pan_of(self, view: Reference, zoom: float) -> Callable[[int], object]:
        def step(number: int) -> None:
            if number < 0:
                self._look_with(view, zoom)
            else:
                view.pan(*_way(number))

        return step

    def _middle(self) -> str:
        centre = self._canvas.scene.extent().center()
        items = self._canvas.scene.nodes.values()
        return min(
            items, key=lambda i: (i.sceneBoundingRect().center() - centre).manhattanLength()
        ).node_id

    def drag(self) -> Callable[[int], object]:
        from PySide6.QtCore import QPointF

        node, canvas = self._middle(), self._canvas
        start = canvas.scene.nodes[node].pos()

        def step(number: int) -> None:
            if number < 0:
                self._look(1.0)
            canvas.scene.shift({node: start + QPointF(max(number, 0) % 20 * 8, number % 20 * 4)})

        return step

    def drag_of(self, view: Reference) -> Callable[[int], object]:
        node, scene = self._middle(), self._canvas.scene
        start = scene.nodes[node].place
        ends = [
            (line, wire.start, wire.end, link.source.node == node)
            for (link, wire), (_, _, line) in zip(scene.wires.items(), view.wires, strict=True)
            if node in (link.source.node, link.target.node)
        ]

        def step(number: int) -> None:
            from PySide6.QtCore import QPointF

            from app.canvas.paint.wire import curve

            if number < 0:
                self._look_with(view, 1.0)
            by = QPointF(max(number, 0) % 20 * 8, max(number, 0) % 20 * 4)
            view.nodes[node].setPos(QPointF(*start) + by)
            for line, begin, end, leaves in ends:
                line.setPath(curve(begin + by, end) if leaves else curve(begin, end + by))

        return step

    def zoom(self) -> Callable[[int], object]:
        from PySide6.QtCore import QPointF

        def step(number: int) -> None:
            if number < 0:
                self._look(1.0)
            else:
                self._canvas.view.zoom_by(_factor(number), QPointF(800, 500))

        return step

    def zoom_of(self, view: Reference) -> Callable[[int], object]:
        from PySide6.QtGui import QTransform

        def step(number: int) -> None:
            if number < 0:
                self._look_with(view, 1.0)
            else:
                zoom = view.transform().m11() * _factor(number)
                middle = view.mapToScene(view.viewport().rect().center())
                view.setTransform(QTransform.fromScale(zoom, zoom))
                view.centerOn(middle)

        return step

    def repaint(self) -> Callable[[int], object]:
        def step(number: int) -> None:
            if number < 0:
                self._look(0.0)
            self._canvas.view.viewport().update()

        return step

    def repaint_of(self, view: Reference) -> Callable[[int], object]:
        def step(number: int) -> None:
            if number < 0:
                self._look_with(view, 0.0)
            view.viewport().update()

        return step


def _way(number: int) -> tuple[int, int]:
    turn = 1 if number % 40 < 20 else -1
    return (DIAGONAL[0] * turn, DIAGONAL[1] * turn)


def _factor(number: int) -> float:
    """Zoom in and out in a row of steps, all at full detail."""
    return 1.05 if number % 12 < 6 else 1 / 1.05
