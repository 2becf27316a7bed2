"""E-mail over SMTP: against a real server, and against one that misbehaves on purpose."""

from __future__ import annotations

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from channels.email.mime import DELIVERY_HEADER
from channels.email.smtp import SmtpAdapter, SmtpSettings
from channels.message import Message
from channels.outcome import Accepted, FailureClass, Outcome, RateLimited, Rejected, Unknown
from channels.testing import AdapterContract, Arrived, Situation
from tests.channels.email.servers import (
    HOST,
    Mailbox,
    Server,
    certificate,
    mail_server,
    scripted_server,
)

TEXTS = {"subject": "Grüße aus Köln", "text": "Hallo Ada,\n.\nbis bald 👋", "html": "<p>Hallo</p>"}


def made(delivery: str = "d1", address: str = "ada@example.com", **more: str) -> Message:
    return Message(delivery, "email", address, "news", "j", "m", {**TEXTS, **more})


def adapter_for(server: Server, **settings: Any) -> SmtpAdapter:
    return SmtpAdapter(
        SmtpSettings.model_validate(
            {
                "host": HOST,
                "port": server.port,
                "encryption": "none",
                "from": "Shop <news@shop.example>",
                "timeout_seconds": 5.0,
                **settings,
            }
        )
    )


def against(
    mailbox: Mailbox,
    story: Callable[[SmtpAdapter, Server], Awaitable[None]],
    *,
    server: Mapping[str, Any] | None = None,
    **settings: Any,
) -> None:
    async def whole() -> None:
        async with mail_server(mailbox, **(server or {})) as running:
            adapter = adapter_for(running, **settings)
            await story(adapter, running)
            await adapter.close()

    asyncio.run(whole())


def outcomes_of(
    script: Mapping[str, str | None], *messages: Message, **settings: Any
) -> tuple[list[Outcome], list[str]]:
    """What the adapter made of a scripted server, and the verbs the server heard."""
    heard: list[str] = []

    async def whole() -> list[Outcome]:
        async with scripted_server(script, heard) as server:
            adapter = adapter_for(server, **settings)
            found = [await adapter.send(message) for message in messages or (made(),)]
            await adapter.close()
            return found

    return asyncio.run(whole()), heard


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


# ----------------------------------------------------------------------------- connections


def test_a_connection_is_used_again_and_left_with_a_goodbye() -> None:
    _, heard = outcomes_of({}, made("a"), made("b"))

    one = ["MAIL", "RCPT", "DATA", "END"]
    assert ["CONNECT", "EHLO", *one, *one, "QUIT"] == heard


def test_after_a_refusal_the_dialogue_starts_afresh() -> None:
    _, heard = outcomes_of({"RCPT": "550 5.1.1 no"}, made("a"), made("b"))

    assert heard == ["CONNECT", "EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "QUIT"]


def test_a_connection_that_was_idle_is_asked_first() -> None:
    _, heard = outcomes_of({}, made("a"), made("b"), idle_seconds=0)

    assert heard.count("NOOP") == 1
    assert heard.count("CONNECT") == 1


@pytest.mark.parametrize("reply", [None, "421 idle for too long", "500 what?"])
def test_a_connection_that_fails_the_question_is_replaced(reply: str | None) -> None:
    outcomes, heard = outcomes_of({"NOOP": reply}, made("a"), made("b"), idle_seconds=0)

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert heard.count("CONNECT") == 2


def test_a_connection_carries_only_so_many_messages() -> None:
    async def story(adapter: SmtpAdapter, server: Server) -> None:
        for number in range(7):
            assert isinstance(await adapter.send(made(f"d{number}")), Accepted)
        assert server.connections == 3

    against(Mailbox(), story, messages_per_connection=3)


def test_a_server_that_hung_up_in_between_is_called_again() -> None:
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        await adapter.send(made("a"))
        server.hang_up()
        assert isinstance(await adapter.send(made("b")), Accepted)
        assert server.connections == 2

    against(mailbox, story)
    assert len(mailbox.received) == 2


def test_enough_of_this_connection_is_not_enough_of_us() -> None:
    """A 421 to a further message is about the connection; to a first one it is about us."""
    first = outcomes_of({"MAIL": "421 4.3.2 closing"})

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        await adapter.send(made("a"))
        mailbox.once["MAIL"] = "421 4.3.2 closing"
        assert isinstance(await adapter.send(made("b")), Accepted)
        assert server.connections == 2

    mailbox = Mailbox()
    against(mailbox, story)

    assert isinstance(first[0][0], Rejected)
    assert len(mailbox.received) == 2


def test_no_more_connections_than_allowed() -> None:
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert adapter.capabilities.concurrency == 3
        await asyncio.gather(*(adapter.send(made(f"d{number}")) for number in range(40)))
        assert server.connections == 3

    against(mailbox, story, connections=3)

    assert len(mailbox.received) == 40
    assert mailbox.most_at_once <= 3


def test_messages_under_way_are_finished_when_it_closes() -> None:
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        sending = asyncio.create_task(adapter.send(made()))
        await mailbox.begun.wait()
        await adapter.close()
        assert isinstance(await sending, Accepted)

    against(mailbox, story)


# ------------------------------------------------------------------- encryption and login


def test_starttls_encrypts_before_anything_is_said(tmp_path: Path) -> None:
    ca_file, tls = certificate(tmp_path)
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert isinstance(await adapter.send(made()), Accepted)

    against(
        mailbox,
        story,
        server={"tls_context": tls, "require_starttls": True},
        encryption="starttls",
        ca_file=ca_file,
    )

    assert mailbox.encrypted == [True]


def test_a_port_that_is_encrypted_from_the_start(tmp_path: Path) -> None:
    ca_file, tls = certificate(tmp_path)
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert await adapter.send(made("a")) == Accepted("Q1")
        assert await adapter.send(made("b")) == Accepted("Q2")

    against(mailbox, story, server={"tls": tls}, encryption="tls", ca_file=ca_file)


@pytest.mark.parametrize("encryption", ["starttls", "tls"])
def test_a_server_that_is_not_the_one_it_says_gets_nothing(tmp_path: Path, encryption: str) -> None:
    _, tls = certificate(tmp_path)
    mailbox = Mailbox()
    options = {"tls": tls} if encryption == "tls" else {"tls_context": tls}

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        outcome = await adapter.send(made())

        assert isinstance(outcome, Rejected)
        assert outcome.failure is FailureClass.TRANSIENT
        assert "certificate" in outcome.reason.lower()

    against(mailbox, story, server=options, encryption=encryption)

    assert not mailbox.received


def test_a_server_without_encryption_gets_nothing_where_it_is_required() -> None:
    outcomes, heard = outcomes_of({}, encryption="starttls")

    assert outcomes == [
        Rejected(FailureClass.PERMANENT_CONFIG, "STARTTLS", "127.0.0.1 offers no encryption")
    ]
    assert "MAIL" not in heard


def test_a_password_that_is_right_opens_the_door(tmp_path: Path) -> None:
    ca_file, tls = certificate(tmp_path)
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        assert isinstance(await adapter.send(made()), Accepted)

    against(
        mailbox,
        story,
        server={"tls_context": tls, "authenticator": mailbox.authenticate, "auth_required": True},
        encryption="starttls",
        ca_file=ca_file,
        username="shop",
        password="s3cret",
    )

    assert set(mailbox.logins) == {"shop"}


def test_a_password_that_is_wrong_is_the_operators_business(tmp_path: Path) -> None:
    ca_file, tls = certificate(tmp_path)
    mailbox = Mailbox()

    async def story(adapter: SmtpAdapter, server: Server) -> None:
        outcome = await adapter.send(made())

        assert isinstance(outcome, Rejected)
        assert (outcome.failure, outcome.code) == (FailureClass.PERMANENT_CONFIG, "5.7.8")
        assert "wrong" not in outcome.reason

    against(
        mailbox,
        story,
        server={"tls_context": tls, "authenticator": mailbox.authenticate, "auth_required": True},
        encryption="starttls",
        ca_file=ca_file,
        username="shop",
        password="wrong",
    )


@pytest.mark.parametrize(
    ("offered", "reply", "failure", "code"),
    [
        ("AUTH PLAIN", "454 4.7.0 not now", FailureClass.TRANSIENT, "4.7.0"),
        ("AUTH PLAIN", "535 no", FailureClass.PERMANENT_CONFIG, "535"),
        ("AUTH SECRET-HANDSHAKE", "250", FailureClass.PERMANENT_CONFIG, "AUTH"),
        ("HELP", "250", FailureClass.PERMANENT_CONFIG, "AUTH"),
    ],
)
def test_a_login_that_fails_says_why(
    offered: str, reply: str, failure: FailureClass, code: str
) -> None:
    outcomes, heard = outcomes_of(
        {"EHLO": f"250-mx\r\n250 {offered}", "AUTH": reply}, username="ü", password="ü"
    )

    (outcome,) = outcomes
    assert isinstance(outcome, Rejected)
    assert (failure, code) == (outcome.failure, outcome.code)
    assert "MAIL" not in heard
