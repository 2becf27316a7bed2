"""Connections to a mail server: kept, given up, encrypted and logged in to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from channels.email.smtp import SmtpAdapter
from channels.outcome import Accepted, FailureClass, Rejected
from tests.channels.email.post import against, made, outcomes_of
from tests.channels.email.servers import (
    Mailbox,
    Server,
    certificate,
)

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
