"""Reads picture files as the wires want them, and encodes pictures as PNG.

What comes in may be anything a camera or a painting program writes: turned on its side (EXIF), in
another colour space (ICC profile), indexed, grey, 16 bits deep, with or without alpha.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageCms, ImageOps, UnidentifiedImageError

from nodes.deep import read_deep
from nodes.errors import ImageError

if TYPE_CHECKING:
    from pathlib import Path

    from graph.values import Image, Mask

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
MOST_PIXELS = 180_000_000
"""Pictures beyond this are refused: 16 bytes a pixel in memory, 2.9 GB."""

_DEEP: dict[str, float] = {"I;16": 65535.0, "I;16B": 65535.0, "I;16L": 65535.0, "I": 65535.0}
"""Grey modes deeper than 8 bits -> the value of white."""
_Bytes: TypeAlias = NDArray[np.uint8]


def read_picture(path: Path) -> tuple[Image, Mask]:
    """Return the picture at `path` as (1, H, W, 3), sRGB, and its alpha as (1, H, W), 1 = opaque.

    Colours under transparency are kept. So are 16 bits a colour, where no colour profile other than
    sRGB has to be applied: that is done in 8 bits.

    Raises:
        ImageError: it is missing, too large, cut off, or not a picture.
    """
    try:
        with Pil.open(path) as opened:
            _check_size(path, opened)
            deep = None if _has_other_profile(opened) else read_deep(path, opened)
            return _arrays(ImageOps.exif_transpose(opened), deep)
    except (Pil.DecompressionBombError, Pil.DecompressionBombWarning) as error:
        message = f"{path.name} has too many pixels ({error}): scale it down first"
        raise ImageError(message) from error
    except FileNotFoundError as error:
        message = f"{path} is missing: put it back or choose another picture"
        raise ImageError(message) from error
    except UnidentifiedImageError as error:
        message = f"{path.name} is not a picture that can be read: use PNG, JPEG or WebP"
        raise ImageError(message) from error
    except (OSError, ValueError, SyntaxError) as error:
        # Pillow's decoders use all three for broken files.
        message = f"{path.name} is broken or cut off ({error}): save or copy it again"
        raise ImageError(message) from error


def _check_size(path: Path, picture: Pil.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        message = (
            f"{path.name} has {picture.width} × {picture.height} pixels, the limit is "
            f"{MOST_PIXELS // 1_000_000} million: scale it down first"
        )
        raise ImageError(message)


def _arrays(picture: Pil.Image, deep: NDArray[np.uint16] | None) -> tuple[Image, Mask]:
    if picture.mode in _DEEP:
        grey = np.asarray(picture, dtype=np.float32) / np.float32(_DEEP[picture.mode])
        colours = np.repeat(grey.clip(0, 1)[..., None], 3, axis=-1)
        return colours[None], np.ones((1, *grey.shape), dtype=np.float32)
    if deep is None:
        colours, alpha = _floats(np.asarray(_to_srgb(picture))), _alpha(picture)
    else:
        colours = _floats(deep[..., :3])
        alpha = _alpha(picture) if deep.shape[-1] == 3 else _floats(deep[..., 3])  # noqa: PLR2004
    if alpha is None:
        alpha = np.ones(colours.shape[:2], dtype=np.float32)
    return colours[None], alpha[None]


def _floats(array: _Bytes | NDArray[np.uint16]) -> NDArray[np.float32]:
    return array.astype(np.float32) / np.float32(np.iinfo(array.dtype).max)


def _alpha(picture: Pil.Image) -> NDArray[np.float32] | None:
    if not picture.has_transparency_data:
        return None
    return _floats(np.asarray(picture.convert("RGBA").getchannel("A")))


def _to_srgb(picture: Pil.Image) -> Pil.Image:
    """Return `picture` in mode RGB and in sRGB, by its own profile where it brings one."""
    profile = picture.info.get("icc_profile")
    if picture.mode in ("P", "PA", "LA", "RGBA", "RGBX"):
        # Through RGBA, which keeps the colours under transparency; profiles know no alpha.
        picture = picture.convert("RGBA").convert("RGB")
    if profile:
        picture = _converted(picture, profile)
    return picture.convert("RGB")


def _has_other_profile(picture: Pil.Image) -> bool:
    """Say whether `picture` brings a colour profile that is not sRGB."""
    profile = picture.info.get("icc_profile")
    if not profile:
        return False
    try:
        return "sRGB" not in ImageCms.getProfileDescription(io.BytesIO(profile))
    except (ImageCms.PyCMSError, OSError, ValueError):
        return True


def _converted(picture: Pil.Image, profile: bytes) -> Pil.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        done = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        # Broken profiles, or ones for another mode, are common; other programs ignore them too.
        return picture
    return picture if done is None else done


def encode_png(picture: NDArray[np.float32]) -> bytes:
    """Return (H, W, 3) floats from 0 to 1 as an 8-bit PNG, each value rounded to the nearest."""
    whole = (picture.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    stream = io.BytesIO()
    Pil.fromarray(whole, "RGB").save(stream, "PNG")
    return stream.getvalue()
