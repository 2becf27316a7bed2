"""The machine: its Python, its time zones, its clock and its room."""

from __future__ import annotations

import ctypes
import platform
import shutil
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.doctor.finding import Finding, note, problem, well

__all__ = ["clock", "room", "versions"]

_UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX_BYTES = 512  # more than any kernel's struct timex has; the modes come first and are 0: ask
_LOW = 1 << 30
_VERY_LOW = 100 << 20


def versions() -> list[Finding]:
    """What runs here."""
    python = platform.python_version()
    found = [well("machine", f"Wayline {version('wayline')} on Python {python}, {sys.platform}.")]
    try:
        zones = version("tzdata")
    except PackageNotFoundError:
        return [
            *found,
            problem(
                "machine",
                "The table of time zones is not installed, so the machine's own is used.",
                "pip install tzdata",
            ),
        ]
    found.append(well("machine", f"SQLite {sqlite3.sqlite_version}, time zones of {zones}."))
    return found


def clock() -> list[Finding]:
    """Whether something keeps the machine's clock right, as the kernel knows it (Linux only)."""
    state = _kernel_clock()
    if state is None:
        return []
    if state == _UNSYNCHRONISED:
        return [
            note(
                "machine",
                "Nothing keeps this machine's clock right: timers are as wrong as the clock is.",
                "Install a time service, for example systemd-timesyncd or chrony.",
            )
        ]
    return [well("machine", "The clock is kept right by a time service.")]


def room(folder: Path) -> list[Finding]:
    """How much the disk of a folder still takes."""
    free = shutil.disk_usage(folder).free
    says = f"{free / (1 << 30):.1f} GB are free on the disk of {folder}."
    if free < _LOW:
        made = problem if free < _VERY_LOW else note
        return [
            made("machine", says, "Make room, or move the store: when it is full, nothing is sent.")
        ]
    return [well("machine", says)]


def _kernel_clock() -> int | None:
    """The answer of adjtimex(2); None where there is no such call, or none that may be made."""
    if sys.platform != "linux":
        return None
    ask = getattr(ctypes.CDLL(None, use_errno=True), "adjtimex", None)
    if ask is None:
        return None
    state = int(ask(ctypes.byref(ctypes.create_string_buffer(_TIMEX_BYTES))))
    return state if state >= 0 else None
