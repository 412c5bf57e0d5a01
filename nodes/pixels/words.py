"""Texts and single values that several nodes share."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

from graph.declare import node
from graph.hints import Doc, Multiline, Prompt, Range, Size
from graph.run import Run
from graph.spec import Lane

_PLACE = re.compile(r"\{(\w+)\}")


class PickedSize(NamedTuple):
    """A size, as two numbers."""

    width: Annotated[int, Doc("In pixels.")]
    height: Annotated[int, Doc("In pixels.")]


@node(
    "Text",
    category="Text",
    synonyms=("string", "prompt", "words", "note", "primitive"),
    lane=Lane.CPU,
)
def text(
    text: Annotated[str, Prompt(), Doc("What is handed on.")] = "",
) -> str:
    """Hold a text for several nodes."""
    return text


@node(
    "Number",
    category="Number",
    synonyms=("float", "value", "constant", "primitive"),
    lane=Lane.CPU,
)
def number(
    value: Annotated[float, Range(-1e9, 1e9, 0.1), Doc("What is handed on.")] = 0.0,
) -> float:
    """Hold a number for several nodes."""
    return value


@node(
    "Whole Number",
    category="Number",
    synonyms=("integer", "int", "count", "value", "constant", "primitive"),
    lane=Lane.CPU,
)
def whole_number(
    value: Annotated[int, Range(-(2**31), 2**31), Doc("What is handed on.")] = 0,
) -> int:
    """Hold a whole number for several nodes."""
    return value


@node(
    "Size",
    category="Number",
    synonyms=("width", "height", "resolution", "dimensions", "aspect ratio", "format"),
    lane=Lane.CPU,
)
def size(
    width: Annotated[int, Range(16, 8192, 8), Size("height"), Doc("In pixels.")] = 512,
    height: Annotated[int, Range(16, 8192, 8), Doc("In pixels.")] = 512,
) -> PickedSize:
    """Hold a size for several nodes."""
    return PickedSize(width, height)


@node(
    "Join Text",
    category="Text",
    synonyms=("concatenate", "concat", "combine", "append", "merge"),
    lane=Lane.CPU,
)
def join_text(
    texts: Annotated[list[str], Doc("Texts or lists of texts, in the order of the wires.")],
    separator: Annotated[str, Doc("Put between them.")] = ", ",
) -> str:
    """Join texts to one; empty ones leave no separator behind."""
    return separator.join(part for part in texts if part)


@node(
    "Text Template",
    category="Text",
    synonyms=("format", "placeholder", "fill in", "replace", "variables", "mail merge"),
    lane=Lane.CPU,
)
def text_template(
    run: Run,
    template: Annotated[
        str, Multiline(), Doc("{a} to {e} stand for the texts below; the rest stays as it is.")
    ] = "{a}, {b}",
    a: Annotated[str, Doc("Put where {a} stands.")] = "",
    b: Annotated[str, Doc("Put where {b} stands.")] = "",
    c: Annotated[str, Doc("Put where {c} stands.")] = "",
    d: Annotated[str, Doc("Put where {d} stands.")] = "",
    e: Annotated[str, Doc("Put where {e} stands.")] = "",
) -> str:
    """Fill texts into a template.

    What is filled in is not looked through again, so that braces in it stay. `{red|blue}` is left
    for Wildcards.
    """
    texts = {"a": a, "b": b, "c": c, "d": d, "e": e}
    unknown = sorted({name for name in _PLACE.findall(template) if name not in texts})
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in unknown)
        run.remarks.append(f"{names} stays as it is: only {{a}} to {{e}} are filled in")
    return _PLACE.sub(lambda found: texts.get(found[1], found[0]), template)
