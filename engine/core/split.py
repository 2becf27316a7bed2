"""Randomness that can be repeated: everything drawn is a hash (language reference, 4.9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from hashlib import sha256

from dsl.calendar import Instant, local
from dsl.machine import Path, Policy, Split
from engine.core.zones import zone_called

__all__ = ["bucket", "choose", "globally_held_out", "in_share"]

_RANGE = 2**64


def bucket(scope: str, unit: str) -> float:
    """A number in [0, 1) that depends on nothing but ``scope`` and ``unit``."""
    digest = sha256(f"v1|{scope}|{unit}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / _RANGE


def in_share(scope: str, unit: str, share: Decimal) -> bool:
    """Whether ``unit`` falls into the first ``share`` (0 to 1) of everybody."""
    return bool(share) and bucket(scope, unit) < share


def choose(split: Split, unit: str, shares: Sequence[Decimal] = ()) -> Path:
    """The path of a split: by cumulated shares, in the order of the file. ``shares`` are learnt
    ones, instead of those of the file.
    """
    drawn = Decimal(bucket(split.scope, unit))
    upper = Decimal(0)
    for path, share in zip(
        split.paths, shares or [path.share for path in split.paths], strict=True
    ):
        upper += share
        if drawn < upper:
            return path
    return split.paths[-1]


def globally_held_out(policy: Policy, unit: str, now: Instant) -> bool:
    """Whether a person is in the company-wide holdout in the period that ``now`` falls into."""
    if not policy.holdout:
        return False
    return in_share(f"policy/holdout/{_period(policy, now)}", unit, policy.holdout)


def _period(policy: Policy, now: Instant) -> str:
    """The first day of the holdout's period, counted from 1970-01-01 in the company's zone."""
    every = policy.reshuffle
    first = date(1970, 1, 1)
    if every is None:
        return first.isoformat()
    zone = zone_called(policy.zone)
    if zone is None:  # the compiler has checked it
        raise ValueError(policy.zone)
    today = local(now, zone).date()
    if every.months:
        months = (today.year - 1970) * 12 + today.month - 1
        year, month = divmod(months - months % every.months, 12)
        return date(1970 + year, month + 1, 1).isoformat()
    days = max(1, every.days)
    return date.fromordinal(today.toordinal() - (today - first).days % days).isoformat()
