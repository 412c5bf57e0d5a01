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
_DUE = frozenset({State.DIRTY, State.PENDING})


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
    outlasts = _ENDED_BADLY if step.state in _DUE else _KEPT if step.state is State.CLEAN else ()
    if before is not None and before.badge in outlasts:
        return before
    match step.state:
        case State.BROKEN:
            return NodeRun(Badge.BROKEN, "\n".join(step.problems))
        case State.PENDING:
            return NodeRun(Badge.PENDING, _waits(waits_for))
        case State.DIRTY:
            return NodeRun(Badge.DIRTY, _why(node, step, last))
        case State.CLEAN | State.BLOCKED:
            return NodeRun(Badge(step.state.value))


def _why(node: Node, step: Step, last: Ingredients | None) -> str:
    if step.ingredients is None:
        return ""
    return explain_all(compare(last, step.ingredients, node.wires))


def _waits(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
