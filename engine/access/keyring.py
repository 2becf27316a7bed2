"""The keys that let somebody in: those of the settings, and those that are kept in the store.

The store is asked for all of them at once and at most twice a second, however many requests come
and whatever they bring; so who makes keys up costs it nothing. A key that was revoked is taken for
``STALE`` at the longest, and for two seconds as a rule.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from dsl.calendar import SECOND, Instant
from engine.clock import elapsed
from engine.core.keys import Key, Scope, hashed
from engine.store.keys import StoredKeys

__all__ = ["STALE", "Keyring", "configured"]

STALE = 10 * SECOND
"""After that, nobody is let in by what is remembered."""

_FRESH = 2 * SECOND
_HURRY = SECOND // 2  # a key that was just made is looked for, and so is one that is made up


def configured(write: Sequence[str], read: Sequence[str]) -> list[Key]:
    """The keys of the settings. They have no id: what is sent with them is called as it calls
    itself.
    """
    may_write = (Scope.INGEST.value, Scope.WRITE.value)
    scopes = dict.fromkeys(write, may_write)
    for text in read:
        scopes[text] = (*scopes.get(text, ()), Scope.READ.value)
    return [Key(hashed(text), "", "settings", "server", may, "", 0) for text, may in scopes.items()]


class Keyring:
    """Knows keys by what they are given as. From the event loop only."""

    def __init__(
        self,
        stored: StoredKeys,
        settings: Sequence[Key] = (),
        pace: Callable[[], Instant] = elapsed,
    ) -> None:
        self._stored = stored
        self._settings = {key.hash: key for key in settings}
        self._kept: Mapping[str, Key] = {}
        self._pace = pace
        self._read: Instant | None = None  # when what is kept was read
        self._tried: Instant | None = None
        self._trouble: Exception | None = None
        self._reading: asyncio.Task[None] | None = None

    async def key(self, text: str) -> Key | None:
        """The key with this text; whether it is still valid is for the caller to ask. Raises what
        the store raises, if nothing recent is remembered.
        """
        name = hashed(text)
        known = self._settings.get(name)
        if known is not None:
            return known
        await self._look(hurry=name not in self._kept)
        return self._kept.get(name)

    async def stored(self, *, hurry: bool = False) -> Mapping[str, Key]:
        """Every key that is kept, by its hash; in a ``hurry``, also those that were just made. Raises
        as ``key`` does.
        """
        await self._look(hurry=hurry)
        return self._kept

    async def _look(self, *, hurry: bool = False) -> None:
        """At the store, unless that was done a short while ago. Waits for it if there is nothing
        recent to go by, or in a hurry for what may be new.
        """
        now = self._pace()
        is_old = self._is_older(self._read, now, _HURRY if hurry else _FRESH)
        if is_old and self._reading is None and self._is_older(self._tried, now, _HURRY):
            self._tried = now
            self._reading = asyncio.create_task(self._ask(now))
        stale = self._is_older(self._read, now, STALE)
        if self._reading is not None and (stale or hurry):
            await asyncio.shield(self._reading)
            stale = self._is_older(self._read, now, STALE)
        if stale and self._trouble is not None:
            raise self._trouble

    async def _ask(self, now: Instant) -> None:
        try:
            found = await asyncio.to_thread(self._stored.known)
        except Exception as error:  # noqa: BLE001 - told to whoever needs an answer
            self._trouble = error
        else:
            self._kept = {key.hash: key for key in found}
            self._read, self._trouble = now, None
        finally:
            self._reading = None

    @staticmethod
    def _is_older(moment: Instant | None, now: Instant, age: Instant) -> bool:
        return moment is None or now - moment >= age
