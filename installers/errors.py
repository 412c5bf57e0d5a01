"""What can stop a set-up: one type with its whole message, and the remedies for what tools say."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NETWORK = re.compile(
    r"connection|timed? ?out|name resolution|getaddrinfo|unreachable|proxy|SSL|certificate"
    r"|No matching distribution|could not find a version",
    re.IGNORECASE,
)
DISK = re.compile(r"No space left|disk (is )?full|Errno 28|quota exceeded", re.IGNORECASE)


class SetupError(Exception):
    """The set-up cannot go on; the message says what, where and the remedy."""


def failure(said: str, place: Path, otherwise: str) -> SetupError:
    """The error for a tool that failed with the words `said` while it wrote to `place`."""
    if DISK.search(said):
        free = shutil.disk_usage(place).free // 10**6
        remedy = (
            f"The disk is full: {free} MB are free at {place}. Free some space (about 3 GB are"
            " needed, 8 GB with a GPU build of torch; TMPDIR needs some too), then run this again."
        )
    elif NETWORK.search(said):
        remedy = (
            "A package could not be fetched. Check the network, or the index, proxy and certificate"
            " that `pip config list` shows, then run this again; what is there already is kept."
        )
    else:
        remedy = otherwise
    return SetupError(f"{said}\n{remedy}")
