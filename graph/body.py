"""Calling a node's body: arguments in, checked outputs out."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph.errors import ContractError, SfumatoError
from graph.events import Problem
from graph.params import FileRef
from graph.spec import FileWidget, refusal
from graph.values import InputAsked, Lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graph.declare import NodeType
    from graph.files import FileIndex
    from graph.graph import Node, Source
    from graph.handlers import Handlers, Packed
    from graph.params import Param
    from graph.spec import InputSpec, Widget


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a body, checked against its contract."""

    digest: str
    value: object
    packed: Packed
    kind: str
    """The name of its socket type."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Puts together what a body is called with."""

    files: FileIndex
    handlers: Handlers
    fetch: Callable[[Source], tuple[str, object]]
    """Returns the socket type and the value of an output."""

    def arguments(
        self, node: Node, declared: NodeType, ready: Mapping[str, object]
    ) -> dict[str, Any]:
        """Return the arguments of a body by name, without the `Run`.

        `ready` has the lazy inputs that may be handed out; another one, when asked for, raises
        `InputAsked` out of the body.
        """
        arguments: dict[str, Any] = {}
        for item in declared.spec.inputs:
            if item.name in node.wires:
                arguments[item.name] = self._wired(node, item, declared, ready)
            elif item.widget is not None:
                value = node.params.get(item.name, item.default)
                arguments[item.name] = self._param(item, value, declared)
            elif item.multiple:
                arguments[item.name] = []
        return arguments

    def _wired(
        self, node: Node, item: InputSpec, declared: NodeType, ready: Mapping[str, object]
    ) -> object:
        if item.lazy:
            return Lazy(lambda: self._asked(node, item, ready))
        value = self._values(node, item)
        return declared.enums[item.name](value) if item.name in declared.enums else value

    def _asked(self, node: Node, item: InputSpec, ready: Mapping[str, object]) -> object:
        if item.name not in ready:
            raise InputAsked(item.name)
        return self._values(node, item)

    def _values(self, node: Node, item: InputSpec) -> object:
        values = []
        for source in node.wires[item.name]:
            kind, value = self.fetch(source)
            value = self.handlers.convert(kind, item.type, value)
            values.append(value if item.widget is None else _taken(item, item.widget, value))
        return values if item.multiple else values[0]

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
    made = []
    for spec, value in zip(declared.spec.outputs, _as_tuple(result, declared), strict=True):
        handler = handlers[spec.type]
        try:
            checked = handler.check(value)
        except ContractError as error:
            raise ContractError(f"output {spec.label}: {error}") from error
        packed = handler.pack(checked)
        made.append(Output(packed.digest(spec.type), checked, packed, spec.type))
    return made


def _as_tuple(result: object, declared: NodeType) -> tuple[object, ...]:
    count = len(declared.spec.outputs)
    if count == 0:
        return ()
    if not declared.tuple_output:
        return (result,)
    if isinstance(result, tuple) and len(result) == count:
        return result
    raise ContractError(f"must return {count} outputs, got {type(result).__name__}")


def problem_of(title: str, error: BaseException) -> Problem:
    """Turn what a body raised into data: ours in its own words, others with their kind."""
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
