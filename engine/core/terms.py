"""On which terms a message of a category may go out on a channel: all that the policy says about
the two, worked out once, because everybody is judged by it at every send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import assert_never

from dsl.calendar import Instant
from dsl.expr.context import Context
from dsl.machine import (
    Calendar,
    Cap,
    Category,
    ChannelPolicy,
    ConsentNotNeeded,
    ConsentRequired,
    ConsentRule,
    Policy,
    QuietSpan,
)
from engine.core.consent import Coverage, coverage_of, stand
from engine.core.lanes import lane_of
from engine.core.lawful import Lawful, lawful_on
from engine.core.preferences import heeded_by
from engine.core.profile import Profile
from engine.core.suppression import is_suppressed

__all__ = ["Reach", "Terms", "reach_of", "terms_of"]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a channel reaches."""

    channel: str
    rule: Callable[[Context], bool] | None
    window: Instant | None  # how long free text is allowed after an answer; None: always

    def reachable(self, profile: Profile, context: Context) -> bool:
        """There is an address that is not suppressed, and the channel's rule holds."""
        address = profile.addresses.get(self.channel)
        if not address or is_suppressed(profile, self.channel, address):
            return False
        return self.rule is None or self.rule(context)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a message of one category must meet on one channel."""

    category: Category
    reach: Reach
    consent: Callable[[Context], bool] | None  # None: a grant in the ledger
    coverage: Coverage  # where the ledger speaks of it
    quiet: tuple[QuietSpan, ...]
    caps: tuple[Cap, ...]  # the company's, those of a category or channel first
    periods: tuple[Cap, ...]  # those of them that count by the calendar
    lane: str  # where its messages queue, if they ask nobody
    refusal: str  # what is said where consent does not stand
    heeds: bool  # the person's own limit and pause
    laws: Lawful | None = None  # None: no law concerns it

    def consented(self, profile: Profile, context: Context) -> bool:
        """Consent stands. Of what the ledger says, the last counts; and an opt-out overrides any
        rule.
        """
        ledger = profile.consents
        if ledger:
            said = stand(ledger, self.coverage)
            if said < 0:
                return False
            if said and self.consent is None:
                return True
        return self.consent is not None and self.consent(context)


def reach_of(policy: Policy) -> Mapping[str, Reach]:
    """By channel."""
    return {name: _reach(channel) for name, channel in policy.channels.items()}


def terms_of(policy: Policy, reach: Mapping[str, Reach]) -> Mapping[tuple[str, str], Terms]:
    """By the names of category and channel."""
    caps = sorted(policy.caps, key=lambda cap: cap.channel is None and cap.category is None)
    laws = {channel: lawful_on(policy, channel) for channel in reach}
    return {
        (category.name, each.channel): _terms(policy, category, each, caps, laws[each.channel])
        for category in policy.categories.values()
        for each in reach.values()
    }


def _reach(channel: ChannelPolicy) -> Reach:
    rule, window = channel.reachable, channel.free_text_window
    return Reach(
        channel.name,
        None if rule is None else rule.holds,
        None if window is None else window.longest,
    )


def _terms(
    policy: Policy, category: Category, reach: Reach, caps: list[Cap], laws: Lawful | None
) -> Terms:
    name, channel = category.name, reach.channel
    quiet = [span for span in policy.quiet if span.channels is None or channel in span.channels]
    counted = tuple(
        cap
        for cap in caps
        if cap.channel in (None, channel)
        and cap.category in (None, name)
        and "frequency caps" not in category.ignores
    )
    return Terms(
        category,
        reach,
        _consent(category),
        coverage_of(category, channel),
        () if "quiet hours" in category.ignores else tuple(quiet),
        counted,
        tuple(cap for cap in counted if isinstance(cap.period, Calendar)),
        lane_of(channel, name),
        f"no consent for {name} on {channel}",
        heeded_by(category),
        None if isinstance(category.consent, ConsentNotNeeded) else laws,
    )


def _consent(category: Category) -> Callable[[Context], bool] | None:
    match category.consent:
        case ConsentNotNeeded():
            return lambda _: True
        case ConsentRule(rule):
            return rule.holds
        case ConsentRequired():
            return None
        case _ as unreachable:
            assert_never(unreachable)
