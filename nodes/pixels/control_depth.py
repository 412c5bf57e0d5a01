"""Depth maps by public models of transformers: DPT (MiDaS) and Depth Anything, from a folder.

The folder is as `save_pretrained` writes it and hubs hand it out: `config.json`,
`preprocessor_config.json` and safetensors. Nothing is downloaded.
"""

from __future__ import annotations

import logging
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
from graph.values import Checkpoint, Image
from nodes.errors import CheckpointError
from nodes.families.header import read_header
from nodes.families.weights import read_config
from nodes.pixels.colour import grey_image
from nodes.store import models
from nodes.streaming import computes_on

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

_KINDS = ("dpt", "depth_anything")
_WANTED = "choose the folder of a DPT (MiDaS) or Depth Anything model"
_CONFIG, _PREPARE = "config.json", "preprocessor_config.json"


class DepthNetwork:
    """A network that sees depth, with what prepares pictures for it."""

    def __init__(self, module: nn.Module, prepare: Any, *, metric: bool) -> None:
        """Hold a network; one that is `metric` says distances, the others nearness."""
        self.module = module
        self._prepare = prepare
        self._metric = metric

    @torch.no_grad()
    def see(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (H, W), 1 = nearest and 0 = farthest in the picture, of (H, W, 3)."""
        whole = (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)
        pixels = self._prepare(images=whole, return_tensors="pt")["pixel_values"]
        depth: Tensor = self.module(pixels.to(computes_on(self.module))).predicted_depth
        depth = F.interpolate(
            depth.float()[:, None], size=picture.shape[:2], mode="bicubic", align_corners=False
        )[0, 0].cpu()
        depth = -depth if self._metric else depth
        low, high = depth.min(), depth.max()
        # A picture without depth is flat and far.
        depth = (depth - low) / (high - low) if high > low else torch.zeros_like(depth)
        return np.asarray(depth.clamp(0, 1), dtype=np.float32)


@node(
    "Depth Map",
    category="Control",
    synonyms=("depth", "MiDaS", "DPT", "Depth Anything", "distance", "preprocessor", "controlnet"),
    lane=Lane.GPU,
)
def depth_map(
    run: Run,
    image: Annotated[Image, Doc("What depth is seen in.")],
    model: Annotated[
        Path | None,
        File("depth", (".safetensors",), folders=True),
        Doc("The folder of a DPT or Depth Anything model, or the .safetensors in it."),
    ] = None,
) -> Image:
    """See how near everything in a picture is: white is nearest, black farthest.

    Needs a model that you have: the folder of a DPT (MiDaS) or Depth Anything model, with its
    config.json. Each picture is stretched from black to white for itself.
    """
    if model is None:
        raise CheckpointError(f"no depth model is chosen: {_WANTED}")
    folder = model if model.is_dir() else model.parent
    verify(folder)
    run.reads.extend(folder / name for name in (_CONFIG, _PREPARE))
    source = Checkpoint(run.service(FileIndex).fingerprint(model), "depth", model)
    with models(run).network(source, lambda _path: load(folder), frugal=run.frugal) as network:
        return grey_image(np.stack([network.see(picture) for picture in image]))


def verify(folder: Path) -> None:
    """Check from headers alone that the depth model in `folder` is whole and can be run.

    Raises:
        CheckpointError: it is not; the message names the file and what was expected.
    """
    for name in (_CONFIG, _PREPARE):
        if not (folder / name).is_file():
            raise CheckpointError(f"{folder.name} has no {name}: {_WANTED}, with all its files")
    kind = read_config(folder / _CONFIG).get("model_type")
    if kind not in _KINDS:
        raise CheckpointError(f"{folder.name} is a model of type {kind or 'unknown'}: {_WANTED}")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise CheckpointError(f"{folder.name} has no .safetensors: {_WANTED}, saved as safetensors")
    for path in files:
        read_header(path)


def load(folder: Path) -> DepthNetwork:
    """Load the depth model in `folder`, on the CPU.

    Raises:
        CheckpointError: its weights do not fit its config.json; the keys are named.
    """
    from transformers import AutoModelForDepthEstimation, DPTImageProcessorPil

    log = logging.getLogger("transformers.modeling_utils")
    log.addFilter(_is_no_report)
    try:
        found, told = AutoModelForDepthEstimation.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    finally:
        log.removeFilter(_is_no_report)
    missing = sorted(told["missing_keys"])
    if missing:
        named = ", ".join(missing[:3])
        raise CheckpointError(
            f"{folder.name} lacks {len(missing)} of its weights ({named} ...): download it again"
        )
    prepare = DPTImageProcessorPil.from_pretrained(folder, local_files_only=True)
    metric = getattr(found.config, "depth_estimation_type", "relative") == "metric"
    return DepthNetwork(found.eval(), prepare, metric=metric)


def _is_no_report(record: logging.LogRecord) -> bool:
    """Say whether `record` is anything but the table of weights that do not fit: we tell that."""
    return "LOAD REPORT" not in record.getMessage()
