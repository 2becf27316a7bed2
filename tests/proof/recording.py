"""What a state machine was told to do, so that it can be told again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar

from tests.proof.found import Call

__all__ = ["recorded"]


class _Recording(Protocol):
    """``inside`` while one of its rules goes by way of others."""

    calls: list[Call]
    inside: bool


_Method = TypeVar("_Method", bound=Callable[..., None])


def recorded(method: _Method) -> _Method:
    """Remembers the calls that are made from outside, so that they can be made again."""

    @wraps(method)
    def record(self: _Recording, /, **named: Any) -> None:
        if not self.inside:
            self.calls.append((method.__name__, named))
        inside, self.inside = self.inside, True
        try:
            method(self, **named)
        finally:
            self.inside = inside

    return record  # type: ignore[return-value]
