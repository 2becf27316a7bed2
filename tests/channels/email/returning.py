"""Mails that come back, as servers write them (RFC 3464, RFC 5965, RFC 3834)."""

from __future__ import annotations

from channels.email.seal import Seal

KEY = "a key of the tests, long enough"
SEAL = Seal((KEY,), "bounces.shop.example")
ADA = "ada@example.com"


def _lines(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


def head_of(delivery: str, *more: str) -> tuple[str, ...]:
    """The head of a message of ours, as servers quote it."""
    return (
        *more,
        "From: Shop <news@shop.example>",
        f"To: {ADA}",
        "Subject: Hello",
        f"Message-ID: <{delivery}@shop.example>",
        f"X-Wayline-Delivery: {delivery}",
    )


def dsn(
    *recipients: tuple[str, ...],
    to: str = "news@shop.example",
    quoted: tuple[str, ...] = (),
    subject: str = "Undelivered Mail Returned to Sender",
    as_headers: bool = False,
) -> bytes:
    """As Postfix writes it. ``recipients`` are the fields of each of them."""
    blocks = [line for fields in recipients for line in ("", *fields)]
    return _lines(
        "Return-Path: <>",
        "Received: by mx.example.net (Postfix)",
        "Date: Thu, 1 Jan 2026 12:00:00 +0000",
        "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)",
        f"Subject: {subject}",
        f"To: {to}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status;",
        '\tboundary="9B095B5ADSN=_01C2"',
        "Message-Id: <20260101120000.1234@mx.example.net>",
        "",
        "This is a MIME-encapsulated message.",
        "",
        "--9B095B5ADSN=_01C2",
        "Content-Description: Notification",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "This is the mail system at host mx.example.net.",
        "",
        "--9B095B5ADSN=_01C2",
        "Content-Description: Delivery report",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.net",
        "Arrival-Date: Thu, 1 Jan 2026 11:59:00 +0000",
        *blocks,
        "",
        "--9B095B5ADSN=_01C2",
        "Content-Description: Undelivered Message",
        f"Content-Type: {'text/rfc822-headers' if as_headers else 'message/rfc822'}",
        "",
        *quoted,
        "",
        "--9B095B5ADSN=_01C2--",
    )


def failed(status: str = "5.1.1", words: str = "", address: str = ADA) -> tuple[str, ...]:
    """The fields of a recipient that could not be reached."""
    said = words or f"550 {status} <{address}>: Recipient address rejected"
    return (
        f"Final-Recipient: rfc822; {address}",
        "Action: failed",
        f"Status: {status}",
        "Remote-MTA: dns; mx.example.com",
        f"Diagnostic-Code: smtp; {said}",
    )


def acted(action: str, status: str = "2.0.0", address: str = ADA) -> tuple[str, ...]:
    return (f"Final-Recipient: rfc822;{address}", f"Action: {action}", f"Status: {status}")


def arf(
    kind: str = "abuse", *fields: str, quoted: tuple[str, ...] = (), to: str = "fbl@shop.example"
) -> bytes:
    """As feedback loops send it."""
    return _lines(
        "From: <abusedesk@example.com>",
        "Date: Thu, 1 Jan 2026 12:00:00 +0000",
        "Subject: FW: Hello",
        f"To: <{to}>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=feedback-report;",
        '     boundary="part1_13d.2e68ed54_boundary"',
        "",
        "--part1_13d.2e68ed54_boundary",
        'Content-Type: text/plain; charset="US-ASCII"',
        "Content-Transfer-Encoding: 7bit",
        "",
        "This is an email abuse report for an email message.",
        "",
        "--part1_13d.2e68ed54_boundary",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {kind}",
        "User-Agent: SomeGenerator/1.0",
        "Version: 1",
        *fields,
        "",
        "--part1_13d.2e68ed54_boundary",
        "Content-Type: message/rfc822",
        "Content-Disposition: inline",
        "",
        *quoted,
        "",
        "Spam Spam Spam",
        "--part1_13d.2e68ed54_boundary--",
    )


OUT_OF_OFFICE = _lines(
    "Return-Path: <>",
    "From: Ada <ada@example.com>",
    f"To: {SEAL.path('d1')}",
    "Subject: Automatic reply: Hello",
    "Auto-Submitted: auto-replied",
    "X-Auto-Response-Suppress: All",
    "X-Wayline-Delivery: d1",
    "Content-Type: text/plain",
    "",
    "I am out of office. 5.1.1 Action: failed",
)
READ = dsn(acted("failed", "5.1.1"), to=SEAL.path("d1") or "", quoted=head_of("d1")).replace(
    b"delivery-status", b"disposition-notification"
)
