"""A daemon under load: a crowd of people with three live runs each, timers that fall due all the
time, a burst of events beyond what it takes, a bug in it, and readers who take long.

    python -m tests.soak.load --people 1000000 --minutes 5 --events 200000
    python -m tests.soak.load --store postgresql://...      # an empty database

It prints what was seen, and ends with 1 if an accepted event was lost or anything else is not as it
must be. Times are those of a machine that may have had other things to do.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crowd import FILES, fill, person
from benchmarks.serving import deployed, listening, wayline
from dsl.calendar import SECOND
from engine.clock import SystemClock
from engine.store import open_store
from engine.store.sql.statements import NEVER
from engine.store.sql.store import SqlStore
from tests.soak.gauges import Gauges, Sample, share
from tests.soak.senders import Burst, is_poison, who

__all__ = ["Load", "Seen", "run"]

_SERVE = "from tests.soak.served import lay; lay(); from engine.cli import main; main()"
_PREPARED_PER_SECOND = 4_000  # people, on a machine that has other things to do
_OURS = "id between 'burst-' and 'burst.'"
_SAMPLED = 1_000  # people who are looked at in the end


@dataclass(frozen=True)
class Load:
    """How much of everything."""

    people: int = 1_000_000
    per_second: float = 300.0  # timers
    minutes: float = 5.0
    events: int = 200_000
    senders: int = 8
    backlog: int = 50_000
    readers: bool = True


@dataclass
class Seen:
    """What was seen. ``wrong`` is empty if all is as it must be."""

    samples: dict[str, list[Sample]] = field(default_factory=dict)
    burst: Burst | None = None
    drained: float = 0.0
    kept: int = 0
    aside: int = 0
    wrong: list[str] = field(default_factory=list)


def run(load: Load, url: str, folder: Path, say: Callable[[str], None] = print) -> Seen:
    """Makes the crowd, lets a daemon live with it, and counts."""
    seen = Seen()
    _prepare(load, url, folder, say)
    command = [sys.executable, "-c", _SERVE, "serve", "--store", url, "--port", "0"]
    command += ["--backlog", str(load.backlog), "--config", str(folder / "wayline.toml")]
    with listening(command, folder) as daemon:
        gauges = Gauges(daemon.pid, daemon.port)
        steady = _phase(seen, gauges, "timers alone", say)
        for _ in range(max(1, round(load.minutes * 60))):
            threading.Event().wait(1)
            steady()
        burst = seen.burst = Burst(daemon.port, load.events, load.people)
        burst.pour(load.senders, _phase(seen, gauges, "burst", say))
        _drain(seen, _phase(seen, gauges, "backlog", say))
        if load.readers:
            _read(url, folder, _phase(seen, gauges, "beside readers", say), seen)
        os.kill(daemon.pid, signal.SIGTERM)
    _count(load, url, seen)
    return seen


def _prepare(load: Load, url: str, folder: Path, say: Callable[[str], None]) -> None:
    (folder / "wayline.toml").write_text('[channels.sms]\nadapter = "file"\n')
    deployed(FILES, folder, url)
    ahead = SECOND * (10 + load.people // _PREPARED_PER_SECOND)
    due, began = SystemClock().now() + ahead, time.process_time()
    with closing(open_store(url)) as store:
        for done in fill(store, load.people, due, load.per_second):
            if done % 200_000 == 0:
                say(f"{done:,} people are there, {time.process_time() - began:.0f} s of CPU")


def _phase(seen: Seen, gauges: Gauges, name: str, say: Callable[[str], None]) -> Callable[[], None]:
    samples = seen.samples[name] = [gauges.look()]

    def tick() -> None:
        samples.append(gauges.look())
        if len(samples) % 30 == 0:
            now = samples[-1]
            say(
                f"{name}, {now.at:,.0f} s: {now.megabytes:,.0f} MB,"
                f" backlog {now.of('wayline_backlog'):,.0f},"
                f" late {now.of('wayline_lateness_seconds'):.1f} s"
            )

    return tick


def _drain(seen: Seen, tick: Callable[[], None]) -> None:
    """Until nothing waits any more, looked at twice: what was counted may be a second old."""
    began, empty = time.monotonic(), 0
    samples = seen.samples["backlog"]
    while empty < 3:
        threading.Event().wait(1)
        tick()
        empty = empty + 1 if samples[-1].of("wayline_backlog") == 0 else 0
    seen.drained = time.monotonic() - began


def _read(url: str, folder: Path, tick: Callable[[], None], seen: Seen) -> None:
    """Readers who take long, one after the other, while the clock goes on."""
    for words in (("audience", "buyers"), ("audience",), ("why", person(1)), ("doctor",)):
        command = [*wayline(*words), "--store", url]
        with subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as reader:
            while reader.poll() is None:
                threading.Event().wait(1)
                tick()
            if reader.returncode and words != ("doctor",):
                assert reader.stderr is not None
                seen.wrong.append(f"wayline {words[0]} ended with {reader.stderr.read()[-300:]}")


def _count(load: Load, url: str, seen: Seen) -> None:
    burst = seen.burst
    assert burst is not None
    poisoned = {who(n, load.people) for n in range(load.events) if is_poison(n)}
    with closing(open_store(url)) as store:
        assert isinstance(store, SqlStore)
        with store._database.reading() as session:
            seen.kept = session.one(f"select count(*) from log where {_OURS}")
            waiting = session.one(
                "select count(*) from inbox i join log l on l.number = i.number"
                f" where i.received < {NEVER} and l.{_OURS}"
            )
        seen.aside = len(store.set_aside())
        numbers = range(0, load.events, max(1, load.events // _SAMPLED))
        wanted = {n: who(n, load.people) for n in numbers if who(n, load.people) not in poisoned}
        views = store.people(list(wanted.values()), ())
    outside = [
        name
        for n, name in wanted.items()
        if f"burst-{n}" not in {run.key for run in views[name].runs}
    ]
    for wrong, what in (
        (load.events - burst.accepted, "events were not accepted"),
        (burst.accepted - seen.kept, "accepted events are not kept"),
        (waiting, "events still wait"),
        (abs(len(poisoned) - seen.aside), "people with a poisoned event are not set aside"),
        (len(outside), f"of {len(wanted)} people did not enter by their order"),
    ):
        if wrong:
            seen.wrong.append(f"{wrong:,} {what}")
    seen.wrong += burst.wrong[:5]


def report(load: Load, seen: Seen) -> Iterator[str]:
    """What was seen, in lines."""
    burst = seen.burst
    assert burst is not None
    yield f"{load.people:,} people, {3 * load.people:,} live runs, {load.per_second:,.0f} timers/s"
    yield ""
    yield "| phase | s | timers | late p50 | late p99 | MB at first | most | at last |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, samples in seen.samples.items():
        first, last = samples[0], samples[-1]
        timers = last.of("wayline_timer_lateness_seconds_count") - first.of(
            "wayline_timer_lateness_seconds_count"
        )
        most = max(sample.megabytes for sample in samples)
        yield (
            f"| {name} | {last.at - first.at:,.0f} | {timers:,.0f} |"
            f" {share(first, last, 0.5):.2f} s | {share(first, last, 0.99):.2f} s |"
            f" {first.megabytes:,.0f} | {most:,.0f} | {last.megabytes:,.0f} |"
        )
    waits = sorted(burst.waits) or [0]
    yield ""
    yield (
        f"{burst.accepted:,} events accepted in {burst.seconds:,.0f} s"
        f" ({burst.accepted / max(burst.seconds, 1e-9):,.0f}/s), and processed"
        f" {seen.drained:,.0f} s later; {burst.put_off:,} answers were 429, Retry-After"
        f" {waits[0]} to {waits[-1]} s (in the middle {waits[len(waits) // 2]})"
    )
    yield (
        f"{burst.unreadable:,} bodies that cannot be read and {burst.rejected:,} events that nobody"
        f" knows were refused; {seen.aside:,} people set aside"
    )
    yield f"lost: {burst.accepted - seen.kept:,} of {burst.accepted:,}"
    yield from (f"WRONG: {each}" for each in seen.wrong)


def main() -> int:
    """Runs, prints, and says whether all is as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.load")
    parser.add_argument("--store", help="an empty one; else SQLite, in a folder that goes again")
    parser.add_argument("--people", type=int, default=Load.people)
    parser.add_argument("--per-second", type=float, default=Load.per_second, help="timers")
    parser.add_argument("--minutes", type=float, default=Load.minutes, help="of timers alone")
    parser.add_argument("--events", type=int, default=Load.events)
    parser.add_argument("--senders", type=int, default=Load.senders)
    parser.add_argument("--backlog", type=int, default=Load.backlog, help="as of wayline serve")
    options = parser.parse_args()
    load = Load(
        options.people,
        options.per_second,
        options.minutes,
        options.events,
        options.senders,
        backlog=options.backlog,
    )
    with tempfile.TemporaryDirectory() as folder:
        url = options.store or f"sqlite:///{folder}/load.db"
        seen = run(load, url, Path(folder), lambda line: print(line, flush=True))
    print("\n".join(report(load, seen)))
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
