"""Who may ask: keys, as the user name of basic authentication (as the Segment spec has it) or as
``Authorization: Bearer``.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from starlette.requests import Request

from dsl.calendar import to_datetime
from engine.access.keyring import Keyring
from engine.api.crossing import is_site_of
from engine.api.problem import Problem
from engine.clock import Clock
from engine.core.keys import Key, Scope, may, standing_of
from engine.metrics import Metrics

__all__ = ["ANYBODY", "Keys", "given_key"]

ANYBODY: Final = Key("", "", "", "server", (Scope.ADMIN.value,), "", 0)
"""Who asks where there are no keys at all."""

_LONGEST = 512
_MAKE = "wayline keys create NAME --scope {} makes one"
_NO_READERS = (
    "What is known of people is only handed out for a read key, and this daemon has none: set"
    " WAYLINE_READ_KEYS, or say wayline keys create NAME --scope read."
)
_UNDER = {Scope.INGEST: "write", Scope.WRITE: "write", Scope.READ: "read", Scope.ADMIN: "admin"}
_CHALLENGE = {"www-authenticate": 'Basic realm="wayline"'}


class Keys:
    """Asked by every route, before anything else. ``write`` and ``read`` say whether the settings
    have such keys; where there are none of any kind, anybody may ask.
    """

    def __init__(
        self, ring: Keyring, metrics: Metrics, clock: Clock, *, write: bool, read: bool
    ) -> None:
        self._ring = ring
        self._metrics = metrics
        self._clock = clock
        self._write = write
        self._read = read

    async def require(self, request: Request, scope: Scope, given: str | None = None) -> Key:
        """The key of whoever asks, if it may do what needs ``scope``. ``given`` is what came as one in
        the body, which has been read then. Raises a ``Problem`` that says what to do.
        """
        unread = given is None
        text = (given_key(request) or "") if given is None else given
        key = await self._ring.key(text) if 0 < len(text) <= _LONGEST else None
        if key is None:
            if await self._is_open(scope):
                return ANYBODY
            await self._check_readers(unread, scope)
            raise self._refused(unread, *_nobody(text, scope))
        standing = standing_of(key, self._clock.now())
        if standing == "expired":
            ended = to_datetime(key.expires or 0)
            detail = f"This key was valid until {ended:%Y-%m-%d %H:%M} UTC: ask for a new one."
            raise self._refused(unread, "expired", 401, detail)
        if standing == "revoked":
            raise self._refused(
                unread, "revoked", 401, "This key has been revoked: ask for a new one."
            )
        if not may(key, scope):
            await self._check_readers(unread, scope)
            raise self._refused(unread, "scope", 403, _beyond(key, scope))
        site = request.headers.get("origin")
        if key.kind == "browser" and site is not None and not is_site_of(key.sites, site):
            detail = (
                f"This key may stand on {' and '.join(key.sites)}, and this comes from elsewhere."
            )
            raise self._refused(unread, "site", 403, detail)
        return key

    async def _is_open(self, scope: Scope) -> bool:
        """Whether no key is needed: as long as nobody has ever made one."""
        closed = self._write or (self._read and scope in (Scope.READ, Scope.ADMIN))
        return not closed and not await self._ring.stored(hurry=True)

    async def _check_readers(self, unread: bool, scope: Scope) -> None:
        """Says so if nobody at all may read."""
        if scope is Scope.READ and not self._read:
            stored = await self._ring.stored()
            if not any(may(key, scope) for key in stored.values()):
                raise self._refused(unread, "scope", 403, _NO_READERS)

    def _refused(self, unread: bool, why: str, status: int, detail: str) -> Problem:
        self._metrics.refused_keys.labels(why).inc()
        headers = _CHALLENGE if status == 401 else None
        return Problem(status, detail, headers=headers, unread=unread)


def given_key(request: Request) -> str | None:
    """What is given as a key in the header; None if there is no such header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return value.strip()
        case "basic":
            try:
                return b64decode(value.strip(), validate=True).decode().partition(":")[0]
            except ValueError:
                return ""
        case _:
            return None


def _nobody(text: str, scope: Scope) -> tuple[str, int, str]:
    detail = (
        f"Give the {_UNDER[scope]} key as the user name of basic authentication, or as"
        f" Authorization: Bearer KEY; {_MAKE.format(scope.value)}."
    )
    return (
        ("unknown", 401, f"This key is not known here. {detail}") if text else ("none", 401, detail)
    )


def _beyond(key: Key, scope: Scope) -> str:
    has = " and ".join(key.scopes)
    return (
        f"This key is for {has}, and this needs one for {scope.value}: {_MAKE.format(scope.value)}."
    )
