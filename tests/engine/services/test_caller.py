"""The caller: who is asked, how long, how many at a time, and what is written down when."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from channels.services import Answer, NoAnswer, Question, ScriptedServices
from dsl.calendar import HOUR, MINUTE, SECOND, Instant
from engine.core.effects import CallWebhook
from engine.core.program import Program
from engine.core.signals import Arrival, CallAnswered
from engine.services.caller import Called, Caller
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes
from tests.engine.desk import SERVICES, TASK
from tests.engine.scene import SHOP, journey, program_of

NOW: Instant = 1_772_442_000_000_000


def program(head: str = "") -> Program:
    policy = SHOP["policy.yaml"] + SERVICES
    return program_of({**SHOP, "policy.yaml": policy, "a.yaml": journey(TASK, head=head)})


def call(name: str = "c1", **more: Any) -> CallWebhook:
    values: dict[str, Any] = {
        "person": "ada",
        "journey": "welcome",
        "run": "r1",
        "step": "task",
        "service": "crm",
        "values": {"reason": "new"},
        "asked": NOW,
        "until": NOW + HOUR,
        "due": NOW,
    }
    return CallWebhook(id=name, **{**values, **more})


class Slow(ScriptedServices):
    """Keeps everybody waiting until it is told; notes how long they would."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self.tell = asyncio.Event()
        self.came = asyncio.Semaphore(0)
        self.inside = 0
        self.most = 0

    async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
        self.seconds.append(timeout_seconds)
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.came.release()
        if question.id != "quick":
            await self.tell.wait()
        self.inside -= 1
        return self.ask_now(question)


class Desk:
    """A store with calls in it, and a caller before it."""

    def __init__(
        self,
        *calls: CallWebhook,
        services: ScriptedServices | None = None,
        of: Program | None = None,
        clock: Callable[[], Instant] = lambda: NOW,
        **more: Any,
    ) -> None:
        self.store = MemoryStore()
        with self.store.batch() as batch:
            batch.commit(Changes(calls=list(calls)))
        self.services = services or ScriptedServices()
        self.program = of or program()
        self.caller = Caller(self.store, self.program, self.services, clock, **more)

    def run(self, now: Instant = NOW) -> Called:
        return asyncio.run(self.caller.run_once(now))

    @property
    def arrived(self) -> list[Arrival]:
        with self.store.batch() as batch:
            return batch.load(["ada"], NOW + HOUR)["ada"].pending


def test_an_answer_is_read_by_what_the_policy_promises_in_the_companys_zone() -> None:
    desk = Desk(call())
    desk.services.script("crm", Answer({"ticket": "T", "limit": 12.5, "score": "x", "more": 1}))

    assert desk.run() == Called(1, 0, 0, more=False)
    (answer,) = desk.arrived
    assert isinstance(answer, CallAnswered)
    assert (answer.call, answer.values) == ("c1", {"ticket": "T", "limit": 1250})
    assert desk.store.next_wake() == NOW  # the answer is all that is left


@pytest.mark.parametrize(
    ("until", "seconds"), [(NOW + HOUR, 30.0), (NOW + 12 * SECOND, 12.0), (NOW + SECOND, 1.0)]
)
def test_nobody_is_waited_for_longer_than_the_policy_or_the_step_says(
    until: Instant, seconds: float
) -> None:
    services = Slow()
    services.tell.set()
    Desk(call(until=until), services=services).run()

    assert services.seconds == [seconds]


def test_what_is_too_late_already_is_not_asked() -> None:
    desk = Desk(call(until=NOW))

    assert desk.run() == Called(0, 1, 0, more=False)
    assert desk.services.questions == []


def test_an_answer_is_received_when_it_came_and_not_when_it_was_asked_for() -> None:
    desk = Desk(call(), clock=lambda: NOW + 20 * SECOND)
    desk.run()

    (answer,) = desk.arrived
    assert isinstance(answer, CallAnswered)
    assert answer.received == NOW + 20 * SECOND


def test_a_quick_answer_is_written_while_a_slow_one_is_out() -> None:
    async def play() -> None:
        written = asyncio.Event()

        async def offload(function: Callable[..., Any], *arguments: Any) -> Any:
            done = function(*arguments)
            if function.__name__ == "settle_calls":
                written.set()
            return done

        services = Slow()
        desk = Desk(call("slow"), call("quick"), services=services, offload=offload)
        round_ = asyncio.create_task(desk.caller.run_once(NOW))
        await written.wait()
        (answer,) = desk.arrived
        assert isinstance(answer, CallAnswered)
        assert answer.call == "quick"
        assert not round_.done()
        services.tell.set()
        assert await round_ == Called(2, 0, 0, more=False)

    asyncio.run(play())


def test_so_many_are_asked_at_a_time_and_no_more_whatever_rounds_there_are() -> None:
    async def play() -> None:
        services = Slow()
        desk = Desk(*(call(f"c{n}") for n in range(7)), services=services, most=3)
        rounds = [asyncio.create_task(desk.caller.run_once(NOW)) for _ in range(4)]
        for _ in range(3):
            await services.came.acquire()
        await asyncio.wait(rounds, return_when=asyncio.FIRST_COMPLETED)  # who found no place
        services.tell.set()
        results = await asyncio.gather(*rounds)
        assert sum(each.answered for each in results) == 3
        assert [each.more for each in results].count(True) == 1
        assert services.most == 3
        assert (await desk.caller.run_once(NOW)).answered == 3
        assert (await desk.caller.run_once(NOW)).answered == 1

    asyncio.run(play())


def test_a_paused_journey_asks_nobody_and_forgets_nothing() -> None:
    desk = Desk(call(until=NOW + SECOND), of=program("status: paused"))

    assert desk.run() == Called(0, 0, 1, more=False)
    assert desk.run(NOW + 4 * MINUTE) == Called(0, 0, 0, more=False)
    assert desk.run(NOW + HOUR) == Called(0, 0, 1, more=False)
    assert desk.services.questions == []


@pytest.mark.parametrize("more", [{"journey": "gone"}, {"service": "gone"}])
def test_who_asks_for_what_is_gone_gets_no_answer(more: dict[str, str]) -> None:
    desk = Desk(call(**more))

    assert desk.run() == Called(0, 1, 0, more=False)
    assert desk.services.questions == []


def test_an_ended_journey_asks_nobody() -> None:
    desk = Desk(call(), of=program("status: ended"))

    assert desk.run() == Called(0, 1, 0, more=False)
    assert desk.services.questions == []


def test_tries_come_later_and_later_and_each_question_at_times_of_its_own() -> None:
    busy = NoAnswer("it answered 503", again=True)
    waits: list[list[Instant]] = []
    for name in ("c1", "c2"):
        desk = Desk(call(name), services=ScriptedServices(lambda _: busy))
        times: list[Instant] = []
        while (wake := desk.store.next_wake()) is not None and len(times) < 7:
            times.append(wake)
            caller = Caller(desk.store, desk.program, desk.services, functools.partial(int, wake))
            asyncio.run(caller.run_once(wake))
        waits.append([after - before for before, after in pairwise(times)])

    for wait in waits:
        longest = [SECOND // 2 * 4**n for n in range(len(wait))]
        assert all(most // 2 <= each <= most for each, most in zip(wait, longest, strict=True))
    assert waits[0] != waits[1]


def test_a_bug_is_not_swallowed() -> None:
    class Broken(ScriptedServices):
        async def ask(self, question: Question, timeout_seconds: float) -> Answer | NoAnswer:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Desk(call(), services=Broken()).run()


def test_another_program_is_taken_from_the_next_round_on() -> None:
    desk = Desk(call(), of=program("status: paused"))
    desk.run()
    desk.caller.deploy(program())

    assert desk.run(NOW + 5 * MINUTE).answered == 1


def test_a_service_that_wants_to_be_left_alone_is_asked_nothing_until_then_by_anybody() -> None:
    """It says so once; who asks others is not held up."""
    desk = Desk(call(), call("c2"), call("w1", service="weather"), most=1)
    desk.services.script("crm", NoAnswer("it answered 429", again=True, after=60.0))
    other = Caller(desk.store, desk.program, desk.services, lambda: NOW)

    desk.run()
    asyncio.run(other.run_once(NOW + MINUTE - 1))
    assert [each.id for each in desk.services.questions if each.id != "w1"] == ["c1"]
    asyncio.run(other.run_once(NOW + MINUTE))
    assert [each.id for each in desk.services.questions if each.id != "w1"] == ["c1", "c2", "c1"]


def test_a_service_that_keeps_everybody_waiting_is_in_nobody_elses_way() -> None:
    """Many questions to it are due for longer; as many as may are out, and none comes back."""
    many = [call(f"c{number}") for number in range(50)]
    services = Slow()
    desk = Desk(
        *many, call("quick", service="score", due=NOW + 1), services=services, of=program(), most=8
    )

    async def play() -> Called:
        slow = asyncio.create_task(desk.caller.run_once(NOW))
        for _ in range(8):
            await services.came.acquire()
        quick = await desk.caller.run_once(NOW + 1)
        services.tell.set()
        await slow
        return quick

    done = asyncio.run(play())
    assert done.answered + done.failed == 1
    assert services.most <= 9
