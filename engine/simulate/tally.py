"""Counting what happened: from decisions to the numbers of a journey. Pure, and made to be added.

A run that was restarted is not counted: its successor is. So "entered" is how many passages there
were, and the shares of those who reached the goal compare like with like.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from functools import reduce
from typing import Any, TypeAlias

from dsl.calendar import Instant
from engine.core.beta import Rate, mean
from engine.core.decision import Decision
from engine.core.preferences import limit_of
from engine.core.run import Run

__all__ = [
    "Arm",
    "JourneyTally",
    "PathTally",
    "StepTally",
    "Tally",
    "add_up",
    "as_data",
    "count_person",
]

Words: TypeAlias = "Counter[str]"


@dataclass(slots=True)
class Arm:
    """The people who got messages, or those who were held out."""

    runs: int = 0
    converted: int = 0


@dataclass(slots=True)
class StepTally:
    """One step: what was sent by channel, what not by reason, who left here by outcome."""

    sent: Words = field(default_factory=Counter)
    not_sent: Words = field(default_factory=Counter)
    waited: Words = field(default_factory=Counter)
    left: Words = field(default_factory=Counter)
    resting: int = 0


@dataclass(slots=True)
class PathTally:
    """One path of a split that learns: who was given it, of how many it is known what came of it,
    and how many reached the target; its share in the end, in millionths.
    """

    given: int = 0
    known: int = 0
    reached: int = 0
    share: int = 0

    @property
    def rate(self) -> float:
        """How often the target is reached on it, as far as that is known."""
        return mean(Rate(self.reached, self.known))


@dataclass(slots=True)
class JourneyTally:
    """One journey. ``left`` and ``restarted`` are of those who were not held out."""

    entered: int = 0
    held_out: int = 0
    restarted: int = 0
    inside: int = 0
    left: Words = field(default_factory=Counter)
    not_entered: Words = field(default_factory=Counter)
    sent: Words = field(default_factory=Counter)
    not_sent: Words = field(default_factory=Counter)
    passed_over: dict[str, Words] = field(default_factory=dict)  # channel: reasons
    messages: dict[str, Words] = field(default_factory=dict)  # message: channels
    live: Arm = field(default_factory=Arm)
    holdout: Arm = field(default_factory=Arm)
    steps: dict[str, StepTally] = field(default_factory=dict)
    edges: dict[tuple[int, int], int] = field(default_factory=dict)
    learnt: dict[str, dict[str, PathTally]] = field(default_factory=dict)  # step, path

    def path(self, step: str, name: str) -> PathTally:
        """A path of a split that learns, counted from nothing at first."""
        return self.learnt.setdefault(step, {}).setdefault(name, PathTally())


@dataclass(slots=True)
class Tally:
    """Everything a report shows. ``days`` counts messages handed over, by day and channel."""

    people: int = 0
    events: Words = field(default_factory=Counter)
    journeys: dict[str, JourneyTally] = field(default_factory=dict)
    days: dict[date, Words] = field(default_factory=dict)
    capped: Words = field(default_factory=Counter)  # by the rule of the cap

    def journey(self, name: str) -> JourneyTally:
        """The journey of that name, counted from nothing at first."""
        found = self.journeys.get(name)
        if found is None:
            found = self.journeys[name] = JourneyTally()
        return found


def add_up(tallies: Iterable[Tally]) -> Tally:
    """The sum of the tallies of different people. The parts stay as they are."""
    return reduce(_sum, tallies, Tally())


def _sum(one: Any, other: Any) -> Any:
    match one:
        case int() | Counter():
            return one + other
        case dict():
            return one | {
                key: _sum(one[key], value) if key in one else value for key, value in other.items()
            }
        case _:
            names = [each.name for each in fields(one)]
            return type(one)(*(_sum(getattr(one, n), getattr(other, n)) for n in names))


# ------------------------------------------------------------------------------- one person


def count_person(
    tally: Tally,
    decisions: Iterable[Decision],
    runs: Iterable[Run],
    day_of: Callable[[Instant], date],
) -> None:
    """Adds one person's decisions, in their order, and where their runs are in the end."""
    tally.people += 1
    held: set[str] = set()
    for decision in decisions:
        _count(tally, decision, held, day_of)
    for run in runs:
        if run.status == "live" and run.arm == "live":
            journey = tally.journey(run.journey)
            journey.inside += 1
            _step(journey, run.state).resting += 1


def _count(
    tally: Tally, decision: Decision, held: set[str], day_of: Callable[[Instant], date]
) -> None:
    if not decision.journey:
        return
    journey = tally.journey(decision.journey)
    match decision.what:
        case "entered":
            journey.entered += 1
            journey.live.runs += 1
        case "held out":
            held.add(decision.run)
            journey.held_out += 1
            journey.holdout.runs += 1
        case "not entered":
            journey.not_entered[decision.reason] += 1
        case "assigned":
            journey.path(decision.step, decision.reason).given += 1
        case "converted":
            arm = journey.holdout if decision.run in held else journey.live
            arm.converted += 1
        case "left":
            _leave(journey, decision, in_holdout=decision.run in held)
        case "passed over":
            reasons = journey.passed_over.setdefault(decision.channel, Counter())
            reasons[decision.reason] += 1
            if decision.reason == "capped":
                tally.capped[limit_of(decision.detail)] += 1
        case "waits":
            _step(journey, decision.step).waited[decision.reason] += 1
        case "dropped" | "stopped" | "refused" | "unknown":
            reason = decision.reason if decision.what == "dropped" else _first_words(decision)
            journey.not_sent[reason] += 1
            _step(journey, decision.step).not_sent[reason] += 1
        case "handed over":
            journey.sent[decision.channel] += 1
            message = journey.messages.setdefault(decision.reason, Counter())
            message[decision.channel] += 1
            _step(journey, decision.step).sent[decision.channel] += 1
            day = tally.days.setdefault(day_of(decision.at), Counter())
            day[decision.channel] += 1
        case _:  # "sent" is counted when it has been handed over
            pass


def _leave(journey: JourneyTally, decision: Decision, *, in_holdout: bool) -> None:
    if decision.reason == "restart" and in_holdout:
        journey.held_out -= 1
        journey.holdout.runs -= 1
    elif decision.reason == "restart":
        journey.restarted += 1
        journey.entered -= 1
        journey.live.runs -= 1
    elif not in_holdout:
        journey.left[decision.reason] += 1
        _step(journey, decision.step).left[decision.reason] += 1


def _first_words(decision: Decision) -> str:
    """What stopped it at hand-over, without the detail; what the provider said is one reason."""
    if decision.what != "stopped":
        return "failed" if decision.what == "refused" else "unknown"
    return decision.reason.split(":")[0]


def _step(journey: JourneyTally, step: str) -> StepTally:
    found = journey.steps.get(step)
    if found is None:
        found = journey.steps[step] = StepTally()
    return found


def as_data(tally: Tally) -> Mapping[str, Any]:
    """The tally for ``--json``: what a program may read of it."""
    return {
        "people": tally.people,
        "events": dict(tally.events.most_common()),
        "journeys": {name: _journey_data(found) for name, found in sorted(tally.journeys.items())},
        "messages_by_day": {
            day.isoformat(): dict(sorted(channels.items()))
            for day, channels in sorted(tally.days.items())
        },
    }


def _journey_data(journey: JourneyTally) -> Mapping[str, Any]:
    return {
        "entered": journey.entered,
        "held_out": journey.held_out,
        "restarted": journey.restarted,
        "inside": journey.inside,
        "left": dict(journey.left.most_common()),
        "not_entered": dict(journey.not_entered.most_common()),
        "sent": dict(sorted(journey.sent.items())),
        "not_sent": dict(journey.not_sent.most_common()),
        "passed_over": {c: dict(r.most_common()) for c, r in sorted(journey.passed_over.items())},
        "goal": {
            "live": {"runs": journey.live.runs, "converted": journey.live.converted},
            "holdout": {"runs": journey.holdout.runs, "converted": journey.holdout.converted},
        },
        "learnt": {
            step: {
                name: {
                    "given": path.given,
                    "known": path.known,
                    "reached": path.reached,
                    "rate": round(path.rate, 6),
                    "share": path.share / 1_000_000,
                }
                for name, path in paths.items()
            }
            for step, paths in sorted(journey.learnt.items())
        },
        "edges": [[a, b, count] for (a, b), count in sorted(journey.edges.items())],
    }
