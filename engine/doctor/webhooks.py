"""Whether those who want to be told of what happens are told."""

from __future__ import annotations

from dsl.calendar import to_datetime
from engine.doctor.finding import Finding, note, problem
from engine.store.protocol import Store

__all__ = ["told"]


def told(store: Store) -> list[Finding]:
    """Of webhooks to which nothing is sent any more, or nothing gets through."""
    found: list[Finding] = []
    for hook in store.hooks.known():
        name = f"The webhook {hook.id} ({hook.url})"
        if hook.disabled:
            fix = f"wayline webhooks on {hook.id} switches it on again."
            said = f"{name} is told nothing any more. {hook.disabled}"
            found.append(problem("channels", said, fix))
        elif hook.failing:
            since = f"{to_datetime(hook.failing):%Y-%m-%d %H:%M} UTC"
            said = f"{name} has taken nothing since {since}: {hook.reason}."
            fix = f"Try it with wayline webhooks test {hook.id} once that is put right."
            found.append(note("channels", said, fix))
    return found
