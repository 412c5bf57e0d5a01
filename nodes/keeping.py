"""How a mask keeps a part of a latent while the rest is made new.

A plain denoiser knows nothing of masks. So after each step the kept part is put back as it was,
under as much noise as the next step begins with, and always the same noise (Blended Latent
Diffusion, Avrahami et al. 2022). A soft mask is a strength for each cell: one that is to be made
new by half is kept for the first half of the steps (Differential Diffusion, Levin and Fried 2023).
A denoiser for inpainting takes the mask, and the latent of what is kept, as more channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from graph.values import Vae
from nodes.errors import SampleError

if TYPE_CHECKING:
    from graph.values import Latent, Model
    from nodes.families.base import Denoiser
    from nodes.solver import Solver
    from nodes.store import ModelStore

_HAIR = 1e-4
"""Masks are float32: 0.7 of ten steps must be seven."""
_HALF = 0.5


def begin_steps(mask: Tensor, steps: int, span: int) -> Tensor:
    """Return the step from which on each cell of `mask` is made new, counted from 0.

    A cell of 1 takes the last `span` of `steps`, one of 0 none: the number of steps stands for it.
    """
    return steps - torch.floor(mask * span + _HAIR)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept, and until which step."""

    original: Tensor
    """(N, C, h, w), without noise."""
    noise: Tensor
    """(N, C, h, w): what the sampling began with."""
    begins: Tensor
    """(N or 1, 1, h, w), of `begin_steps`."""
    solver: Solver

    def restored(self, state: Tensor, step: int, level: float, *, between: bool) -> Tensor:
        """Return `state`, in which `step` begins, with what is still kept as it was.

        `level` is the noise in it, as `graph.values.Latent.sigma`. With `between` the step has
        begun already, and so have the cells that begin with it.
        """
        kept = self.begins > step if between else self.begins >= step
        before = self.solver.held(self.original + level * self.noise, level)
        return torch.where(kept, before.to(state.dtype), state)


def extra_channels(
    store: ModelStore, model: Model, denoiser: Denoiser, latent: Latent
) -> Tensor | None:
    """Return (N, 1 + C, h, w) for a denoiser for inpainting: 1 where it makes new, and the rest.

    A latent without a mask is made new everywhere: all that is kept of it is a grey picture.

    Raises:
        SampleError: there is a mask, but nothing to keep beside it.
    """
    if not denoiser.latent.extra:
        return None
    count, _, rows, columns = latent.samples.shape
    if latent.mask is None:
        factor = latent.factor
        grey = torch.zeros(1, 3, rows * factor, columns * factor, device=store.device)
        with store.autoencoder(Vae(model.checkpoint)) as vae, torch.no_grad():
            blank = vae.encode(grey)
        both = torch.cat([torch.ones_like(blank[:, :1]), blank], dim=1)
    elif latent.masked is None:
        message = (
            f"{model.checkpoint.path.name} is for inpainting, and the latent has a mask but no "
            "picture without the selected part: wire in the latent of an Inpaint node"
        )
        raise SampleError(message)
    else:
        mask, masked = (store.uploads.placed(each) for each in (latent.mask, latent.masked))
        hard = (mask >= _HALF).float()
        longest = max(len(hard), len(masked))
        parts = (hard.expand(longest, -1, -1, -1), masked.expand(longest, -1, -1, -1))
        both = torch.cat(parts, dim=1)
    return both.expand(count, -1, -1, -1)
