"""Mail servers for tests, in the test's own event loop, on loopback and a free port."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP as Session  # noqa: N811 - SMTP says less here
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


class Mailbox:
    """A real server's handler: keeps what arrives, answers what a test says.

    ``replies`` are by verb: MAIL, RCPT, DATA (the reply to the whole message);
    ``once`` are replies to the next command only.
    """

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.replies: dict[str, str] = {}
        self.hang_up_after_message = False
        self.once: dict[str, str] = {}
        self.begun = asyncio.Event()
        self.most_at_once = 0
        self.encrypted: list[bool] = []
        self.logins: list[str] = []
        self._now = 0

    async def handle_MAIL(  # noqa: N802 - the server's name for it
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.begun.set()
        reply = self.once.pop("MAIL", None) or self.replies.get("MAIL")
        if reply is not None:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 fine"

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        await asyncio.sleep(0)
        self._now -= 1
        (address,) = envelope.rcpt_tos
        self.received.append((address, envelope.content))
        self.encrypted.append(session.ssl is not None)
        if self.hang_up_after_message:
            server.transport.close()
        return f"250 2.0.0 Ok: queued as Q{len(self.received)}"

    def authenticate(self, server: Any, session: Any, envelope: Any, way: str, data: Any) -> Any:
        self.logins.append(data.login.decode())
        return AuthResult(
            success=(data.login, data.password) == (b"shop", b"s3cret"), handled=False
        )


class Server:
    """Listens with one session per connection; can go away and come back on the same port."""

    def __init__(
        self, session: Callable[[], asyncio.BaseProtocol], tls: ssl.SSLContext | None
    ) -> None:
        self._session = session
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._open: list[asyncio.BaseProtocol] = []
        self.port = 0
        self.connections = 0

    def _accept(self) -> asyncio.BaseProtocol:
        self.connections += 1
        session = self._session()
        self._open.append(session)
        return session

    async def start(self) -> None:
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, HOST, self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self.hang_up()

    def hang_up(self) -> None:
        for session in self._open:
            transport = getattr(session, "transport", None)
            if transport is not None:
                transport.close()
        self._open.clear()


@asynccontextmanager
async def mail_server(
    mailbox: Mailbox, *, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[Server]:
    """A real SMTP server. ``tls`` encrypts from the start; for STARTTLS give ``tls_context``."""
    settings = {"hostname": "mx.example.com", "enable_SMTPUTF8": True, **options}
    loop = asyncio.get_running_loop()
    server = Server(lambda: Session(mailbox, loop=loop, **settings), tls)
    await server.start()
    try:
        yield server
    finally:
        server.stop()
        for _ in range(5):  # sessions notice that they are over
            await asyncio.sleep(0)


class Scripted(asyncio.Protocol):
    """A server that says just what the script says, by verb: CONNECT, EHLO, MAIL, RCPT, DATA,
    END (after the final dot), NOOP, RSET, QUIT. None hangs up; an empty text says nothing.
    """

    USUAL: Mapping[str, str | None] = {
        "CONNECT": "220 hello",
        "EHLO": "250 mx.example.com",
        "DATA": "354 go on",
        "QUIT": "221 bye",
    }

    def __init__(self, script: Mapping[str, str | None], heard: list[str]) -> None:
        self._script = {**self.USUAL, **script}
        self._heard = heard
        self._buffer = b""
        self._in_message = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._answer("CONNECT")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            end = b"\r\n.\r\n" if self._in_message else b"\r\n"
            head, found, rest = self._buffer.partition(end)
            if not found:
                return
            self._buffer = rest
            verb = "END" if self._in_message else head.split()[0].decode().upper()
            self._in_message = False
            self._answer(verb)

    def _answer(self, verb: str) -> None:
        self._heard.append(verb)
        assert self.transport is not None
        reply = self._script.get(verb, "250 fine")
        if reply is None:
            self.transport.close()
        elif reply:
            self._in_message = verb == "DATA" and reply.startswith("354")
            self.transport.write(reply.encode("utf-8", "surrogateescape") + b"\r\n")


@asynccontextmanager
async def scripted_server(
    script: Mapping[str, str | None], heard: list[str]
) -> AsyncIterator[Server]:
    server = Server(lambda: Scripted(script, heard), None)
    await server.start()
    try:
        yield server
    finally:
        server.stop()
        for _ in range(5):
            await asyncio.sleep(0)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 signed by itself: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.example.com")])
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=36500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "ca.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
