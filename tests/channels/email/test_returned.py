"""Bounces and complaints that come by mail: read if they are ours, and nothing else ever."""

from __future__ import annotations

import time
from base64 import b64encode
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.receipts import MailReceiver, reports_in
from channels.email.returned import LARGEST, read_returned
from channels.email.seal import Seal
from channels.email.smtp import SmtpAdapter
from channels.outcome import FailureClass
from channels.receipts import Answered, Incoming, NotGenuine, Receives, Report
from channels.settings import SettingsError, read_settings

from .post import against, made
from .returning import ADA, KEY, OUT_OF_OFFICE, READ, SEAL, acted, arf, dsn, failed, head_of
from .servers import Mailbox

NOW = 1_767_268_800_000_000  # 2026-01-01 12:00 UTC
RECIPIENT = FailureClass.PERMANENT_RECIPIENT
PATH = SEAL.path("d1") or ""


def read(mail: bytes, recipient: str = "", seal: Seal | None = SEAL) -> list[Report]:
    return reports_in(mail, recipient, seal)


@pytest.mark.parametrize(
    ("status", "words", "failure"),
    [
        ("5.1.1", "550 5.1.1 User unknown", RECIPIENT),
        ("5.1.10", "556 5.1.10 null MX", RECIPIENT),
        ("5.2.2", "552 5.2.2 mailbox full", FailureClass.TRANSIENT),
        ("4.4.1", "connect to mx.example.com: timed out", FailureClass.TRANSIENT),
        ("5.7.26", "550 5.7.26 unauthenticated: DMARC", FailureClass.PERMANENT_CONFIG),
        ("5.7.1", "550 5.7.1 blocked", FailureClass.POLICY_BLOCKED),
        ("5.0.0", "550 5.1.1 User unknown", RECIPIENT),
        ("5.0.0", "550 5.7.515 Access denied", FailureClass.PERMANENT_CONFIG),
        ("5.0.0", "550 something", FailureClass.TRANSIENT),
        ("5.1.0", "550 5.1.0 refused: SPF", FailureClass.PERMANENT_CONFIG),
        ("5.1.1", "550 5.1.1 no such user; SPF pass", RECIPIENT),
        ("5.3.4", "552 5.3.4 too big", FailureClass.PERMANENT_CONTENT),
    ],
)
def test_a_bounce_is_judged_by_its_code(status: str, words: str, failure: FailureClass) -> None:
    (found,) = read(dsn(failed(status, words), to=PATH))

    assert (found.delivery, found.what, found.failure) == ("d1", "bounced", failure)
    assert (found.address, found.reason, found.occurred) == (ADA, words, NOW)
    assert found.rule


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", "wondering"])
def test_what_is_no_end_is_no_bounce(action: str) -> None:
    assert read(dsn(acted(action, "4.4.1"), to=PATH)) == []


def test_that_it_was_delivered_is_told_too() -> None:
    (found,) = read(dsn(acted("delivered"), to=PATH))

    assert (found.what, found.address) == ("delivered", ADA)


def test_each_recipient_is_told_for_itself() -> None:
    other = failed("5.2.2", address="bob@example.com")
    found = read(dsn(failed(), other, to=PATH))

    assert [(each.address, each.failure) for each in found] == [
        (ADA, RECIPIENT),
        ("bob@example.com", FailureClass.TRANSIENT),
    ]
    assert len({each.key for each in found}) == 2


def test_the_recipient_that_we_wrote_to_counts() -> None:
    """It may have been passed on to another one."""
    fields = (f"Original-Recipient: rfc822;{ADA}", *failed(address="ada@elsewhere.example"))

    assert [each.address for each in read(dsn(fields, to=PATH))] == [ADA]


# ------------------------------------------------------------------------- whose message it was


@pytest.mark.parametrize("as_headers", [False, True])
def test_a_message_is_known_by_the_seal_it_carried(as_headers: bool) -> None:
    sealed = head_of("d1", f"X-Wayline-Seal: {SEAL.of('d1')}")

    assert len(read(dsn(failed(), quoted=sealed, as_headers=as_headers))) == 1


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To"])
def test_a_message_is_known_by_whom_it_came_back_to(header: str) -> None:
    mail = dsn(failed()).replace(b"To: news@shop.example", f"{header}: <{PATH}>".encode())

    assert [each.delivery for each in read(mail)] == ["d1"]


def test_a_pipe_tells_whom_it_came_back_to() -> None:
    assert [each.delivery for each in read(dsn(failed()), PATH)] == ["d1"]
    assert [each.delivery for each in read(dsn(failed()), PATH.upper())] == ["d1"]


def test_an_older_key_is_believed_while_it_is_changed() -> None:
    both = Seal(("the next key, also long", KEY), "bounces.shop.example")

    assert len(read(dsn(failed(), to=PATH), seal=both)) == 1
    assert read(dsn(failed(), to=PATH), seal=Seal(("the next key, also long",), "x.example")) == []


@pytest.mark.parametrize(
    "mail",
    [
        dsn(failed(), quoted=head_of("d1")),
        dsn(failed(), quoted=head_of("d1", "X-Wayline-Seal: 00000000000000000000")),
        dsn(failed(), quoted=head_of("d1", f"X-Wayline-Seal: {SEAL.of('d2')}")),
        dsn(failed(), to=PATH.replace("b+d1", "b+d2")),
        dsn(failed(), to=PATH.replace("@bounces.", "@elsewhere.")),
        dsn(failed(), to=PATH.replace("@", "0@")),
        dsn(failed(), to="b+d1@bounces.shop.example"),
        arf(quoted=head_of("d1")),
        arf("abuse", "Original-Mail-From: <b+d1.0123456789abcdef0123@bounces.shop.example>"),
    ],
)
def test_what_is_forged_does_nothing(mail: bytes) -> None:
    assert read(mail) == []


def test_without_a_key_who_knows_the_message_and_its_recipient_is_believed() -> None:
    """And the door looks whether it was that recipient."""
    (found,) = read(dsn(failed(), quoted=head_of("d1")), seal=None)

    assert (found.delivery, found.address) == ("d1", ADA)
    assert read(dsn(failed(), to=PATH), seal=None) == []
    assert read(arf(quoted=head_of("d1")), seal=None) == []
    named = arf("abuse", f"Original-Rcpt-To: <{ADA}>", quoted=head_of("d1"))
    assert [each.address for each in read(named, seal=None)] == [ADA]


# ----------------------------------------------------------------------------------- complaints


@pytest.mark.parametrize("kind", ["abuse", "fraud", "other", "Abuse"])
def test_a_complaint_is_known_by_the_envelope_it_had(kind: str) -> None:
    (found,) = read(arf(kind, f"Original-Mail-From: <{PATH}>"))

    assert (found.delivery, found.what, found.failure) == ("d1", "complained", RECIPIENT)
    assert found.withdrawal is not None
    assert (found.withdrawal.of, found.withdrawal.method) == ("channel", "complaint")


def test_a_complaint_is_known_by_what_it_quotes() -> None:
    sealed = arf(quoted=head_of("d1", f"X-Wayline-Seal: {SEAL.of('d1')}"))
    returned = arf(quoted=head_of("d2", f"Return-Path: <{PATH}>"))

    assert [each.delivery for each in read(sealed)] == ["d1"]
    assert [each.delivery for each in read(returned)] == ["d1"]


def test_who_asks_to_be_left_out_is() -> None:
    (found,) = read(arf("opt-out", f"Original-Mail-From: <{PATH}>"))

    assert (found.what, found.failure) == ("unsubscribed", None)


@pytest.mark.parametrize("kind", ["not-spam", "virus", "auth-failure", ""])
def test_what_is_no_complaint_is_none(kind: str) -> None:
    assert read(arf(kind, f"Original-Mail-From: <{PATH}>")) == []


# ---------------------------------------------------------------------- what is no report at all


@pytest.mark.parametrize("mail", [OUT_OF_OFFICE, READ], ids=["out of office", "was read"])
def test_answers_of_machines_are_no_bounces(mail: bytes) -> None:
    assert read(mail) == []
    assert read(mail, PATH) == []


def nested(depth: int) -> bytes:
    start = b"".join(
        b'Content-Type: multipart/report; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth)
    )
    return start + dsn(failed(), to=PATH)


@pytest.mark.parametrize(
    "mail",
    [
        b"",
        b"\x00" * 1000,
        nested(5000),
        nested(13),
        dsn(failed(), to=PATH) + b"x" * LARGEST,
        dsn(failed(), to=PATH).replace(b"us-ascii", b"no-such-charset"),
        dsn(failed(), to=PATH).replace(b"boundary=", b"boundary*0*=x''%ff; boundary="),
        dsn(failed(), to=PATH, quoted=head_of("d1")) + b"x" * 500_000,
        dsn(failed(), to=PATH).replace(b"boundary=", b"x=y;" * 12_000 + b"boundary="),
        dsn(failed(words="=?utf-8?q?a?= " * 3_000), to=PATH),
        dsn(failed(), to="<a@b>," * 9_000),
        b"Content-Type: multipart/report; report-type=delivery-status\n\n\n",
    ],
    ids=[
        "empty",
        "nul",
        "deep",
        "deep enough",
        "large",
        "charset",
        "parameter",
        "long",
        "parameters",
        "words",
        "many",
        "flat",
    ],
)
def test_whatever_is_sent_is_read_quickly_or_left(mail: bytes) -> None:
    began = time.process_time()
    found = read(mail)
    spent = time.process_time() - began

    assert all(each.delivery == "d1" for each in found)
    assert len(found) <= 1
    assert spent < 5  # CPU seconds, tenfold of what it takes


@pytest.mark.parametrize(
    "date", ["Thu, 1 Jan 2026 12:00:00 +99999999999999", "1 Jan 99999999999999999999 12:00 +0000"]
)
def test_a_date_that_is_none_costs_the_time_alone(date: str) -> None:
    mail = dsn(failed(), to=PATH).replace(b"Thu, 1 Jan 2026 12:00:00 +0000", date.encode())

    assert [(each.delivery, each.occurred) for each in read(mail)] == [("d1", 0)]


@pytest.mark.parametrize(
    "kind",
    [
        b'Content-Type: multipart/report; x="' + b";" * 3000,
        b'content-type: multipart/report;\r\n\tx="' + b";\r\n\t" * 1000,
        b'Content-Type: multipart/report;\n x="' + b";" * 3000,
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_a_type_that_takes_the_square_of_its_length_is_not_read(
    kind: bytes, *, inside: bool
) -> None:
    """64 KB of it took four seconds, of everybody's."""
    usual = b"Content-Type: text/plain" if inside else b"Content-Type: multipart/report"
    mail = dsn(failed(), to=PATH).replace(usual, kind + b'"' + usual[13:], 1)

    assert read_returned(mail) is None


def test_boundaries_are_counted_however_they_are_written() -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary*=''%d\r\n\r\n--%d\r\n" % (n, n) for n in range(13)
    )

    assert read_returned(deep) is None
    assert read_returned(deep.replace(b"boundary*=''", b"BOUNDARY*0*=''")) is None
    assert read_returned(dsn(failed()) + deep) is None


@given(
    at=st.integers(0, 1500),
    length=st.integers(0, 40),
    put=st.binary(max_size=12),
    recipient=st.text(max_size=40),
)
def test_nothing_that_is_damaged_raises(at: int, length: int, put: bytes, recipient: str) -> None:
    for mail in (dsn(failed(), to=PATH, quoted=head_of("d1")), arf(quoted=head_of("d1"))):
        damaged = mail[:at] + put + mail[at + length :]
        assert all(each.delivery == "d1" for each in read(damaged, recipient))


@given(mail=st.binary(max_size=300))
def test_whatever_bytes_come_are_no_report(mail: bytes) -> None:
    assert read_returned(mail) is None


# -------------------------------------------------------------------------------------- the door


def posted(mail: bytes, login: str = "postfix:secret", **query: str) -> Incoming:
    headers = {"authorization": f"Basic {b64encode(login.encode()).decode()}"}
    return Incoming("POST", urlencode(query), headers, mail)


def test_a_mail_is_taken_from_whoever_has_the_login() -> None:
    receiver = MailReceiver(("postfix:secret", "postfix:before"), SEAL)
    found = receiver.read(posted(dsn(failed()), recipient=PATH), NOW)

    assert isinstance(found, Answered)
    assert [each.delivery for each in found.reports] == ["d1"]
    assert isinstance(receiver.read(posted(b"x", "postfix:before"), NOW), Answered)
    assert isinstance(receiver.read(posted(b"x", "postfix:guess"), NOW), NotGenuine)
    assert isinstance(receiver.read(Incoming("POST", "", {}, b"x"), NOW), NotGenuine)


def test_what_leaves_comes_back_as_ours() -> None:
    """The envelope's sender and the header of a message that a real server has got."""
    mailbox = Mailbox()
    senders: list[str] = []
    handle = mailbox.handle_MAIL

    async def remember(
        server: object, session: object, envelope: object, address: str, options: list[str]
    ) -> str:
        senders.append(address)
        return await handle(server, session, envelope, address, options)

    mailbox.handle_MAIL = remember  # type: ignore[method-assign]

    async def story(adapter: SmtpAdapter, _: object) -> None:
        assert isinstance(adapter, Receives)
        assert adapter.receiver is not None
        await adapter.send(made("0f3a"))
        ((_, raw),) = mailbox.received
        head = tuple(raw.decode().partition("\r\n\r\n")[0].split("\r\n"))
        quoted = posted(dsn(failed(), quoted=head))
        path = posted(dsn(failed(), to=senders[0]))
        for incoming in (quoted, path):
            found = adapter.receiver.read(incoming, NOW)
            assert isinstance(found, Answered)
            assert [each.delivery for each in found.reports] == ["0f3a"]

    against(
        mailbox,
        story,
        bounce_domain="bounces.shop.example",
        bounce_key=KEY,
        bounce_login="postfix:secret",
    )
    assert senders == [SEAL.path("0f3a")]


def test_an_id_that_no_address_can_hold_goes_the_usual_way() -> None:
    assert SEAL.path("A run/1") is None
    assert SEAL.path("x" * 41) is None
    assert Seal((KEY,)).path("d1") is None


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ({"bounce_domain": "bounces.shop.example"}, "needs a bounce_key"),
        ({"bounce_key": "short"}, "at least 16"),
        (
            {
                "bounce_domain": "bounces.shop.example",
                "bounce_key": KEY,
                "return_path": "bounces@shop.example",
            },
            "set one of them",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(given_: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        read_settings(
            SmtpAdapter.Settings, "smtp", {"host": "x", "from": "news@shop.example", **given_}
        )
