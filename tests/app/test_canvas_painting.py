"""What is painted: sharp at rest, the same however it is exposed, as bare Qt draws it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.canvas.camera import Camera
from app.canvas.paint.faces import MOST_BYTES
from app.canvas.paint.note import _Text
from app.canvas.paint.stage import Stage
from app.canvas.pictures import Pictures
from graph.edits import insert, put_frame, put_note
from graph.graph import Frame, Mode, Node, Note, with_nodes
from tests.benchmarks.canvas_reference import Reference
from tests.benchmarks.canvas_window import show_large

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from graph.graph import Graph

SIZE = (900, 560)


def painted(canvas: Canvas, camera: Camera, ratio: float = 1.0) -> QImage:
    """Return the scene as a view paints it that has painted nothing before."""
    image = QImage(round(SIZE[0] * ratio), round(SIZE[1] * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    stage = Stage(canvas.scene)
    stage.begin(hurried=False, patient=True)
    painter = QPainter(image)
    stage.draw(painter, camera, QRect(0, 0, *SIZE))
    painter.end()
    return image


def grabbed(canvas: Canvas) -> QImage:
    return canvas.view.viewport().grab().toImage()


def differing(one: QImage, other: QImage, tolerance: int) -> float:
    """Return the share of pixels that differ by more than `tolerance` of 255 in any channel."""
    assert one.size() == other.size()
    return float((np.abs(values(one) - values(other)).max(axis=2) > tolerance).mean())


def values(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return pixels[:, : image.width(), :3].astype(np.int16)


def edited(canvas: Canvas, graph: Graph) -> None:
    from graph.edits import Edit, difference

    document = canvas.document
    document.edit("Edit", Edit(graph, difference(document.graph, graph)))


def colour_at(canvas: Canvas, x: float, y: float) -> QColor:
    """Return the colour at a place of the scene."""
    return grabbed(canvas).pixelColor(canvas.view.mapFromScene(QPointF(x, y)))


@pytest.fixture
def sized(canvas: Canvas) -> Canvas:
    canvas.resize(*SIZE)
    QApplication.processEvents()
    return canvas


@pytest.mark.parametrize("zoom", [0.06, 0.3, 0.6, 1.0, 2.0])
def test_the_strips_of_a_pan_fit_to_what_was_there(sized: Canvas, zoom: float) -> None:
    sized.view.look_at(QPointF(800, 240), zoom)
    camera = sized.view.camera
    before = painted(sized, camera)
    after = Camera(zoom, camera.x - 24, camera.y - 16)
    shifted = before.copy()
    stage = Stage(sized.scene)
    stage.begin(hurried=False, patient=True)
    painter = QPainter(shifted)
    painter.drawImage(-24, -16, before)
    for strip in (QRect(SIZE[0] - 24, 0, 24, SIZE[1]), QRect(0, SIZE[1] - 16, SIZE[0], 16)):
        painter.resetTransform()
        painter.setClipRect(strip)
        stage.draw(painter, after, strip)
    painter.end()
    # A wire of which only a part is drawn is smoothed a little differently.
    assert differing(shifted, painted(sized, after), 48) < 0.0005


@pytest.mark.parametrize("zoom", [0.06, 0.3, 1.0])
def test_a_pan_paints_strips_only(sized: Canvas, zoom: float) -> None:
    sized.view.look_at(QPointF(800, 240), zoom)
    QApplication.processEvents()
    areas: list[int] = []
    draw = sized.view._stage.draw

    def noted(painter: QPainter, camera: Camera, exposed: QRect) -> None:
        areas.append(exposed.width() * exposed.height())
        draw(painter, camera, exposed)

    sized.view._stage.draw = noted  # type: ignore[method-assign] # to see what is painted
    for _ in range(5):
        sized.view.scroll_by(-9, 4)
        QApplication.processEvents()
    assert areas
    assert max(areas) < SIZE[0] * SIZE[1] / 10


@pytest.mark.parametrize(("zoom", "share"), [(1.0, 0.015), (0.1, 0.01)])
def test_frames_look_as_bare_qt_draws_them(qapp: QApplication, zoom: float, share: float) -> None:
    canvas = show_large(qapp, 40, SIZE)
    canvas.view.look_at(canvas.scene.extent().center(), zoom)
    qapp.processEvents()
    camera = canvas.view.camera
    reference = Reference(canvas, cached=False)
    reference.resize(*SIZE)
    reference.show()
    reference.look_at(zoom, camera.x, camera.y)
    qapp.processEvents()
    theirs, ours = reference.viewport().grab().toImage(), grabbed(canvas)
    assert differing(ours, theirs, 64) < share
    assert abs(float(values(ours).mean() - values(theirs).mean())) < 1.0
    reference.close()
    canvas.deleteLater()  # its parts know it, so that nothing else would end it at once


@pytest.mark.parametrize("zoom", [0.5, 0.83, 1.0, 1.37, 2.0])
def test_a_zoom_is_sharp_once_it_rests(sized: Canvas, zoom: float) -> None:
    view = sized.view
    view.look_at(QPointF(800, 240), 0.7)
    QApplication.processEvents()
    for _ in range(3):
        view.zoom_by((zoom / 0.7) ** (1 / 3), QPointF(400, 300))
        QApplication.processEvents()
    deadline = time.monotonic() + 10
    while not view.settled and time.monotonic() < deadline:
        QApplication.processEvents()
        time.sleep(0.01)
    assert differing(grabbed(sized), painted(sized, view.camera), 0) == 0


def test_on_a_fine_screen_twice_the_pixels_are_painted(sized: Canvas) -> None:
    sized.view.look_at(QPointF(800, 240), 1.0)
    fine = painted(sized, sized.view.camera, 2.0)
    coarse = painted(sized, sized.view.camera).scaled(fine.size())
    fine.setDevicePixelRatio(1.0)
    assert differing(fine, coarse, 24) > 0.005
    assert abs(float(values(fine).mean() - values(coarse).mean())) < 1.0


def test_painted_nodes_take_a_bounded_number_of_bytes(sized: Canvas) -> None:
    kinds = ("sfumato/sample", "sfumato/vae_decode")
    nodes = [
        Node(id=f"n{n}", type=kinds[n % 2], position=(n % 30 * 280.0, n // 30 * 520.0))
        for n in range(400)
    ]
    edited(sized, insert(sized.document.graph, nodes).graph)
    faces = sized.view._stage.faces
    for step in range(12):
        sized.view.look_at(QPointF(step * 700.0, step * 500.0), 1.5)
        QApplication.processEvents()
        assert 0 < faces.size <= MOST_BYTES


def test_five_thousand_nodes_on_one_spot_are_painted_quickly(sized: Canvas) -> None:
    nodes = [Node(id=f"n{n}", type="sfumato/sample", position=(40.0, 40.0)) for n in range(5000)]
    edited(sized, insert(sized.document.graph, nodes).graph)
    sized.view.look_at(QPointF(100, 200), 1.0)
    begin = time.thread_time()
    QApplication.processEvents()
    assert time.thread_time() - begin < 0.5


def test_frames_lie_behind_and_notes_above_the_ground(sized: Canvas) -> None:
    graph = put_frame(
        sized.document.graph,
        Frame(
            id="f", title="Group", position=(-60.0, -60.0), size=(900.0, 500.0), colour="#4080ff"
        ),
    ).graph
    note = Note(id="note", text="**Bold** words", position=(0.0, 700.0), colour="#ffcc00")
    edited(sized, put_note(graph, note).graph)
    ground = sized.scene.look.colours.canvas
    for zoom in (0.1, 0.4, 1.0):
        sized.view.look_at(QPointF(100, 600), zoom)
        QApplication.processEvents()
        assert colour_at(sized, -30.0, 405.0).blue() > ground.blue() + 8
        assert colour_at(sized, 10.0, 810.0).red() > ground.red() + 20
    edited(sized, graph)
    assert not sized.scene.notes
    assert colour_at(sized, 16.0, 816.0).red() <= ground.red() + 20


def test_a_title_from_afar_hangs_above_its_frame(sized: Canvas) -> None:
    frame = Frame(id="f", title="MMMMMMMM", position=(-200.0, 1200.0), size=(1800.0, 700.0))
    edited(sized, put_frame(sized.document.graph, frame).graph)
    sized.view.look_at(QPointF(700, 1400), 0.2)
    QApplication.processEvents()
    corner = sized.view.mapFromScene(QPointF(-200.0, 1200.0))
    above = values(grabbed(sized))[corner.y() - 16 : corner.y() - 2, corner.x() : corner.x() + 80]
    assert above.max() > values(grabbed(sized))[0, 0].max() + 60


def test_what_takes_no_part_recedes(sized: Canvas) -> None:
    graph = sized.document.graph
    sized.view.look_at(QPointF(760, 240), 1.0)
    title = (700.0, 5.0)
    strong = colour_at(sized, *title)
    for mode in (Mode.MUTED, Mode.BYPASSED):
        node = msgspec.structs.replace(graph.nodes["sampler"], mode=mode)
        edited(sized, with_nodes(graph, put=[node]))
        assert colour_at(sized, *title).lightness() < strong.lightness()
    node = msgspec.structs.replace(graph.nodes["sampler"], collapsed=True)
    edited(sized, with_nodes(graph, put=[node]))
    item = sized.scene.nodes["sampler"]
    assert item.rect.height() < 100
    assert not item.state.face.controls


def test_a_note_fetches_nothing() -> None:
    text = _Text()
    text.setMarkdown("![a picture](file:///etc/hostname) ![another](http://example.com/a.png)")
    text.adjustSize()
    assert text.loadResource(2, "file:///etc/hostname") is None


def test_pictures_of_many_nodes_are_kept_small_and_come_back(qapp: QApplication) -> None:
    del qapp
    pictures = Pictures(most=4 << 20)
    image = QImage(512, 256, QImage.Format.Format_RGB888)
    for number in range(40):
        image.fill(QColor(number * 6, 100, 50))
        pictures.put(f"n{number}", image)
        assert pictures.size <= 4 << 20
    for number in range(40):
        pixmap = pictures.get(f"n{number}")
        assert pixmap is not None
        assert pictures.ratio(f"n{number}") == 2.0
        assert abs(pixmap.toImage().pixelColor(9, 9).red() - number * 6) < 6
        assert pictures.size <= 4 << 20
    assert pictures.get("nobody") is None
