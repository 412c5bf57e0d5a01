"""Paints captions with Cutout's parts, as any Stable Diffusion pipeline would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL: Final = Path(__file__).parent / "model"
"""The shipped folder, in the standard diffusers layout."""

Denoiser = Callable[[Tensor, Tensor, Tensor], Any]
"""Takes noisy latents, moments and what the captions say, as `UNet2DConditionModel` does."""

STEPS: Final = 20
GUIDANCE: Final = 3.0
_DECODED_AT_ONCE: Final = 16


def token_ids(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> Tensor:
    """Turn captions into int64 [n, 77]."""
    encoded = tokenizer(
        list(captions),
        padding="max_length",
        max_length=tokenizer.model_max_length,
        truncation=True,
        return_tensors="pt",
    )
    ids: Tensor = encoded.input_ids
    return ids


@dataclass(frozen=True, slots=True)
class Cutout:
    """The parts of a latent diffusion model."""

    tokenizer: CLIPTokenizer
    text_encoder: CLIPTextModel
    unet: UNet2DConditionModel
    vae: AutoencoderKL
    scheduler: DDIMScheduler

    @classmethod
    def load(cls, folder: Path = MODEL) -> Cutout:
        """Read the parts from a folder, without network, as 32-bit floats."""
        local: dict[str, Any] = {"local_files_only": True}
        full: dict[str, Any] = {**local, "torch_dtype": torch.float32}
        return cls(
            CLIPTokenizer.from_pretrained(folder / "tokenizer", **local),
            CLIPTextModel.from_pretrained(
                folder / "text_encoder", local_files_only=True, dtype=torch.float32
            ),
            UNet2DConditionModel.from_pretrained(folder / "unet", **full),
            AutoencoderKL.from_pretrained(folder / "vae", **full),
            DDIMScheduler.from_pretrained(folder / "scheduler", **local),
        )

    def to(self, device: torch.device) -> Cutout:
        """Move the networks, in place."""
        for part in (self.text_encoder, self.unet, self.vae):
            part.to(device)
        return self

    @torch.inference_mode()
    def sample(
        self,
        captions: Sequence[str],
        *,
        seed: int = 0,
        steps: int = STEPS,
        guidance: float = GUIDANCE,
        denoiser: Denoiser | None = None,
    ) -> Tensor:
        """Paint captions: [n, 3, 128, 128], -1 to 1, one noise drawn from `seed` for all.

        A `denoiser` takes the place of the model's own; it gets the pictures twice over, with their
        captions and without.
        """
        latents = self.latents(
            captions, seed=seed, steps=steps, guidance=guidance, denoiser=denoiser
        )
        latents = latents / self.vae.config.scaling_factor
        parts = latents.split(_DECODED_AT_ONCE)
        return torch.cat([self.vae.decode(part).sample.cpu() for part in parts]).clamp(-1, 1)

    @torch.inference_mode()
    def latents(
        self,
        captions: Sequence[str],
        *,
        seed: int,
        steps: int,
        guidance: float,
        denoiser: Denoiser | None = None,
    ) -> Tensor:
        """Denoise captions: [n, 4, 16, 16], of unit spread."""
        predict = denoiser or self.unet
        device = self.unet.device
        ids = token_ids(self.tokenizer, [*captions, *[""] * len(captions)]).to(device)
        conditions = self.text_encoder(ids)[0]
        edge = self.unet.config.sample_size
        generator = torch.Generator().manual_seed(seed)
        shape = (len(captions), self.vae.config.latent_channels, edge, edge)
        latents: Tensor = torch.randn(shape, generator=generator).to(device)
        self.scheduler.set_timesteps(steps)
        latents = latents * self.scheduler.init_noise_sigma
        for moment in self.scheduler.timesteps:
            both = self.scheduler.scale_model_input(torch.cat([latents, latents]), moment)
            said, unsaid = predict(both, moment, conditions).sample.chunk(2)
            guided = unsaid + guidance * (said - unsaid)
            latents = self.scheduler.step(guided, moment, latents).prev_sample
        return latents
