"""How much memory there is, how much is free, and what it looks like when there is none left."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUESS = 16 << 30
"""Bytes of memory to reckon with where the system does not say."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Bytes of weights to keep at most."""

    device: int
    host: int | None = None
    """On the host, besides; None where the device and the host share one memory."""


def memory_budgets(device: torch.device) -> Budgets:
    """Return how many bytes of weights to keep: 3/4 of a GPU, half of the host's memory."""
    host = (total_memory() or _GUESS) // 2
    if device.type == "cuda":
        return Budgets(torch.cuda.get_device_properties(device).total_memory * 3 // 4, host)
    return Budgets(host)


def total_memory() -> int | None:
    """Return how many bytes of memory the host has; None where the system does not say."""
    if sys.platform == "win32":
        return _windows()[0]
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def free_memory(device: torch.device) -> int | None:
    """Return how many bytes can still be had on `device`; None where the system does not say."""
    if device.type == "cuda":
        idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + idle
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory()
    if sys.platform == "win32":
        return _windows()[1]
    try:
        found = re.search(r"MemAvailable:\s*(\d+) kB", Path("/proc/meminfo").read_text("ascii"))
    except OSError:
        return None
    return int(found[1]) << 10 if found else None


def _windows() -> tuple[int, int]:
    """Return the bytes of memory of a Windows machine, all and free."""
    import ctypes

    class Status(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "free")),
            *((f"other{i}", ctypes.c_uint64) for i in range(5)),
        )

    status = Status(length=ctypes.sizeof(Status))
    windll = getattr(ctypes, "windll")  # noqa: B009 - other systems have none
    windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return int(status.total), int(status.free)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Memory that could not be had."""

    needed: int | None
    """Bytes asked for, where that is told."""
    free: int | None
    """Bytes that were free, where that is told."""


_UNITS = "BKMGTPE"
"""First letters, each 1024 times the one before; PyTorch writes GiB, and on Apple GB."""
_AMOUNT = r"([\d.]+) (bytes|[KMGTPE]i?B)\b"
_FULL = re.compile(
    r"out of memory|can't allocate memory|not enough memory: you tried|bad_alloc"
    r"|STATUS_ALLOC_FAILED|Invalid buffer size|Cannot allocate memory",
    re.IGNORECASE,
)
"""In what PyTorch raises for its CUDA, MPS and CPU allocators, for cuBLAS and for mapped files."""
_NEEDED = re.compile(
    rf"(?:tried to allocate|Unable to allocate|buffer size:) {_AMOUNT}", re.IGNORECASE
)
_FREE = re.compile(rf"of which {_AMOUNT} is free", re.IGNORECASE)
_MPS = re.compile(
    rf"MPS allocated: {_AMOUNT}, other allocations: {_AMOUNT}, max allowed: {_AMOUNT}"
)


def shortage_of(error: BaseException) -> Shortage | None:
    """Return what `error`, or what caused it, says was lacking; None when it is another error."""
    for each in _chain(error):
        text = str(each)
        if isinstance(each, (MemoryError, torch.OutOfMemoryError)) or (
            isinstance(each, (RuntimeError, OSError)) and _FULL.search(text)
        ):
            return Shortage(_bytes(_NEEDED.search(text)), _free(text))
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _free(text: str) -> int | None:
    found = _MPS.search(text)
    if found is None:
        return _bytes(_FREE.search(text))
    used, other, most = (_amount(*found.groups()[i : i + 2]) for i in (0, 2, 4))
    return max(0, most - used - other)


def _bytes(found: re.Match[str] | None) -> int | None:
    return None if found is None else _amount(found[1], found[2])


def _amount(number: str, unit: str) -> int:
    return int(float(number) * 1024 ** _UNITS.index(unit[0].upper()))
