"""When something of ours is broken: loud, over, and nothing half-written."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from dsl.calendar import Instant
from engine.clock import SystemClock
from engine.config import Listen, Settings
from engine.daemon import Daemon, Told
from engine.daemon.wakeups import Wakeups
from engine.daemon.watch import Watch
from engine.logs import open_log
from engine.store.memory import MemoryStore
from engine.store.protocol import Batch

from .shop import write_project


class BrokenStore(MemoryStore):
    """Breaks in one place, once the daemon is under way."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def batch(self) -> AbstractContextManager[Batch]:
        if self.place == "runner" and threading.current_thread().name == "wayline-runner":
            raise ZeroDivisionError("in the runner")
        return super().batch()

    def lanes(self, now: Instant) -> list[str]:
        if self.place == "dispatcher":
            raise ZeroDivisionError("in the dispatcher")
        return super().lanes(now)


def live(store: MemoryStore, folder: Path) -> tuple[BaseException | None, str]:
    """A daemon's life in this process: what broke it, and its log."""
    log = io.StringIO()
    told = Told(lambda _: None, lambda: None, lambda _: None, open_log(stream=log))
    settings = Settings.model_validate(
        {
            "listen": Listen(port=0),
            "channels": {"email": {"adapter": "file", "folder": str(folder / "outbox")}},
        }
    )

    async def life() -> BaseException | None:
        project = write_project(folder / "project")
        daemon = Daemon(store, settings, b"secret", SystemClock(), told, project)
        return await asyncio.wait_for(daemon.live(), 30)

    return asyncio.run(life()), log.getvalue()


def test_a_batch_that_raises_stops_the_daemon_and_is_said(tmp_path: Path) -> None:
    broken, log = live(BrokenStore("runner"), tmp_path)

    assert str(broken) == "in the runner"
    assert "broken, stopping" in log
    assert "part=runner" in log
    assert "ZeroDivisionError: in the runner" in log


def test_a_dispatcher_that_raises_stops_the_daemon_and_is_said(tmp_path: Path) -> None:
    broken, log = live(BrokenStore("dispatcher"), tmp_path)

    assert str(broken) == "in the dispatcher"
    assert "part=dispatcher" in log


def test_whoever_looks_around_when_it_ends_has_not_broken_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    stop = Wakeups.stop

    def look_for_long(_watch: Watch) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert ended.wait(30)

    def stop_and_say(wakeups: Wakeups) -> None:
        stop(wakeups)
        ended.set()

    monkeypatch.setattr(Watch, "look_once", look_for_long)
    monkeypatch.setattr(Wakeups, "stop", stop_and_say)
    broken, log = live(MemoryStore(), tmp_path)

    assert broken is None, log
