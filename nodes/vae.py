"""Nodes between pictures and latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import torch
from torch import Tensor

from graph.declare import node
from graph.hints import Doc
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Latent, Progress, Steps, Vae
from nodes.errors import LatentError
from nodes.store import models

if TYPE_CHECKING:
    from nodes.families.base import Autoencoder


@node("VAE Decode", category="Latent", synonyms=("picture", "image"), lane=Lane.GPU)
def vae_decode(
    run: Run,
    vae: Annotated[Vae, Doc("From Load Checkpoint.")],
    latent: Annotated[Latent, Doc("From Sample.")],
) -> Steps[Image]:
    """Turn a latent into a picture."""
    count = len(latent.samples)
    pictures = []
    store = models(run)
    with store.autoencoder(vae, frugal=run.frugal) as coder:
        _check(latent, vae, coder)
        for i, samples in enumerate(store.uploads.placed(latent.samples).split(1), 1):
            pictures.append(_decode(coder, samples))
            yield Progress(i, count)
    return store.uploads.taken_array(torch.cat(pictures))


@node("VAE Encode", category="Latent", synonyms=("latent", "img2img"), lane=Lane.GPU)
def vae_encode(
    run: Run,
    vae: Annotated[Vae, Doc("From Load Checkpoint.")],
    image: Annotated[Image, Doc("A picture; edges beyond a multiple of 8 pixels are cropped.")],
) -> Steps[Latent]:
    """Turn a picture into a latent, to be sampled anew in part."""
    found = []
    store = models(run)
    with store.autoencoder(vae, frugal=run.frugal) as coder:
        factor = coder.latent.factor
        whole = store.uploads.placed(image)
        fitted = cropped(whole, factor)
        if fitted.shape != whole.shape:
            run.remarks.append(cropping(whole, fitted, factor))
        for i, picture in enumerate(fitted.split(1), 1):
            found.append(encoded(coder, picture))
            yield Progress(i, len(fitted))
        rgb = coder.rgb
    samples = store.uploads.taken(torch.cat(found))
    return Latent(samples, vae.checkpoint.family, factor, rgb=rgb)


@torch.no_grad()
def _decode(coder: Autoencoder, samples: Tensor) -> Tensor:
    """Return pictures (N, H, W, 3) from 0 to 1 of latents (N, C, h, w)."""
    pixels = coder.decode(samples) / 2 + 0.5
    return pixels.clamp(0, 1).movedim(1, -1).contiguous()


@torch.no_grad()
def encoded(coder: Autoencoder, pictures: Tensor) -> Tensor:
    """Return latents (N, C, h, w) of pictures (N, H, W, 3) from 0 to 1."""
    return coder.encode(pictures.movedim(-1, 1) * 2 - 1)


def _check(latent: Latent, vae: Vae, coder: Autoencoder) -> None:
    """Raise `LatentError` when `coder` cannot read `latent`."""
    family, spec = vae.checkpoint.family, coder.latent
    if latent.sigma > 0:
        message = (
            f"the latent still holds noise (deviation {latent.sigma:.3g}): finish it with another "
            "Sample, or raise End step"
        )
        raise LatentError(message)
    if latent.family not in ("", family) or latent.samples.shape[1] != spec.channels:
        message = (
            f"the latent ({latent.family}, {latent.samples.shape[1]} channels) is not of this VAE "
            f"({family}, {spec.channels} channels): wire the VAE of the same checkpoint"
        )
        raise LatentError(message)


def cropped(image: Tensor, factor: int) -> Tensor:
    """Return (N, H, W, C) cropped around the middle to multiples of `factor`.

    Raises:
        LatentError: nothing would be left.
    """
    rows, columns = (size - size % factor for size in image.shape[1:3])
    if not rows or not columns:
        message = f"a picture of {size_text(image)} is too small: use at least {factor} × {factor}"
        raise LatentError(message)
    top, left = (image.shape[1] - rows) // 2, (image.shape[2] - columns) // 2
    return image[:, top : top + rows, left : left + columns]


def cropping(whole: Tensor, fitted: Tensor, factor: int) -> str:
    """Return what to say when pictures were cropped to multiples of `factor`."""
    return f"cropped from {size_text(whole)} to {size_text(fitted)}: sizes must divide by {factor}"


def size_text(image: Tensor) -> str:
    """Return width and height of pictures (N, H, W, ...), for people."""
    return f"{image.shape[2]} × {image.shape[1]}"
