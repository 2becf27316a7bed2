"""What people write back, at the door: whose it is, and how it comes into their history.

The answer is given when it is durable. Whatever was written from a number that nobody has is
counted and answered like everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from channels.replies import Reply, Wish
from dsl.calendar import Instant
from engine.core.effects import Delivery
from engine.core.numbers import Said, number_in
from engine.core.replying import Writer, got, writer_of, written
from engine.core.signals import Arrival
from engine.metrics import Metrics
from engine.store.protocol import PersonView, Store

__all__ = ["Replies"]


class Replies:
    """Hears what was written, one after the other."""

    def __init__(self, store: Store, wake: Callable[[], None], metrics: Metrics) -> None:
        self._store = store
        self._wake = wake
        self._metrics = metrics

    async def take(self, replies: Sequence[Reply | Wish], now: Instant) -> None:
        """Makes all of them durable."""
        if sum([await asyncio.to_thread(self._hear, each, now) for each in replies]):
            self._wake()

    def _hear(self, reply: Reply | Wish, now: Instant) -> int:
        number = number_in(reply.sender)
        if number is None or isinstance(reply, Wish):
            return 0
        writers = self._writers(reply, number)
        answer = writer_of(writers, reply.quoted)
        counted = "replied" if answer is not None else "from nobody we know"
        self._metrics.receipts.labels(reply.channel, counted).inc()
        if answer is None:
            return 0

        def tell(said: Said) -> tuple[Said, Sequence[Arrival]]:
            if said.has_heard(reply.key):
                return said, ()
            return said.hearing(reply.key), [written(reply, answer, now)]

        people = [writer.profile.id for writer in writers]
        return self._store.numbers.hear(reply.channel, number, people, tell)

    def _writers(self, reply: Reply, number: str) -> list[Writer]:
        """Everybody who has the number on this channel; if nobody has, on another."""
        views = self._store.people(self._store.numbers.people(number), ())
        here = [
            view
            for view in views.values()
            if number_in(view.profile.addresses.get(reply.channel)) == number
        ]
        return [
            Writer(view.profile, self._got(view, reply, number)) for view in here or views.values()
        ]

    def _got(self, view: PersonView, reply: Reply, number: str) -> Sequence[Delivery]:
        """What they have got there: of late, which is quickly found; or else of all they ever got."""
        recent = [c.delivery for c in view.profile.contacts if c.channel == reply.channel]
        found = self._store.deliveries(recent)
        late = got([found[name] for name in recent if name in found], reply.channel, number)
        if late and (not reply.quoted or any(d.provider_id == reply.quoted for d in late)):
            return late
        return got(self._store.deliveries_of(view.profile.id), reply.channel, number)
