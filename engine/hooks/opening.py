"""From the settings to what tells others what happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from channels.http.guarded import Guarded, Inside
from dsl.calendar import Instant
from engine.clock import Clock
from engine.config import Settings, Webhook
from engine.hooks.managing import NO_KEY, Managing
from engine.hooks.relay import Relay
from engine.hooks.signing import Signing
from engine.operator import OperatorError
from engine.store.protocol import Store

__all__ = ["Hooks", "follow_settings", "open_hooks"]


class Hooks(NamedTuple):
    """What the API needs of it: changing subscriptions, and, where this process tells them anything,
    the relay.
    """

    managing: Managing
    relay: Relay | None = None


def open_hooks(store: Store, settings: Settings, secret: bytes | None, clock: Clock) -> Hooks:
    """``secret`` is the daemon's own; without one that is outside the database nothing can be
    signed, and nobody is told of anything.
    """
    inside = Inside(settings.webhooks_inside)
    if secret is None:
        return Hooks(Managing(store, inside, None))
    earlier = [each.get_secret_value().encode() for each in settings.earlier_secrets]
    signing = Signing(secret, earlier)
    relay = None
    if "dispatch" in settings.roles:
        relay = Relay(store, Guarded(inside), signing, clock.now)
    return Hooks(Managing(store, inside, signing), relay)


def follow_settings(managing: Managing, wanted: Mapping[str, Webhook], now: Instant) -> None:
    """Makes the subscriptions that the settings name, changes those that they say otherwise, and
    takes away those that they name no longer. Raises ``OperatorError``.
    """
    if wanted and managing.signing is None:
        raise OperatorError(NO_KEY)
    for name, settings in wanted.items():
        if mistake := managing.wrong(settings.url, settings.events):
            raise OperatorError(f"webhooks.{name}: {mistake}")
    kept = {each.id: each for each in managing.store.hooks.known() if each.settled}
    for name in kept.keys() - wanted.keys():
        managing.store.hooks.remove(name)
    for name, settings in wanted.items():
        there = kept.get(name)
        if there is None:
            managing.make(name, settings.url, settings.events, "", now)
            managing.change(name, settled=True)
        elif (there.url, there.sorts) != (settings.url, settings.events):
            managing.change(name, url=settings.url, sorts=settings.events, due=0)
