"""W161: events that rules look back for further than they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from dsl.diagnostics import Diagnostic
from dsl.files.reading import warning
from dsl.lint.sheets import Desk
from dsl.lookback import LookBack, look_backs
from dsl.source import Text
from dsl.yaml import Map

__all__ = ["kept_too_short"]

_MOST = 5
"""How many events are named. Whoever keeps all of them too short knows after a few."""


def kept_too_short(desk: Desk) -> Iterator[Diagnostic]:
    """Each event that is needed for longer than the policy says, with the rule that needs it."""
    project = desk.project
    kept = project.policy.keep.events
    if kept is None:
        return
    found = look_backs(project, project.machines.values())
    short = [
        each
        for _, each in sorted(found.items())
        if each.longest is None or each.longest > kept.longest
    ]
    for node in desk.files.of("policy"):
        part = node.get("keep")
        text = part.get("events") if isinstance(part, Map) else None
        if isinstance(text, Text):
            for each in short[:_MOST]:
                yield warning("W161", text.span(), _message(each, text), _hint(each))


def _message(each: LookBack, text: Text) -> str:
    asks = f'"{each.text}" ({each.place})' if each.place else each.text
    return f'Events are kept for {text}, but "{each.event}" for longer: {asks} looks further back.'


def _hint(each: LookBack) -> str:
    if each.length is None and each.place:
        return "Add a window to the rule, for example: in the last 90 days; or keep events longer."
    return "Let the rule look back less far, or keep events longer."
