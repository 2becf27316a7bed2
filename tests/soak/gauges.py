"""What a running daemon is asked while it works: its memory, and its metrics."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

__all__ = ["Gauges", "Sample", "share"]

_LINE = re.compile(r"^(\w+)(?:\{(.*)\})? ([-+.\deInfNa]+)$", re.MULTILINE)
_LATE = "wayline_timer_lateness_seconds_bucket"


class Sample(NamedTuple):
    """One look."""

    at: float
    megabytes: float
    metrics: Mapping[str, float]

    def of(self, name: str) -> float:
        """A metric, with its labels if it has any; 0 if it is not there."""
        return self.metrics.get(name, 0.0)

    def timers(self) -> list[tuple[float, float]]:
        """Of timers so far: up to how many seconds late, and how many were."""
        found = [
            (float(name.partition('le="')[2].rstrip('"}')), count)
            for name, count in self.metrics.items()
            if name.startswith(_LATE)
        ]
        return sorted(found)


class Gauges:
    """Looks at one process."""

    def __init__(self, pid: int, port: int) -> None:
        self._pid = pid
        self._port = port
        self._began = time.monotonic()

    def look(self) -> Sample:
        """A look now."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        (kilobytes,) = re.findall(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)) as line:
            line.request("GET", "/metrics")
            text = line.getresponse().read().decode()
        metrics = {
            f"{name}{{{labels}}}" if labels else name: float(value)
            for name, labels, value in _LINE.findall(text)
        }
        return Sample(time.monotonic() - self._began, int(kilobytes) / 1024, metrics)


def share(before: Sample, after: Sample, part: float) -> float:
    """Up to how many seconds late ``part`` of the timers between two looks were: the bound of a
    histogram, with a straight line to the one below it.
    """
    earlier = dict(before.timers())
    counts = [(bound, count - earlier.get(bound, 0.0)) for bound, count in after.timers()]
    wanted = part * counts[-1][1] if counts else 0.0
    floor, under = 0.0, 0.0
    for bound, count in counts:
        if count >= wanted and count > under:
            if bound == float("inf"):
                return floor
            return floor + (bound - floor) * (wanted - under) / (count - under)
        floor, under = bound, count
    return 0.0
