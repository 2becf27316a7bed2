"""Making subscriptions and changing them, for the API, the settings and the command line."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final

from channels.http.guarded import Inside, refusal_of
from dsl.calendar import DAY, Instant
from engine.core.hooks import SORTS, Hook, unknown_sorts
from engine.hooks.signing import Signing
from engine.store.protocol import Store

__all__ = ["LONGEST_ABOUT", "NO_KEY", "OFF", "ON", "Managing", "fresh_id"]

NO_KEY: Final = (
    "Webhooks are signed by secrets that must not be in the database: give the daemon a secret of"
    " its own with WAYLINE_SECRET."
)
OFF: Final = "Somebody has switched it off."
ON: Final = {"disabled": "", "due": 0, "failing": 0, "attempts": 0, "reason": ""}
"""What is said of one that goes on."""
_OVERLAP = DAY
_MOST = 50
LONGEST_ABOUT: Final = 200


class Managing:
    """Changes subscriptions of a store. ``signing`` is None where there is nothing to sign with."""

    def __init__(self, store: Store, inside: Inside, signing: Signing | None) -> None:
        self.store = store
        self.signing = signing
        self._inside = inside

    def wrong(self, url: str | None, sorts: Sequence[str] | None) -> str:
        """What is wrong with an address or with what is wanted, in a sentence; or nothing."""
        if url is not None and (refused := refusal_of(url, self._inside)):
            return f'"url" cannot be used: {refused}.'
        if sorts is not None and (unknown := unknown_sorts(sorts)):
            return f'"{unknown[0][:60]}" is nothing to be told of. There are {", ".join(SORTS)}.'
        return ""

    def make(
        self,
        identity: str,
        url: str,
        sorts: Sequence[str],
        about: str,
        now: Instant,
        asked: str = "",
    ) -> Hook | None:
        """A new subscription to what happens from now on, or the one of this id, if there is one;
        None if there are too many.
        """
        mark = self.store.hooks.end()
        fresh = Hook(identity, url, tuple(dict.fromkeys(sorts)), now, mark, about, asked=asked)
        made: list[Hook] = []

        def make(known: Sequence[Hook]) -> list[Hook]:
            made[:] = [each for each in known if each.id == identity]
            if not made and len(known) < _MOST:
                made[:] = [fresh]
                return [fresh]
            return []

        self.store.hooks.turn(make)
        return made[0] if made else None

    def change(self, identity: str, **changes: object) -> Hook | None:
        """One with other values; None if there is none. Switched on again, it is tried at once."""
        changed: list[Hook] = []

        def change(known: Sequence[Hook]) -> list[Hook]:
            changed[:] = [
                each._replace(**changes)  # type: ignore[arg-type]
                for each in known
                if each.id == identity
            ]
            return changed

        self.store.hooks.turn(change)
        return changed[0] if changed else None

    def switch(self, identity: str, *, on: bool) -> Hook | None:
        """Switches one on, to be tried at once, or off; None if there is none."""
        if on:
            return self.change(identity, **ON)
        known = {each.id: each for each in self.store.hooks.known()}.get(identity)
        return known and self.change(identity, disabled=known.disabled or OFF)

    def rotate(self, identity: str, now: Instant, turned: str = "") -> Hook | None:
        """One with a new secret; both sign for a day. Who says it again under one name ``turned``
        gets what they would have got.
        """
        rotated: list[Hook] = []

        def rotate(known: Sequence[Hook]) -> list[Hook]:
            rotated[:] = [each for each in known if each.id == identity]
            if not rotated or (turned and rotated[0].turned == turned):
                return []
            generation = rotated[0].generation + 1
            changes = {"generation": generation, "overlap": now + _OVERLAP, "turned": turned}
            rotated[:] = [rotated[0]._replace(**changes)]  # type: ignore[arg-type]
            return rotated

        self.store.hooks.turn(rotate)
        return rotated[0] if rotated else None


def fresh_id() -> str:
    """A name for a new subscription."""
    return f"hook_{uuid.uuid4().hex}"
