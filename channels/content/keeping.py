"""Keeping a person as they are at the decision, and asking the keepsake later.

A message that fetches something is rendered from the keepsake both times, so all of it but what
was fetched is the same, whatever has happened meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from channels.content.unfinished import Keepsake
from dsl.calendar import Instant
from dsl.expr.context import Context, Facts, NoFacts, Wording
from dsl.message import Kept

__all__ = ["Say", "keep", "recall"]

Say = Callable[[Wording, Context], str | None]


def keep(context: Context, kept: Kept) -> Keepsake:
    """All that a message may ask of the person. ``context.variables`` are its inputs."""
    trigger = context.trigger
    return Keepsake(
        context.now,
        str(context.zone.key),  # may be a text that remembers its place in a file
        str(context.language),
        dict(context.attributes),
        {name: tuple(context.history.get(name, ())) for name in sorted(kept.reads.events)},
        None if trigger is None else trigger._replace(properties=dict(trigger.properties)),
        _answers(context, kept),
        tuple(sorted(context.holidays)),
    )


def recall(keepsake: Keepsake, values: Mapping[str, Any], say: Say) -> Context:
    """The person as they were. ``say`` fills in texts that are values."""
    return Context(
        now=keepsake.now,
        zone=ZoneInfo(keepsake.zone),
        attributes=keepsake.attributes,
        history=keepsake.history,
        trigger=keepsake.trigger,
        variables=values,
        facts=_Remembered(keepsake.facts, say),
        holidays=frozenset(keepsake.holidays),
        language=keepsake.language,
    )


def _answers(context: Context, kept: Kept) -> Mapping[str, bool]:
    if not kept.asks:
        return MappingProxyType({})
    witness = _Witness(context.facts)
    context.facts = witness
    try:
        for ask in kept.asks:
            ask(context)
    finally:
        context.facts = witness.facts
    return witness.heard


def _key(what: str, *about: str | int | None) -> str:
    return json.dumps([what, *about], ensure_ascii=False)


class _Witness:
    """Passes every question on and remembers what was said."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.heard: dict[str, bool] = {}

    def _hear(self, answer: bool, what: str, *about: str | int | None) -> bool:
        self.heard[_key(what, *about)] = answer
        return answer

    def reachable(self, channel: str, context: Context) -> bool:
        return self._hear(self.facts.reachable(channel, context), "reachable", channel)

    def window_open(self, channel: str, context: Context) -> bool:
        return self._hear(self.facts.window_open(channel, context), "window", channel)

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        answer = self.facts.subscribed(category, channel, context)
        return self._hear(answer, "subscribed", category, channel)

    def in_segment(self, segment: str, context: Context) -> bool:
        return self._hear(self.facts.in_segment(segment, context), "segment", segment)

    def in_journey(self, journey: str, context: Context) -> bool:
        return self._hear(self.facts.in_journey(journey, context), "journey", journey)

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        answer = self.facts.messaged(channel, category, journey, start, end, context)
        return self._hear(answer, "messaged", channel, category, journey, start, end)

    def outcome(self, step: str, what: str, within: Instant | None, context: Context) -> bool:
        return self.facts.outcome(step, what, within, context)

    def said(self, wording: Wording, context: Context) -> str | None:
        return self.facts.said(wording, context)

    def best_time(
        self, channel: str | None, start: Instant, end: Instant, context: Context
    ) -> Instant:
        return self.facts.best_time(channel, start, end, context)


class _Remembered(NoFacts):
    """What was said then. What was not asked then is no."""

    def __init__(self, heard: Mapping[str, bool], say: Say) -> None:
        self._heard = heard
        self._say = say

    def reachable(self, channel: str, context: Context) -> bool:
        return self._heard.get(_key("reachable", channel), False)

    def window_open(self, channel: str, context: Context) -> bool:
        return self._heard.get(_key("window", channel), False)

    def subscribed(self, category: str, channel: str | None, context: Context) -> bool:
        return self._heard.get(_key("subscribed", category, channel), False)

    def in_segment(self, segment: str, context: Context) -> bool:
        return self._heard.get(_key("segment", segment), False)

    def in_journey(self, journey: str, context: Context) -> bool:
        return self._heard.get(_key("journey", journey), False)

    def messaged(
        self,
        channel: str | None,
        category: str | None,
        journey: str | None,
        start: Instant | None,
        end: Instant | None,
        context: Context,
    ) -> bool:
        return self._heard.get(_key("messaged", channel, category, journey, start, end), False)

    def said(self, wording: Wording, context: Context) -> str | None:
        return self._say(wording, context)
