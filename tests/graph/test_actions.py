"""Actions: every ingredient moves the name of the work, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from immutables import Map
from msgspec.structs import replace

from graph.actions import Ingredients, compare, file_problem, gather, problems, told_of
from graph.errors import MissingFileError
from graph.files import FileIndex
from graph.graph import Node, Source
from graph.params import FileRef
from graph.reasons import (
    EnvironmentChanged,
    Evicted,
    FileChanged,
    FirstRun,
    InputChanged,
    ParamChanged,
    TypeChanged,
)
from graph.spec import FileWidget
from tests.graph.build import CATALOG

if TYPE_CHECKING:
    from pathlib import Path

    from graph.params import Param

BASE = Ingredients(
    type="test/fold",
    version=1,
    environment="cpu",
    params=(("a", 1), ("ref", FileRef("x.png"))),
    files=(("ref", "00"),),
    inputs=(("b", ("d1", "d2")),),
    lazy=("c",),
    folder="out",
)
OTHERS: dict[str, Any] = {
    "type": "test/other",
    "version": 2,
    "environment": "cuda",
    "params": (("a", 2), ("ref", FileRef("x.png"))),
    "files": (("ref", "01"),),
    "inputs": (("b", ("d2", "d1")),),
    "lazy": (),
    "folder": "elsewhere",
}
NODE = Node(id="x", type="test/fold", params=Map(a=1, b=2, mode="plus"))
FOLD = CATALOG.require("test/fold")


def other(**fields: Any) -> Ingredients:
    return msgspec.structs.replace(BASE, **fields)


def named(node: Node, **more: Any) -> str:
    given: dict[str, Any] = {"inputs": {}, "files": FileIndex(), "environment": "cpu"} | more
    return gather(node, FOLD, **given).action()


def test_every_ingredient_moves_the_action() -> None:
    assert set(OTHERS) == set(Ingredients.__struct_fields__)
    actions = [other(**{name: value}).action() for name, value in OTHERS.items()]
    assert len({BASE.action(), *actions}) == len(actions) + 1


def test_numbers_that_python_takes_for_equal_are_other_work() -> None:
    values = (1, 1.0, True, "1", None, (1,), (1.0,), (True,), 0, 0.0, -0.0, False, "", ())
    actions = {other(params=(("a", value),)).action() for value in values}
    assert len(actions) == len(values)


def test_the_way_of_writing_cannot_be_confused() -> None:
    assert other(inputs=(("b", ("d1",)), ("c", ("d2",)))).action() != BASE.action()
    assert other(params=(("ab", "c"),)).action() != other(params=(("a", "bc"),)).action()


def test_what_an_artist_sees_is_no_ingredient() -> None:
    looks: dict[str, Any] = {
        "id": "y",
        "title": "Mine",
        "position": (4.0, 4.0),
        "colour": "#ffffff",
        "extra": Map(note=1),
    }
    for name, value in looks.items():
        assert named(msgspec.structs.replace(NODE, **{name: value})) == named(NODE), name


def test_the_version_of_the_installed_node_counts_and_not_that_of_the_file() -> None:
    assert named(msgspec.structs.replace(NODE, version=9)) == named(NODE)
    newer = msgspec.structs.replace(FOLD, version=2)
    assert gather(NODE, newer, {}, FileIndex(), "cpu").action() != named(NODE)


def test_a_widget_that_is_wired_is_no_ingredient() -> None:
    wired = msgspec.structs.replace(NODE, wires=Map(a=(Source("s", "int"),)))
    other_value = msgspec.structs.replace(wired, params=wired.params.set("a", 50))
    given = {"inputs": {"a": ("d",)}}
    assert named(wired, **given) == named(other_value, **given) != named(NODE)


@pytest.mark.parametrize(("name", "value"), [("a", 7), ("b", 7), ("mode", "times")])
def test_every_widget_counts(name: str, value: int | str) -> None:
    assert named(msgspec.structs.replace(NODE, params=NODE.params.set(name, value))) != named(NODE)


def test_a_default_and_the_same_value_set_by_hand_are_equal_work() -> None:
    assert named(msgspec.structs.replace(NODE, params=Map(a=1, b=2))) == named(NODE)


def test_a_file_counts_by_its_content(tmp_path: Path) -> None:
    spec, files = CATALOG.require("test/read"), FileIndex({"text": [tmp_path]})
    node = Node(id="r", type="test/read", params=Map(file=FileRef("a.txt", "stale")))
    seen = []
    for text in ("one", "three", "one"):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        seen.append(gather(node, spec, {}, files, "").action())
    assert seen[0] == seen[2] != seen[1]
    again = msgspec.structs.replace(node, params=Map(file=FileRef("a.txt")))
    assert gather(again, spec, {}, files, "").action() == seen[0]


def test_only_an_effect_depends_on_the_folder() -> None:
    spec = CATALOG.require("test/write")
    node = Node(id="w", type="test/write")
    folders = {gather(node, spec, {}, FileIndex(), "", f).action() for f in ("a", "b")}
    assert len(folders) == 2
    assert named(NODE, folder="a") == named(NODE, folder="b")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, Evicted()),
        ({"type": "test/other"}, TypeChanged("test/fold 1", "test/other 1")),
        ({"version": 2}, TypeChanged("test/fold 1", "test/fold 2")),
        ({"environment": "cuda"}, EnvironmentChanged()),
        ({"folder": "new"}, ParamChanged("output folder", "out", "new")),
        ({"params": (("a", 2),)}, ParamChanged("a", 1, 2)),
        ({"params": (("a", 1.0),)}, ParamChanged("a", 1, 1.0)),
        ({"params": (("a", True),)}, ParamChanged("a", 1, True)),
        ({"files": (("ref", "02"),)}, FileChanged("ref", "x.png")),
        ({"inputs": (("b", ("d1", "d3")),)}, InputChanged("b", "two")),
        ({"inputs": (("b", ("d3", "d4")),)}, InputChanged("b", "one, two")),
        ({"inputs": (("b", ("d2", "d1")),)}, InputChanged("b", "one, two")),
        ({"inputs": (("b", ("d1",)),)}, InputChanged("b", "one, two")),
    ],
)
def test_why_work_is_due(changed: dict[str, Any], reason: object) -> None:
    wires = {"b": (Source("one", "int"), Source("two", "int"))}
    assert compare(BASE, other(**changed), wires) == (reason,)


def test_why_work_is_due_where_a_wire_went() -> None:
    assert compare(BASE, other(inputs=()), {}) == (InputChanged("b", ""),)
    assert compare(None, BASE, {}) == (FirstRun(),)


def test_equal_lists_of_other_kinds_differ() -> None:
    old, new = (other(params=(("a", value),)) for value in ((1, 0), (True, False)))
    assert compare(old, new, {}) == (ParamChanged("a", (1, 0), (True, False)),)


class TestProblems:
    def test_none(self) -> None:
        assert problems(NODE, FOLD) == ()

    def test_not_installed(self) -> None:
        assert problems(Node(id="x", type="pack/f"), None) == (
            "node type 'pack/f' is not installed: install the pack 'pack'",
        )

    def test_not_wired(self) -> None:
        node = Node(id="x", type="test/cut")
        assert problems(node, CATALOG.require("test/cut")) == (
            "Image is not wired: connect a Image to it",
        )

    def test_no_file_chosen(self) -> None:
        node = Node(id="x", type="test/read", params=Map(file=None))
        spec = CATALOG.require("test/read")
        assert problems(node, spec) == ("File: choose a file",)
        optional = replace(spec.inputs[0], widget=FileWidget("image", (".png",), optional=True))
        assert problems(node, replace(spec, inputs=(optional,))) == ()

    @pytest.mark.parametrize(
        ("name", "value", "told"),
        [
            ("a", "x", "A: expected a whole number, got str: set it anew"),
            ("a", 2**64, f"A: {2**64} is outside {-(2**31)} to {2**31}: set it anew"),
            ("mode", "minus", "Mode: 'minus' is not one of plus, times: set it anew"),
        ],
    )
    def test_a_value_that_its_widget_does_not_take(
        self, name: str, value: Param, told: str
    ) -> None:
        node = msgspec.structs.replace(NODE, params=NODE.params.set(name, value), wires=Map())
        assert problems(node, FOLD) == (told,)
        wired = msgspec.structs.replace(node, wires=Map({name: (Source("s", "int"),)}))
        assert problems(wired, FOLD) == ()

    def test_an_input_that_the_installed_node_does_not_have(self) -> None:
        node = msgspec.structs.replace(NODE, wires=Map(gone=(Source("s", "int"),)))
        assert problems(node, FOLD) == ("there is no input 'gone' any more: disconnect it",)

    def test_a_name_is_said_once(self) -> None:
        assert told_of("File", ("File: choose a file",)) == "File: choose a file"
        assert told_of("Read", ("File: choose a file", "b")) == "Read: File: choose a file; b"

    def test_a_file_that_cannot_be_read(self) -> None:
        assert file_problem(MissingFileError("put it there")) == "put it there"
        assert file_problem(PermissionError(13, "Permission denied", "/a")) == (
            "/a: Permission denied"
        )
