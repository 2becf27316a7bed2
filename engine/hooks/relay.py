"""The relay: reads what happened behind each subscription's mark, and tells it.

Each person's things are told in their order, those of different people beside each other. The mark
goes as far as everything before it was taken, so nothing is lost by dying; what was taken beyond it
is remembered by this process, and told again under the same name if it dies: a receiver knows it by
that. Nobody in the engine waits for any of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import orjson

from channels.http.answers import seconds_to_wait
from channels.http.transport import Lost, Request, Response
from dsl.calendar import SECOND, Instant, to_datetime
from engine.core.hooks import Happening, Hook, Mark, failed, taken
from engine.hooks.signing import Signing
from engine.store.protocol import Store

__all__ = ["Poster", "Relay", "Relayed", "payload"]

_AT_ONCE = 8  # people, of one subscription
_BATCH = 100
_STRIDE = 1_000  # numbers without anything to tell, after which that is written down
_SECONDS = 15.0  # for one answer
_MOST_BYTES = 4 * 1024  # of an answer; what it says does not matter
_LEASE = 300 * SECOND


class Poster(Protocol):
    """Posts where strangers may name the address."""

    async def exchange(self, request: Request, seconds: float, most: int) -> Response | Lost:
        """Sends a request and reads the answer."""
        ...

    async def close(self) -> None:
        """Closes every connection."""
        ...


class Relayed(NamedTuple):
    """What a look came to. ``more``: there is more to be told at once."""

    taken: int = 0
    failed: int = 0
    more: bool = False
    disabled: tuple[Hook, ...] = ()


class _Failure(NamedTuple):
    """That something was not taken."""

    status: int
    reason: str
    wait: float | None = None


class Relay:
    """Tells what happened. ``offload`` calls the store away from the event loop."""

    def __init__(
        self,
        store: Store,
        poster: Poster,
        signing: Signing,
        clock: Callable[[], Instant],
        offload: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._store = store
        self._poster = poster
        self._signing = signing
        self._clock = clock
        self._offload = offload
        self._ahead: dict[str, set[str]] = {}  # what was taken beyond the mark, by subscription
        self._ending = False

    async def run_once(self, now: Instant) -> Relayed:
        """Tells each subscription that is due a batch of what is new. Where nothing is, nothing is
        written.
        """
        known = await self._offload(self._store.hooks.known)
        due = [each for each in known if _is_due(each, now)]
        if not due:
            return Relayed()
        horizon = await self._offload(self._store.hooks.horizon)
        done = await asyncio.gather(*(self._look(hook, horizon, now) for hook in due))
        return Relayed(
            sum(each.taken for each in done),
            sum(each.failed for each in done),
            any(each.more for each in done),
            tuple(hook for each in done for hook in each.disabled),
        )

    async def _look(self, hook: Hook, horizon: Mark, now: Instant) -> Relayed:
        found, through = await self._offload(self._store.hooks.happened, hook, horizon, _BATCH)
        moved = max(through.log - hook.mark.log, through.decisions - hook.mark.decisions)
        if not found and moved < _STRIDE:
            return Relayed()
        claimed = await self._offload(self._claim, hook, now)
        if claimed is None:  # somebody else is at it
            return Relayed()
        return await self._tell(claimed, found, through)

    async def try_out(self, hook: Hook, now: Instant, name: str = "") -> str:
        """Sends a trial, and says what stands in the way; nothing if it was taken. Receivers know a
        trial of the same ``name`` by its id.
        """
        trial = Happening(f"trial/{name or now}", "webhook.test", now, "", {}, hook.mark)
        failure = await self._post(hook, trial)
        return "" if failure is None else failure.reason

    def end(self) -> None:
        """What is out is waited for, and nothing more is begun."""
        self._ending = True

    async def close(self) -> None:
        """Closes every connection."""
        await self._poster.close()

    def recover(self) -> None:
        """For a process that begins alone with its store: nobody else is at anything."""

        def free(known: Sequence[Hook]) -> list[Hook]:
            return [each._replace(lease=0) for each in known if each.lease]

        if any(each.lease for each in self._store.hooks.known()):
            self._store.hooks.turn(free)

    def _claim(self, hook: Hook, now: Instant) -> Hook | None:
        """The subscription, if it still stands where it stood."""
        claimed: list[Hook] = []

        def claim(known: Sequence[Hook]) -> list[Hook]:
            claimed[:] = [
                each._replace(lease=now + _LEASE)
                for each in known
                if each.id == hook.id and each.mark == hook.mark and _is_due(each, now)
            ]
            return claimed

        self._store.hooks.turn(claim)
        return claimed[0] if claimed else None

    async def _tell(self, hook: Hook, found: Sequence[Happening], through: Mark) -> Relayed:
        ahead = self._ahead.setdefault(hook.id, set())
        ahead.intersection_update(_name(hook, each) for each in found)
        fresh = [each for each in found if _name(hook, each) not in ahead]
        failures: list[_Failure] = []
        gate = asyncio.Semaphore(_AT_ONCE)

        async def tell(things: Sequence[Happening]) -> None:
            async with gate:
                for each in things:
                    if failures or self._ending:
                        return
                    failure = await self._post(hook, each)
                    if failure is not None:
                        failures.append(failure)
                        return
                    ahead.add(_name(hook, each))

        await asyncio.gather(*(tell(things) for things in _by_person(fresh)))
        mark = _as_far(hook, found, ahead, through)
        told = sum(1 for each in fresh if _name(hook, each) in ahead)
        changed = await self._offload(self._settle, hook, mark, told, failures)
        if mark.words > hook.mark.words:
            await self._offload(self._store.hooks.forget_words, hook.id, mark.words)
        off = (changed,) if changed is not None and changed.disabled else ()
        return Relayed(told, len(failures), not failures and not self._ending, off)

    def _settle(
        self, hook: Hook, mark: Mark, told: int, failures: Sequence[_Failure]
    ) -> Hook | None:
        """Writes down how it went; None if somebody has taken the subscription away meanwhile."""
        settled: list[Hook] = []
        now = self._clock()

        def settle(known: Sequence[Hook]) -> list[Hook]:
            settled.clear()
            for each in known:
                if each.id != hook.id:
                    continue
                changed = taken(each, mark._replace(words=0), told, now)
                if failures:
                    changed = failed(changed, *failures[0], now)
                settled.append(changed)
            return settled

        self._store.hooks.turn(settle)
        return settled[0] if settled else None

    async def _post(self, hook: Hook, thing: Happening) -> _Failure | None:
        body = payload(thing)
        now = self._clock()
        headers = self._signing.headers(hook, _name(hook, thing), body, now)
        answer = await self._poster.exchange(
            Request(hook.url, headers, body), _SECONDS, _MOST_BYTES
        )
        if isinstance(answer, Lost):
            return _Failure(0, answer.reason)
        if 200 <= answer.status < 300:
            return None
        reason = f"it answers {answer.status}"
        if 300 <= answer.status < 400:
            reason = "it sends us to another address, which is not followed"
        return _Failure(answer.status, reason, seconds_to_wait(answer, now))


def payload(thing: Happening) -> bytes:
    """What is told, as it is sent."""
    said = {
        "type": thing.sort,
        "timestamp": to_datetime(thing.at).isoformat().replace("+00:00", "Z"),
        "data": {"person": thing.person, **thing.data},
    }
    return orjson.dumps(said, default=dict)


def _name(hook: Hook, thing: Happening) -> str:
    """What a receiver knows a repetition by."""
    digest = blake2b(f"{hook.id}\x1f{thing.sort}\x1f{thing.id}".encode(), digest_size=16)
    return f"msg_{digest.hexdigest()}"


def _by_person(things: Sequence[Happening]) -> list[list[Happening]]:
    """Each person's in their order."""
    found: dict[str, list[Happening]] = {}
    for each in things:
        found.setdefault(each.person, []).append(each)
    return list(found.values())


def _is_due(hook: Hook, now: Instant) -> bool:
    return not hook.disabled and hook.due <= now and hook.lease <= now


def _as_far(hook: Hook, found: Sequence[Happening], ahead: set[str], through: Mark) -> Mark:
    """Up to the first of each kind that was not taken."""
    left = [each for each in found if _name(hook, each) not in ahead]

    def before(kind: str) -> int:
        stopped = [
            number
            for each in left
            if (number := getattr(each.mark, kind)) != getattr(hook.mark, kind)
        ]
        end: int = getattr(through, kind)
        return min(stopped) - 1 if stopped else end

    return Mark(before("log"), before("decisions"), before("words"))
