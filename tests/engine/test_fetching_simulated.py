"""A simulation asks nobody: every web service answers at once, and with nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dsl.calendar import HOUR, Instant
from dsl.expr.context import Happened
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.simulate.replay import BriefContent, replay
from engine.store.memory import MemoryStore
from tests.engine.fetching import POLICY, STEPS, STRICT, USE, files
from tests.engine.scene import SHOP, journey, program_of

NOON: Instant = 1_772_452_800_000_000


def simulated(use: str) -> MemoryStore:
    """Ada agrees to promotions and signs up."""
    project = {
        **SHOP,
        **files(use),
        "policy.yaml": SHOP["policy.yaml"] + POLICY,
        "journeys/welcome.yaml": journey(STEPS),
    }
    program = program_of(project)
    consent = Happened("consent_granted", NOON, NOON, 0, {"category": "promotional"})
    addresses = {"email": "ada@example.com", "push": "token-ada"}
    arrivals: list[Arrival] = [
        ProfileChanged("m1", "ada", NOON, 0, {"email": "ada@example.com"}, addresses),
        EventArrived("m2", "ada", consent),
        EventArrived("m3", "ada", Happened("signed_up", NOON, NOON, 0, {})),
    ]
    program = replace(program, content=BriefContent(program.content))
    return replay(program, [(NOON, each) for each in arrivals], NOON + HOUR).store


@pytest.mark.parametrize(
    ("use", "story"),
    [
        (USE, ["sent tips email", "handed over tips email"]),
        (
            STRICT,
            [
                "sent tips email",
                "refused content: missing: reco.price email",
                "sent tips push",
                "handed over tips push",
            ],
        ),
    ],
)
def test_what_is_sent_is_what_is_sent_without_an_answer(use: str, story: list[str]) -> None:
    told = [
        f"{each.what} {each.reason} {each.channel}"
        for each in simulated(use).decisions("ada")
        if each.channel
    ]

    assert told == story


def test_nothing_is_left_unfinished_and_no_pages_are_kept() -> None:
    (delivery,) = simulated(USE).deliveries_of("ada")

    assert delivery.unfinished is None
    assert delivery.status == "accepted"
    assert set(delivery.parts) == {"subject"}
