"""What the engine tells: typed messages, the same in this process and across the border.

Pictures in events are uint8 arrays (H, W, 3), sRGB-encoded, small enough for a node's face; the
transport of the worker process carries them through shared memory.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from graph.actions import Digests
from graph.reasons import Reason

Pixels: TypeAlias = NDArray[np.uint8]


class Status(StrEnum):
    """How a node fared in a run."""

    RAN = "ran"
    CACHED = "cached"
    SKIPPED = "skipped"
    BLOCKED = "blocked"
    """Switched off, or what it needs is."""
    FAILED = "failed"


class Outcome(StrEnum):
    """How a run ended."""

    DONE = "done"
    PARTIAL = "partial"
    """Something failed, something else got done."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    DIED = "died"
    """The engine process ended under it."""


class Problem(msgspec.Struct, frozen=True):
    """An error as data."""

    kind: str
    """Name of the exception class."""
    message: str
    """What, where and the nearest remedy, for people."""
    detail: str = ""
    """The traceback, for the log."""


class RunStarted(msgspec.Struct, frozen=True, tag="run-started"):
    """A run begins; `nodes` are those it looks at, in order."""

    run: int
    nodes: tuple[str, ...]


class NodeStarted(msgspec.Struct, frozen=True, tag="node-started"):
    """A node's body starts."""

    run: int
    node: str
    reasons: tuple[Reason, ...]


class NodeProgress(msgspec.Struct, frozen=True, tag="node-progress", eq=False):
    """A node's body got `done` of `total` steps done; told again while nothing else happens."""

    run: int
    node: str
    done: int
    total: int
    preview: Pixels | None = None


class NodeFinished(msgspec.Struct, frozen=True, tag="node-finished", eq=False):
    """A node's outputs are there: computed now (`RAN`) or known (`CACHED`)."""

    run: int
    node: str
    status: Status
    action: str
    """The name of what was computed; with `digests` a row of the table of known actions."""
    digests: Digests
    """Content digest of each output, in the order of the specification; of a list, of each element.
    """
    ms: float = 0.0
    size: int = 0
    """Bytes of all outputs."""
    reasons: tuple[Reason, ...] = ()
    preview: Pixels | None = None
    """The first output that can draw itself, small."""
    files: tuple[str, ...] = ()
    """Absolute paths of files that the node wrote."""
    remarks: tuple[str, ...] = ()
    """What the artist should know although the node did its work."""
    asks: tuple[tuple[str, str], ...] = ()
    """The lazy inputs that the body asked for, as (action so far, input): for planning."""
    elements: tuple[tuple[str, Digests], ...] = ()
    """Where lists were wired in: action and digests of the call for each element. These are the
    rows of the table of known actions then, and not `action` with `digests`."""


class NodeOutput(msgspec.Struct, frozen=True, tag="node-output"):
    """A body printed, logged or warned something; `node` is empty outside of bodies."""

    run: int
    node: str
    text: str


class NodeFailed(msgspec.Struct, frozen=True, tag="node-failed"):
    """A node could not be computed."""

    run: int
    node: str
    problem: Problem
    ms: float = 0.0
    reasons: tuple[Reason, ...] = ()


class NodeSkipped(msgspec.Struct, frozen=True, tag="node-skipped"):
    """A node was not computed because something before it is missing or failed."""

    run: int
    node: str
    why: str


class RunFinished(msgspec.Struct, frozen=True, tag="run-finished"):
    """A run ended."""

    run: int
    outcome: Outcome
    ms: float
    message: str = ""
    """In words, where the run did not end well."""


class EngineReady(msgspec.Struct, frozen=True, tag="engine-ready"):
    """The engine has loaded its nodes and takes runs."""

    environment: str
    """Device, precision and library versions: part of every action."""
    device: str
    """For people, such as "cpu" or "NVIDIA H200"."""
    catalog: bytes
    """The specifications of all nodes, as `graph.catalog.dump_catalog` writes them."""
    seconds: float = 0.0
    """How long loading took."""
    pid: int = 0


class EngineDied(msgspec.Struct, frozen=True, tag="engine-died"):
    """The engine process ended without being asked to; a new one is on its way if `restarting`."""

    message: str
    restarting: bool
    output: str = ""
    """The last lines that it wrote, for the log."""


class PictureReady(msgspec.Struct, frozen=True, tag="picture-ready", eq=False):
    """An output as a picture, as it was asked for."""

    digest: str
    pixels: Pixels | None
    """None when the output is no longer held or cannot be drawn."""
    side: int = 0
    """What no side was to exceed, in pixels; 0 for full size."""


RunEvent: TypeAlias = (
    RunStarted
    | NodeStarted
    | NodeProgress
    | NodeFinished
    | NodeFailed
    | NodeSkipped
    | NodeOutput
    | RunFinished
)
Event: TypeAlias = RunEvent | EngineReady | EngineDied | PictureReady
