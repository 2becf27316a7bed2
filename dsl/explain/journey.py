"""A whole journey in words: who gets in, who never, what success is, then the steps."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import assert_never

from dsl.explain.moments import moment_words, schedule_words
from dsl.explain.phrases import channel_words, happening, joined, length_words, plain
from dsl.explain.rules import Wording
from dsl.explain.steps import Line, formula_words, percent, steps_in_words
from dsl.expr import typed_value as tv
from dsl.machine import (
    After,
    AnyTime,
    ApiTrigger,
    Cap,
    DateTrigger,
    EventTrigger,
    Formula,
    JourneyTrigger,
    Machine,
    Never,
    Project,
    Rule,
    ScheduleTrigger,
    SegmentTrigger,
    Send,
    Trigger,
)
from dsl.policy import ConsentNotNeeded, ConsentRequired, ConsentRule, Rolling

__all__ = ["explain_journey", "head_in_words"]

_MARGIN = 24


def explain_journey(machine: Machine, project: Project, *, width: int = 88) -> str:
    """The journey as the machine will run it, for people who do not trust the file."""
    wording = Wording(project.plan)
    head = _Head(machine, project, wording)
    lines = [machine.title, ""] if machine.title != machine.journey else []
    lines += textwrap.wrap(head.start(), width)
    for name, text in head.rows():
        lines += textwrap.wrap(
            text,
            width,
            initial_indent=f"{name}:".ljust(_MARGIN),
            subsequent_indent=" " * _MARGIN,
            break_on_hyphens=False,
        )
    parts = [("Steps", 0), ("On success", machine.on_goal), ("On leaving early", machine.on_exit)]
    for name, start in parts:
        if start is not None:
            lines += ["", f"{name}:"]
            for line in steps_in_words(machine, wording, start):
                lines += _wrapped(line, width)
    used = [project.segments[name] for name in sorted(_segments(machine))]
    if used:
        lines += ["", "Segments:"]
    for segment in used:
        text = f"{segment.name}: {wording.test(segment.who.meaning)}."
        lines += _wrapped(Line(0, "", text), width, hanging=2)
    fetched = list(_fetched(machine, project, wording))
    if fetched:
        lines += ["", "Asked just before a message leaves:"]
    for text in fetched:
        lines += _wrapped(Line(0, "", text), width, hanging=2)
    return "\n".join(lines)


def _segments(machine: Machine) -> Iterator[str]:
    """The segments that its words name: those of its rules, and those that it starts with."""
    names = set(machine.reads.segments)
    for trigger in machine.triggers:
        match trigger:
            case SegmentTrigger():
                names.add(trigger.segment)
            case ScheduleTrigger():
                names.add(trigger.audience)
            case _:
                pass
    yield from names


def head_in_words(machine: Machine, project: Project) -> dict[str, str]:
    """The parts of the head by their names, in their order, and the segments asked about."""
    head = _Head(machine, project, Wording(project.plan))
    asked = {
        f"Segment {name}": f"{head.wording.test(project.segments[name].who.meaning)}."
        for name in sorted(machine.reads.segments)
        if name in project.segments
    }
    return {"Start": head.start(), **dict(head.rows()), **asked}


def _fetched(machine: Machine, project: Project, wording: Wording) -> Iterator[str]:
    """What the e-mails of the journey fetch, each question once."""
    sent = [
        project.messages[step.message]
        for step in machine.code
        if isinstance(step, Send) and any(choice.channel == "email" for choice in step.choices)
    ]
    for message in dict.fromkeys(each.name for each in sent if each.kept is not None):
        modules = project.messages[message].modules.values()
        asks = {each.name: each.fetch for each in modules if each.fetch is not None}
        for module, fetch in asks.items():
            said = [
                f"{plain(name)}: {formula_words(value, wording)}" for name, value in fetch.values
            ]
            told = f", with {joined(said, 'and')}" if said else ""
            yield f"{fetch.service}, for {module} in {message}{told}."


def _wrapped(line: Line, width: int, *, hanging: int = 0) -> list[str]:
    """The line, moved in by its level; a branch stands under the words of its step."""
    indent = " " * (2 + 5 * line.level - (2 if line.level and not line.number else 0))
    lead = f"{indent}{line.number.ljust(2)} " if line.number else indent
    return textwrap.wrap(
        line.text,
        width,
        initial_indent=lead,
        subsequent_indent=" " * (len(lead) + hanging),
        break_on_hyphens=False,
    )


class _Head:
    """The head of a journey."""

    def __init__(self, machine: Machine, project: Project, wording: Wording) -> None:
        self.machine = machine
        self.project = project
        self.wording = wording

    def start(self) -> str:
        """What starts it, and how often."""
        machine = self.machine
        parts = ["Starts " + joined([self._way(one) for one in machine.triggers], "or")]
        if machine.key is not None:
            parts.append(f"once per {self._key(machine.key)}")
        said = ", ".join(parts)
        match machine.if_inside:
            case "restart":
                said += "; a new start begins it again"
            case "update":
                said += "; a new start brings new data to those inside"
            case "allow":
                said += "; several can run side by side"
            case "ignore":
                pass
        return f"{said}. {self._again()}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """What else holds, by its name."""
        machine = self.machine
        if machine.status != "live":
            yield "Now", f"{machine.status}: {_STATUS[machine.status]}."
        yield "Messages", self._about()
        if machine.variables:
            said = [f"{plain(name)}: {self.formula(value)}" for name, value in machine.variables]
            yield "Noted at entry", f"{'; '.join(said)}."
        if machine.eligible:
            yield "At the door, once", f"{self._rules(machine.eligible, 'and')}."
        if machine.exclude:
            yield "Never, at any moment", f"{self._rules(machine.exclude, 'or')}."
        if machine.goal is not None:
            counted = (
                ""
                if machine.goal_within is None
                else (f", counted up to {self.formula(machine.goal_within)} after entry")
            )
            yield "Success", f"{self.wording.test(machine.goal.meaning)}{counted}."
        if machine.exits:
            yield "Leaves early", f"{self._rules(machine.exits, 'or')}."
        if machine.rollout != 1:
            yield "Let in", f"{percent(machine.rollout)} of those who could enter."
        if machine.holdout:
            yield (
                "Kept without",
                f"{percent(machine.holdout)} of those who could enter get nothing.",
            )
        if machine.inside == "stay":
            yield "When this changes", "people inside finish the version they entered."
        if machine.caps:
            yield "At most", f"{'; '.join(_cap(one) for one in machine.caps)}, from this journey."

    def _way(self, trigger: Trigger) -> str:
        match trigger:
            case EventTrigger():
                where = "" if trigger.where is None else f" ({self._rules((trigger.where,), '')})"
                return f"when {happening(self.wording.event(trigger.event))}{where}"
            case ApiTrigger():
                return "when it is called through the API"
            case JourneyTrigger():
                return "when another journey starts it"
            case SegmentTrigger():
                verb = "enters" if trigger.enters else "leaves"
                return f"when a person {verb} the segment {trigger.segment}"
            case DateTrigger():
                often = "every year on " if trigger.yearly else "on "
                clock = f"{trigger.clock // 60:02}:{trigger.clock % 60:02}"
                return f"{often}{moment_words(trigger.date, self.wording)} at {clock}"
            case ScheduleTrigger():
                when = schedule_words(trigger.schedule)
                return f"{when}, for everybody in the segment {trigger.audience}"
            case _ as unreachable:
                assert_never(unreachable)

    def _key(self, key: Formula) -> str:
        meaning = key.meaning
        if isinstance(meaning, tv.Stored) and meaning.root == "trigger":
            return plain(meaning.name.removesuffix("_id"))
        return self.formula(key)

    def _again(self) -> str:
        key = None if self.machine.key is None else self._key(self.machine.key)
        who = "People may come back" if key is None else f"The same {key} may start it again"
        match self.machine.re_enter:
            case Never():
                return "Nobody enters twice." if key is None else f"No {key} starts it twice."
            case AnyTime():
                return f"{who} at any time."
            case After(length=length, since=since):
                return f"{who} {length_words(length)} after {since}."
            case _ as unreachable:
                assert_never(unreachable)

    def _about(self) -> str:
        machine = self.machine
        category = self.project.policy.categories[machine.category]
        consent: str
        match category.consent:
            case ConsentNotNeeded():
                consent = "need no consent"
            case ConsentRequired():
                consent = "need consent"
                if category.existing_customers:
                    consent += " (or a purchase, by e-mail and SMS)"
            case ConsentRule(rule=rule):
                consent = f"need {self._rules((rule,), '')}"
            case _ as unreachable:
                assert_never(unreachable)
        ignored = (
            f" and ignore {joined(sorted(category.ignores), 'and')}" if category.ignores else ""
        )
        said = (
            f"{machine.category} messages, which {consent}{ignored}. Priority {machine.priority}."
        )
        return f"{said[:1].upper()}{said[1:]}"

    def _rules(self, rules: tuple[Rule, ...], word: str) -> str:
        """Rules in a list; one that has parts of its own is kept apart by a semicolon."""
        said = [self.wording.test(rule.meaning) for rule in rules]
        if any(" and " in one or " or " in one for one in said) and len(said) > 1:
            return f"; {word} ".join(said)
        return joined(said, word)

    def formula(self, formula: Formula) -> str:
        return formula_words(formula, self.wording)


_STATUS = {
    "draft": "nobody enters yet",
    "paused": "nobody enters and nothing moves",
    "ended": "everybody has left",
}


def _cap(cap: Cap) -> str:
    about = "" if cap.category is None else f" about {cap.category}"
    on = "" if cap.channel is None else f" by {channel_words(cap.channel)}"
    noun = "message" if cap.count == 1 else "messages"
    period = cap.period
    per = length_words(period.length) if isinstance(period, Rolling) else f"calendar {period.unit}"
    return f"{cap.count} {noun}{about}{on} per {per}"
