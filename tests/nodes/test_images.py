"""Pictures in and out: exact to 8 bits, whole or an error, never over an old file."""

from __future__ import annotations

import errno
import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from PIL import ImageCms

from graph.png import read_graph
from nodes.errors import ImageError
from nodes.images import load_image, preview, save_image
from nodes.naming import fill, safe_parts
from tests.nodes.driver import make_run

if TYPE_CHECKING:
    from graph.values import Image

RANDOM = np.random.default_rng(0)


def noise(count: int = 1, height: int = 5, width: int = 7) -> Image:
    """Pictures of whole bytes."""
    return RANDOM.integers(0, 256, (count, height, width, 3)).astype(np.float32) / np.float32(255)


def test_a_picture_survives_saving_to_the_bit(tmp_path: Path) -> None:
    run = make_run(tmp_path)
    image = noise(3)
    assert save_image(run, image) is image
    assert [path.name for path in run.files] == [f"sfumato_{i:05}.png" for i in (1, 2, 3)]
    for path, picture in zip(run.files, image, strict=True):
        loaded = load_image(path)
        assert np.array_equal(loaded.image[0], picture)
        assert loaded.image.dtype == np.float32
        assert (loaded.alpha == 1).all()


@pytest.mark.parametrize(
    "document",
    [
        {"prompt": "ein großer roter Stern, 星, 🌟"},
        {"prompt": "x" * 2_000_000},
    ],
    ids=["not ASCII", "2 MB"],
)
def test_the_graph_is_inside(tmp_path: Path, document: dict[str, str]) -> None:
    text = json.dumps(document, ensure_ascii=False).encode()
    run = make_run(tmp_path, text)
    save_image(run, noise())
    [path] = run.files
    with Pil.open(path) as opened:
        opened.load()
        assert json.loads(opened.text["sfumato"]) == document  # type: ignore[attr-defined]
    found = read_graph(path.read_bytes())
    assert found is not None
    assert json.loads(found) == document


class TestNames:
    def test_the_next_free_number(self, tmp_path: Path) -> None:
        for name in ("a_00007.png", "a_x.png", "b_00090.png", "a_00003.jpg"):
            (tmp_path / name).write_bytes(b"old")
        run = make_run(tmp_path)
        save_image(run, noise(), "a")
        assert run.files == [tmp_path / "a_00008.png"]
        assert (tmp_path / "a_00007.png").read_bytes() == b"old"

    def test_a_slash_makes_folders(self, tmp_path: Path) -> None:
        run = make_run(tmp_path, title="My Save")
        save_image(run, noise(), "stars/%title%/red")
        assert run.files == [tmp_path / "stars" / "My Save" / "red_00001.png"]

    def test_date_and_time(self) -> None:
        now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert fill("%date%/%time% %title%", "a/b", now) == "2026-01-02/030405 a_b"

    @pytest.mark.parametrize(
        ("name", "parts"),
        [
            ("", ["picture"]),
            ("../../etc/passwd", ["etc", "passwd"]),
            ("/etc/x", ["etc", "x"]),
            ("..", ["picture"]),
            ("C:\\x", ["C__x"]),
            ('a<b>:"|?*', ["a_b______"]),
            ("con/nul.txt/aux", ["_con", "_nul.txt", "_aux"]),
            ("trailing. ", ["trailing"]),
            ("größe 星", ["größe 星"]),
            ("x" * 500, ["x" * 120]),
        ],
    )
    def test_parts(self, name: str, parts: list[str]) -> None:
        assert safe_parts(name) == parts

    @given(st.text(max_size=300))
    def test_no_name_leads_out_of_the_folder(self, name: str) -> None:
        root = Path("/output")
        parts = safe_parts(name)
        assert parts
        path = Path(os.path.normpath(root.joinpath(*parts)))
        assert path.is_relative_to(root)
        assert path != root
        assert not any(set(part) & set('<>:"|?*\\\0') for part in parts)


class TestFullDisk:
    @pytest.fixture
    def full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_space(_handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("os.fsync", no_space)

    @pytest.mark.usefixtures("full")
    def test_nothing_is_left_behind_and_the_old_files_stay(self, tmp_path: Path) -> None:
        (tmp_path / "sfumato_00001.png").write_bytes(b"old")
        run = make_run(tmp_path)
        with pytest.raises(ImageError) as caught:
            save_image(run, noise())
        assert str(tmp_path) in str(caught.value)
        assert "No space left" in str(caught.value)
        assert "free space there, or choose another output folder" in str(caught.value)
        assert [path.name for path in tmp_path.iterdir()] == ["sfumato_00001.png"]
        assert (tmp_path / "sfumato_00001.png").read_bytes() == b"old"
        assert run.files == []

    def test_a_short_write_is_no_success(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A raw write may take less than it was given; the rest meets the full disk."""
        opened = Path.open

        class Disk(io.FileIO):
            def write(self, data: Any) -> int:
                if self.tell() >= 16:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                return super().write(bytes(data)[:16])

        def small(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
            if mode == "wb":
                return io.BufferedWriter(Disk(path, "w"))
            return opened(path, mode, *rest, **more)

        monkeypatch.setattr(Path, "open", small)
        with pytest.raises(ImageError, match="No space left"):
            save_image(make_run(tmp_path), noise())
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(ImageError, match="choose another output folder"):
            save_image(make_run(tmp_path / "file"), noise())


def saved(path: Path, picture: Pil.Image, **more: Any) -> Path:
    """Write `picture` as its user's program would."""
    picture.save(path, **more)
    return path


def colours(*rows: list[tuple[int, ...]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(rows, dtype=np.uint8)


class TestLoad:
    def test_nothing_chosen(self) -> None:
        with pytest.raises(ImageError, match="choose a PNG, JPEG or WebP"):
            load_image()

    def test_alpha_becomes_a_mask_and_colours_stay(self, tmp_path: Path) -> None:
        pixels = colours([(255, 0, 0, 255), (0, 255, 0, 0), (0, 0, 255, 51)])
        loaded = load_image(saved(tmp_path / "a.png", Pil.fromarray(pixels, "RGBA")))
        assert np.allclose(loaded.alpha, [[[1, 0, 0.2]]])
        assert np.array_equal(loaded.image[0, 0], np.eye(3, dtype=np.float32))

    def test_a_palette_with_a_transparent_colour(self, tmp_path: Path) -> None:
        picture = Pil.new("P", (2, 1))
        picture.putpalette([255, 0, 0, 0, 0, 255])
        picture.putdata([0, 1])
        loaded = load_image(saved(tmp_path / "p.png", picture, transparency=1))
        assert loaded.alpha.tolist() == [[[1, 0]]]
        assert loaded.image[0, 0, 0].tolist() == [1, 0, 0]

    def test_a_photo_on_its_side_is_turned(self, tmp_path: Path) -> None:
        exif = Pil.Exif()
        exif[0x0112] = 6  # turned a quarter to the left: its top is at the right
        picture = Pil.fromarray(colours([(255, 255, 255), (0, 0, 0)]).repeat(8, 0).repeat(8, 1))
        path = saved(tmp_path / "p.jpg", picture, exif=exif, quality=95)
        loaded = load_image(path)
        assert loaded.image.shape == (1, 16, 8, 3)
        assert loaded.image[0, :6].mean() > 0.9
        assert loaded.image[0, -6:].mean() < 0.1

    @pytest.mark.parametrize("mode", ["L", "1", "CMYK", "LA", "YCbCr", "I", "F"])
    def test_other_modes(self, tmp_path: Path, mode: str) -> None:
        white = Pil.new("RGB", (3, 2), (255, 255, 255)).convert(mode)
        if mode == "I":
            white = white.point(lambda value: value * 257)
        path = saved(tmp_path / "m.tiff", white)
        loaded = load_image(path)
        assert loaded.image.shape == (1, 2, 3, 3)
        assert loaded.image.min() > 0.98

    def test_sixteen_bit_grey_keeps_its_depth(self, tmp_path: Path) -> None:
        deep = np.array([[0, 1, 257, 65535]], dtype=np.uint16)
        loaded = load_image(saved(tmp_path / "d.png", Pil.fromarray(deep)))
        assert np.allclose(loaded.image[0, 0, :, 1] * 65535, deep, atol=0.01)

    def test_its_own_profile_is_obeyed(self, tmp_path: Path) -> None:
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
        same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        picture = Pil.fromarray(colours([(10, 128, 250)]))
        plain = load_image(saved(tmp_path / "s.png", picture, icc_profile=same)).image
        assert np.allclose(plain[0, 0, 0] * 255, (10, 128, 250), atol=1)
        linear = load_image(saved(tmp_path / "l.png", picture, icc_profile=_linear())).image
        # Half of the light is shown by 188 of 255 in sRGB.
        assert linear[0, 0, 0, 1] * 255 == pytest.approx(188, abs=2)
        # One that is for another mode is left aside, as other programs do.
        foreign = load_image(saved(tmp_path / "f.png", picture, icc_profile=profile.tobytes()))
        assert np.allclose(foreign.image, plain, atol=1 / 255)

    def test_too_many_pixels(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = saved(tmp_path / "big.png", Pil.new("L", (100, 50)))
        monkeypatch.setattr("nodes.pictures.MOST_PIXELS", 4999)
        with pytest.raises(ImageError, match="100 × 50 pixels, the limit is"):
            load_image(path)
        monkeypatch.setattr(Pil, "MAX_IMAGE_PIXELS", 100)
        with pytest.raises(ImageError, match="too many pixels"):
            load_image(path)

    @pytest.mark.parametrize("name", ["cut.png", "cut.jpg", "cut.webp"])
    def test_a_cut_off_file(self, tmp_path: Path, name: str) -> None:
        path = tmp_path / name
        Pil.fromarray((noise(1, 64, 64)[0] * 255).astype("u1")).save(path)
        path.write_bytes(path.read_bytes()[:-500])
        with pytest.raises(ImageError, match=rf"{name} is (broken|not a picture)"):
            load_image(path)

    def test_no_picture_and_no_file(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.png"
        path.write_text("not a picture")
        with pytest.raises(ImageError, match="use PNG, JPEG or WebP"):
            load_image(path)
        with pytest.raises(ImageError, match="is missing"):
            load_image(tmp_path / "gone.png")
        with pytest.raises(ImageError, match=r"broken|cut off|not a picture"):
            load_image(tmp_path)


def _linear() -> bytes:
    """An sRGB profile whose curves are straight: its numbers are light, not sRGB's steps."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132], "big")
    for i in range(count):
        entry = 132 + 12 * i
        if bytes(profile[entry : entry + 4]) in (b"rTRC", b"gTRC", b"bTRC"):
            offset = int.from_bytes(profile[entry + 4 : entry + 8], "big")
            # A parametric curve becomes a plain power of one.
            profile[offset : offset + 16] = b"para" + bytes(4) + bytes(4) + b"\0\x01\0\0"
    return bytes(profile)


def test_preview_hands_its_picture_on() -> None:
    image = noise()
    assert preview(image) is image
