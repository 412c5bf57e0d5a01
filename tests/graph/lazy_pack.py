"""Nodes with lazy inputs; what ran goes into the log of `tests.graph.pack`."""

from __future__ import annotations

from graph.declare import node
from graph.pack import Pack
from graph.run import Run
from graph.values import Lazy
from tests.graph.pack import LOG


@node("Switch", category="Test")
def switch(run: Run, a: Lazy[int], b: Lazy[int], first: bool = True) -> int:
    """Hand on one of two inputs, and compute only that one."""
    LOG.append(run.node)
    return a() if first else b()


@node("Until", category="Test")
def until(run: Run, first: Lazy[int], second: Lazy[int] | None = None) -> int:
    """Ask for the second input only if the first is zero: one ask depends on another's answer."""
    LOG.append(run.node)
    value = first()
    try:
        return value or (second() if second is not None else 0)
    except Exception:  # noqa: BLE001 - a body may catch all it likes: asking still works
        return -1


PACK = Pack(name="lazy", modules=("tests.graph.lazy_pack",))
