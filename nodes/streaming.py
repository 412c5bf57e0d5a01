"""Runs a network whose weights are too large for the device: they pass through it, part by part.

Each part's weights are brought to the device just before the part computes and let go right after,
so that the device never holds more than those of one part. They are copied and not moved, so that
afterwards every weight is the very one from before.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch
    from torch import Tensor, nn

Upload: TypeAlias = "Callable[[Tensor], Tensor]"
"""Copies a weight to where its part computes."""

_COMPUTING: WeakKeyDictionary[nn.Module, torch.device] = WeakKeyDictionary()
"""Where networks compute whose weights lie elsewhere."""


def computes_on(module: nn.Module) -> torch.device:
    """Return the device on which `module` wants what it is called with."""
    streaming = _COMPUTING.get(module)
    return next(module.parameters()).device if streaming is None else streaming


@contextmanager
def streamed(
    module: nn.Module, device: torch.device, upload: Upload | None = None
) -> Iterator[None]:
    """Let `module` compute on `device` with its weights left where they are, until the end.

    Each part must use its weights in its own call only, as the parts of diffusers and transformers
    do. `upload` stands in for the copy to the device, for tests.
    """
    parts = [part for part in module.modules() if any(True for _ in _own(part))]
    guests = [_Guest(part, upload or (lambda weight: weight.to(device))) for part in parts]
    _COMPUTING[module] = device
    try:
        yield
    finally:
        del _COMPUTING[module]
        for guest in guests:
            guest.leave()


class _Guest:
    """One part of a network, whose weights visit the device while it computes."""

    def __init__(self, part: nn.Module, upload: Upload) -> None:
        self._part = part
        self._upload = upload
        self._home: list[tuple[Tensor, Tensor]] = []
        # The second also runs when the part fails, such as by an input that does not fit.
        self._hooks = (
            part.register_forward_pre_hook(lambda _part, _given: self._arrive()),
            part.register_forward_hook(lambda *_: self._depart(), always_call=True),
        )

    def _arrive(self) -> None:
        for weight in _own(self._part):
            self._home.append((weight, weight.data))
            weight.data = self._upload(weight.data)

    def _depart(self) -> None:
        while self._home:
            weight, data = self._home.pop()
            weight.data = data

    def leave(self) -> None:
        self._depart()
        for hook in self._hooks:
            hook.remove()


def _own(part: nn.Module) -> Iterator[Tensor]:
    yield from part.parameters(recurse=False)
    yield from part.buffers(recurse=False)
