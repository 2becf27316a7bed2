"""Runs single changes, by alembic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from engine.store.migrations import (
    v0001_first_tables,
    v0002_calls_and_what_is_learnt,
    v0003_people_set_aside,
    v0004_what_else_arrived,
    v0005_lanes_and_limits,
    v0006_due_as_rows_lie,
    v0007_consent_ledger,
    v0008_numbers,
    v0009_origins,
    v0010_keys,
    v0011_merges,
    v0012_deeds,
    v0013_hooks,
    v0014_strays,
    v0015_mailboxes,
)

__all__ = ["make"]

_CHANGES: Mapping[str, Callable[[Operations], None]] = MappingProxyType(
    {
        "0001": v0001_first_tables.upgrade,
        "0002": v0002_calls_and_what_is_learnt.upgrade,
        "0003": v0003_people_set_aside.upgrade,
        "0004": v0004_what_else_arrived.upgrade,
        "0005": v0005_lanes_and_limits.upgrade,
        "0006": v0006_due_as_rows_lie.upgrade,
        "0007": v0007_consent_ledger.upgrade,
        "0008": v0008_numbers.upgrade,
        "0009": v0009_origins.upgrade,
        "0010": v0010_keys.upgrade,
        "0011": v0011_merges.upgrade,
        "0012": v0012_deeds.upgrade,
        "0013": v0013_hooks.upgrade,
        "0014": v0014_strays.upgrade,
        "0015": v0015_mailboxes.upgrade,
    }
)


def make(connection: Connection, revision: str) -> None:
    """Makes one change."""
    context = MigrationContext.configure(connection)
    _CHANGES[revision](Operations(context))
