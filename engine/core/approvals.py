"""What providers have said of approved wordings since they approved them: that one must not be used
any more, or again, and which category it is in now.

It is kept in gates, so that all who hand over know the same: one for whether a wording may be used, one
for its category. What was said last counts, whatever arrived when.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.effects import Delivery
from engine.core.gates import Gate

__all__ = ["Told", "later", "names_for", "names_of", "objection", "told_by"]

_PREFIX = "approval/"
_LANGUAGE = "en"  # where a message does not say
_MARKETING = "marketing"


class Told(NamedTuple):
    """What was said of one wording. ``why`` is empty if it may be used, ``category`` if it was never
    moved.
    """

    channel: str
    name: str
    language: str
    why: str
    category: str
    since: Instant


def names_for(delivery: Delivery) -> tuple[str, str] | None:
    """The gates of the wording that a message goes out by; None if it is free text."""
    name = delivery.parts.get("template")
    if not name:
        return None
    return names_of(delivery.channel, name, delivery.parts.get("language") or _LANGUAGE)


def names_of(channel: str, name: str, language: str) -> tuple[str, str]:
    """The gates of a wording: whether it may be used, and its category."""
    place = f"{_PREFIX}{channel}/{name}/{language}"
    return f"{place}/use", f"{place}/category"


def later(known: Gate, new: Gate) -> Gate:
    """That which was said last."""
    return new if new.since >= known.since else known


def objection(delivery: Delivery, gates: Mapping[str, Gate], *, needs_consent: bool) -> str:
    """Why a message must not go out by its wording, in words; empty if it may."""
    names = names_for(delivery)
    if names is None:
        return ""
    use, category = (gates.get(name, Gate()) for name in names)
    template = f'the approved template "{delivery.parts["template"]}"'
    if use.failures:
        return f"{template} is {use.why}"
    if category.why and (category.why == _MARKETING) != needs_consent:
        asks = "needs consent" if needs_consent else "needs none"
        return f"{template} is {category.why} now, and {delivery.category} {asks}"
    return ""


def told_by(gates: Mapping[str, Gate]) -> Iterator[Told]:
    """Everything that is known of any wording, by what is in these gates."""
    places = sorted({name.rpartition("/")[0] for name in gates if name.startswith(_PREFIX)})
    for place in places:
        channel, name, language = place.removeprefix(_PREFIX).split("/")
        use, category = (gates.get(each, Gate()) for each in names_of(channel, name, language))
        why = use.why if use.failures else ""
        since = max(use.since, category.since)
        yield Told(channel, name, language, why, category.why, since)
