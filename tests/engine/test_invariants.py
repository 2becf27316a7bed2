"""What must always hold, drawn at random: each test is one sentence of the promises."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import DAY, HOUR, MINUTE, local
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import Scene, journey

POLICY = """
quiet hours:
  - on: push
    from: 21:00 to 08:00
frequency caps:
  - 1 per day on push
  - 3 per 7 days about promotional
when capped: next channel
when quiet: wait up to 6 hours
arbitration: {about: promotional, collect for: 15 minutes}
late events: {accept for waits: 15 minutes, ignore for starts: 24 hours}
"""

WELCOME = journey(
    """
  - id: greet
    send: hello
    to first of: [push, email]
  - id: pause
    wait: 1 day
  - id: test
    split:
      one 50%:
        - {id: one_mail, send: hello, to: email}
      two 50%:
        - {id: two_mail, send: hello, to all of: [email, push]}
  - id: looked
    wait for: viewed
    at most: 2 days
    then:
      - {id: nudge, send: hello, to first of: [push, email]}
""",
    "welcome",
    "priority: 30\ngoal: did buy since entry\ngoal within: 7 days\nholdout: 10%\nif already inside: allow",
)
CART = journey(
    """
  - id: think
    wait: 1 hour
  - id: nudge
    send: hello
    to first of: [push, email]
    expires after: 10 hours
  - id: more
    wait until: a weekday at 10:00
  - id: again
    send: hello
    to: email
    when capped: wait up to 1 day
""",
    "cart",
    """
priority: 70
trigger: {event: cart_updated, where: value >= 50 EUR}
one per: trigger.cart_id
if already inside: restart
re-enter: any time
exclude if: in segment staff
exit if: did buy since entry
frequency caps: [5 per 7 days]
""",
)
THANKS = journey(
    "  - id: thanks\n    send: hello\n    to first of: [push, email]\n",
    "thanks",
    "category: service\ntrigger: {event: purchase}\nif already inside: allow",
)
LEARNS = journey(
    """
  - {id: moment, wait until: best time on email within 9 hours}
  - id: pick
    split:
      one: [{id: one_mail, send: hello, to: email}]
      two: [{id: an_hour, wait: 1 hour}]
    optimise for: did buy within 1 day after pick
""",
    "learns",
    "category: service\ntrigger: {event: viewed}\nif already inside: allow",
)

PEOPLE = ("ada", "eve")
ZONES = ("Europe/Berlin", "Asia/Tokyo")
somebody = st.sampled_from(PEOPLE)
wanted = st.tuples(st.sampled_from(["signed_up", "cart_updated", "cart_updated"]), somebody)
moves = st.one_of(
    wanted,
    wanted,
    st.tuples(
        st.just("pass"),
        st.sampled_from([MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 11 * HOUR, 2 * DAY]),
    ),
    st.tuples(
        st.sampled_from(["viewed", "purchase", "consent_withdrawn", "no token", "hired"]), somebody
    ),
    st.tuples(st.sampled_from(["viewed", "clicked"]), somebody),
)
scripts = st.lists(moves, min_size=8, max_size=30)
ANSWERS: Sequence[Outcome] = (
    Accepted("ok"),
    Accepted("ok"),
    Rejected(FailureClass.TRANSIENT, "451", "busy"),
    Rejected(FailureClass.PERMANENT_RECIPIENT, "410", "gone"),
    RateLimited("recipient", 90),
    Unknown("no answer"),
)
# Who is told first that the whole account must wait holds up the others, so what comes of that hangs
# on the order of calls, which is not part of the outcome.
answers_to_each = st.lists(st.sampled_from(ANSWERS), max_size=12)
answers = st.lists(st.sampled_from((*ANSWERS, RateLimited("account", 90))), max_size=12)


def play(
    script: list[tuple[str, object]],
    answered: list[Outcome],
    store: Store,
    limit: int = 1000,
    stage: Callable[..., Scene] = Scene,
) -> Scene:
    """Two people live through the script, and a quiet month after it."""
    scripted: dict[str, int] = {}

    def answer(message: Message) -> Outcome:
        """By the message and not by the order of calls, which is not part of the outcome."""
        number = scripted.setdefault(message.id, 0)
        scripted[message.id] += 1
        if number > 1 or not answered:
            return Accepted(message.id)
        return answered[int(message.id[-6:], 16) % len(answered)]

    scene = stage(
        WELCOME, CART, THANKS, LEARNS, policy=POLICY, store=store, limit=limit, answer=answer
    )
    for name, zone in zip(PEOPLE, ZONES, strict=True):
        scene.person(name, time_zone=zone)
    for what, value in script:
        match what, value:
            case "pass", int(length):
                scene.after(length)
            case "cart_updated", str(name):
                scene.event("cart_updated", name, cart_id=f"c{len(scripted)}", value="60 EUR")
            case "purchase", str(name):
                scene.event("purchase", name, total="10 EUR")
            case "consent_withdrawn", str(name):
                scene.event("consent_withdrawn", name, category="promotional", channel="push")
            case "no token", str(name):
                scene.change(name, addresses={"push": None})
            case "clicked", str(name):
                for delivery in scene.store.deliveries_of(name)[-1:]:
                    scene.receipt(delivery.id, "clicked", person=name)
            case "hired", str(name):
                scene.change(name, {"email": f"{name}@shop.example"})
            case _, someone:
                scene.event(what, str(someone))
    scene.after(31 * DAY)
    return scene


def outcome(scene: Scene) -> list[object]:
    """Everything that must be the same in every runtime."""
    seen: list[object] = []
    for name in PEOPLE:
        view = scene.store.people([name], ())[name]
        deliveries = scene.store.deliveries_of(name)
        seen += [
            [d._replace(run="") for d in scene.store.decisions(name)],
            sorted((d.id, d.status, d.attempts, sorted(d.parts.items())) for d in deliveries),
            sorted((r.id, r.status, r.outcome, r.state, r.since) for r in view.runs),
            view.profile,
        ]
    learnt, subjects = scene.store.learnt, scene.program.lessons.needed(["learns"])
    assignments = [each._replace(run="") for each in learnt.assignments("learns/pick")]
    known = learnt.snapshots(subjects, scene.now), learnt.snapshots(subjects, scene.now - 30 * DAY)
    return [*seen, assignments, learnt.counts(subjects), *known]


@settings(max_examples=40)
@given(scripts, answers)
def test_no_cap_is_ever_exceeded(script: list[tuple[str, object]], answered: list[Outcome]) -> None:
    """Counted from what the provider took: one push a day, three promotional in seven days."""
    scene = play(script, answered, MemoryStore())

    for name in PEOPLE:
        zone = scene.store.people([name], ())[name].profile.attributes["time_zone"]
        contacts = [
            d
            for d in scene.store.deliveries_of(name)
            if d.status == "accepted" and d.category == "promotional"
        ]
        taken = {c.delivery: c.sent for c in scene.store.people([name], ())[name].profile.contacts}
        times = sorted(taken[d.id] or 0 for d in contacts)
        assert all(
            later - earlier >= 7 * DAY - HOUR  # a week over a clock change is an hour shorter
            for earlier, later in zip(times, times[3:], strict=False)
        )

        days = Counter(
            local(taken[d.id] or 0, ZoneInfo(zone)).date() for d in contacts if d.channel == "push"
        )
        assert not days or max(days.values()) == 1


@settings(max_examples=40)
@given(scripts, answers)
@example([("pass", 3 * HOUR), ("signed_up", "eve")], [])  # nine in the evening in Tokyo
@example([("pass", 11 * HOUR), ("signed_up", "ada")], [])  # and in Berlin
def test_nothing_promotional_is_handed_over_in_quiet_hours_or_twice(
    script: list[tuple[str, object]], answered: list[Outcome]
) -> None:
    """On the recipient's clock; and every delivery is accepted at most once."""

    scene = play(script, answered, MemoryStore())

    ids = [message.id for message in scene.adapter.accepted]
    assert len(ids) == len(set(ids))
    for name in PEOPLE:
        profile = scene.store.people([name], ())[name].profile
        zone = ZoneInfo(profile.attributes["time_zone"])
        for contact in profile.contacts:
            if contact.channel == "push" and contact.category == "promotional":
                assert 8 <= local(contact.sent or contact.decided, zone).hour < 21


@settings(max_examples=40)
@given(scripts, answers)
def test_nobody_is_stuck(script: list[tuple[str, object]], answered: list[Outcome]) -> None:
    """After a month without anything new every run has ended, and no slot is left open."""
    scene = play(script, answered, MemoryStore())

    for name in PEOPLE:
        view = scene.store.people([name], ())[name]
        assert [run for run in view.runs if run.status != "closed"] == []
        assert [c for c in view.profile.contacts if c.sent is None] == []
        assert {d.status for d in scene.store.deliveries_of(name)} <= {
            "accepted",
            "refused",
            "stopped",
            "unknown",
        }


@settings(max_examples=15)
@given(scripts, answers_to_each)
def test_every_runtime_comes_to_the_same_result(
    script: list[tuple[str, object]], answered: list[Outcome]
) -> None:
    """Memory and SQLite, people one by one or a thousand at a time."""
    expected = outcome(play(script, answered, MemoryStore()))

    assert outcome(play(script, answered, MemoryStore(), limit=1)) == expected
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'wayline.db'}")
        try:
            assert outcome(play(script, answered, store)) == expected
        finally:
            store.close()
