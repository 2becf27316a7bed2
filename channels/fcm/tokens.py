"""Access tokens of Google, for a service account (RFC 7523): fetched when needed, kept an hour."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import urlencode

from channels.http.answers import by_status, one_line, read_object
from channels.http.jwt import Key, signed_token
from channels.http.transport import Lost, Request, Response, Transport
from channels.outcome import FailureClass, Outcome, Rejected
from dsl.calendar import SECOND, Instant

__all__ = ["GoogleTokens"]

_SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LASTS = 3600  # seconds that a token may be asked for
_EARLY = 120  # seconds before its end in which it is not used any more
_MOST_BYTES = 64 * 1024
_SLOW_DOWN = 429


class GoogleTokens:
    """Signs requests with one token for all of them, until it ends."""

    def __init__(
        self,
        account: str,
        key: Key,
        key_id: str,
        address: str,
        transport: Transport,
        seconds: float,
    ) -> None:
        self._account = account
        self._key = key
        self._key_id = key_id
        self._address = address
        self._transport = transport
        self._seconds = seconds
        self._token = ""
        self._until: Instant = 0
        self._fetching = asyncio.Lock()

    async def sign(self, request: Request, now: Instant) -> Request | Outcome:
        """With a token that is still good, fetched by whoever needs it first."""
        async with self._fetching:
            if not self._token or now >= self._until:
                failed = await self._fetch(now)
                if failed is not None:
                    return failed
        headers = {**request.headers, "Authorization": f"Bearer {self._token}"}
        return replace(request, headers=headers)

    def refused(self) -> None:
        """The next one who needs a token fetches another."""
        self._token = ""

    async def _fetch(self, now: Instant) -> Outcome | None:
        """Nothing is handed over by asking for a token, so whatever goes wrong passes."""
        at = now // SECOND
        claims = {"iss": self._account, "scope": _SCOPE, "aud": self._address}
        token = signed_token(claims | {"iat": at, "exp": at + _LASTS}, self._key, self._key_id)
        request = Request(
            self._address,
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode({"grant_type": _GRANT, "assertion": token}).encode(),
        )
        response = await self._transport.exchange(request, self._seconds, _MOST_BYTES)
        if isinstance(response, Lost):
            return Rejected(FailureClass.TRANSIENT, "token", response.reason)
        said = read_object(response)
        found = said.get("access_token")
        if response.status != 200 or not isinstance(found, str):
            return _refusal(response, now)
        lasts = said.get("expires_in")
        self._token = found
        self._until = now + (int(lasts if isinstance(lasts, int) else _LASTS) - _EARLY) * SECOND
        return None


def _refusal(response: Response, now: Instant) -> Outcome:
    said = read_object(response)
    reason = one_line(said.get("error_description") or said.get("error") or "no token was given")
    if response.status == _SLOW_DOWN:
        return by_status(response, reason, now, "token")
    of_ours = 400 <= response.status < 500
    failure = FailureClass.PERMANENT_CONFIG if of_ours else FailureClass.TRANSIENT
    return Rejected(failure, "token", reason)
