"""What came against what was expected.

A message can be listed once. The lines that expect something and stand together must list
everything that was sent since the lines before them; what is left over fails the scenario.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from zoneinfo import ZoneInfo

from dsl.calendar import Instant, local
from dsl.scenario import (
    Expectation,
    ExpectCalled,
    ExpectEmitted,
    ExpectLeft,
    ExpectNothing,
    ExpectNotStarted,
    ExpectSent,
)
from engine.core.decision import Decision
from engine.core.zones import recipient_zone
from engine.scenarios.result import Check
from engine.scenarios.stage import Handed, Stage
from engine.why.reasons import left_words, not_entered_words, not_sent_words

__all__ = ["Judge", "when"]

_ENTRY = frozenset({"entered", "held out", "not entered"})
_NOT_SENT = frozenset({"dropped", "waits", "stopped", "refused"})
_SILENT = frozenset({"not entered", "passed over"})
_LONGEST_TEXT = 180


class Judge:
    """Compares one scenario, line by line. ``company`` is the zone of people without their own."""

    def __init__(self, stage: Stage, company: ZoneInfo) -> None:
        self._stage = stage
        self._company = company
        self._taken = 0  # of what was handed over
        self._open: list[Handed] = []
        self._inputs = 0  # decisions before the last input
        self._left: set[int] = set()  # decisions that have been listed
        self._emitted: dict[str, int] = {}

    def input(self) -> None:
        """Something is about to happen by the script."""
        self._inputs = len(self._stage.decisions())

    def check(self, expected: Expectation) -> Check:
        """One line."""
        handed = self._stage.handed(self._taken)
        self._taken += len(handed)
        self._open += handed
        words, but = self._compared(expected)
        return Check(expected.line, self._stage.now, words, but)

    def rest(self, line: int) -> list[Check]:
        """What was sent and stands in none of the lines checked since the last time."""
        handed = self._stage.handed(self._taken)
        self._taken += len(handed)
        unlisted, self._open = [*self._open, *handed], []
        return [
            Check(line, self._stage.now, "nothing else is sent", f"{self._sent(each)}.")
            for each in unlisted
        ]

    def _compared(self, expected: Expectation) -> tuple[str, str]:
        """The expectation in words, and what came instead."""
        match expected:
            case ExpectSent():
                return _sent_words(expected), self._send(expected)
            case ExpectLeft(_, outcome):
                return f"the person has left: {outcome}", self._leave(outcome)
            case ExpectEmitted():
                return f"the journey emits {expected.event}", self._emit(expected)
            case ExpectCalled(_, service):
                return f"the journey calls {service}", self._call(service)
            case ExpectNotStarted(_, reason):
                words = f"the person does not get in: {reason}"
                return words, self._not_start(reason)
            case ExpectNothing():
                nothing = self._open
                self._open = []
                return "nothing is sent", "; ".join(self._sent(each) for each in nothing)
            case _ as unreachable:
                assert_never(unreachable)

    # ------------------------------------------------------------------------------ messages

    def _send(self, expected: ExpectSent) -> str:
        fitting = [each for each in self._open if each.message == expected.message]
        if not fitting:
            return self._instead(expected)
        misses = [self._amiss(expected, each) for each in fitting]
        best = misses.index("") if "" in misses else 0
        self._open.remove(fitting[best])
        return misses[best]

    def _amiss(self, expected: ExpectSent, handed: Handed) -> str:
        """What is wrong with a message of the right name; nothing if it is the one."""
        if expected.channel not in (None, handed.channel):
            return f"it was sent on {handed.channel}{self._because(handed)}"
        for words in expected.contains:
            if _plain(words) not in _plain(" ".join(handed.parts.values())):
                return f"the text does not contain “{words}”: {_excerpt(handed)}"
        for channel, reason in expected.passed:
            passed = self._passed(handed).get(channel)
            if passed is None:
                return f"{channel} was not passed over"
            if passed != reason:
                return f"{channel} was passed over for another reason: {passed}"
        return ""

    def _passed(self, handed: Handed) -> dict[str, str]:
        """The channels that were not used for a message, with the reasons."""
        delivery = self._stage.store.deliveries([handed.delivery])[handed.delivery]
        same = (delivery.run, delivery.step)
        failed = [
            each.channel
            for each in self._stage.store.deliveries_of(delivery.person)
            if (each.run, each.step) == same and each.channel != delivery.channel
        ]
        unbuilt = [
            each.channel
            for each in self._stage.decisions()
            if each.what == "refused"
            and (each.run, each.step) == same
            and each.reason.startswith("content: ")
        ]
        passed = dict.fromkeys(failed, "failed") | dict.fromkeys(unbuilt, "content")
        return passed | {
            each.channel: each.reason
            for each in self._stage.decisions()
            if each.what == "passed over"
            and (each.run, each.step, each.at) == (*same, delivery.decided)
        }

    def _because(self, handed: Handed) -> str:
        passed = self._passed(handed).items()
        said = [f"not on {channel}: {not_sent_words(reason)}" for channel, reason in passed]
        return f" ({'; '.join(said)})" if said else ""

    def _instead(self, expected: ExpectSent) -> str:
        """What happened in place of a message that was not sent."""
        if self._open:
            return "; ".join(self._sent(each) for each in self._open)
        tried = self._tried()
        if tried is not None:
            reason = tried.reason.partition(": ")[0]
            waits = "it waits: " if tried.what == "waits" else ""
            why = f"{waits}{_coded(not_sent_words(reason), reason)}"
            detail = f", {tried.detail}" if tried.detail else ""
            return f"nothing was sent: {why}{detail} (step {tried.step}, {self._when(tried.at)})"
        return f"nothing was sent: {self._inside()}"

    def _tried(self) -> Decision | None:
        """The last attempt to send, if nothing came after it but the end."""
        decided = [each for each in self._stage.decisions() if each.what not in _SILENT]
        tried = decided[-1] if decided else None
        if len(decided) > 1 and decided[-1].what == "left" and decided[-2].at == decided[-1].at:
            tried = decided[-2]
        return tried if tried is not None and tried.what in _NOT_SENT else None

    def _sent(self, handed: Handed) -> str:
        return f"{handed.message} was sent on {handed.channel} ({self._when(handed.at)})"

    # ------------------------------------------------------------------------------ journeys

    def _leave(self, outcome: str) -> str:
        decisions = self._stage.decisions()
        left = [index for index, each in enumerate(decisions) if each.what == "left"]
        for index in left:
            if decisions[index].reason == outcome and index not in self._left:
                self._left.add(index)
                return ""
        fresh = [decisions[index] for index in left if index not in self._left]
        return self._where(fresh[-1]) if fresh else self._inside()

    def _not_start(self, reason: str) -> str:
        decisions = self._stage.decisions()[self._inputs :]
        entry = next((each for each in reversed(decisions) if each.what in _ENTRY), None)
        came = "trigger" if entry is None else _entry_reason(entry)
        if came == reason:
            return ""
        if entry is None:
            return "nothing that happened fits the trigger (reason: trigger)"
        return self._where(entry)

    def _inside(self) -> str:
        """Where the person is now."""
        view = self._stage.store.people([self._stage.person], ()).get(self._stage.person)
        live = [run for run in view.runs if run.status == "live"] if view is not None else []
        if not live:
            ended = [d for d in self._stage.decisions() if d.what in (*_ENTRY, "left")]
            return self._where(ended[-1]) if ended else "the journey was not started"
        run = live[-1]
        if run.arm == "holdout":
            return "the person is held out"
        until = "" if run.due is None else f" until {self._when(run.due)}"
        return f"the person is in the step {run.state}{until}"

    def _where(self, decision: Decision) -> str:
        """An entry, a refusal or a departure, in words with its code."""
        at = self._when(decision.at)
        detail = f", {decision.detail}" if decision.detail else ""
        match decision.what:
            case "entered":
                return f"the person got in ({at})"
            case "left":
                words = left_words(decision.reason)
                return f"the person left: {_coded(words, decision.reason)}{detail} ({at})"
            case _:
                reason = _entry_reason(decision)
                words = not_entered_words(reason)
                return f"the person did not get in: {_coded(words, reason)}{detail} ({at})"

    def _emit(self, expected: ExpectEmitted) -> str:
        emitted = self._stage.emitted(expected.event)
        for index in range(self._emitted.get(expected.event, 0), len(emitted)):
            properties = emitted[index].properties
            if all(properties.get(name) == value for name, value in expected.properties.items()):
                self._emitted[expected.event] = index + 1
                return ""
        if len(emitted) > self._emitted.get(expected.event, 0):
            return "it did, with other properties"
        return f"it did not: {self._inside()}"

    def _call(self, service: str) -> str:
        called = [each.reason for each in self._stage.decisions() if str(each.what) == "called"]
        if service in called[self._emitted.get("", 0) :]:
            self._emitted[""] = called.index(service, self._emitted.get("", 0)) + 1
            return ""
        return f"it did not: {self._inside()}"

    def _when(self, at: Instant) -> str:
        view = self._stage.store.people([self._stage.person], ())[self._stage.person]
        return when(at, recipient_zone(view.profile.attributes, self._company))


def when(at: Instant, zone: ZoneInfo) -> str:
    """A moment on a person's clock: Monday 2 March 2026, 11:00."""
    moment = local(at, zone)
    return f"{moment:%A} {moment.day} {moment:%B %Y}, {moment:%H:%M}"


def _coded(words: str, code: str) -> str:
    return words if words == code else f"{words} [{code}]"


def _entry_reason(decision: Decision) -> str:
    return "holdout" if decision.what == "held out" else decision.reason


def _sent_words(expected: ExpectSent) -> str:
    on = f" on {expected.channel}" if expected.channel else ""
    says = "".join(f", with “{words}” in it" for words in expected.contains)
    passed = "".join(f", and not on {name} ({reason})" for name, reason in expected.passed)
    return f"{expected.message} is sent{on}{says}{passed}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _excerpt(handed: Handed) -> str:
    shown: Sequence[str] = [
        " ".join(handed.parts[name].split())
        for name in ("subject", "title", "body", "text")
        if handed.parts.get(name)
    ]
    text = " / ".join(shown)
    short = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return f"“{short}”"
