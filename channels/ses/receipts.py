"""What SES tells later, through SNS: verified, fresh, and of the topic that was set."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import orjson

from channels.http.transport import Request, Response, Transport
from channels.receipts import Answered, Incoming, NotGenuine, read_body
from channels.ses.events import reports_in
from channels.ses.sns import Certificate, Topic, is_fresh, read_certificate, verified
from channels.ses.trust import Roots, is_trusted, issuer_address, roots_of_this_machine
from dsl.calendar import MINUTE, Instant

__all__ = ["Fetch", "SesReceiver", "fetch"]

Fetch: TypeAlias = Callable[[str], Awaitable[bytes | None]]
"""Gets what is at an address; None if it cannot be had."""

_AGAIN = MINUTE  # how soon a certificate is asked for again that could not be had
_MOST = 16  # certificates, or addresses where none was
_SECONDS = 10.0
_MOST_BYTES = 64 * 1024


class SesReceiver:
    """Believes what SNS has signed for one of the ``topics``.

    Certificates are fetched before (``prepare``), and kept; so is it confirmed that a topic may
    tell us. Reading itself asks nobody.
    """

    def __init__(
        self, topics: tuple[str, ...], fetch: Fetch, roots: Roots = roots_of_this_machine
    ) -> None:
        self._topics = {arn: Topic.of(arn) for arn in topics}
        self._fetch = fetch
        self._roots = roots
        self._certificates: dict[str, Certificate] = {}
        self._missing: dict[str, Instant] = {}
        self._shut: set[str] = set()  # where a subscription could not be confirmed

    async def prepare(self, incoming: Incoming, now: Instant) -> None:
        """Fetches the certificate that an envelope names, if it is one to be fetched at all; and
        confirms a subscription that is asked for in one that is genuine.
        """
        envelope, topic = self._envelope(incoming)
        if topic is None or not is_fresh(envelope, now):
            return
        address = topic.certificate(envelope.get("SigningCertURL"))
        if address is not None and self._is_wanted(address, now):
            self._missing[address] = now + _AGAIN  # at once: others may ask meanwhile
            found = read_certificate(await self._fetch(address) or b"")
            if found is not None and await self._is_own(found, topic, now):
                self._certificates[address] = found
                self._missing.pop(address, None)
        if envelope.get("Type") != "SubscriptionConfirmation":
            return
        door = topic.confirmation(envelope.get("SubscribeURL"))
        if door is None:
            return
        self._shut.discard(door)
        if not isinstance(self.read(incoming, now), NotGenuine) and await self._fetch(door) is None:
            self._shut.add(door)

    def read(self, incoming: Incoming, now: Instant) -> Answered | NotGenuine:
        """One event about one message."""
        envelope, topic = self._envelope(incoming)
        if topic is None:
            return NotGenuine("it is not of the topic that is set")
        if not is_fresh(envelope, now):
            return NotGenuine("it is too old, or from the future")
        address = topic.certificate(envelope.get("SigningCertURL"))
        if address is None:
            return NotGenuine("its certificate is not to be believed")
        certificate = self._certificates.get(address)
        if certificate is None:
            return NotGenuine("its certificate could not be had", again=True)
        if not verified(envelope, certificate, now):
            return NotGenuine("the signature is wrong")
        if envelope.get("Type") != "Notification":
            if envelope.get("SubscribeURL") in self._shut:
                return NotGenuine("its subscription could not be confirmed", again=True)
            return Answered()
        try:
            event = orjson.loads(str(envelope.get("Message")))
        except ValueError:  # "Successfully validated SNS topic", and the like
            return Answered()
        return Answered(reports_in(event) if isinstance(event, Mapping) else ())

    def _envelope(self, incoming: Incoming) -> tuple[Mapping[str, Any], Topic | None]:
        told = read_body(incoming)
        if not isinstance(told, Mapping):
            return {}, None
        return told, self._topics.get(str(told.get("TopicArn")))

    async def _is_own(self, found: Certificate, topic: Topic, now: Instant) -> bool:
        """Whether it is SNS's, by a root that this machine trusts."""
        where = issuer_address(found.whole)
        issuer = None if where is None else await self._fetch(where)
        if issuer is None:
            return False
        roots = await asyncio.to_thread(self._roots)
        return is_trusted(found.whole, issuer, topic.names, roots, now)

    def _is_wanted(self, address: str, now: Instant) -> bool:
        """Not again and again, nor ever more of them: whoever knocks names the address."""
        if address in self._certificates or self._missing.get(address, 0) > now:
            return False
        self._missing = {each: until for each, until in self._missing.items() if until > now}
        while len(self._certificates) >= _MOST:
            del self._certificates[next(iter(self._certificates))]
        return len(self._missing) < _MOST


async def fetch(address: str) -> bytes | None:
    """What is at an address, over a connection of its own."""
    transport = Transport(1)
    try:
        request = Request(address, {}, method="GET")
        found = await transport.exchange(request, _SECONDS, _MOST_BYTES)
    finally:
        await transport.close()
    return found.body if isinstance(found, Response) and found.status == 200 else None
