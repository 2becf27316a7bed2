"""Sensitive attributes: kept out of what is promotional, unless the policy allows one by its name.

What is made of one is as sensitive as it is: the score by it, segments whose rules read one of
these, and segments of those.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from dsl.compile.message_checks import needing_consent
from dsl.diagnostics import Diagnostic
from dsl.expr.scope import Scope, Withheld
from dsl.files.reading import error
from dsl.machine import Policy, Segment
from dsl.plan import TrackingPlan
from dsl.source import Text
from dsl.spelling import did_you_mean

__all__ = ["promotional", "withheld_by"]


def withheld_by(
    plan: TrackingPlan,
    allowed: Iterable[Text],
    segments: Mapping[str, Segment],
    found: list[Diagnostic],
) -> Withheld:
    """What is withheld from everything promotional; ``allowed`` is what the policy lets pass."""
    sensitive = {each.name for each in plan.attributes.values() if each.sensitive}
    known = set(_allowed(allowed, plan, sensitive, found))
    attributes = {name: name for name in sorted(sensitive - known)}
    for score in () if plan.scoring is None else plan.scoring.scores:
        if score.attribute in attributes:
            attributes[score.name] = score.attribute
    made_of: dict[str, str] = {}
    growing = bool(attributes)
    while growing:
        more = {
            segment.name: reason
            for segment in segments.values()
            if segment.name not in made_of and (reason := _reason(segment, attributes, made_of))
        }
        made_of |= more
        growing = bool(more)
    return Withheld(MappingProxyType(attributes), MappingProxyType(made_of))


def promotional(scope: Scope, category: str | None, policy: Policy, withheld: Withheld) -> Scope:
    """The same place in something of a category: what needs consent may not use what is withheld."""
    if not withheld or category is None or not needing_consent([category], policy):
        return scope
    return replace(scope, withheld=withheld)


def _reason(segment: Segment, attributes: Mapping[str, str], made_of: Mapping[str, str]) -> str:
    """The sensitive attribute that a segment is made of; empty if there is none."""
    reads = segment.who.reads
    found = [attributes[name] for name in reads.attributes if name in attributes]
    found += [made_of[name] for name in reads.segments if name in made_of]
    return min(found, default="")


def _allowed(
    names: Iterable[Text], plan: TrackingPlan, sensitive: set[str], found: list[Diagnostic]
) -> Iterable[str]:
    for name in names:
        if name in sensitive:
            yield str(name)
        elif name in plan.attributes:
            message = f'"{name[:60]}" is not sensitive, so it needs not be allowed.'
            hint = (
                f"Say so in the tracking plan: {name[:60]}: ..., sensitive   Or take it out here."
            )
            found.append(error("S10", name.span(), message, hint))
        else:
            message = f'I do not know the attribute "{name[:60]}".'
            found.append(error("N01", name.span(), message, did_you_mean(name, sensitive)))
