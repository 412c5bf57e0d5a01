"""What nodes hand to each other on a GPU, so that it is not brought there again and again.

On the wires values travel on the CPU: there they are digested, kept and saved. A node that made one
on the device leaves that form here, and the next node that asks for the same value finds it. On a
CPU there is nothing to keep.
"""

from __future__ import annotations

import threading
import weakref
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float32]]
Value: TypeAlias = Tensor | Array
"""What lies on the CPU, as a wire carries it."""

_SHARE = 16
"""Of a GPU's memory, one part in so many."""


@dataclass(frozen=True, slots=True)
class _Guest:
    """A value's form on the device."""

    value: weakref.ref[Any]
    version: int
    """How often the value had been changed in place by then."""
    tensor: Tensor


class Uploads:
    """Values on one device, by the identity of their form on the CPU; the oldest goes first.

    What it hands out is shared: nobody may change it in place. Safe to use from several threads.
    """

    def __init__(
        self,
        device: torch.device,
        budget: int | None = None,
        upload: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        """Keep at most `budget` bytes on `device` (None: a small part of a GPU, nothing of a CPU).

        `upload` stands in for the copy to the device, for tests.
        """
        self.device = device
        self.uploads = 0
        """How often a value was brought to the device."""
        self._budget = _share(device) if budget is None else budget
        self._upload = upload or (lambda tensor: tensor.to(device))
        self._guests: OrderedDict[int, _Guest] = OrderedDict()
        self._gone: deque[weakref.ref[Any]] = deque()
        """Values that are no more; they may go at any moment, also while this works."""
        self._lock = threading.RLock()

    def placed(self, value: Value, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return `value` on the device, in `dtype`."""
        with self._lock:
            guest = self._guests.get(id(value))
            if guest is None or guest.value() is not value or guest.version != _version(value):
                self.uploads += 1
                found = self._upload(_tensor(value))
                self.keep(value, found)
            else:
                self._guests.move_to_end(id(value))
                found = guest.tensor
        return found.to(dtype)

    def taken(self, tensor: Tensor) -> Tensor:
        """Return `tensor`, which a node made on the device, as a wire carries it: on the CPU."""
        value = tensor.cpu()
        self.keep(value, tensor)
        return value

    def taken_array(self, tensor: Tensor) -> Array:
        """Return `tensor` likewise, as an array."""
        value: Array = tensor.cpu().numpy()
        self.keep(value, tensor)
        return value

    def keep(self, value: Value, tensor: Tensor) -> None:
        """Remember that `tensor` is what `value` is on the device."""
        with self._lock:
            self._guests.pop(id(value), None)
            if tensor.nbytes > self._budget:
                return
            kept = weakref.ref(value, self._gone.append)
            self._guests[id(value)] = _Guest(kept, _version(value), tensor)
            while self.held() > self._budget:
                self._guests.popitem(last=False)

    def held(self) -> int:
        """Return how many bytes are kept, having let go of what belongs to no value any more."""
        with self._lock:
            while self._gone:
                gone = self._gone.popleft()
                for key in [key for key, guest in self._guests.items() if guest.value is gone]:
                    del self._guests[key]
            return sum(guest.tensor.nbytes for guest in self._guests.values())

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._guests.clear()


def _share(device: torch.device) -> int:
    if device.type != "cuda":
        return 0
    return torch.cuda.get_device_properties(device).total_memory // _SHARE


def _version(value: Value) -> int:
    # Arrays are read-only once they leave a node.
    return value._version if isinstance(value, Tensor) else 0  # noqa: SLF001 - there is no other


def _tensor(value: Value) -> Tensor:
    if isinstance(value, Tensor):
        return value
    # PyTorch has no read-only tensors, and warns when it is to share a read-only array.
    return torch.from_numpy(value if value.flags.writeable else value.copy())
