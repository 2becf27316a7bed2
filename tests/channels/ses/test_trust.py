"""Which certificates are SNS's own."""

from __future__ import annotations

import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from channels.receipts import Answered, NotGenuine
from channels.ses.receipts import SesReceiver
from channels.ses.trust import roots_of_this_machine

from .events import delivery
from .notary import TOPIC, Shelf, between, certificate, heard, notification, signed
from .notary import receiver as made

GOOD = notification(delivery())


@pytest.mark.parametrize(
    "shelf",
    [
        pytest.param(Shelf(certificate(called="sns.example.com")), id="another name"),
        pytest.param(Shelf(certificate(called="sns.us-east-1.amazonaws.com")), id="another region"),
        pytest.param(Shelf(certificate(issuer="somebody")), id="another issuer"),
        pytest.param(Shelf(issuer=between(of="somebody")), id="another root"),
        pytest.param(Shelf(issuer=b""), id="no issuer"),
        pytest.param(Shelf(issuer=b"no certificate"), id="not a certificate"),
        pytest.param(
            Shelf(certificate(where="http://crt.amazontrust.com.example.com/x.cer")),
            id="an issuer at a name like the one",
        ),
        pytest.param(
            Shelf(certificate(where="http://example.com/r2m01.cer")), id="an issuer elsewhere"
        ),
        pytest.param(Shelf(certificate(where="file:///etc/passwd")), id="an issuer in a file"),
    ],
)
def test_a_certificate_is_believed_that_leads_to_a_root_of_this_machine(shelf: Shelf) -> None:
    """And only if it was issued to SNS. It may be a hiccup, so SNS is asked to come again."""
    found = heard(made(shelf), signed(GOOD))

    assert isinstance(found, NotGenuine)
    assert found.again


@pytest.mark.parametrize(
    "called", ["sns.eu-central-1.amazonaws.com", "sns-signing.eu-central-1.amazonaws.com"]
)
def test_sns_goes_by_names_of_its_region_too(called: str) -> None:
    assert isinstance(heard(made(Shelf(certificate(called=called))), signed(GOOD)), Answered)


def test_the_issuer_may_come_as_text() -> None:
    der = x509.load_der_x509_certificate(between())
    shelf = Shelf(issuer=der.public_bytes(Encoding.PEM))

    assert isinstance(heard(made(shelf), signed(GOOD)), Answered)


def test_without_roots_nobody_is_believed() -> None:
    receiver = SesReceiver((TOPIC,), Shelf().fetch, tuple)

    assert isinstance(heard(receiver, signed(GOOD)), NotGenuine)


def test_this_machine_trusts_somebody() -> None:
    """As its TLS does, whose certificates are in one file or in a folder."""
    found = roots_of_this_machine()

    assert [each for each in found if not each.startswith(b"\x30")] == []
    assert len(found) >= len(ssl.create_default_context().get_ca_certs(binary_form=True))
