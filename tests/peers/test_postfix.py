"""E-mail: a mail server that everybody knows takes our letters, over TLS, as we wrote them."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Awaitable, Callable, Iterator
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest

from channels.email.smtp import SmtpAdapter, SmtpSettings
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Rejected
from engine.clock import SystemClock
from tests.channels.email.letters import HEADERS, TEXTS, letter
from tests.channels.email.test_dkim import is_believed, rsa_key
from tests.channels.http.keys import pem
from tests.peers.postfix import LARGEST, Postfix, postfix, why_not

pytestmark = [
    pytest.mark.peers,
    # A connection over TLS says goodbye a little longer than the loop of a test lives.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def office() -> Iterator[Postfix]:
    if reason := why_not():
        pytest.skip(reason)
    with postfix() as running:
        yield running


def write(
    office: Postfix, story: Callable[[SmtpAdapter], Awaitable[None]], **settings: Any
) -> None:
    given = {
        "host": "127.0.0.1",
        "port": office.port,
        "encryption": "starttls",
        "ca_file": office.ca,
        "from": "Shop <news@shop.example>",
        "dkim_selector": "s1",
        "dkim_private_key": pem(rsa_key()),
    }
    adapter = SmtpAdapter(SmtpSettings.model_validate(given | settings))

    async def told() -> None:
        try:
            await story(adapter)
        finally:
            await adapter.close()

    asyncio.run(told())


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def test_a_letter_is_delivered_as_it_was_written_and_its_signature_holds(office: Postfix) -> None:
    async def story(adapter: SmtpAdapter) -> None:
        assert await adapter.probe(0) == ""
        outcome = await adapter.send(letter(at=SystemClock().now()))
        assert isinstance(outcome, Accepted), outcome

    write(office, story)
    raw = office.letters(1)[-1]
    found = parsed(raw)
    signed = raw[raw.index(b"DKIM-Signature:") :].replace(b"\n", b"\r\n")

    assert b"with ESMTPS" in raw
    assert is_believed(signed, rsa_key())
    assert str(found["Subject"]) == TEXTS["subject"]
    assert str(found["Message-ID"]) == "<d1@shop.example>"
    assert {name: str(found[name]) for name in HEADERS} == HEADERS
    for kind, name in (("plain", "text"), ("html", "html")):
        part = found.get_body((kind,))
        assert part is not None
        assert part.get_content().strip() == TEXTS[name]


def test_dots_and_long_lines_arrive(office: Postfix) -> None:
    hard = ".\n..\nFrom here\n" + "x" * 3000 + "\nQUIT"
    before = len(list(office.box.glob("new/*")))

    async def story(adapter: SmtpAdapter) -> None:
        assert isinstance(await adapter.send(letter(text=hard)), Accepted)

    write(office, story)
    texts = [parsed(raw).get_body(("plain",)) for raw in office.letters(before + 1)]

    assert hard in [part.get_content().rstrip("\n") for part in texts if part is not None]


def test_who_has_no_mailbox_there_is_told_from_a_letter_that_is_too_large(office: Postfix) -> None:
    async def story(adapter: SmtpAdapter) -> None:
        nobody = await adapter.send(letter("eve@example.com"))
        assert isinstance(nobody, Rejected)
        assert nobody.failure is FailureClass.PERMANENT_RECIPIENT
        assert nobody.code == "5.1.1"

        large = await adapter.send(letter(text="x" * LARGEST))
        assert isinstance(large, Rejected)
        assert large.failure is FailureClass.PERMANENT_CONTENT

        elsewhere = await adapter.send(letter("ada@elsewhere.example"))
        assert isinstance(elsewhere, Rejected)
        assert elsewhere.failure is not FailureClass.PERMANENT_RECIPIENT

    write(office, story)


def test_many_go_over_few_connections(office: Postfix) -> None:
    before = len(list(office.box.glob("new/*")))

    def numbered(number: int) -> Message:
        return Message(f"many-{number}", "email", "ada@example.com", "news", "w", "m", TEXTS)

    async def story(adapter: SmtpAdapter) -> None:
        outcomes = await asyncio.gather(*(adapter.send(numbered(n)) for n in range(40)))
        assert all(isinstance(each, Accepted) for each in outcomes)

    write(office, story, connections=2, messages_per_connection=15)
    names = [str(parsed(raw)["Message-ID"]) for raw in office.letters(before + 40)]

    assert sorted(name for name in names if name.startswith("<many-")) == sorted(
        f"<many-{number}@shop.example>" for number in range(40)
    )
