"""How our domains are judged by those who get their mail: looked at once a minute, and told."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from dsl.calendar import Instant
from engine.core.reputation import Reputation
from engine.dispatcher.reputation import Reputations
from engine.logs import Log
from engine.metrics import Metrics
from engine.store.protocol import Store, StoreUnavailableError

__all__ = ["Judged"]


class Judged:
    """The ``domains`` that this process sends from, or hears of. Says what is new, once."""

    def __init__(self, store: Store, domains: Collection[str], metrics: Metrics, log: Log) -> None:
        self._reputations = Reputations(store.gates)
        self._domains = sorted({each for each in domains if each})
        self._metrics = metrics
        self._log = log
        self._known: dict[str, Reputation] = {}

    async def look(self, now: Instant) -> None:
        """Now and then, beside everything else."""
        try:
            await asyncio.to_thread(self.look_once, now)
        except StoreUnavailableError:
            return  # whoever needs it more says so

    def look_once(self, now: Instant) -> None:
        """A look: what was long ago counts no more."""
        if not self._domains:
            return
        self._reputations.judge(self._domains, now)
        for found in self._reputations.of(self._domains, now):
            for window, rate in found.rates.items():
                self._metrics.complaints.labels(found.domain, window).set(rate.share)
            self._metrics.stopped.labels(found.domain).set(found.stopped)
            self._tell(found, self._known.get(found.domain))
            self._known[found.domain] = found

    def _tell(self, found: Reputation, before: Reputation | None) -> None:
        was = (before.stopped, before.warned) if before else (False, False)
        if (found.stopped, found.warned) == was:
            return
        if found.stopped:
            self._log.error(
                "messages that need consent wait: too many people call them spam",
                domain=found.domain,
                complaints=found.why,
            )
        elif was[0]:
            self._log.warning(
                "messages that need consent go out again", domain=found.domain, reason=found.why
            )
        elif found.warned:
            self._log.warning(
                "people call messages spam: at three in a thousand those that need consent wait",
                domain=found.domain,
                complaints=found.why,
            )
        else:
            self._log.info("few people call messages spam again", domain=found.domain)
