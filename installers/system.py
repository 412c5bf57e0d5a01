"""System libraries that the packages expect, found by loading them, fetched through apt if we may.

Debian and Ubuntu name some packages differently (64-bit time: libglib2.0-0t64), so a package may
have several names, the newest first. Elsewhere the libraries are named and the user installs them.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

# What Qt loads from the system: for drawing in memory first, then for a window.
LIBRARIES: dict[str, tuple[str, ...]] = {
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libwayland-cursor.so.0": ("libwayland-cursor0",),
    "libwayland-egl.so.1": ("libwayland-egl1",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
}
ATTEMPTS = 2


def missing() -> list[tuple[str, ...]]:
    """The packages that this machine lacks, each as the names it may have."""
    if not sys.platform.startswith("linux"):
        return []  # the wheels for Windows and macOS bring all they need
    wanted = [names for library, names in LIBRARIES.items() if not _loads(library)]
    if importlib.util.find_spec("ensurepip") is None:
        wanted.append((f"python{sys.version_info[0]}.{sys.version_info[1]}-venv",))
    return wanted


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def supply() -> bool:
    """Fetch what is missing, or print the one line that does; says whether nothing is missing."""
    wanted = missing()
    if wanted and shutil.which("apt-get"):
        _supply_by_apt(wanted)
        wanted = missing()
    if wanted:
        _advise(wanted)
    return not wanted


def _supply_by_apt(wanted: list[tuple[str, ...]]) -> None:
    prefix = _privilege()
    if prefix is None:
        return
    print("Installing system libraries: " + " ".join(names[-1] for names in wanted), flush=True)
    for attempt in range(ATTEMPTS):
        if attempt or not all(_known(names) for names in wanted):
            _apt(prefix, "update")
        packages = [next(iter(_known(names)), names[-1]) for names in wanted]
        if _apt(prefix, "install", "--yes", "--no-install-recommends", *packages):
            return


def _known(names: tuple[str, ...]) -> list[str]:
    """Those of `names` that apt can install."""
    return [name for name in names if _quiet("apt-cache", "show", name)]


def _privilege() -> list[str] | None:
    """What to put before a command so that it runs as root without asking; None if nothing does."""
    if os.geteuid() == 0:
        return []
    # -n: sudo fails instead of asking for a password.
    if shutil.which("sudo") and _quiet("sudo", "-n", "true"):
        return ["sudo", "-n"]
    return None


def _apt(prefix: list[str], *arguments: str) -> bool:
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    command += ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120", *arguments]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        print("\n".join((done.stdout + done.stderr).splitlines()[-5:]), flush=True)
    return done.returncode == 0


def _quiet(*command: str) -> bool:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def _advise(wanted: list[tuple[str, ...]]) -> None:
    if shutil.which("apt-get"):
        packages = " ".join(next(iter(_known(names)), names[-1]) for names in wanted)
        print("System libraries are missing. Install them with this line, then run this again:")
        print(f"  sudo apt-get install --no-install-recommends {packages}", flush=True)
        return
    lacking = [library for library, names in LIBRARIES.items() if names in wanted]
    print("Install what provides these with the system's package manager, then run this again:")
    print("  " + " ".join(lacking or ["venv and ensurepip of Python"]), flush=True)
