"""How a node stands: what a plan and the last run say, brought to one badge and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.runstate import Badge, NodeRun
from graph.actions import compare
from graph.plan import State
from graph.reasons import explain_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graph.actions import Ingredients
    from graph.graph import Node
    from graph.plan import Step

_KEPT = frozenset({Badge.RAN, Badge.CACHED})
_ENDED_BADLY = frozenset({Badge.FAILED, Badge.SKIPPED})


def standing(
    node: Node,
    step: Step | None,
    before: NodeRun | None,
    last: Ingredients | None,
    waits_for: Iterable[str] = (),
) -> NodeRun:
    """Return how `node` stands by the plan's `step`.

    `before` is how it stood after the last run, unless an edit changed it since; `last` is what
    its last result was made of; `waits_for` are titles of the nodes before it that hold it up.
    """
    if step is None:
        return NodeRun()
    match step.state:
        case State.BROKEN:
            return NodeRun(Badge.BROKEN, "; ".join(step.problems))
        case State.CLEAN:
            kept = before if before is not None and before.badge in _KEPT else None
            return kept or NodeRun(Badge.CLEAN)
        case _ if before is not None and before.badge in _ENDED_BADLY:
            return before
        case State.PENDING:
            return NodeRun(Badge.PENDING, _waits(waits_for))
        case _:
            return NodeRun(Badge.DIRTY, _why(node, step, last))


def _why(node: Node, step: Step, last: Ingredients | None) -> str:
    if step.ingredients is None:
        return ""
    return explain_all(compare(last, step.ingredients, node.wires))


def _waits(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
