"""`sfumato run GRAPH`: a run without a window."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import msgspec

from graph.atomic import write_atomic
from graph.errors import GraphError, SfumatoError
from graph.events import Outcome
from graph.plan import wiring_problems
from graph.report import Report
from graph.subgraphs import localized, title_of
from sfumato.cli.assign import assign
from sfumato.cli.keeping import Keeping
from sfumato.cli.progress import Progress
from sfumato.cli.setting import built_in_catalog, settings
from sfumato.cli.source import read_source

if TYPE_CHECKING:
    import argparse

    from graph.catalog import Catalog
    from graph.engine.settings import EngineSettings
    from graph.graph import Graph

FAILED_RUN = 1


class ArgumentError(SfumatoError):
    """An argument that cannot be used."""


def run(arguments: argparse.Namespace) -> int:
    """Run the graph that `arguments` name; print the files it wrote; return the exit status."""
    if arguments.report is not None and not arguments.report.parent.is_dir():
        raise ArgumentError(f"--report {arguments.report}: there is no such folder; make it first")
    catalog = built_in_catalog()
    setting = settings(arguments.device, arguments.graph)
    files = setting.files()
    graph = read_source(arguments.graph, catalog)
    for text in arguments.values:
        graph = assign(graph, catalog, files, text)
    refuse_broken(graph, catalog)
    report = _execute(graph, catalog, setting, arguments)
    if arguments.report is not None:
        write_atomic(arguments.report, msgspec.json.format(msgspec.json.encode(report.as_dict())))
    return _tell(report, explain=arguments.explain)


def refuse_broken(graph: Graph, catalog: Catalog) -> None:
    """Raise `GraphError` when a node that the run needs is not wired or not installed."""
    found = [
        f"{title_of(graph, localized(catalog, graph), node_id)}: {problem}"
        for node_id, problem in wiring_problems(graph, catalog)
    ]
    if found:
        raise GraphError("; ".join(found))
    if not graph.nodes:
        raise GraphError("the graph is empty: there is nothing to run")


def _execute(
    graph: Graph, catalog: Catalog, setting: EngineSettings, arguments: argparse.Namespace
) -> Report:
    report = Report(graph, catalog)
    with contextlib.ExitStack() as stack:
        progress = stack.enter_context(Progress(graph, catalog))
        engine = stack.enter_context(contextlib.closing(setting.engine()))
        takers = [report.add, progress.show]
        if not arguments.no_history:
            keeping = Keeping(graph, catalog, arguments.graph, arguments.out)
            keeping.environment = engine.loaded.environment
            takers.append(stack.enter_context(keeping).add)
        events = engine.run(graph, output_folder=arguments.out, force=arguments.no_cache)
        for event in stack.enter_context(contextlib.closing(events)):
            for take in takers:
                take(event)
    return report


def _tell(report: Report, *, explain: bool) -> int:
    if explain:
        for row in report.nodes.values():
            reason = f": {row['reason']}" if row["reason"] else ""
            print(f"{row['title']}: {row['status']} in {row['ms']:.0f} ms{reason}")
    for remark in report.remarks:
        print(f"sfumato: {remark}", file=sys.stderr)
    for error in report.errors:
        print(f"sfumato: {error}", file=sys.stderr)
    for file in report.files or report.kept:
        print(file)
    return 0 if report.outcome is Outcome.DONE else FAILED_RUN
