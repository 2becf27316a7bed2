"""What the doctor says of webhooks."""

from __future__ import annotations

from engine.core.hooks import Hook
from engine.doctor.webhooks import told
from engine.store.memory import MemoryStore

GOOD = Hook("good", "https://a.example/", ("*",), 1)
OFF = Hook("off", "https://b.example/", ("*",), 2, disabled="It has failed for three days.")
FAILING = Hook("ill", "https://c.example/", ("*",), 3, failing=1, reason="it answers 500")


def test_whoever_is_told_nothing_is_named_with_what_to_do() -> None:
    store = MemoryStore()
    assert told(store) == []
    store.hooks.turn(lambda _: [GOOD, OFF, FAILING])

    off, failing = told(store)
    assert off.says == (
        "The webhook off (https://b.example/) is told nothing any more. It has failed for three days."
    )
    assert off.fix == "wayline webhooks on off switches it on again."
    assert "since 1970-01-01 00:00 UTC: it answers 500." in failing.says
