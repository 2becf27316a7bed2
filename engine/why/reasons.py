"""The closed lists of reasons, in words for people (language reference, sections 4.3 to 4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.core.identity import REFUSALS

__all__ = [
    "LEFT",
    "NOT_ENTERED",
    "NOT_SENT",
    "family",
    "left_words",
    "not_entered_words",
    "not_sent_words",
]

NOT_ENTERED: Mapping[str, str] = MappingProxyType(
    {
        "not live": "the journey is not live",
        "trigger": "the trigger does not fit",
        "too old": "it happened too long ago",
        "no key": "what the journey counts by is missing",
        "already inside": "already inside",
        "re-enter": "not again so soon",
        "exclude if": "excluded",
        "eligible if": "not eligible",
        "goal": "the goal is already reached",
        "exit if": "would leave at once",
        "rollout": "not in the rollout yet",
        "holdout": "held out",
    }
)
NOT_SENT: Mapping[str, str] = MappingProxyType(
    {
        "expired": "too late to be useful",
        "rule": "the channel's rule was not met",
        "unreachable": "not reachable",
        "consent": "no consent",
        "content": "something in the text is missing or too long",
        "window": "the free-text window is closed",
        "quiet": "quiet hours",
        "capped": "enough messages already",
        "holdout": "held out",
        "failed": "the provider refused it",
        "unknown": "the provider's answer was lost",
        "goal": "the goal was reached just before",
        "exclude if": "excluded just before",
        "exit if": "left just before",
        "ended": "the journey was ended",
        "taken out": "taken out of the journey by hand",
        "arbitration": "collecting, so that the most important message goes first",
    }
)
LEFT: Mapping[str, str] = MappingProxyType(
    {
        "goal": "reached the goal",
        "exclude if": "excluded",
        "exit if": "an exit rule became true",
        "ended": "the journey was ended",
        "end": "went through to the end",
        "past": "the moment was over",
        "failed": "a web service failed",
        "moved": "went on to another journey",
        "removed": "the step was removed",
        "taken out": "taken out by hand",
        "merged": "two people became one",
        "restart": "began again from the start",
    }
)


_NOT_JOINED: Final = frozenset(REFUSALS.values())


def not_entered_words(reason: str) -> str:
    """Why somebody did not get in."""
    return NOT_ENTERED.get(reason, reason)


def not_sent_words(reason: str) -> str:
    """Why a message or a channel was not used."""
    return NOT_SENT.get(reason, reason)


def left_words(outcome: str) -> str:
    """How somebody left; the words of an author's ``stop`` stay as they are."""
    return LEFT.get(outcome, outcome)


def family(reason: str) -> str:
    """The reason where it is one of the closed lists; empty where it is a name, or somebody's words."""
    known = (NOT_SENT, NOT_ENTERED, LEFT, _NOT_JOINED)
    return reason if any(reason in each for each in known) else ""
