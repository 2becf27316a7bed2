"""What is handed to an adapter: one message, ready to leave, for one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dsl.calendar import Instant

__all__ = ["Message"]


def _nothing() -> Mapping[str, str]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Message:
    """``id`` is the delivery's; adapters put it in whatever field the provider echoes.

    ``parts`` are the rendered texts: e-mail has ``subject``, ``html``, ``text`` and maybe
    ``preview``; push ``title``, ``body`` and maybe ``link``, ``image``, and ``web`` if the link leads
    into an app: the page for those without it; sms ``text``; whatsapp ``text`` and maybe ``template``,
    ``language`` and ``parameters`` (a JSON list), with ``image`` or ``header`` and
    ``header_parameters`` above the words, and below them ``button``, where it leads, of which
    ``button_end`` is what was not approved with it. ``at`` is the moment of the hand-over, for
    formats that carry a date; 0 if nobody said.
    """

    id: str
    channel: str
    address: str
    category: str
    journey: str
    message: str
    parts: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=_nothing)
    at: Instant = 0
