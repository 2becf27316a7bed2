"""What a provider said at once. The world's refusals are values, never exceptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

__all__ = [
    "Accepted",
    "FailureClass",
    "Outcome",
    "RateLimited",
    "Rejected",
    "Scope",
    "Unknown",
    "Withdrawal",
]


class FailureClass(StrEnum):
    """Why a provider refused, and so what may be done about it."""

    PERMANENT_RECIPIENT = "permanent_recipient"  # suppress the address
    PERMANENT_CONTENT = "permanent_content"  # this message can never go out
    PERMANENT_CONFIG = "permanent_config"  # an operator must act
    POLICY_BLOCKED = "policy_blocked"  # opt-out, window, do-not-disturb: never retry
    TRANSIENT = "transient"  # try again later


Scope: TypeAlias = Literal["account", "sender", "recipient", "campaign", "day", "people"]


class Withdrawal(NamedTuple):
    """A person has said no, to a provider instead of to us: to messages of this ``category`` on the
    channel, or to all on the ``channel`` that need consent. ``source`` is where we know it from.
    """

    of: Literal["category", "channel"]
    method: Literal["one-click", "reply", "preference centre", "complaint"]
    source: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took responsibility. ``provider_id`` is its name for the message."""

    provider_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The provider certainly did not take it. ``code`` is the provider's own. ``alone`` says that it
    is about this message or its recipient, and that others would be taken: so it is no sign that
    the provider does not work. ``rule`` is the line of which table said so, as of when.
    """

    failure: FailureClass
    code: str
    reason: str
    alone: bool = False
    withdrawal: Withdrawal | None = None
    rule: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Not processed; safe to repeat after ``after`` seconds. ``scope`` says who must slow down."""

    scope: Scope
    after: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may or may not have been taken: the answer was lost."""

    reason: str


Outcome: TypeAlias = Accepted | Rejected | RateLimited | Unknown
