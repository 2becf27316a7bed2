"""The loops under the daemon: woken, worked off, stopped in good order, and loud when broken."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

import pytest

from dsl.calendar import Instant
from engine.core.decision import Decision
from engine.core.program import Program
from engine.daemon.loops import DispatchLoop, RunnerLoop
from engine.dispatcher import Begun, Dispatched, Dispatcher
from engine.dispatcher.ways import Way
from engine.metrics import Metrics
from engine.runner import Ran, Runner

PATIENCE = 10


class StoppedClock:
    def now(self) -> Instant:
        return 1

    def leased(self) -> Instant:
        return 1


class Bug(Exception):
    """Something of ours went wrong."""


class ScriptedRunner:
    """Answers with what it is told; each answer may be a function that is called first."""

    def __init__(self, *answers: Ran | Callable[[], Ran]) -> None:
        self.answers = list(answers)
        self.programs: list[object] = []
        self.calls = 0

    def deploy(self, program: object, deployment: int) -> None:
        self.programs.append((program, deployment))

    def run_once(self, now: Instant, limit: int) -> Ran:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else ran(0)
        return answer() if callable(answer) else answer


def ran(people: int, *, more: bool = False) -> Ran:
    return Ran(people, people, 0, (), more=more)


class Watch:
    """What a runner's loop reported, and a way to wait for it."""

    def __init__(self) -> None:
        self.rests = threading.Semaphore(0)
        self.failure: list[BaseException] = []
        self.failed = threading.Event()
        self.outdated = threading.Event()
        self.metrics = Metrics()

    def loop(self, runner: ScriptedRunner) -> RunnerLoop:
        def failed(error: BaseException) -> None:
            self.failure.append(error)
            self.failed.set()

        return RunnerLoop(
            cast("Runner", runner),
            StoppedClock(),
            self.metrics,
            ran=lambda _: None,
            rested=self.rests.release,
            outdated=self.outdated.set,
            failed=failed,
        )

    def rest(self) -> None:
        assert self.rests.acquire(timeout=PATIENCE)


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_the_runner_works_everything_off_before_it_rests(watch: Watch) -> None:
    runner = ScriptedRunner(ran(2, more=True), ran(2, more=True), ran(1))
    loop = watch.loop(runner)
    loop.start()
    watch.rest()

    assert runner.calls == 3
    loop.wake()
    watch.rest()
    assert runner.calls == 4
    loop.stop()
    assert not loop.is_alive


def test_what_was_decided_is_counted_by_its_reason_and_by_no_name(watch: Watch) -> None:
    decided = [
        Decision("ada", 0, "not entered", "already inside"),
        Decision("bob", 0, "not entered", "already inside"),
        Decision("bob", 0, "passed over", "consent", channel="email"),
        Decision("ada", 0, "refused", "550 5.1.1 ada@example.com is unknown"),
        Decision("ada", 0, "left", "goal"),
    ]
    loop = watch.loop(ScriptedRunner(ran(2)._replace(decisions=decided, steps=7)))
    loop.start()
    watch.rest()
    loop.stop()
    told = watch.metrics.text().decode()

    assert 'wayline_decisions_total{reason="already inside",what="not entered"} 2.0' in told
    assert 'wayline_decisions_total{reason="consent",what="passed over"} 1.0' in told
    assert 'wayline_decisions_total{reason="",what="refused"} 1.0' in told
    assert "wayline_steps_total 7.0" in told
    assert "example.com" not in told


def test_what_was_learnt_is_counted_where_nobody_was_due_too(watch: Watch) -> None:
    loop = watch.loop(ScriptedRunner(ran(0)._replace(outcomes=3)))
    loop.start()
    watch.rest()
    loop.stop()

    assert watch.metrics.registry.get_sample_value("wayline_outcomes_total") == 3


def test_stopping_finishes_the_batch_in_hand_and_begins_no_other(watch: Watch) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow() -> Ran:
        inside.set()
        assert go_on.wait(PATIENCE)
        return ran(1, more=True)

    runner = ScriptedRunner(slow)
    loop = watch.loop(runner)
    loop.start()
    assert inside.wait(PATIENCE)
    stopping = threading.Thread(target=loop.stop)
    stopping.start()
    go_on.set()
    stopping.join(PATIENCE)

    assert not loop.is_alive
    assert runner.calls == 1


def test_a_batch_that_raises_is_handed_up_and_ends_the_loop(watch: Watch) -> None:
    def broken() -> Ran:
        raise Bug

    loop = watch.loop(ScriptedRunner(broken))
    loop.start()

    assert watch.failed.wait(PATIENCE)
    loop.stop()
    assert [type(error) for error in watch.failure] == [Bug]


def test_another_program_is_taken_between_batches(watch: Watch) -> None:
    runner = ScriptedRunner()
    program = cast("Program", object())

    def meanwhile() -> Ran:
        loop.deploy(program, 7)
        assert runner.programs == []
        return ran(1, more=True)

    runner.answers = [meanwhile]
    loop = watch.loop(runner)
    loop.start()
    watch.rest()
    loop.stop()

    assert runner.programs == [(program, 7)]


def test_an_outdated_program_is_told_and_nothing_more_is_done_with_it(watch: Watch) -> None:
    runner = ScriptedRunner(lambda: Ran(0, 0, 0, (), more=False, outdated=True))
    loop = watch.loop(runner)
    loop.start()
    watch.rest()
    loop.stop()

    assert watch.outdated.is_set()
    assert runner.calls == 1


class ScriptedDispatcher:
    """Each beginning is a function of its number; ``finished`` is set when all is to come back."""

    def __init__(self, play: Callable[[int], Any]) -> None:
        self.play = play
        self.begun = 0
        self.finished = asyncio.Event()
        self.ways: list[Way] = []
        self.told: Callable[[Dispatched], None] = lambda _: None

    def watch(self, told: Callable[[Dispatched], None], _news: Callable[[str], None]) -> None:
        self.told = told

    async def begin(self, now: Instant, leased: Instant) -> Begun:
        self.begun += 1
        return cast("Begun", await self.play(self.begun))

    async def finish(self) -> None:
        self.finished.set()


def done(accepted: int = 0) -> Dispatched:
    return Dispatched(accepted, 0, 0, 0, 0, more=False)


def dispatch_loop(
    dispatcher: ScriptedDispatcher, settled: Callable[[Dispatched], None] = lambda _: None
) -> DispatchLoop:
    return DispatchLoop(cast("Dispatcher", dispatcher), StoppedClock(), Metrics(), settled=settled)


def test_the_dispatcher_goes_on_while_there_is_more() -> None:
    async def story() -> int:
        async def play(number: int) -> Begun:
            if number == 3:
                loop.stop()
            return Begun(more=number < 3, next=None)

        dispatcher = ScriptedDispatcher(play)
        loop = dispatch_loop(dispatcher)
        loop.wake()
        await asyncio.wait_for(loop.live(), PATIENCE)
        return dispatcher.begun

    assert asyncio.run(story()) == 3


def test_it_goes_on_as_soon_as_something_has_come_back() -> None:
    """There is room for another call then."""

    async def story() -> tuple[int, list[Dispatched]]:
        told: list[Dispatched] = []

        async def play(number: int) -> Begun:
            if number == 1:
                asyncio.get_running_loop().call_soon(dispatcher.told, done(1))
            else:
                loop.stop()
            return Begun(more=False, next=None)

        dispatcher = ScriptedDispatcher(play)
        loop = dispatch_loop(dispatcher, told.append)
        loop.wake()
        await asyncio.wait_for(loop.live(), PATIENCE)
        return dispatcher.begun, told

    assert asyncio.run(story()) == (2, [done(1)])


def test_it_goes_on_when_a_gate_opens() -> None:
    async def story() -> int:
        async def play(number: int) -> Begun:
            if number == 2:
                loop.stop()
            return Begun(more=False, next=StoppedClock().now() + 1)

        dispatcher = ScriptedDispatcher(play)
        loop = dispatch_loop(dispatcher)
        loop.wake()
        await asyncio.wait_for(loop.live(), PATIENCE)
        return dispatcher.begun

    assert asyncio.run(story()) == 2


@pytest.mark.parametrize("broken", [False, True])
def test_the_calls_in_hand_are_waited_for_whatever_ends_it(broken: bool) -> None:
    async def story() -> bool:
        async def play(_number: int) -> Begun:
            loop.stop()
            if broken:
                raise Bug
            return Begun(more=True, next=None)

        dispatcher = ScriptedDispatcher(play)
        loop = dispatch_loop(dispatcher)
        loop.wake()
        with pytest.raises(Bug) if broken else nullcontext():
            await asyncio.wait_for(loop.live(), PATIENCE)
        return dispatcher.finished.is_set()

    assert asyncio.run(story())
