"""ViTPose (Xu et al. 2022), from a folder of transformers: the points of one person in a box.

A box is cut out in the network's shape and size, and the network gives a heat map for each point.
Cutting out and reading are unbiased (UDP, Huang et al. 2020), reading is finer than a cell of the
map (DARK, Zhang et al. 2020); both as transformers' image processor does it, which needs a library
(SciPy) that is not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch.nn import functional as F

from nodes.errors import CheckpointError
from nodes.families.weights import read_config
from nodes.pixels.public import PREPARE, load_network, verify_folder
from nodes.streaming import computes_on

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor, nn

WANTED = "choose the folder of a ViTPose model"
_POINTS = 17
_WHOLE_BODY = 133
"""The first 17 of these are COCO's as well."""
_MARGIN = 1.25
"""How much more than the box is looked at."""
_SIGMA, _REACH = 0.8, 5
_FAINTEST, _BRIGHTEST = 1e-3, 50.0
_MEAN, _SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Box(NamedTuple):
    """Where a person is, in pixels."""

    x: float
    y: float
    width: float
    height: float


class _Frame(NamedTuple):
    """What the network sees: a rectangle of its own shape."""

    x: float
    y: float
    """Of the middle."""
    width: float
    height: float


class PoseNetwork:
    """A network that finds the points of a body."""

    def __init__(self, module: nn.Module, prepare: dict[str, Any]) -> None:
        """Hold a network and what its folder says of preparing pictures."""
        self.module = module
        size = prepare.get("size") or {"height": 256, "width": 192}
        self._size = (int(size["height"]), int(size["width"]))
        self._mean = torch.tensor(prepare.get("image_mean") or _MEAN)[:, None, None]
        self._spread = torch.tensor(prepare.get("image_std") or _SPREAD)[:, None, None]
        config: Any = module.config
        experts = getattr(config.backbone_config, "num_experts", 1) > 1
        # Of the tasks that such a network was taught, COCO is the first.
        self._task = {"dataset_index": torch.tensor([0])} if experts else {}

    @torch.no_grad()
    def see(self, picture: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
        """Return (17, 3) for the person in `box` of (H, W, 3): x, y in pixels, and how sure."""
        frame = self._frame(box)
        seen = (_cut_out(picture, frame, self._size) - self._mean) / self._spread
        device = computes_on(self.module)
        task = {name: index.to(device) for name, index in self._task.items()}
        heat = self.module(seen[None].to(device), **task).heatmaps[0, :_POINTS]
        return _read(np.asarray(heat.float().cpu()), frame)

    def _frame(self, box: Box) -> _Frame:
        shape = self._size[1] / self._size[0]
        width, height = max(box.width, box.height * shape), max(box.height, box.width / shape)
        middle = (box.x + box.width / 2, box.y + box.height / 2)
        return _Frame(*middle, width * _MARGIN, height * _MARGIN)


def _cut_out(picture: NDArray[np.float32], frame: _Frame, size: tuple[int, int]) -> Tensor:
    """Return (3, h, w) of (H, W, 3): the outermost pixels' middles lie on the edge of `frame`."""
    whole = torch.from_numpy(picture.copy()).movedim(-1, 0)[None]
    ways = []
    for middle, length, count, room in (
        (frame.x, frame.width, size[1], whole.shape[3]),
        (frame.y, frame.height, size[0], whole.shape[2]),
    ):
        places = middle - length / 2 + length * torch.arange(count) / (count - 1)
        # From -1 to 1 between the middles of the first and the last pixel.
        ways.append(2 * places / max(1, room - 1) - 1)
    down, across = torch.meshgrid(ways[1], ways[0], indexing="ij")
    grid = torch.stack([across, down], dim=-1)[None].float()
    return F.grid_sample(whole, grid, mode="bilinear", padding_mode="zeros", align_corners=True)[0]


def _read(heat: NDArray[np.float32], frame: _Frame) -> NDArray[np.float32]:
    """Return (K, 3) of heat maps (K, h, w): places in the picture, and how sure."""
    count, h, w = heat.shape
    rows, columns = np.unravel_index(heat.reshape(count, -1).argmax(axis=1), (h, w))
    sure = heat[np.arange(count), rows, columns]
    fine = np.stack([_finer(plane, r, c) for plane, r, c in zip(heat, rows, columns, strict=True)])
    x = frame.x - frame.width / 2 + (columns + fine[:, 0]) * frame.width / (w - 1)
    y = frame.y - frame.height / 2 + (rows + fine[:, 1]) * frame.height / (h - 1)
    return np.stack([x, y, sure], axis=-1).astype(np.float32)


def _finer(plane: NDArray[np.float32], row: int, column: int) -> NDArray[np.float64]:
    """Return how far right and below of a cell the summit of a bell through it lies."""
    import cv2

    side = 2 * _REACH + 1
    soft = cv2.GaussianBlur(plane, (side, side), _SIGMA, borderType=cv2.BORDER_REFLECT)
    logs = np.log(np.asarray(soft).clip(_FAINTEST, _BRIGHTEST)).astype(np.float64)
    near = np.pad(logs, 1, mode="edge")[row : row + 3, column : column + 3]
    slope = np.array([near[1, 2] - near[1, 0], near[2, 1] - near[0, 1]]) / 2
    middle = near[1, 1]
    right, down = near[1, 0] + near[1, 2] - 2 * middle, near[0, 1] + near[2, 1] - 2 * middle
    across = (
        near[2, 2] - near[1, 2] - near[2, 1] + 2 * middle - near[1, 0] - near[0, 1] + near[0, 0]
    ) / 2
    bend = np.array([[right, across], [across, down]]) + np.finfo(np.float32).eps * np.eye(2)
    return -np.asarray(np.linalg.solve(bend, slope), dtype=np.float64)


def load_pose(folder: Path) -> PoseNetwork:
    """Load the ViTPose model in `folder`, on the CPU.

    Raises:
        CheckpointError: it is none, or finds other points than those of COCO.
    """
    from transformers import VitPoseForPoseEstimation

    found = load_network(VitPoseForPoseEstimation, folder)
    count = found.config.num_labels
    if count not in (_POINTS, _WHOLE_BODY):
        raise CheckpointError(
            f"{folder.name} finds {count} points of a body, not the {_POINTS} of COCO: choose a "
            "ViTPose model for COCO or the whole body"
        )
    return PoseNetwork(found, dict(read_config(folder / PREPARE)))


def verify_pose(folder: Path) -> None:
    """Check from headers alone that `folder` holds a ViTPose model; raise `CheckpointError`."""
    verify_folder(folder, ("vitpose",), WANTED)
