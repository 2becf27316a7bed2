"""What goes wrong with one person, and when it is not the person at all."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dsl.calendar import Instant
from engine.core.aside import Aside
from engine.store.protocol import StoreError

if TYPE_CHECKING:
    from engine.logs import Log  # with all it brings along, which whoever simulates has no use for

__all__ = ["Fault", "are_too_many", "fault_of", "is_of_a_person", "nickname", "tell_faults"]

_MANY = 20
_LONGEST = 300
_MOST_NAMED = 20
_OF_THE_PROCESS = (StoreError, MemoryError, OSError)


_NOBODY = Aside("", 0, "")


class Fault(NamedTuple):
    """Why somebody could not be processed. ``error`` and ``places`` say nothing of what is known of
    them; the reason in ``aside`` may. ``forgotten``: they had asked for that, and were not set
    aside.
    """

    aside: Aside
    error: str
    places: str
    forgotten: bool = False


def is_of_a_person(error: Exception) -> bool:
    """Whether it may be about one person only: not the store, not the memory, not the disk."""
    return not isinstance(error, _OF_THE_PROCESS)


def are_too_many(failed: int, people: int) -> bool:
    """Whether so many of a batch failed that it is not about the people."""
    return people >= _MANY and 2 * failed > people


def fault_of(person: str, error: Exception, now: Instant) -> Fault:
    """What is to be remembered, and said, of an exception."""
    kind = type(error).__name__
    said = str(error).encode(errors="replace").decode()[:_LONGEST]
    *_, last = traceback.extract_tb(error.__traceback__)
    reason = f"{kind}{f': {said}' if said else ''} ({Path(last.filename).name}, line {last.lineno})"
    return Fault(Aside(person, now, reason), kind, "".join(_places(error)))


def tell_faults(log: Log, faults: Sequence[Fault]) -> None:
    """Says it loudly, and what is the same only once."""
    for one in dict.fromkeys(each._replace(aside=_NOBODY) for each in faults):
        same = [each for each in faults if each._replace(aside=_NOBODY) == one]
        log.error(
            "forgotten as they wished, in spite of a bug" if one.forgotten else "set aside",
            error=one.error,
            people=len(same),
            nicknames=[nickname(each.aside.person) for each in same[:_MOST_NAMED]],
            exception=one.places,
        )


def nickname(person: str) -> str:
    """How a person is called where nobody may learn who they are."""
    return sha256(person.encode(errors="replace")).hexdigest()[:12]


def _places(error: BaseException) -> Iterator[str]:
    """A traceback without what was said: messages quote values, and those are people's data."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _places(cause)
        yield "and then\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__name__}\n"
