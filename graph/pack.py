"""A pack: a named set of nodes with the socket types, handlers and services that they need.

The built-in nodes are the pack `sfumato` in the package `nodes`; a plugin's package brings a pack
of its own by the same door: a module attribute `PACK`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import msgspec

from graph.catalog import Catalog
from graph.declare import NodeType
from graph.errors import DeclarationError, EngineError
from graph.handlers import Converter, Handler, Handlers
from graph.sockets import SocketType, SocketTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType


class Relief(Protocol):
    """What to do when a body ran out of the device's memory."""

    def exhausted(self, error: BaseException) -> str | None:
        """Return in words what was needed and what was free; None for any other error."""

    def free(self) -> None:
        """Let go of everything that nobody uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What a package of nodes brings."""

    name: str
    modules: tuple[str, ...]
    """Names of the modules whose `@node` functions belong to it; imported when it is loaded."""
    socket_types: tuple[SocketType, ...] = ()
    conversions: Mapping[tuple[str, str], Converter] = field(default_factory=dict)
    """Safe conversions between socket types, by (from, to)."""
    handlers: Callable[[], Mapping[str, Handler]] = dict
    """Returns the handlers of socket types, by their name."""
    services: Callable[[str], Mapping[type, object]] = lambda _device: {}
    """Makes the pack's services for a device: "auto", "cpu", "cuda" ..."""
    environment: Callable[[str], tuple[str, str]] = lambda device: ("", device)
    """Returns what belongs to every action of a device, and the device's name for people."""
    relief: Callable[[Mapping[type, object]], Relief] | None = None
    """Makes, from the pack's services, what helps when the device's memory runs out."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """Packs ready to run."""

    types: dict[str, NodeType]
    catalog: Catalog
    handlers: Handlers
    services: dict[type, object] = field(default_factory=dict)
    environment: str = ""
    device: str = "cpu"
    reliefs: tuple[Relief, ...] = ()


def nodes_of(pack_name: str, module: ModuleType) -> dict[str, NodeType]:
    """Return the nodes declared in `module` by their id `pack_name/function`."""
    found = {}
    for value in vars(module).values():
        declared = getattr(value, "__node__", None)
        if isinstance(declared, NodeType) and value.__module__ == module.__name__:
            spec = msgspec.structs.replace(declared.spec, id=f"{pack_name}/{declared.spec.id}")
            found[spec.id] = replace(declared, spec=spec)
    return found


def load_packs(packages: tuple[str, ...], device: str = "auto") -> Loaded:
    """Import each package, which must have a `PACK`, and all its nodes."""
    return assemble(tuple(_pack_of(package) for package in packages), device)


def _pack_of(package: str) -> Pack:
    pack = getattr(importlib.import_module(package), "PACK", None)
    if not isinstance(pack, Pack):
        message = f"package {package!r} has no PACK, so it brings no nodes"
        raise EngineError(message)
    return pack


def assemble(packs: tuple[Pack, ...], device: str = "auto") -> Loaded:
    """Return all that `packs` bring; raise when two nodes have one id."""
    types: dict[str, NodeType] = {}
    sockets, handlers = SocketTypes(), Handlers()
    services: dict[type, object] = {}
    environments, name = [], device
    reliefs: list[Relief] = []
    for pack in packs:
        sockets = sockets.extended(pack.socket_types, frozenset(pack.conversions))
        handlers = handlers.extended(pack.handlers(), pack.conversions)
        for module in pack.modules:
            for type_id, declared in nodes_of(pack.name, importlib.import_module(module)).items():
                if type_id in types:
                    message = f"two nodes are called {type_id!r}: rename one"
                    raise DeclarationError(message)
                types[type_id] = declared
        brought = pack.services(device)
        services |= brought
        if pack.relief is not None:
            reliefs.append(pack.relief(brought))
        environment, name = pack.environment(device) if pack.modules else ("", name)
        environments.append(environment)
    catalog = Catalog((declared.spec for declared in types.values()), sockets)
    environment = "|".join(filter(None, environments))
    return Loaded(types, catalog, handlers, services, environment, name, tuple(reliefs))
