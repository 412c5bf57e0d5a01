"""One run: which bodies run, in which order, what is told, and what failures leave standing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from graph.cache import Cache, MemoryStore
from graph.edits import describe, disconnect, move, remove, set_param
from graph.events import NodeFinished, NodeProgress, Outcome, RunStarted, Status
from graph.execute import Engine
from graph.files import FileIndex
from graph.graph import Graph, Link, Source, Target
from graph.params import FileRef
from graph.reasons import (
    Evicted,
    FileChanged,
    FirstRun,
    Forced,
    InputChanged,
    OutputMissing,
    ParamChanged,
    TypeChanged,
    Volatile,
)
from tests.graph import pack
from tests.graph.build import CATALOG, LOADED, Session, build, chain, n, wired

if TYPE_CHECKING:
    from pathlib import Path

    from graph.params import Param

FORK = (
    n("one", "number", value=1),
    n("two", "number", value=2),
    n("sum", "fold", {"a": "one.int", "b": "two.int"}),
    n("odd", "parity", {"value": "one.int"}),
    n("end", "fold", {"a": "sum.int", "b": "odd.int"}, mode="times"),
)


def changed(graph: Graph, node: str, **params: Param) -> Graph:
    for name, value in params.items():
        graph = set_param(graph, CATALOG, node, name, value).graph
    return graph


class TestWhatRuns:
    def test_everything_once_and_then_nothing(self) -> None:
        session, graph = Session(), build(*FORK)
        assert session.run(graph) == ["one", "odd", "two", "sum", "end"]
        assert session.value("end") == 3
        assert session.end.outcome is Outcome.DONE
        assert session.run(graph) == []
        assert {row["status"] for row in session.report.nodes.values()} == {"cached"}
        assert session.value("end") == 3

    def test_an_edit_runs_what_lies_behind_it(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        assert session.run(changed(graph, "two", value=5)) == ["two", "sum", "end"]
        assert session.value("end") == 6

    def test_an_equal_result_stops_the_wave(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        assert session.run(changed(graph, "one", value=3)) == ["one", "odd", "sum", "end"]
        graph = build(n("x", "number", value=1), n("odd", "parity", {"value": "x.int"}),
                      n("w", "words", {"text": "odd.int"}))  # fmt: skip
        assert session.run(graph) == ["w"]  # x and odd are equal to work done above
        assert session.run(changed(graph, "x", value=7)) == ["x", "odd"]
        assert session.report.nodes["w"]["status"] == "cached"

    def test_edited_and_edited_back_is_no_work(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        session.run(changed(graph, "one", value=9))
        assert session.run(graph) == []

    def test_looks_are_no_work(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        graph = move(graph, {"one": (5, 5)}).graph
        graph = describe(graph, "one", title="First", colour="#ff0000").graph
        assert session.run(graph) == []

    def test_other_ids_are_no_work(self) -> None:
        session = Session()
        session.run(chain(3))
        renamed = build(
            n("x", "number", value=1),
            n("y", "fold", {"a": "x.int"}, b=1),
            n("z", "fold", {"a": "y.int"}, b=1),
        )
        assert session.run(renamed) == []

    def test_equal_nodes_in_one_graph_are_computed_once(self) -> None:
        session = Session()
        graph = build(
            n("a", "number", value=4),
            n("b", "number", value=4),
            n("c", "fold", {"a": "a.int"}),
            n("d", "fold", {"a": "b.int"}),
        )
        assert session.run(graph) == ["a", "c"]
        assert session.value("d") == 4

    def test_a_graph_that_shares_a_start_goes_on_from_it(self) -> None:
        session = Session()
        session.run(chain(5))
        assert session.run(chain(8)) == ["n5", "n6", "n7"]

    def test_a_widget_that_is_wired_does_not_count(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        assert session.run(changed(graph, "sum", a=99)) == []

    def test_equal_numbers_of_other_kinds_are_told_apart(self) -> None:
        session = Session()
        for value in (1, True):
            graph = build(n("w", "words", {"text": "x.int"}), n("x", "number", value=int(value)))
            session.run(graph)
        real = build(n("w", "words", {"text": "x.float"}), n("x", "real", value=1.0))
        assert session.run(real) == ["x", "w"]

    def test_all_values_are_recomputed_when_forced(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        assert len(session.run(graph, force=True)) == 5
        assert session.reasons("one") == (Forced(),)

    def test_a_volatile_node_runs_and_what_is_behind_it_need_not(self) -> None:
        session, graph = (
            Session(),
            build(n("d", "dice", seed=3), n("p", "parity", {"value": "d.int"})),
        )
        assert session.run(graph) == ["d", "p"]
        assert session.run(graph) == ["d"]
        assert session.reasons("d") == (Volatile(),)


class TestTargets:
    def test_only_what_the_target_needs_runs(self) -> None:
        session, graph = Session(), build(*FORK)
        assert session.run(graph, "odd") == ["one", "odd"]
        assert session.run(graph) == ["two", "sum", "end"]

    def test_nodes_with_an_effect_are_what_everything_means(self, tmp_path: Path) -> None:
        session = Session()
        graph = build(n("w", "write", text="x"), n("aside", "number"))
        assert session.run(graph, folder=tmp_path) == ["w"]

    def test_a_target_that_is_not_there_is_said(self) -> None:
        session, graph = Session(), build(*FORK)
        with pytest.raises(Exception, match="there is no node 'nobody' in this graph"):
            session.run(graph, "nobody")

    def test_an_empty_graph_is_done_at_once(self) -> None:
        session = Session()
        assert session.run(Graph()) == []
        assert session.end.outcome is Outcome.DONE


class TestLazy:
    GRAPH = build(
        n("a", "number", value=1),
        n("b", "number", value=2),
        n("s", "switch", {"a": "a.int", "b": "b.int"}),
        n("end", "fold", {"a": "s.int"}),
    )

    def test_the_side_that_is_not_chosen_is_not_computed(self) -> None:
        session = Session()
        assert session.run(self.GRAPH, "end") == ["s", "a", "s", "end"]
        assert session.value("end") == 1
        assert session.run(self.GRAPH, "end") == []

    def test_an_edit_on_the_other_side_runs_nothing(self) -> None:
        session = Session()
        session.run(self.GRAPH, "end")
        assert session.run(changed(self.GRAPH, "b", value=7), "end") == []

    def test_an_edit_on_the_chosen_side_runs_what_reads_it(self) -> None:
        session = Session()
        session.run(self.GRAPH, "end")
        assert session.run(changed(self.GRAPH, "a", value=7), "end") == ["a", "s", "end"]

    def test_switched_over_and_back(self) -> None:
        session = Session()
        session.run(self.GRAPH, "end")
        over = changed(self.GRAPH, "s", first=False)
        assert session.run(over, "end") == ["s", "b", "s", "end"]
        assert session.value("end") == 2
        assert session.run(self.GRAPH, "end") == []

    def test_a_wire_taken_from_the_side_that_was_asked_for(self) -> None:
        session = Session()
        over = changed(self.GRAPH, "s", first=False)
        session.run(over, "end")
        cut = disconnect(over, Link(Source("b", "int"), Target("s", "b"))).graph
        assert session.run(cut, "end") == ["s", "end"]
        assert session.value("end") == -1
        assert session.run(over, "end") == []

    def test_a_failure_on_the_side_that_is_not_chosen_does_not_matter(self) -> None:
        graph = build(
            n("a", "number", value=1),
            n("bad", "fail"),
            n("s", "switch", {"a": "a.int", "b": "bad.int"}),
        )
        session = Session()
        session.run(graph, "s")
        assert session.end.outcome is Outcome.DONE
        session.run(changed(graph, "s", first=False), "s")
        assert session.skipped() == {"s": "waits for Fail"}


class TestOrder:
    def test_is_told_at_the_start(self) -> None:
        session = Session()
        session.run(build(*FORK))
        assert session.events[0] == RunStarted(0, ("one", "odd", "two", "sum", "end"))

    def test_is_the_same_in_every_process(self) -> None:
        code = (
            "from tests.graph.test_job import FORK\n"
            "from tests.graph.build import Session, build\n"
            "print(Session().run(build(*FORK)))"
        )
        found = set()
        for seed in ("1", "2", "3"):
            done = subprocess.run(
                [sys.executable, "-c", code],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
                capture_output=True,
                text=True,
                check=True,
            )
            found.add(done.stdout)
        assert found == {"['one', 'odd', 'two', 'sum', 'end']\n"}

    def test_no_chain_is_too_deep(self) -> None:
        assert len(Session().run(chain(3000))) == 3000


class TestFailure:
    GRAPH = build(
        n("bad", "fail"),
        n("behind", "fold", {"a": "bad.int"}),
        n("further", "fold", {"a": "behind.int"}),
        n("other", "number", value=3),
        n("fine", "fold", {"a": "other.int"}),
    )

    def test_the_others_finish(self) -> None:
        session = Session()
        assert session.run(self.GRAPH) == ["bad", "other", "fine"]
        assert session.end.outcome is Outcome.PARTIAL
        assert session.skipped() == {"behind": "waits for Fail", "further": "waits for Fail"}
        assert session.failed("bad").problem.message == "Fail: ValueError: no luck"
        assert "Traceback" in session.failed("bad").problem.detail

    def test_a_failure_is_tried_again(self) -> None:
        session = Session()
        session.run(self.GRAPH)
        assert session.run(self.GRAPH) == ["bad"]
        assert session.end.outcome is Outcome.FAILED

    def test_titles_name_what_is_waited_for(self) -> None:
        session = Session()
        session.run(describe(self.GRAPH, "bad", title="Mine").graph)
        assert session.failed("bad").problem.message == "Mine: ValueError: no luck"
        assert session.skipped()["further"] == "waits for Mine"

    def test_a_node_that_is_not_wired_is_broken_and_said(self) -> None:
        session = Session()
        session.run(build(n("i", "invert"), n("m", "mean", {"image": "i.image"})))
        assert session.failed("i").problem.message == (
            "Invert: Image is not wired: connect a Image to it"
        )
        assert session.skipped() == {"m": "waits for Invert"}

    def test_a_node_that_is_not_installed(self) -> None:
        from graph.catalog import Catalog
        from graph.format import dump, parse

        text = dump(build(n("a", "number"))).replace(b"test/number", b"gone/number")
        session = Session()
        session.run(parse(text, catalog=Catalog()))
        assert session.failed("a").problem.message == (
            "gone/number: node type 'gone/number' is not installed: install the pack 'gone'"
        )

    def test_a_missing_file(self) -> None:
        session = Session()
        session.run(build(n("r", "read", file=FileRef("no.txt"))))
        assert session.failed("r").problem.message.startswith("Read: the text 'no.txt' is not here")


class TestReasons:
    def test_first_run(self) -> None:
        session = Session()
        session.run(chain(1))
        assert session.reasons("n0") == (FirstRun(),)

    def test_a_parameter_and_an_input(self) -> None:
        session = Session()
        session.run(chain(2))
        session.run(changed(chain(2), "n0", value=8))
        assert session.reasons("n0") == (ParamChanged("value", 1, 8),)
        assert session.reasons("n1") == (InputChanged("a", "n0"),)

    def test_a_wire_that_is_gone(self) -> None:
        session, graph = Session(), build(*FORK)
        session.run(graph)
        cut = disconnect(graph, Link(Source("odd", "int"), Target("end", "b"))).graph
        session.run(cut)
        assert session.reasons("end") == (InputChanged("b", ""),)

    def test_another_type_under_the_same_id(self) -> None:
        session = Session()
        session.run(build(n("x", "number", value=4)))
        session.run(build(n("x", "words")))
        assert session.reasons("x") == (TypeChanged("test/number 1", "test/words 1"),)

    def test_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_text("one", encoding="utf-8")
        session = Session(files=FileIndex({"text": [tmp_path]}))
        graph = build(n("r", "read", file=FileRef("a.txt")))
        assert session.run(graph) == ["r"]
        assert session.value("r") == "one"
        assert session.run(graph) == []
        path.write_text("three", encoding="utf-8")
        assert session.run(graph) == ["r"]
        assert session.reasons("r") == (FileChanged("file", "a.txt"),)

    def test_documents_do_not_mix_their_reasons(self) -> None:
        engine = Engine(LOADED, FileIndex())
        for document, value in (("a", 1), ("b", 2), ("b", 3)):
            events = list(engine.run(chain(1, value), document=document))
            started = events[1]
            expected = (ParamChanged("value", 2, 3),) if value == 3 else (FirstRun(),)
            assert getattr(started, "reasons", None) == expected


class TestEffects:
    def test_a_file_that_is_gone_is_written_again(self, tmp_path: Path) -> None:
        session, graph = Session(), build(n("w", "write", text="hello"))
        assert session.run(graph, folder=tmp_path) == ["w"]
        assert session.report.files == [str(tmp_path / "out.txt")]
        assert session.report.remarks == ["Write: wrote 5 letters"]
        assert session.run(graph, folder=tmp_path) == []
        assert session.finished("w").files == (str(tmp_path / "out.txt"),)
        assert session.report.files == []
        (tmp_path / "out.txt").unlink()
        assert session.run(graph, folder=tmp_path) == ["w"]
        assert session.reasons("w") == (OutputMissing("out.txt"),)

    def test_another_folder_is_other_work(self, tmp_path: Path) -> None:
        session, graph = Session(), build(n("w", "write", text="hello"))
        session.run(graph, folder=tmp_path / "a")
        assert session.run(graph, folder=tmp_path / "b") == ["w"]
        assert session.run(graph, folder=tmp_path / "a") == []


class TestEviction:
    """A store of one picture: 3,072 bytes each at 16 pixels a side."""

    PICTURES = build(
        n("d", "draw", side=16),
        n("e", "dim", {"image": "d.image"}),
        n("f", "dim", {"image": "e.image"}),
        n("m", "mean", {"image": "f.image"}),
    )

    @staticmethod
    def tiny() -> Session:
        return Session(Cache(MemoryStore(3100)))

    def test_known_results_need_no_bytes(self) -> None:
        session = self.tiny()
        session.run(self.PICTURES)
        assert session.run(self.PICTURES) == []

    def test_only_what_is_needed_is_computed_again(self) -> None:
        session = self.tiny()
        session.run(self.PICTURES)
        longer = build(n("x", "mean", {"image": "e.image"}), on=self.PICTURES)
        assert session.run(longer) == ["d", "e", "x"]
        assert session.reasons("d") == session.reasons("e") == (Evicted(),)
        assert session.end.outcome is Outcome.DONE

    def test_nothing_is_computed_twice_however_the_evicted_depend_on_each_other(self) -> None:
        graph = build(
            n("a", "draw", side=16, level=0.25),
            n("b", "dim", {"image": "a.image"}),
            n("c", "cut", {"image": "b.image", "mask": "a.image"}),
            n("d", "dim", {"image": "c.image"}),
        )
        session = self.tiny()
        session.run(graph)
        graph = build(n("z", "cut", {"image": "b.image", "mask": "c.image"}), on=graph)
        assert sorted(session.run(graph)) == ["a", "b", "c", "z"]

    def test_when_an_evicted_one_fails_the_node_behind_it_is_told(self) -> None:
        pack.FAULTS.clear()
        graph = build(n("u", "unsure"), n("i", "dim", {"image": "u.image"}),
                      n("j", "dim", {"image": "i.image"}))  # fmt: skip
        session = self.tiny()
        session.run(graph)
        longer = build(
            n("m", "mean", {"image": "u.image"}), n("k", "invert", {"image": "u.image"}), on=graph
        )
        pack.FAULTS.append("u")
        assert session.run(longer) == ["u"]
        assert session.failed("u").problem.message == "Unsure: OSError: gone"
        assert session.skipped() == {"k": "waits for Unsure", "m": "waits for Unsure"}
        assert session.end.outcome is Outcome.FAILED
        pack.FAULTS.clear()

    def test_a_result_computed_again_that_differs_is_what_the_next_is_named_by(self) -> None:
        pack.SHADES[:] = [0.25, 0.5]
        graph = build(n("u", "unsure"), n("i", "dim", {"image": "u.image"}),
                      n("j", "dim", {"image": "i.image"}))  # fmt: skip
        session = self.tiny()
        session.run(graph)
        assert session.run(build(n("m", "mean", {"image": "u.image"}), on=graph)) == ["u", "m"]
        assert session.value("m") == 0.5
        # The mean of the first shade was never computed, and must not be known.
        pack.SHADES[:] = [0.25]
        assert session.run(build(n("u", "draw", level=0.25, side=16),
                                 n("m", "mean", {"image": "u.image"}))) == ["u", "m"]  # fmt: skip
        assert session.value("m") == 0.25


class TestCancel:
    def test_closing_runs_the_finally_of_the_body_and_keeps_what_is_done(self) -> None:
        pack.CLOSED.clear()
        graph = build(
            n("a", "number"), n("m", "march", steps=5), n("z", "invert", {"image": "m.image"})
        )
        engine = Engine(LOADED, FileIndex())
        events = engine.run(graph, targets=["a", "z"])
        seen = []
        for event in events:
            seen.append(event)
            if isinstance(event, NodeProgress) and event.done == 2:
                break
        events.close()
        assert pack.CLOSED == ["m"]
        session = Session()
        session.engine = engine
        assert session.run(graph, "a", "z") == ["m", "z"]

    def test_a_body_that_fails_while_it_is_closed_does_not_hold_up_the_cancel(
        self, expect_log: object
    ) -> None:
        assert callable(expect_log)
        expect_log("log WARNING of graph.bodies: Stubborn")
        for manner in ("raise", "yield"):
            graph = build(n("s", "stubborn", manner=manner))
            events = Engine(LOADED, FileIndex()).run(graph)
            for event in events:
                if isinstance(event, NodeProgress):
                    break
            events.close()

    def test_progress_is_told_with_previews(self) -> None:
        session = Session()
        session.run(build(n("m", "march", steps=3, side=4)))
        progress = [e for e in session.events if isinstance(e, NodeProgress)]
        assert [(e.done, e.total) for e in progress] == [(1, 3), (2, 3), (3, 3)]
        assert progress[0].preview is not None
        assert progress[0].preview.shape == (4, 4, 3)
        finished = session.finished("m")
        assert finished.preview is not None
        assert finished.preview.min() == 255


def test_a_removed_node_is_forgotten_by_the_run(tmp_path: Path) -> None:
    session, graph = Session(), build(*FORK)
    session.run(graph, folder=tmp_path)
    assert session.run(remove(graph, ["odd"]).graph) == ["end"]
    assert wired(graph, "two.int", "odd.value").nodes["odd"].wires


def test_a_cached_node_tells_its_size_and_no_time() -> None:
    session, graph = Session(), build(n("d", "draw", side=8))
    session.run(graph)
    ran = session.finished("d")
    session.run(graph)
    cached = session.finished("d")
    assert isinstance(cached, NodeFinished)
    assert (ran.status, cached.status) == (Status.RAN, Status.CACHED)
    assert (ran.size, cached.size, cached.ms) == (768, 768, 0.0)
    assert (ran.action, ran.digests) == (cached.action, cached.digests)
    assert cached.preview is None  # so that a recall reads no value
