"""Killed at any moment, the program loses no edit that is older than a tenth of a second."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import pytest

from app.filing import read_document
from graph.format import dump, load
from tests.app.catalog import CATALOG, text_to_image

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Amount

SAFE = 0.1
"""Seconds after which an edit must have reached the disk."""
_PATIENCE = 60.0


@dataclass(frozen=True)
class Place:
    """What a document was said to be, or found as."""

    digest: str
    position: int
    length: int
    when: float = field(default=0.0, compare=False)


@dataclass
class Life:
    """One process: what it found, and what it said it would do."""

    found: dict[str, Place] = field(default_factory=dict)
    modified: dict[str, bool] = field(default_factory=dict)
    will: dict[str, list[Place]] = field(default_factory=lambda: {"file": [], "new": []})
    begun: threading.Event = field(default_factory=threading.Event)

    def hear(self, pipe: IO[str]) -> None:
        for line in pipe:
            match line.split():
                case ["found", name, digest, position, length, modified]:
                    assert name not in self.found, "a document came back twice"
                    self.found[name] = Place(digest, int(position), int(length))
                    self.modified[name] = modified == "modified"
                case ["will", name, digest, position, length, when]:
                    place = Place(digest, int(position), int(length), float(when))
                    self.will[name].append(place)
                case ["begun"]:
                    self.begun.set()

    def possible(self, name: str, killed: float) -> list[Place]:
        """What the document may be after a kill at that time: the last that must be there on."""
        line = [self.found[name], *self.will[name]]
        old = [at for at, place in enumerate(line) if place.when < killed - SAFE]
        return line[old[-1] :]


def live(file: Path, state: Path, seed: int, seconds: float) -> tuple[Life, float]:
    """Run the app until it is killed; return what it said, and when it was killed."""
    environment = {**os.environ, "XDG_STATE_HOME": str(state), "PYTHONSAFEPATH": "1"}
    # What other tests prefer, such as files to open again, is not this program's.
    environment["XDG_CONFIG_HOME"] = str(state / "config")
    command = [sys.executable, "-m", "tests.app.journal.victim", str(file), str(seed)]
    environment["PYTHONPATH"] = os.getcwd()  # noqa: PTH109 - as the tests were started
    life = Life()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        ear = threading.Thread(target=life.hear, args=(process.stdout,))
        ear.start()
        if not life.begun.wait(_PATIENCE):
            process.kill()
            pytest.fail(process.stderr.read())
        time.sleep(seconds)
        killed = time.monotonic()
        process.kill()
        ear.join()
        errors = process.stderr.read()
    assert "Traceback" not in errors, errors
    return life, killed


@pytest.mark.timeout(3600)
def test_kills_lose_nothing(tmp_path: Path, amount: Amount) -> None:
    file, state = tmp_path / "star ⭐ שלום.json", tmp_path / "state"
    file.write_bytes(dump(text_to_image()))
    rng = random.Random(7)
    before: Life | None = None
    killed = edits = youngest = 0.0
    for number in range(amount(sample=4, full=200) + 1):
        seconds = rng.uniform(0.05, 2.0) if number else 2.0  # both documents are edited in it
        life, now = live(file, state, number, seconds)
        assert load(file, CATALOG).nodes, "the saved file is whole"
        assert read_document(file, CATALOG).path == file
        assert set(life.found) == {"file", "new"}, "all documents came back, in one click"
        if before is not None:
            for name, place in life.found.items():
                possible = before.possible(name, killed)
                assert place in possible, (number, name, place, possible)
                if place != possible[-1]:
                    youngest = max(youngest, killed - possible[possible.index(place) + 1].when)
            if before.will["new"]:
                assert life.modified["new"]
        edits += len(life.will["file"]) + len(life.will["new"])
        before, killed = life, now
    print(f"{number} kills, {edits:.0f} edits; oldest edit that was lost: {youngest * 1000:.1f} ms")
