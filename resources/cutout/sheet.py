"""Lays pictures out on one sheet."""

from __future__ import annotations

from typing import Final

import torch
from PIL import Image
from torch import Tensor

_GAP: Final = 12
_PAPER: Final = 255


def to_bytes(images: Tensor) -> Tensor:
    """Turn -1..1 into 8 bits: uint8 of the same shape."""
    return ((images.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)


def contact_sheet(images: Tensor, columns: int = 8) -> Image.Image:
    """Lay pictures [n, 3, edge, edge] out in rows with a gap between and round them."""
    count, _, height, width = images.shape
    rows = -(-count // columns)
    down, across = height + _GAP, width + _GAP
    sheet = torch.full((rows * down + _GAP, columns * across + _GAP, 3), _PAPER, dtype=torch.uint8)
    for index, picture in enumerate(to_bytes(images.cpu()).permute(0, 2, 3, 1)):
        top, left = _GAP + index // columns * down, _GAP + index % columns * across
        sheet[top : top + height, left : left + width] = picture
    return Image.fromarray(sheet.numpy())
