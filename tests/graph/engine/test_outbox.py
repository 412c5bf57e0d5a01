"""The worker's way out: all in order, as few messages as can be, and nothing stops it."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from graph.engine.arena import ArenaReader, ArenaWriter
from graph.engine.messages import event_decoder
from graph.engine.outbox import Outbox
from graph.events import NodeOutput, NodeProgress, NodeStarted, PictureReady, RunStarted
from graph.reasons import ParamChanged
from tests.graph.engine.listener import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graph.engine.output import OutputTap
    from graph.events import Event


class Tap:
    """What is printed, said by the test."""

    def __init__(self) -> None:
        self.woken: Callable[[], None] = lambda: None
        self.busy = False
        self.said: list[NodeOutput] = []
        self.collected = 0

    def say(self, text: str) -> None:
        first = not self.said
        self.said.append(NodeOutput(1, "n", text))
        if first:
            self.woken()

    def take(self) -> list[NodeOutput]:
        said, self.said = self.said, []
        return said

    def collect(self) -> None:
        self.collected += 1


class Line:
    """Both ends of a channel."""

    def __init__(self) -> None:
        self.ours, theirs = multiprocessing.Pipe()
        self.reader = ArenaReader(1 << 20)
        self.writer = ArenaWriter(self.reader.name)
        self.tap = Tap()
        self.box = Outbox(cast("Any", theirs), self.writer, cast("OutputTap", self.tap))
        self._theirs = theirs
        self._decode = event_decoder(self.reader.fetch)
        self.messages = 0

    def hear(self, count: int) -> list[Event]:
        heard: list[Event] = []
        while len(heard) < count:
            assert self.ours.poll(10), f"heard only {len(heard)} of {count}"
            heard += self._decode(self.ours.recv_bytes())
            self.messages += 1
        return heard

    def close(self) -> None:
        self.box.close()
        self.writer.close()
        self.reader.close()
        self.ours.close()
        self._theirs.close()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.close()


def test_all_arrive_in_order_from_every_thread_in_few_messages(line: Line) -> None:
    def put(thread: int) -> None:
        for i in range(1000):
            line.box.put(NodeProgress(thread, "n", i, 1000))
            if i % 97 == 0:
                line.box.flush()

    threads = [threading.Thread(target=put, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    heard = line.hear(3000)
    for thread in threads:
        thread.join()
    for number in range(3):
        steps = [e.done for e in heard if isinstance(e, NodeProgress) and e.run == number]
        assert steps == list(range(1000))
    assert line.messages < 1500


def test_one_alone_is_sent_at_once(line: Line) -> None:
    for _ in range(20):
        start = time.monotonic()
        line.box.put(RunStarted(1, ()))
        line.hear(1)
        assert time.monotonic() - start < 0.2


def test_flushed_means_sent(line: Line) -> None:
    """Also what another thread had put before."""
    for _ in range(50):
        line.box.put(RunStarted(1, ()))
        line.box.put(NodeStarted(1, "n", ()))
        line.box.flush()
        assert line.ours.poll(0)
        line.hear(2)


def test_pictures_keep_their_order_in_the_arena(line: Line) -> None:
    for shade in range(200):
        pixels = np.full((16, 16, 3), shade, np.uint8)
        line.box.put(PictureReady(str(shade), pixels))
        if shade % 7 == 6:
            for event in line.hear(7):
                assert isinstance(event, PictureReady)
                assert event.pixels is not None
                assert event.pixels.min() == event.pixels.max() == int(event.digest)
                line.writer.free()


def test_what_was_printed_is_told_now_and_then_and_before_what_comes_after(line: Line) -> None:
    for i in range(200):
        line.tap.say(f"{i} ")
        time.sleep(0.001)
    line.box.put(RunStarted(1, ()))
    heard: list[Event] = []
    while not (heard and isinstance(heard[-1], RunStarted)):
        heard += line.hear(1)
    assert "".join(e.text for e in heard if isinstance(e, NodeOutput)) == "".join(
        f"{i} " for i in range(200)
    )
    assert line.messages < 40


def test_native_words_are_looked_for_while_a_node_is_at_work(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.engine.outbox._LISTEN_EVERY", 0.01)
    line.tap.busy = True
    line.box.put(RunStarted(1, ()))
    line.hear(1)
    before = line.tap.collected
    wait_until("it looked again", lambda: line.tap.collected > before + 3)
    line.tap.busy = False


def test_what_cannot_cross_the_border_is_left_out_and_said(
    line: Line, expect_log: Callable[[str], None]
) -> None:
    expect_log("log WARNING of graph.engine.outbox: cannot be told: NodeStarted")
    logging.getLogger("graph.engine.outbox").propagate = True
    strange = ParamChanged("p", cast("Any", object()), 1)
    picture = PictureReady("p", np.full((64, 64, 3), 7, np.uint8))
    for event in (RunStarted(1, ()), picture, NodeStarted(1, "n", (strange,)), RunStarted(2, ())):
        line.box._items.append(event)  # all of them in one message
    line.box.flush()
    first, second, last = line.hear(3)
    assert (cast("RunStarted", first).run, cast("RunStarted", last).run) == (1, 2)
    assert isinstance(second, PictureReady)
    assert second.pixels is not None
    assert second.pixels.min() == 7
    line.writer.free()
    assert not line.writer._taken  # nothing is left of the message that could not be made


def test_a_client_that_is_gone_stops_nobody(line: Line) -> None:
    line.ours.close()
    for _ in range(1000):
        line.box.put(RunStarted(1, ()))
    line.box.flush()
    assert not line.box._items


def test_closing_sends_what_waits(line: Line) -> None:
    for i in range(2000):
        line.box.put(RunStarted(i, ()))
    closing = threading.Thread(target=line.box.close)
    closing.start()
    assert len(line.hear(2000)) == 2000
    closing.join(5)
    assert not closing.is_alive()
