"""The graph inside a PNG: every reader opens the picture, and the graph comes back."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from graph.errors import SfumatoError
from graph.format import dump, parse
from graph.png import ascii_json, chunks, read_graph, with_graph
from tests.graph.build import CATALOG, build, n

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full


def picture(size: int = 4, **text: str) -> bytes:
    info = PngInfo()
    for key, value in text.items():
        info.add_text(key, value)
    out = io.BytesIO()
    Image.new("RGB", (size, size), "#804020").save(out, "png", pnginfo=info)
    return out.getvalue()


def test_a_graph_comes_back_from_its_picture() -> None:
    graph = build(n("w", "words", text="Grün, 红星, ⭐ und 𝄞"))
    data = with_graph(picture(), dump(graph))
    found = read_graph(data)
    assert found is not None
    assert parse(found, catalog=CATALOG) == graph


def test_pillow_reads_it_and_the_pixels_are_the_same() -> None:
    graph = dump(build(n("w", "words", text="Grün")))
    plain, data = picture(), with_graph(picture(), dump(build(n("w", "words", text="Grün"))))
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.text["sfumato"].encode() == ascii_json(graph)  # type: ignore[attr-defined]
        pixels = opened.tobytes()
    with Image.open(io.BytesIO(plain)) as opened:
        assert opened.tobytes() == pixels


def test_a_large_graph_does_not_keep_pillow_from_the_picture() -> None:
    text = dump(build(*(n(f"w{i}", "words", text="ü" * 20_000) for i in range(20))))
    assert len(text) > 700_000
    data = with_graph(picture(), text)
    assert len(data) > 2 << 20
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        assert len(opened.text["sfumato"]) > 2 << 20  # type: ignore[attr-defined]


def test_every_chunk_is_sound() -> None:
    data = with_graph(picture(), b'{"a": "\xc3\xbc"}')
    for kind, content, offset in chunks(data):
        (check,) = struct.unpack_from(">I", data, offset + 8 + len(content))
        assert check == zlib.crc32(kind + content)
    assert [kind for kind, _content, _offset in chunks(data)][:2] == [b"IHDR", b"tEXt"]


def test_a_new_graph_takes_the_place_of_the_old() -> None:
    data = with_graph(with_graph(picture(Author="Ada"), b'{"old": 1}'), b'{"new": 1}')
    assert read_graph(data) == b'{"new": 1}'
    assert b"old" not in data
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.text == {"Author": "Ada", "sfumato": '{"new": 1}'}  # type: ignore[attr-defined]


def test_pictures_without_a_graph() -> None:
    assert read_graph(picture(Comment="sfumato")) is None
    assert read_graph(b"") is None
    assert read_graph(b"GIF89a") is None


def test_what_is_no_png_is_said() -> None:
    for data in (b"", b"GIF89a", picture()[:20]):
        with pytest.raises(SfumatoError, match="not a PNG with pixels"):
            with_graph(data, b"{}")


@given(st.data())
def test_a_picture_cut_short_or_damaged_is_no_traceback(data: st.DataObject) -> None:
    whole = with_graph(picture(), b'{"a": 1}')
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4)) if damaged else 0):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    found = read_graph(bytes(damaged))
    assert found is None or isinstance(found, bytes)


@given(st.text())
def test_any_text_survives_the_way_into_ascii(text: str) -> None:
    import msgspec

    try:
        encoded = msgspec.json.encode(text)
    except UnicodeEncodeError:
        return
    assert msgspec.json.decode(ascii_json(encoded)) == text
    assert ascii_json(encoded).isascii()
