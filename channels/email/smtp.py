"""E-mail over SMTP. One message has one recipient, so every answer is about one delivery."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from channels.adapter import Capabilities
from channels.email.address import Address, read_address
from channels.email.connection import Connection, Lost, Refused, connect
from channels.email.mime import build, message_id
from channels.email.receipts import MailReceiver
from channels.email.seal import SEAL_HEADER, Seal
from channels.email.settings import SmtpSettings
from channels.message import Message
from channels.outcome import FailureClass, Outcome, Rejected
from channels.receipts import Receiver
from channels.settings import SettingsError, revealed
from dsl.calendar import Instant

__all__ = ["SmtpAdapter", "SmtpSettings"]


class SmtpAdapter:
    """Keeps up to ``connections`` connections open and sends one message at a time on each."""

    Settings = SmtpSettings

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._sender = settings.sender()
        self._context = _tls_context(settings)
        self._signed = _signing(settings)
        self._seal = _seal(settings)
        self._idle: list[Connection] = []
        self._slots = asyncio.Semaphore(settings.connections)
        self._closed = False

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            frozenset({"email"}),
            concurrency=self._settings.connections,
            domain=self._sender.address.domain,
        )

    @property
    def receiver(self) -> Receiver | None:
        """What reads mails that come back; None if nobody may pass them on."""
        logins = revealed(self._settings.bounce_login, self._settings.bounce_login_before)
        return MailReceiver(logins, self._seal) if logins else None

    async def send(self, message: Message) -> Outcome:
        if self._closed:
            raise RuntimeError("this adapter is closed")
        if message.channel != "email":
            raise ValueError(f"this adapter does not carry {message.channel!r}")
        to = read_address(message.address)
        if to is None:
            return Rejected(
                FailureClass.PERMANENT_RECIPIENT, "5.1.3", "this is not an e-mail address"
            )
        raw = self._signed(build(self._sealed(message), to, self._sender, message.at), message.at)
        async with self._slots:
            return await self._send(message, to, raw)

    async def probe(self, now: Instant) -> str:
        """As far as being greeted, encrypted and logged in."""
        server = f"{self._settings.host}:{self._settings.port_number}"
        try:
            connection = await connect(self._settings, self._context)
        except Refused as answer:
            outcome = answer.outcome
            code = f"{outcome.code}, " if isinstance(outcome, Rejected) else ""
            return f"{server} did not let us in ({code}{outcome.reason})."
        await connection.quit()
        return ""

    async def close(self) -> None:
        """Messages under way are finished; their connections close behind them."""
        self._closed = True
        while self._idle:
            await self._idle.pop().quit()

    def _sealed(self, message: Message) -> Message:
        if self._seal is None:
            return message
        sealed = {**message.headers, SEAL_HEADER: self._seal.of(message.id)}
        return replace(message, headers=sealed)

    async def _send(self, message: Message, to: Address, raw: bytes) -> Outcome:
        reused = await self._take_idle()
        if reused is not None:
            # A server may hang up on an idle connection at any moment: nothing was handed over,
            # so a fresh connection may try again. Only once: then it is the server's answer.
            with suppress(Lost):
                return await self._carry(reused, message, to, raw)
        try:
            fresh = await connect(self._settings, self._context)
        except Refused as answer:
            return answer.outcome
        try:
            return await self._carry(fresh, message, to, raw)
        except Lost as lost:
            return Rejected(FailureClass.TRANSIENT, "lost", str(lost))

    async def _carry(
        self, connection: Connection, message: Message, to: Address, raw: bytes
    ) -> Outcome:
        try:
            refusal = _beyond(connection, to, raw)
            if refusal is not None:
                outcome: Outcome = refusal
            else:
                path = self._seal.path(message.id) if self._seal else None
                outcome = await connection.carry(
                    path or self._settings.bounces_to,
                    str(to),
                    raw,
                    message_id(message.id, self._sender.domain),
                )
        except BaseException:  # cancelled in the middle of a dialogue: nobody knows what comes next
            connection.drop()
            raise
        await self._give_back(connection)
        return outcome

    async def _take_idle(self) -> Connection | None:
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if not connection.alive:
                continue
            if now - connection.last_used < self._settings.idle_seconds:
                return connection
            with suppress(Lost):
                await connection.check()
                return connection
        return None

    async def _give_back(self, connection: Connection) -> None:
        if not connection.alive:
            return
        if self._closed or connection.messages >= self._settings.messages_per_connection:
            await connection.quit()
            return
        connection.last_used = asyncio.get_running_loop().time()
        self._idle.append(connection)


def _beyond(connection: Connection, to: Address, raw: bytes) -> Rejected | None:
    """What the server has said it cannot take."""
    if to.international and not connection.international:
        return Rejected(
            FailureClass.PERMANENT_RECIPIENT, "5.6.7", "the server takes ASCII addresses only"
        )
    if connection.largest is not None and len(raw) > connection.largest:
        return Rejected(
            FailureClass.PERMANENT_CONTENT,
            "5.3.4",
            f"{len(raw)} bytes are more than the {connection.largest} the server takes",
        )
    return None


def _seal(settings: SmtpSettings) -> Seal | None:
    keys = revealed(settings.bounce_key, settings.bounce_key_before)
    return Seal(keys, settings.bounce_domain or "") if settings.bounce_key is not None else None


def _signing(settings: SmtpSettings) -> Callable[[bytes, Instant], bytes]:
    """What puts our signature before a message, if we sign."""
    if settings.dkim_selector is None or settings.dkim_private_key is None:
        return lambda raw, _at: raw
    from channels.email.dkim import Signer, read_signing_key  # noqa: PLC0415 - an extra

    key = read_signing_key(settings.dkim_private_key.get_secret_value())
    return Signer(settings.dkim_domain or settings.own_domain, settings.dkim_selector, key).sign


def _tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    """One for all connections: reading the certificates takes longer than a message."""
    if settings.encryption == "none":
        return None
    context = ssl.create_default_context()
    if settings.ca_file is not None:
        try:
            context.load_verify_locations(settings.ca_file)
        except OSError as refusal:  # ssl.SSLError is one
            raise SettingsError(
                f'adapter "smtp": ca_file {settings.ca_file} cannot be used: {refusal}.'
                " Name a file of certificates in PEM form."
            ) from refusal
    return context
