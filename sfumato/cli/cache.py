"""`sfumato cache`: finished work that is kept on disk."""

from __future__ import annotations

from pathlib import Path

from graph.disk import clear, stats
from sfumato.cli.setting import settings

_MIB = 1 << 20


def cache(action: str) -> int:
    """Print what the cache folder holds, or forget it all; return the exit status."""
    setting = settings()
    folder = Path(setting.cache_folder)
    if action == "clear":
        clear(folder)
    held = stats(folder)
    print(f"folder   {held.folder}")
    print(f"results  {held.actions}")
    print(
        f"outputs  {held.values}, {held.bytes / _MIB:.1f} MiB of {setting.disk_bytes // _MIB} MiB"
    )
    return 0
