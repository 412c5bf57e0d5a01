"""Where things lie on a node."""

from __future__ import annotations

import pytest

from app.canvas.face import Side, lay_out, shows_picture
from app.theme import metrics
from tests.app.catalog import CATALOG, DECODE, EMPTY, ENCODE, SAMPLE, SAVE


@pytest.mark.parametrize("spec", list(CATALOG), ids=lambda spec: spec.id)
def test_every_face_is_tidy(spec: object) -> None:
    from graph.spec import NodeSpec

    assert isinstance(spec, NodeSpec)
    face = lay_out(spec)
    assert face.rect.width() == metrics.NODE_WIDTH
    assert face.rect.height() % metrics.GRID == pytest.approx(0)
    places = [control.rect for control in face.controls]
    for index, rect in enumerate(places):
        assert face.rect.contains(rect)
        assert not any(rect.intersects(other) for other in places[index + 1 :])
    edges = {(s.side, s.at.x(), s.at.y()) for s in face.sockets}
    assert len(edges) == len(face.sockets) == len(spec.inputs) + len(spec.outputs)
    assert {s.at.x() for s in face.sockets if s.side is Side.INPUT} <= {0.0}


def test_the_place_for_a_picture_depends_on_the_type_alone() -> None:
    shown = {spec.title for spec in (DECODE, EMPTY, ENCODE, SAMPLE, SAVE) if shows_picture(spec)}
    assert shown == {"Decode", "Sample", "Save image"}


def test_a_picture_gives_its_shape_within_limits() -> None:
    heights = []
    for ratio in (0.1, 1.0, 2.0, 100.0):
        picture = lay_out(DECODE, frozenset(), ratio).picture
        assert picture is not None
        heights.append(picture.height())
    assert heights == [320.0, 240.0, 120.0, 96.0]


def test_a_wired_text_takes_one_row() -> None:
    assert lay_out(ENCODE, frozenset({"text"})).rect.height() < lay_out(ENCODE).rect.height()
    assert lay_out(ENCODE, frozenset({"text"})).control("text") is None
