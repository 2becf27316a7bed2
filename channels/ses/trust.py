"""Whether a certificate is SNS's own: issued to it, by an issuer that leads to a root this machine
trusts.

SNS hands out its certificate alone; where its issuer's is, it says itself. That is fetched from
Amazon's certificate authority and nowhere else, and it does not matter that it comes without TLS:
it is believed only if a root of this machine has signed it.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from dsl.calendar import Instant, to_datetime

__all__ = ["Roots", "is_trusted", "issuer_address", "roots_of_this_machine"]

Roots: TypeAlias = Callable[[], Sequence[bytes]]
"""Gets the certificates that are trusted, as DER."""

_ISSUER = re.compile(
    r"http://(?:[a-z0-9-]+\.){1,3}amazontrust\.com/[A-Za-z0-9_.-]{1,64}\.(?:cer|crt)"
)


def issuer_address(leaf: x509.Certificate) -> str | None:
    """Where the certificate of its issuer is, if it may be fetched from there."""
    try:
        access = leaf.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
    named = [
        each.access_location.value
        for each in access
        if each.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]
    return next((each for each in named if _ISSUER.fullmatch(each)), None)


def is_trusted(
    leaf: x509.Certificate,
    issuer: bytes,
    names: Iterable[str],
    roots: Iterable[bytes],
    now: Instant,
) -> bool:
    """Whether ``leaf`` was issued to one of ``names``, by an ``issuer`` (as it was fetched) that
    leads to one of ``roots``, all of them valid now.
    """
    between = _read(issuer)
    if between is None:
        return False
    named = between.issuer.public_bytes()  # of all the others nothing needs to be read
    above = [root for each in roots if named in each and (root := _read(each)) is not None]
    if not above:
        return False
    policy = PolicyBuilder().store(Store(above)).time(to_datetime(now))
    for name in names:
        with suppress(VerificationError, ValueError):
            policy.build_server_verifier(x509.DNSName(name)).verify(leaf, [between])
            return True
    return False


def roots_of_this_machine() -> list[bytes]:
    """Those that its TLS trusts as well, in one file or, if there is none, in a folder of them."""
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    folder = ssl.get_default_verify_paths().capath
    if not found and folder is not None:
        for path in sorted(Path(folder).glob("*.[0-9]")):
            with suppress(OSError, ValueError):
                found.append(ssl.PEM_cert_to_DER_cert(path.read_text("ascii").strip()))
    return found


def _read(text: bytes) -> x509.Certificate | None:
    with suppress(ValueError, UnsupportedAlgorithm):
        if text.lstrip().startswith(b"-----BEGIN"):
            return x509.load_pem_x509_certificate(text)
        return x509.load_der_x509_certificate(text)
    return None
