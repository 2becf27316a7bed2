"""Amazon SNS, which carries what SES tells: envelopes, signed with a key whose certificate has to be
fetched.

Nothing is fetched but from SNS's own host of the topic's own region, and from who issued its
certificate; nothing is believed but of the topic that was set. Written from "Verifying the signatures of Amazon SNS messages" in Amazon's
developer guide.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from channels.receipts import moment
from dsl.calendar import MINUTE, Instant, from_datetime

__all__ = ["Certificate", "Topic", "is_fresh", "read_certificate", "text_to_sign", "verified"]

_ARN = re.compile(r"arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[\w-]{1,256}")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
    "UnsubscribeConfirmation": (
        *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_DIGESTS: Mapping[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - of its signatures of version 1, which is the default
    "2": hashes.SHA256(),
}
_NAMES = {
    "aws": ("sns.amazonaws.com",),
    "aws-cn": ("sns-cn-north-1.amazonaws.com.cn", "sns-cn-northwest-1.amazonaws.com.cn"),
    "aws-us-gov": ("sns-us-gov-west-1.amazonaws.com",),
}
_CERTIFICATE = re.compile(r"/[A-Za-z0-9_-]+\.pem")
_SHORTEST_KEY = 2048  # bits
_OLDEST = 65 * MINUTE  # SNS tries for an hour at most to hand over what it once said
_AHEAD = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Topic:
    """The one that SES tells. ``host`` is where SNS's certificates, and its doors, are; ``names``
    are those that its certificates are issued to in that region.
    """

    arn: str
    host: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, arn: str) -> Topic:
        """Raises ``ValueError`` for what is no ARN of a topic."""
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ValueError(f"{arn!r} is not the ARN of a topic of SNS")
        end = "com.cn" if found[1] == "aws-cn" else "com"
        host, signing = (f"{each}.{found[2]}.amazonaws.{end}" for each in ("sns", "sns-signing"))
        return cls(arn, host, (host, signing, *_NAMES[found[1]]))

    def certificate(self, address: object) -> str | None:
        """The address if a certificate may be fetched from it."""
        parts = self._own(address)
        if parts is None or parts.query or not _CERTIFICATE.fullmatch(parts.path):
            return None
        only = f"https://{self.host}{parts.path}"  # or one certificate would have many addresses
        return only if address == only else None

    def confirmation(self, address: object) -> str | None:
        """The address if calling it confirms a subscription to this topic, and does nothing else."""
        parts = self._own(address)
        if parts is None or parts.path not in ("", "/"):
            return None
        asked = parse_qs(parts.query)
        confirms = asked.get("Action") == ["ConfirmSubscription"]
        return str(address) if confirms and asked.get("TopicArn") == [self.arn] else None

    def _own(self, address: object) -> SplitResult | None:
        if not isinstance(address, str) or not address.isascii() or not address.isprintable():
            return None
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        ours = parts.scheme == "https" and parts.netloc == self.host and not parts.fragment
        return parts if ours and "\\" not in address else None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What signatures are verified with, and while when."""

    key: rsa.RSAPublicKey
    since: Instant
    until: Instant
    whole: x509.Certificate


def read_certificate(text: bytes) -> Certificate | None:
    """The certificate in PEM; None if it is none, or its key of a kind that SNS does not use."""
    try:
        found = x509.load_pem_x509_certificate(text)
        key = found.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _SHORTEST_KEY:
        return None
    return Certificate(
        key,
        from_datetime(found.not_valid_before_utc),
        from_datetime(found.not_valid_after_utc),
        found,
    )


def text_to_sign(envelope: Mapping[str, object]) -> bytes | None:
    """What SNS signs of an envelope: names and values, each on a line of its own."""
    names = _SIGNED.get(str(envelope.get("Type")))
    if names is None:
        return None
    lines = []
    for name in names:
        value = envelope.get(name)
        if value is None and name == "Subject":
            continue
        if not isinstance(value, str):
            return None
        lines += [name, value]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def verified(envelope: Mapping[str, object], certificate: Certificate, now: Instant) -> bool:
    """Whether it was signed with that certificate, while that was valid."""
    text = text_to_sign(envelope)
    digest = _DIGESTS.get(str(envelope.get("SignatureVersion")))
    if text is None or digest is None or not certificate.since <= now <= certificate.until:
        return False
    try:
        given = b64decode(str(envelope.get("Signature")), validate=True)
        certificate.key.verify(given, text, padding.PKCS1v15(), digest)
    except (ValueError, InvalidSignature):
        return False
    return True


def is_fresh(envelope: Mapping[str, object], now: Instant) -> bool:
    """Whether SNS can still be trying to hand it over."""
    at = moment(envelope.get("Timestamp"))
    return at > 0 and now - _OLDEST <= at <= now + _AHEAD
