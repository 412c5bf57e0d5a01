"""Masks that were painted by hand: how a graph holds one as text.

The text is a data URI of a PNG (PNG specification, third edition: grey, 8 bits, not interlaced), so
that the mask goes wherever the graph goes: into its file and the pictures it made, the journal, the
clipboard, templates, the undo history. Any browser opens it. Nothing painted is the empty text.
Each pixel is written as its difference from the one above (filter Up): soft edges stay short.
"""

from __future__ import annotations

import binascii
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from graph.errors import SfumatoError
from graph.png import SIGNATURE, chunk, chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph.params import Param

PREFIX: Final = "data:image/png;base64,"
LARGEST: Final = 16384
"""Pixels along a side."""
QUICK, SMALL = 1, 6
"""How hard to pack: at the end of each stroke, and for good."""
_HEAD = struct.Struct(">IIBBBBB")
_GREY_8 = (8, 0, 0, 0, 0)
"""Bits, colour type, and the methods of packing, filtering and interlacing."""
_HEAD_CHARACTERS = 48
"""Characters of base64 that hold signature and header: 33 bytes, up to a whole group."""
_UP = 2


class PaintedError(SfumatoError):
    """A text that is no painted mask, or one that is broken."""


def encode(mask: NDArray[np.uint8], level: int = SMALL) -> str:
    """Return `mask` (H, W; 255 = selected) as text, packed with zlib's `level`."""
    return PREFIX + binascii.b2a_base64(as_png(mask, level), newline=False).decode("ascii")


def as_png(mask: NDArray[np.uint8], level: int = SMALL) -> bytes:
    """Return `mask` as a PNG, packed with zlib's `level`."""
    height, width = mask.shape
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        message = f"a painted mask is 1 to {LARGEST} pixels along a side, not {width} x {height}"
        raise PaintedError(message)
    lines = np.empty((height, width + 1), np.uint8)
    lines[:, 0] = _UP
    lines[0, 1:] = mask[0]
    np.subtract(mask[1:], mask[:-1], out=lines[1:, 1:])
    data = SIGNATURE + chunk(b"IHDR", _HEAD.pack(width, height, *_GREY_8))
    return data + chunk(b"IDAT", zlib.compress(lines.data, level)) + chunk(b"IEND", b"")


def decode(text: str) -> NDArray[np.uint8]:
    """Return the mask that `text` holds: (H, W), 255 = selected.

    Raises:
        PaintedError: it is none, or it is broken or packed in a way that only others use.
    """
    problem = refusal(text)
    if problem is not None or not text:
        raise PaintedError(problem or "nothing is painted")
    width, height = size(text) or (0, 0)
    wanted = (width + 1) * height
    unpack = zlib.decompressobj()
    try:
        data = binascii.a2b_base64(text[len(PREFIX) :])
        packed = b"".join(content for kind, content, _ in chunks(data) if kind == b"IDAT")
        plain = unpack.decompress(packed, wanted + 1)
    except (ValueError, zlib.error) as error:
        message = f"the painted mask is broken ({error}): paint it anew"
        raise PaintedError(message) from error
    lines = np.frombuffer(plain, np.uint8)
    if lines.size != wanted:
        message = f"the painted mask is cut short ({lines.size} of {wanted} bytes): paint it anew"
        raise PaintedError(message)
    lines = lines.reshape(height, width + 1)
    if (lines[:, 0] != _UP).any():
        raise PaintedError("the painted mask was packed by another program: import it as a picture")
    mask = lines[:, 1:].copy()
    # Line by line, which numpy does fifty times as fast as `np.add.accumulate` down the columns.
    for above, line in pairwise(mask):
        np.add(line, above, out=line)
    return mask


def size(text: str) -> tuple[int, int] | None:
    """Return width and height of the mask that `text` holds; None when it holds none."""
    if not text.startswith(PREFIX):
        return None
    try:
        head = binascii.a2b_base64(text[len(PREFIX) :][:_HEAD_CHARACTERS])
        found = next(chunks(head), None)
        if found is None or found[0] != b"IHDR":
            return None
        width, height, *form = _HEAD.unpack(found[1])
    except (ValueError, struct.error):
        return None
    fits = 0 < width <= LARGEST and 0 < height <= LARGEST
    return (width, height) if fits and tuple(form) == _GREY_8 else None


def refusal(value: Param) -> str | None:
    """Say why `value` is no painted mask, or None when it is one or the empty text."""
    if not isinstance(value, str):
        return f"expected a painted mask, got {type(value).__name__}"
    if value and size(value) is None:
        return "this is no painted mask: open the mask editor to paint one"
    return None
