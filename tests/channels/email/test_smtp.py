"""E-mail over SMTP: against a real server, and against one that misbehaves on purpose."""

from __future__ import annotations

import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from channels.email.mime import DELIVERY_HEADER
from channels.email.smtp import SmtpAdapter
from channels.outcome import Accepted, FailureClass, RateLimited, Rejected, Unknown
from channels.testing import AdapterContract, Arrived, Situation
from tests.channels.email.post import TEXTS, adapter_for, against, made, outcomes_of
from tests.channels.email.servers import (
    Mailbox,
    Server,
    mail_server,
)

# ----------------------------------------------------------------------------- the contract


class SmtpRig:
    channel = "email"
    address = "ada@example.com"
    texts = TEXTS

    def __init__(self, adapter: SmtpAdapter, server: Server, mailbox: Mailbox) -> None:
        self.adapter = adapter
        self._server = server
        self._mailbox = mailbox

    async def arrange(self, situation: Situation) -> bool:
        self._mailbox.replies.clear()
        self._mailbox.hang_up_after_message = situation is Situation.ANSWER_LOST
        match situation:
            case Situation.RECIPIENT_REFUSED:
                self._mailbox.replies["RCPT"] = "550 5.1.1 no such user here"
            case Situation.BUSY:
                self._mailbox.replies["DATA"] = "451 4.7.0 too many messages, slow down"
            case Situation.DOWN:
                self._server.stop()
            case Situation.WELL:
                await self._server.start()
            case Situation.ANSWER_LOST:
                pass
        return True

    def arrived(self) -> list[Arrived]:
        return [self._read(address, raw) for address, raw in self._mailbox.received]

    def _read(self, address: str, raw: bytes) -> Arrived:
        found = email.message_from_bytes(raw, policy=email.policy.SMTP)
        texts = {"subject": str(found["Subject"])}
        for name, kind in (("text", "plain"), ("html", "html")):
            part = found.get_body((kind,))
            texts[name] = part.get_content() if part is not None else ""
        return Arrived(str(found[DELIVERY_HEADER]), address, texts)


class TestContract(AdapterContract):
    @asynccontextmanager
    async def rig(self) -> AsyncIterator[SmtpRig]:
        mailbox = Mailbox()
        async with mail_server(mailbox) as server:
            rig = SmtpRig(adapter_for(server), server, mailbox)
            yield rig
            await rig.adapter.close()


# ------------------------------------------------------------------- accepted, and by whom


def test_the_servers_own_name_for_the_message_is_kept() -> None:
    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert await adapter.send(made()) == Accepted("Q1")

    against(Mailbox(), story)


def test_without_one_it_is_our_message_id() -> None:
    outcomes, _ = outcomes_of({"END": "250 thank you"})

    assert outcomes == [Accepted("<d1@shop.example>")]


def test_the_envelope_says_where_bounces_go() -> None:
    mailbox = Mailbox()
    senders: list[str] = []

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        original = mailbox.handle_MAIL

        async def noted(*arguments: Any) -> str:
            senders.append(arguments[3])
            return await original(*arguments)

        mailbox.handle_MAIL = noted  # type: ignore[method-assign, assignment]
        await adapter.send(made())

    against(mailbox, story, return_path="bounces@shop.example")

    assert senders == ["bounces@shop.example"]


# --------------------------------------------------------------------- where, and what code


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ({"CONNECT": "421 4.3.2 shutting down"}, ("transient", "4.3.2")),
        ({"CONNECT": "554 no mail from you"}, ("permanent_config", "554")),
        ({"CONNECT": "hello?"}, ("transient", "-1")),
        ({"CONNECT": None}, ("transient", "connect")),
        ({"EHLO": "550 5.7.1 who are you"}, ("permanent_config", "5.7.1")),
        ({"EHLO": None}, ("transient", "connect")),
        ({"MAIL": "550 5.1.8 bad sender"}, ("permanent_config", "5.1.8")),
        ({"MAIL": "451 4.3.0 later"}, ("transient", "4.3.0")),
        ({"MAIL": None}, ("transient", "lost")),
        ({"RCPT": "550 5.1.1 no such user"}, ("permanent_recipient", "5.1.1")),
        ({"RCPT": "550 no such user"}, ("permanent_recipient", "550")),
        ({"RCPT": "552 5.2.2 mailbox full"}, ("transient", "5.2.2")),
        ({"RCPT": "550 5.7.1 blocked"}, ("policy_blocked", "5.7.1")),
        ({"RCPT": "554 5.7.1 relay access denied"}, ("permanent_config", "5.7.1")),
        ({"RCPT": "450 4.7.1 greylisted"}, ("transient", "4.7.1")),
        ({"RCPT": None}, ("transient", "lost")),
        ({"RCPT": "\udcff\udcfe 250"}, ("transient", "lost")),
        ({"DATA": "554 5.6.0 no"}, ("permanent_content", "5.6.0")),
        ({"DATA": None}, ("transient", "lost")),
        ({"END": "550 5.7.26 unauthenticated mail"}, ("permanent_config", "5.7.26")),
        ({"END": "552 5.3.4 too big"}, ("permanent_content", "5.3.4")),
        ({"END": "554 looks like spam"}, ("permanent_content", "554")),
        ({"END": "421 try later"}, ("transient", "421")),
        ({"END": "550 5.1.1 so late"}, ("permanent_recipient", "5.1.1")),
    ],
)
def test_a_refusal_is_judged_by_where_it_came_and_by_its_code(
    script: dict[str, str | None], expected: tuple[str, str]
) -> None:
    outcomes, _ = outcomes_of(script)

    (outcome,) = outcomes
    assert isinstance(outcome, Rejected)
    assert expected == (outcome.failure, outcome.code)
    outcome.reason.encode()


@pytest.mark.parametrize(
    ("script", "scope"),
    [
        ({"END": "451 4.7.0 slow down"}, "recipient"),
        ({"END": "421 4.7.28 flood"}, "recipient"),
        ({"MAIL": "421 4.7.9 later"}, "recipient"),
        ({"DATA": "450 4.7.28 flood"}, "recipient"),
        ({"END": "454 Throttling failure: Maximum sending rate exceeded."}, "account"),
        ({"END": "454 Throttling failure: Daily message quota exceeded."}, "day"),
    ],
)
def test_a_server_that_wants_less_of_us_is_a_limit(
    script: dict[str, str | None], scope: str
) -> None:
    outcomes, _ = outcomes_of(script)

    (outcome,) = outcomes
    assert isinstance(outcome, RateLimited)
    assert scope == outcome.scope
    assert outcome.after > 0


@pytest.mark.parametrize("reply", [None, "hello?", "999 what", "199 hm", "\udcff"])
def test_after_the_final_dot_anything_but_an_answer_is_unknown(reply: str | None) -> None:
    outcomes, _ = outcomes_of({"END": reply})

    assert isinstance(outcomes[0], Unknown)


@pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_silent_server_has_taken_nothing_before_the_message(verb: str) -> None:
    outcomes, _ = outcomes_of({verb: ""}, timeout_seconds=0.05)

    (outcome,) = outcomes
    assert isinstance(outcome, Rejected)
    assert outcome.failure is FailureClass.TRANSIENT


def test_a_silent_server_may_have_taken_the_message_after_it() -> None:
    outcomes, _ = outcomes_of({"END": ""}, timeout_seconds=0.05)

    assert isinstance(outcomes[0], Unknown)


def test_an_address_that_is_none_is_refused_without_a_call() -> None:
    outcomes, heard = outcomes_of({}, made(address="ada"), made(address="a@b.c>\r\nRSET"))

    assert [
        Rejected(FailureClass.PERMANENT_RECIPIENT, "5.1.3", "this is not an e-mail address")
    ] * 2 == outcomes
    assert not heard


def test_a_message_larger_than_the_server_takes_is_refused_without_sending_it() -> None:
    outcomes, heard = outcomes_of({"EHLO": "250-mx\r\n250 SIZE 1000"}, made(text="x" * 1000))

    (outcome,) = outcomes
    assert isinstance(outcome, Rejected)
    assert (outcome.failure, outcome.code) == (FailureClass.PERMANENT_CONTENT, "5.3.4")
    assert "MAIL" not in heard


@pytest.mark.parametrize("said", ["SIZE", "SIZE 0", "SIZE ²"])
def test_a_server_that_says_no_size_takes_any(said: str) -> None:
    outcomes, _ = outcomes_of({"EHLO": f"250-mx\r\n250 {said}"})

    assert isinstance(outcomes[0], Accepted)


def test_an_international_address_needs_a_server_that_takes_it() -> None:
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert isinstance(await adapter.send(made(address="jörg@example.com")), Accepted)

    against(mailbox, story)
    outcomes, heard = outcomes_of({}, made(address="jörg@example.com"))

    ((address, raw),) = mailbox.received
    assert address == "jörg@example.com"
    assert "To: jörg@example.com\r\n".encode() in raw
    assert outcomes == [
        Rejected(FailureClass.PERMANENT_RECIPIENT, "5.6.7", "the server takes ASCII addresses only")
    ]
    assert "MAIL" not in heard
