"""`@node`: a typed function is a node, and its signature is its only declaration.

- a parameter of a socket type is a required socket; `T | None = None` an optional one;
  `list[T]` one that takes several wires; `Lazy[T]` one that is computed only when asked;
- a scalar or an enum with a default is a widget, and can still be wired; `Annotated[...]` carries
  `Range`, `Seed`, `Size`, `Prompt`, `Multiline`, `Colour`, `Curve`, `Painted`, `File`, `Label`
  and `Doc`;
- a parameter of type `Run` is filled by the engine and is no socket;
- the docstring is the tooltip and the manual page; the return type is the outputs (a `NamedTuple`
  gives several, `Steps[T]` is a body that reports progress); an output `list[T]` maps what is
  behind it over its elements, an output `T | None` switches what is behind it off by a None.

A wrong declaration is a `DeclarationError` at import, which names the function and the parameter.
The decorator returns the function unchanged but for the attribute `__node__`.
"""

from __future__ import annotations

import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar, get_args, get_origin

from msgspec.structs import replace

from graph import sockets, values
from graph.errors import DeclarationError
from graph.hints import (
    Colour,
    Curve,
    Doc,
    File,
    Label,
    Multiline,
    Painted,
    Prompt,
    Range,
    Seed,
    Size,
)
from graph.run import Run
from graph.sockets import SocketType
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
    NodeSpec,
    OutputSpec,
    PaintedWidget,
    SeedWidget,
    TextWidget,
    Widget,
    held,
    refusal,
)

if typing.TYPE_CHECKING:
    from graph.params import Param

F = TypeVar("F", bound=Callable[..., object])

_SCALARS: dict[type, SocketType] = {
    str: sockets.TEXT,
    int: sockets.INT,
    float: sockets.FLOAT,
    bool: sockets.BOOL,
}
_WIDE = 2**31
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,79}")


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node as the engine runs it: the specification and the function behind it."""

    spec: NodeSpec
    function: Callable[..., object]
    run_parameter: str | None
    """The parameter that takes the `Run`, if the function has one."""
    enums: dict[str, type[Enum]]
    """The enum classes of choice parameters."""
    tuple_output: bool
    """Whether the function returns a NamedTuple of several outputs."""
    steps: bool
    """Whether the function is a generator that reports progress."""


def node(
    title: str,
    *,
    category: str,
    version: int = 1,
    synonyms: tuple[str, ...] = (),
    volatile: bool = False,
    effect: bool = False,
    lane: Lane = Lane.ALONE,
) -> Callable[[F], F]:
    """Make the decorated function a node called `title` under the menu path `category`."""

    def declare(function: F) -> F:
        reader = _Signature(function)
        inputs, outputs = reader.inputs(), reader.outputs()
        summary, doc = _docs(function)
        spec = NodeSpec(
            id=function.__name__,
            title=title,
            category=category,
            version=version,
            summary=summary,
            doc=doc,
            inputs=inputs,
            outputs=outputs,
            synonyms=synonyms,
            volatile=volatile,
            effect=effect,
            lane=lane,
        )
        declared = NodeType(
            spec, function, reader.run_parameter, reader.enums, reader.tuple_output, reader.steps
        )
        function.__node__ = declared  # type: ignore[attr-defined]
        return function

    return declare


def _docs(function: Callable[..., object]) -> tuple[str, str]:
    text = inspect.getdoc(function)
    if not text:
        message = f"node {function.__name__}: write a docstring; it is the tooltip"
        raise DeclarationError(message)
    return text.partition("\n")[0], text


class _Signature:
    """Reads one function's signature."""

    def __init__(self, function: Callable[..., object]) -> None:
        self.name = function.__name__
        self.run_parameter: str | None = None
        self.enums: dict[str, type[Enum]] = {}
        self.tuple_output = False
        self.steps = False
        self._yields = False
        self._check_function(function)
        self._parameters = inspect.signature(function).parameters
        try:
            self._hints = typing.get_type_hints(function, include_extras=True)
        except Exception as error:
            message = f"node {self.name}: a type hint cannot be read: {error}"
            raise DeclarationError(message) from error

    def _check_function(self, function: Callable[..., object]) -> None:
        self._check_name("its name", self.name)
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            self._fail("async", "use a plain function; the engine gives it a thread of its own")
        self._yields = inspect.isgeneratorfunction(function)

    def _check_name(self, what: str, name: str) -> None:
        """Refuse a name that a graph file cannot hold."""
        if not _NAME.fullmatch(name):
            self._fail(what, f"{name!r} is saved in files: use up to 80 ASCII letters, digits, _")

    def _fail(self, parameter: str, why: str) -> typing.NoReturn:
        message = f"node {self.name}, {parameter}: {why}"
        raise DeclarationError(message)

    def inputs(self) -> tuple[InputSpec, ...]:
        found = []
        for name, parameter in self._parameters.items():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                self._fail(name, "use a plain parameter; *args and **kwargs cannot be sockets")
            if name not in self._hints:
                self._fail(name, "add a type hint; it decides the socket")
            self._check_name(name, name)
            if self._hints[name] is Run:
                if self.run_parameter is not None:
                    self._fail(name, f"{self.run_parameter} already takes the Run")
                self.run_parameter = name
            else:
                found.append(self._input(name, parameter))
        self._check_sizes(found)
        return tuple(found)

    def _check_sizes(self, inputs: list[InputSpec]) -> None:
        """Refuse a size whose halves are not two numbers of one kind."""
        by_name = {item.name: item for item in inputs}
        for item in inputs:
            other = by_name.get(item.partner)
            if item.partner and (
                other is None
                or other.partner
                or other is item
                or not isinstance(other.widget, IntWidget)
                or not isinstance(item.widget, IntWidget)
            ):
                self._fail(item.name, f"Size joins two whole numbers, and {item.partner!r} is none")

    def _input(self, name: str, parameter: inspect.Parameter) -> InputSpec:
        hint, metadata = _unwrap(self._hints[name])
        optional, hint, metadata = _optional(hint, metadata)
        origin = get_origin(hint)
        multiple, lazy = origin is list, origin is values.Lazy
        if multiple or lazy:
            hint, inner = _unwrap(get_args(hint)[0])
            metadata = (*inner, *metadata)
        label = _find(metadata, Label)
        doc = _find(metadata, Doc)
        size = _find(metadata, Size)
        socket = InputSpec(
            name=name,
            label=label.text if label else _label(name),
            type="",
            multiple=multiple,
            lazy=lazy,
            doc=doc.text if doc else "",
            partner=size.partner if size else "",
        )
        scalar = self._scalar(name, hint, metadata)
        has_default = parameter.default is not inspect.Parameter.empty
        if scalar is not None and not (multiple or lazy):
            if not has_default:
                self._fail(name, "give it a default; a widget always holds a value")
            kind, widget = scalar
            default = self._default(name, widget, parameter.default)
            return replace(socket, type=kind.name, widget=widget, default=default)
        socket_type = scalar[0] if scalar else self._socket(name, hint, metadata)
        if has_default and parameter.default not in (None, ()):
            self._fail(name, "a socket takes no default but None")
        if optional and not has_default:
            self._fail(name, "an optional socket needs `= None`")
        return replace(socket, type=socket_type.name, required=not has_default)

    def _socket(self, name: str, hint: Any, metadata: tuple[object, ...]) -> SocketType:
        socket = _find(metadata, SocketType) or values.VALUE_TYPES.get(hint)
        socket = socket or getattr(hint, "__socket__", None)
        if not isinstance(socket, SocketType):
            self._fail(name, f"{hint!r} is not a socket type, a scalar or an enum")
        return socket

    def _scalar(
        self,
        name: str,
        hint: Any,
        metadata: tuple[object, ...],
    ) -> tuple[SocketType, Widget] | None:
        if isinstance(hint, type) and issubclass(hint, Enum):
            if not all(isinstance(member.value, str) for member in hint):
                self._fail(name, f"the values of {hint.__name__} are saved: make each a text")
            self.enums[name] = hint
            return sockets.CHOICE, ChoiceWidget(tuple(_option(member) for member in hint))
        file = _find(metadata, File)
        if file is not None:
            return sockets.TEXT, FileWidget(file.kind, file.suffixes, file.folders, file.optional)
        if _find(metadata, Curve) is not None:
            if get_origin(hint) is not tuple:
                self._fail(name, "a Curve is a tuple[float, ...]")
            return sockets.CURVE, CurveWidget()
        if hint not in _SCALARS:
            return None
        return _SCALARS[hint], self._widget(name, hint, metadata)

    def _widget(self, name: str, hint: type, metadata: tuple[object, ...]) -> Widget:
        limits = _find(metadata, Range)
        if limits is not None:
            self._check_range(name, hint, limits)
        if hint is bool:
            return BoolWidget()
        if hint is str:
            return _text_widget(metadata)
        if hint is int:
            if _find(metadata, Seed) is not None:
                return SeedWidget()
            limits = limits or Range(-_WIDE, _WIDE)
            return IntWidget(int(limits.minimum), int(limits.maximum), int(limits.step or 1))
        limits = limits or Range(-1e9, 1e9)
        return FloatWidget(float(limits.minimum), float(limits.maximum), limits.step or 0.01)

    def _check_range(self, name: str, hint: type, limits: Range) -> None:
        if hint not in (int, float):
            self._fail(name, "Range is for numbers")
        numbers = [limits.minimum, limits.maximum, *([limits.step] if limits.step else [])]
        if not all(map(math.isfinite, numbers)) or limits.minimum > limits.maximum:
            self._fail(name, "Range goes from a smaller to a larger finite number")
        if hint is int and any(number != int(number) for number in numbers):
            self._fail(name, "the Range of a whole number has whole limits and a whole step")

    def _default(self, name: str, widget: Widget, default: object) -> Param:
        value: Any = default.value if isinstance(default, Enum) else default
        problem = refusal(widget, value)
        if problem is not None:
            self._fail(name, f"its default is refused: {problem}")
        return held(widget, value)

    def outputs(self) -> tuple[OutputSpec, ...]:
        if "return" not in self._hints:
            self._fail("return", "add a return type; it decides the outputs (None for none)")
        hint, metadata = _unwrap(self._hints["return"])
        if get_origin(hint) is Generator:
            self.steps = True
            hint, metadata = _unwrap(get_args(hint)[2])
        elif self._yields:
            self._fail("return", "it yields, so it returns Steps[...]")
        if hint is type(None):
            return ()
        if isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields"):
            self.tuple_output = True
            fields = typing.get_type_hints(hint, include_extras=True)
            return tuple(self._output(name, *_unwrap(field)) for name, field in fields.items())
        return (self._output("", hint, metadata),)

    def _output(self, name: str, hint: Any, metadata: tuple[object, ...]) -> OutputSpec:
        optional, hint, metadata = _optional(hint, metadata)
        many = get_origin(hint) is list
        if many and optional:
            self._fail(name or "return", "give an empty list instead of None")
        if many:
            hint, inner = _unwrap(get_args(hint)[0])
            metadata = (*inner, *metadata)
        socket = _SCALARS.get(hint) or self._socket(name or "return", hint, metadata)
        name = name or _snake(socket.name)
        self._check_name("return", name)
        label, doc = _find(metadata, Label), _find(metadata, Doc)
        return OutputSpec(
            name=name,
            label=label.text if label else _label(name),
            type=socket.name,
            doc=doc.text if doc else "",
            many=many,
            optional=optional,
        )


M = TypeVar("M")


def _text_widget(metadata: tuple[object, ...]) -> Widget:
    if _find(metadata, Colour) is not None:
        return ColourWidget()
    if _find(metadata, Painted) is not None:
        return PaintedWidget()
    prompt = _find(metadata, Prompt)
    if prompt is not None:
        return TextWidget(multiline=True, prompt=True, wildcards=prompt.wildcards)
    return TextWidget(multiline=_find(metadata, Multiline) is not None)


def _find(metadata: tuple[object, ...], kind: type[M]) -> M | None:
    return next((item for item in metadata if isinstance(item, kind)), None)


def _unwrap(hint: Any) -> tuple[Any, tuple[object, ...]]:
    """Split `Annotated[hint, ...]` into the hint and its metadata."""
    if get_origin(hint) is typing.Annotated:
        return hint.__origin__, tuple(hint.__metadata__)
    return hint, ()


def _optional(hint: Any, metadata: tuple[object, ...]) -> tuple[bool, Any, tuple[object, ...]]:
    """Split `T | None` into whether it is optional, T, and all metadata."""
    if get_origin(hint) not in (typing.Union, types.UnionType):
        return False, hint, metadata
    members = [member for member in get_args(hint) if member is not type(None)]
    if len(members) != 1 or len(members) == len(get_args(hint)):
        return False, hint, metadata
    inner, more = _unwrap(members[0])
    return True, inner, (*more, *metadata)


def _option(member: Enum) -> ChoiceOption:
    return ChoiceOption(str(member.value), getattr(member, "label", None) or _label(member.name))


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _snake(name: str) -> str:
    tail = name.rpartition("/")[2]
    return "".join("_" + c.lower() if c.isupper() else c for c in tail).lstrip("_")
