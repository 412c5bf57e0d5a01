"""Values as safetensors: the library reads what we write, we read what it writes, no lie harms."""

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from graph.handlers import Packed
from graph.tensor_file import FileWriter, fold, size_of, unfold

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timeout(1200)  # thousands of examples with --full

KINDS = ["?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8", "<c8"]
shapes = st.lists(st.integers(0, 5), max_size=4).map(tuple)
arrays = st.dictionaries(
    st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
    st.tuples(st.sampled_from(KINDS), shapes),
    max_size=4,
)
words = st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=9) | st.none())


def filled(kind: str, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[Any]]:
    return np.arange(int(np.prod(shape))).reshape(shape).astype(kind)


@given(arrays, words, words)
def test_what_was_folded_is_what_is_unfolded_and_the_library_reads_it(
    layout: dict[str, tuple[str, tuple[int, ...]]], meta: dict[str, Any], aside: dict[str, Any]
) -> None:
    packed = Packed(meta, {name: filled(*of) for name, of in layout.items()}, aside)
    parts = fold("Kind", packed)
    data = b"".join(parts)
    assert len(data) == size_of(parts)
    kind, again = unfold(data)
    assert (kind, again.meta, again.aside) == ("Kind", meta, aside)
    for found in (again.arrays, load(data)):
        assert set(found) == set(packed.arrays)
        for name, array in packed.arrays.items():
            assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
            assert found[name].tobytes() == array.tobytes()
    assert again.digest("Kind") == packed.digest("Kind")


def test_what_the_library_writes_is_read(tmp_path: Path) -> None:
    theirs = Packed({}, {"a": filled("<f4", (3, 2)), "b": filled("u1", (5,))})
    words = {
        "kind": "Kind",
        "meta": "{}",
        "aside": "{}",
        "seal": unsealed(b"".join(fold("K", theirs))),
    }
    _kind, found = unfold(save(dict(theirs.arrays), metadata=words))
    assert found.digest("Kind") == theirs.digest("Kind")
    FileWriter().write(tmp_path / "file", fold("Kind", theirs))
    assert unfold((tmp_path / "file").read_bytes())[1].digest("Kind") == theirs.digest("Kind")


def unsealed(data: bytes) -> str:
    """The seal of a file."""
    length = int.from_bytes(data[:8], "little")
    return str(json.loads(data[8 : 8 + length])["__metadata__"]["seal"])


@pytest.mark.parametrize("size", [5, 2 << 20])
def test_a_file_that_is_there_is_not_written_over(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        FileWriter().write(tmp_path / "file", [bytes(size)])
    assert (tmp_path / "file").read_bytes() == b"mine"


EDGES = [0, 1, 4095, 4096, 4097, 1 << 20, (4 << 20) - 8, 4 << 20, (4 << 20) + 8, 9_000_001]


@pytest.mark.parametrize("size", EDGES)
@pytest.mark.parametrize("direct", [True, False])
def test_every_byte_of_a_file_of_any_size_arrives(tmp_path: Path, size: int, direct: bool) -> None:
    data = np.random.default_rng(size).integers(0, 256, size, np.uint8).tobytes()
    parts = [data[: size // 3], data[size // 3 : size // 2], data[size // 2 :]]
    writer = FileWriter()
    writer._direct = writer._direct and direct
    writer.write(tmp_path / "file", parts)
    assert (tmp_path / "file").read_bytes() == data
    assert writer._direct == (direct and hasattr(os, "O_DIRECT"))


def test_a_file_system_that_knows_only_its_cache_is_written_through_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _data: object) -> int:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr("graph.tensor_file.os.write", refuse)
    FileWriter().write(tmp_path / "file", [b"x" * (2 << 20)])
    assert (tmp_path / "file").read_bytes() == b"x" * (2 << 20)


@pytest.mark.parametrize("kind", ["<c16", ">f4", "<U3", "O"])
def test_what_safetensors_cannot_hold_is_said(kind: str) -> None:
    with pytest.raises(ValueError, match="cannot be kept on disk"):
        fold("Kind", Packed({}, {"a": np.zeros(2, kind)}))


SOUND = b"".join(fold("Kind", Packed({"a": 1}, {"x": filled("<f4", (4,))}, {"place": "/home"})))


@given(st.data())
def test_no_damage_is_taken_for_the_value(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SOUND) - 1))
    harm = data.draw(st.sampled_from(["cut", "flip", "double"]))
    harmed = bytearray(SOUND)
    if harm == "cut":
        del harmed[place:]
    elif harm == "flip":
        harmed[place] ^= 1 << data.draw(st.integers(0, 7))
    else:
        harmed[place:place] = SOUND
    digest = unfold(SOUND)[1].digest("Kind")
    try:
        kind, found = unfold(bytes(harmed))
        same = found.digest(kind) == digest
    except (ValueError, KeyError, TypeError, AttributeError):
        return
    assert not same or (found.meta, found.aside) == ({"a": 1}, {"place": "/home"})


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [4], "data_offsets": [0, 1 << 40]},
        {"dtype": "F32", "shape": [4], "data_offsets": [-8, 8]},
        {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 16]},
        {"dtype": "F99", "shape": [4], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": "four", "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [4], "data_offsets": 16},
        [],
    ],
)
def test_lies_about_an_array_are_refused(entry: object) -> None:
    words = {
        "kind": "Kind",
        "meta": "{}",
        "aside": "{}",
        "seal": unsealed(b"".join(fold("K", Packed()))),
    }
    text = json.dumps({"__metadata__": words, "x": entry}).encode()
    with pytest.raises((ValueError, KeyError, TypeError)):
        unfold(len(text).to_bytes(8, "little") + text + bytes(16))


def test_a_header_that_is_nested_without_end_is_refused() -> None:
    text = b"[" * 100_000
    with pytest.raises(ValueError, match="nested too deep"):
        unfold(len(text).to_bytes(8, "little") + text)
