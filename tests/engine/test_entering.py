"""The door of a journey: the gates in their order (language reference, section 4.3)."""

from __future__ import annotations

import pytest

from dsl.calendar import DAY
from dsl.expr.context import Happened
from engine.core.signals import Arrival, EventArrived, ReceiptArrived
from tests.engine.scene import Scene, journey

HELLO = """
  - id: pause
    wait: 1 day
  - id: greet
    send: hello
    to: email
"""
CART = "trigger: {event: cart_updated}\none per: trigger.cart_id\n"


def refusals(scene: Scene) -> list[str]:
    return [line.removeprefix("not entered ") for line in scene.story("ada", "not entered")]


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("exclude if: in segment staff", "exclude if"),
        ('eligible if: tier is "gold"', "eligible if"),
        ("goal: did buy", "goal"),
        ("exit if: visits >= 3", "exit if"),
        ("status: draft", "not live"),
        ("holdout: 100%", None),
    ],
)
def test_every_gate_refuses_with_its_name(head: str, reason: str | None) -> None:
    """Somebody at every wrong side at once, one gate at a time."""
    scene = Scene(journey(HELLO, head=head))
    scene.person(email="ada@shop.example", visits=3, tier="bronze")
    scene.event("purchase", total="10 EUR")
    scene.event("signed_up")
    scene.until("2026-03-05 10:00")

    assert scene.sent == []
    assert refusals(scene) == ([] if reason is None else [reason])
    assert bool(scene.story("ada", "held out")) == (reason is None)


def test_exclusion_is_named_before_eligibility() -> None:
    """Both apply: the stricter reason is recorded."""
    head = 'exclude if: in segment staff\neligible if: tier is "gold"'
    scene = Scene(journey(HELLO, head=head))
    scene.person(email="ada@shop.example")
    scene.event("signed_up")

    assert refusals(scene) == ["exclude if"]


def test_an_event_that_does_not_match_is_not_recorded() -> None:
    """Small carts are not the journey's business."""
    head = "trigger: {event: cart_updated, where: value >= 50 EUR}"
    scene = Scene(journey(HELLO, head=head))
    scene.person()
    scene.event("cart_updated", cart_id="c", value="49.99 EUR")
    assert scene.story() == []
    scene.event("cart_updated", cart_id="c", value="50 EUR")

    assert scene.story("ada", "entered") == ["entered cart_updated"]


def test_old_events_do_not_start_anything_unless_the_journey_says_so() -> None:
    """More than 24 hours old; one journey accepts a week."""
    patient = journey(HELLO, "patient", "trigger: {event: signed_up, accept older: 7 days}")
    scene = Scene(journey(HELLO), patient)
    scene.person()
    scene.event("signed_up", happened="2026-03-01 09:59")

    assert [(d.journey, d.reason) for d in scene.decisions() if "enter" in d.what] == [
        ("patient", "signed_up"),
        ("welcome", "too old"),
    ]


def test_without_the_key_nobody_enters() -> None:
    """``one per`` a property that this event does not have."""
    head = "trigger: {event: purchase}\none per: trigger.cart_id"
    scene = Scene(journey(HELLO, head=head))
    scene.person()
    scene.event("purchase", total="10 EUR")

    assert refusals(scene) == ["no key"]


def test_two_runs_with_different_keys_live_side_by_side() -> None:
    """One per cart: a second cart is a second run, the same cart is not."""
    scene = Scene(journey(HELLO, head=CART))
    scene.person()
    for cart in ("a", "b", "a"):
        scene.event("cart_updated", cart_id=cart, value="10 EUR")
    scene.until("2026-03-04 10:00")

    assert scene.sent == ["2026-03-03 10:00 hello email"] * 2
    assert refusals(scene) == ["already inside"]


@pytest.mark.parametrize(
    ("inside", "sent"),
    [
        ("ignore", ["2026-03-03 10:00"]),
        ("restart", ["2026-03-03 16:00"]),
        ("update", ["2026-03-03 10:00"]),
        ("allow", ["2026-03-03 10:00", "2026-03-03 16:00"]),
    ],
)
def test_somebody_already_inside(inside: str, sent: list[str]) -> None:
    """The same cart changes six hours later."""
    scene = Scene(journey(HELLO, head=CART + f"if already inside: {inside}"))
    scene.person()
    scene.event("cart_updated", cart_id="a", value="10 EUR")
    scene.until("2026-03-02 16:00")
    scene.event("cart_updated", cart_id="a", value="90 EUR")
    scene.until("2026-03-05 10:00")

    assert [line[:16] for line in scene.sent] == sent


def test_an_update_takes_the_new_trigger_data_and_moves_its_moment() -> None:
    """The run keeps its place; the moment it waits for is read again."""
    steps = """
  - id: due
    wait until: trigger.due_at
  - id: greet
    send: offer
    to: email
    with:
      discount: = floor(trigger.value / 10 EUR)
"""
    scene = Scene(journey(steps, head=CART + "if already inside: update"))
    scene.person()
    scene.event("cart_updated", cart_id="a", value="100 EUR", due_at="2026-03-04T10:00:00Z")
    scene.event("cart_updated", cart_id="a", value="200 EUR", due_at="2026-03-03T10:00:00Z")
    scene.until("2026-03-05 12:00")

    assert scene.sent == ["2026-03-03 11:00 offer email"]
    assert scene.adapter.accepted[0].parts["subject"] == "20 % off"


@pytest.mark.parametrize(
    ("rule", "again", "enters"),
    [
        ("never", "2027-03-02 10:00", False),
        ("any time", "2026-03-03 10:01", True),
        ("after 7 days", "2026-03-09 09:59", False),
        ("after 7 days", "2026-03-09 10:00", True),
        ("after 7 days since leaving", "2026-03-10 09:59", False),
        ("after 7 days since leaving", "2026-03-10 10:00", True),
    ],
)
def test_coming_back_is_allowed_from_the_exact_boundary(
    rule: str, again: str, enters: bool
) -> None:
    """Entered on the second at ten, left on the third at ten."""
    scene = Scene(journey(HELLO, head=f"re-enter: {rule}"))
    scene.person()
    scene.event("signed_up")
    scene.until(again)
    scene.event("signed_up")

    assert (len(scene.story("ada", "entered")) == 2) is enters
    assert refusals(scene) == ([] if enters else ["re-enter"])


def test_a_held_out_person_gets_nothing_and_is_measured() -> None:
    """The run exists, executes nothing, and its goal is counted."""
    head = "holdout: 100%\ngoal: did buy since entry\ngoal within: 7 days"
    scene = Scene(journey(HELLO, head=head))
    scene.person()
    scene.event("signed_up")
    scene.after(3 * DAY)
    scene.event("purchase", total="10 EUR")
    scene.after(30 * DAY)

    assert scene.sent == []
    assert scene.story() == ["held out holdout", "converted goal", "left goal"]


def test_a_held_out_person_is_measured_no_longer_than_the_goal_counts() -> None:
    """Bought on the eighth day: not counted, and the run has ended."""
    head = "holdout: 100%\ngoal: did buy since entry\ngoal within: 7 days"
    scene = Scene(journey(HELLO, head=head))
    scene.person()
    scene.event("signed_up")
    scene.after(8 * DAY)
    scene.event("purchase", total="10 EUR")

    assert scene.story() == ["held out holdout", "left end"]


def test_without_goal_within_the_longest_path_is_measured() -> None:
    """The journey takes a day; so does the measurement."""
    scene = Scene(journey(HELLO, head="holdout: 100%\ngoal: did buy since entry"))
    scene.person()
    scene.event("signed_up")
    scene.until("2026-03-03 12:30")  # a day in any zone: up to two hours more

    assert scene.story() == ["held out holdout", "left end"]


def test_a_repeated_event_is_processed_once() -> None:
    """The same message id twice."""
    scene = Scene(journey(HELLO))
    scene.person()
    scene.event("signed_up", named="same")
    scene.event("signed_up", named="same")

    assert scene.story() == ["entered signed_up"]


def test_variables_are_known_at_the_door() -> None:
    """``let`` is computed before the gates, so that they may use it."""
    head = "let: {so_far: = visits}\nexclude if: so_far >= 3"
    scene = Scene(journey(HELLO, head=head))
    scene.person(visits=3)
    scene.event("signed_up")

    assert refusals(scene) == ["exclude if"]


def test_what_a_run_is_does_not_depend_on_who_else_is_in_the_batch() -> None:
    """Somebody else's receipt has everybody's earlier runs loaded."""
    entries = []
    for together in (True, False):
        scene = Scene(journey(HELLO))
        for name in ("ada", "bob"):
            scene.person(name)
            scene.event("signed_up", name)
        scene.after(2 * DAY)
        (delivery,) = scene.store.deliveries_of("bob")
        opened = ReceiptArrived("r1", "bob", scene.now, 0, delivery.id, "opened", "", scene.now)
        again = EventArrived("e1", "ada", Happened("signed_up", scene.now, scene.now, 0, {}))
        arrivals: list[Arrival] = [opened, again]
        if together:
            scene.store.append(arrivals)
            scene.settle()
        else:
            for each in arrivals:
                scene.take(each)
        entries.append([run.entry for run in scene.runs("ada")])

    assert entries[0] == entries[1]
