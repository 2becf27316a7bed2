"""What the API is given: the deployed project as it needs it, and its own settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from channels.receipts import Receiver
from dsl.plan import Field
from engine.access.links import Links
from engine.config import Apps
from engine.core.program import Program
from engine.hooks import Hooks
from engine.ingest import Intake
from engine.ingest.door import Door
from engine.pressure import Pressure

__all__ = ["ApiSettings", "Front"]


async def _nothing_wrong() -> Sequence[str]:
    return ()


class Front(NamedTuple):
    """The deployed project: its door for events, its name and its languages, first one first, the
    journeys that a call may start, with their inputs, and what people are judged by.
    """

    intake: Intake
    name: str
    languages: tuple[str, ...]
    journeys: Mapping[str, Mapping[str, Field]] = MappingProxyType({})
    program: Program | None = None

    def kind(self, category: str, language: str) -> str:
        """What a kind of messages is called, to people who get them."""
        known = self.program and self.program.policy.categories.get(category)
        return known.title(language, *self.languages) if known else category


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """``problems`` says what keeps the daemon from being ready, in sentences. Without write keys
    anybody who reaches the port may send events; with them, only read keys let anybody read what is
    known of people. A process that does not take events answers only
    how it does. ``pressure`` says whether there is room for more, ``door`` hears what becomes of
    events. ``receivers`` read, by channel, what its provider tells later; ``apps`` open links
    themselves. ``requests_per_second`` bounds what one key may ask (0: nothing does);
    ``hooks`` tell others what happens.
    """

    links: Links
    write_keys: tuple[str, ...] = ()
    problems: Callable[[], Awaitable[Sequence[str]]] = field(default=_nothing_wrong)
    takes_events: bool = True
    pressure: Pressure = field(default_factory=Pressure)
    read_keys: tuple[str, ...] = ()
    door: Door | None = None
    apps: Apps = field(default_factory=Apps)
    receivers: Mapping[str, Sequence[Receiver]] = field(default_factory=dict)
    requests_per_second: int = 50
    hooks: Hooks | None = None
