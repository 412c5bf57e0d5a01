"""`sfumato check GRAPH`: is this file a graph that would run?"""

from __future__ import annotations

import sys

from graph.actions import told_of
from graph.plan import State, plan
from graph.subgraphs import localized, title_of
from sfumato.cli.setting import built_in_catalog, settings
from sfumato.cli.source import read_source


def check(name: str) -> int:
    """Print what is wrong with the graph `name`, or that it is sound; return the exit status."""
    catalog = built_in_catalog()
    graph = read_source(name, catalog)
    steps = plan(graph, catalog, settings(document=name).files(), "", {}).steps
    local = localized(catalog, graph)
    broken = [step for step in steps.values() if step.state is State.BROKEN]
    for step in broken:
        title = title_of(graph, local, step.node)
        print(f"{name}: {told_of(title, step.problems)}", file=sys.stderr)
    if broken:
        return 2
    count = len(graph.nodes)
    print(f"{name}: sound, {count} node{'' if count == 1 else 's'}")
    return 0
