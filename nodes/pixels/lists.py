"""Lists: what is behind one runs once for each element."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from graph.declare import node
from graph.errors import SfumatoError
from graph.hints import Doc, Multiline, Range, Seed
from graph.sockets import ANY
from graph.spec import Lane

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_MOST = 10_000
"""Elements of a list that is made here."""
_WORD = 2**64 - 1


class ListError(SfumatoError):
    """A list that cannot be made, or an element that it does not have."""


class Order(StrEnum):
    """How a list is repeated."""

    WHOLE = "whole list"
    EACH = "each element"


@node(
    "Prompt List",
    category="List",
    synonyms=("lines", "texts", "prompts", "split", "batch prompts"),
    lane=Lane.CPU,
)
def prompt_list(
    text: Annotated[str, Multiline(), Doc("One prompt a line; empty lines are left out.")] = "",
    before: Annotated[str, Doc("Put before every line.")] = "",
    after: Annotated[str, Doc("Put after every line.")] = "",
) -> list[str]:
    """Make a list of the lines of a text: what is behind it runs once for each."""
    lines = (line.strip() for line in text.splitlines())
    return [f"{before}{line}{after}" for line in lines if line]


@node(
    "Number List",
    category="List",
    synonyms=("range", "series", "sweep", "steps", "sequence", "values"),
    lane=Lane.CPU,
)
def number_list(
    start: Annotated[float, Range(-1e6, 1e6, 0.1), Doc("The first number.")] = 0.0,
    stop: Annotated[float, Range(-1e6, 1e6, 0.1), Doc("The last one, if the steps meet it.")] = 1.0,
    step: Annotated[
        float, Range(-1e6, 1e6, 0.1), Doc("From one to the next; its sign is found.")
    ] = (0.25),
) -> list[float]:
    """Make a list of numbers at equal steps, both ends included."""
    count = _count(start, stop, step)
    step = math.copysign(step, stop - start)
    # Twelve digits: 0.1 three times is 0.3 to everyone but a computer.
    return [float(f"{start + place * step:.12g}") for place in range(count)]


@node(
    "Whole Number List",
    category="List",
    synonyms=("range", "series", "sweep", "steps", "integers", "count"),
    lane=Lane.CPU,
)
def whole_number_list(
    start: Annotated[int, Range(-1_000_000, 1_000_000), Doc("The first number.")] = 1,
    stop: Annotated[int, Range(-1_000_000, 1_000_000), Doc("The last one, if steps meet it.")] = 4,
    step: Annotated[int, Range(1, 1_000_000), Doc("From one to the next.")] = 1,
) -> list[int]:
    """Make a list of whole numbers at equal steps, both ends included."""
    count = _count(start, stop, step)
    sign = 1 if stop >= start else -1
    return [start + place * step * sign for place in range(count)]


def _count(start: float, stop: float, step: float) -> int:
    """Return how many numbers there are; a rounding error costs none."""
    if step == 0:
        message = "a step of 0 never arrives: use another step"
        raise ListError(message)
    count = math.floor(abs(stop - start) / abs(step) * (1 + 1e-12) + 1e-9) + 1
    if count > _MOST:
        message = f"{count} numbers are more than {_MOST}: use a larger step"
        raise ListError(message)
    return count


@node(
    "Seed List",
    category="List",
    synonyms=("seeds", "variations", "batch", "random", "dice"),
    lane=Lane.CPU,
)
def seed_list(
    seed: Annotated[int, Seed(), Doc("Where the others are drawn from; it is the first.")] = 0,
    count: Annotated[int, Range(1, 1000), Doc("How many seeds.")] = 4,
) -> list[int]:
    """Draw a list of seeds: the same ones every time.

    The first is the seed itself, and a longer list begins as a shorter one does.
    """
    return [seed, *(drawn(seed, place) for place in range(1, count))]


def drawn(seed: int, place: int) -> int:
    """Return number `place` of those drawn from `seed`, from 0 to 2**63 - 1.

    SplitMix64 (Steele, Lea and Flood, 2014), which is the same on every machine for ever.
    """
    state = (seed + place * 0x9E3779B97F4A7C15) & _WORD
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
    return (state ^ (state >> 31)) >> 1


@node(
    "Repeat Text",
    category="List",
    synonyms=("repeat", "duplicate", "times", "cross", "combinations", "grid"),
    lane=Lane.CPU,
)
def repeat_text(
    texts: Annotated[list[str], Doc("A list, or several texts.")],
    times: Annotated[int, Range(1, 1000), Doc("How often each is there afterwards.")] = 2,
    order: Annotated[Order, Doc("Either a b a b, or a a b b.")] = Order.WHOLE,
) -> list[str]:
    """Make a list longer by repeating it.

    To try every prompt with every seed, repeat one list as a whole and the other each by each.
    """
    return repeated(texts, times, order)


@node(
    "Repeat Number",
    category="List",
    synonyms=("repeat", "duplicate", "times", "cross", "combinations", "grid"),
    lane=Lane.CPU,
)
def repeat_number(
    numbers: Annotated[list[float], Doc("A list, or several numbers.")],
    times: Annotated[int, Range(1, 1000), Doc("How often each is there afterwards.")] = 2,
    order: Annotated[Order, Doc("1 2 1 2, or 1 1 2 2.")] = Order.WHOLE,
) -> list[float]:
    """Make a list of numbers longer by repeating it."""
    return repeated(numbers, times, order)


@node(
    "Repeat Whole Number",
    category="List",
    synonyms=("repeat", "repeat seed", "duplicate", "times", "cross", "combinations", "grid"),
    lane=Lane.CPU,
)
def repeat_whole_number(
    numbers: Annotated[list[int], Doc("A list of whole numbers or seeds, or several.")],
    times: Annotated[int, Range(1, 1000), Doc("How often each is there afterwards.")] = 2,
    order: Annotated[Order, Doc("1 2 1 2, or 1 1 2 2.")] = Order.WHOLE,
) -> list[int]:
    """Make a list of whole numbers, such as seeds, longer by repeating it."""
    return repeated(numbers, times, order)


def repeated(values: Sequence[T], times: int, order: Order) -> list[T]:
    """Return `values` `times` times: as a whole, or each by each."""
    if len(values) * times > _MOST:
        message = f"{len(values) * times} elements are more than {_MOST}: repeat less often"
        raise ListError(message)
    if order is Order.WHOLE:
        return list(values) * times
    return [value for value in values for _ in range(times)]


@node(
    "Text From List",
    category="List",
    synonyms=("pick", "choose", "select", "index", "pick from list"),
    lane=Lane.CPU,
)
def text_from_list(
    texts: Annotated[list[str], Doc("A list, or several texts.")],
    index: Annotated[int, Range(-9999, 9999), Doc("1 is the first, -1 the last.")] = 1,
) -> str:
    """Take one text out of a list."""
    return picked(texts, index)


@node(
    "Number From List",
    category="List",
    synonyms=("pick", "choose", "select", "index", "pick from list"),
    lane=Lane.CPU,
)
def number_from_list(
    numbers: Annotated[list[float], Doc("A list, or several numbers.")],
    index: Annotated[int, Range(-9999, 9999), Doc("1 is the first, -1 the last.")] = 1,
) -> float:
    """Take one number out of a list."""
    return picked(numbers, index)


@node(
    "Whole Number From List",
    category="List",
    synonyms=("pick", "choose", "select", "index", "seed from list", "pick from list"),
    lane=Lane.CPU,
)
def whole_number_from_list(
    numbers: Annotated[list[int], Doc("A list of whole numbers or seeds, or several.")],
    index: Annotated[int, Range(-9999, 9999), Doc("1 is the first, -1 the last.")] = 1,
) -> int:
    """Take one whole number, such as a seed, out of a list."""
    return picked(numbers, index)


def picked(values: Sequence[T], index: int) -> T:
    """Return the element at `index`: 1 is the first, -1 the last.

    Raises:
        ListError: there is none.
    """
    if index == 0 or abs(index) > len(values):
        have = f"1 to {len(values)}, or -1 for the last" if values else "nothing: the list is empty"
        message = f"there is no element {index}: the list has {have}"
        raise ListError(message)
    return values[index - 1 if index > 0 else index]


@node(
    "List Length",
    category="List",
    synonyms=("count", "size", "how many", "number of"),
    lane=Lane.CPU,
)
def list_length(
    values: Annotated[list[Annotated[Any, ANY]], Doc("A list of anything, or several wires.")],
) -> int:
    """Count the elements of a list."""
    return len(values)
