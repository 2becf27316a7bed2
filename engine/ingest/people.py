"""Whose a call is: a user, or whoever has the anonymous id of a browser or an app; and where the
tracking plan says so, whoever has an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from dsl.plan import Identifier
from engine.core.identity import identifying, is_name, is_reserved, key_of
from engine.ingest.addresses import EMAIL, PHONE
from engine.ingest.reading import LONGEST_ID, Wrong, id_of, record

__all__ = ["check_user", "is_known", "named_by", "previous_of", "whose"]

_ANONYMOUS = key_of("anonymous", "")
_FORMS: Final[Mapping[Identifier, re.Pattern[str]]] = MappingProxyType(
    {"email": EMAIL, "phone": PHONE, "device": re.compile(r"[^\x00-\x1f\x7f]+")}
)


def whose(call: Mapping[str, Any], *, named: bool = False) -> tuple[str, Sequence[str]]:
    """Whose a call is; and the anonymous person who was found to be them, if one is named. With
    ``named``, what stands for the user may be any name of theirs.
    """
    user = id_of(call, "userId")
    if user is not None:
        if ":" in user:
            check_user(user, named=named)
        if "anonymousId" not in call:
            return user, ()
    anonymous = id_of(call, "anonymousId")
    if anonymous is None:
        if user is None:
            raise Wrong(_nobody(()))
        return user, ()
    name = _key(anonymous, "anonymousId")
    return (name, ()) if user is None else (user, (name,))


def named_by(
    call: Mapping[str, Any], identifiers: Sequence[Identifier], *, named: bool
) -> tuple[str, Sequence[str]]:
    """The same where these addresses are names as well: and by what else they go as the call says,
    the strongest first.
    """
    user, anonymous = id_of(call, "userId"), id_of(call, "anonymousId")
    if user is not None:
        check_user(user, named=named)
    stronger, weaker = _addresses(call, identifiers)
    name = None if anonymous is None else _key(anonymous, "anonymousId")
    names = [each for each in (user, *stronger, name, *weaker) if each is not None]
    if not names:
        raise Wrong(_nobody(identifiers))
    return names[0], [each for each in dict.fromkeys(names) if each != names[0]]


def _nobody(identifiers: Sequence[Identifier]) -> str:
    ways = ["anonymousId", *(f"traits.{each}" for each in identifiers if each != "device")]
    *some, last = [f'"{way}"' for way in ways]
    return f'This event has no user: set "userId", {", ".join([*some, f"or {last}"])}.'


def _addresses(
    call: Mapping[str, Any], identifiers: Sequence[Identifier]
) -> tuple[list[str], list[str]]:
    """The names that are stronger than an anonymous id, and those that are weaker. What is no address
    is nobody's name: whoever reads what is told of a person says so.
    """
    context = record(call, "context")
    told = record(call, "traits") if call.get("type") == "identify" else {}
    traits, device = told or record(context, "traits"), context.get("device")
    names: dict[bool, list[str]] = {True: [], False: []}
    for kind in identifiers:
        given, part = (device, "token") if kind == "device" else (traits, kind)
        value = given.get(part) if isinstance(given, dict) else None
        if not isinstance(value, str) or not _FORMS[kind].fullmatch(value.strip()):
            continue
        name = identifying(kind, value)
        if name is not None and len(name) <= LONGEST_ID and name.isprintable():
            names[kind != "device"].append(name)
    return names[True], names[False]


def is_known(person: str) -> bool:
    """Whether it is somebody with a user id."""
    return not person.startswith(_ANONYMOUS)


def check_user(user: str, *, named: bool = False) -> None:
    """Refuses what would be taken for an id of another kind, or with ``named``, for none."""
    if is_reserved(user) and not (named and is_name(user)):
        prefix = user.partition(":")[0]
        raise Wrong(f'"userId" must not begin with "{prefix}:", which means an id of another kind.')


def previous_of(call: Mapping[str, Any], *, browser: bool) -> list[str]:
    """Who an alias says is the user: the spec does not say which kind of id it gives, so it is
    whoever has it as an anonymous id and, if a server says so, whoever has it as a user id.
    """
    previous = id_of(call, "previousId")
    if previous is None:
        raise Wrong('An "alias" call needs the id that somebody had before in "previousId".')
    if is_reserved(previous):
        if browser and not previous.startswith(_ANONYMOUS):
            raise Wrong("A browser's key cannot make two people who are known one.")
        return [previous]
    anonymous = _key(previous, "previousId")
    return [anonymous] if browser else [anonymous, previous]


def _key(anonymous: str, field: str) -> str:
    """Of whoever has nothing but an anonymous id."""
    name = key_of("anonymous", anonymous)
    if len(name) > LONGEST_ID:
        most = LONGEST_ID - len(_ANONYMOUS)
        raise Wrong(f'"{field}" must be text of at most {most} characters.')
    return name
