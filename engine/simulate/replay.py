"""The loop of a simulation: the production runner and dispatcher on a clock that jumps.

The clock goes from one instant at which something happens to the next: an arrival of the script,
a timer, a message to hand over. Nothing else differs from the daemon but what is plugged in.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.content import Built, Content, Missing, Stale, Unfinished
from channels.content.destinations import NO_OCCASION, Occasion
from channels.memory import MemoryAdapter
from channels.services import ScriptedServices
from dsl.calendar import Instant
from dsl.expr.context import Context, Wording
from engine.core.program import Program
from engine.core.signals import Arrival
from engine.dispatcher import Dispatcher
from engine.runner import Runner
from engine.services.caller import Caller
from engine.store.memory import MemoryStore

__all__ = ["BriefContent", "Replayed", "replay"]

_LIMIT = 5000
_REPORT_EVERY = 500  # instants
_MOST_ROUNDS = 10_000  # at one instant: more than that is no progress but a circle


class BriefContent:
    """Renders messages in full and hands on what people recognise them by.

    A year of HTML is hundreds of megabytes that no report shows.
    """

    def __init__(self, content: Content) -> None:
        self._content = content

    def build(
        self,
        message: str,
        channel: str,
        context: Context,
        values: Mapping[str, Any],
        delivery: str,
        occasion: Occasion = NO_OCCASION,
    ) -> Built | Missing:
        built = self._content.build(message, channel, context, values, delivery, occasion)
        return built if isinstance(built, Missing) else _brief(built)

    def finish(
        self, unfinished: Unfinished, answers: Sequence[Mapping[str, Any] | None], delivery: str
    ) -> Built | Missing | Stale:
        built = self._content.finish(unfinished, answers, delivery)
        return _brief(built) if isinstance(built, Built) else built

    def say(self, wording: Wording, context: Context) -> str | None:
        return self._content.say(wording, context)


def _brief(built: Built) -> Built:
    if "html" not in built.parts:
        return built
    parts = {name: built.parts[name] for name in ("subject", "preview") if name in built.parts}
    return built._replace(parts=parts)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What is left after a replay: the store, and how much work it was."""

    store: MemoryStore
    instants: int
    signals: int
    messages: int


def replay(
    program: Program,
    arrivals: Sequence[tuple[Instant, Arrival]],
    until: Instant,
    progress: Callable[[Instant, int], None] = lambda _now, _messages: None,
) -> Replayed:
    """Everything that happens up to and including ``until``.

    ``progress`` is called now and then with the simulated time and the messages handed over.
    """
    return asyncio.run(_Replay(program, arrivals, until, progress).run())


class _Replay:
    """One run of the loop."""

    def __init__(
        self,
        program: Program,
        arrivals: Sequence[tuple[Instant, Arrival]],
        until: Instant,
        progress: Callable[[Instant, int], None],
    ) -> None:
        self._store = MemoryStore()
        self._runner = Runner(self._store, program)
        self._adapter = MemoryAdapter(program.policy.channels, concurrency=_LIMIT)
        adapters = dict.fromkeys(program.policy.channels, self._adapter)
        # Nobody is asked for real: every web service answers at once, and with nothing.
        self._services = ScriptedServices()
        self._dispatcher = Dispatcher(self._store, program, adapters, services=self._services)
        self._caller = Caller(self._store, program, self._services, lambda: self._now, most=_LIMIT)
        self._asks = bool(program.policy.services)
        self._now = 0
        self._arrivals = arrivals
        self._next = 0
        self._until = until
        self._progress = progress
        self._signals = 0
        self._messages = 0

    async def run(self) -> Replayed:
        instants = 0
        while (now := self._following()) is not None and now <= self._until:
            self._append(now)
            await self._settle(now)
            instants += 1
            if instants % _REPORT_EVERY == 0:
                self._progress(now, self._messages)
        self._runner.run_once(self._until, _LIMIT)  # what is known by then, though nothing happens
        self._progress(self._until, self._messages)
        return Replayed(self._store, instants, self._signals, self._messages)

    def _following(self) -> Instant | None:
        """The next instant at which anything happens."""
        wake = self._store.next_wake()
        if self._next == len(self._arrivals):
            return wake
        arrival = self._arrivals[self._next][0]
        return arrival if wake is None else min(arrival, wake)

    def _append(self, now: Instant) -> None:
        """Everything that is received at this instant."""
        start = end = self._next
        while end < len(self._arrivals) and self._arrivals[end][0] <= now:
            end += 1
        if end > start:
            self._store.append([arrival for _, arrival in self._arrivals[start:end]])
            self._next = end

    async def _settle(self, now: Instant) -> None:
        """Runs, hands over and asks until nothing more is due at this instant."""
        self._now = now
        for _ in range(_MOST_ROUNDS):
            ran = self._runner.run_once(now, _LIMIT)
            self._signals += ran.signals
            wake = self._store.next_wake()
            if wake is None or wake > now:
                return
            if ran.more:
                continue
            # Nobody is due any more, so what is due is to be handed over.
            await self._dispatcher.run_once(now)
            self._messages += len(self._adapter.accepted)
            self._adapter.messages.clear()
            self._adapter.accepted.clear()
            if self._asks:
                await self._caller.run_once(now)
                self._services.questions.clear()
        raise RuntimeError(f"the simulation does not get past {now}")
