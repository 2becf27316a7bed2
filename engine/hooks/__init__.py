"""Telling others what happens here: signed, in order, again and again until it is taken."""

from engine.hooks.managing import NO_KEY, Managing
from engine.hooks.opening import Hooks, follow_settings, open_hooks
from engine.hooks.relay import Relay, Relayed
from engine.hooks.signing import Signing

__all__ = [
    "NO_KEY",
    "Hooks",
    "Managing",
    "Relay",
    "Relayed",
    "Signing",
    "follow_settings",
    "open_hooks",
]
