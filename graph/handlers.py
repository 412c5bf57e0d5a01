"""Handlers: what the engine can do with a value of a socket type without knowing what it is.

One protocol carries everything: `check` enforces the contract, `pack` turns a value into plain
metadata and arrays, `unpack` turns them back. Digest, size, saving, loading and sharing between
processes all follow from the packed form, so no type can be digested one way and saved another.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, astuple, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from graph import curves, sockets
from graph.errors import ContractError
from graph.values import Region, socket_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph.events import Pixels

Converter: TypeAlias = Callable[[Any], object]
"""Turns a checked value of one socket type into a value of another."""

_GREY = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
"""Luma of sRGB primaries (ITU-R BT.709), for Image to Mask."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A value in plain parts."""

    meta: Mapping[str, Any] = field(default_factory=dict)
    """What JSON can hold, in any order of keys."""
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """C-contiguous arrays by name."""
    aside: Mapping[str, Any] = field(default_factory=dict)
    """What belongs to this machine, such as where a file lies: saved along, not in the digest."""

    def digest(self, kind: str) -> str:
        """Return the content digest (128 bits, hexadecimal) of this value of socket type `kind`."""
        return self.hasher(kind).hexdigest()

    def hasher(self, kind: str) -> hashlib.blake2b:
        """Return a hash that has taken in everything."""
        state = hashlib.blake2b(digest_size=16)
        head = [
            kind,
            self.meta,
            [(n, a.dtype.str, a.shape) for n, a in sorted(self.arrays.items())],
        ]
        state.update(json.dumps(head, sort_keys=True, allow_nan=False).encode())
        for _name, array in sorted(self.arrays.items()):
            state.update(array.data)
        return state

    def size(self) -> int:
        """Return how many bytes the arrays hold."""
        return sum(array.nbytes for array in self.arrays.values())


class Handler(Protocol):
    """What a socket type can do. Values handed on are normalised and read-only."""

    def check(self, value: object) -> object:
        """Return `value` normalised and frozen; raise `ContractError` saying what is wrong."""

    def pack(self, value: Any) -> Packed:
        """Return a checked value in plain parts."""

    def unpack(self, packed: Packed) -> object:
        """Return the value that `packed` was made from."""

    def preview(self, value: Any, side: int) -> Pixels | None:
        """Return a checked value as a picture of at most `side` pixels, or None if it has none.

        A `side` of 0 asks for the full size.
        """


class Verifier(Protocol):
    """What a handler has besides when its values can be changed in place and that can be seen."""

    def verify(self, value: Any) -> None:
        """Raise `ContractError` when a checked `value` was changed since; costs next to nothing.

        Called on every input of a body right after it ran, so that the node that did it is named.
        """


class ScalarHandler:
    """Text, numbers, truth values and choices."""

    def __init__(self, kind: type, name: str) -> None:
        """Take only values of the Python type `kind`, called `name` in messages."""
        self._kind = kind
        self._name = name

    def check(self, value: object) -> object:
        """Return `value`, an int made a float where a float is wanted; refuse NaN and infinity."""
        if self._kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not self._kind:
            message = f"expected {self._name}, got {type(value).__name__}"
            raise ContractError(message)
        if isinstance(value, float) and not math.isfinite(value):
            message = f"expected a finite number, got {value}"
            raise ContractError(message)
        return value

    def pack(self, value: object) -> Packed:
        """Return the value as metadata."""
        return Packed({"value": value})

    def unpack(self, packed: Packed) -> object:
        """Return the value."""
        return packed.meta["value"]

    def preview(self, value: object, side: int) -> Pixels | None:  # noqa: ARG002
        """Return None: a scalar is no picture."""
        return None


class PictureHandler:
    """Images and masks: float32 arrays of a known rank, 0 to 1."""

    def __init__(self, name: str, layout: str, channels: int | None) -> None:
        """Enforce `layout`, such as "(N, H, W, 3)"; `channels` is the size of the last axis."""
        self._name = name
        self._layout = layout
        self._channels = channels
        self._rank = 3 if channels is None else 4

    def check(self, value: object) -> object:
        """Return a read-only contiguous float32 array, clipped to 0 to 1 where it overshoots."""
        if not isinstance(value, np.ndarray):
            message = (
                f"{self._name} must be a numpy array {self._layout}, got {type(value).__name__}"
            )
            raise ContractError(message)
        fits = value.ndim == self._rank and self._channels in (None, value.shape[-1])
        if not fits or 0 in value.shape:
            message = f"{self._name} must be {self._layout}, got shape {value.shape}"
            raise ContractError(message)
        if value.dtype != np.float32:
            message = f"{self._name} must be float32 from 0 to 1, got {value.dtype}"
            raise ContractError(message)
        low, high = float(value.min()), float(value.max())
        if not (math.isfinite(low) and math.isfinite(high)):
            message = f"{self._name} holds NaN or infinity"
            raise ContractError(message)
        if low < 0 or high > 1:
            value = value.clip(0, 1)
        return _frozen(np.ascontiguousarray(value))

    def pack(self, value: NDArray[np.float32]) -> Packed:
        """Return the array."""
        return Packed({}, {"pixels": value})

    def unpack(self, packed: Packed) -> object:
        """Return the array, read-only."""
        return self.check(packed.arrays["pixels"])

    def preview(self, value: NDArray[np.float32], side: int) -> Pixels | None:
        """Return the first picture, thinned to `side` pixels by area averaging."""
        first = value[0] if self._channels else np.repeat(value[0][..., None], 3, axis=-1)
        return to_pixels(shrink(first, side))


class CurveHandler:
    """Curves: the points as one tuple of numbers."""

    def check(self, value: Any) -> object:
        """Return the points as floats."""
        points = tuple(value) if isinstance(value, list) else value
        if not isinstance(points, tuple):
            raise ContractError(f"expected the points of a curve, got {type(value).__name__}")
        problem = curves.refusal(points)
        if problem is not None:
            raise ContractError(problem)
        return tuple(float(number) for number in points)

    def pack(self, value: tuple[float, ...]) -> Packed:
        """Return the points as metadata."""
        return Packed({"points": list(value)})

    def unpack(self, packed: Packed) -> object:
        """Return the points."""
        return self.check(packed.meta["points"])

    def preview(self, value: object, side: int) -> None:  # noqa: ARG002 - the protocol's signature
        """Return None: a curve is drawn where it is edited."""
        return


class RegionHandler:
    """Regions: six whole numbers."""

    def check(self, value: object) -> object:
        """Return the region when it lies within its picture."""
        if not isinstance(value, Region):
            raise ContractError(f"expected a Region, got {type(value).__name__}")
        if any(type(number) is not int for number in astuple(value)):
            raise ContractError("a Region holds whole numbers")
        inside = (
            0 <= value.x < value.x + value.width <= value.source_width
            and 0 <= value.y < value.y + value.height <= value.source_height
        )
        if not inside:
            raise ContractError(f"{value} is empty or reaches out of its picture")
        return value

    def pack(self, value: Region) -> Packed:
        """Return the numbers as metadata."""
        return Packed(asdict(value))

    def unpack(self, packed: Packed) -> object:
        """Return the region."""
        return self.check(Region(**packed.meta))

    def preview(self, value: object, side: int) -> None:  # noqa: ARG002 - the protocol's signature
        """Return None: what lies in the region is seen where it was cut out."""
        return


def _frozen(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Make `array` read-only, and all that it is a part of: its maker may still hold that."""
    whole: object = array
    while isinstance(whole, np.ndarray):
        whole.flags.writeable = False
        whole = whole.base
    return array


def shrink(picture: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return (H, W, C) averaged over whole blocks so that no side exceeds `side` (0: as it is)."""
    height, width = picture.shape[:2]
    block = 1 if side <= 0 else -(-max(height, width) // side)
    if block == 1:
        return picture
    rows, columns = max(1, height // block), max(1, width // block)
    cut = picture[: rows * block, : columns * block]
    if cut.shape[0] < rows * block or cut.shape[1] < columns * block:
        return picture[::block, ::block]
    # Rows first, for they lie together; several times as fast as a mean over two axes.
    tall = sum((cut[i::block] for i in range(1, block)), start=cut[::block])
    wide = sum((tall[:, i::block] for i in range(1, block)), start=tall[:, ::block])
    return wide / np.float32(block * block)


def to_pixels(picture: NDArray[np.float32]) -> Pixels:
    """Return (H, W, 3) floats from 0 to 1 as bytes, rounded."""
    return (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)


class Handlers:
    """The handlers of all socket types, by name."""

    def __init__(
        self,
        handlers: Mapping[str, Handler] | None = None,
        converters: Mapping[tuple[str, str], Converter] | None = None,
    ) -> None:
        """Hold the built-in handlers and converters, and those given."""
        self._handlers: dict[str, Handler] = {**BUILT_IN, **(handlers or {})}
        self._converters: dict[tuple[str, str], Converter] = {**CONVERTERS, **(converters or {})}

    def extended(
        self, handlers: Mapping[str, Handler], converters: Mapping[tuple[str, str], Converter]
    ) -> Handlers:
        """Return these and the ones given."""
        return Handlers({**self._handlers, **handlers}, {**self._converters, **converters})

    def __getitem__(self, kind: str) -> Handler:
        """Return the handler of the socket type `kind`."""
        handler = self._handlers.get(kind)
        if handler is None:
            message = f"socket type {kind!r} has no handler: its pack must bring one"
            raise ContractError(message)
        return handler

    def draw(self, value: object, side: int) -> Pixels | None:
        """Return a checked value of any type as a small picture, or None when it has none."""
        socket = socket_of(value)
        return None if socket is None else self[socket.name].preview(value, side)

    def convert(self, source: str, target: str, value: Any) -> object:
        """Return a checked value of type `source` as one of type `target`; Any takes all."""
        if target in (source, sockets.ANY.name):
            return value
        converter = self._converters.get((source, target))
        if converter is None:
            message = f"{source} cannot become {target}"
            raise ContractError(message)
        return self[target].check(converter(value))


def _mask_of(image: NDArray[np.float32]) -> NDArray[np.float32]:
    return image @ _GREY


def _image_of(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.repeat(mask[..., None], 3, axis=-1)


CONVERTERS: Mapping[tuple[str, str], Converter] = {
    (sockets.INT.name, sockets.FLOAT.name): float,
    (sockets.INT.name, sockets.TEXT.name): str,
    (sockets.FLOAT.name, sockets.TEXT.name): lambda value: f"{value:g}",
    (sockets.BOOL.name, sockets.INT.name): int,
    (sockets.TEXT.name, sockets.CHOICE.name): str,
    (sockets.CHOICE.name, sockets.TEXT.name): str,
    (sockets.IMAGE.name, sockets.MASK.name): _mask_of,
    (sockets.MASK.name, sockets.IMAGE.name): _image_of,
}

BUILT_IN: Mapping[str, Handler] = {
    sockets.TEXT.name: ScalarHandler(str, "text"),
    sockets.INT.name: ScalarHandler(int, "a whole number"),
    sockets.FLOAT.name: ScalarHandler(float, "a number"),
    sockets.BOOL.name: ScalarHandler(bool, "true or false"),
    sockets.CHOICE.name: ScalarHandler(str, "a choice"),
    sockets.CURVE.name: CurveHandler(),
    sockets.IMAGE.name: PictureHandler("Image", "(N, H, W, 3)", 3),
    sockets.MASK.name: PictureHandler("Mask", "(N, H, W)", None),
    sockets.REGION.name: RegionHandler(),
}
