"""A canvas on a large document, with states and thumbnails, shown on a screen that nobody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.canvas import Canvas
from app.document import Document
from app.runstate import Badge, NodeRun
from app.theme.look import Look
from app.theme.style import dress
from graph.files import FileIndex
from tests.benchmarks.canvas_scene import CATALOG, large_graph, thumbnail

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_BADGES = (Badge.RAN, Badge.CLEAN, Badge.DIRTY, Badge.CACHED, Badge.RAN)
_PICTURES = 24


def show_large(
    application: QApplication, count: int, size: tuple[int, int] = (1600, 1000)
) -> Canvas:
    """Return a canvas of `size` on `count` nodes; a fifth have failed, a third show a picture."""
    look = Look()
    dress(application, look)
    canvas = Canvas(Document(CATALOG, large_graph(count)), look, FileIndex({}))
    canvas.resize(*size)
    canvas.show()
    ids = sorted(canvas.scene.nodes)
    images = [thumbnail(number) for number in range(_PICTURES)]
    runs = {}
    for number, node_id in enumerate(ids):
        badge = Badge.FAILED if number % 11 == 3 else _BADGES[number % len(_BADGES)]
        runs[node_id] = NodeRun(badge, ms=1200.0)
        if number % 3 == 0:
            canvas.scene.pictures.put(node_id, images[number % _PICTURES])
            canvas.scene.show_picture(node_id)
    canvas.scene.show_runs(runs, ids)
    canvas.fit_all()
    application.processEvents()
    return canvas
