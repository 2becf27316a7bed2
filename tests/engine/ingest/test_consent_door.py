"""What is said about consent at the door, and what is refused there for want of proof."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from dsl.calendar import Instant
from dsl.kinds import Text
from dsl.plan import BUILT_IN_EVENTS, Field, TrackingPlan
from engine.core.knowing import changed
from engine.core.profile import Profile
from engine.core.proof import METHODS, NO_GRANTS
from engine.core.signals import EventArrived, ProfileChanged
from engine.ingest import Intake, Taken

NOW: Instant = 1_800_000_000_000_000

PLAN = TrackingPlan(
    "shop",
    attributes={"email": Field("email", Text()), "marketing_consent": Field("x", Text())},
    events=BUILT_IN_EVENTS,
)


def take(call: object) -> Taken:
    numbers = count()
    intake = Intake(PLAN, ("promotional", "service"), ("email", "push"))
    return intake.take([call], NOW, lambda: f"m{next(numbers)}")


def said(event: str = "consent_granted", **properties: str) -> dict[str, object]:
    about = {"category": "promotional", **properties}
    return {"type": "track", "event": event, "userId": "ada", "properties": about}


@pytest.mark.parametrize("event", ["consent_granted", "consent_withdrawn", "consent_requested"])
@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"category": "*", "channel": "email"},
        {"channel": "push", "method": "import", "source": "the shop of 2019", "wording": "v3"},
        {"basis": "existing customer", "sale": "4711", "actor": "till 3", "channel": "email"},
        *({"method": each, "source": "leaflet"} for each in METHODS if each not in NO_GRANTS),
    ],
    ids=str,
)
def test_a_word_keeps_its_proof(event: str, proof: dict[str, str]) -> None:
    (arrival,) = take(said(event, **proof)).arrivals
    assert isinstance(arrival, EventArrived)

    assert arrival.event.name == event
    assert arrival.event.properties == {"category": "promotional", **proof}


@pytest.mark.parametrize(
    ("proof", "why"),
    [
        ({"category": "promo"}, 'The policy has no category "promo".'),
        ({"channel": "e-mail"}, 'The policy has no channel "e-mail". It has: email, push.'),
        ({"method": "import"}, "A consent that is imported needs its proof"),
        ({"method": "import", "source": ""}, "A consent that is imported needs its proof"),
        ({"method": "import", "source": " "}, "A consent that is imported needs its proof"),
        ({"basis": "existing customer", "sale": " "}, 'name the order in "sale".'),
        ({"method": "complaint"}, "Nobody agrees by a complaint"),
        ({"method": "scraped"}, '"method" of consent_granted must be one of: one-click, '),
        ({"basis": "soft"}, '"basis" of consent_granted must be one of: consent, existing'),
        ({"basis": "existing customer"}, 'bought something: name the order in "sale".'),
        ({"basis": "existing customer", "sale": "1", "category": "*"}, "not about all"),
        ({"basis": "existing customer", "sale": "1", "channel": "push"}, "by email and sms only"),
    ],
    ids=str,
)
def test_without_proof_it_is_refused_in_a_sentence(proof: dict[str, str], why: str) -> None:
    taken = take(said(**proof))

    assert taken.arrivals == []
    assert why in taken.refused[0].error


def test_withdrawing_is_as_easy_as_can_be() -> None:
    """C2: nobody needs to prove that they do not want it."""
    taken = take(said("consent_withdrawn", method="import"))

    assert len(taken.arrivals) == 1


@pytest.mark.parametrize("trait", ["consent", "consents", "subscribed", "marketing_consent"])
@pytest.mark.parametrize("value", ["granted", {"promotional/*": 1}])
def test_nothing_that_is_known_of_somebody_is_a_consent(trait: str, value: Any) -> None:
    call = {"type": "identify", "userId": "ada", "traits": {trait: value}}
    for arrival in take(call).arrivals:
        assert isinstance(arrival, ProfileChanged)
        assert changed(Profile("ada"), arrival).consents == {}
