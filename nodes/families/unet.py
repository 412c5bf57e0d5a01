"""The denoiser of the Stable Diffusion families: a U-Net with cross-attention to the prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from nodes.families.base import device_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffusers import ControlNetModel, UNet2DConditionModel
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
            whole.to(kind),
            time,
            encoder_hidden_states=tokens,
            return_dict=False,
            **_added(condition, state.to(kind), time, tokens),
        )[0]
        return output.float()


def _added(condition: Condition, state: Tensor, time: Tensor, tokens: Tensor) -> dict[str, Any]:
    """Return what the U-Net's layers get on top: of all ControlNets, added up."""
    if not condition.steering:
        return {}
    said = [each.residuals(state, time, tokens) for each in condition.steering]
    *down, middle = (sum(layer[1:], layer[0]) for layer in zip(*said, strict=True))
    return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


@dataclass(frozen=True, slots=True)
class UNetControl:
    """A ControlNet in the shape of a U-Net's first half."""

    module: ControlNetModel

    @property
    def context(self) -> int:
        """The width of the text that it takes."""
        width: int = self.module.config["cross_attention_dim"]
        return width

    def residuals(
        self, state: Tensor, time: Tensor, tokens: Tensor, picture: Tensor
    ) -> list[Tensor]:
        """Return what it adds, layer by layer, the middle one last."""
        kind = self.module.conv_in.weight.dtype
        down, middle = self.module(
            state.to(kind),
            time,
            encoder_hidden_states=tokens.to(kind),
            controlnet_cond=picture.to(kind),
            return_dict=False,
        )
        return [*(each.to(state) for each in down), middle.to(state)]
