"""Packs: what a package of nodes brings, and what is refused when it is loaded."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from graph.errors import DeclarationError, EngineError, SfumatoError
from graph.handlers import ScalarHandler
from graph.pack import Pack, assemble, load_packs, nodes_of
from graph.run import Run
from graph.sockets import Shape, SocketType
from tests.graph import pack

if TYPE_CHECKING:
    from collections.abc import Mapping

THING = SocketType("pack/Thing", "#112233", Shape.HEXAGON, "A thing.")


def test_nodes_are_named_by_their_pack_and_function() -> None:
    found = nodes_of("mine", pack)
    assert found["mine/fold"].spec.id == "mine/fold"
    assert found["mine/fold"].function is pack.fold
    assert pack.fold.__node__.spec.id == "fold"  # type: ignore[attr-defined]


def test_loading_by_the_name_of_the_package() -> None:
    loaded = load_packs(("tests.graph.pack",), "cpu")
    assert "test/number" in loaded.types
    assert loaded.catalog.get("test/number") is loaded.types["test/number"].spec
    assert loaded.device == "cpu"


def test_a_package_without_a_pack() -> None:
    with pytest.raises(EngineError, match=r"'tests\.graph\.build' has no PACK"):
        load_packs(("tests.graph.build",))


def test_two_nodes_of_one_id() -> None:
    with pytest.raises(DeclarationError, match="two nodes are called 'test/"):
        assemble((pack.PACK, pack.PACK))


class Service:
    """What a body asks the engine for."""


def services(device: str) -> Mapping[type, object]:
    assert device == "cuda"
    return {Service: Service()}


def test_all_that_a_pack_brings() -> None:
    full = Pack(
        name="full",
        modules=("tests.graph.pack",),
        socket_types=(THING,),
        conversions={("Text", "pack/Thing"): str.upper},
        handlers=lambda: {"pack/Thing": ScalarHandler(str, "a thing")},
        services=services,
        environment=lambda device: (f"lib 1 on {device}", "Best Device"),
    )
    loaded = assemble((full, Pack(name="none", modules=())), "cuda")
    assert loaded.catalog.sockets["pack/Thing"] == THING
    assert loaded.handlers.convert("Text", "pack/Thing", "a") == "A"
    assert (loaded.environment, loaded.device) == ("lib 1 on cuda", "Best Device")
    run = Run(services=loaded.services)
    assert isinstance(run.service(Service), Service)
    with pytest.raises(EngineError, match="this engine has no complex: load the pack"):
        run.service(complex)


def test_a_socket_type_with_two_meanings() -> None:
    other = SocketType("pack/Thing", "#445566", Shape.CIRCLE, "Another.")
    with pytest.raises(SfumatoError, match="already defined"):
        assemble((Pack(name="a", modules=(), socket_types=(THING,)),
                  Pack(name="b", modules=(), socket_types=(other,))))  # fmt: skip


def test_modules_without_nodes_bring_none() -> None:
    assert nodes_of("x", math) == {}
