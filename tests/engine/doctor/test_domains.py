"""What a domain says of its e-mail, asked of a real resolver on this machine."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from channels.email.dkim import published
from engine.config import OperatorError
from engine.doctor.domains import Signing, Unanswered, domain
from engine.doctor.resolver import resolver

SPF = "v=spf1 include:mail.example -all"
DMARC = "v=DMARC1; p=quarantine; rua=mailto:post@shop.example"
KEY = "v=DKIM1; k=rsa; p=MIIBIjANBg"
GOOD = {
    "shop.example": [SPF, "some-verification=1"],
    "_dmarc.shop.example": [DMARC],
    "s1._domainkey.shop.example": [KEY],
}


class NameServer:
    """Answers TXT questions from a table; to names that are not in it: there is no such name."""

    def __init__(self, texts: Mapping[str, Sequence[str]], *, broken: bool = False) -> None:
        self._texts = texts
        self._broken = broken
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, sender = self._socket.recvfrom(4096)
            if data == b"stop":
                return
            question = dns.message.from_wire(data)
            answer = dns.message.make_response(question)
            name = question.question[0].name
            texts = self._texts.get(name.to_text(omit_final_dot=True))
            if self._broken:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif texts is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            else:
                quoted = [" ".join(f'"{part}"' for part in _parts(text)) for text in texts]
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", *quoted))
            self._socket.sendto(answer.to_wire(), sender)

    def close(self) -> None:
        """Ends."""
        self._socket.sendto(b"stop", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


def _parts(text: str) -> list[str]:
    """A record is made of strings of at most 255 characters; readers join them."""
    return [text[start : start + 20] for start in range(0, len(text), 20)]


@pytest.fixture
def servers() -> Iterator[list[NameServer]]:
    made: list[NameServer] = []
    yield made
    for server in made:
        server.close()


def examined(
    servers: list[NameServer],
    selector: str | None = "s1",
    public: str = "",
    **changes: Sequence[str] | None,
) -> list[str]:
    """Findings on a shop that does everything right but for ``changes``, as ``level: says``."""
    places = {
        "spf": "shop.example",
        "dmarc": "_dmarc.shop.example",
        "dkim": "s1._domainkey.shop.example",
    }
    texts = dict[str, Sequence[str]](GOOD)
    for what, records in changes.items():
        texts.pop(places[what])
        if records is not None:
            texts[places[what]] = records
    server = NameServer(texts)
    servers.append(server)
    signing = None if selector is None else Signing(selector, public=public)
    found = domain("shop.example", signing, resolver(server.address))
    assert all(each.fix for each in found if each.level != "ok")
    return [f"{each.level}: {each.says}" for each in found]


def test_a_domain_with_everything_is_well(servers: list[NameServer]) -> None:
    assert examined(servers) == [
        "ok: shop.example says who may send its mail (SPF).",
        "ok: shop.example has a DMARC record (p=quarantine).",
        "ok: shop.example has a DKIM key (s1).",
    ]


def test_without_a_selector_no_key_is_looked_for(servers: list[NameServer]) -> None:
    assert len(examined(servers, selector=None)) == 2


@pytest.mark.parametrize(
    ("records", "says"),
    [
        (None, "says nothing about who may send its mail"),
        (["v=spf10 -all"], "says nothing about who may send its mail"),
        ([SPF, "V=SPF1 -all"], "2 SPF records, and then none of them counts"),
        (["v=spf1 mx +all"], "lets anybody at all send its mail"),
        (["v=spf1 all"], "lets anybody at all send its mail"),
    ],
)
def test_spf(servers: list[NameServer], records: Sequence[str] | None, says: str) -> None:
    (spf, *_) = examined(servers, spf=records)

    assert spf.startswith("problem: ")
    assert says in spf


@pytest.mark.parametrize(
    ("records", "says"),
    [
        (None, "no DMARC record"),
        (["v=DMARC1; rua=mailto:post@shop.example"], "cannot be read"),
        (["v=DMARC1; p=perhaps"], "cannot be read"),
        ([DMARC, DMARC + ";"], "cannot be read"),
    ],
)
def test_dmarc(servers: list[NameServer], records: Sequence[str] | None, says: str) -> None:
    (_, dmarc, _) = examined(servers, dmarc=records)

    assert dmarc.startswith("problem: ")
    assert says in dmarc


@pytest.mark.parametrize(
    ("records", "says"),
    [(None, "no DKIM key"), (["v=DKIM1; p="], "has been withdrawn"), (["hello"], "no DKIM key")],
)
def test_dkim(servers: list[NameServer], records: Sequence[str] | None, says: str) -> None:
    (*_, dkim) = examined(servers, dkim=records)

    assert dkim.startswith("problem: ")
    assert says in dkim


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_the_published_key_is_the_one_that_messages_are_signed_with(
    servers: list[NameServer], kind: str
) -> None:
    """Somebody who has changed one of the two and not the other sends what nobody believes."""
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else Ed25519PrivateKey.generate()
    ours = published(key)
    cut = f"v=DKIM1; k={kind}; p={ours[:20]} {ours[20:]}"  # as records are cut

    assert examined(servers, public=ours, dkim=[cut])[-1].startswith("ok: ")
    assert examined(servers, public=ours)[-1] == (
        "problem: The DKIM key at s1._domainkey.shop.example is not the one that messages are signed"
        " with."
    )
    server = NameServer(GOOD)
    servers.append(server)
    signing = Signing("s2", "mail.shop.example", ours)
    missing = domain("shop.example", signing, resolver(server.address))[-1]
    assert "s2._domainkey.mail.shop.example" in missing.says
    assert f"k={kind}; p={ours}" in missing.fix


def test_a_resolver_that_fails_says_nothing_about_the_domain(servers: list[NameServer]) -> None:
    server = NameServer({}, broken=True)
    servers.append(server)
    ask = resolver(server.address)

    with pytest.raises(Unanswered):
        ask("shop.example")
    assert {each.level for each in domain("shop.example", Signing("s1"), ask)} == {"note"}


@pytest.mark.parametrize("server", ["dns.example", "127.0.0.1:x", "", "::1:x", "1.2.3.4.5"])
def test_a_resolver_is_named_by_its_address(server: str) -> None:
    with pytest.raises(OperatorError, match="is not the address of a resolver"):
        resolver(server)
