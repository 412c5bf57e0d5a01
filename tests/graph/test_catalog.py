"""The catalog: the same nodes after a way through bytes, in the same bytes each time."""

from __future__ import annotations

import msgspec
import pytest

from graph.catalog import Catalog, dump_catalog, load_catalog
from graph.errors import UnknownNodeError
from graph.sockets import Shape, SocketType
from tests.graph.build import CATALOG


def test_a_catalog_comes_back_from_its_bytes() -> None:
    data = dump_catalog(CATALOG)
    again = load_catalog(data)
    assert list(again) == list(CATALOG)
    assert again.sockets == CATALOG.sockets
    assert dump_catalog(again) == data


def test_the_bytes_do_not_depend_on_the_order() -> None:
    assert dump_catalog(Catalog(list(CATALOG)[::-1], CATALOG.sockets)) == dump_catalog(CATALOG)


def test_socket_types_of_packs_travel_with_it() -> None:
    thing = SocketType("pack/Thing", "#112233", Shape.HEXAGON, "A thing.")
    sockets = CATALOG.sockets.extended((thing,), frozenset({("Text", "pack/Thing")}))
    again = load_catalog(dump_catalog(Catalog(CATALOG, sockets)))
    assert again.sockets["pack/Thing"] == thing
    assert again.sockets.accepts("pack/Thing", "Text")


def test_looking_up() -> None:
    assert len(CATALOG) == len(list(CATALOG))
    assert CATALOG.get("test/none") is None
    assert CATALOG.require("test/fold").title == "Fold"
    with pytest.raises(UnknownNodeError, match="'test/folt': did you mean 'test/fold'"):
        CATALOG.require("test/folt")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"nodes": [1]}'])
def test_damage_is_a_decode_error(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        load_catalog(data)
