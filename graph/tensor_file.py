"""Values as safetensors, written straight from their arrays and read without a copy.

The library's own writer takes bytes, so that every array would be copied twice while no other
thread of Python can work; what is written here the library reads, and the other way round.
"""

from __future__ import annotations

import errno
import hashlib
import json
import mmap
import os
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
_LARGE = 1 << 20
"""Bytes from which on a file is written past the system's cache, where it can be."""
_BLOCK = 4096
_BUFFER = 4 << 20
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


class FileWriter:
    """Writes files, large ones past the system's cache where that can be; for one thread.

    Through the cache every file takes fresh pages of memory for what is seldom read, and several
    times the processor time. What goes past it must lie in an aligned buffer.
    """

    def __init__(self) -> None:
        """Take memory for the buffer when it is first needed."""
        self._room: np.ndarray[Any, np.dtype[np.uint8]] | None = None
        self._direct = hasattr(os, "O_DIRECT")

    def write(self, path: Path, parts: Parts) -> None:
        """Write `parts` to a new file at `path`; raise `OSError`."""
        if self._direct and size_of(parts) >= _LARGE:
            try:
                self._write_past_cache(path, parts)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                self._direct = False  # this file system does not do it
                path.unlink(missing_ok=True)
            else:
                return
        with path.open("xb", buffering=0) as file:
            for part in parts:
                view = memoryview(part)
                while view:
                    view = view[file.write(view[:_CHUNK]) :]

    def _write_past_cache(self, path: Path, parts: Parts) -> None:
        if self._room is None:
            self._room = np.frombuffer(mmap.mmap(-1, _BUFFER), np.uint8)
        room, filled = self._room, 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_DIRECT, 0o666)
        try:
            for part in parts:
                left = np.frombuffer(part, np.uint8)
                while left.size:
                    count = min(left.size, _BUFFER - filled)
                    room[filled : filled + count] = left[:count]
                    filled, left = filled + count, left[count:]
                    if filled == _BUFFER:
                        _write_block(handle, room)
                        filled = 0
            if filled:
                _write_block(handle, room[: -(-filled // _BLOCK) * _BLOCK])
            os.ftruncate(handle, size_of(parts))
        finally:
            os.close(handle)


def _write_block(handle: int, data: np.ndarray[Any, np.dtype[np.uint8]]) -> None:
    if os.write(handle, data.data) != data.size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


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
