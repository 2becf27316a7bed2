"""What clients say beside a call, in its ``context``: taken where the tracking plan asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from dsl.plan import Field
from dsl.values import Mismatch, at_rest

__all__ = ["CONTEXT", "Asked", "asked_of", "attributes_of", "completed"]

CONTEXT: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        **{
            f"campaign_{part}": ("campaign", part)
            for part in ("name", "source", "medium", "term", "content")
        },
        **{
            f"page_{part}": ("page", part)
            for part in ("url", "path", "referrer", "title", "search")
        },
        "ip": ("ip",),
        "user_agent": ("userAgent",),
        "locale": ("locale",),
        "timezone": ("timezone",),
    }
)
"""Properties that come from the context if the plan declares them and the call does not give them.
An address of the internet is kept of nobody whose tracking plan does not want it.
"""

Asked: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""The properties of one event that its context may give, and where they stand there."""


def asked_of(properties: Iterable[str]) -> Asked:
    """Which of these properties a context may give."""
    return tuple((name, CONTEXT[name]) for name in properties if name in CONTEXT)


def completed(
    values: Mapping[str, Any], asked: Asked, context: Mapping[str, Any]
) -> Mapping[str, Any]:
    """``values`` with what the context adds."""
    added: dict[str, Any] = {}
    for name, place in asked:
        if values.get(name) is None and (found := _at(context, place)) is not None:
            added[name] = found
    return {**values, **added} if added else values


def attributes_of(
    fields: Mapping[str, Field], context: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The language and the time zone of a person, if the plan declares them and they were not
    ``given``. What does not fit is left out: nobody wrote it there by hand.
    """
    found: dict[str, Any] = {}
    for name, place in (("language", "locale"), ("time_zone", "timezone")):
        field, value = fields.get(name), context.get(place)
        if (
            field is None
            or field.formula
            or name in given
            or not isinstance(value, str)
            or not value
        ):
            continue
        for candidate in _forms(name, value):
            rest = at_rest(field.kind, candidate)
            if rest is not None and not isinstance(rest, Mismatch):
                found[name] = candidate
                break
    return found


def _forms(name: str, value: str) -> Iterable[str]:
    """A locale is ``de-AT`` or ``de_AT``; a plan may know it as that, or as ``de`` only."""
    if name != "language":
        return (value,)
    tag = value.replace("_", "-")
    return (tag, tag.partition("-")[0].lower())


def _at(context: Mapping[str, Any], place: tuple[str, ...]) -> object:
    found: object = context
    for step in place:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
