"""The denoiser of the Stable Diffusion families: a U-Net with cross-attention to the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from nodes.families.base import device_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusers import UNet2DConditionModel
    from torch import Tensor

    from nodes.families.base import Condition, Config, LatentSpec


@dataclass(frozen=True, slots=True)
class UNetDenoiser:
    """A U-Net and the noise schedule it was trained with."""

    module: UNet2DConditionModel
    schedule: Config
    latent: LatentSpec

    @property
    def context(self) -> int:
        """The width of the text that it takes."""
        width: int = self.module.config["cross_attention_dim"]
        return width

    def set_steps(self, scheduler: Any, steps: int, shape: Sequence[int]) -> None:  # noqa: ARG002
        """Lay out `steps` steps; the size of the picture has no say."""
        scheduler.set_timesteps(steps, device=device_of(self))

    def begin(self, samples: Tensor) -> Tensor:
        """Return `samples`: a U-Net takes them as they are."""
        return samples

    def end(self, state: Tensor) -> Tensor:
        """Return `state`: a U-Net gives them as they are."""
        return state

    def predict(self, state: Tensor, time: Tensor, condition: Condition) -> Tensor:
        """Return the prediction (N, C, h, w) in float32."""
        # Asking the module for its dtype would walk through all its weights, at every step.
        kind = self.module.conv_in.weight.dtype
        tokens = condition.tokens.to(kind)
        whole = state if condition.extra is None else torch.cat([state, condition.extra], dim=1)
        output: Tensor = self.module(
            whole.to(kind), time, encoder_hidden_states=tokens, return_dict=False
        )[0]
        return output.float()
