"""Providers as dispatchers meet them: quick, hanging, limiting, failing. They count their calls."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from channels.adapter import Capabilities
from channels.limits import Limit
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected

__all__ = ["Crate", "Post", "failing", "limiting"]


class Post:
    """One provider of all who hand over. ``calls`` are all that came, in order, ``taken`` what it
    took by our id. While it ``hangs`` it answers nobody.
    """

    def __init__(
        self,
        channel: str,
        answer: Callable[[Message], Outcome] | None = None,
        *,
        concurrency: int = 8,
        limits: tuple[Limit, ...] = (),
        seconds: float = 60.0,
        many: int = 1,
        domain: str = "",
    ) -> None:
        self.calls: list[Message] = []
        self.taken: Counter[str] = Counter()
        self.hangs = False
        self.at_once = 0
        self._inside = 0
        self._answer = answer
        self._capabilities = Capabilities(
            frozenset({channel}),
            concurrency,
            limits=limits,
            seconds=seconds,
            many=many,
            domain=domain,
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def send(self, message: Message) -> Outcome:
        self.calls.append(message)
        self._inside += 1
        self.at_once = max(self.at_once, self._inside)
        try:
            if self.hangs:
                await asyncio.Event().wait()
            await asyncio.sleep(0)
        finally:
            self._inside -= 1
        outcome = Accepted(f"p-{message.id}") if self._answer is None else self._answer(message)
        if isinstance(outcome, Accepted):
            self.taken[message.id] += 1
        return outcome

    async def probe(self, now: int) -> str:
        del now
        return ""

    async def close(self) -> None:
        """Nothing to close."""


class Crate(Post):
    """Takes many in one call, too. ``crates`` are how many were in each."""

    def __init__(
        self, channel: str, answer: Callable[[Message], Outcome] | None = None, **more: Any
    ) -> None:
        super().__init__(channel, answer, **more)
        self.crates: list[int] = []

    async def send_many(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        self.crates.append(len(messages))
        return [await self.send(each) for each in messages]


def failing(message: Message) -> Outcome:
    """Out of order."""
    del message
    return Rejected(FailureClass.TRANSIENT, "503", "out of order")


def limiting(every: int) -> Callable[[Message], Outcome]:
    """Takes some, and then says to come back later."""
    count = 0

    def answer(message: Message) -> Outcome:
        nonlocal count
        count += 1
        return Accepted(message.id) if count % every else RateLimited("account", 2.0)

    return answer
