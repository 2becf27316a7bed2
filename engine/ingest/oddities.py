"""What becomes of calls that do not fit the tracking plan, as strict as the plan wants the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from dsl.calendar import Instant
from dsl.plan import Field
from dsl.values import Problem
from engine.core.strays import MISSING, UNKNOWN, UNPLANNED, Oddity, Seen, Stray
from engine.ingest.reading import Wrong, printable
from engine.ingest.sender import Sender

__all__ = ["Odd", "Unplanned", "without"]

LARGEST: Final = 8 * 1024
"""A call that is larger is counted, and not kept aside."""

_LONGEST: Final = 40  # characters of an example
_HIDDEN: Final = "…"


class Unplanned(Wrong):
    """A call that is right but for the tracking plan: an event or properties that it does not know
    so. Without ``problems``, it is the event.
    """

    def __init__(
        self,
        sentence: str,
        event: str,
        problems: Sequence[Problem] = (),
        given: Mapping[str, Any] | None = None,
        fields: Mapping[str, Field] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.event = event
        self.problems = problems
        self.given = given or {}
        self.fields = fields or {}

    @property
    def names(self) -> tuple[str, ...]:
        """The properties, each once."""
        return tuple(dict.fromkeys(problem.name for problem in self.problems))


@dataclass(slots=True)
class Odd:
    """All that was odd in a batch: how often, and the calls that are kept aside."""

    seen: dict[Oddity, Seen] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)

    def note(self, wrong: Unplanned) -> None:
        """Counts what is odd in a call."""
        if not wrong.problems:
            self._count(Oddity(printable(wrong.event), "", UNKNOWN))
        for problem in wrong.problems:
            what = problem.got or MISSING
            if what.startswith('"'):
                what = "another value"  # than those that are listed
            personal = (known := wrong.fields.get(problem.name)) is None or known.personal
            example = _HIDDEN if personal else _shown(wrong.given.get(problem.name))
            oddity = Oddity(wrong.event, problem.name, what)
            self._count(oddity, "" if what == MISSING else example)

    def unplanned(self, event: str, name: str) -> None:
        """Counts a property that the plan does not know."""
        self._count(Oddity(event, printable(name), UNPLANNED))

    def keep(
        self,
        identity: str,
        person: str,
        call: Mapping[str, Any],
        event: str,
        received: Instant,
        sender: Sender,
        rest: tuple[str, ...] = (),
    ) -> None:
        """Keeps a call aside, under an id without what comes before those of its sender."""
        if len(orjson.dumps(call)) > LARGEST:
            return
        named = {**call, "messageId": identity}
        self.strays.append(
            Stray(
                sender.prefix + identity,
                person,
                printable(event),
                received,
                named,
                sender.prefix,
                sender.browser,
                sender.origin,
                rest,
            )
        )

    def _count(self, oddity: Oddity, example: str = "") -> None:
        seen = Seen(1, example)
        before = self.seen.get(oddity)
        self.seen[oddity] = seen if before is None else before.plus(seen)


def without(call: Mapping[str, Any], names: tuple[str, ...], spoken: Mapping[str, str]) -> Any:
    """The call without some properties or traits, however its sender spells them (``spoken``)."""
    part = "traits" if call.get("type") in ("identify", "group") else "properties"
    given = call.get(part)
    if not isinstance(given, Mapping):
        return call
    kept = {name: each for name, each in given.items() if spoken.get(name, name) not in names}
    return {**call, part: kept}


def _shown(value: Any) -> str:
    try:
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        return _HIDDEN
    shown = "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown}…"
