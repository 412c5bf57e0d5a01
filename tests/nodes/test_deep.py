"""Pictures with 16 bits a colour keep them all."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageCms

from nodes.errors import ImageError
from nodes.images import load_image
from tests.nodes.test_images import saved

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RANDOM = np.random.default_rng(5)


def deep(channels: int, height: int = 6, width: int = 9) -> NDArray[np.uint16]:
    return RANDOM.integers(0, 1 << 16, (height, width, channels), dtype=np.uint16)


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def write_png(
    path: Path, pixels: NDArray[np.uint16], kind: int, more: bytes = b"", method: int = 0
) -> Path:
    """Write what Pillow cannot: 16 bits a colour, each row with its own filter."""
    height, width, channels = pixels.shape
    rows = pixels.astype(">u2").view(np.uint8).reshape(height, -1)
    step = channels * 2
    lines = b""
    before = np.zeros_like(rows[0])
    for number, row in enumerate(rows):
        left = np.concatenate([np.zeros(step, np.uint8), row[:-step]])
        kind_of_row = number % 3
        taken = (row, row - left, row - before)[kind_of_row]
        lines += bytes([kind_of_row]) + taken.tobytes()
        before = row
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, method)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + more
        + chunk(b"IDAT", zlib.compress(lines))
        + chunk(b"IEND", b"")
    )
    return path


def write_tiff(path: Path, pixels: NDArray[np.uint16], order: str, *, packed: bool) -> Path:
    """Write a TIFF of one strip: `order` is "<" or ">"; `packed` for Deflate."""
    height, width, channels = pixels.shape
    data = pixels.astype(f"{order}u2").tobytes()
    strip = zlib.compress(data) if packed else data
    start = 8 + len(strip) + len(strip) % 2
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, channels, start),
        (259, 3, 1, 8 if packed else 1),
        (262, 3, 1, 2),
        (273, 4, 1, 8),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, len(strip)),
        *([(338, 3, 1, 2)] if channels == 4 else []),
    ]
    depths = struct.pack(f"{order}{channels}H", *[16] * channels)
    table = struct.pack(f"{order}H", len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count == 1
        table += struct.pack(f"{order}HHI", tag, kind, count)
        table += struct.pack(f"{order}HH", value, 0) if short else struct.pack(f"{order}I", value)
    table += bytes(4)
    magic = b"II" if order == "<" else b"MM"
    head = magic + struct.pack(f"{order}HI", 42, start + len(depths))
    path.write_bytes(head + strip.ljust(start - 8, b"\0") + depths + table)
    return path


def check(path: Path, pixels: NDArray[np.uint16]) -> None:
    loaded = load_image(path)
    expected = pixels.astype(np.float32) / np.float32(65535)
    assert np.array_equal(loaded.image[0], expected[..., :3])
    alpha = expected[..., 3] if pixels.shape[-1] == 4 else np.ones_like(expected[..., 0])
    assert np.array_equal(loaded.alpha[0], alpha)


@pytest.mark.parametrize(("channels", "kind"), [(3, 2), (4, 6)])
def test_png(tmp_path: Path, channels: int, kind: int) -> None:
    pixels = deep(channels)
    check(write_png(tmp_path / "p.png", pixels, kind), pixels)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
def test_tiff(tmp_path: Path, channels: int, order: str, packed: bool) -> None:
    pixels = deep(channels)
    check(write_tiff(tmp_path / "p.tif", pixels, order, packed=packed), pixels)


def test_neighbours_that_differ_in_the_lower_byte_only(tmp_path: Path) -> None:
    ramp = np.arange(256, dtype=np.uint16)[None, :, None] + np.zeros((2, 1, 3), np.uint16) + 30000
    image = load_image(write_png(tmp_path / "p.png", ramp, 2)).image
    assert len(np.unique(image)) == 256


def test_upright(tmp_path: Path) -> None:
    pixels = deep(3)
    exif = Pil.Exif()
    exif[0x0112] = 6
    more = chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    check(write_png(tmp_path / "p.png", pixels, 2, more), np.rot90(pixels, -1))


def test_profiles(tmp_path: Path) -> None:
    pixels = deep(3)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = chunk(b"iCCP", b"icc\0\0" + zlib.compress(srgb))
    check(write_png(tmp_path / "s.png", pixels, 2, more), pixels)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    other = write_png(
        tmp_path / "o.png", pixels, 2, chunk(b"iCCP", b"icc\0\0" + zlib.compress(lab))
    )
    # Brought to sRGB, or left alone, in 8 bits: near, and no more than that.
    found = load_image(other).image[0] * 255
    assert np.array_equal(found, found.round())


def test_eight_bits_stay_eight_bits(tmp_path: Path) -> None:
    pixels = RANDOM.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    for name in ("p.png", "p.tif", "p.bmp"):
        path = saved(tmp_path / name, Pil.fromarray(pixels))
        assert np.array_equal(
            load_image(path).image[0], pixels.astype(np.float32) / np.float32(255)
        )


def test_one_that_is_cut_off_is_told(tmp_path: Path) -> None:
    path = write_png(tmp_path / "p.png", deep(3, 200, 200), 2)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ImageError, match="broken or cut off"):
        load_image(path)
