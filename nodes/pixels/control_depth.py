"""Depth maps by public models: DPT (MiDaS) and Depth Anything (transformers), Marigold (diffusers).

The folder is as `save_pretrained` writes it and hubs hand it out. Nothing is downloaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import torch
from torch.nn import functional as F

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File
from graph.run import Run
from graph.spec import Lane
from graph.values import Checkpoint, Image, Steps
from nodes.errors import CheckpointError
from nodes.pixels.batches import size_of
from nodes.pixels.colour import grey_image
from nodes.pixels.marigold import INDEX, is_marigold, load_marigold, looked_at, verify_marigold
from nodes.pixels.public import (
    CONFIG,
    PREPARE,
    eight_bits,
    folder_of,
    load_network,
    verify_folder,
)
from nodes.store import models
from nodes.streaming import computes_on

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

_KINDS = ("dpt", "depth_anything")
_WANTED = "choose the folder of a DPT (MiDaS), Depth Anything or Marigold depth model"


class DepthNetwork:
    """A network that sees depth, with what prepares pictures for it."""

    def __init__(self, module: nn.Module, prepare: Any, *, metric: bool) -> None:
        """Hold a network; one that is `metric` says distances, the others nearness."""
        self.module = module
        self._prepare = prepare
        self._metric = metric

    @torch.no_grad()
    def see(self, picture: NDArray[np.float32]) -> Tensor:
        """Return (H, W) of (H, W, 3): larger is nearer."""
        pixels = self._prepare(images=eight_bits(picture), return_tensors="pt")["pixel_values"]
        depth: Tensor = self.module(pixels.to(computes_on(self.module))).predicted_depth
        depth = F.interpolate(
            depth.float()[:, None], size=picture.shape[:2], mode="bicubic", align_corners=False
        )[0, 0].cpu()
        return -depth if self._metric else depth


@node(
    "Depth Map",
    category="Control",
    synonyms=(
        "depth", "MiDaS", "DPT", "Depth Anything", "Marigold", "distance", "preprocessor",
        "controlnet",
    ),
    lane=Lane.GPU,
)  # fmt: skip
def depth_map(
    run: Run,
    image: Annotated[Image, Doc("What depth is seen in.")],
    model: Annotated[
        Path | None,
        File("depth", (".safetensors",), folders=True),
        Doc("The folder of a DPT, Depth Anything or Marigold model, or the .safetensors in it."),
    ] = None,
) -> Steps[Image]:
    """See how near everything in a picture is: white is nearest, black farthest.

    Needs a model that you have: the folder of a DPT (MiDaS) or Depth Anything model, with its
    config.json, or of a Marigold depth model. Each picture is stretched from black to white for
    itself.
    """
    if model is None:
        raise CheckpointError(f"no depth model is chosen: {_WANTED}")
    source = Checkpoint(run.service(FileIndex).fingerprint(model), "depth", model)
    if is_marigold(model, "Depth"):
        verify_marigold(model)
        run.reads.append(model / INDEX)
        with models(run).network(source, load_marigold, frugal=run.frugal) as slow:
            found = yield from looked_at(slow, image, slow.steps, slow.resolution, 0)
        planes = [_nearness(each, size_of(image)) for each in found]
    else:
        folder = folder_of(model)
        verify_folder(folder, _KINDS, _WANTED)
        run.reads.extend(folder / name for name in (CONFIG, PREPARE))
        with models(run).network(source, lambda _path: load(folder), frugal=run.frugal) as network:
            planes = [network.see(picture) for picture in image]
    return grey_image(np.stack([_stretched(plane) for plane in planes]))


def _nearness(decoded: Tensor, size: tuple[int, int]) -> Tensor:
    """Return (H, W), larger is nearer, of what a Marigold decoded: -1 near to 1 far in three."""
    far = decoded.mean(dim=1, keepdim=True).clip(-1, 1)
    return -F.interpolate(far, size[::-1], mode="bilinear")[0, 0]


def _stretched(near: Tensor) -> NDArray[np.float32]:
    """Return it from 0 to 1; a picture without depth is flat and far."""
    low, high = near.min(), near.max()
    done = (near - low) / (high - low) if high > low else torch.zeros_like(near)
    return np.asarray(done.clamp(0, 1), dtype=np.float32)


def load(folder: Path) -> DepthNetwork:
    """Load the depth model in `folder`, on the CPU.

    Raises:
        CheckpointError: its weights do not fit its config.json; the keys are named.
    """
    from transformers import AutoModelForDepthEstimation, DPTImageProcessorPil

    found = load_network(AutoModelForDepthEstimation, folder)
    prepare = DPTImageProcessorPil.from_pretrained(folder, local_files_only=True)
    metric = getattr(found.config, "depth_estimation_type", "relative") == "metric"
    return DepthNetwork(found, prepare, metric=metric)
