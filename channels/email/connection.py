"""One SMTP connection, one message at a time. Knows where in the dialogue it stands."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
from aiosmtplib import SMTP, SMTPResponse

from channels.email.replies import after_the_dot, readable, refusal
from channels.email.settings import SmtpSettings
from channels.email.smtp_codes import Stage
from channels.outcome import FailureClass, Outcome, RateLimited, Rejected, Unknown

__all__ = ["Connection", "Lost", "Refused", "connect"]

_GO_AHEAD = 354
_CLOSING = 421


class Refused(Exception):
    """The server answered no."""

    def __init__(self, outcome: Rejected | RateLimited) -> None:
        super().__init__(outcome)
        self.outcome = outcome


class Lost(Exception):
    """There was no answer, and nothing had been handed over."""


class Connection:
    """``alive`` says whether another message may go over it. Times are the event loop's."""

    def __init__(self, client: SMTP) -> None:
        self._client = client
        self._dirty = False
        self.messages = 0
        self.last_used = 0.0

    @property
    def alive(self) -> bool:
        return self._client.is_connected

    @property
    def international(self) -> bool:
        """Whether the server takes addresses beyond ASCII (RFC 6531)."""
        return self._client.supports_extension("smtputf8")

    @property
    def largest(self) -> int | None:
        """The largest message the server says it takes (RFC 1870)."""
        said = self._client.esmtp_extensions.get("size", "").strip()
        return int(said) or None if said.isascii() and said.isdigit() else None

    async def check(self) -> None:
        """Raises Lost if the server has gone away in the meantime."""
        reply = await self._ask(b"NOOP")
        if reply.code != 250:
            self.drop()
            raise Lost(readable(f"{reply.code} {reply.message}"))

    async def carry(self, sender: str, recipient: str, message: bytes, fallback: str) -> Outcome:
        """Hands over one message for one recipient. ``fallback`` is our id for it.

        Raises Lost only while nothing has been handed over.
        """
        self.messages += 1
        try:
            await self._announce(sender, recipient, len(message))
        except Refused as answer:
            return answer.outcome
        self._dirty = False  # whatever the answer is now, the next command starts afresh
        return await self._content(message, fallback)

    async def _announce(self, sender: str, recipient: str, size: int) -> None:
        if self._dirty:
            reply = await self._ask(b"RSET")
            if reply.code != 250:
                self.drop()
                raise Lost(readable(f"{reply.code} {reply.message}"))
        self._dirty = True
        options = [b"SIZE=%d" % size] if self._client.supports_extension("size") else []
        if not recipient.isascii():
            options.append(b"SMTPUTF8")
        reply = await self._ask(b"MAIL", b"FROM:<%s>" % sender.encode(), *options)
        if reply.code == _CLOSING and self.messages > 1:  # enough of this connection, not of us
            raise Lost(readable(reply.message))
        if reply.code != 250:
            raise Refused(refusal(Stage.SENDER, reply.code, reply.message))
        reply = await self._ask(b"RCPT", b"TO:<%s>" % recipient.encode())
        if reply.code not in (250, 251):
            raise Refused(refusal(Stage.RECIPIENT, reply.code, reply.message))
        reply = await self._ask(b"DATA")
        if reply.code != _GO_AHEAD:
            raise Refused(refusal(Stage.DATA, reply.code, reply.message))

    async def _content(self, message: bytes, fallback: str) -> Outcome:
        protocol = self._client.protocol
        if protocol is None:
            raise Lost("the connection was closed before the message")
        # The library's own DATA does not tell whether a lost connection had swallowed a message.
        try:
            protocol.write(_with_dots(message))
        except (aiosmtplib.SMTPException, OSError) as lost:
            raise Lost(readable(str(lost))) from lost
        try:
            code, text = await protocol.read_response(timeout=self._client.timeout)
        except aiosmtplib.SMTPResponseException as nonsense:
            self.drop()
            return after_the_dot(nonsense.code, nonsense.message, fallback)
        except (aiosmtplib.SMTPException, OSError) as lost:
            self.drop()
            return Unknown(f"no answer to the whole message: {readable(str(lost))}")
        if code == _CLOSING:
            self.drop()
        return after_the_dot(code, text, fallback)

    async def _ask(self, *command: bytes) -> SMTPResponse:
        try:
            return await self._client.execute_command(*command)
        except (aiosmtplib.SMTPException, OSError) as lost:
            self.drop()
            raise Lost(readable(str(lost))) from lost

    async def quit(self) -> None:
        """Says goodbye, if anybody still listens."""
        try:
            await self._client.quit(timeout=min(self._client.timeout or 5.0, 5.0))
        except (aiosmtplib.SMTPException, OSError):
            pass
        finally:
            self.drop()

    def drop(self) -> None:
        """Closes without a word."""
        self._client.close()


async def connect(settings: SmtpSettings, context: ssl.SSLContext | None) -> Connection:
    """A connection that is greeted, encrypted and logged in as the settings say.

    Raises Refused; a server that cannot be reached is a refusal too.
    """
    client = SMTP(
        hostname=settings.host,
        port=settings.port_number,
        local_hostname=settings.own_domain,
        timeout=settings.timeout_seconds,
        use_tls=settings.encryption == "tls",
        start_tls=False,  # done below, so that a refusal can be told from others
        tls_context=context,
    )
    try:
        async with _stage(Stage.CONNECT):
            await client.connect()
            await client.ehlo()
            if settings.encryption == "starttls":
                await _encrypt(client)
        if settings.username is not None and settings.password is not None:
            async with _stage(Stage.AUTH):
                await _log_in(client, settings.username, settings.password.get_secret_value())
    except BaseException:
        client.close()
        raise
    return Connection(client)


async def _encrypt(client: SMTP) -> None:
    if not client.supports_extension("starttls"):
        raise _unable("STARTTLS", f"{client.hostname} offers no encryption")
    await client.starttls()
    await client.ehlo()


async def _log_in(client: SMTP, username: str, password: str) -> None:
    if not client.supported_auth_methods:
        raise _unable("AUTH", f"{client.hostname} offers no login that we know")
    await client.login(username.encode(), password.encode())


def _unable(code: str, reason: str) -> Refused:
    return Refused(Rejected(FailureClass.PERMANENT_CONFIG, code, reason))


@asynccontextmanager
async def _stage(stage: Stage) -> AsyncIterator[None]:
    try:
        yield
    except aiosmtplib.SMTPResponseException as answer:
        raise Refused(refusal(stage, answer.code, answer.message)) from answer
    except (aiosmtplib.SMTPException, OSError) as lost:
        raise Refused(
            Rejected(FailureClass.TRANSIENT, stage.value, readable(str(lost) or repr(lost)))
        ) from lost


def _with_dots(message: bytes) -> bytes:
    """The message with leading dots doubled, and the final dot (RFC 5321, 4.5.2)."""
    body = message.replace(b"\r\n.", b"\r\n..")
    return (b"." if body.startswith(b".") else b"") + body + b".\r\n"
