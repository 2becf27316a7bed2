"""Where what is known of a person comes from: kept with the time, whichever way it was set."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY
from engine.core.origins import Origin, with_computed
from engine.core.signals import Erased, ProfileChanged
from engine.store.protocol import Store
from tests.engine.scene import SHOP, Scene, compiled, journey

JOURNEY = journey("  - set profile: {tier: gold, country: AT}\n")


def _origins(store: Store, person: str = "ada") -> dict[str, Origin]:
    dossier = store.dossier(person)
    return {} if dossier is None else {**dossier.origins}


@pytest.mark.parametrize("given", ["told", "observed", "partner", "computed"])
def test_a_change_says_where_it_comes_from(given: str) -> None:
    scene = Scene()
    scene.take(
        ProfileChanged("p1", "ada", scene.now, 0, {"country": "DE"}, {"sms": "+4930"}, given)
    )

    expected = Origin(scene.now, given)
    assert _origins(scene.store) == {"country": expected, "sms address": expected}


def test_what_nobody_says_was_told_by_the_person() -> None:
    scene = Scene()
    scene.change("ada", {"country": "DE"})

    assert _origins(scene.store) == {"country": Origin(scene.now, "told")}


def test_what_was_said_last_counts_also_if_it_says_the_same_or_nothing() -> None:
    scene = Scene()
    scene.change("ada", {"country": "DE", "tier": "gold", "visits": 1})
    first = scene.now
    scene.after(DAY)
    change = {"country": "DE", "tier": None}
    scene.take(ProfileChanged("p1", "ada", scene.now, 0, change, {}, "partner"))

    assert _origins(scene.store) == {
        "country": Origin(scene.now, "partner"),
        "tier": Origin(scene.now, "partner"),
        "visits": Origin(first),
    }


def test_what_a_journey_sets_is_computed() -> None:
    scene = Scene(JOURNEY)
    scene.change("ada", {"country": "DE", "visits": 1})
    first = scene.now
    scene.after(DAY)
    scene.event("signed_up")

    assert _origins(scene.store) == {
        "country": Origin(scene.now, "computed"),
        "tier": Origin(scene.now, "computed"),
        "visits": Origin(first),
    }


def test_who_is_forgotten_takes_it_along() -> None:
    scene = Scene()
    scene.change("ada", {"country": "DE", "visits": 1})
    scene.store.append([Erased("x1", "ada", scene.now, 0)])
    scene.change("ada", {"visits": 2})

    assert _origins(scene.store) == {"visits": Origin(scene.now)}


def test_what_follows_from_events_is_computed_at_every_moment() -> None:
    plan = compiled(
        {
            **SHOP,
            "plan.yaml": SHOP["plan.yaml"].replace(
                "  tier:", "  bought: = count of purchase\n  tier:"
            ),
        }
    ).plan
    known = {"visits": 3, "bought": 2, "gone from the plan": 1}

    assert with_computed({"visits": Origin(5)}, known, plan) == {
        "visits": Origin(5),
        "bought": Origin(0, "computed"),
    }
