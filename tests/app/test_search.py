"""Finding a node by a few letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from app.fuzzy import make_entry, rank
from tests.app.catalog import CATALOG

if TYPE_CHECKING:
    from app.canvas.canvas import Canvas
    from tests.app.hand import Hand

ENTRIES = [make_entry(spec) for spec in CATALOG]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("load", "Load checkpoint"),
        ("el", "Empty latent"),
        ("prompt", "Encode text"),
        ("ksampler", "Sample"),
        ("decode", "Decode"),
        ("image", "Save image"),
        ("smpl", "Sample"),
        ("txt enc", "Encode text"),
        ("mask", "Invert"),
    ],
)
def test_the_likeliest_comes_first(query: str, first: str) -> None:
    assert rank(ENTRIES, query)[0].title == first


def test_what_does_not_match_is_left_out() -> None:
    assert rank(ENTRIES, "zzz") == []
    assert rank(ENTRIES, "load zzz") == []


def test_without_letters_all_are_there_the_recent_first() -> None:
    found = rank(ENTRIES, "", ("sfumato/vae_decode",))
    assert found[0].id == "sfumato/vae_decode"
    assert len(found) == len(ENTRIES)


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Space])
def test_a_key_opens_it_and_return_adds_at_the_pointer(
    hand: Hand, canvas: Canvas, key: Qt.Key
) -> None:
    spot = hand.at(40, 400)
    hand.hover(spot)
    hand.key(key)
    assert canvas.search.isVisible()
    hand.type("invert")
    hand.key(Qt.Key.Key_Return)
    assert not canvas.search.isVisible()
    node = canvas.document.graph.nodes["invert"]
    assert abs(node.position[0] - 40) <= 8
    assert canvas.selection.ids == {"invert"}
    assert canvas.document.undo_name == "Add node"
    assert canvas.view.hasFocus()


def test_a_double_click_on_empty_ground_opens_it(hand: Hand, canvas: Canvas) -> None:
    hand.double_click(hand.at(40, 400))
    assert canvas.search.isVisible()
    hand.key(Qt.Key.Key_Escape)
    assert not canvas.search.isVisible()


def test_arrows_choose_and_the_doc_stands_beside(hand: Hand, canvas: Canvas) -> None:
    hand.key(Qt.Key.Key_Tab)
    hand.type("load")
    assert "diffusers folder" in canvas.search.doc_text
    hand.type("zzzz")
    assert canvas.search.doc_text.startswith("Try another word")
    canvas.search.field.clear()
    hand.key(Qt.Key.Key_Down)
    assert canvas.search.list.currentIndex().row() == 1
    hand.key(Qt.Key.Key_Up)
    hand.key(Qt.Key.Key_Up)
    assert canvas.search.list.currentIndex().row() == len(CATALOG) - 1


def test_a_click_in_the_list_chooses(hand: Hand, canvas: Canvas) -> None:
    from PySide6.QtTest import QTest

    hand.key(Qt.Key.Key_Tab)
    place = canvas.search.list.visualRect(canvas.search.list.model().index(0, 0)).center()
    before = len(canvas.document.graph.nodes)
    QTest.mouseClick(canvas.search.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert len(canvas.document.graph.nodes) == before + 1
