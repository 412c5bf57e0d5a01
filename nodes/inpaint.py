"""The node that marks a part of a picture to be made new."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from graph.declare import node
from graph.hints import Doc, Range
from graph.run import Run
from graph.spec import Lane
from graph.values import Image, Latent, Mask, Progress, Steps, Vae
from nodes.errors import ImageError
from nodes.noise import Noise
from nodes.pixels.morphology import feathered_outwards, grown
from nodes.store import models
from nodes.vae import cropped, cropping, encoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HALF = 0.5
_WIDEST = 512
_GREY = 0.5
_RADIUS = 3.0
"""Pixels around a hole that its filling is drawn from at each step of the fast march."""


class Content(StrEnum):
    """What a sampling finds in the selected part, where Denoise is below 1."""

    ORIGINAL = "original"
    NOISE = "noise"
    FILL = "fill"
    BLANK = "blank"


@node(
    "Inpaint",
    category="Latent",
    synonyms=("mask", "outpaint", "repair", "remove", "replace", "fill"),
    lane=Lane.GPU,
)
def inpaint(
    run: Run,
    vae: Annotated[Vae, Doc("From Load Checkpoint.")],
    image: Annotated[Image, Doc("A picture; edges beyond a multiple of 8 pixels are cropped.")],
    mask: Annotated[Mask, Doc("What is made new: 1 all of it, 0 nothing; soft is in between.")],
    content: Annotated[
        Content,
        Doc(
            "What is in the selected part to begin with, where Denoise is below 1: the picture, "
            "noise, the colours around it, or grey."
        ),
    ] = Content.ORIGINAL,
    grow: Annotated[
        int, Range(-_WIDEST, _WIDEST), Doc("Pixels by which the mask is made larger.")
    ] = 0,
    feather: Annotated[
        int, Range(0, _WIDEST), Doc("Width of the soft edge around it, in pixels.")
    ] = 0,
) -> Steps[Latent]:
    """Mark a part of a picture to be made new by Sample.

    Goes into Sample in the place of a latent. A plain model keeps the rest by itself being put back
    at every step; a model for inpainting sees the rest and fits in what it makes. A soft mask is a
    strength for each place: 0.5 is made new to the degree that Denoise 0.5 would. The VAE changes
    the rest a little; Paste Back brings its pixels back as they were.
    """
    store = models(run)
    mask = feathered_outwards(grown(_fitting(mask, image), grow), feather)
    with store.autoencoder(vae, frugal=run.frugal) as coder:
        factor = coder.latent.factor
        picture, selected = (_cut(array, factor) for array in (image, mask))
        if picture.shape[1:3] != image.shape[1:3]:
            before, after = (torch.from_numpy(each.copy()) for each in (image, picture))
            run.remarks.append(cropping(before, after, factor))
        begun = _begun(picture, selected, content)
        blanked = np.where(selected[..., None] >= _HALF, np.float32(_GREY), picture)
        wanted = [*_single(begun), *_single(blanked)]
        found = []
        for i, one in enumerate(wanted, 1):
            found.append(encoded(coder, store.uploads.placed(one)))
            yield Progress(i, len(wanted))
        rgb = coder.rgb
    samples = torch.cat(found[: len(begun)])
    cells = _cells(selected, factor)
    if content is Content.NOISE:
        noise = Noise(0, len(samples)).draw(samples.shape).to(samples.device)
        samples = torch.where(cells.to(samples.device) > 0, noise, samples)
    return Latent(
        store.uploads.taken(samples),
        vae.checkpoint.family,
        factor,
        rgb=rgb,
        mask=cells,
        masked=store.uploads.taken(torch.cat(found[len(begun) :])),
    )


def _fitting(mask: NDArray[np.float32], image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `mask`, one for each picture; raise when it is of another size."""
    if mask.shape[1:] != image.shape[1:3] or len(mask) not in (1, len(image)):
        message = (
            f"the mask is {mask.shape[2]} × {mask.shape[1]} ({len(mask)}), the picture "
            f"{image.shape[2]} × {image.shape[1]} ({len(image)}): give a mask of the same size"
        )
        raise ImageError(message)
    return np.broadcast_to(mask, image.shape[:3]).copy()


def _cut(array: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    """Return (N, H, W, ...) cropped around the middle to multiples of `factor`."""
    planes = array[..., None] if array.ndim == 3 else array  # noqa: PLR2004 - a mask
    # Neither PyTorch nor what comes next may write into it, and arrays on wires are read-only.
    done: NDArray[np.float32] = cropped(torch.from_numpy(planes.copy()), factor).numpy()
    return done[..., 0] if array.ndim == 3 else done  # noqa: PLR2004


def _single(pictures: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [np.ascontiguousarray(picture[None]) for picture in pictures]


def _cells(mask: NDArray[np.float32], factor: int) -> Tensor:
    """Return (N, 1, h, w): a cell is as selected as the most selected of its pixels."""
    return functional.max_pool2d(torch.from_numpy(mask.copy())[:, None], factor)


def _begun(
    picture: NDArray[np.float32], mask: NDArray[np.float32], content: Content
) -> NDArray[np.float32]:
    """Return `picture` with what a sampling is to find in the selected part."""
    chosen = mask[..., None]
    match content:
        case Content.FILL:
            return picture * (1 - chosen) + _filled(picture, mask > 0) * chosen
        case Content.BLANK:
            return picture * (1 - chosen) + np.float32(_GREY) * chosen
        case _:
            return picture


def _filled(picture: NDArray[np.float32], holes: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return `picture` with the colours around them drawn into its holes (Telea 2004)."""
    import cv2

    done = picture.copy()
    for i, (one, hole) in enumerate(zip(picture, holes, strict=True)):
        if hole.all():
            done[i] = _GREY
        elif hole.any():
            eight = np.rint(one * 255).astype(np.uint8)
            drawn = cv2.inpaint(eight, hole.astype(np.uint8), _RADIUS, cv2.INPAINT_TELEA)
            done[i] = np.where(hole[..., None], np.asarray(drawn, dtype=np.float32) / 255, one)
    return done
