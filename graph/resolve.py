"""Resolving: what is known of one node, and which calls of its body are due."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from graph.actions import BLOCKED, Digests, Entry, Ingredients, file_problem, gather, problems
from graph.errors import MissingFileError, SfumatoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from graph.catalog import Catalog
    from graph.files import FileIndex
    from graph.graph import Node, Source
    from graph.spec import NodeSpec


class State(StrEnum):
    """What a run would find at a node."""

    CLEAN = "clean"
    """Its result is known."""
    DIRTY = "dirty"
    """It would run."""
    PENDING = "pending"
    """Something before it would run, or cannot: whether it must run shows then."""
    BLOCKED = "blocked"
    """It is switched off, or what it needs is."""
    BROKEN = "broken"
    """It cannot run as it is."""


class Work(msgspec.Struct, frozen=True, gc=False):
    """One call of a body."""

    action: str
    ingredients: Ingredients
    digests: Digests | None = None
    """What it gave; None when that is not known."""
    asks: str = ""
    """A lazy input that the body is known to ask for and whose content is not known yet."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One node of a plan."""

    node: str
    state: State
    action: str = ""
    """Empty while the digest of an input is not known."""
    digests: Digests = ()
    ingredients: Ingredients | None = None
    problems: tuple[str, ...] = ()
    asks: str = ""
    """A lazy input that the body is known to ask for and whose content is not known yet."""
    elements: tuple[Work, ...] | None = None
    """Where lists are wired in, so that its outputs are lists too: one call for each element."""

    def works(self) -> tuple[Work, ...]:
        """Return the calls of the body."""
        if self.elements is not None:
            return self.elements
        assert self.ingredients is not None  # noqa: S101 - asked of nodes that can run
        return (Work(self.action, self.ingredients, self.digests or None),)


@dataclass(frozen=True, slots=True)
class Known:
    """All that planning looks things up in."""

    catalog: Catalog
    files: FileIndex
    environment: str
    digests: Callable[[str], Digests | None]
    """Returns what was computed under an action, None when that is not known."""
    asked: Callable[[str], str | None]
    """Returns the lazy input that a body asked for after an action; see `resolve`."""
    folder: str = ""
    """Where nodes with an effect write."""


def resolve(
    node: Node,
    spec: NodeSpec | None,
    tables: Known,
    entry_of: Callable[[Source], Entry | None],
) -> Step:
    """Return the step of `node`, given the digest of each output that is known.

    A lazy input belongs to the action only when the body asked for it. What it asks for can depend
    on what it got before, so the asks are a chain: the action without lazy inputs leads to the
    first one asked for, the action with that one to the next, until no further is asked for.
    """
    found = problems(node, spec)
    if spec is None or found:
        return Step(node.id, State.BROKEN, problems=found)
    inputs = {name: _row(node.wires[name], entry_of) for name in node.wires}
    eager = inputs
    if spec.lazy_inputs:
        eager = {name: row for name, row in inputs.items() if name not in spec.lazy_inputs}
    if None in eager.values():
        return Step(node.id, State.PENDING)
    try:
        ingredients = gather(node, spec, eager, tables.files, tables.environment, tables.folder)
    except (MissingFileError, OSError) as error:
        return Step(node.id, State.BROKEN, problems=(file_problem(error),))
    digests: Digests | None
    if not spec.lazy_inputs and _is_plain(eager):
        action = ingredients.action()
        digests = None if spec.volatile else tables.digests(action)
        state = State.DIRTY if digests is None else State.CLEAN
        return Step(node.id, state, action, digests or (), ingredients)
    calls = _Calls(spec, inputs, tables)
    try:
        works = tuple(calls.of(ingredients))
    except _UnequalError as error:
        return Step(node.id, State.BROKEN, problems=(str(error),))
    return _step(node.id, spec, ingredients, works, mapped=calls.mapped)


def _is_plain(inputs: Mapping[str, Digests | None]) -> bool:
    """Say whether no list and nothing switched off is among `inputs`: nearly always."""
    for row in inputs.values():
        if not row or type(row[0]) is not str or BLOCKED in row:
            return False
    return True


def _step(
    node_id: str, spec: NodeSpec, ingredients: Ingredients, works: tuple[Work, ...], *, mapped: bool
) -> Step:
    asks = next((work.asks for work in works if work.asks), "")
    action = ingredients.action() if mapped else works[0].action
    digests = joined(spec, works) if mapped else works[0].digests
    if not mapped:
        ingredients = works[0].ingredients
    if asks:
        state = State.PENDING
    elif digests is None:
        state = State.DIRTY
    else:
        state = State.CLEAN if action else State.BLOCKED
    elements = works if mapped else None
    return Step(node_id, state, action, digests or (), ingredients, (), asks, elements)


def joined(spec: NodeSpec, works: Iterable[Work]) -> Digests | None:
    """Return the outputs of a mapped node, which are lists; None while a call is not known.

    The lists that the calls give are joined to one.
    """
    rows = [work.digests for work in works]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    return tuple(
        tuple(_chained(row[place] for row in known))
        if output.many
        else tuple(entry for row in known if isinstance(entry := row[place], str))
        for place, output in enumerate(spec.outputs)
    )


def _chained(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, tuple):
            yield from entry


def switched_off(spec: NodeSpec) -> Digests:
    """Return the outputs of a node that is switched off."""
    return (BLOCKED,) * len(spec.outputs)


class _UnequalError(SfumatoError):
    """Lists of different lengths are wired into one node."""


class _Calls:
    """Finds the calls of one node's body."""

    def __init__(self, spec: NodeSpec, inputs: Mapping[str, Digests | None], tables: Known) -> None:
        self.mapped = False
        """Whether there is one for each element of a list."""
        self._spec = spec
        self._inputs = inputs
        self._tables = tables
        self._count = 0

    def of(self, ingredients: Ingredients) -> Iterator[Work]:
        """Yield the calls that `ingredients`, without lazy inputs, lead to."""
        lists = {
            name: row[0]
            for name, row in ingredients.inputs
            if not self._spec.input_by_name[name].multiple and isinstance(row[0], tuple)
        }
        if not lists:
            yield from self._chase(ingredients, None)
            return
        self._map_over(lists)
        for place in range(self._count):
            picked: dict[str, Digests] = {
                name: (_picked(row, place),) for name, row in lists.items()
            }
            yield from self._chase(ingredients.with_inputs(picked), place)

    def _map_over(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        """Note how many elements there are; a list of one goes with all of another."""
        self.mapped = True
        lengths = {len(row) for row in lists.values()}
        several = sorted(lengths - {1})
        if len(several) > 1:
            told = ", ".join(
                f"{self._spec.input_by_name[name].label} has {len(row)}"
                for name, row in sorted(lists.items())
            )
            message = f"the lists wired in differ in length ({told}): make them equally long"
            raise _UnequalError(message)
        self._count = several[0] if several else 1

    def _chase(self, ingredients: Ingredients, place: int | None) -> Iterator[Work]:
        """Yield the call that `ingredients` lead to by what bodies asked for, element `place`."""
        if self._is_off(ingredients.inputs):
            yield Work("", ingredients, switched_off(self._spec))
            return
        action = ingredients.action()
        name = self._tables.asked(action)
        if name is None:
            digests = None if self._spec.volatile else self._tables.digests(action)
            yield Work(action, ingredients, digests)
            return
        row = self._inputs.get(name)
        if row is None:
            yield Work(action, ingredients, None, name)
            return
        given = row[0]
        if isinstance(given, str) or self._spec.input_by_name[name].multiple:
            yield from self._chase(ingredients.with_input(name, row), place)
        elif place is not None:
            if len(given) not in (1, self._count):
                self._map_over({name: given, "": ("",) * self._count})
            picked = (_picked(given, place),)
            yield from self._chase(ingredients.with_input(name, picked), place)
        else:
            self._map_over({name: given})
            for at, entry in enumerate(given):
                yield from self._chase(ingredients.with_input(name, (entry,)), at)

    def _is_off(self, inputs: Iterable[tuple[str, Digests]]) -> bool:
        """Say whether something that the body cannot do without is switched off."""
        for name, row in inputs:
            item = self._spec.input_by_name[name]
            if BLOCKED not in row:
                continue
            if item.multiple:
                if item.required and all(entry == BLOCKED for entry in row):
                    return True
            elif item.required or item.widget is not None:
                return True
        return False


def _picked(row: tuple[str, ...], place: int) -> str:
    return row[0] if len(row) == 1 else row[place]


def _row(sources: tuple[Source, ...], entry_of: Callable[[Source], Entry | None]) -> Digests | None:
    """Return the content digests of what is wired into one input; None while one is not known."""
    row = []
    for source in sources:
        entry = entry_of(source)
        if entry is None:
            return None
        row.append(entry)
    return tuple(row)
