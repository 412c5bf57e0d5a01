"""Normal maps: which way surfaces face, seen by a public model or worked out from a depth map."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from torch.nn import functional as F

from graph.declare import node
from graph.files import FileIndex
from graph.hints import Doc, File, Range, Seed
from graph.run import Run
from graph.spec import Lane
from graph.values import Checkpoint, Image, Steps
from nodes.errors import CheckpointError
from nodes.pixels.batches import size_of
from nodes.pixels.colour import luma
from nodes.pixels.filters import gaussian
from nodes.pixels.marigold import INDEX, is_marigold, load_marigold, looked_at, verify_marigold
from nodes.store import models

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_WANTED = "choose the folder of a Marigold normals model, as diffusers saves it"
_TINY = 1e-6


class Axes(StrEnum):
    """Which colours stand for which ways; blue always faces the viewer."""

    CONTROL_NET = "red left, green up"
    OPENGL = "red right, green up"
    DIRECTX = "red right, green down"

    @property
    def label(self) -> str:
        """What it is called on the screen."""
        return self.value.capitalize()


_SIGNS = {Axes.CONTROL_NET: (-1, 1, 1), Axes.OPENGL: (1, 1, 1), Axes.DIRECTX: (1, -1, 1)}
"""Of x to the right, y upwards and z to the viewer."""


@node(
    "Normal Map",
    category="Control",
    synonyms=("normals", "Marigold", "normalbae", "surface", "preprocessor", "controlnet"),
    lane=Lane.GPU,
)
def normal_map(
    run: Run,
    image: Annotated[Image, Doc("What surfaces are seen in.")],
    model: Annotated[
        Path | None,
        File("normal", (), folders=True),
        Doc("The folder of a Marigold normals model, with its model_index.json."),
    ] = None,
    axes: Annotated[
        Axes, Doc("The first is what ControlNets for normals (1.1) take, the others engines.")
    ] = Axes.CONTROL_NET,
    steps: Annotated[int, Range(0, 50), Doc("0 is as many as the model asks for.")] = 0,
    resolution: Annotated[
        int,
        Range(0, 4096, 8),
        Doc("Longer side at which it is looked at, in pixels; 0 is what the model asks for."),
    ] = 0,
    seed: Annotated[int, Seed(), Doc("Which noise to begin with.")] = 0,
) -> Steps[Image]:
    """See which way the surfaces in a picture face, as colours.

    Needs a model that you have: the folder of a Marigold normals model. Without one, Normals From
    Depth makes a like map from any depth map.
    """
    if model is None:
        raise CheckpointError(f"no model is chosen: {_WANTED}")
    if not is_marigold(model, "Normals"):
        raise CheckpointError(f"{model.name} is another model: {_WANTED}")
    verify_marigold(model)
    run.reads.append(model / INDEX)
    source = Checkpoint(run.service(FileIndex).fingerprint(model), "normal", model)
    with models(run).network(source, load_marigold, frugal=run.frugal) as network:
        count, side = steps or network.steps, resolution or network.resolution
        found = yield from looked_at(network, image, count, side, seed)
        half = network.half_sphere
    size = size_of(image)
    done = [_normals(each, size, half=half) for each in found]
    return coloured(np.stack(done), axes)


def _normals(decoded: Tensor, size: tuple[int, int], *, half: bool) -> NDArray[np.float32]:
    """Return unit vectors (H, W, 3) of what a model decoded to (1, 3, h, w), at `size`."""
    ways = decoded.clip(-1, 1)
    if half:
        ways[:, 2] = ways[:, 2] / 2 + 0.5
    ways = F.interpolate(_unit(ways), size[::-1], mode="bilinear")
    return np.asarray(_unit(ways)[0].movedim(0, -1), dtype=np.float32)


def _unit(ways: Tensor) -> Tensor:
    return F.normalize(ways, dim=1, eps=_TINY)


def coloured(normals: NDArray[np.float32], axes: Axes) -> NDArray[np.float32]:
    """Return unit vectors (N, H, W, 3; right, up, to the viewer) as the colours of `axes`."""
    signs = np.array(_SIGNS[axes], dtype=np.float32)
    return ((normals * signs + 1) / 2).clip(0, 1).astype(np.float32)


@node(
    "Normals From Depth",
    category="Control",
    synonyms=("normal map", "bump", "height", "surface", "preprocessor", "controlnet"),
    lane=Lane.CPU,
)
def normals_from_depth(
    depth: Annotated[Image, Doc("A depth map, white nearest, such as of Depth Map.")],
    relief: Annotated[
        float,
        Range(0, 10, 0.05),
        Doc("How far white stands out before black, in longer sides of the picture."),
    ] = 0.5,
    blur: Annotated[float, Range(0, 20, 0.5), Doc("Blurred first, to leave out grain.")] = 1.0,
    background: Annotated[
        float, Range(0, 1, 0.01), Doc("What is darker than this is flat and faces the viewer.")
    ] = 0.0,
    axes: Annotated[
        Axes, Doc("The first is what ControlNets for normals (1.1) take, the others engines.")
    ] = Axes.CONTROL_NET,
) -> Image:
    """Work out which way surfaces face, from how near they are.

    The steeper the depth map, the more a surface is turned away.
    """
    near = luma(depth)
    height = relief * max(size_of(depth))
    done = [_of_depth(plane, height, blur, background) for plane in near]
    return coloured(np.stack(done), axes)


def _of_depth(
    near: NDArray[np.float32], height: float, blur: float, background: float
) -> NDArray[np.float32]:
    """Return unit vectors (H, W, 3) of (H, W) that stands out by `height` pixels where it is 1."""
    soft = gaussian(np.ascontiguousarray(near), blur) if blur > 0 else near
    down, right = (
        np.gradient(soft, axis=axis) if soft.shape[axis] > 1 else np.zeros_like(soft)
        for axis in (0, 1)
    )
    flat = near < background
    # What rises to the right faces left; what rises downwards faces up.
    ways = np.stack([-right * height, down * height, np.ones_like(soft)], axis=-1)
    ways[flat] = (0, 0, 1)
    return np.asarray(ways / np.linalg.norm(ways, axis=-1, keepdims=True), dtype=np.float32)
