"""Why: one record for every entry and non-entry, every send and every non-send."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from dsl.calendar import Instant

__all__ = ["Decision", "What"]

What: TypeAlias = Literal[
    "entered",  # a run began
    "held out",  # a run began in the holdout
    "not entered",  # the reason is the gate of section 4.3
    "assigned",  # a split that learns gave a path; the reason is its name
    "sent",  # a message was decided and its slot reserved
    "passed over",  # one channel of a send, with the reason
    "dropped",  # a send gave up; the reason is that of its first channel
    "waits",  # a send rests until it is allowed; the reason says what for
    "handed over",  # the provider accepted
    "refused",  # the provider refused
    "unknown",  # the provider's answer was lost
    "suppressed",  # nothing more goes to an address; the reason is the cause, the detail its rule
    "lifted",  # an operator has said that an address is to be written to again; the reason is who
    "called",  # a web service is asked; the reason is its name
    "no answer",  # from a web service, and why; the detail is its name
    "stopped",  # at hand-over a guard or a limit stopped it
    "converted",  # the goal was reached
    "joined",  # another person turned out to be the same one; the reason is who, the detail who said so
    "not joined",  # that was refused; the reason is why, the detail who the other one is
    "edited",  # the journey was, with somebody inside; the reason says what they do now
    "left",  # a run ended; the reason is the outcome of section 4.4
]


class Decision(NamedTuple):
    """One line of a person's story. ``detail`` is for people: "3 per 7 days, policy.yaml:14"."""

    person: str
    at: Instant
    what: What
    reason: str
    journey: str = ""
    run: str = ""
    step: str = ""
    channel: str = ""
    detail: str = ""
