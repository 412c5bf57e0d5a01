"""`@node`: what a signature becomes, and that a wrong one is refused at import, by name."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import Enum, IntEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, Optional

import pytest

from graph import sockets
from graph.declare import NodeType, node
from graph.errors import DeclarationError
from graph.hints import (
    Colour,
    Curve,
    Doc,
    File,
    Label,
    Multiline,
    Prompt,
    Range,
    Seed,
    Size,
)
from graph.run import Run  # noqa: TC001 - read from the signatures below
from graph.sockets import Shape, SocketType
from graph.spec import (
    BoolWidget,
    ChoiceOption,
    ChoiceWidget,
    ColourWidget,
    CurveWidget,
    FileWidget,
    FloatWidget,
    InputSpec,
    IntWidget,
    Lane,
    OutputSpec,
    SeedWidget,
    TextWidget,
)
from graph.values import Image, Lazy, Mask, Model, Progress, Steps


class Fit(Enum):
    WHOLE = "whole"
    CUT_OFF = "cut"


class Level(IntEnum):
    LOW = 1


class Thing:
    """What a plugin brings."""

    __socket__ = SocketType("pack/Thing", "#112233", Shape.HEXAGON, "A thing.")


class Both(NamedTuple):
    picture: Annotated[Image, Doc("The picture.")]
    chosen: Annotated[Mask, Label("Selected")]


def declared(function: Callable[..., object]) -> NodeType:
    node("Title", category="Menu")(function)
    found: NodeType = function.__node__  # type: ignore[attr-defined]
    return found


def first(function: Callable[..., object]) -> InputSpec:
    return declared(function).spec.inputs[0]


def test_all_that_a_declaration_says() -> None:
    @node(
        "Blur",
        category="Image/Filter",
        version=3,
        synonyms=("soften",),
        volatile=True,
        effect=True,
        lane=Lane.GPU,
    )
    def blur_it(image: Image) -> Image:
        """Make a picture soft.

        It does so evenly.
        """
        return image

    spec = blur_it.__node__.spec  # type: ignore[attr-defined]
    assert (spec.id, spec.title, spec.category, spec.version) == (
        "blur_it",
        "Blur",
        "Image/Filter",
        3,
    )
    assert spec.summary == "Make a picture soft."
    assert spec.doc == "Make a picture soft.\n\nIt does so evenly."
    assert (spec.synonyms, spec.volatile, spec.effect, spec.lane) == (
        ("soften",),
        True,
        True,
        Lane.GPU,
    )
    assert spec.outputs == (OutputSpec(name="image", label="Image", type="Image"),)


def test_the_function_stays_a_function() -> None:
    @node("Twice", category="Math")
    def twice(value: int = 2) -> int:
        """Double."""
        return 2 * value

    assert twice(4) == 8
    assert twice() == 4


class TestSockets:
    def test_required(self) -> None:
        def take(big_picture: Image) -> None:
            """Take."""

        assert first(take) == InputSpec(
            name="big_picture", label="Big picture", type="Image", required=True
        )

    def test_optional(self) -> None:
        def take(mask: Mask | None = None) -> None:
            """Take."""

        assert first(take) == InputSpec(name="mask", label="Mask", type="Mask")

    def test_optional_as_it_was_written_once(self) -> None:
        def take(mask: Optional[Mask] = None) -> None:  # noqa: UP045 - authors write it still
            """Take."""

        assert first(take) == InputSpec(name="mask", label="Mask", type="Mask")

    def test_several_wires(self) -> None:
        def take(images: list[Image], masks: list[Mask] | None = None) -> None:
            """Take."""

        images, masks = declared(take).spec.inputs
        assert (images.type, images.multiple, images.required) == ("Image", True, True)
        assert (masks.type, masks.multiple, masks.required) == ("Mask", True, False)

    def test_lazy(self) -> None:
        def take(model: Lazy[Model], number: Lazy[int]) -> None:
            """Take."""

        model, number = declared(take).spec.inputs
        assert (model.type, model.lazy, model.required) == ("Model", True, True)
        assert (number.type, number.lazy, number.widget) == ("Int", True, None)
        assert declared(take).spec.lazy_inputs == {"model", "number"}

    def test_labels_and_docs(self) -> None:
        def take(m: Annotated[Mask | None, Label("Where"), Doc("Selects.")] = None) -> None:
            """Take."""

        assert first(take) == InputSpec(name="m", label="Where", type="Mask", doc="Selects.")

    def test_a_type_of_a_plugin(self) -> None:
        def take(thing: Thing) -> Thing:
            """Take."""
            return thing

        assert first(take).type == "pack/Thing"
        assert declared(take).spec.outputs[0].name == "thing"

    def test_the_run_is_no_socket(self) -> None:
        def take(run: Run, image: Image) -> None:
            """Take."""

        assert declared(take).run_parameter == "run"
        assert [item.name for item in declared(take).spec.inputs] == ["image"]


class TestWidgets:
    @pytest.mark.parametrize(
        ("hint", "default", "widget", "kept"),
        [
            (int, 3, IntWidget(-(2**31), 2**31), 3),
            (Annotated[int, Range(1, 9, 2)], 3, IntWidget(1, 9, 2), 3),
            (Annotated[int, Seed()], 0, SeedWidget(), 0),
            (float, 0.5, FloatWidget(-1e9, 1e9), 0.5),
            (Annotated[float, Range(0, 1, 0.1)], 1, FloatWidget(0.0, 1.0, 0.1), 1.0),
            (str, "x", TextWidget(), "x"),
            (Annotated[str, Multiline()], "", TextWidget(multiline=True), ""),
            (Annotated[str, Prompt()], "", TextWidget(multiline=True, prompt=True), ""),
            (
                Annotated[str, Prompt(wildcards=True)],
                "",
                TextWidget(multiline=True, prompt=True, wildcards=True),
                "",
            ),
            (Annotated[str, Colour()], "#FF8800", ColourWidget(), "#ff8800"),
            (Annotated[tuple[float, ...], Curve()], (0, 0, 1, 1), CurveWidget(),
             (0.0, 0.0, 1.0, 1.0)),
            (bool, True, BoolWidget(), True),
            (
                Fit,
                Fit.CUT_OFF,
                ChoiceWidget((ChoiceOption("whole", "Whole"), ChoiceOption("cut", "Cut off"))),
                "cut",
            ),
            (Annotated[Path | None, File("image", (".png",))], None,
             FileWidget("image", (".png",)), None),
            (Annotated[Path | None, File("checkpoint", (), folders=True)], None,
             FileWidget("checkpoint", (), folders=True), None),
            (Annotated[Path | None, File("vae", (".safetensors",), optional=True)], None,
             FileWidget("vae", (".safetensors",), optional=True), None),
        ],
    )  # fmt: skip
    def test_a_scalar_with_a_default(
        self, hint: Any, default: object, widget: object, kept: object
    ) -> None:
        def take(value: Any = default) -> None:
            """Take."""

        take.__annotations__["value"] = hint
        found = first(take)
        assert found.widget == widget
        assert repr(found.default) == repr(kept)
        assert not found.required

    def test_a_size_is_two_numbers_that_know_of_each_other(self) -> None:
        def take(
            width: Annotated[int, Range(8, 64, step=8), Size("height")] = 8,
            height: Annotated[int, Range(8, 64, step=8)] = 8,
        ) -> None:
            """Take."""

        wide, high = declared(take).spec.inputs
        assert (wide.partner, high.partner) == ("height", "")
        assert wide.widget == high.widget == IntWidget(8, 64, 8)

    def test_choices_come_back_as_their_enum(self) -> None:
        def take(fit: Fit = Fit.WHOLE) -> None:
            """Take."""

        assert declared(take).enums == {"fit": Fit}
        assert first(take).type == "Choice"


class TestOutputs:
    def test_several(self) -> None:
        def give() -> Both:
            """Give."""
            raise NotImplementedError

        found = declared(give)
        assert found.tuple_output
        assert found.spec.outputs == (
            OutputSpec(name="picture", label="Picture", type="Image", doc="The picture."),
            OutputSpec(name="chosen", label="Selected", type="Mask"),
        )

    def test_none(self) -> None:
        def give() -> None:
            """Give."""

        assert declared(give).spec.outputs == ()

    def test_a_scalar_and_a_long_name(self) -> None:
        def give() -> float:
            """Give."""
            return 0.0

        assert declared(give).spec.outputs[0].type == "Float"
        assert sockets.TEXT_ENCODER.name == "TextEncoder"

    @pytest.mark.parametrize(
        "hint", [Steps[Image], Generator[Progress, None, Image]], ids=["short", "long"]
    )
    def test_steps(self, hint: Any) -> None:
        def give() -> Any:
            """Give."""
            yield Progress(1, 1)

        give.__annotations__["return"] = hint
        found = declared(give)
        assert found.steps
        assert found.spec.outputs[0].type == "Image"


def no_doc(image: Image) -> Image:
    return image


def bare(image) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Take."""


def star(*images: Image) -> None:
    """Take."""


def keywords(**images: Image) -> None:
    """Take."""


def positional(image: Image, /) -> None:
    """Take."""


def no_default(value: int) -> None:
    """Take."""


def unknown(value: bytes) -> None:
    """Take."""


def generic(value: dict[str, int]) -> None:
    """Take."""


def bare_list(value: list) -> None:  # type: ignore[type-arg]
    """Take."""


def either(value: Image | Mask) -> None:
    """Take."""


def optional_without_none(mask: Mask | None) -> None:
    """Take."""


def socket_with_default(mask: Mask = 3) -> None:  # type: ignore[assignment]
    """Take."""


def out_of_range(value: Annotated[int, Range(1, 5)] = 9) -> None:
    """Take."""


def wrong_default(value: int = "a") -> None:  # type: ignore[assignment]
    """Take."""


def true_as_float(value: float = True) -> None:
    """Take."""


def none_as_int(value: int | None = None) -> None:
    """Take."""


def backwards(value: Annotated[int, Range(5, 1)] = 3) -> None:
    """Take."""


def endless(value: Annotated[float, Range(0, float("inf"))] = 3) -> None:
    """Take."""


def not_a_number(value: Annotated[float, Range(float("nan"), 1)] = 0) -> None:
    """Take."""


def fraction(value: Annotated[int, Range(0.5, 2)] = 1) -> None:
    """Take."""


def text_range(value: Annotated[str, Range(0, 2)] = "") -> None:
    """Take."""


def numbered_choice(level: Level = Level.LOW) -> None:
    """Take."""


def other_choice(fit: Fit = "none") -> None:  # type: ignore[assignment]
    """Take."""


def file_as_text(file: Annotated[Path, File("image", ())] = "a.png") -> None:  # type: ignore[assignment]
    """Take."""


def lone_size(width: Annotated[int, Size("height")] = 1) -> None:
    """Take."""


def own_size(width: Annotated[int, Size("width")] = 1) -> None:
    """Take."""


def size_of_text(width: Annotated[int, Size("height")] = 1, height: str = "") -> None:
    """Take."""


def list_of_curve(curve: Annotated[str, Curve()] = "") -> None:
    """Take."""


def no_colour(colour: Annotated[str, Colour()] = "red") -> None:
    """Take."""


def no_return(image: Image):  # type: ignore[no-untyped-def]  # noqa: ANN201
    """Take."""


def plain_tuple() -> tuple[Image, Mask]:
    """Take."""
    raise NotImplementedError


def choice_output() -> Fit:
    """Take."""
    return Fit.WHOLE


def yields_but_says_not() -> Image:  # type: ignore[misc]
    """Take."""
    yield Progress(1, 1)


async def asynchronous() -> None:
    """Take."""


def two_runs(run: Run, again: Run) -> None:
    """Take."""


def ümlaut(image: Image) -> None:  # noqa: PLC2401
    """Take."""


def umlaut(bild_größe: int = 1) -> None:  # noqa: PLC2401
    """Take."""


def long_name(a: int = 1) -> None:
    """Take."""


long_name.__name__ = "a" * 81


def unreadable(a: NoSuchType) -> None:  # type: ignore[name-defined]  # noqa: F821
    """Take."""


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_doc, "node no_doc: write a docstring"),
        (bare, "node bare, image: add a type hint"),
        (star, r"node star, images: use a plain parameter"),
        (keywords, "node keywords, images: use a plain parameter"),
        (positional, "node positional, image: use a plain parameter"),
        (no_default, "node no_default, value: give it a default"),
        (unknown, "node unknown, value: .*bytes.* is not a socket type, a scalar or an enum"),
        (generic, r"node generic, value: dict\[str, int\] is not a socket type"),
        (bare_list, "node bare_list, value: .*list.* is not a socket type"),
        (either, "node either, value: .* is not a socket type"),
        (optional_without_none, "node optional_without_none, mask: .* needs `= None`"),
        (socket_with_default, "node socket_with_default, mask: a socket takes no default but None"),
        (out_of_range, "node out_of_range, value: its default is refused: 9 is outside 1 to 5"),
        (wrong_default, "node wrong_default, value: .* expected a whole number, got str"),
        (true_as_float, "node true_as_float, value: .* expected a number, got bool"),
        (none_as_int, "node none_as_int, value: .* got NoneType"),
        (backwards, "node backwards, value: Range goes from a smaller to a larger"),
        (endless, "node endless, value: Range goes from .* finite number"),
        (not_a_number, "node not_a_number, value: Range goes from .* finite number"),
        (fraction, "node fraction, value: the Range of a whole number has whole limits"),
        (text_range, "node text_range, value: Range is for numbers"),
        (numbered_choice, "node numbered_choice, level: the values of Level are saved"),
        (other_choice, "node other_choice, fit: .* 'none' is not one of whole, cut"),
        (file_as_text, "node file_as_text, file: .* expected a file, got str"),
        (lone_size, "node lone_size, width: Size joins two whole numbers, and 'height' is none"),
        (own_size, "node own_size, width: Size joins two whole numbers"),
        (size_of_text, "node size_of_text, width: Size joins two whole numbers"),
        (list_of_curve, "node list_of_curve, curve: a Curve is a tuple"),
        (no_colour, "node no_colour, colour: .* 'red' is not a colour like #ff8800"),
        (no_return, "node no_return, return: add a return type"),
        (plain_tuple, "node plain_tuple, return: .* is not a socket type"),
        (choice_output, "node choice_output, return: .* is not a socket type"),
        (yields_but_says_not, r"node yields_but_says_not, return: it yields, so it returns Steps"),
        (asynchronous, "node asynchronous, async: use a plain function"),
        (two_runs, "node two_runs, again: run already takes the Run"),
        (ümlaut, "node ümlaut, its name: 'ümlaut' is saved in files"),
        (umlaut, "node umlaut, bild_größe: 'bild_größe' is saved in files"),
        (long_name, "its name: 'a+' is saved in files"),
        (unreadable, "node unreadable: a type hint cannot be read: name 'NoSuchType'"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_wrong_declaration_is_refused_by_name(
    function: Callable[..., object], words: str
) -> None:
    with pytest.raises(DeclarationError, match=words):
        node("Title", category="Menu")(function)
