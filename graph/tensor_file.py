"""Values as safetensors, written straight from their arrays and read without a copy.

The library's own writer takes bytes, so that every array would be copied twice while no other
thread of Python can work; what is written here the library reads, and the other way round.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from graph.handlers import Packed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Parts: TypeAlias = "Sequence[bytes | memoryview]"

_NAMES = {
    "|b1": "BOOL", "|u1": "U8", "|i1": "I8", "<u2": "U16", "<i2": "I16", "<u4": "U32",
    "<i4": "I32", "<u8": "U64", "<i8": "I64", "<f2": "F16", "<f4": "F32", "<f8": "F64",
    "<c8": "C64",
}  # fmt: skip
_TYPES = {name: np.dtype(kind) for kind, name in _NAMES.items()}
_CHUNK = 1 << 20
"""Bytes written at once: of a single large write some file systems make more than of its parts."""


def fold(kind: str, packed: Packed) -> Parts:
    """Return a value of socket type `kind` as the parts of a file, its arrays as they lie in RAM.

    Raise `ValueError` for an array that safetensors cannot hold.
    """
    words = {
        "kind": kind,
        "meta": json.dumps(dict(packed.meta), sort_keys=True),
        "aside": json.dumps(dict(packed.aside), sort_keys=True),
    }
    words["seal"] = _seal(words["aside"])
    header: dict[str, Any] = {"__metadata__": words}
    parts: list[bytes | memoryview] = []
    place = 0
    # Those with large elements first, so that each begins where its elements may.
    arrays = sorted(packed.arrays.items(), key=lambda item: (-item[1].dtype.itemsize, item[0]))
    for name, array in arrays:
        if array.dtype.str not in _NAMES:
            raise ValueError(f"an array of {array.dtype} cannot be kept on disk")
        end = place + array.nbytes
        header[name] = {
            "dtype": _NAMES[array.dtype.str],
            "shape": list(array.shape),
            "data_offsets": [place, end],
        }
        place = end
        if array.nbytes:
            parts.append(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little") + text, *parts]


def size_of(parts: Parts) -> int:
    """Return how many bytes `parts` are."""
    return sum(len(part) for part in parts)


def write(path: Path, parts: Parts) -> None:
    """Write `parts` to a new file at `path`; raise `OSError`."""
    with path.open("xb", buffering=0) as file:
        for part in parts:
            view = memoryview(part)
            while view:
                view = view[file.write(view[:_CHUNK]) :]


def unfold(data: bytes) -> tuple[str, Packed]:
    """Return the socket type and the value in `data`, whose memory the arrays share.

    Raise `ValueError`, `KeyError` or `TypeError` where it is none. Only what it says of itself is
    looked at: whether it is true shows in its digest.
    """
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
    except RecursionError as error:
        raise ValueError("the header is nested too deep") from error
    words = header.pop("__metadata__")
    if words["seal"] != _seal(words["aside"]):
        raise ValueError("what was saved beside the value is damaged")
    arrays = {name: _array(data, 8 + length, entry) for name, entry in header.items()}
    return words["kind"], Packed(json.loads(words["meta"]), arrays, json.loads(words["aside"]))


def _seal(text: str) -> str:
    """Return a checksum of what the digest of a value does not cover."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _array(data: bytes, start: int, entry: dict[str, Any]) -> np.ndarray[Any, np.dtype[Any]]:
    begin, end = entry["data_offsets"]
    if not 0 <= begin <= end <= len(data) - start:
        raise ValueError("an array lies outside of the file")
    kind = _TYPES[entry["dtype"]]
    flat = np.frombuffer(data, kind, (end - begin) // kind.itemsize, start + begin)
    return flat.reshape(entry["shape"])
