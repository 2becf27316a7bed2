"""What must be the same in every runtime.

Numbers of the log are each store's own, so they are left out but for their order. The order in which
a provider is called is no part of it: what it said of two messages at one instant may come in either
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.core.decision import Decision
from engine.core.program import Program
from engine.store.protocol import Store
from engine.store.testing.ranks import ranked

__all__ = ["differences", "outcome"]

_OF_THE_PROVIDER = frozenset({"handed over", "refused", "unknown", "stopped"})


def outcome(store: Store, people: Sequence[str], program: Program, end: int) -> Mapping[str, Any]:
    """Everything that can be seen of these people, by what it is."""
    subjects = [
        *(each.subject for each in program.lessons.splits),
        *program.lessons.times,
    ]
    seen: dict[str, Any] = {
        "edges": dict(store.edges()),
        "learnt": (store.learnt.counts(subjects), store.learnt.snapshots(subjects, end)),
        "assignments": [
            sorted(store.learnt.assignments(scope))
            for scope in sorted({each.subject.split()[1] for each in program.lessons.splits})
        ],
        "set aside": store.set_aside(),
    }
    events = tuple(program.project.plan.events)
    for who in people:
        view = store.people([who], events).get(who)
        if view is None:
            seen[f"{who}: unknown"] = True
            continue
        deliveries = {
            each.id: ranked(each._replace(lease=None, parts=_brief(each.parts)))
            for each in store.deliveries_of(who)
        }
        profile = view.profile
        seen[f"{who}: deliveries"] = dict(sorted(deliveries.items()))
        seen[f"{who}: decisions"] = _in_order(store.decisions(who))
        seen[f"{who}: runs"] = {run.id: ranked(run._replace(due=None)) for run in view.runs}
        seen[f"{who}: caps"] = sorted(profile.contacts, key=repr)
        identity = profile.identity._replace(heard=0)  # each store counts people for itself
        seen[f"{who}: profile"] = profile._replace(
            contacts=(), wake=None, woken=None, identity=identity
        )
        seen[f"{who}: history"] = _past(view.history)
    return seen


def _brief(parts: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text for name, text in parts.items() if name != "html"}  # the text says the same


def _past(history: Mapping[str, Sequence[Any]]) -> Mapping[str, Any]:
    return {
        name: sorted(
            (each.occurred, each.received, sorted(each.properties.items(), key=repr))
            for each in happened
        )
        for name, happened in history.items()
        if happened
    }


def _in_order(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """As they were taken; the provider's words of one instant in an order of ours."""
    told = sorted(each for each in decisions if each.what in _OF_THE_PROVIDER)
    return [*[each for each in decisions if each.what not in _OF_THE_PROVIDER], *told]


def differences(expected: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
    """What is not the same, in words."""
    for name in dict.fromkeys([*expected, *seen]):
        one, other = expected.get(name), seen.get(name)
        if one != other:
            yield f"{name}:"
            yield from _parts(one, other)


def _parts(one: Any, other: Any) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        pairs = [(one.get(key), other.get(key)) for key in dict.fromkeys([*one, *other])]
    elif isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        pairs = [
            tuple(each[at] if at < len(each) else None for each in (one, other))  # type: ignore[misc]
            for at in range(longest)
        ]
    else:
        pairs = [(one, other)]
    for this, that in pairs:
        if this != that:
            yield f"  - {this}"
            yield f"  + {that}"
