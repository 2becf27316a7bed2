"""What providers tell of one message comes late, in any order and again and again; what comes of it
is the same.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.agents import By
from channels.outcome import Accepted, FailureClass
from channels.receipts import Report, What, complaint
from dsl.calendar import HOUR, MINUTE, Instant
from engine.api.reports import arrivals_of
from tests.engine.scene import Scene, journey

JOURNEY = journey("""
  - id: greet
    send: hello
    to: email
  - id: rest
    wait: 2 days
  - if: greet was delivered
    then: [{id: d, emit: finished, with: {outcome: delivered}}]
  - if: greet was bounced
    then: [{id: b, emit: finished, with: {outcome: bounced}}]
  - if: greet was opened
    then: [{id: o, emit: finished, with: {outcome: opened}}]
""")

_TELLING: tuple[What, ...] = ("delivered", "opened", "clicked", "bounced", "failed", "unsubscribed")


@st.composite
def _reports(draw: st.DrawFn) -> list[Report]:
    """What happened to one message, each thing once."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        what = draw(st.sampled_from(_TELLING))
        at = draw(st.integers(1, 20 * 60)) * MINUTE
        failure = None
        if what in ("bounced", "failed"):
            failure = draw(st.sampled_from(list(FailureClass)))
        by: By = draw(st.sampled_from(("human", "machine", "unverified")))
        found.append(Report("", what, f"k{number}", at, "reason", failure, by, rule=f"r{number}"))
    if draw(st.booleans()):
        found.append(complaint("", "c", draw(st.integers(1, 600)) * MINUTE, "us"))
    return found


def lived(reports: list[Report], delays: list[int]) -> dict[str, Any]:
    """What came of it when each was told after so many hours, at the same places of the list."""
    scene = Scene(JOURNEY, answer=lambda _: Accepted("p1"))
    scene.person()
    scene.event("signed_up")
    (sent,) = scene.adapter.accepted
    delivery = scene.store.deliveries([sent.id])[sent.id]
    start = scene.now
    for report, delay in sorted(zip(reports, delays, strict=True), key=lambda pair: pair[1]):
        told = Report(
            *(sent.id, report.what, report.key, start + report.occurred, report.reason),
            *(report.failure, report.by, report.withdrawal, report.rule),
        )
        scene.advance_to(start + 20 * HOUR + delay * HOUR)
        for arrival in arrivals_of(told, delivery, scene.now):
            scene.take(arrival)
    scene.advance_to(start + 3 * 24 * HOUR)
    return seen(scene)


def seen(scene: Scene) -> dict[str, Any]:
    names = list(scene.program.project.plan.events)
    view = scene.store.people(["ada"], names)["ada"]
    history = sorted(
        (event.name, event.occurred, repr(sorted(event.properties.items())))
        for events in view.history.values()
        for event in events
        if event.name not in ("finished", "message_sent")
    )
    outcomes = sorted(e.properties["outcome"] for e in view.history["finished"])
    profile = view.profile
    return {
        "history": history,
        "outcomes": outcomes,
        "suppressed": profile.suppressed,
        "consents": profile.consents,
        "trouble": {
            place: (each.since, each.cause, each.soft) for place, each in profile.trouble.items()
        },
        "told": sum(each.what == "suppressed" for each in scene.decisions()),
    }


@settings(max_examples=10, deadline=None)
@given(reports=_reports(), data=st.data())
def test_order_and_repetition_change_nothing(reports: list[Report], data: st.DataObject) -> None:
    """Told at once and in order; or late, mixed up, and some of it twice. Rules that ask afterwards
    get the same answer, an address is suppressed or not, and its story is told once.
    """
    again = data.draw(st.lists(st.sampled_from(reports), max_size=3))
    delays = st.lists(st.integers(0, 25), min_size=len(reports), max_size=len(reports))
    late = st.lists(st.integers(0, 25), min_size=len(again), max_size=len(again))
    one = lived(sorted(reports, key=lambda each: each.occurred), [0] * len(reports))
    other = lived([*reports, *again], [*data.draw(delays), *data.draw(late)])

    assert one == other
    hard = [each for each in reports if each.failure is FailureClass.PERMANENT_RECIPIENT]
    assert bool(one["suppressed"]) is bool(hard)
    assert one["told"] == bool(hard)
    got = any(each.what in ("delivered", "opened", "clicked") for each in reports)
    failed = any(each.what in ("bounced", "failed") for each in reports)
    opened = any(each.what == "opened" and each.by != "machine" for each in reports)
    expected = {"delivered": got, "bounced": failed, "opened": opened}
    assert one["outcomes"] == sorted(name for name, is_so in expected.items() if is_so)


def test_who_opens_a_message_has_got_it() -> None:
    """WhatsApp leaves out that a message was delivered when it was read at once."""
    at: Instant = HOUR
    found = lived([Report("", "opened", "k", at, by="human")], [0])

    assert found["outcomes"] == ["delivered", "opened"]
