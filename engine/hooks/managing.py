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

__all__ = ["NO_KEY", "Managing", "fresh_id"]

NO_KEY: Final = (
    "Webhooks are signed by secrets that must not be in the database: give the daemon a secret of"
    " its own with WAYLINE_SECRET."
)
_OVERLAP = DAY
_MOST = 50
_LONGEST_ABOUT = 200


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
        self, identity: str, url: str, sorts: Sequence[str], about: str, now: Instant
    ) -> Hook | None:
        """A new subscription to what happens from now on, or the one of this id, if there is one;
        None if there are too many.
        """
        fresh = Hook(identity, url, tuple(dict.fromkeys(sorts)), now, self.store.hooks.end(), about)
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

    def rotate(self, identity: str, now: Instant) -> Hook | None:
        """One with a new secret. Both sign for a day."""
        known = {each.id: each for each in self.store.hooks.known()}.get(identity)
        if known is None:
            return None
        return self.change(identity, generation=known.generation + 1, overlap=now + _OVERLAP)


def fresh_id() -> str:
    """A name for a new subscription."""
    return f"hook_{uuid.uuid4().hex}"
