"""Subscriptions in memory, and what happened for them, gone through person by person."""

from __future__ import annotations

from operator import attrgetter
from threading import RLock

from engine.core.hooks import Happening, Hook, Mark, message_sort, wants
from engine.store.hooks import Keep
from engine.store.kept import Kept
from engine.store.shelves import Shelves

__all__ = ["MemoryHooks"]

_IN_ORDER = attrgetter("created", "id")
_TOLD = ("message_", "consent_", "segment ")


class MemoryHooks:
    """A dictionary, behind the lock of the store. For simulations and tests: it looks at all there
    is each time.
    """

    def __init__(self, lock: RLock, shelves: Shelves) -> None:
        self._lock = lock
        self._shelves = shelves
        self._hooks: dict[str, Hook] = {}
        self._words: list[tuple[int, str, str, int]] = []
        self._counted = 0
        shelves.erasing = self._erasing

    def known(self) -> list[Hook]:
        with self._lock:
            return sorted(self._hooks.values(), key=_IN_ORDER)

    def turn(self, change: Keep) -> None:
        with self._lock:
            self._hooks.update({hook.id: hook for hook in change(self.known())})

    def remove(self, hook: str) -> None:
        with self._lock:
            self._hooks.pop(hook, None)
            self._words = [word for word in self._words if word[1] != hook]

    def end(self) -> Mark:
        with self._lock:
            return Mark(self._shelves.last, self._shelves.told)

    def horizon(self) -> Mark:
        return self.end()

    def happened(self, hook: Hook, horizon: Mark, limit: int) -> tuple[list[Happening], Mark]:
        with self._lock:
            heard = sorted(self._heard(hook, horizon), key=lambda each: each.mark.log)[:limit]
            decided = sorted(self._decided(hook, horizon), key=lambda each: each.mark.decisions)
            decided = decided[:limit]
            words = [
                Happening(
                    f"erased/{who}/{at}", "person.erased", at, who, {}, hook.mark._replace(words=n)
                )
                for n, name, who, at in self._words
                if name == hook.id
            ][:limit]
        through = Mark(
            heard[-1].mark.log if len(heard) == limit else horizon.log,
            decided[-1].mark.decisions if len(decided) == limit else horizon.decisions,
            words[-1].mark.words if words else hook.mark.words,
        )
        found = [*heard, *decided, *words]
        return [each for each in found if wants(hook.sorts, each.sort)], through

    def forget_words(self, hook: str, through: int) -> None:
        with self._lock:
            self._words = [w for w in self._words if w[1] != hook or w[0] > through]

    def _erasing(self, kept: Kept, number: int) -> None:
        """Somebody is forgotten, by the arrival of this number."""
        at = kept.pending[number][0] if number in kept.pending else 0
        for hook in self.known():
            if wants(hook.sorts, "person.erased") and not hook.disabled:
                self._counted += 1
                self._words.append((self._counted, hook.id, kept.profile.id, at))

    def _heard(self, hook: Hook, horizon: Mark) -> list[Happening]:
        found = []
        for name, kept in self._shelves.people.items():
            ids = dict(kept.arrived)
            for event, past in kept.history.items():
                if not event.startswith(_TOLD):
                    continue
                sort = message_sort(event)
                for each in past:
                    if hook.mark.log < each.number <= horizon.log:
                        data = each.properties
                        if sort.startswith("segment."):
                            data = {"segment": event.removeprefix("segment ").rpartition(" ")[0]}
                        mark = hook.mark._replace(log=each.number)
                        found.append(
                            Happening(ids[each.number], sort, each.occurred, name, data, mark)
                        )
        return found

    def _decided(self, hook: Hook, horizon: Mark) -> list[Happening]:
        found = []
        for name, kept in self._shelves.people.items():
            for number, each in kept.decisions:
                if each.what not in ("entered", "left"):
                    continue
                if hook.mark.decisions < number <= horizon.decisions:
                    mark = hook.mark._replace(decisions=number)
                    data = {"journey": each.journey, "run": each.run, "reason": each.reason}
                    sort, identity = f"journey.{each.what}", f"{each.run}/{each.what}"
                    found.append(Happening(identity, sort, each.at, name, data, mark))
        return found
