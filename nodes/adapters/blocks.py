"""Weights of a LoRA for parts of a network: "down.1 0.5, mid 0, up 1.2"."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

from nodes.errors import LoraError

if TYPE_CHECKING:
    from collections.abc import Iterator

Blocks: TypeAlias = tuple[tuple[str, float], ...]

_ENTRY = re.compile(r"\s*((?:down|up|text)(?:\.\d+){0,2}|mid)\s*[:=\s]\s*([-+]?[\d.]+)\s*")
_PATHS = (
    (re.compile(r"(down|up)_blocks\.(\d+)\.(?:\w+)\.(\d+)"), "{0}.{1}.{2}"),
    (re.compile(r"(mid)_block\."), "{0}"),
    (re.compile(r"(?:text_model\.)?encoder\.layers\.(\d+)\."), "text.{0}"),
)


def read_blocks(text: str) -> Blocks:
    """Return what `text` says: part and number, parted by commas or lines.

    Raises:
        LoraError: it cannot be read; the message shows an example.
    """
    found: dict[str, float] = {}
    for entry in filter(str.strip, re.split(r"[,;\n]", text)):
        match = _ENTRY.fullmatch(entry)
        number = _number(match[2]) if match else None
        if match is None or number is None:
            message = (
                f"block weight {entry.strip()!r} cannot be read: write a part (down, down.1, "
                "down.1.0, mid, up.2, text.3) and a number, such as “down.1 0.5, mid 0”"
            )
            raise LoraError(message)
        found[match[1]] = number
    return tuple(sorted(found.items()))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def block_of(path: str) -> str:
    """Return the part that the layer at `path` belongs to: down.1.0, mid, up.2.1, text.3; or ""."""
    for pattern, shape in _PATHS:
        match = pattern.match(path)
        if match:
            return shape.format(*match.groups())
    return ""


def factor_of(path: str, blocks: Blocks) -> float:
    """Return the factor for the layer at `path`: that of the longest name it is within, or 1."""
    if not blocks:
        return 1.0
    known = dict(blocks)
    return next((known[name] for name in _within(block_of(path)) if name in known), 1.0)


def _within(block: str) -> Iterator[str]:
    while block:
        yield block
        block = block.rpartition(".")[0]
