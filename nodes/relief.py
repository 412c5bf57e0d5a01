"""What to do when memory runs out: say what was lacking, and let go of what nobody uses."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from nodes.memory import free_memory, shortage_of

if TYPE_CHECKING:
    from nodes.store import ModelStore

_REMEDY = "make the picture smaller, choose another precision, or close other programs"


@dataclass(frozen=True, slots=True)
class DeviceRelief:
    """The `graph.pack.Relief` of one model store and its device."""

    store: ModelStore

    def exhausted(self, error: BaseException) -> str | None:
        """Return what was needed, what was free, and the remedy; None for any other error."""
        found = shortage_of(error)
        if found is None:
            return None
        device = self.store.device
        free = free_memory(device) if found.free is None else found.free
        where = "this computer" if device.type == "cpu" else "the graphics device"
        needed = "" if found.needed is None else f" ({_words(found.needed)} more were needed"
        rest = "" if free is None else f"{', ' if needed else ' ('}{_words(free)} were free"
        amounts = f"{needed}{rest}{')' if needed or rest else ''}"
        return f"the memory of {where} is full{amounts}: {_REMEDY}"

    def free(self) -> None:
        """Let go of all weights and values that nobody uses, and give their memory back."""
        self.store.clear()
        gc.collect()
        if self.store.device.type == "cuda":
            torch.cuda.empty_cache()
        elif self.store.device.type == "mps":
            torch.mps.empty_cache()


def _words(amount: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20)):
        if amount >= size:
            return f"{amount / size:.1f} {unit}"
    return f"{amount >> 10} KB"
