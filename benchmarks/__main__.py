"""``make bench``: every measurement once, as ratios, against what was promised.

Ratios and not seconds, because both sides of a ratio are measured in one run on one machine.
Nothing is asserted: a number that misses its target is printed as it is.

    python -m benchmarks [--users N] [--pairs N] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks import (
    checking,
    flat,
    handing_over,
    importing,
    ingest,
    keystroke,
    latency,
    letters,
    neighbours,
    rules,
    scenarios,
    segments,
    steps,
    steps_postgres,
    year,
)
from benchmarks.line import Line
from benchmarks.peers import measure

__all__ = ["main"]

SLOWEST_RATIO, SLOWEST_RULE = 0.6, 3.0
LARGEST_GROWTH, LONGEST_WAIT = 1.1, 0.05
LONGEST_YEAR, LARGEST_YEAR = 30.0, 500.0
FEWEST_SCENARIOS = scenarios.GOAL


def measure_steps(options: argparse.Namespace) -> Iterator[Line]:
    """(a) durable user-steps against the floor, pair by pair."""
    pairs = list(steps.pairs(options.users, options.pairs))
    ratio = statistics.median(pair.ratio for pair in pairs)
    each = ", ".join(f"{pair.ratio:.2f}" for pair in pairs)
    engine = statistics.median(pair.engine.steps_per_second for pair in pairs)
    floor = statistics.median(pair.floor.steps_per_second for pair in pairs)
    yield Line(
        f"(a) durable user-steps, engine / floor ({each})",
        f"{ratio:.2f}",
        f">= {SLOWEST_RATIO}",
        ratio >= SLOWEST_RATIO,
    )
    yield Line("    engine / floor, steps per second", f"{engine:,.0f} / {floor:,.0f}")
    engine_bytes = statistics.median(pair.engine.bytes_per_step for pair in pairs)
    floor_bytes = statistics.median(pair.floor.bytes_per_step for pair in pairs)
    yield Line(
        "    engine / floor, bytes written per step", f"{engine_bytes:,.0f} / {floor_bytes:,.0f}"
    )
    for name in pairs[0].engine.phases:
        speed = statistics.median(pair.engine.phases[name] for pair in pairs)
        yield Line(f"    engine, {name}, people per second", f"{speed:,.0f}")


def measure_postgres(options: argparse.Namespace) -> Iterator[Line]:
    """(g) the same steps on PostgreSQL, with one worker and with two."""
    took = steps_postgres.compare(options.users // 2, options.pairs, (1, 2))
    for workers, engine in took.engines.items():
        yield Line(
            f"(g) durable user-steps on PostgreSQL, engine / floor, workers: {workers}",
            f"{took.ratio(workers):.2f}",
            f">= {SLOWEST_RATIO}",
            took.ratio(workers) >= SLOWEST_RATIO,
        )
        speed = f"{engine.steps_per_second:,.0f} / {took.floor:,.0f}"
        yield Line("    engine / floor, steps per second", speed)
        yield Line("    CPU of the workers, µs per step", f"{engine.cpu_per_step * 1e6:.0f}")
    yield Line(
        "    CPU per step with two workers / with one",
        f"{took.growth(2):.2f}",
        f"<= {LARGEST_GROWTH}",
        took.growth(2) <= LARGEST_GROWTH,
    )
    wait = took.engines[2].lock_wait
    yield Line(
        "    time that two workers wait for locks",
        f"{wait:.1%}",
        f"< {LONGEST_WAIT:.0%}",
        wait < LONGEST_WAIT,
    )


def measure_rules(_: argparse.Namespace) -> Iterator[Line]:
    """(b) a compiled rule against the same rule written by hand."""
    ratio = rules.run().median
    yield Line(
        "(b) compiled rule / rule by hand, median of the corpus",
        f"{ratio:.2f}",
        f"<= {SLOWEST_RULE:g}",
        ratio <= SLOWEST_RULE,
    )


def measure_year(_: argparse.Namespace) -> Iterator[Line]:
    """(c) the replayed year."""
    took = year.run()
    yield Line(
        "(c) the replayed year, seconds",
        f"{took.seconds:.1f}",
        f"< {LONGEST_YEAR:g}",
        took.seconds < LONGEST_YEAR,
    )
    yield Line("    the replayed year, seconds of CPU", f"{took.cpu_seconds:.1f}")
    yield Line(
        "    the replayed year, MB of all processes",
        f"{took.peak_megabytes:.0f}",
        f"< {LARGEST_YEAR:g}",
        took.peak_megabytes < LARGEST_YEAR,
    )


def measure_scenarios(_: argparse.Namespace) -> Iterator[Line]:
    """(d) scenarios that `wayline test` plays."""
    speed = scenarios.run()
    yield Line(
        "(d) scenarios per second, messages compiled on the way",
        f"{speed.first:,.0f}",
        f">= {FEWEST_SCENARIOS:.0f}",
        speed.first >= FEWEST_SCENARIOS,
    )
    yield Line("    scenarios per second, many times over", f"{speed.many:,.0f}")


def measure_editor(_: argparse.Namespace) -> Iterator[Line]:
    """(e) a project of 500 journeys, checked and edited."""
    took = keystroke.run()
    yield Line(
        "(e) cold check of 500 journeys, seconds",
        f"{took.check:.1f}",
        f"< {keystroke.LONGEST_CHECK:g}",
        took.check < keystroke.LONGEST_CHECK,
    )
    yield Line("    the same, seconds of CPU", f"{took.check_cpu:.1f}")
    for what, waits in took.keystrokes.items():
        slow = keystroke.slow(waits)
        yield Line(
            f"    a keystroke in a {what}, milliseconds, 19 of 20 under",
            f"{slow * 1000:.0f}",
            f"< {keystroke.LONGEST_KEYSTROKE * 1000:g}",
            slow < keystroke.LONGEST_KEYSTROKE,
        )
    half = statistics.median(wait for waits in took.keystrokes.values() for wait in waits)
    yield Line("    all of them, half under", f"{half * 1000:.0f}")


def measure_checking(_: argparse.Namespace) -> Iterator[Line]:
    """(f) ``wayline check`` of thirteen journeys, as somebody waits for it."""
    took = checking.run()
    yield Line(
        "(f) check of 13 journeys without the parser's tables, seconds",
        f"{took.cold:.2f}",
        f"< {checking.LONGEST_COLD:g}",
        took.cold < checking.LONGEST_COLD,
    )
    yield Line(
        "    the same with them, as it is every day",
        f"{took.warm:.2f}",
        f"< {checking.LONGEST_WARM:g}",
        took.warm < checking.LONGEST_WARM,
    )
    yield Line("    the same two, seconds of CPU", f"{took.cold_cpu:.2f} / {took.warm_cpu:.2f}")


MEASUREMENTS: dict[str, Callable[[argparse.Namespace], Iterator[Line]]] = {
    "steps": measure_steps,
    "postgres": measure_postgres,
    "rules": measure_rules,
    "year": measure_year,
    "scenarios": measure_scenarios,
    "editor": measure_editor,
    "checking": measure_checking,
    "ingest": ingest.lines,
    "latency": latency.lines,
    "flat": flat.lines,
    "peers": measure.lines,
    "dispatch": handing_over.lines,
    "neighbours": neighbours.lines,
    "letters": letters.lines,
    "import": importing.lines,
    "segments": segments.lines,
}


_USUAL = {
    "events": 50_000,
    "messages": 3_000,
    "runs": flat.SIZES,
    "people": 1_000,
    "queued": 25_000,
    "imported": 1_000_000,
    "members": 1_000_000,
}
_QUICK = {
    "events": 10_000,
    "messages": 500,
    "runs": flat.SIZES[:2],
    "people": 300,
    "queued": 5_000,
    "imported": 50_000,
    "members": 20_000,
}
_A_QUICK_LOOK = 20_000  # people in (a): with fewer, everything else is smaller as well


def main() -> None:
    """Runs the measurements asked for and prints their lines as they come."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--users", type=int, default=100_000, help="people in (a); half as many in (g)"
    )
    parser.add_argument("--pairs", type=int, default=3, help="pairs of runs in (a)")
    parser.add_argument("--events", type=int, help="events in (h)")
    parser.add_argument("--messages", type=int, help="of each phase of (i)")
    parser.add_argument("--runs", type=int, nargs="+", help="live ones in (j)")
    parser.add_argument("--people", type=int, help="with each peer in (k)")
    parser.add_argument("--queued", type=int, help="people in (l), two messages each")
    parser.add_argument("--members", type=int, help="people in (q), ten events each")
    parser.add_argument("--imported", type=int, help="people in (p)")
    parser.add_argument("--only", nargs="*", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    options = parser.parse_args()
    usual = _QUICK if options.users < _A_QUICK_LOOK else _USUAL
    for name, value in usual.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    print(
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, {platform.machine()}"
    )
    print(f"{'':<64}{'measured':>18}  {'target':<8}")
    began = time.monotonic()
    for name in options.only:
        for line in MEASUREMENTS[name](options):
            verdict = {True: "met", False: "MISSED", None: ""}[line.met]
            print(f"{line.what:<64}{line.measured:>18}  {line.target:<8}{verdict}", flush=True)
    print(f"All of it took {(time.monotonic() - began) / 60:.1f} minutes.")


if __name__ == "__main__":
    main()
