"""What goes wrong, at random."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from tests.soak.house import House, Process, until
from tests.soak.server import Server, Wire

__all__ = ["Faults", "mount", "of_file", "of_server"]

Fault = Callable[[], None]

_FULL_FOR = 1.5  # seconds
_DEAD_FOR = 2.5


class Faults:
    """One after the other, each chosen by its weight, a random while apart."""

    def __init__(self, random: Random, faults: Mapping[str, tuple[float, Fault]]) -> None:
        self.counts: Counter[str] = Counter()
        self._random = random
        self._faults = faults

    def rage(self, seconds: float, pause: float, check: Callable[[], None]) -> None:
        """For so long. Each kind has its turn before the weights decide."""
        coming = [*self._faults]
        self._random.shuffle(coming)
        weights = [weight for weight, _ in self._faults.values()]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            threading.Event().wait(self._random.uniform(0.3, 1.7) * pause)
            name = coming.pop() if coming else self._random.choices([*self._faults], weights)[0]
            self._faults[name][1]()
            self.counts[name] += 1
            check()


def of_file(house: House, random: Random, disk: Path | None) -> dict[str, tuple[float, Fault]]:
    """For one process on a file."""
    (process,) = house.processes
    full = (lambda: _fill(disk)) if disk else (lambda: _limit(process))
    return {"killed": (4, process.kill), "disk full": (1, full)}


def of_server(
    house: House, random: Random, server: Server, wire: Wire, disk: Path | None
) -> dict[str, tuple[float, Fault]]:
    """For many processes on a PostgreSQL."""

    def one_of(role: str) -> Sequence[Process]:
        return [each for each in house.processes if each.name.startswith(role)]

    def kill(role: str) -> Fault:
        return lambda: random.choice(one_of(role)).kill()

    def down(act: Fault) -> Fault:
        def and_up_again() -> None:
            act()
            threading.Event().wait(random.uniform(0, 1.5))
            server.start()

        return and_up_again

    faults: dict[str, tuple[float, Fault]] = {
        "api killed": (2, kill("api")),
        "engine killed": (4, kill("engine")),
        "dispatcher killed": (4, kill("dispatch")),
        "postmaster killed": (1, down(server.kill)),
        "server stopped at once": (1, down(server.stop_at_once)),
        "backend killed": (1, lambda: server.kill_one(random)),
        "connections ended": (2, lambda: server.throw_out(random)),
        "wire cut": (2, wire.cut),
        "wire dead": (1, lambda: wire.go_dead(_DEAD_FOR)),
    }
    if disk is not None:
        faults["disk full"] = (0.5, lambda: _fill_under(disk, server))
    return faults


def mount(folder: Path, bytes_: int) -> bool:
    """A small disk of its own for a folder, if we may."""
    folder.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={bytes_},mode=755", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _limit(process: Process) -> None:
    """Until there is room again, nothing is accepted, and it is said why. It goes on by itself."""
    until(process.is_well, "it to be well")  # so that it is this process and not the next one
    process.limit_files(process._log.stat().st_size + 4096)
    try:
        _is_full(process)
    finally:
        process.limit_files(None)


def _fill(disk: Path) -> None:
    """What the store has of the disk already it may go on writing to: nobody can say how long."""
    with _filled(disk):
        threading.Event().wait(4 * _FULL_FOR)


def _is_full(process: Process) -> None:
    """Whoever sends is told so, and the process lives on."""
    body = b'{"userId": "passer-by", "event": "Product Viewed"}'
    until(lambda: process.ask("POST", "/v1/track", body) == 503, "to be turned away", 60)
    assert "events are turned away" in process.log
    threading.Event().wait(_FULL_FOR)


def _fill_under(disk: Path, server: Server) -> None:
    """The server may go on without, or may give up; it is started again when there is room."""
    with _filled(disk):
        threading.Event().wait(_FULL_FOR)
    server.start()


@contextlib.contextmanager
def _filled(disk: Path) -> Iterator[None]:
    ballast = disk / "ballast"
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        with contextlib.suppress(OSError):
            while os.write(file, bytes(64 * 1024)):
                pass
        yield
    finally:
        os.close(file)
        ballast.unlink()
