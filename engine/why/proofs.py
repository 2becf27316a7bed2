"""A word of the consent ledger in words, and on which of them a message rested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from dsl.calendar import Instant, to_datetime
from dsl.machine import ConsentNotNeeded, ConsentRule
from dsl.policy import EVERY, EXISTING_CUSTOMER, Category
from engine.core.consent import Entry, Stance, behind

__all__ = ["Rests", "iso", "proof_of", "rests_as_data", "rests_on", "word_as_data"]


class Rests(NamedTuple):
    """On what it rested that a message could be sent: a word, or a rule of the policy."""

    stance: Stance
    rule: str = ""


def rests_on(
    entries: Sequence[Entry], category: Category | None, channel: str, at: Instant
) -> Rests | None:
    """On what a message rested that was handed over ``at``; None if it needed no consent."""
    if category is None or isinstance(category.consent, ConsentNotNeeded):
        return None
    rule = category.consent.rule.text if isinstance(category.consent, ConsentRule) else ""
    return Rests(behind(entries, category, channel, at), rule)


def proof_of(entry: Entry) -> str:
    """How, where, with which words, on which basis and by whom it was said; empty if nobody knows
    any of it.
    """
    parts = (
        f"by {entry.method}" if entry.method else "",
        f"at {entry.source}" if entry.source else "",
        f"with the words {entry.wording}" if entry.wording else "",
        _basis(entry),
        f"taken down by {entry.actor}" if entry.actor else "",
    )
    return ", ".join(part for part in parts if part)


def _basis(entry: Entry) -> str:
    match entry.basis:
        case "consent":
            return ""
        case basis if basis == EXISTING_CUSTOMER:
            return f"as an existing customer{f' who bought {entry.sale}' if entry.sale else ''}"
        case basis:
            return f"on the basis of {basis}"


def word_as_data(entry: Entry) -> Mapping[str, Any]:
    """A word for programs."""
    return {
        **entry._asdict(),
        "category": None if entry.category == EVERY else entry.category,
        "channel": None if entry.channel == EVERY else entry.channel,
        "occurred": iso(entry.occurred),
        "received": iso(entry.received),
        "counts": entry.counts,
    }


def rests_as_data(rests: Rests) -> Mapping[str, Any]:
    """For programs."""
    what, entry = rests.stance
    word = None if entry is None else word_as_data(entry)
    return {"stands": what, "rule": rests.rule or None, "word": word}


def iso(at: Instant) -> str:
    """A moment, for programs."""
    return to_datetime(at).isoformat().replace("+00:00", "Z")
