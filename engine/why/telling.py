"""From decisions to lines of a story. What belongs together is told together, and nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias, assert_never

from dsl.calendar import Instant
from engine.core.arbitrate import NOBODY
from engine.core.decision import Decision
from engine.core.preferences import OWN
from engine.why.proofs import Rests
from engine.why.reasons import left_words, not_entered_words, not_sent_words

__all__ = ["Line", "Sending", "Sort", "Teller"]

Sort: TypeAlias = Literal["did", "entered", "not entered", "sent", "not sent", "waits", "left"]
Sending: TypeAlias = tuple[str, str, str]
"""Run, step, and the channel once it is known."""

_PLAIN = frozenset({"consent"})  # its words say what the detail would say


class Line(NamedTuple):
    """One thing that happened. ``text`` is a sentence without its end."""

    at: Instant
    sort: Sort
    text: str
    journey: str = ""
    rests: Rests | None = None  # a message that needed consent


class Teller:
    """Tells one person's decisions. One line is shared by the channels that a message was not sent
    on, by the two halves of beginning again, by the doors that stayed shut for one event.

    ``texts`` are what messages said, and ``rests`` tells on what one rested. Used once.
    """

    def __init__(
        self, texts: Mapping[Sending, str], rests: Callable[[Sending, Instant], Rests | None]
    ) -> None:
        self._texts = texts
        self._rests = rests
        self._passed: dict[Sending, list[Decision]] = {}
        self._again: set[tuple[Instant, str]] = set()
        self._shut: list[Decision] = []
        self._last_shut: list[tuple[str, str]] = []
        self._left_at: set[tuple[Instant, Sending]] = set()

    def lines(self, decisions: Sequence[Decision]) -> Iterator[Line]:
        """All of them, in their order."""
        self._left_at = {
            (each.at, _sending(each, each.channel))
            for each in decisions
            if each.what == "handed over"
        }
        for decision in decisions:
            if self._shut and (decision.what, decision.at) != ("not entered", self._shut[0].at):
                yield self._doors()
            sort, text = self._words(decision)
            if text:
                rests = None
                if sort == "sent":
                    rests = self._rests(_sending(decision, decision.channel), decision.at)
                yield Line(decision.at, sort, text, decision.journey, rests)
        if self._shut:
            yield self._doors()

    def _doors(self) -> Line:
        """Why somebody got in nowhere, once; the next time only if it is something else."""
        shut, self._shut = self._shut, []
        doors = [(decision.journey, _because_not_in(decision)) for decision in shut]
        names = ", ".join(name for name, _ in doors)
        text = f"did not enter {names}, for the same reasons"
        if doors != self._last_shut:
            text = "did not enter " + "; ".join(f"{name} ({why})" for name, why in doors)
        self._last_shut = doors
        return Line(shut[0].at, "not entered", text)

    def _words(self, decision: Decision) -> tuple[Sort, str]:
        name, detail = decision.journey, decision.detail
        place = f"({name}/{decision.step})" if name else f"(in answer to {decision.step.upper()})"
        on = f" on {decision.channel}" if decision.channel else ""
        match decision.what:
            case "entered":
                began = f"began {name} again" if self._is_again(decision) else f"entered {name}"
                return "entered", f"{began}, by {decision.reason.replace('_', ' ')}"
            case "held out":
                return "not entered", "" if self._is_again(decision) else _held_out(decision)
            case "not entered":
                self._shut.append(decision)
                return "not entered", ""
            case "assigned":
                return "did", f"was given {decision.reason} {place}: {detail}"
            case "passed over":
                self._passed.setdefault(_sending(decision), []).append(decision)
                return "not sent", ""
            case "sent" | "handed over":
                return "sent", self._sent(decision, place)
            case "dropped":
                passed = self._passed.pop(_sending(decision), []) or [decision]
                return "not sent", f"sent nothing {place}: {_reasons(passed)}"
            case "waits":
                why = _why_not(decision.reason, detail)
                return "waits", f"waits{on} {place}: {why}"
            case "refused" | "unknown" | "stopped":
                reason, _, more = decision.reason.partition(": ")
                why = _why_not(reason, more)
                return "not sent", f"did not go out{on} {place}: {why}"
            case "suppressed":
                return "not sent", f"nothing more{on}: {_with(decision.reason, detail)}"
            case "lifted":
                return "did", f"may be written to again{on}, says {decision.reason}"
            case "called":
                return "sent", f"asked the web service {decision.reason} {place}"
            case "no answer":
                service = f"the web service {detail}"
                return "not sent", f"no answer from {service} {place}: {decision.reason}"
            case "joined":
                return "did", f"became one with {decision.reason}{_says(detail)}"
            case "not joined":
                return "did", f"did not become one with {detail}: {decision.reason}"
            case "edited":
                return "waits", f"{name} was edited: {decision.reason} {place}{_because(detail)}"
            case "converted":
                return "left", f"reached the goal of {name}"
            case "left" if decision.reason == "restart":
                self._again.add((decision.at, name))
                return "left", ""
            case "left":
                return "left", f"left {name}: {_with(left_words(decision.reason), detail)}"
            case _ as unreachable:
                assert_never(unreachable)

    def _sent(self, decision: Decision, place: str) -> str:
        """Told once: where it was decided if it left at once, else when it left."""
        sending = _sending(decision, decision.channel)
        if decision.what == "sent":
            self._passed[sending] = self._passed.pop(_sending(decision), [])
            if (decision.at, sending) not in self._left_at:
                return ""
        passed = self._passed.pop(sending, None)
        if passed is None:
            return ""  # told already
        quoted = self._texts.get(sending, "")
        instead = f"; not on {_reasons(passed)}" if passed else ""
        return f"sent {decision.reason} on {decision.channel}{quoted} {place}{instead}"

    def _is_again(self, decision: Decision) -> bool:
        return (decision.at, decision.journey) in self._again


def _sending(decision: Decision, channel: str = "") -> Sending:
    return decision.run, decision.step, channel


def _says(by: str) -> str:
    return f", says {by}" if by else ""


def _because(detail: str) -> str:
    return f", because {detail}" if detail else ""


def _held_out(decision: Decision) -> str:
    return f"held out of {decision.journey}: {decision.detail or 'for comparison'}"


def _because_not_in(decision: Decision) -> str:
    words, detail = not_entered_words(decision.reason), decision.detail.removeprefix("not: ")
    return f"{words}: {detail}" if detail and decision.reason != "re-enter" else words


def _reasons(passed: Sequence[Decision]) -> str:
    """Channels and why not, those with one reason together."""
    whys: dict[str, list[str]] = {}
    for decision in passed:
        why = _why_not(decision.reason, decision.detail)
        whys.setdefault(why, []).append(decision.channel)
    listed = [(" and ".join(filter(None, channels)), why) for why, channels in whys.items()]
    return "; ".join(f"{channels}: {why}" if channels else why for channels, why in listed)


def _why_not(reason: str, detail: str) -> str:
    if detail.startswith(OWN):
        return detail
    plain = "" if reason in _PLAIN or detail == NOBODY else detail
    return _with(not_sent_words(reason), plain.removeprefix("not: "))


def _with(words: str, detail: str) -> str:
    if detail.startswith(words):
        return detail
    return f"{words} ({detail})" if detail else words
