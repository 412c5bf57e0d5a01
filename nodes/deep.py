"""Both bytes of pictures with 16 bits a colour, of which Pillow hands out the upper one only.

Pillow's decoders take such a picture apart in full and then keep the byte that its *raw mode* calls
the significant one. So the picture is decoded a second time with the raw mode of the other byte
order, which gives the lower byte of every colour.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image as Pil
from PIL import ImageFile, ImageOps

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_FOREIGN = "B" if sys.byteorder == "little" else "L"
_ORDERS = {"L": "B", "B": "L", "N": _FOREIGN}
_MODES = ("RGB", "RGBA")


def read_deep(path: Path, opened: Pil.Image) -> NDArray[np.uint16] | None:
    """Return the picture `opened` from `path`, upright, as (H, W, 3 or 4) of 16 bits each.

    None when it has no more than 8, or is stored in a way whose lower bytes Pillow cannot give.
    """
    if not isinstance(opened, ImageFile.ImageFile):
        return None
    with Pil.open(path) as again:
        assert isinstance(again, ImageFile.ImageFile)  # noqa: S101 - as the first was
        swapped = [_swapped(tile) for tile in again.tile]
        if opened.mode not in _MODES or not swapped or None in swapped:
            return None
        again.tile = swapped
        low = np.asarray(ImageOps.exif_transpose(again))
    both: NDArray[np.uint16] = np.asarray(ImageOps.exif_transpose(opened)).astype(np.uint16)
    both <<= 8
    both |= low
    return both


def _swapped(tile: Any) -> Any:
    """Return `tile`, a part of a picture as Pillow means to decode it, with the other byte order.

    None when it is not stored with 16 bits a colour.
    """
    whole = (tile.args,) if isinstance(tile.args, str) else tile.args
    mode, _, depth = str(whole[0]).partition(";")
    if mode not in _MODES or depth[:-1] != "16" or depth[-1] not in _ORDERS:
        return None
    swapped = f"{mode};16{_ORDERS[depth[-1]]}"
    return tile._replace(args=swapped if isinstance(tile.args, str) else (swapped, *whole[1:]))
