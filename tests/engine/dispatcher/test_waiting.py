"""However long and for whatever reason a message has waited, it is looked at once more before it
leaves: consent, expiry, quiet hours and the period of a cap as they are then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from channels.adapter import Adapter, Capabilities
from channels.limits import Limit
from channels.memory import MemoryAdapter
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected
from dsl.calendar import HOUR, MINUTE, SECOND, Instant
from engine.core.gates import Gate
from engine.dispatcher import Dispatched, Dispatcher
from engine.dispatcher.carriers import Carrier
from tests.engine.scene import Scene, journey

JOURNEY = "  - {id: greet, send: hello, to: push}\n  - {id: rest, wait: 3 days}\n"
RECEIPT = """
  - {id: receipt, send: hello, to: email}
"""


class Judged(NamedTuple):
    """A message is decided at ``start``, this happens ``between``, and it can leave an hour and some
    minutes later. ``left`` is when it does, ``story`` what is told if it does not.
    """

    start: str
    between: Callable[[Scene], None]
    left: str | None
    story: str
    policy: str = ""
    steps: str = JOURNEY


def _withdraw(scene: Scene) -> None:
    scene.event("consent_withdrawn", category="promotional")


def _get_receipt(scene: Scene) -> None:
    scene.until("2026-03-03 00:10")
    scene.event("purchase", total=5)


CASES = {
    "nothing": Judged("2026-03-02 12:30", lambda _: None, "2026-03-02 13:30", ""),
    "consent": Judged(
        "2026-03-02 12:30", _withdraw, None, "stopped consent: no consent for promotional on push"
    ),
    "expiry": Judged(
        "2026-03-02 12:30",
        lambda _: None,
        None,
        "stopped expired: too late to be useful",
        steps=JOURNEY.replace("to: push", "to: push, expires after: 50 minutes"),
    ),
    "quiet hours": Judged(
        "2026-03-02 21:30",
        lambda _: None,
        "2026-03-03 06:00",
        "",
        "quiet hours: [{on: push, from: 22:00 to 06:00}]\nwhen quiet: wait up to 12 hours\n",
    ),
    "quiet hours it does not outlive": Judged(
        "2026-03-02 21:30",
        lambda _: None,
        None,
        "stopped quiet: quiet hours until 06:00; it expires before",
        "quiet hours: [{on: push, from: 22:00 to 06:00}]\nwhen quiet: wait up to 12 hours\n",
        JOURNEY.replace("to: push", "to: push, expires after: 2 hours"),
    ),
    "the period of a cap": Judged(
        "2026-03-02 23:30",
        _get_receipt,
        None,
        "stopped capped: 1 per day, policy.yaml:17",
        "frequency caps: [1 per day]\n",
    ),
}


class Knowing(MemoryAdapter):
    """A provider that knows repetitions."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"push"}), deduplicates=True)


class Stands(NamedTuple):
    """A scene, and what is done when the hour is over."""

    scene: Scene
    go_on: Callable[[], None]


def _sign_up(scene: Scene) -> None:
    scene.person("ada")
    scene.event("signed_up")


def _dispatching(scene: Scene, push: MemoryAdapter, *limits: Limit) -> Dispatcher:
    adapters: dict[str, Adapter | Sequence[Carrier]] = {
        "push": [Carrier("push", push, limits)],
        "email": scene.adapter,
    }
    return Dispatcher(scene.store, scene.program, adapters)


class Nobody:
    """A dispatcher that is down."""

    async def run_once(self, now: Instant) -> Dispatched:
        return Dispatched(0, 0, 0, 0, 0, more=False, next=now + HOUR)


def behind_a_rate(scene: Scene, push: MemoryAdapter) -> Stands:
    """Somebody else has used up what may go in an hour."""
    scene.dispatcher = _dispatching(scene, push, Limit("account", 1, 63 * MINUTE))
    scene.person("bob")
    scene.event("signed_up", "bob")
    _sign_up(scene)
    return Stands(scene, lambda: None)


def retried(scene: Scene, push: MemoryAdapter) -> Stands:
    """The provider asks to come back later, again and again."""
    start = scene.now

    def answer(message: Message) -> Outcome:
        if scene.now >= start + HOUR:
            return Accepted(message.id)
        if scene.now >= start + 10 * MINUTE:
            return RateLimited("recipient", 600.0)
        return Rejected(FailureClass.TRANSIENT, "451", "later", alone=True)

    push._answer = answer
    scene.dispatcher = _dispatching(scene, push)
    _sign_up(scene)
    return Stands(scene, lambda: None)


def reclaimed(scene: Scene, push: MemoryAdapter) -> Stands:
    """A process has claimed it and died."""
    knowing = Knowing()
    knowing.messages, knowing.accepted = push.messages, push.accepted
    real = _dispatching(scene, knowing)
    scene.dispatcher = Nobody()  # type: ignore[assignment]
    _sign_up(scene)
    scene.store.claim(scene.now, 1, scene.now + 62 * MINUTE)
    scene.dispatcher = real
    return Stands(scene, lambda: None)


def left_alone(scene: Scene, push: MemoryAdapter) -> Stands:
    """The adapter rests, because it has failed too often."""
    rests = Gate(shut=scene.now + 62 * MINUTE, failures=8, since=scene.now - 1, why="503")
    scene.store.gates.turn(["push/rest"], lambda _: {"push/rest": rests})
    scene.dispatcher = _dispatching(scene, push)
    _sign_up(scene)
    return Stands(scene, lambda: None)


def down(scene: Scene, push: MemoryAdapter) -> Stands:
    """Nobody has handed anything over for an hour."""
    scene.dispatcher = Nobody()  # type: ignore[assignment]
    _sign_up(scene)

    def go_on() -> None:
        scene.dispatcher = _dispatching(scene, push)

    return Stands(scene, go_on)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("wait", [behind_a_rate, retried, reclaimed, left_alone, down])
def test_whatever_has_waited_is_looked_at_once_more(
    case: str, wait: Callable[[Scene, MemoryAdapter], Stands]
) -> None:
    judged = CASES[case]
    receipts = journey(
        RECEIPT, "receipts", "category: service\ntrigger: {event: purchase}\npriority: 90"
    )
    scene = Scene(
        journey(judged.steps), receipts, start=judged.start, policy=judged.policy, limit=50
    )
    push = MemoryAdapter()
    stands = wait(scene, push)
    deliveries = scene.store.deliveries_of("ada")
    assert [each.status for each in deliveries] in (["queued"], ["calling"])
    assert push.accepted == [] or wait is behind_a_rate
    start = scene.now

    judged.between(scene)
    scene.advance_to(start + 61 * MINUTE)
    stands.go_on()
    scene.advance_to(start + 9 * HOUR)

    left = [scene.clock(each.at) for each in push.accepted if each.address == "token-ada"]
    if judged.left is None:
        assert left == []
        told = scene.story("ada", "stopped", "refused")
        assert told in ([f"{judged.story} push"], ["refused 451 later push"])
        assert scene.runs("ada")[0].journey == "welcome"
        contacts = scene.store.people(["ada"], ())["ada"].profile.contacts
        assert [each.channel for each in contacts if each.channel == "push"] == []
    else:
        assert len(left) == 1
        assert judged.left <= left[0] <= "2026-03-03 06:00"
        tries = [scene.clock(each.at) for each in push.messages if each.address == "token-ada"]
        assert not any("22:" < clock[11:] < "24" or clock[11:] < "06" for clock in tries)


def test_a_withdrawal_counts_from_the_moment_it_is_taken_in() -> None:
    """Nobody has processed it yet, and the message is claimed already."""
    scene = Scene(journey(JOURNEY))
    real, scene.dispatcher = scene.dispatcher, Nobody()  # type: ignore[assignment]
    _sign_up(scene)
    claim = scene.store.claim_from

    def claiming(*arguments: object) -> object:
        claimed = claim(*arguments)  # type: ignore[arg-type]
        settle, scene.settle = scene.settle, lambda: None  # type: ignore[method-assign]
        _withdraw(scene)
        scene.settle = settle  # type: ignore[method-assign]
        return claimed

    scene.store.claim_from = claiming  # type: ignore[method-assign, assignment]
    done = asyncio.run(real.run_once(scene.now + SECOND))

    assert (done.accepted, done.stopped) == (0, 1)
    assert scene.adapter.messages == []
