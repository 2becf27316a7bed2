"""Cursors: where a list goes on. They say nothing to whoever has one, and belong to one list only."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import orjson
from pydantic import Field

from engine.api.problem import Problem
from engine.api.v1.operation import Asked, Input

__all__ = ["Paged", "open_cursor", "place_text", "seal"]

_TAG = 8
_LAST = 1 << 62


class Paged(Input):
    """A list, a page at a time."""

    limit: int = Field(50, ge=1, le=200, description="At most so many at once.")
    cursor: str | None = Field(
        None,
        max_length=400,
        description="Where to go on: `next` of the page before. Without it, the list begins.",
    )


def seal(asked: Asked, place: Any) -> str:
    """The cursor for a place in the list that was asked for."""
    return urlsafe_b64encode(_tag(asked) + orjson.dumps(place)).decode().rstrip("=")


def open_cursor(asked: Asked) -> int | None:
    """The place at which the list that is asked for goes on; None at its beginning."""
    written = asked.query.cursor
    if written is None:
        return None
    place = _opened(asked, written)
    if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < _LAST:
        raise _foreign()
    return place


def place_text(asked: Asked) -> tuple[int, str] | None:
    """The same for lists whose places are a number and a text."""
    written = asked.query.cursor
    if written is None:
        return None
    match _opened(asked, written):
        case [int(number), str(text)] if 0 <= number < _LAST:
            return number, text
        case _:
            raise _foreign()


def _opened(asked: Asked, written: str) -> Any:
    try:
        whole = urlsafe_b64decode(written.encode("ascii") + b"=" * (-len(written) % 4))
        if whole[:_TAG] == _tag(asked):
            return orjson.loads(whole[_TAG:])
    except ValueError:
        pass
    raise _foreign()


def _foreign() -> Problem:
    detail = (
        'The cursor does not belong to this list: give "next" of a page of it, with the same query,'
        " or leave it out."
    )
    return Problem(400, detail, guest="cursor")


def _tag(asked: Asked) -> bytes:
    """What a list is told by: its address, and all of its query but how much of it is wanted."""
    filters = asked.query.model_dump(mode="json", exclude={"limit", "cursor"})
    route = getattr(asked.request.scope.get("route"), "path", "")
    named = orjson.dumps([route, sorted(asked.path.items()), sorted(filters.items())])
    return blake2b(named, digest_size=_TAG).digest()
