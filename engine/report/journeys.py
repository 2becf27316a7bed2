"""One journey's page of the report: its drawing with numbers, and the numbers beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from dsl.drawing import Numbers, draw
from dsl.graph import ENTRY
from dsl.machine import Machine, Split
from engine.report.charts import Bar, bars
from engine.report.goals import Comparison, compare
from engine.simulate.tally import JourneyTally, PathTally, StepTally
from engine.why.reasons import left_words, not_entered_words, not_sent_words

__all__ = ["JourneyPage", "journey_page"]

_EARLY = frozenset({"goal", "exclude if", "exit if", "ended", "removed", "merged"})
_BLANK = "\N{NO-BREAK SPACE}"


class JourneyPage(NamedTuple):
    """What the template shows of a journey."""

    name: str
    title: str
    category: str
    priority: int
    drawing: str
    width: int  # of the drawing
    entered: int
    restarted: int
    held_out: int
    inside: int
    sent: int
    channels: Sequence[Bar]
    messages: Sequence[tuple[str, Mapping[str, int]]]
    not_sent: Sequence[Bar]
    left: Sequence[Bar]
    not_entered: Sequence[Bar]
    passed_over: Sequence[tuple[str, Sequence[Bar]]]
    goal: str
    goal_within: str
    comparison: Comparison | None
    live: tuple[int, int]
    holdout: tuple[int, int]
    learnt: Sequence[tuple[str, str, Mapping[str, PathTally]]]  # split, its target, its paths


def journey_page(machine: Machine, tally: JourneyTally) -> JourneyPage:
    """Everything about one journey."""
    within = machine.goal_within
    drawing = draw(machine, _numbers(machine, tally))
    return JourneyPage(
        name=machine.journey,
        title=machine.title or machine.journey,
        category=machine.category,
        priority=machine.priority,
        drawing=drawing,
        width=int(drawing.split('width="', 1)[1].split('"', 1)[0]),
        entered=tally.entered,
        restarted=tally.restarted,
        held_out=tally.held_out,
        inside=tally.inside,
        sent=sum(tally.sent.values()),
        channels=bars(tally.sent),
        messages=sorted(tally.messages.items()),
        not_sent=bars(_worded(tally.not_sent, not_sent_words)),
        left=bars(_worded(tally.left, left_words)),
        not_entered=bars(_worded(tally.not_entered, not_entered_words)),
        passed_over=[
            (channel, bars(_worded(reasons, not_sent_words)))
            for channel, reasons in sorted(tally.passed_over.items())
        ],
        goal="" if machine.goal is None else machine.goal.text,
        goal_within="" if within is None else within.text,
        comparison=None if machine.goal is None else compare(tally),
        live=(tally.live.converted, tally.live.runs),
        holdout=(tally.holdout.converted, tally.holdout.runs),
        learnt=[
            (step.id, step.learning.target.text, tally.learnt[step.id])
            for step in machine.code
            if isinstance(step, Split) and step.learning is not None and step.id in tally.learnt
        ],
    )


def _worded(counts: Mapping[str, int], words: Callable[[str], str]) -> Counter[str]:
    worded: Counter[str] = Counter()
    for reason, count in counts.items():
        worded[words(reason)] += count
    return worded


# -------------------------------------------------------------------------------- the drawing


def _numbers(machine: Machine, tally: JourneyTally) -> Numbers:
    notes: dict[int, tuple[str, ...]] = {ENTRY: _at_the_door(tally)}
    for step, found in tally.steps.items():
        index = machine.index.get(step)
        if index is not None:
            notes[index] = _notes(found)
    return Numbers(tally.edges, notes)


def _at_the_door(tally: JourneyTally) -> tuple[str, ...]:
    lines = []
    if tally.held_out:
        lines.append(_join("held out", tally.held_out))
    if tally.restarted:
        lines.append(_join("began again", tally.restarted))
    return tuple(lines)


def _notes(step: StepTally) -> tuple[str, ...]:
    lines = []
    if step.sent:
        lines.append(_listed("sent", step.sent, str))
    if step.not_sent:
        lines.append(_listed("not sent", step.not_sent, not_sent_words))
    early = Counter({reason: n for reason, n in step.left.items() if reason in _EARLY})
    if early:
        lines.append(_listed("left from here", early, left_words))
    if step.resting:
        lines.append(_join("still here", step.resting))
    return tuple(lines)


def _listed(title: str, counts: Mapping[str, int], words: Callable[[str], str]) -> str:
    parts = [
        _join(words(reason), count)
        for reason, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]
    return f"{title}{_BLANK}{sum(counts.values()):,}: {', '.join(parts)}"


def _join(words: str, count: int) -> str:
    """Words and a number; short ones are not parted at the end of a line."""
    glue = _BLANK if len(words) < 14 else " "
    return f"{words.replace(' ', glue)}{_BLANK}{count:,}"
