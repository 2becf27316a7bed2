"""The small firm of the state machine: three journeys in three versions, and what it promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from channels.content.library import Library
from dsl.machine import Project
from engine.core.former import Former
from engine.core.program import Program
from tests.engine.scene import compiled
from tests.proof.shop import POLICY, shop
from tests.proof.yaml import written

__all__ = ["CAPS", "EXEMPT", "PAUSED", "PAUSING", "QUIET", "Version", "versions"]

QUIET = (21, 8)  # hours on the recipient's clock between which push is silent
CAPS: Sequence[tuple[int, str, str | None, str | None]] = (
    (1, "day", "push", None),
    (2, "24 hours", None, "promotional"),
)
"""How many, in which period, on which channel, about what."""
EXEMPT = "service"  # the category that ignores caps and quiet hours, and needs no consent
PAUSING = 2  # the version in which ...
PAUSED = "welcome"  # ... this journey is paused

_POLICY: Mapping[str, object] = {
    **POLICY,
    "categories": {
        "promotional": {"consent": "required"},
        EXEMPT: {
            "consent": "not needed",
            "ignores": "frequency caps, quiet hours, holdout, arbitration",
            "when unknown": "retry once",
        },
    },
    "quiet hours": [{"on": "push", "from": "21:00 to 08:00"}],
    "frequency caps": ["1 per day on push", "2 per 24 hours about promotional"],
    "when capped": "skip",
    "when quiet": "wait up to 12 hours",
}
_WELCOME: dict[str, Any] = {
    "journey": "welcome",
    "category": "promotional",
    "status": "live",
    "trigger": {"event": "signed_up"},
    "re-enter": "any time",
    "if already inside": "allow",
    "exclude if": ['tier is "gold"'],
    "goal": "did buy since entry",
    "exit if": "visits > 5",
    "steps": [
        {"id": "greet", "send": "hello", "to first of": ["push", "email"]},
        {"id": "pause", "wait": "1 day"},
        {
            "id": "test",
            "split": {
                "one 50%": [{"id": "one_mail", "send": "hello", "to": "email"}],
                "two 50%": [{"id": "two_push", "send": "hello", "to": "push"}],
            },
            "reassign": "every time",
        },
        {
            "id": "looked",
            "wait for": "viewed",
            "at most": "2 days",
            "then": [{"id": "nudge", "send": "hello", "to first of": ["push", "email"]}],
        },
    ],
}
_CART = {
    "journey": "cart",
    "category": "promotional",
    "priority": 80,
    "status": "live",
    "trigger": {"event": "cart_updated"},
    "one per": "trigger.cart_id",
    "if already inside": "restart",
    "re-enter": "any time",
    "steps": [
        {"id": "think", "wait": "1 hour"},
        {"id": "remind", "send": "hello", "to": "push"},
        {"id": "ask", "webhook": "desk", "with": {"visits": "= visits or else 0"}},
        {"id": "later", "wait until": "a weekday at 20:55"},
        {"id": "evening", "send": "hello", "to": "push"},
    ],
}
_THANKS = {
    "journey": "thanks",
    "category": EXEMPT,
    "status": "live",
    "trigger": {"event": "purchase"},
    "re-enter": "any time",
    "if already inside": "allow",
    "steps": [{"id": "thank", "send": "hello", "to first of": ["sms", "email"]}],
}
_COUNTING = {
    "journey": "counting",
    "category": EXEMPT,
    "status": "live",
    "trigger": {"event": "viewed"},
    "re-enter": "any time",
    "if already inside": "allow",
    "steps": [{"set profile": {"points": "= (points or else 0) + 1"}}],
}


class Version(NamedTuple):
    """A version of the firm's project."""

    files: Mapping[str, str]
    project: Project
    program: Program


def _files(*journeys: Mapping[str, object]) -> dict[str, str]:
    files = shop(_POLICY)
    files["tracking_plan.yaml"] = files["tracking_plan.yaml"].replace(
        "  visits: whole number\n", "  visits: whole number\n  points: whole number\n"
    )
    return {**files, **{f"journeys/{each['journey']}.yaml": written(each) for each in journeys}}


@cache
def versions() -> Sequence[Version]:
    """As it is, edited, and with a journey paused; each knows the people inside of the others."""
    longer = [
        {**step, "wait": "2 days"} if step.get("id") == "pause" else step
        for step in _WELCOME["steps"]
    ]
    more = {"id": "goodbye", "send": "hello", "to": "email"}
    edited = {**_WELCOME, "steps": [*longer, more]}
    paused = {**_WELCOME, "status": "paused"}
    others = (_CART, _THANKS, _COUNTING)
    all_files = [_files(welcome, *others) for welcome in (_WELCOME, edited, paused)]
    projects = [compiled(files) for files in all_files]
    formers = {
        (name, machine.version): Former(machine, _library(project))
        for project in projects
        for name, machine in project.machines.items()
    }
    return [
        Version(files, project, Program.of(project, _library(project), formers))
        for files, project in zip(all_files, projects, strict=True)
    ]


def _library(project: Project) -> Library:
    return Library(
        project.messages,
        project.policy.languages,
        lambda delivery: f"https://shop.example/u/{delivery}",
    )
