"""Reads the header of a safetensors file, and tells a broken or disguised file from a good one.

A safetensors file is a little-endian 64-bit length, that many bytes of JSON which name every tensor
with its dtype, shape and place, and then the tensors. Reading the header costs microseconds and
runs nothing, so that a wrong file is found on the loader and not in the middle of a run.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from nodes.errors import CheckpointError, PickleError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_LENGTH = struct.Struct("<Q")
_LONGEST = 100_000_000
"""Headers of the largest known models are below 1 MB; the format itself stops at 100 MB."""

_PICKLE_SUFFIXES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
_WAY_OUT = "convert it to .safetensors, or download the safetensors edition of the same model"
_DISGUISES: tuple[tuple[bytes, str], ...] = (
    (b"GGUF", "is a GGUF file, which cannot be read yet: choose the safetensors edition"),
    (b"version https://git-lfs", "is a Git LFS pointer: fetch the file itself with `git lfs pull`"),
    (b"<!DOCTYPE", "is a web page: the download went wrong, fetch the file again"),
    (b"<html", "is a web page: the download went wrong, fetch the file again"),
)


class _Entry(msgspec.Struct, frozen=True):
    """One tensor in a header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Header:
    """What a safetensors file holds."""

    shapes: Mapping[str, tuple[int, ...]]
    metadata: Mapping[str, str] = field(default_factory=dict)

    def has(self, prefix: str) -> bool:
        """Say whether the name of any tensor starts with `prefix`."""
        return any(name.startswith(prefix) for name in self.shapes)

    def mentions(self, *parts: str) -> bool:
        """Say whether any of `parts` occurs in the name of any tensor."""
        return any(part in name for name in self.shapes for part in parts)


def read_header(path: Path) -> Header:
    """Return the header of the safetensors file at `path`, having checked that the file is whole.

    Raises:
        PickleError: it is a pickle, whatever its name says.
        CheckpointError: it cannot be read, is cut off, or is another kind of file.
    """
    if path.suffix.lower() in _PICKLE_SUFFIXES:
        raise PickleError(_pickle_message(path))
    try:
        with path.open("rb") as file:
            head = file.read(_LENGTH.size + 24)
            size = file.seek(0, 2)
            _refuse_disguise(path, head)
            length = _header_length(path, head, size)
            file.seek(_LENGTH.size)
            text = file.read(length)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise CheckpointError(message) from error
    return _parse(path, text, size - _LENGTH.size - length)


def _pickle_message(path: Path) -> str:
    return f"{path.name} is a Python pickle, which can run code when it is read: {_WAY_OUT}"


def _refuse_disguise(path: Path, head: bytes) -> None:
    # A pickle of protocol 2 or later starts with 0x80 and its version; torch.save's zip with PK.
    if (head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05") or head[:4] == b"PK\x03\x04":
        raise PickleError(_pickle_message(path))
    for magic, what in _DISGUISES:
        if head.startswith(magic):
            message = f"{path.name} {what}"
            raise CheckpointError(message)


def _header_length(path: Path, head: bytes, size: int) -> int:
    if len(head) < _LENGTH.size:
        raise CheckpointError(_broken(path, f"it has only {size} bytes"))
    length: int = _LENGTH.unpack_from(head)[0]
    if length > _LONGEST or head[_LENGTH.size : _LENGTH.size + 1] not in (b"{", b""):
        message = f"{path.name} is not a safetensors file: choose a .safetensors file"
        raise CheckpointError(message)
    if _LENGTH.size + length > size:
        raise CheckpointError(_broken(path, f"its header needs {length} bytes of {size}"))
    return length


def _broken(path: Path, why: str) -> str:
    return f"{path.name} is cut off ({why}): download or copy it again"


def _parse(path: Path, text: bytes, space: int) -> Header:
    try:
        raw = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(raw.pop("__metadata__", b"{}"), type=dict[str, str])
        entries = {name: msgspec.json.decode(item, type=_Entry) for name, item in raw.items()}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{path.name} has a broken safetensors header ({error}): download it again"
        raise CheckpointError(message) from error
    needed = max((entry.data_offsets[1] for entry in entries.values()), default=0)
    if needed > space:
        raise CheckpointError(_broken(path, f"its tensors need {needed} bytes, {space} are there"))
    return Header({name: entry.shape for name, entry in entries.items()}, metadata)
