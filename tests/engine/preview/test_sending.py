"""A test that is really sent: to whom, marked how, and written down where."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import Mapping

import pytest

from channels.email.smtp import SmtpAdapter, SmtpSettings
from channels.memory import MemoryAdapter
from channels.outcome import Accepted, FailureClass, Rejected, Unknown
from engine.clock import SystemClock
from engine.operator import OperatorError
from engine.preview import Preview, from_document
from engine.preview.sending import channel_for, may_get_tests, send_test
from engine.store.protocol import StoreError
from tests.channels.email.servers import HOST, Mailbox, mail_server
from tests.engine.preview.shop import NOW, message, previewed, shop


def bea(*, masked: bool = True) -> Preview:
    """What Beatrice would be shown."""
    project = shop()
    person = {"profile": {"first_name": "Beatrice", "email": "bea@private.example"}}
    reader = from_document(project, message(project), person, "bea.json", NOW)
    return previewed(project, reader.masked(project) if masked else reader)


class Log:
    """Remembers what was written down."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, Mapping[str, str]]] = []

    def __call__(self, what: str, about: Mapping[str, str]) -> None:
        self.lines.append((what, about))


def unwritable(_what: str, _about: Mapping[str, str]) -> None:
    raise StoreError("the disk is full")


def test_a_test_arrives_marked_and_masked_and_is_written_down() -> None:
    """Over SMTP, at a real server."""
    mailbox, log = Mailbox(), Log()

    async def sent() -> str:
        async with mail_server(mailbox) as server:
            settings = {"host": HOST, "port": server.port, "encryption": "none"}
            chosen = SmtpSettings.model_validate({**settings, "from": "Shop <news@shop.example>"})
            adapter = SmtpAdapter(chosen)
            try:
                clock = SystemClock()
                return await send_test(bea(), "email", "qa@shop.example", adapter, clock, log)
            finally:
                await adapter.close()

    asyncio.run(sent())

    ((address, raw),) = mailbox.received
    letter = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert address == "qa@shop.example"
    assert str(letter["Subject"]) == "[Test] B*******, your cart"
    assert letter["X-Wayline-Test"] == "yes"
    assert letter["List-Unsubscribe"] is None
    assert b"Beatrice" not in raw
    assert b"bea@private.example" not in raw
    (before, about), (after, became) = log.lines
    assert (before, after) == ("preview send-to", "preview sent")
    assert (about["to"], about["message"]) == ("qa@shop.example", "cart_reminder")
    assert (became["outcome"], became["test"]) == ("accepted", about["test"])
    assert "Beatrice" not in str(log.lines)
    assert "bea.json" not in str(log.lines)


@pytest.mark.parametrize(
    ("channel", "address", "name", "words"),
    [
        ("sms", "+491511234567", "text", "TEST: B*******: 15 % off [today]"),
        ("push", "token", "title", "[Test] Your cart"),
        ("whatsapp", "+491511234567", "text", "Hi B*******, 15 % off."),  # approved as it is
    ],
)
def test_a_test_is_marked_on_every_channel_that_lets_us(
    channel: str, address: str, name: str, words: str
) -> None:
    adapter = MemoryAdapter()
    asyncio.run(send_test(bea(), channel, address, adapter, SystemClock(), Log()))

    assert adapter.messages[0].parts[name] == words


def test_what_is_personal_never_leaves_in_a_test() -> None:
    adapter = MemoryAdapter()

    with pytest.raises(OperatorError, match="must be masked"):
        asyncio.run(send_test(bea(masked=False), "sms", "+491511", adapter, SystemClock(), Log()))

    assert adapter.messages == []


def test_nothing_is_sent_that_cannot_be_written_down() -> None:
    adapter = MemoryAdapter()

    with pytest.raises(StoreError, match="the disk is full"):
        asyncio.run(send_test(bea(), "sms", "+491511", adapter, SystemClock(), unwritable))

    assert adapter.messages == []


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            Rejected(FailureClass.PERMANENT_RECIPIENT, "550", "no such user"),
            "the provider refused it (550: no such user)",
        ),
        (Unknown("the line was cut"), "nobody knows whether the provider took it"),
    ],
)
def test_a_refusal_is_said_and_written_down(outcome: Rejected | Unknown, words: str) -> None:
    adapter, log = MemoryAdapter(), Log()
    adapter.script(outcome)

    with pytest.raises(OperatorError) as raised:
        asyncio.run(send_test(bea(), "sms", "+491511234567", adapter, SystemClock(), log))

    assert words in str(raised.value)
    assert words in log.lines[1][1]["outcome"]


def test_what_cannot_be_built_is_not_sent() -> None:
    project = shop()
    nobody = from_document(project, message(project), {"profile": {}}, "x.json", NOW)
    made = previewed(project, nobody.masked(project))

    with pytest.raises(OperatorError, match="cannot be sent on push: first_name"):
        asyncio.run(send_test(made, "push", "token", MemoryAdapter(), SystemClock(), Log()))


def test_one_test_is_in_one_language() -> None:
    made = previewed(languages=("en", "de"))

    with pytest.raises(OperatorError, match="name it with --locale"):
        asyncio.run(send_test(made, "sms", "+491511234567", MemoryAdapter(), SystemClock(), Log()))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("qa@shop.example", True),
        (" QA@Shop.Example ", True),
        ("anybody@team.shop.example", True),
        ("+49 151 1234567", True),
        ("0049 151 1234567", True),
        ("bob@shop.example", False),
        ("x@other.team.shop.example", False),
        ("x@evil.example,y@team.shop.example", False),
        ("x@evil.example <y@team.shop.example", False),
        ("@team.shop.example", False),
        ("+49151123456", False),
        ("", False),
    ],
)
def test_tests_go_to_whom_the_operator_allows(address: str, *, allowed: bool) -> None:
    listed = ("qa@shop.example", "@team.shop.example", "+491511234567", "")

    assert may_get_tests(address, listed) is allowed
    assert not may_get_tests(address, ())


def test_an_address_says_which_channel_it_is_of() -> None:
    assert channel_for("qa@shop.example", ("email", "sms")) == "email"
    assert channel_for("+491511234567", ("email", "sms")) == "sms"
    assert channel_for("d3v1c3", ("email", "push")) == "push"
    with pytest.raises(OperatorError, match="say which with --channel"):
        channel_for("+491511234567", ("sms", "whatsapp"))
    with pytest.raises(OperatorError, match="says nothing on email"):
        channel_for("qa@shop.example", ("sms",))


def test_accepted_is_what_the_provider_calls_it() -> None:
    adapter = MemoryAdapter()
    adapter.script(Accepted("m-1"))
    sent = send_test(bea(), "sms", "+491511234567", adapter, SystemClock(), Log())

    assert asyncio.run(sent) == "m-1"


def test_letters_that_only_fold_alike_are_another_mailbox() -> None:
    assert may_get_tests("Ada@Shop.example", ["ada@shop.example"])
    assert not may_get_tests("ma\u00df@shop.example", ["mass@shop.example"])
    assert not may_get_tests("ada@ma\u00df.example", ["@mass.example"])
