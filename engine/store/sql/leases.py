"""Leases that are put off: ``lease`` goes on naming the claim, ``wake`` is when it ends."""

from __future__ import annotations

from collections.abc import Collection

from dsl.calendar import Instant
from engine.store.sql import outward
from engine.store.sql.session import Session

__all__ = ["renew", "renew_all"]


def renew(
    session: Session, leases: Collection[Instant], until: Instant, calls_until: Instant
) -> set[Instant]:
    """Puts off what was claimed with these leases. Those under which nothing is out any more."""
    wanted = sorted(leases)
    out = session.among(outward.RENEW, wanted, until)
    out += session.among(outward.RENEW_CALLS, wanted, calls_until)
    return set(wanted) - {lease for (lease,) in out}


def renew_all(session: Session, until: Instant, calls_until: Instant) -> None:
    """Puts off whatever would end before."""
    session.execute(outward.RENEW_ALL, (until, until))
    session.execute(outward.RENEW_ALL_CALLS, (calls_until, calls_until))
