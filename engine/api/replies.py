"""What people write back, at the door: whose it is, and how it comes into their history.

The answer is given when it is durable. Whatever was written from a number that nobody has is
counted and answered like everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from channels.replies import Reply, Wish
from channels.words.reading import keywords
from dsl.calendar import Instant
from engine.api.front import Front
from engine.core.effects import Delivery
from engine.core.hearing import Meaning, hear
from engine.core.numbers import Said, number_in
from engine.core.replying import Writer, got
from engine.core.signals import Arrival
from engine.metrics import Metrics
from engine.store.protocol import PersonView, Store

__all__ = ["Replies"]


class Replies:
    """Hears what was written, one after the other."""

    def __init__(
        self,
        store: Store,
        front: Callable[[], Front | None],
        wake: Callable[[], None],
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._front = front
        self._wake = wake
        self._metrics = metrics

    async def take(self, replies: Sequence[Reply | Wish], now: Instant) -> None:
        """Makes all of them durable."""
        front = self._front()
        program = front and front.program
        everywhere = program is not None and program.policy.replies.stop_ends_all
        for each in replies:
            if await asyncio.to_thread(self.hear, each, now, everywhere=everywhere):
                self._wake()

    def hear(self, told: Reply | Wish, now: Instant, *, everywhere: bool) -> int:
        """Makes one of them durable: how much is to be processed because of it. ``everywhere``:
        STOP counts for all channels.
        """
        number = number_in(told.sender)
        if number is None:
            return 0
        writers = self._writers(told, number)
        meaning = _meaning(told) if isinstance(told, Reply) else None
        counted = ""

        def tell(said: Said) -> tuple[Said, Sequence[Arrival]]:
            nonlocal counted
            heard = hear(told, meaning, writers, said, now, everywhere=everywhere)
            counted = heard.counted
            return heard.said, heard.arrivals

        people = [writer.profile.id for writer in writers]
        taken = self._store.numbers.hear(told.channel, number, people, tell)
        self._metrics.receipts.labels(told.channel, counted).inc()
        return taken

    def _writers(self, told: Reply | Wish, number: str) -> list[Writer]:
        """Everybody who has the number on this channel; if nobody has, on another."""
        views = self._store.people(self._store.numbers.people(number), ())
        here = [
            view
            for view in views.values()
            if number_in(view.profile.addresses.get(told.channel)) == number
        ]
        return [
            Writer(view.profile, self._got(view, told, number)) for view in here or views.values()
        ]

    def _got(self, view: PersonView, told: Reply | Wish, number: str) -> Sequence[Delivery]:
        """What they have got there: of late, which is quickly found; or else of all they ever got."""
        quoted = told.quoted if isinstance(told, Reply) else ""
        recent = [c.delivery for c in view.profile.contacts if c.channel == told.channel]
        found = self._store.deliveries(recent)
        late = got([found[name] for name in recent if name in found], told.channel, number)
        if late and (not quoted or any(each.provider_id == quoted for each in late)):
            return late
        return got(self._store.deliveries_of(view.profile.id), told.channel, number)


def _meaning(reply: Reply) -> Meaning:
    """What the provider made of it, or else what its words mean, or its button."""
    return reply.word or keywords().read(reply.text) or keywords().read(reply.button)
