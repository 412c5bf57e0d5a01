"""The built-in nodes, the model families and the model store: the pack `sfumato`.

Importing this package imports no torch; the functions below do when the engine calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# First of all: it sets what the libraries read when they are imported.
import nodes.quiet  # noqa: F401
from graph.pack import Pack
from nodes import pixels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graph.handlers import Handler
    from graph.pack import Relief


def _handlers() -> Mapping[str, Handler]:
    from nodes.handlers import all_handlers

    return all_handlers()


def _services(device: str) -> Mapping[type, object]:
    from nodes.store import ModelStore

    return {ModelStore: ModelStore(device)}


def _relief(services: Mapping[type, object]) -> Relief:
    from nodes.relief import DeviceRelief
    from nodes.store import ModelStore

    store = services[ModelStore]
    assert isinstance(store, ModelStore)  # noqa: S101 - `_services` put it there
    return DeviceRelief(store)


def _environment(device: str) -> tuple[str, str]:
    from nodes.device import describe

    return describe(device)


PACK = Pack(
    name="sfumato",
    modules=(
        "nodes.loaders",
        "nodes.lora",
        "nodes.controlnet",
        "nodes.text",
        "nodes.latents",
        "nodes.sample",
        "nodes.vae",
        "nodes.inpaint",
        "nodes.images",
        "nodes.painted",
        *pixels.MODULES,
    ),
    handlers=_handlers,
    services=_services,
    environment=_environment,
    relief=_relief,
)
