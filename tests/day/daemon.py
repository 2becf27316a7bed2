"""A daemon whose time is ours: all that ``wayline serve`` is, in this process, on a clock that goes
ahead when there is nothing to do.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from dsl.calendar import Instant
from engine.access.links import Links
from engine.clock import Step, elapsed
from engine.config import read_settings
from engine.daemon import Daemon, Told
from engine.daemon.works import Works
from engine.deploy import deploy_folder
from engine.folder import project_folder
from engine.logs import open_log
from engine.store.protocol import Store

__all__ = ["Clock", "OneDay", "living"]


class Clock:
    """Goes as all clocks go, and further ahead whenever it is told to."""

    def __init__(self, start: Instant) -> None:
        self._ahead = start - elapsed()

    def now(self) -> Instant:
        return elapsed() + self._ahead

    def leased(self) -> Instant:
        return self.now()

    def steps(self) -> list[Step]:
        return []

    def go_to(self, then: Instant) -> None:
        """Not back."""
        self._ahead += max(0, then - self.now())


class OneDay(Daemon):
    """Goes by that clock in all its parts."""

    def __init__(self, store: Store, channels: Mapping[str, Any], clock: Clock) -> None:
        over = {"channels": channels, "listen.port": 0}
        settings = read_settings(None, {}, {"public_url": "https://journeys.shop.example"} | over)
        self.log = io.StringIO()
        self.address = ""
        self.listens = asyncio.Event()
        self.works: Works | None = None
        told = Told(self._heard, lambda: None, lambda _: None, open_log(stream=self.log))
        super().__init__(store, settings, b"secret of the day", clock, told)
        self._clock = clock  # type: ignore[assignment]
        self._watch.clock = clock  # type: ignore[assignment]

    def _heard(self, address: str) -> None:
        self.address = address
        self.listens.set()

    async def _works(self, links: Links) -> Works:
        self.works = await super()._works(links)
        return self.works

    def wake(self) -> None:
        """Looks at what is due by now."""
        assert self.works is not None
        self.works.wake()

    @property
    def done(self) -> tuple[float, ...]:
        """What it has done so far, in numbers that grow."""
        counted = (self._metrics.people, self._metrics.deliveries, self._metrics.receipts)
        return tuple(
            sample.value
            for each in counted
            for metric in each.collect()
            for sample in metric.samples
            if sample.name.endswith("_total")
        )

    @property
    def out(self) -> int:
        """Calls that are out."""
        dispatcher = None if self.works is None else self.works._dispatcher
        return 0 if dispatcher is None else sum(way.out for way in dispatcher.ways)


@asynccontextmanager
async def living(
    store: Store, project: Path, channels: Mapping[str, Any], clock: Clock
) -> AsyncIterator[tuple[OneDay, aiohttp.ClientSession]]:
    """From when it listens; and somebody to speak to it. It ends in good order."""
    deploy_folder(store, project_folder(project), clock.now())
    daemon = OneDay(store, channels, clock)
    life = asyncio.create_task(daemon.live())
    await asyncio.wait(
        [life, asyncio.create_task(daemon.listens.wait())], return_when=asyncio.FIRST_COMPLETED
    )
    assert daemon.listens.is_set(), life.exception()
    try:
        async with aiohttp.ClientSession(daemon.address) as session:
            yield daemon, session
    finally:
        daemon._stop.set()
        broken = await life
    assert broken is None, daemon.log.getvalue()
