"""Writing files so that a crash or a full disk leaves either the old file or the new, whole."""

from __future__ import annotations

import contextlib
import os
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_STEM = 40


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path`; raise `OSError` with the old file intact when that fails.

    The data goes to a new file in the same folder, is flushed to the disk, and takes the name in
    one step. A link is followed and the mode of an existing file is kept.
    """
    target = path.resolve()
    # Cut, for a name may be as long as the system allows; the rest tells writers apart.
    partial = target.with_name(f".{target.name[:_STEM]}.{os.getpid()}.{get_ident()}.tmp")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            partial.chmod(target.stat().st_mode)
        partial.replace(target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # what was asked for, not the new file beside it
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new name durable, where the system lets folders be flushed (not on Windows)."""
    if os.name != "posix":
        return
    # Some file systems refuse to flush a folder, some folders to be read; the file is there by now.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
