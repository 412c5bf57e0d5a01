"""Laws of every node that turns pictures or masks into others, at its defaults."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from graph.handlers import BUILT_IN
from graph.pack import nodes_of
from nodes import pixels

if TYPE_CHECKING:
    from graph.declare import NodeType

TYPES = {
    declared.spec.id: declared
    for module in pixels.MODULES
    for declared in nodes_of("sfumato", importlib.import_module(module)).values()
}
PICTURES = ("Image", "Mask")
NEEDS_MORE = {
    "sfumato/paste_back", "sfumato/save_mask", "sfumato/depth_map", "sfumato/normal_map",
    "sfumato/pose_map",
}  # fmt: skip
COUNTS = {"sfumato/unbatch", "sfumato/image_from_batch", "sfumato/repeat_image"}
"""Whose outputs have another number of pictures than their inputs."""
JOINT = {"sfumato/crop_to_mask"}
"""Whose pictures of one batch share something."""


def takes_pictures(declared: NodeType) -> bool:
    inputs = [item for item in declared.spec.inputs if item.widget is None]
    plain = all(item.type in PICTURES and not item.multiple for item in inputs)
    return bool(inputs) and plain and declared.spec.id not in NEEDS_MORE


NODES = [name for name, declared in TYPES.items() if takes_pictures(declared)]
SINGLE = [name for name in NODES if name not in COUNTS | JOINT]


def pictures(kind: str, count: int, height: int, width: int, seed: int = 0) -> Any:
    shape = (count, height, width, 3) if kind == "Image" else (count, height, width)
    made = np.random.default_rng(seed).random(shape, np.float32)
    made.flags.writeable = False
    return made


def given(name: str, count: int, height: int, width: int, *, all_of_it: bool = True) -> Any:
    items = [item for item in TYPES[name].spec.inputs if item.type in PICTURES]
    wanted = [item for item in items if item.required or all_of_it]
    return {
        item.name: pictures(item.type, count, height, width, seed)
        for seed, item in enumerate(wanted)
    }


def called(name: str, arguments: dict[str, Any]) -> list[Any]:
    """Call a node as the engine does; return its pictures, each as its handler hands it on."""
    declared = TYPES[name]
    result: Any = declared.function(**arguments)
    values = result if declared.tuple_output else (result,)
    found = []
    for output, value in zip(declared.spec.outputs, values, strict=True):
        for part in value if output.many else [value]:
            checked = BUILT_IN[output.type].check(part)
            if output.type in PICTURES:
                assert float(part.min()) >= 0, "it relies on the engine's clipping"
                assert float(part.max()) <= 1, "it relies on the engine's clipping"
                found.append(checked)
    return found


def test_the_table_is_not_empty() -> None:
    assert len(NODES) > 30


@pytest.mark.parametrize("name", NODES)
class TestEach:
    @pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 7), (9, 1), (5, 7), (33, 18)])
    def test_any_size_will_do(self, name: str, height: int, width: int) -> None:
        for all_of_it in (True, False):
            assert called(name, given(name, 2, height, width, all_of_it=all_of_it))

    @pytest.mark.parametrize("value", [0.0, 1.0])
    def test_black_and_white_stay_in_range(self, name: str, value: float) -> None:
        arguments = {key: np.full_like(v, value) for key, v in given(name, 1, 6, 5).items()}
        masks = [item.name for item in TYPES[name].spec.inputs if item.type == "Mask"]
        for key in masks:
            if name == "sfumato/crop_to_mask":
                arguments[key][:] = 1
        assert called(name, arguments)

    def test_the_same_from_any_memory_layout(self, name: str) -> None:
        arguments = given(name, 2, 9, 11)
        apart = {
            key: np.repeat(np.asfortranarray(value), 2, axis=2)[:, :, ::2]
            for key, value in arguments.items()
        }
        assert not any(value.flags.c_contiguous for value in apart.values())
        for plain, other in zip(called(name, arguments), called(name, apart), strict=True):
            assert np.array_equal(plain, other)


@pytest.mark.parametrize("name", SINGLE)
class TestBatches:
    def test_each_picture_is_worked_on_for_itself(self, name: str) -> None:
        arguments = given(name, 3, 9, 11)
        whole = called(name, arguments)
        for place in range(3):
            alone = called(name, {k: v[place : place + 1] for k, v in arguments.items()})
            for batch, single in zip(whole, alone, strict=True):
                assert len(batch) == 3
                assert np.array_equal(batch[place : place + 1], single)

    def test_a_batch_of_one_goes_with_all(self, name: str) -> None:
        arguments = given(name, 3, 9, 11)
        for key in arguments:
            one = arguments | {key: arguments[key][:1]}
            if len(arguments) == 1:
                continue
            same = arguments | {key: np.repeat(arguments[key][:1], 3, axis=0)}
            for a, b in zip(called(name, one), called(name, same), strict=True):
                assert np.array_equal(a, b)
