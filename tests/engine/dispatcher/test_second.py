"""A second adapter of a channel takes what the first certainly did not; never what it may have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from channels.outcome import FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import MINUTE, SECOND, Instant
from engine.core.gates import Gate
from engine.core.program import Program
from engine.dispatcher import Dispatched, Dispatcher
from engine.dispatcher.carriers import Carrier
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes, Store
from tests.engine.dispatcher.post import Post, failing
from tests.engine.dispatcher.test_crowd import FILES, NOW, _delivery, _profile
from tests.engine.scene import Scene, journey, program_of


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(FILES)


def waiting(
    count: int = 1, category: str = "promotional", lane: str = "email/promotional"
) -> Store:
    """E-mails to so many people."""
    store = MemoryStore()
    numbers = range(0, 4 * count, 4)
    with store.batch() as batch:
        batch.commit(
            Changes(
                profiles=[_profile(number) for number in numbers],
                deliveries=[
                    _delivery(number, category, NOW)._replace(lane=lane) for number in numbers
                ],
            )
        )
    return store


def both(store: Store, program: Program, first: Post, second: Post) -> Dispatcher:
    carriers = [Carrier("one", first), Carrier("two", second)]
    return Dispatcher(store, program, {"email": carriers})


def go_on(dispatcher: Dispatcher, times: int = 5, now: Instant = NOW) -> Sequence[Dispatched]:
    return [asyncio.run(dispatcher.run_once(now + number)) for number in range(times)]


@pytest.mark.parametrize(
    "outcome",
    [
        Rejected(FailureClass.TRANSIENT, "503", "out of order"),
        Rejected(FailureClass.PERMANENT_CONFIG, "401", "who are you"),
        RateLimited("account", 3600.0),
    ],
)
def test_what_the_first_did_not_take_goes_by_the_second_at_once(
    program: Program, outcome: Outcome
) -> None:
    store, first, second = waiting(), Post("email", lambda _: outcome), Post("email")
    go_on(both(store, program, first, second))

    assert (len(first.calls), len(second.calls)) == (1, 1)
    assert store.deliveries(["d0"])["d0"].status == "accepted"


@pytest.mark.parametrize("category", ["promotional", "service"])
def test_what_the_first_may_have_taken_never_goes_by_the_second(
    program: Program, category: str
) -> None:
    """ "service" is tried once more: by the first."""
    first, second = Post("email", lambda _: Unknown("lost")), Post("email")
    store = waiting(category=category, lane=f"email/{category}")
    go_on(both(store, program, first, second))

    assert len(first.calls) == (2 if category == "service" else 1)
    assert second.calls == []
    assert store.deliveries(["d0"])["d0"].status == "unknown"


def test_what_nobody_knows_the_adapter_of_is_not_tried_again(program: Program) -> None:
    """The process died with the call out, and either adapter may have been asked."""
    first, second = Post("email"), Post("email")
    store = waiting(category="service", lane="email/service")
    store.claim(NOW, 1, NOW + SECOND)
    go_on(both(store, program, first, second), now=NOW + MINUTE)

    assert (first.calls, second.calls) == ([], [])
    assert store.deliveries(["d0"])["d0"].status == "unknown"


def test_what_no_adapter_takes_is_refused_in_the_end(program: Program) -> None:
    first, second = Post("email", failing), Post("email", failing)
    store = waiting()
    dispatcher, now = both(store, program, first, second), NOW
    for _ in range(1000):
        asyncio.run(dispatcher.run_once(now))
        now += MINUTE

    assert store.deliveries(["d0"])["d0"].status == "refused"
    assert len(first.calls) == len(second.calls) == 12


def test_while_the_first_rests_all_goes_by_the_second_and_one_tries_the_first(
    program: Program,
) -> None:
    first, second = Post("email"), Post("email")
    store = waiting(30)
    rests = Gate(shut=NOW + MINUTE, failures=8, since=NOW, why="503")
    store.gates.turn(["one/rest"], lambda _: {"one/rest": rests})
    dispatcher = both(store, program, first, second)

    go_on(dispatcher, 1)
    assert (len(first.calls), len(second.calls)) == (0, 7)
    asyncio.run(dispatcher.run_once(NOW + MINUTE))
    assert (len(first.calls), len(second.calls)) == (1, 14)
    go_on(dispatcher, 3, NOW + MINUTE + 1)
    assert (len(first.calls), len(second.calls)) == (16, 14)


def test_an_adapter_that_fails_for_everybody_is_asked_no_more(program: Program) -> None:
    """Alone, it rests: 100 messages are not 100 failures."""
    store, alone = waiting(100), Post("email", failing)
    dispatcher = Dispatcher(store, program, {"email": alone})
    news: list[str] = []
    dispatcher.watch(lambda _: None, news.append)
    done = go_on(dispatcher, 20)

    assert 8 <= len(alone.calls) <= 16
    assert done[-1].next is not None
    assert news == ["email rests, after 8 failures in a row: 503 out of order"]


def test_a_message_that_is_refused_for_itself_says_nothing_of_the_adapter(program: Program) -> None:
    full = Rejected(FailureClass.TRANSIENT, "4.2.2", "mailbox full", alone=True)
    store, alone = waiting(40), Post("email", lambda _: full)
    go_on(Dispatcher(store, program, {"email": alone}), 20)

    assert len(alone.calls) == 40


@pytest.mark.parametrize("lane", ["", "email/promotional@7", "email/promotional?reco"])
def test_what_lies_in_no_lane_or_a_wrong_one_finds_its_way(program: Program, lane: str) -> None:
    """Versions before had no lanes; and operators take adapters away."""
    store, alone = waiting(3, lane=lane), Post("email")
    go_on(Dispatcher(store, program, {"email": alone}))

    assert len(alone.taken) == 3


def test_what_no_adapter_carries_is_stopped(program: Program) -> None:
    store = waiting()
    go_on(Dispatcher(store, program, {"sms": Post("sms")}))

    assert store.deliveries(["d0"])["d0"].status == "stopped"


def test_what_a_channel_must_not_carry_any_more_goes_by_the_next() -> None:
    """Consent for push is withdrawn while the message waits; for e-mail it stands."""
    steps = "  - {id: hi, send: hello, to first of: [push, email]}\n"
    scene = Scene(journey(steps))
    scene.person(consent="promotional/*")
    settle, scene.settle = scene.settle, lambda: None  # type: ignore[method-assign]
    scene.event("signed_up")
    scene.runner.run_once(scene.now)
    scene.event("consent_withdrawn", category="promotional", channel="push")
    scene.settle = settle  # type: ignore[method-assign]
    scene.settle()

    assert [message.channel for message in scene.adapter.accepted] == ["email"]
    assert "stopped consent: no consent for promotional on push push" in scene.story()


def test_what_is_claimed_late_is_not_taken_for_lost_while_it_is_out(program: Program) -> None:
    """The store was away for a minute when it was to be claimed, and the provider takes its time."""
    hanging, store = Post("email"), waiting()
    hanging.hangs = True
    time = NOW

    async def away(function: Callable[..., Any], /, *arguments: object) -> Any:
        nonlocal time
        if function.__name__ == "_claim" and time == NOW:
            time += MINUTE
        return function(*arguments)

    dispatcher = Dispatcher(store, program, {"email": hanging}, offload=away, clock=lambda: time)

    async def story() -> None:
        await dispatcher.begin(time)
        await asyncio.sleep(0)
        await dispatcher.begin(time)

        assert len(hanging.calls) == 1
        assert store.lost(time) == []
        assert store.deliveries(["d0"])["d0"].status == "calling"
        for call in list(dispatcher._calls.out):
            call.cancel()

    asyncio.run(story())


def test_nobody_takes_for_lost_what_is_in_his_own_hands(program: Program) -> None:
    """Whatever clocks and leases say."""
    hanging, store = Post("email"), waiting()
    hanging.hangs = True
    dispatcher = Dispatcher(store, program, {"email": hanging})

    async def story() -> None:
        await dispatcher.begin(NOW)
        await asyncio.sleep(0)
        await dispatcher.begin(NOW + 10 * MINUTE)

        assert [each.id for each in store.lost(NOW + 10 * MINUTE)] == ["d0"]
        assert store.deliveries(["d0"])["d0"].status == "calling"
        for call in list(dispatcher._calls.out):
            call.cancel()

    asyncio.run(story())
