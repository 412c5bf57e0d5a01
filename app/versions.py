"""Earlier versions of saved graphs: kept in the user's data folder, not beside the artist's file.

    DATA/versions/4f1a…/        one folder a file, named by its path
        path                    whose versions these are
        7-1795251661-42.json.gz number, time in seconds, nodes

The number orders them, for a clock can be set back. Each save adds what it wrote, and what was
there before when that is not known yet. Of many, those are dropped whose going leaves the smallest
gap for their age, so that the last hour is kept closely and the last month here and there.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import platformdirs

from graph.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 20
_NEWEST = 4
"""Versions that are never thinned out."""
_QUICK = 1
"""Level of compression: a save is waited for."""
_NAME = re.compile(r"(\d+)-(-?\d+)-(\d+)\.json\.gz")


class _Counted(msgspec.Struct):
    nodes: list[msgspec.Raw] = []


@dataclass(frozen=True, slots=True)
class Version:
    """A file as it once was."""

    number: int
    """Counts up with every version of the file."""
    seconds: int
    """When it was kept, by the clock of that time: seconds since 1970."""
    nodes: int
    place: Path

    def read(self) -> bytes:
        """Return what was in the file; raise `OSError` when it cannot be read."""
        try:
            return gzip.decompress(self.place.read_bytes())
        except (EOFError, ValueError) as error:
            raise OSError(0, str(error), str(self.place)) from error


class Versions:
    """The versions of all files of this user."""

    def __init__(self, folder: Path | None = None, most: int = MOST) -> None:
        """Keep at most `most` of each file in `folder`, which is that of the user without one."""
        if folder is None:
            folder = Path(platformdirs.user_data_path("sfumato", appauthor=False)) / "versions"
        self._folder = folder
        self._most = most

    def of(self, path: Path) -> list[Version]:
        """Return the versions of the file `path`, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            for place in self._home(path).iterdir():
                if match := _NAME.fullmatch(place.name):
                    number, seconds, nodes = map(int, match.groups())
                    found.append(Version(number, seconds, nodes, place))
        return sorted(found, key=lambda version: version.number, reverse=True)

    def _home(self, path: Path) -> Path:
        whole = os.path.normcase(path.absolute())
        return self._folder / sha256(os.fsencode(whole)).hexdigest()[:24]

    def keep(self, path: Path, data: bytes) -> None:
        """Keep `data` as the newest version of `path`, unless it is that already.

        Raises:
            OSError: It cannot be written.
        """
        versions = self.of(path)
        if versions:
            with contextlib.suppress(OSError):
                if versions[0].read() == data:
                    return
        home = self._home(path)
        home.mkdir(parents=True, exist_ok=True)
        number = versions[0].number + 1 if versions else 1
        place = home / f"{number}-{int(time.time())}-{_count(data)}.json.gz"
        if not versions:
            write_atomic(home / "path", os.fsencode(path.absolute()))
        write_atomic(place, gzip.compress(data, _QUICK))
        for version in thinned(self.of(path), self._most):
            with contextlib.suppress(OSError):
                version.place.unlink()


def thinned(versions: Sequence[Version], most: int) -> list[Version]:
    """Return which of `versions`, the newest first, are to go so that `most` are left."""
    kept, gone = list(versions), []
    while len(kept) > most:
        now = kept[0].seconds
        first = min(_NEWEST, len(kept) - 1)

        def gap(index: int, now: int = now) -> float:
            """How much is missing without it, for its age."""
            older = kept[index + 1].seconds if index + 1 < len(kept) else kept[index].seconds
            return abs(kept[index - 1].seconds - older) / (1 + abs(now - kept[index].seconds))

        worst = min(range(first, len(kept) - 1), key=gap, default=len(kept) - 1)
        gone.append(kept.pop(worst))
    return gone


def _count(data: bytes) -> int:
    try:
        return len(msgspec.json.decode(data, type=_Counted).nodes)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return 0
