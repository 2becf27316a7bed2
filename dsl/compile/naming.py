"""What may be a name, and where two things may not share one (language reference, 2.2 and 2.4)."""

from __future__ import annotations

import re

from dsl.diagnostics import Diagnostic
from dsl.files.reading import error
from dsl.plan import TrackingPlan
from dsl.source import Text

__all__ = ["RESERVED", "check_first", "check_free", "check_name", "check_root"]

_NAME = re.compile(r"[^\W\d]\w*")
_LONGEST = 100

_WORDS = """
and at between contains did else entry false first has highest if in is last lowest messaged no not
now or profile then time today tomorrow trigger true unique was when where yes yesterday
"""
_AFTER_IS = "after before exactly known missing reachable unknown"  # "tier is known"
_MOMENTS = "monday tuesday wednesday thursday friday saturday sunday"  # "wait until: friday"

RESERVED = frozenset(_WORDS.split())
"""Words with which a rule says something itself."""

_VALUES = frozenset((*_AFTER_IS.split(), *_MOMENTS.split()))
_NO_VALUES = frozenset({"a segment", "a step"})  # nobody compares them with anything


def check_name(name: Text, what: str, found: list[Diagnostic]) -> bool:
    """Whether ``name`` can be a name at all: letters, digits and ``_``."""
    if _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return True
    proposal = re.sub(r"\W+", "_", name.strip()).strip("_").lower()[:40]
    if not _NAME.fullmatch(proposal):
        proposal = f"_{proposal}" if proposal else "first_nudge"
    found.append(
        error(
            "S13",
            name.span(),
            f'"{name[:60]}" cannot be the name of {what}: letters, digits and _ can.',
            f"For example: {proposal}",
        )
    )
    return False


def check_root(name: Text, what: str, found: list[Diagnostic]) -> bool:
    """Whether ``name`` can stand by itself in a rule: a name that is no word of the language
    where names of its sort stand.
    """
    if not check_name(name, what, found):
        return False
    word = name.casefold()
    if word not in RESERVED and (word not in _VALUES or what in _NO_VALUES):
        return True
    hint = f"For example: {name}_date" if what == "an attribute" else f"For example: my_{name}"
    message = f'"{name}" is a word of the language and cannot be the name of {what}.'
    found.append(error("S13", name.span(), message, hint))
    return False


def check_free(name: Text, what: str, plan: TrackingPlan, found: list[Diagnostic]) -> bool:
    """Whether ``name`` is neither an attribute nor an event, so that nothing is hidden by it."""
    if name in plan.attributes:
        taken = "an attribute of the person"
    elif plan.event_called(name) is not None:
        taken = "an event"
    else:
        return True
    found.append(
        error(
            "N18",
            name.span(),
            f'"{name}" is already {taken} and cannot be {what} too.',
            "Choose another name, so that a rule means one thing.",
        )
    )
    return False


def check_first(name: Text, several: str, first: dict[str, Text], found: list[Diagnostic]) -> bool:
    """Whether nothing of its kind (``several``: "journeys") has this name yet. ``first`` remembers
    where each name stood first.
    """
    known = first.setdefault(str(name), name)
    if known is name:
        return True
    message = f'There are two {several} called "{name}".'
    found.append(error("S14", name.span(), message, f"The first one is in {known.place}."))
    return False
