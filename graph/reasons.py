"""Why a node ran: typed reasons, kept as data and put into words for people here."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from graph.params import Param, show


class FirstRun(msgspec.Struct, frozen=True, tag="first-run"):
    """Nothing is known of this node in this session, and no equal work was found."""


class ParamChanged(msgspec.Struct, frozen=True, tag="param"):
    """A widget holds another value."""

    name: str
    old: Param
    new: Param


class InputChanged(msgspec.Struct, frozen=True, tag="input"):
    """What is wired into an input differs: another content, another wire, or none."""

    name: str
    source: str
    """Id of the node that is wired now, or empty when the wire is gone."""


class FileChanged(msgspec.Struct, frozen=True, tag="file"):
    """The content of a file that the node reads differs."""

    name: str
    """The parameter that names it; empty where the node came upon it by itself."""
    file: str


class TypeChanged(msgspec.Struct, frozen=True, tag="type"):
    """The node is of another type, or its author raised the version."""

    old: str
    new: str


class EnvironmentChanged(msgspec.Struct, frozen=True, tag="environment"):
    """Another device, precision or library version computes now."""


class Evicted(msgspec.Struct, frozen=True, tag="evicted"):
    """The result was known, but its bytes are gone and another node needs them."""


class Volatile(msgspec.Struct, frozen=True, tag="volatile"):
    """The node is declared to run every time."""


class Forced(msgspec.Struct, frozen=True, tag="forced"):
    """The run was told to use nothing that is known."""


class OutputMissing(msgspec.Struct, frozen=True, tag="output-missing"):
    """A file that the node wrote is no longer there."""

    file: str


Reason: TypeAlias = (
    FirstRun
    | ParamChanged
    | InputChanged
    | FileChanged
    | TypeChanged
    | EnvironmentChanged
    | Evicted
    | Volatile
    | Forced
    | OutputMissing
)


def explain(reason: Reason) -> str:  # noqa: C901, PLR0911 - one line a reason
    """Return `reason` in words, as the report and the log show them."""
    match reason:
        case FirstRun():
            return "first run"
        case ParamChanged(name, old, new):
            return f"{name}: {show(old)} → {show(new)}"
        case InputChanged(name, ""):
            return f"{name} is no longer wired"
        case InputChanged(name, source):
            return f"{name} changed ({source})"
        case FileChanged("", file):
            return f"the file {file} changed"
        case FileChanged(name, file):
            return f"{name}: the file {file} changed"
        case TypeChanged(old, new):
            return f"node type {old} → {new}"
        case EnvironmentChanged():
            return "device or library changed"
        case Evicted():
            return "result was evicted from memory"
        case Volatile():
            return "runs every time"
        case Forced():
            return "forced"
        case OutputMissing(file):
            return f"{file} is gone"


def explain_all(reasons: tuple[Reason, ...]) -> str:
    """Return all `reasons` in one line."""
    return "; ".join(explain(reason) for reason in reasons)
