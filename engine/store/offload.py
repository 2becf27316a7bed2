"""How a blocking call of the store is made from the event loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

__all__ = ["Offload", "directly"]

_T = TypeVar("_T")


class Offload(Protocol):
    """Calls a function and waits for it, wherever it runs."""

    def __call__(self, function: Callable[..., _T], /, *arguments: object) -> Awaitable[_T]: ...


async def directly(function: Callable[..., _T], /, *arguments: object) -> _T:
    """In the loop itself: right for a store that never waits."""
    return function(*arguments)
