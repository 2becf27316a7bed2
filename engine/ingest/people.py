"""Whose a call is: a user, or whoever has the anonymous id of a browser or an app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.identity import is_reserved, key_of
from engine.ingest.reading import LONGEST_ID, Wrong, id_of

__all__ = ["check_user", "is_known", "previous_of", "whose"]

_ANONYMOUS = key_of("anonymous", "")


def whose(call: Mapping[str, Any]) -> tuple[str, str]:
    """Whose a call is; and the anonymous person who was found to be them, "" if none is named."""
    user = id_of(call, "userId")
    if user is not None:
        if ":" in user:
            check_user(user)
        if "anonymousId" not in call:
            return user, ""
    anonymous = id_of(call, "anonymousId")
    if anonymous is None:
        if user is None:
            raise Wrong('This event has no user: set "userId", or "anonymousId".')
        return user, ""
    name = _key(anonymous, "anonymousId")
    return (name, "") if user is None else (user, name)


def is_known(person: str) -> bool:
    """Whether it is somebody with a user id."""
    return not person.startswith(_ANONYMOUS)


def check_user(user: str) -> None:
    """Refuses what would be taken for an id of another kind."""
    if is_reserved(user):
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
