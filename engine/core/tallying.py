"""What is computed from a person's events: kept with the person, brought along by each event.

A person's tallies bear the mark of the project they belong to. Whoever is processed by another one
first has what is new computed from their history, and loses what is gone; between two such moments
nothing of theirs was processed, so nothing can have been missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dsl.computed import Computed, State, Tally, joined, mark_of
from dsl.expr.context import Happened
from dsl.plan import TrackingPlan
from engine.core.profile import Profile

__all__ = ["MARK", "Computing", "is_behind", "without_tallies"]

MARK = "of"  # among the tallies: of which project they are


@dataclass(frozen=True, slots=True)
class Computing:
    """The tallies of a project, by the events that change them, and what is said by them."""

    tallies: Mapping[str, Tally]
    by_event: Mapping[str, tuple[Tally, ...]]
    users: Mapping[str, tuple[Computed, ...]]  # by tally
    attributes: Mapping[str, Computed]
    mark: str

    @classmethod
    def of(cls, plan: TrackingPlan) -> Computing:
        """Derives everything once."""
        computed = plan.computed
        tallies = {tally.key: tally for each in computed.values() for tally in each.tallies}
        by_event: dict[str, list[Tally]] = {}
        for tally in tallies.values():
            by_event.setdefault(tally.event, []).append(tally)
        return cls(
            tallies,
            {event: tuple(several) for event, several in by_event.items()},
            {
                key: tuple(each for each in computed.values() if tally in each.tallies)
                for key, tally in tallies.items()
            },
            computed,
            mark_of(computed),
        )

    @property
    def events(self) -> frozenset[str]:
        """Those that change anything."""
        return frozenset(self.by_event)

    def is_of(self, profile: Profile) -> bool:
        """Whether the person's tallies are the ones of this project."""
        return profile.tallies.get(MARK) == self.mark

    def anew(self, profile: Profile, history: Mapping[str, Sequence[Happened]]) -> Profile:
        """The person with the tallies of this project. Those that they have already stay: they may
        know of events that are not kept any more.
        """
        known = profile.tallies
        states = {
            key: known[key] if key in known else _counted(tally, history.get(tally.event, ()))
            for key, tally in self.tallies.items()
        }
        return self._said(profile, {MARK: self.mark, **states}, self.attributes.values())

    def after(self, profile: Profile, event: Happened) -> Profile:
        """The person after an event that changes something, of whom ``is_of`` is true."""
        states = dict(profile.tallies)
        changed: dict[str, Computed] = {}
        for tally in self.by_event[event.name]:
            state = tally.after(states[tally.key], event)
            if state != states[tally.key]:
                states[tally.key] = state
                changed.update({each.name: each for each in self.users[tally.key]})
        return self._said(profile, states, changed.values()) if changed else profile

    def joined(self, one: Mapping[str, State], other: Mapping[str, State]) -> dict[str, State]:
        """The tallies of two people who are one, if both are of this project."""
        states = {key: joined(tally, one[key], other[key]) for key, tally in self.tallies.items()}
        return {MARK: self.mark, **states}

    def together(
        self, profile: Profile, one: Mapping[str, State], other: Mapping[str, State]
    ) -> Profile:
        """The person with what is computed of two who are one, if both are of this project."""
        return self._said(profile, self.joined(one, other), self.attributes.values())

    @staticmethod
    def _said(
        profile: Profile, states: Mapping[str, State], changed: Iterable[Computed]
    ) -> Profile:
        attributes = dict(profile.attributes)
        for each in changed:
            value = each.of(states)
            if value is None or value in ("", []):
                attributes.pop(each.name, None)
            else:
                attributes[each.name] = value
        return profile._replace(attributes=attributes, tallies=states)


def is_behind(computing: Computing | None, profile: Profile) -> bool:
    """Whether what is computed of somebody is by other formulas, or not at all."""
    return computing is not None and not computing.is_of(profile)


def without_tallies(profile: Profile) -> Profile:
    """The person where nothing is computed: tallies that nobody brings along would be wrong."""
    return profile._replace(tallies={}) if profile.tallies else profile


def _counted(tally: Tally, events: Iterable[Happened]) -> State:
    state = tally.start
    for event in events:
        state = tally.after(state, event)
    return state
