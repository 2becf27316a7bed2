"""What folding alone costs: the people of ``benchmarks.steps``, without a store.

The same journey, the same messages and the same three steps for everybody, but what was loaded is
there, and what is to be written is dropped after the next step has taken over the runs. What is
counted is CPU time of this one process, so others on the machine disturb little.

    python -m benchmarks.fold [--users N]
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Sequence
from itertools import count
from typing import NamedTuple

from benchmarks.floor import DAY, HOUR, START
from benchmarks.steps import events, people, program
from engine.core.changes import Changes
from engine.core.fold import Fold
from engine.core.profile import Profile
from engine.core.program import Program
from engine.core.run import Run
from engine.core.signals import Arrival, EventArrived, ProfileChanged

__all__ = ["Folded", "main", "measure"]

BATCH = 250
MICRO = 1e6
PHASES = (
    ("enter and wait", START + HOUR),
    ("wake, check, send, wait", START + 3 * HOUR),
    ("wake and send", START + 2 * DAY),
)


class Folded(NamedTuple):
    """What one measurement showed: microseconds of CPU for each person, by phase."""

    phases: dict[str, float]
    deliveries: int

    @property
    def each(self) -> float:
        """For each step."""
        return sum(self.phases.values()) / len(self.phases)


class _Known(NamedTuple):
    profile: Profile
    runs: Sequence[Run]
    pending: Sequence[Arrival]


def measure(measured: Program, users: int) -> Folded:
    """Takes everybody through the journey."""
    profiles = {
        each.person: Profile(each.person, each.attributes, {"sms": each.addresses["sms"] or ""})
        for each in people(users)
        if isinstance(each, ProfileChanged)
    }
    arriving = {each.person: each for each in events(users) if isinstance(each, EventArrived)}
    known = {name: _Known(each, (), (arriving[name],)) for name, each in profiles.items()}
    phases: dict[str, float] = {}
    deliveries = 0
    numbers = count(1)
    for phase, now in PHASES:
        used = list[float]()
        names = list(known)
        for place in range(0, users, BATCH):
            batch, changes = names[place : place + BATCH], Changes()
            gc.disable()
            started = time.process_time()
            fold = Fold(measured, changes, lambda: next(numbers))
            for name in batch:
                profile, runs, pending = known[name]
                fold.turn_to(profile, runs, {})
                fold.run(pending, now)
            used.append((time.process_time() - started) / len(batch))
            gc.enable()
            deliveries += len(changes.deliveries)
            for profile in changes.profiles:
                known[profile.id] = known[profile.id]._replace(profile=profile)
            for run in changes.runs:
                going = () if run.status == "closed" else (run,)
                known[run.person] = known[run.person]._replace(runs=going, pending=())
        phases[phase] = min(used) * MICRO
    return Folded(phases, deliveries)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fold")
    parser.add_argument("--users", type=int, default=10_000)
    options = parser.parse_args()
    folded = measure(program(), options.users)
    print(f"{folded.each:.1f} µs of CPU for each step, {folded.deliveries:,} deliveries")
    for phase, micros in folded.phases.items():
        print(f"  {phase}: {micros:.1f} µs")


if __name__ == "__main__":
    main()
