"""Whoever is set aside because of a bug is said loudly, and without saying who they are."""

from __future__ import annotations

import io
import json
import threading

import pytest

from dsl.calendar import DAY, Instant
from engine.daemon.loops import RunnerLoop
from engine.logs import open_log
from engine.metrics import Metrics
from engine.runner import Ran
from engine.runner.faults import nickname, tell_faults
from engine.store.memory import MemoryStore
from tests.engine.poisoned import Bug, Stage

PATIENCE = 10


def test_the_runners_thread_lives_on_and_says_what_happened() -> None:
    stage = Stage(MemoryStore(), "dora")
    metrics, said = Metrics(), io.StringIO()
    log = open_log("json", stream=said)
    rests = threading.Semaphore(0)
    failures: list[BaseException] = []

    class Clock:
        def now(self) -> Instant:
            return stage.now + DAY

    def ran(done: Ran) -> None:
        tell_faults(log, done.faults)

    loop = RunnerLoop(
        stage.runner,
        Clock(),
        metrics,
        ran=ran,
        rested=rests.release,
        outdated=lambda: None,
        failed=failures.append,
    )
    loop.start()
    assert rests.acquire(timeout=PATIENCE)
    alive = loop.is_alive
    loop.stop()
    (line,) = map(json.loads, said.getvalue().splitlines())

    assert alive
    assert failures == []
    assert metrics.registry.get_sample_value("wayline_faults_total") == 1
    assert line["level"] == "error"
    assert line["nicknames"] == [nickname("dora")]
    assert line["error"] == "Bug"
    assert "in build" in line["exception"]


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_log_says_nothing_of_what_is_known_of_somebody(form: str) -> None:
    stage = Stage(MemoryStore(), "dora", "eve", error=Bug("dora@example.com lives in Kiel"))
    stage.now += DAY
    said = io.StringIO()
    ran = stage.runner.run_once(stage.now)
    tell_faults(open_log(form, stream=said), ran.faults)
    text = said.getvalue()

    assert len(ran.faults) == 2
    assert "Kiel" not in text
    assert "dora" not in text
    assert text.count("set aside") == 1
    assert nickname("dora") in text
    assert nickname("eve") in text
