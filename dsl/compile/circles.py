"""Rules of the policy must not need themselves: reachability, consent and the segments between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dsl.diagnostics import Diagnostic, Span
from dsl.files.reading import error
from dsl.machine import ConsentRule, Policy, Reads, Rule, Segment

__all__ = ["find_policy_circles"]


def find_policy_circles(
    policy: Policy, segments: Mapping[str, Segment], found: list[Diagnostic]
) -> None:
    """E144 for a channel whose reachability asks for itself, and for consent that asks for consent.

    Circles among segments alone are found where segments are compiled.
    """
    rules = {
        name: channel.reachable
        for name, channel in policy.channels.items()
        if channel.reachable is not None
    }
    consents = [
        category.consent.rule
        for category in policy.categories.values()
        if isinstance(category.consent, ConsentRule)
    ]
    for name, rule in rules.items():
        if any(name in reads.channels for reads in _reads(rule, rules, segments)):
            message = f"Circle: whether {name} is reachable depends on itself."
            found.append(error("E144", _place(rule), message))
    for rule in consents:
        if any(reads.consent for reads in _reads(rule, rules, segments)):
            message = "Circle: this consent depends on consent."
            hint = "A consent rule looks at attributes and events."
            found.append(error("E144", _place(rule), message, hint))


def _reads(
    rule: Rule, channels: Mapping[str, Rule], segments: Mapping[str, Segment]
) -> Iterator[Reads]:
    """What a rule reads, and what the channels and segments in it read."""
    seen: set[str] = set()
    rules = [rule]
    while rules:
        reads = rules.pop().reads
        yield reads
        used = {f"c {name}": channels.get(name) for name in reads.channels}
        used |= {f"s {name}": segments[name].who for name in reads.segments if name in segments}
        for name, inner in used.items():
            if inner is not None and name not in seen:
                seen.add(name)
                rules.append(inner)


def _place(rule: Rule) -> Span:
    path, _, line = rule.place.rpartition(":")
    return Span(path, int(line), 1)
