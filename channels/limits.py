"""How much a provider takes: so many calls in such a time, for the whole account or for a part."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.outcome import Scope

__all__ = ["Limit", "read_limit"]

_SECOND = 1_000_000
_UNITS = {
    "second": _SECOND,
    "minute": 60 * _SECOND,
    "hour": 3600 * _SECOND,
    "day": 86_400 * _SECOND,
}
_WRITTEN = re.compile(r"([1-9]\d{0,8}) per (?:([1-9]\d{0,5}) )?(second|minute|hour|day)s?")


@dataclass(frozen=True, slots=True)
class Limit:
    """No more than ``count`` calls in any span of ``micros`` microseconds, for each of what
    ``scope`` says: the account, the sender, one recipient, one campaign (a journey). A ``day`` is a
    quota: it may be used up as fast as one likes. ``people`` is one too, and counts how many are
    written to without having written first, each once.
    """

    scope: Scope
    count: int
    micros: int


def read_limit(scope: Scope, text: str) -> Limit:
    """A limit as people write it: ``80 per second``, ``1 per 6 seconds``. Raises ``ValueError``."""
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is not a limit; write "10 per second" or "1 per 6 seconds"')
    micros = int(found[2] or 1) * _UNITS[found[3]]
    if scope in ("day", "people") and micros < _UNITS["day"]:
        raise ValueError(
            f'the limit of {"a day" if scope == "day" else "people"} is "200 per day" or of more days, not "{text}"'
        )
    return Limit(scope, int(found[1]), micros)
