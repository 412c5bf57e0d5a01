"""Calling a body: contracts are enforced where values leave it, and its errors are data."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest

from graph.body import problem_of
from graph.declare import node
from graph.errors import ContractError
from graph.events import NodeFailed, NodeFinished, Outcome
from graph.execute import Engine
from graph.files import FileIndex
from graph.graph import Graph, Node, with_nodes
from graph.pack import Loaded, Pack, assemble
from graph.values import Image, Mask, Progress, Steps
from tests.graph.build import Session, build, n

GIVEN: list[Any] = []
"""What the nodes below return or raise."""


class Two(NamedTuple):
    a: int
    b: int


def _give() -> Any:
    if isinstance(GIVEN[0], BaseException):
        raise GIVEN[0]
    return GIVEN[0]


@node("Image", category="Test")
def image() -> Image:
    """Give what was laid out."""
    return _give()  # type: ignore[no-any-return]


@node("Mask", category="Test")
def mask() -> Mask:
    """Give what was laid out."""
    return _give()  # type: ignore[no-any-return]


@node("Int", category="Test")
def whole() -> int:
    """Give what was laid out."""
    return _give()  # type: ignore[no-any-return]


@node("Float", category="Test")
def real() -> float:
    """Give what was laid out."""
    return _give()  # type: ignore[no-any-return]


@node("Two", category="Test")
def two() -> Two:
    """Give what was laid out."""
    return _give()  # type: ignore[no-any-return]


@node("Steps", category="Test")
def steps() -> Steps[int]:
    """Yield what was laid out."""
    yield _give()
    return 1


LOADED: Loaded = assemble((Pack(name="body", modules=(__name__,)),))


def outcome(kind: str, given: object) -> NodeFinished | NodeFailed:
    GIVEN[:] = [given]
    graph = with_nodes(Graph(), put=[Node(id="x", type=f"body/{kind}")])
    events = list(Engine(LOADED, FileIndex()).run(graph))
    found = events[-2]
    assert isinstance(found, NodeFinished | NodeFailed)
    return found


def why(kind: str, given: object) -> str:
    found = outcome(kind, given)
    assert isinstance(found, NodeFailed)
    return found.problem.message


def f32(*shape: int, fill: float = 0.5) -> Any:
    return np.full(shape, fill, np.float32)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("image", [1], "Image: output Image: Image must be a numpy array (N, H, W, 3), got list"),
        ("image", f32(4, 4, 3), "Image must be (N, H, W, 3), got shape (4, 4, 3)"),
        ("image", f32(1, 4, 4, 4), "Image must be (N, H, W, 3), got shape (1, 4, 4, 4)"),
        ("image", f32(0, 4, 4, 3), "Image must be (N, H, W, 3), got shape (0, 4, 4, 3)"),
        ("image", f32(1, 4, 4, 3).astype(np.float64), "must be float32 from 0 to 1, got float64"),
        ("image", np.zeros((1, 4, 4, 3), np.uint8), "must be float32 from 0 to 1, got uint8"),
        ("image", f32(1, 4, 4, 3, fill=float("nan")), "Image holds NaN or infinity"),
        ("image", f32(1, 4, 4, 3, fill=float("-inf")), "Image holds NaN or infinity"),
        ("image", None, "got NoneType"),
        ("mask", f32(1, 4, 4, 3), "Mask must be (N, H, W), got shape (1, 4, 4, 3)"),
        ("whole", 1.0, "Int: output Int: expected a whole number, got float"),
        ("whole", True, "expected a whole number, got bool"),
        ("whole", np.int64(1), "expected a whole number, got int64"),
        ("real", float("nan"), "Float: output Float: expected a finite number, got nan"),
        ("real", "1", "expected a number, got str"),
        ("two", (1, 2, 3), "Two: must return 2 outputs, got tuple"),
        ("two", 1, "Two: must return 2 outputs, got int"),
        ("two", (1, "b"), "Two: output B: expected a whole number, got str"),
        ("steps", 5, "Steps: must yield Progress, got int"),
    ],
)  # fmt: skip
def test_what_breaks_its_contract_is_the_nodes_failure(
    kind: str, given: object, message: str
) -> None:
    assert message in why(kind, given)


class Mute(Exception):  # noqa: N818 - its name is what is told
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Base(BaseException):
    """Nobody's `except Exception` catches it."""


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("wrong"), "Int: ValueError: wrong"),
        (ValueError(), "Int: ValueError"),
        (KeyError("a"), "Int: KeyError: 'a'"),
        (ContractError("in our words"), "Int: in our words"),
        (Mute(), "Int: Mute"),
        (SystemExit(3), "Int: SystemExit: 3"),
        (Base("deep"), "Int: Base: deep"),
        (StopIteration(1), "Int: RuntimeError: generator raised StopIteration"),
        (MemoryError(), "Int: MemoryError"),
        (RecursionError("deep"), "Int: RecursionError: deep"),
        (ExceptionGroup("many", [ValueError("a")]), "Int: ExceptionGroup: many (1 sub-exception)"),
    ],
    ids=repr,
)
def test_whatever_a_body_raises_is_its_failure(error: BaseException, message: str) -> None:
    assert why("whole", error) == message


def test_only_ctrl_c_ends_the_run() -> None:
    with pytest.raises(KeyboardInterrupt):
        outcome("whole", KeyboardInterrupt())


def test_the_detail_is_a_traceback_for_the_log() -> None:
    found = problem_of("Node", ValueError("x"))
    assert (found.kind, found.detail) == ("ValueError", "ValueError: x\n")


def test_what_overshoots_a_little_is_clipped() -> None:
    found = outcome("image", f32(1, 2, 2, 3, fill=1.01))
    assert isinstance(found, NodeFinished)
    assert found.preview is not None
    assert found.preview.min() == 255


def test_progress_is_told_in_plain_numbers() -> None:
    counted: Any = Progress(np.int64(1), np.int64(2))  # type: ignore[arg-type]
    assert isinstance(outcome("steps", counted), NodeFinished)


class TestWiresIntoWidgets:
    def test_a_choice_that_there_is_not(self) -> None:
        session = Session()
        session.run(build(n("w", "words", text="minus"), n("f", "fold", {"mode": "w.text"})))
        assert session.failed("f").problem.message == (
            "Fold: input Mode: 'minus' is not one of plus, times"
        )

    def test_one_that_there_is(self) -> None:
        session = Session()
        graph = build(n("w", "words", text="times"), n("f", "fold", {"mode": "w.text"}, a=3, b=4))
        session.run(graph)
        assert session.value("f") == 12

    def test_a_number_out_of_range(self) -> None:
        session = Session()
        graph = build(n("a", "fold", a=999, b=2), n("x", "number", {"value": "a.int"}))
        session.run(graph)
        assert session.failed("x").problem.message == (
            "Number: input Value: 1001 is outside -1000 to 1000"
        )


class TestReadOnly:
    def test_a_body_that_writes_into_an_input_fails_and_is_named(self) -> None:
        session = Session()
        graph = build(n("d", "draw"), n("s", "scribble", {"image": "d.image"}),
                      n("m", "mean", {"image": "d.image"}))  # fmt: skip
        session.run(graph)
        assert "Scribble: ValueError: assignment destination is read-only" in (
            session.failed("s").problem.message
        )
        assert session.end.outcome is Outcome.PARTIAL
        assert session.value("m") == 0.5

    def test_a_body_cannot_alter_what_it_gave(self) -> None:
        kept = f32(1, 2, 2, 3)
        outcome("image", kept)
        with pytest.raises(ValueError, match="read-only"):
            kept[:] = 0

    def test_nor_through_the_array_that_it_gave_a_part_of(self) -> None:
        whole_array = f32(2, 2, 2, 3)
        outcome("image", whole_array[:1])
        with pytest.raises(ValueError, match="read-only"):
            whole_array[:] = 0
