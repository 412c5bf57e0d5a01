"""Names of pictures: templates, characters that no system minds, and the next free number."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

_ILLEGAL = re.compile(r'[<>:"|?*\\\x00-\x1f\x7f]')
"""What Windows does not take in a name, and control characters; a graph may travel there."""
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST = 120
"""Characters of one part: file systems take 255 bytes, and a number and a suffix follow."""
_DIGITS = 5


def fill(template: str, title: str, now: datetime) -> str:
    """Return `template` with %date%, %time% and %title% filled in."""
    words = {
        "%date%": f"{now:%Y-%m-%d}",
        "%time%": f"{now:%H%M%S}",
        "%title%": title.replace("/", "_"),
    }
    for word, meaning in words.items():
        template = template.replace(word, meaning)
    return template


def safe_parts(name: str) -> list[str]:
    """Return the parts of `name` between `/`, each safe on every system; never leads upwards."""
    parts = (_safe(part) for part in name.split("/"))
    return [part for part in parts if part] or ["picture"]


def _safe(part: str) -> str:
    # Windows drops dots and blanks at the end; "." and ".." become nothing, so nothing leads up.
    clean = _ILLEGAL.sub("_", part).strip().strip(".").strip()[:_LONGEST].rstrip(". ")
    return f"_{clean}" if _RESERVED.fullmatch(clean) else clean


@contextmanager
def reserved(folder: Path, stem: str, suffix: str) -> Iterator[Path]:
    """Take the next free `stem`_00001`suffix` in `folder` for the block to write.

    The name is taken by creating the file, so that two processes never choose the same. When the
    block fails the file is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = _take(folder, stem, suffix)
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _take(folder: Path, stem: str, suffix: str) -> Path:
    numbered = re.compile(rf"{re.escape(stem)}_(\d+){re.escape(suffix)}", re.IGNORECASE)
    with os.scandir(folder) as entries:
        matches = [numbered.fullmatch(entry.name) for entry in entries]
    last = max((int(match[1]) for match in matches if match), default=0)
    for number in count(last + 1):
        path = folder / f"{stem}_{number:0{_DIGITS}}{suffix}"
        with suppress(FileExistsError):
            path.touch(exist_ok=False)
            return path
    raise AssertionError  # numbers do not end
