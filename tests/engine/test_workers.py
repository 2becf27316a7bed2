"""The same script comes to the same result on PostgreSQL, with one worker and with three; and for a
store that is moved there in the middle of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import URL

from channels.outcome import Outcome
from dsl.calendar import Instant
from engine.dispatcher import Dispatcher
from engine.runner import Ran, Runner
from engine.services.caller import Caller
from engine.store import dump, open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from engine.store.sql.store import SqlStore
from tests.engine.scene import Scene
from tests.engine.test_invariants import answers_to_each, outcome, play, scripts
from tests.postgres import address_of, emptied

pytestmark = pytest.mark.slow

Script = list[tuple[str, object]]
Open = Callable[[], Store]

few = settings(
    max_examples=4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def open_all(postgres: URL) -> Iterator[Open]:
    """Opens the emptied database; whatever was opened is closed at the end."""
    with ExitStack() as stack:

        def open_one() -> Store:
            store = emptied(address_of(postgres))
            stack.callback(store.close)
            return store

        yield open_one


class _Crew:
    """Several runners that go at once, each as if in a process of its own."""

    def __init__(self, runners: list[Runner]) -> None:
        self._runners = runners
        self._threads = ThreadPoolExecutor(len(runners))

    def run_once(self, now: Instant, limit: int) -> Ran:
        ran = list(self._threads.map(lambda each: each.run_once(now, limit), self._runners))
        return Ran(
            sum(each.people for each in ran),
            sum(each.signals for each in ran),
            sum(each.deliveries for each in ran),
            [decision for each in ran for decision in each.decisions],
            more=any(each.more for each in ran),
        )


@few
@given(scripts, answers_to_each)
def test_one_worker_comes_to_the_same_result(
    open_all: Open, script: Script, answered: list[Outcome]
) -> None:
    expected = outcome(play(script, answered, MemoryStore()))

    assert outcome(play(script, answered, open_all())) == expected
    assert outcome(play(script, answered, open_all(), limit=1)) == expected


@few
@given(scripts, answers_to_each)
def test_three_workers_come_to_the_same_result(
    open_all: Open, postgres: URL, script: Script, answered: list[Outcome]
) -> None:
    others = [open_store(address_of(postgres)) for _ in range(2)]

    def with_three(*journeys: str, **more: Any) -> Scene:
        scene = Scene(*journeys, **more)
        stores = [scene.store, *others]
        scene.runner = _Crew([Runner(each, scene.program) for each in stores])  # type: ignore[assignment]
        return scene

    try:
        seen = outcome(play(script, answered, open_all(), limit=1, stage=with_three))
    finally:
        for each in others:
            each.close()

    assert seen == outcome(play(script, answered, MemoryStore()))


class _Moved(Scene):
    """Goes on in another store as soon as time has passed twice."""

    def __init__(self, *journeys: str, target: Store, file: Path, **more: Any) -> None:
        super().__init__(*journeys, **more)
        self._target = target
        self._file = file
        self._passed = 0

    def after(self, micros: Instant) -> None:
        super().after(micros)
        self._passed += 1
        if self._passed == 2:
            self._move()

    def _move(self) -> None:
        assert isinstance(self.store, SqlStore)
        assert isinstance(self._target, SqlStore)
        written = dump.write(self._file, self.store.export())
        assert self._target.take(dump.read(self._file)) == written
        self.store = self._target
        self.runner = Runner(self.store, self.program)
        channels = self.program.policy.channels
        self.dispatcher = Dispatcher(
            self.store, self.program, dict.fromkeys(channels, self.adapter), services=self.services
        )
        self.caller = Caller(self.store, self.program, self.services, lambda: self.now)


@few
@given(scripts, answers_to_each)
@pytest.mark.parametrize("there", [True, False])
def test_a_store_that_is_moved_in_the_middle_loses_nobody(
    open_all: Open, there: bool, script: Script, answered: list[Outcome]
) -> None:
    """From a file to PostgreSQL, and back."""
    with TemporaryDirectory() as folder:
        file = open_store(f"sqlite:///{Path(folder) / 'wayline.db'}")
        source, target = (file, open_all()) if there else (open_all(), file)

        def moving(*journeys: str, **more: Any) -> Scene:
            return _Moved(*journeys, target=target, file=Path(folder) / "moved", **more)

        try:
            script = [("pass", 60_000_000), *script, ("pass", 60_000_000), *script[:3]]
            seen = outcome(play(script, answered, source, stage=moving))
        finally:
            file.close()

    assert seen == outcome(play(script, answered, MemoryStore()))
