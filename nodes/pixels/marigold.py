"""Marigold: a latent diffusion model that sees depth or surface normals (Ke et al. 2024).

The folder is a diffusers pipeline (`MarigoldDepthPipeline`, `MarigoldNormalsPipeline`). Its
denoiser takes the latent of a picture beside the noisy latent of what is seen in it, under the
empty prompt. The steps are those of the stock pipeline with one prediction a picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from graph.values import Progress
from nodes.errors import CheckpointError, ImageError
from nodes.families.weights import find_variant, read_config
from nodes.noise import Noise
from nodes.streaming import computes_on

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from graph.values import Steps

INDEX = "model_index.json"
_PARTS = ("unet", "vae", "text_encoder")
_STEM = "diffusion_pytorch_model"
_FEWEST = {"LCMScheduler": 4}
"""Steps of a model that names none, by its scheduler."""
_STEPS, _RESOLUTION = 10, 768


def is_marigold(folder: Path, sees: str) -> bool:
    """Say whether `folder` holds a Marigold that `sees` "Depth" or "Normals"."""
    index = folder / INDEX
    return index.is_file() and read_config(index).get("_class_name") == f"Marigold{sees}Pipeline"


def verify_marigold(folder: Path) -> None:
    """Check from headers alone that the weights in `folder` are whole; raise `CheckpointError`."""
    for part, stem in (("unet", _STEM), ("vae", _STEM), ("text_encoder", "model")):
        find_variant(folder / part, stem)


class Marigold:
    """The networks of one folder, and what they are used with."""

    def __init__(self, pipeline: Any) -> None:
        """Take the parts of a stock pipeline."""
        self._unet, self._vae, self._text = (getattr(pipeline, name) for name in _PARTS)
        self.module = nn.ModuleList([self._unet, self._vae, self._text])
        self.module.requires_grad_(requires_grad=False).eval()
        self._tokenizer = pipeline.tokenizer
        self._scheduler = pipeline.scheduler
        self._images = pipeline.image_processor
        named = type(pipeline.scheduler).__name__
        self.steps: int = pipeline.default_denoising_steps or _FEWEST.get(named, _STEPS)
        """As many as the model asks for."""
        self.resolution: int = pipeline.default_processing_resolution or _RESOLUTION
        """Pixels along the longer side that it sees best."""
        self.half_sphere = getattr(pipeline, "use_full_z_range", True) is False
        """Whether its normals never point away, and use all of the range for that."""

    @torch.no_grad()
    def see(
        self, picture: NDArray[np.float32], steps: int, resolution: int, seed: int
    ) -> Generator[None, None, Tensor]:
        """Look at (H, W, 3); yield after each step.

        Returns (1, 3, h, w) as the VAE decodes it, about -1 to 1, at `resolution`.
        """
        pixels, padding = self._prepared(picture, resolution)
        vae, scale = self._vae, self._vae.config.scaling_factor
        seen = vae.encode(pixels).latent_dist.mode() * scale
        noise = Noise(seed, 1)
        state = noise.draw(seen.shape).to(seen.device)
        empty = self._empty_prompt(seen.device)
        self._scheduler.set_timesteps(steps, device=seen.device)
        for time in self._scheduler.timesteps:
            both = torch.cat([seen, state], dim=1)
            guess = self._unet(both, time, encoder_hidden_states=empty, return_dict=False)[0]
            [drawn] = noise.generators
            state = self._scheduler.step(guess, time, state, generator=drawn).prev_sample
            yield
        found = vae.decode(state / scale, return_dict=False)[0]
        done: Tensor = self._images.unpad_image(found, padding).cpu()
        return done

    def _prepared(self, picture: NDArray[np.float32], resolution: int) -> tuple[Tensor, Any]:
        """Return pixels of (H, W, 3), -1 to 1, at `resolution`, and their padding."""
        device = computes_on(self.module)
        whole = torch.from_numpy(picture.copy()).movedim(-1, 0)[None]
        try:
            pixels, padding, _ = self._images.preprocess(whole, resolution, device=device)
        except ValueError as error:
            height, width = picture.shape[:2]
            message = f"a picture of {width} × {height} is too narrow to be seen: crop or pad it"
            raise ImageError(message) from error
        return pixels, padding

    def _empty_prompt(self, device: torch.device) -> Tensor:
        ids = self._tokenizer("", padding="do_not_pad", return_tensors="pt").input_ids
        encoded: Tensor = self._text(ids.to(device))[0]
        return encoded


def looked_at(
    network: Marigold, pictures: NDArray[np.float32], steps: int, resolution: int, seed: int
) -> Steps[list[Tensor]]:
    """Look at each of (N, H, W, 3), from noise of `seed` and up; return what `Marigold.see` does.

    Reports each step.
    """
    found, done = [], 0
    for i, picture in enumerate(pictures):
        seeing = network.see(picture, steps, resolution, seed + i)
        while True:
            try:
                next(seeing)
            except StopIteration as end:
                found.append(end.value)
                break
            done += 1
            yield Progress(done, steps * len(pictures))
    return found


def load_marigold(folder: Path) -> Marigold:
    """Load the model in `folder`, on the CPU, in full precision."""
    import diffusers

    name = read_config(folder / INDEX)["_class_name"]
    pipeline = getattr(diffusers, name).from_pretrained(
        folder,
        local_files_only=True,
        use_safetensors=True,
        variant=find_variant(folder / "unet", _STEM),
        dtype=torch.float32,
    )
    if pipeline.unet.config.in_channels != 2 * pipeline.vae.config.latent_channels:
        message = f"{folder.name} is no Marigold: its denoiser takes no picture; choose another"
        raise CheckpointError(message)
    return Marigold(pipeline)
