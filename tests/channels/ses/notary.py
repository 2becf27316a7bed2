"""SNS's part: a key with a certificate, made here, and envelopes signed with it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import orjson
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from channels.receipts import Answered, Incoming, NotGenuine
from channels.ses.receipts import SesReceiver
from channels.ses.sns import text_to_sign
from dsl.calendar import Instant, to_datetime

NOW: Instant = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC
TOPIC = "arn:aws:sns:eu-central-1:123456789012:ses-events"
HOST = "https://sns.eu-central-1.amazonaws.com"
ISSUER = "http://crt.r2m01.amazontrust.com/r2m01.cer"
PEM = f"{HOST}/SimpleNotificationService-7ff5318490ec183fbaddaa2a969abfda.pem"
_FOR_SIGNING = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def _key_of(who: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def authority(name: str, of: str = "") -> x509.Certificate:
    """An authority's own certificate, issued ``of`` another, or by itself as a root's is."""
    at = to_datetime(NOW)
    by = of or name
    return (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(by))
        .public_key(_key_of(name).public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1000))
        .not_valid_after(at + timedelta(days=1000))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_FOR_SIGNING, critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(_key_of(name).public_key()), critical=False
        )
        .add_extension(_key_of_issuer(by), critical=False)
        .sign(_key_of(by), hashes.SHA256())
    )


@cache
def certificate(
    days: int = 30,
    called: str = "sns.amazonaws.com",
    issuer: str = "between",
    where: str = ISSUER,
) -> bytes:
    """Valid for some days around now; of the past if they are negative."""
    at = to_datetime(NOW)
    since = at - timedelta(days=abs(days))
    made = (
        x509.CertificateBuilder()
        .subject_name(_named(called))
        .issuer_name(_named(issuer))
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(at + timedelta(days=days) if days > 0 else since + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(called)]), critical=False)
        .add_extension(_key_of_issuer(issuer), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityInformationAccess(
                [
                    x509.AccessDescription(
                        AuthorityInformationAccessOID.CA_ISSUERS,
                        x509.UniformResourceIdentifier(where),
                    )
                ]
            ),
            critical=False,
        )
        .sign(_key_of(issuer), hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _key_of_issuer(name: str) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(_key_of(name).public_key())


@cache
def between(of: str = "root") -> bytes:
    """The certificate of who issues SNS's."""
    return authority("between", of).public_bytes(Encoding.DER)


@cache
def roots() -> tuple[bytes, ...]:
    """What this machine trusts."""
    return tuple(
        each.public_bytes(Encoding.DER) for each in (authority("another root"), authority("root"))
    )


def signed(envelope: Mapping[str, Any], by: rsa.RSAPrivateKey | None = None) -> Incoming:
    """The request with it, signed as its version says."""
    text = text_to_sign(envelope) or b""
    digest = hashes.SHA1() if envelope.get("SignatureVersion") == "1" else hashes.SHA256()
    given = (by or key()).sign(text, padding.PKCS1v15(), digest)
    body = orjson.dumps({**envelope, "Signature": b64encode(given).decode()})
    kind = {"x-amz-sns-message-type": str(envelope.get("Type"))}
    return Incoming("POST", "", {**kind, "content-type": "text/plain; charset=UTF-8"}, body)


def notification(message: object, **more: Any) -> dict[str, Any]:
    text = message if isinstance(message, str) else orjson.dumps(message).decode()
    told = {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": text,
        "Timestamp": "2026-01-01T12:00:00.000Z",
        "SignatureVersion": "1",
        "SigningCertURL": PEM,
        "UnsubscribeURL": f"{HOST}/?Action=Unsubscribe&SubscriptionArn={TOPIC}:c9135db0",
    }
    return {name: value for name, value in (told | more).items() if value is not None}


def confirmation(**more: Any) -> dict[str, Any]:
    told = {
        "Type": "SubscriptionConfirmation",
        "Subject": None,
        "Token": "2336412f37",
        "Message": f"You have chosen to subscribe to the topic {TOPIC}.",
        "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=2336412f37",
        "UnsubscribeURL": None,
    }
    return notification("", **(told | more))


class Shelf:
    """What is fetched, and what was asked for besides the issuer's certificate."""

    def __init__(self, pem: bytes | None = None, issuer: bytes | None = None) -> None:
        self.pem = certificate() if pem is None else pem
        self.issuer = between() if issuer is None else issuer
        self.asked: list[str] = []

    async def fetch(self, address: str) -> bytes | None:
        if address == ISSUER:
            return self.issuer or None
        self.asked.append(address)
        return self.pem or None


def receiver(shelf: Shelf, *topics: str) -> SesReceiver:
    return SesReceiver(topics or (TOPIC,), shelf.fetch, roots)


def heard(receiver: SesReceiver, incoming: Incoming, now: Instant = NOW) -> Answered | NotGenuine:
    """As the door does it: prepared, and then read."""
    asyncio.run(receiver.prepare(incoming, now))
    return receiver.read(incoming, now)
