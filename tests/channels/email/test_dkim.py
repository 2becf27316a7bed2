"""Signatures that somebody else's verifier believes, and nothing that was changed."""

from __future__ import annotations

import asyncio
from functools import cache

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.email.address import read_address
from channels.email.dkim import Key, Signer, published, read_signing_key
from channels.email.mime import Sender, build
from channels.email.settings import SmtpSettings
from channels.email.smtp import SmtpAdapter
from channels.message import Message
from tests.channels.email.letters import HEADERS, letter
from tests.channels.email.servers import HOST, Mailbox, mail_server

NOW = 1_767_268_800_000_000


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def key_of(kind: str) -> Key:
    return rsa_key() if kind == "rsa" else ed_key()


def record_of(key: Key) -> bytes:
    """The record in the DNS."""
    kind = "ed25519" if isinstance(key, ed25519.Ed25519PrivateKey) else "rsa"
    return f"v=DKIM1; k={kind}; p={published(key)}".encode()


def is_believed(message: bytes, key: Key) -> bool:
    record = {b"s1._domainkey.shop.example.": record_of(key)}
    return bool(dkim.verify(message, dnsfunc=lambda name, **_: record.get(name, b"")))


def built(message: Message) -> bytes:
    to, sender = read_address(message.address), read_address("news@shop.example")
    assert to is not None
    assert sender is not None
    return build(message, to, Sender("Der Läden", sender, "shop.example", "help@shop.example"), NOW)


def signed(message: Message, key: Key) -> bytes:
    return Signer("shop.example", "s1", key).sign(built(message), NOW)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_somebody_elses_verifier_believes_it(kind: str) -> None:
    raw = signed(letter(), key_of(kind))

    assert is_believed(raw, key_of(kind))
    assert all(len(line) <= 78 for line in raw.partition(b"\r\nFrom:")[0].split(b"\r\n"))


def test_the_way_to_unsubscribe_is_signed() -> None:
    head = signed(letter(), ed_key()).partition(b"From:")[0].replace(b"\r\n ", b"")
    names = head.split(b"h=")[1].split(b";")[0].split(b":")

    assert {name.lower().encode() for name in HEADERS} <= set(names)
    assert names.count(b"from") == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"Hallo!", b"Hello!"),
        (b"shop.example/u/d1", b"evil.example/u/1"),
        (b"ada@example.com", b"eve@example.com"),
        (b"MIME-Version", b"From: eve@example.com\r\nMIME-Version"),
        (b"MIME-Version", b"Subject: You have won\r\nMIME-Version"),
        (b"MIME-Version", b"List-Unsubscribe: <https://evil.example>\r\nMIME-Version"),
    ],
)
def test_whatever_is_changed_or_added_is_noticed(before: bytes, after: bytes) -> None:
    raw = signed(letter(), ed_key())
    head, _, rest = raw.partition(b"\r\nFrom:")

    changed = head + b"\r\nFrom:" + rest.replace(before, after, 1)
    assert changed != raw
    assert not is_believed(changed, ed_key())


def test_servers_may_fold_headers_anew() -> None:
    raw = signed(letter(), ed_key())
    folded = raw.replace(b"Reply-To: help", b"Reply-To:\r\n \t help", 1)

    assert folded != raw
    assert is_believed(folded, ed_key())


@settings(max_examples=60, deadline=None)
@given(
    subject=st.text(max_size=120),
    text=st.text(max_size=300),
    html=st.text(max_size=300),
)
def test_any_message_is_signed_so_that_it_is_believed(subject: str, text: str, html: str) -> None:
    assert is_believed(signed(letter(subject=subject, text=text, html=html), ed_key()), ed_key())


def pem(key: object) -> str:
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]
    return str(data.decode())


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_is_read_from_its_file(kind: str) -> None:
    key = read_signing_key(pem(key_of(kind)))

    assert is_believed(signed(letter(), key), key_of(kind))


@pytest.mark.parametrize(
    "wrong", ["", "x", "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----"]
)
def test_what_is_no_key_is_said(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a private key"):
        read_signing_key(wrong)


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="an Ed25519 key, or an RSA key of 1024 bits"):
        read_signing_key(pem(ec.generate_private_key(ec.SECP256R1())))


def test_what_goes_over_smtp_is_signed_for_the_senders_domain() -> None:
    async def story() -> bytes:
        mailbox = Mailbox()
        async with mail_server(mailbox) as server:
            settings = SmtpSettings.model_validate(
                {
                    "host": HOST,
                    "port": server.port,
                    "encryption": "none",
                    "from": "Shop <news@shop.example>",
                    "dkim_selector": "s1",
                    "dkim_private_key": pem(rsa_key()),
                }
            )
            adapter = SmtpAdapter(settings)
            await adapter.send(letter(at=NOW))
            await adapter.close()
            return mailbox.received[0][1]

    assert is_believed(asyncio.run(story()), rsa_key())
