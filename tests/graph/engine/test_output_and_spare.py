"""What nodes print is told with their name, also after a crash; a warm spare takes over at once."""

from __future__ import annotations

import tempfile
import threading
import time
from typing import TYPE_CHECKING

import pytest

from graph.edits import add_node, connect
from graph.engine.client import EngineClient
from graph.engine.settings import EngineSettings
from graph.events import (
    EngineDied,
    EngineReady,
    Event,
    NodeFinished,
    NodeOutput,
    NodeStarted,
    Outcome,
    PictureReady,
    RunFinished,
)
from graph.graph import Graph, Source, Target
from graph.pack import assemble
from tests.graph.engine import noisy_pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph.params import Param

CATALOG = assemble((noisy_pack.PACK,)).catalog
SETTINGS = EngineSettings(packs=("tests.graph.engine.noisy_pack",))


class Listener:
    """Keeps events and waits for one of a kind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._came = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait(self, kind: type[Event], count: int = 1, seconds: float = 60.0) -> Event:
        def found() -> list[Event]:
            return [event for event in self.events if isinstance(event, kind)]

        with self._came:
            assert self._came.wait_for(lambda: len(found()) >= count, seconds), self.events
            return found()[count - 1]


@pytest.fixture
def heard() -> Listener:
    return Listener()


@pytest.fixture
def client(heard: Listener) -> Iterator[EngineClient]:
    made = EngineClient(SETTINGS, heard, spare_after=0.0)
    made.start()
    heard.wait(EngineReady)
    yield made
    made.close()


def node_graph(kind: str) -> Graph:
    graph = add_node(Graph(), CATALOG, f"noisy/{kind}", node_id=kind).graph
    graph = add_node(graph, CATALOG, "noisy/quiet", node_id="after").graph
    return connect(graph, CATALOG, Source(kind, "int"), Target("after", "value")).graph


def test_what_a_node_prints_is_told_with_its_name(client: EngineClient, heard: Listener) -> None:
    client.run(node_graph("chatter"))
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DONE
    told = [event for event in heard.events if isinstance(event, NodeOutput) and event.node]
    assert {event.node for event in told} == {"chatter"}
    text = "".join(event.text for event in told)
    for words in (
        "from print\n", "from stderr\n", "from bytes\n", "from native code\n",
        "chatter: from a log\n", "from a thread\n",
    ):  # fmt: skip
        assert words in text


def words_of(heard: Listener) -> dict[str, str]:
    """What each node said."""
    said: dict[str, str] = {}
    for event in heard.events:
        if isinstance(event, NodeOutput):
            said[event.node] = said.get(event.node, "") + event.text
    return said


def test_each_of_two_that_overlap_says_its_own_words(client: EngineClient, heard: Listener) -> None:
    graph = Graph()
    for node in ("a", "b", "c"):
        params = {"word": f"from {node}"}
        graph = add_node(graph, CATALOG, "noisy/speak", node_id=node, params=params).graph
    client.run(graph)
    heard.wait(RunFinished)
    started = [e.node for e in heard.events if isinstance(e, NodeStarted | NodeFinished)]
    assert started[:2] != ["a", "a"]  # they do overlap
    said = words_of(heard)
    assert said == {node: f"from {node}\n" * 20 for node in "abc"}


def test_what_is_printed_is_told_while_the_body_runs(client: EngineClient, heard: Listener) -> None:
    params: dict[str, Param] = {"word": "so far", "times": 200}
    client.run(add_node(Graph(), CATALOG, "noisy/speak", node_id="s", params=params).graph)
    heard.wait(NodeOutput, count=3)
    assert not [e for e in heard.events if isinstance(e, NodeFinished)]
    heard.wait(RunFinished)
    assert words_of(heard)["s"].count("so far") == 200


def test_who_prints_megabytes_is_heard_at_the_end_and_harms_nobody(
    client: EngineClient, heard: Listener
) -> None:
    client.run(node_graph("flood"))
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DONE
    text = words_of(heard)["flood"]
    assert text.endswith("the end\n")
    assert len(text) < 20 << 20
    told = [e for e in heard.events if isinstance(e, NodeOutput)]
    assert max(len(e.text) for e in told) <= 64 << 10


@pytest.mark.parametrize("how", ["close", "close native", "replace", "redirect"])
def test_a_body_that_breaks_the_streams_takes_nobody_elses_words(
    client: EngineClient, heard: Listener, how: str
) -> None:
    graph = add_node(
        Graph(), CATALOG, "noisy/break_streams", node_id="b", params={"how": how}
    ).graph
    graph = add_node(graph, CATALOG, "noisy/chatter", node_id="c").graph
    graph = connect(graph, CATALOG, Source("b", "int"), Target("c", "value")).graph
    client.run(graph)
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DONE
    said = words_of(heard)["c"]
    for words in ("from print", "from stderr", "from native code", "chatter: from a log"):
        assert words in said


def test_threads_and_memory_that_a_body_leaves_do_not_keep_the_process(
    client: EngineClient, heard: Listener
) -> None:
    client.run(node_graph("litter"))
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DONE
    start = time.monotonic()
    client.close()
    assert time.monotonic() - start < 4


def test_the_last_words_of_a_crash_are_kept(client: EngineClient, heard: Listener) -> None:
    client.run(node_graph("fault"))
    died = heard.wait(EngineDied)
    assert isinstance(died, EngineDied)
    assert "segmentation fault" in died.message
    assert "last words" in died.output
    assert "in fault" in died.output
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DIED


def test_a_warm_spare_takes_over_at_once(client: EngineClient, heard: Listener) -> None:
    deadline = time.monotonic() + 60
    while not client.has_spare and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.has_spare
    before = client.pid
    client.kill()
    heard.wait(EngineDied)
    ready = heard.wait(EngineReady, count=2, seconds=5)
    assert isinstance(ready, EngineReady)
    assert ready.pid == client.pid != before
    client.run(node_graph("chatter"))
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert end.outcome is Outcome.DONE


def test_nothing_is_left_behind(
    heard: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    client = EngineClient(SETTINGS, heard, spare_after=0.0)
    client.start()
    heard.wait(EngineReady)
    client.close()
    assert not list(tmp_path.glob("sfumato-engine-*.log"))
    assert not [t for t in threading.enumerate() if t.name.startswith("engine")]


def test_an_engine_that_is_ready_is_told_once(client: EngineClient, heard: Listener) -> None:
    """A spare may say that it is ready in the moment in which it takes over."""
    process = client._active
    assert process is not None
    assert process.ready is not None
    client._heard(process, process.ready)
    assert len([event for event in heard.events if isinstance(event, EngineReady)]) == 1


def test_a_picture_that_was_asked_for_is_answered_at_a_death(heard: Listener) -> None:
    client = EngineClient(SETTINGS, heard, spare_after=None)
    client.start()
    client.picture("digest")
    client.kill()
    answer = heard.wait(PictureReady)
    assert isinstance(answer, PictureReady)
    assert (answer.digest, answer.pixels) == ("digest", None)
    client.close()


def test_cancelling_a_run_that_waits_does_not_end_the_one_at_work(
    client: EngineClient, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.engine.pace.PATIENCE", -1.0)
    first = client.run(node_graph("slow"))
    heard.wait(NodeStarted)
    waiting = client.run(node_graph("chatter"))
    client.cancel(waiting)
    client.cancel(waiting)
    ends = [heard.wait(RunFinished, count) for count in (1, 2)]
    assert {e.run: e.outcome for e in ends if isinstance(e, RunFinished)} == {
        first: Outcome.DONE,
        waiting: Outcome.CANCELLED,
    }
    client.cancel(first)
    assert not [event for event in heard.events if isinstance(event, EngineDied)]


def test_cancelling_again_ends_a_body_that_does_not_answer(
    client: EngineClient, heard: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = client.run(node_graph("slow"))
    heard.wait(NodeStarted)
    assert client.stuck_after(run) is None
    client.cancel(run)
    assert 4 < (client.stuck_after(run) or 0) <= 5
    monkeypatch.setattr("graph.engine.pace.PATIENCE", -1.0)
    assert client.stuck_after(run) == 0
    client.cancel(run)
    end = heard.wait(RunFinished)
    assert isinstance(end, RunFinished)
    assert (end.run, end.outcome) == (run, Outcome.DIED)
