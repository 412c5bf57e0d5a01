"""Socket types: what fits, what converts, and that they can be told apart."""

from __future__ import annotations

import colorsys

import pytest

from graph.errors import SfumatoError
from graph.sockets import BUILT_IN, INT, SAFE_CONVERSIONS, Shape, SocketType, SocketTypes

THING = SocketType("pack/Thing", "#112233", Shape.HEXAGON, "A thing.")


def test_names_are_unique_and_contracts_written() -> None:
    assert len({socket.name for socket in BUILT_IN}) == len(BUILT_IN)
    assert all(socket.contract.endswith(".") for socket in BUILT_IN)


def test_looks_tell_types_apart_and_stay_muted() -> None:
    assert len({(socket.colour, socket.shape) for socket in BUILT_IN}) == len(BUILT_IN)
    for socket in BUILT_IN:
        red, green, blue = bytes.fromhex(socket.colour[1:])
        _hue, lightness, saturation = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
        assert 0.5 < lightness < 0.8
        assert saturation < 0.7


def test_what_fits() -> None:
    types = SocketTypes()
    assert types.accepts("Int", "Int")
    assert types.accepts("Float", "Int")
    assert not types.accepts("Int", "Float")
    assert not types.accepts("Model", "Vae")
    assert all(types.accepts(target, source) for source, target in SAFE_CONVERSIONS)


def test_an_unknown_type_fits_only_itself_and_says_so() -> None:
    types = SocketTypes()
    assert types["pack/Thing"].contract == "From a pack that is not here."
    assert types.accepts("pack/Thing", "pack/Thing")
    assert not types.accepts("pack/Thing", "Int")


def test_a_pack_adds_types_and_conversions_and_may_say_them_twice() -> None:
    types = SocketTypes().extended((THING, INT), frozenset({("Text", "pack/Thing")}))
    assert types["pack/Thing"] == THING
    assert types.accepts("pack/Thing", "Text")
    assert types.extended((THING,), frozenset()).types == types.types
    assert SocketTypes()["pack/Thing"] != THING


def test_a_name_with_another_meaning_is_refused() -> None:
    other = SocketType("Int", "#112233", Shape.CIRCLE, "Other.")
    with pytest.raises(SfumatoError, match="socket type 'Int' is already defined"):
        SocketTypes().extended((other,), frozenset())
