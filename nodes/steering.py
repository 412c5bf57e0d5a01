"""What ControlNets say in one sampling: their networks borrowed, their pictures fitted."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import numpy as np
from torch.nn import functional

from nodes.errors import SampleError
from nodes.families.base import Steering

if TYPE_CHECKING:
    from types import TracebackType

    from torch import Tensor

    from graph.values import Control, Latent, Model
    from nodes.store import ModelStore


class Steerer:
    """Borrows ControlNets for as long as the block is not left; equal controls are one."""

    def __init__(self, store: ModelStore, latent: Latent, steps: int, *, frugal: bool) -> None:
        """Steer samplings of `latent` that are laid out in `steps` steps."""
        self._store = store
        self._latent = latent
        self._steps = steps
        self._frugal = frugal
        self._known: list[tuple[Control, Steering]] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Begin; nothing is borrowed yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give all back."""
        self._stack.close()

    def steering(self, controls: tuple[Control, ...], model: Model) -> tuple[Steering, ...]:
        """Return what `controls` do; those that never have a say are left out.

        Raises:
            SampleError: one is for another model, or has more pictures than there are latents.
        """
        return tuple(self._of(each, model) for each in controls if self._has_say(each))

    def _has_say(self, control: Control) -> bool:
        return bool(control.strength and steps_between(control.start, control.end, self._steps))

    def _of(self, control: Control, model: Model) -> Steering:
        for known, steering in self._known:
            if same(known, control):
                return steering
        if control.net.family != model.checkpoint.family:
            message = (
                f"{control.net.path.name} steers models of {control.net.family}, and "
                f"{model.checkpoint.path.name} is of {model.checkpoint.family}: choose a "
                "ControlNet for this model"
            )
            raise SampleError(message)
        # Networks are asked for in one order everywhere, so that two samplings never wait for each
        # other: the denoiser first, ControlNets after it.
        network = self._stack.enter_context(
            self._store.control_net(control.net, frugal=self._frugal)
        )
        found = Steering(
            network,
            self._picture(control),
            control.strength,
            steps_between(control.start, control.end, self._steps),
            self._mask(control),
        )
        self._known.append((control, found))
        return found

    def _picture(self, control: Control) -> Tensor:
        whole = self._store.uploads.placed(control.image).movedim(-1, 1)
        return self._for_all(self._fitted(whole), control)

    def _mask(self, control: Control) -> Tensor | None:
        if control.mask is None:
            return None
        return self._for_all(
            self._fitted(self._store.uploads.placed(control.mask)[:, None]), control
        )

    def _fitted(self, pictures: Tensor) -> Tensor:
        """Return (N, C, H, W) at the size of the picture that is made."""
        factor = self._latent.factor
        size = [side * factor for side in self._latent.samples.shape[2:]]
        if list(pictures.shape[2:]) == size:
            return pictures
        return functional.interpolate(pictures, size, mode="bicubic", antialias=True).clamp(0, 1)

    def _for_all(self, pictures: Tensor, control: Control) -> Tensor:
        count = len(self._latent.samples)
        if len(pictures) not in (1, count):
            message = (
                f"{len(pictures)} pictures for {control.net.path.name} do not fit {count} latents: "
                "give one, or as many"
            )
            raise SampleError(message)
        return pictures.expand(count, -1, -1, -1)


def steps_between(start: float, end: float, steps: int) -> range:
    """Return the steps that lie wholly between two parts of the way, from 0 to 1."""
    within = [i for i in range(steps) if i / steps >= start and (i + 1) / steps <= end]
    return range(within[0], within[-1] + 1) if within else range(0)


def same(one: Control, other: Control) -> bool:
    """Say whether two controls do the same."""
    if one is other:
        return True
    said = [(c.net, c.strength, c.start, c.end) for c in (one, other)]
    if said[0] != said[1] or not np.array_equal(one.image, other.image):
        return False
    if one.mask is None or other.mask is None:
        return one.mask is other.mask
    return np.array_equal(one.mask, other.mask)
