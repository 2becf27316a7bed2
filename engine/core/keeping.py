"""What of the past may go: nothing that any decision could still depend on.

Rules look back from now, caps from their contacts, and a run from its entry: so of somebody who is
inside, everything since then stays, and what rules look back for before it. Time alone takes the
rest, when the policy says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dsl.calendar import Instant
from engine.core.profile import Contact
from engine.core.run import Run

__all__ = ["Keeping", "in_hand", "is_slim", "slimmed"]


class Keeping(NamedTuple):
    """How long things are kept, in microseconds. None: for ever. That there was a delivery is kept
    for longer than what it said: the link in it, by which people unsubscribe, has to hold.

    ``looked_back`` is how far rules look for an event; ``remembered`` how long the last passage
    through a journey matters to who wants to enter it again, for the journeys that ask.
    """

    events: Instant | None
    story: Instant | None
    texts: Instant | None
    deliveries: Instant | None
    looked_back: Mapping[str, Instant | None]
    remembered: Mapping[str, Instant | None]

    def lets_event_go(self, name: str, at: Instant, now: Instant, in_hand: Instant | None) -> bool:
        """Whether an event that came at ``at`` may go. What is no event has no name."""
        if self.events is None or at >= now - self.events:
            return False
        back = self.looked_back.get(name, 0) if name else 0
        if back is None:
            return False
        return at < (now if in_hand is None else min(now, in_hand)) - back

    def lets_run_go(
        self, run: Run, now: Instant, in_hand: Instant | None, *, is_last: bool
    ) -> bool:
        """Whether a run that is over may go; ``is_last`` says that the person has none that ended
        later with the same key.
        """
        left = run.left or run.entered
        if self.story is None or left >= now - self.story or not _before(left, in_hand):
            return False
        if not is_last or run.outcome == "restart" or run.journey not in self.remembered:
            return True
        matters = self.remembered[run.journey]
        return matters is not None and left < now - matters

    def lets_delivery_go(self, decided: Instant, now: Instant, in_hand: Instant | None) -> bool:
        """Whether a delivery that is over may go, and with it what is told of it later."""
        if self.deliveries is None or decided >= now - self.deliveries:
            return False
        return _before(decided, in_hand)


def in_hand(
    runs: Iterable[Run],
    contacts: Iterable[Contact],
    waiting: Iterable[Instant],
    *,
    aside: bool,
) -> Instant | None:
    """Since when something of a person is not over: a run inside, a message on its way, something
    that ``waiting`` says has arrived or is to be learnt. Of who is set aside, everything is.
    """
    if aside:
        return 0
    since = [*waiting]
    for run in runs:
        since += [run.entered] if run.trigger is None else [run.entered, run.trigger.occurred]
    since += [contact.decided for contact in contacts if contact.sent is None]
    return min(since, default=None)


def _before(at: Instant, in_hand: Instant | None) -> bool:
    return in_hand is None or at < in_hand


def slimmed(run: Run) -> Run:
    """What is left of a run that only matters because nobody may come again, or not so soon."""
    return run._replace(trigger=None, variables={}, steps={})


def is_slim(run: Run) -> bool:
    """Whether there is no more of a run than that it was."""
    return run.trigger is None and not run.variables and not run.steps
