"""What crosses the border of the engine process, and how it is encoded.

Orders are tagged structs in MessagePack, one a message; events come as lists of such, all that
waited. Pictures do not travel in them: they lie in the arena of shared memory
(`graph.engine.arena`) and the event says where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
import numpy as np

from graph.engine.snapshots import Snapshot
from graph.events import Event, Pixels

if TYPE_CHECKING:
    from collections.abc import Callable


class StartRun(msgspec.Struct, frozen=True, tag="run"):
    """Compute a graph."""

    run: int
    graph: Snapshot
    targets: tuple[str, ...] | None = None
    output_folder: str = "output"
    document: str = ""


class CancelRun(msgspec.Struct, frozen=True, tag="cancel"):
    """Stop a run at its next event."""

    run: int


class AskPicture(msgspec.Struct, frozen=True, tag="picture"):
    """Send an output as a picture; answered by `PictureReady`."""

    digest: str
    side: int = 0
    """Pixels that no side shall exceed; 0 for full size."""


class AddFolder(msgspec.Struct, frozen=True, tag="folder"):
    """Look for files of a kind in a folder too."""

    kind: str
    folder: str


class Freed(msgspec.Struct, frozen=True, tag="freed"):
    """The oldest picture in the arena has been copied."""


class Shutdown(msgspec.Struct, frozen=True, tag="shutdown"):
    """End the process."""


Order: TypeAlias = StartRun | CancelRun | AskPicture | AddFolder | Freed | Shutdown


class Placed(msgspec.Struct, frozen=True):
    """Where a picture lies: in the arena, or in the message when the arena was full."""

    shape: tuple[int, ...]
    offset: int = 0
    data: bytes | None = None


# A checker takes a union for a value and not for a type; the decoders know better.
_ORDER: Any = Order
_EVENTS: Any = list[Event]
_ORDERS = msgspec.msgpack.Decoder(_ORDER)


def encode_order(order: Order) -> bytes:
    """Return an order as bytes."""
    return msgspec.msgpack.encode(order)


def decode_order(data: bytes) -> Order:
    """Return the order in `data`."""
    order: Order = _ORDERS.decode(data)
    return order


def event_encoder(place: Callable[[Pixels], Placed]) -> Callable[[list[Event]], bytes]:
    """Return what makes bytes of events; `place` puts a picture into the arena."""

    def hook(value: object) -> object:
        if isinstance(value, np.ndarray):
            return place(value)
        message = f"{type(value).__name__} cannot cross the border of the engine"
        raise NotImplementedError(message)

    return msgspec.msgpack.Encoder(enc_hook=hook).encode


def event_decoder(fetch: Callable[[Placed], Pixels]) -> Callable[[bytes], list[Event]]:
    """Return what makes events of bytes; `fetch` copies a picture out of the arena."""

    def hook(_kind: type, value: object) -> object:
        return fetch(msgspec.convert(value, Placed))

    return msgspec.msgpack.Decoder(_EVENTS, dec_hook=hook).decode
