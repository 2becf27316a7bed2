"""The replayed year: how long ``wayline simulate`` takes on the example, and how much memory.

Everything is real: the command as a person types it, the whole data set, every message rendered,
the report written. Memory is that of all processes it starts together, looked at twenty times a
second.

    python -m benchmarks.year
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

__all__ = ["Year", "main", "run"]

HOUSE = Path(__file__).resolve().parent.parent
EXAMPLE = HOUSE / "examples" / "online_retail"
MEGABYTE = 1_000_000
_LOOK_EVERY = 0.05


class Year(NamedTuple):
    """What one replay took."""

    seconds: float
    cpu_seconds: float  # of all processes together; on a busy machine the fairer figure
    peak_megabytes: float


def run() -> Year:
    """Replays the year once, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        wayline = Path(sys.executable).with_name("wayline")
        command = [str(wayline), "simulate", str(EXAMPLE), "--out", str(Path(folder) / "year")]
        started, cpu = time.perf_counter(), _cpu_of_children()
        with subprocess.Popen(  # noqa: S603 - our own command
            command,
            cwd=HOUSE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            watch = _Watch(process.pid)
            watch.start()
            _, errors = process.communicate()
            seconds = time.perf_counter() - started
            peak = watch.finish()
        if process.returncode != 0:
            raise SystemExit(f"wayline simulate ended with {process.returncode}:\n{errors[-2000:]}")
        used = _cpu_of_children() - cpu
        return Year(seconds, used, (peak or _largest_child()) / MEGABYTE)


class _Watch(threading.Thread):
    """Follows a process and its descendants and remembers the most memory they had together."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._peak = 0
        self._done = threading.Event()

    def run(self) -> None:
        while not self._done.wait(_LOOK_EVERY):
            self._peak = max(self._peak, sum(map(_resident, _family(self._pid))))

    def finish(self) -> int:
        """Stops looking. The peak in bytes."""
        self._done.set()
        self.join()
        return self._peak


def _family(pid: int) -> list[int]:
    """A process and all that descend from it. Nobody, where there is no ``/proc``."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text(encoding="ascii").split()]
            except OSError:  # it has ended in the meantime
                continue
    return found


def _resident(pid: int) -> int:
    """The memory of one process; pages it shares with others are counted in parts."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    pages = [line.split()[1] for line in rollup.splitlines() if line.startswith("Pss:")]
    return int(pages[0]) * 1024 if pages else 0


def _cpu_of_children() -> float:
    """What all processes that have ended, and been waited for, have used so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _largest_child() -> int:
    """The largest of the processes that have ended, where the kernel tells no more."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def main() -> None:
    """Measures once and prints it."""
    year = run()
    print(
        f"the replayed year: {year.seconds:.1f} s ({year.cpu_seconds:.1f} s of CPU),"
        f" {year.peak_megabytes:.0f} MB"
    )


if __name__ == "__main__":
    main()
