"""Calling a node's body: arguments in, checked outputs out."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from graph.actions import BLOCKED
from graph.errors import ContractError, SfumatoError
from graph.events import Problem
from graph.handlers import Packed
from graph.params import FileRef
from graph.spec import FileWidget, refusal
from graph.values import InputAsked, Lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graph.actions import Digests, Entry
    from graph.declare import NodeType
    from graph.files import FileIndex
    from graph.graph import Node, Source
    from graph.handlers import Handlers
    from graph.params import Param
    from graph.spec import InputSpec, OutputSpec, Widget


class Held(NamedTuple):
    """One value that a body gave, checked against its contract."""

    digest: str
    value: object
    packed: Packed


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a body: one value, the elements of a list, or nothing where switched off."""

    entry: Entry
    parts: tuple[Held, ...]
    kind: str
    """The name of its socket type."""

    def size(self) -> int:
        """Return how many bytes its values hold."""
        return sum(part.packed.size() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """What a body is called with."""

    arguments: dict[str, Any]
    given: list[tuple[InputSpec, str, object]] = field(default_factory=list)
    """Values that came by wire: the input, the socket type, the value as its maker gave it."""

    def verify(self, handlers: Handlers) -> None:
        """Raise `ContractError` when the body changed an input in place."""
        for item, kind, value in self.given:
            check = getattr(handlers[kind], "verify", None)
            if check is None:
                continue
            try:
                check(value)
            except ContractError as error:
                message = f"changed its input {item.label} in place: work on a copy"
                raise ContractError(message) from error


@dataclass(frozen=True, slots=True)
class Caller:
    """Puts together what a body is called with."""

    files: FileIndex
    handlers: Handlers
    kind_of: Callable[[Source], str]
    """Returns the socket type of what an output gives."""
    value_of: Callable[[str], object]
    """Returns a value by its content digest."""

    def call(self, node: Node, declared: NodeType, inputs: Mapping[str, Digests]) -> Call:
        """Return the arguments of a body by name, without the `Run`.

        `inputs` has the content of what is wired in, of lazy inputs only of those that may be
        handed out; another one, when asked for, raises `InputAsked` out of the body.
        """
        call = Call({})
        for item in declared.spec.inputs:
            if item.name in node.wires:
                self._wire(call, node, item, declared, inputs)
            elif item.widget is not None:
                value = node.params.get(item.name, item.default)
                call.arguments[item.name] = self._param(item, value, declared)
            elif item.multiple:
                call.arguments[item.name] = []
        return call

    def _wire(
        self,
        call: Call,
        node: Node,
        item: InputSpec,
        declared: NodeType,
        inputs: Mapping[str, Digests],
    ) -> None:
        if item.lazy:
            call.arguments[item.name] = Lazy(lambda: self._asked(call, node, item, inputs))
            return
        values = self._values(call, node, item, inputs[item.name])
        if item.multiple:
            call.arguments[item.name] = values
        elif values:  # an optional input that is switched off is as if nothing were wired in
            enum = declared.enums.get(item.name)
            call.arguments[item.name] = enum(values[0]) if enum else values[0]

    def _asked(
        self, call: Call, node: Node, item: InputSpec, inputs: Mapping[str, Digests]
    ) -> object:
        if item.name not in inputs:
            raise InputAsked(item.name)
        values = self._values(call, node, item, inputs[item.name])
        if item.multiple:
            return values
        return values[0] if values else None

    def _values(self, call: Call, node: Node, item: InputSpec, row: Digests) -> list[object]:
        values = []
        for source, entry in zip(node.wires[item.name], row, strict=True):
            kind = self.kind_of(source)
            for digest in (entry,) if isinstance(entry, str) else entry:
                if digest == BLOCKED:
                    continue
                given = self.value_of(digest)
                call.given.append((item, kind, given))
                value = self.handlers.convert(kind, item.type, given)
                values.append(value if item.widget is None else _taken(item, item.widget, value))
        return values

    def _param(self, item: InputSpec, value: Param, declared: NodeType) -> object:
        if isinstance(item.widget, FileWidget) and isinstance(value, FileRef):
            return self.files.find(value, item.widget.kind)
        return declared.enums[item.name](value) if item.name in declared.enums else value


def _taken(item: InputSpec, widget: Widget, value: Any) -> object:
    """Return `value`; what a widget does not take, a wire cannot bring either."""
    problem = refusal(widget, value)
    if problem is not None:
        raise ContractError(f"input {item.label}: {problem}")
    return value


def outputs(declared: NodeType, handlers: Handlers, result: object) -> list[Output]:
    """Return what a body gave, each output checked, frozen and digested."""
    return [
        _output(spec, handlers, value)
        for spec, value in zip(declared.spec.outputs, _as_tuple(result, declared), strict=True)
    ]


def _output(spec: OutputSpec, handlers: Handlers, value: object) -> Output:
    if value is None and spec.optional:
        return Output(BLOCKED, (), spec.type)
    if not spec.many:
        held = _held(spec, spec.label, handlers, value)
        return Output(held.digest, (held,), spec.type)
    if not isinstance(value, list | tuple):
        raise ContractError(f"output {spec.label}: expected a list, got {type(value).__name__}")
    parts = tuple(
        _held(spec, f"{spec.label} [{place}]", handlers, part) for place, part in enumerate(value)
    )
    return Output(tuple(part.digest for part in parts), parts, spec.type)


def _held(spec: OutputSpec, label: str, handlers: Handlers, value: object) -> Held:
    handler = handlers[spec.type]
    try:
        checked = handler.check(value)
        packed = handler.pack(checked)
        return Held(packed.digest(spec.type), checked, packed)
    except ContractError as error:
        raise ContractError(f"output {label}: {error}") from error
    except (TypeError, ValueError, AttributeError) as error:
        # A handler that cannot put a value into plain parts: without a digest it has no name.
        message = f"output {label} cannot be named by its content ({error}): mend its handler"
        raise ContractError(message) from error


def _as_tuple(result: object, declared: NodeType) -> tuple[object, ...]:
    count = len(declared.spec.outputs)
    if count == 0:
        return ()
    if not declared.tuple_output:
        return (result,)
    if isinstance(result, tuple) and len(result) == count:
        return result
    raise ContractError(f"must return {count} outputs, got {type(result).__name__}")


def problem_of(title: str, error: BaseException, exhausted: Iterable[str] = ()) -> Problem:
    """Turn what a body raised into data: ours in its own words, others with their kind.

    `exhausted` has the words for an error that says that the device's memory is full.
    """
    text = " ".join(exhausted)
    if not text:
        text = str(error) if isinstance(error, SfumatoError) else _foreign(error)
    detail = "".join(traceback.format_exception(error))
    return Problem(type(error).__name__, f"{title}: {text}", detail)


def _foreign(error: BaseException) -> str:
    try:
        text = str(error).strip().partition("\n")[0]
    except Exception:  # noqa: BLE001 - an exception may fail to describe itself
        text = ""
    kind = type(error).__name__
    return f"{kind}: {text}" if text else kind
