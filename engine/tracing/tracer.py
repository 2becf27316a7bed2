"""Where spans are asked for. A tracer that nobody listens to costs one question per batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from channels.outcome import Outcome
from dsl.calendar import Instant
from engine.clock import Clock
from engine.core.effects import CallWebhook, Delivery
from engine.core.signals import Arrival, EventArrived
from engine.tracing.making import Seen, of_batch, of_call, of_event, of_hand_over
from engine.tracing.span import Place, Span, place_of_event

__all__ = ["NoTracer", "SpanTracer", "Tracer"]

_LAST_DIGITS = 16  # of a trace's id, by which it is chosen
_ALL_OF_THEM = 1 << 4 * _LAST_DIGITS


class Tracer(Protocol):
    """Is told what was done, after it has been written. ``began`` is asked for before."""

    @property
    def listens(self) -> bool:
        """Whether anything comes of telling it."""
        ...

    def began(self) -> Instant:
        """When something begins that may be told later."""
        ...

    def arrived(self, arrivals: Iterable[Arrival], began: Instant, caller: Place | None) -> None:
        """Calls of the API that are durable."""
        ...

    def ran(self, seen: Seen, now: Instant) -> None:
        """A batch of the runner."""
        ...

    def handed_over(self, delivery: Delivery, outcome: Outcome, began: Instant) -> None:
        """One call of a provider, and what it said."""
        ...

    def called(self, call: CallWebhook, failed: str, began: Instant) -> None:
        """One question to a web service; ``failed`` is empty if there was an answer."""
        ...


class NoTracer:
    """Nobody wants to know."""

    listens = False

    def began(self) -> Instant:
        """Never looked at."""
        return 0

    def arrived(self, arrivals: Iterable[Arrival], began: Instant, caller: Place | None) -> None:
        """Forgets it."""

    def ran(self, seen: Seen, now: Instant) -> None:
        """Forgets it."""

    def handed_over(self, delivery: Delivery, outcome: Outcome, began: Instant) -> None:
        """Forgets it."""

    def called(self, call: CallWebhook, failed: str, began: Instant) -> None:
        """Forgets it."""


class SpanTracer:
    """Makes spans of a ``share`` of all traces, from 0 to 1, and hands them to ``emit``.

    A trace is chosen by its id, so every process chooses the same ones: a trace that is there is
    there from its first span to its last.
    """

    listens = True

    def __init__(self, emit: Callable[[Span], None], clock: Clock, share: float = 1.0) -> None:
        self._emit = emit
        self._clock = clock
        self._below = round(share * _ALL_OF_THEM)

    def began(self) -> Instant:
        """Now."""
        return self._clock.now()

    def arrived(self, arrivals: Iterable[Arrival], began: Instant, caller: Place | None) -> None:
        """A span for each event."""
        ended = self._clock.now()
        for arrival in arrivals:
            if isinstance(arrival, EventArrived) and self._wants(place_of_event(arrival.id).trace):
                self._emit(of_event(arrival, began, ended, caller))

    def ran(self, seen: Seen, now: Instant) -> None:
        """A span for each run that went on, each message decided and each receipt."""
        for span in of_batch(seen, now, self._clock.now(), self._wants):
            self._emit(span)

    def handed_over(self, delivery: Delivery, outcome: Outcome, began: Instant) -> None:
        """One span."""
        if self._wants(delivery.run):
            self._emit(of_hand_over(delivery, outcome, began, self._clock.now()))

    def called(self, call: CallWebhook, failed: str, began: Instant) -> None:
        """One span."""
        if self._wants(call.run):
            self._emit(of_call(call, failed, began, self._clock.now()))

    def _wants(self, trace: str) -> bool:
        return int(trace[-_LAST_DIGITS:], 16) < self._below
