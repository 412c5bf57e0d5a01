"""Memory that runs out is recognised, told in words, and given back."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from graph.pack import assemble
from graph.values import Model
from nodes import PACK
from nodes.memory import Budgets, Shortage, free_memory, memory_budgets, shortage_of, total_memory
from nodes.relief import DeviceRelief
from nodes.store import ModelStore

if TYPE_CHECKING:
    from nodes.loaders import LoadedCheckpoint

GIB, MIB = 1 << 30, 1 << 20
CPU = torch.device("cpu")

CUDA = (
    "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 7.79 GiB of "
    "which 512.00 MiB is free. Including non-PyTorch memory, this process has 7.20 GiB in use."
)
MPS = (
    "MPS backend out of memory (MPS allocated: 8.50 GB, other allocations: 0.25 GB, max allowed: "
    "9.00 GB). Tried to allocate 256.00 MB on private pool. Use PYTORCH_MPS_HIGH_WATERMARK_RATIO"
)
LINUX = (
    "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you "
    "tried to allocate 4398046511104 bytes. Error code 12 (Cannot allocate memory)"
)
WINDOWS = (
    "[enforce fail at alloc_cpu.cpp:115] data. DefaultCPUAllocator: not enough memory: you tried "
    "to allocate 1073741824 bytes."
)
TOLD: dict[str, tuple[BaseException, Shortage]] = {
    "CUDA": (torch.OutOfMemoryError(CUDA), Shortage(5 * GIB // 2, 512 * MIB)),
    "CUDA without words": (torch.OutOfMemoryError(), Shortage(None, None)),
    "CUDA driver": (RuntimeError("CUDA error: out of memory"), Shortage(None, None)),
    "cuBLAS": (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"), Shortage(None, None)),
    "MPS": (RuntimeError(MPS), Shortage(256 * MIB, GIB // 4)),
    "MPS at once": (RuntimeError("Invalid buffer size: 64.00 GiB"), Shortage(64 * GIB, None)),
    "Linux": (RuntimeError(LINUX), Shortage(4 << 40, None)),
    "Windows": (RuntimeError(WINDOWS), Shortage(GIB, None)),
    "numpy": (
        MemoryError("Unable to allocate 7.00 GiB for an array with shape (9,) and data type int"),
        Shortage(7 * GIB, None),
    ),
    "mmap": (OSError("Cannot allocate memory (os error 12)"), Shortage(None, None)),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_the_allocators_say(name: str) -> None:
    error, expected = TOLD[name]
    assert shortage_of(error) == expected
    wrapped = ValueError("the weights cannot be loaded")
    wrapped.__cause__ = error
    assert shortage_of(wrapped) == expected


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("mat1 and mat2 shapes cannot be multiplied"),
        ValueError("out of memory is what this picture shows"),
        OSError("No such file"),
    ],
)
def test_other_errors_are_none_of_it(error: Exception) -> None:
    assert shortage_of(error) is None
    assert DeviceRelief(ModelStore("cpu")).exhausted(error) is None


def test_it_really_happens() -> None:
    with pytest.raises((RuntimeError, MemoryError)) as torch_says:
        torch.empty(1 << 60, dtype=torch.uint8)
    with pytest.raises(MemoryError) as numpy_says:
        np.empty(1 << 60, dtype=np.uint8)
    for caught in (torch_says, numpy_says):
        found = shortage_of(caught.value)
        assert found is not None
        assert found.needed == 1 << 60


def test_the_words_say_what_where_and_the_remedy() -> None:
    relief = DeviceRelief(ModelStore("cpu"))
    remedy = "make the picture smaller, choose another precision, or close other programs"
    words = relief.exhausted(TOLD["CUDA"][0])
    assert words == (
        f"the memory of this computer is full (2.5 GB more were needed, 512.0 MB were free): "
        f"{remedy}"
    )
    told = relief.exhausted(TOLD["Windows"][0])
    assert told is not None
    assert "1.0 GB more were needed" in told
    if sys.platform.startswith("linux"):
        assert "were free)" in told


def test_everything_that_nobody_uses_is_let_go(parts: LoadedCheckpoint) -> None:
    loaded = assemble((PACK,), "cpu")
    store = loaded.services[ModelStore]
    assert isinstance(store, ModelStore)
    [relief] = loaded.reliefs
    with store.denoiser(parts.model):
        with store.denoiser(Model(parts.model.checkpoint, "bfloat16")):
            pass
        whole = store.held()
        relief.free()
        assert 0 < store.held() < whole
    relief.free()
    assert store.held() == 0


def test_memory_that_ends_while_weights_are_read_is_no_broken_file(
    parts: LoadedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RuntimeError(LINUX)

    monkeypatch.setattr("nodes.families.sd1.Sd1.load_denoiser", full)
    store = ModelStore("cpu")
    with pytest.raises(RuntimeError, match="alloc_cpu"), store.denoiser(parts.model):
        pass


def test_how_much_there_is() -> None:
    total, free = total_memory(), free_memory(CPU)
    assert total is None or total > GIB
    assert free is None or total is None or 0 < free <= total
    assert memory_budgets(CPU) == Budgets((total or 16 * GIB) // 2, None)
