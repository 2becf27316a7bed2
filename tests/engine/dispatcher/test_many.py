"""Many messages in one call of a provider that takes them so: every one has its own fate."""

from __future__ import annotations

import asyncio

import pytest

from channels.limits import Limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from dsl.calendar import MINUTE, SECOND
from engine.core.program import Program
from engine.dispatcher import Dispatcher
from engine.store.protocol import Store
from tests.engine.dispatcher.post import Crate, Post
from tests.engine.dispatcher.test_crowd import CHANNELS, FILES, NOW, Crew, queue, stores
from tests.engine.dispatcher.test_limits import most_in
from tests.engine.dispatcher.test_second import both, go_on, waiting
from tests.engine.scene import program_of

__all__ = ["stores"]


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(FILES)


def number_of(message: Message) -> int:
    return int(message.id[1:]) // 4


def test_when_many_wait_few_calls_are_made(program: Program) -> None:
    crate = Crate("email", many=100)
    go_on(Dispatcher(waiting(250), program, {"email": crate}))

    assert crate.crates == [100, 100, 50]
    assert len(crate.taken) == 250
    assert set(crate.taken.values()) == {1}


def test_what_is_somebodys_own_business_leaves_alone_and_first(program: Program) -> None:
    """Its fate does not hang on that of a campaign."""
    crate, store = Crate("email", many=100), waiting(250)
    queue(store, 8, "service", start=1000)
    dispatcher = Dispatcher(store, program, {"email": crate})

    done = go_on(dispatcher, 1)
    assert [call.id for call in crate.calls[:2]] == ["d1000", "d1004"]
    assert done[0].accepted <= 8
    go_on(dispatcher, 4)
    assert len(crate.taken) == 252


def test_each_has_its_own_outcome_and_goes_its_own_way_from_there(program: Program) -> None:
    """What the first did not take goes by the second; what it may have taken goes nowhere."""

    def answer(message: Message) -> Outcome:
        outcomes: list[Outcome] = [
            Accepted(f"p-{message.id}"),
            Rejected(FailureClass.TRANSIENT, "450", "full", alone=True),
            Rejected(FailureClass.PERMANENT_RECIPIENT, "406", "gone"),
            Unknown("500"),
            RateLimited("recipient", 5.0),
        ]
        return outcomes[number_of(message)]

    first, second, store = Crate("email", answer, many=10), Post("email"), waiting(5)
    go_on(both(store, program, first, second), 2)

    assert first.crates == [5]
    assert [number_of(call) for call in second.calls] == [1]
    statuses = [store.deliveries([f"d{4 * n}"])[f"d{4 * n}"].status for n in range(5)]
    assert statuses == ["accepted", "accepted", "refused", "unknown", "queued"]


def test_if_the_answer_is_lost_nobody_knows_of_any_and_it_is_one_failure(
    program: Program,
) -> None:
    crate, store = Crate("email", lambda _: Unknown("reset"), many=10), waiting(30)
    dispatcher = Dispatcher(store, program, {"email": crate})
    news: list[str] = []
    dispatcher.watch(lambda _: None, news.append)
    go_on(dispatcher, 1)

    assert crate.crates == [10, 10, 10]
    told = store.deliveries([f"d{4 * number}" for number in range(30)])
    assert {each.status for each in told.values()} == {"unknown"}
    gates = store.gates.read(["email/rest"])
    assert gates["email/rest"].failures == 3
    assert news == []


def test_a_call_that_takes_too_long_leaves_all_of_it_in_doubt(program: Program) -> None:
    crate, store = Crate("email", many=10, seconds=0.01), waiting(3)
    crate.hangs = True
    go_on(Dispatcher(store, program, {"email": crate}), 1)

    told = store.deliveries(["d0", "d4", "d8"])
    assert {each.status for each in told.values()} == {"unknown"}


def test_limits_count_messages_and_not_calls(stores: list[Store]) -> None:
    limit = Limit("account", 20, SECOND)
    posts: dict[str, Post] = {name: Post(name) for name in CHANNELS}
    crate = posts["email"] = Crate("email", limits=(limit,), many=100)
    queue(stores[0], 480, "promotional")
    crew = Crew(stores, posts)

    async def story() -> None:
        for _ in range(40):  # four seconds
            await crew.turn()

    asyncio.run(story())

    assert most_in(crate, limit.micros) <= limit.count
    assert len(crate.calls) >= 36


def test_who_tries_whether_a_provider_works_again_does_it_with_one(program: Program) -> None:
    down = True

    def answer(message: Message) -> Outcome:
        failed = Rejected(FailureClass.TRANSIENT, "503", "closed")
        return failed if down else Accepted(f"p-{message.id}")

    crate, store = Crate("email", answer, many=1, concurrency=8), waiting(300)
    go_on(Dispatcher(store, program, {"email": crate}), 2)
    calls = len(crate.calls)
    crate = Crate("email", answer, many=100)
    down = False
    dispatcher = Dispatcher(store, program, {"email": crate})
    go_on(dispatcher, 1, NOW + MINUTE)

    assert calls >= 8
    assert (crate.crates, len(crate.calls)) == ([], 1)
    go_on(dispatcher, 1, NOW + MINUTE + SECOND)
    assert sum(crate.crates) == 299
