"""Who comes first: runs of one person, and timers of one instant (language reference, 4.4, 4.5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dsl.calendar import Instant
from dsl.machine import Machine, Send
from engine.core.arbitrate import expiry
from engine.core.run import Run
from engine.core.standing import Standing

__all__ = ["by_importance", "timer_order"]


def by_importance(runs: Iterable[Run], machines: Mapping[str, Machine]) -> list[Run]:
    """The most important journey first, then who entered first."""
    ordered = list(runs)
    if len(ordered) > 1:
        ordered.sort(
            key=lambda run: (
                -machines[run.journey].priority if run.journey in machines else 0,
                run.entered,
                run.journey,
                run.key,
            )
        )
    return ordered


def timer_order(standing: Standing, run: Run) -> tuple[Instant, int, float, Instant, str]:
    """The longest overdue first; of one instant in the order of arbitration: priority, then what
    expires first, then who reached its send first.
    """
    machine = standing.program.machine_of(run)
    priority, expires = 0, float("inf")
    if machine is not None:
        priority = machine.priority
        step = machine.code[machine.index[run.state]] if run.state in machine.index else None
        if isinstance(step, Send):
            context = standing.context(run.due or run.since, run)
            ends = expiry(step, context, run.since)
            expires = float("inf") if ends is None else ends
    due = run.since if run.due is None else run.due
    return due, -priority, expires, run.since, run.journey
