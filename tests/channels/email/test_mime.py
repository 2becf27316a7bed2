"""What is built by hand is read back, whole, by the standard library's parser."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.address import Address, read_address
from channels.email.mime import DELIVERY_HEADER, Sender, build, message_id
from channels.message import Message
from dsl.calendar import from_datetime
from tests.channels.email.letters import letter

NOON = from_datetime(datetime(2026, 3, 1, 12, tzinfo=UTC))
ADA = Address("ada", "example.com")
SHOP = Sender("Kaffee & Söhne", Address("news", "shop.example"), "shop.example")


def made(headers: Mapping[str, str] | None = None, delivery: str = "d1", **parts: str) -> Message:
    return Message(delivery, "email", "ada@example.com", "news", "j", "m", parts, headers or {})


def read(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert isinstance(found, EmailMessage)
    for part in found.walk():
        assert not part.defects
    return found


def content(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def lines_of(text: str) -> str:
    """The text as mail can carry it: one kind of line end, and one at the end."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return text if text.endswith("\n") else text + "\n"


def test_a_message_has_both_forms_plain_first() -> None:
    raw = build(made(subject="Grüße", text="Hallo", html="<p>Hallo</p>"), ADA, SHOP, NOON)

    found = read(raw)

    assert found.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert content(found, "plain") == "Hallo\n"
    assert content(found, "html") == "<p>Hallo</p>\n"
    assert found["Subject"] == "Grüße"
    assert found["From"] == "Kaffee & Söhne <news@shop.example>"
    assert found["To"] == "ada@example.com"
    assert found["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert found["Message-ID"] == "<d1@shop.example>"
    assert found[DELIVERY_HEADER] == "d1"


@pytest.mark.parametrize(
    ("parts", "kind"),
    [({"text": "a"}, "text/plain"), ({"html": "a"}, "text/html"), ({}, "text/plain")],
)
def test_one_form_alone_is_not_wrapped(parts: dict[str, str], kind: str) -> None:
    assert read(build(made(None, **parts), ADA, SHOP, NOON)).get_content_type() == kind


def test_without_an_instant_there_is_no_date_and_the_server_adds_one() -> None:
    assert read(build(made(text="a"), ADA, SHOP, 0))["Date"] is None


def test_a_list_can_be_left_with_one_click() -> None:
    headers = {
        "List-Unsubscribe": "<https://shop.example/u/ü?d=1>, <mailto:leave@shop.example>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }

    found = read(build(made(headers, text="a"), ADA, SHOP, NOON))

    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (
        found["List-Unsubscribe"]
        == "<https://shop.example/u/%C3%BC?d=1>, <mailto:leave@shop.example>"
    )


def test_replies_go_where_the_sender_or_else_the_message_says() -> None:
    sender = Sender("", SHOP.address, "shop.example", reply_to="help@shop.example")

    assert read(build(made(text="a"), ADA, sender, 0))["Reply-To"] == "help@shop.example"
    own = made({"reply-to": "stylist@shop.example"}, text="a")
    assert read(build(own, ADA, sender, 0)).get_all("Reply-To") == ["stylist@shop.example"]


@pytest.mark.parametrize(
    "name", ["From", "subject", "Content-Type", "Bcc", "", "a b", "a:", "a\r\nb"]
)
def test_a_header_that_is_ours_or_is_none_is_a_loud_mistake(name: str) -> None:
    with pytest.raises(ValueError, match=r"written from the message|not a name"):
        build(made({name: "x"}, text="a"), ADA, SHOP, NOON)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain words\n" * 10, "7bit"),
        ("x" * 998, "7bit"),
        ("x" * 999, "quoted-printable"),
        ("Schöne Grüße aus Köln, und bis bald!", "quoted-printable"),
        ("привет, как дела?", "base64"),
        ("\x00" * 30, "base64"),
        ("1 + 1 = 2" * 120, "quoted-printable"),
    ],
)
def test_the_shorter_encoding_is_chosen(text: str, encoding: str) -> None:
    found = read(build(made(text=text), ADA, SHOP, NOON))

    assert found["Content-Transfer-Encoding"] == encoding
    assert content(found, "plain") == lines_of(text)


def test_a_text_that_holds_the_boundary_does_not_end_the_part() -> None:
    raw = build(made(text="a", html="b"), ADA, SHOP, NOON)
    boundary = read(raw).get_boundary()

    found = read(build(made(text=f"--{boundary}--\nX: y", html="b"), ADA, SHOP, NOON))

    assert content(found, "plain") == f"--{boundary}--\nX: y\n"
    assert content(found, "html") == "b\n"


def test_nothing_is_injected_through_a_subject_or_an_id() -> None:
    hostile = "hello\r\nBcc: everyone@example.com\r\n\r\n<script>"

    found = read(build(made(delivery=hostile, subject=hostile, text="a"), ADA, SHOP, NOON))

    assert found["Bcc"] is None
    assert found["Subject"] == "hello Bcc: everyone@example.com <script>"
    assert found[DELIVERY_HEADER] == "hello Bcc: everyone@example.com <script>"
    assert content(found, "plain") == "a\n"


def test_ids_that_cannot_stand_in_a_message_id_are_hashed_and_stay_different() -> None:
    ids = ["d1", "a b", "a  b", "", "x" * 65, "ü", "\ud800", "..", "a@b", "a>"]

    made_ids = [message_id(delivery, "shop.example") for delivery in ids]

    assert len(set(ids)) == len(set(made_ids))
    assert all(re.fullmatch(r"<[A-Za-z0-9_.-]+@shop\.example>", found) for found in made_ids)


texts = st.one_of(
    st.text(st.characters(codec=None), max_size=300),
    st.text("ab =?_.\t\r\n-é€😀\u2028", max_size=300),
    st.text(max_size=40).map(lambda text: text * 40),
)


@given(texts, texts)
def test_every_text_comes_back(text: str, html: str) -> None:
    raw = build(made(text=text, html=html), ADA, SHOP, NOON)

    found = read(raw)

    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    if text:
        assert content(found, "plain") == lines_of(text)
    if html:
        assert content(found, "html") == lines_of(html)


@given(texts, texts)
def test_every_subject_and_name_comes_back_on_one_line(subject: str, name: str) -> None:
    sender = Sender(name, SHOP.address, "shop.example")
    raw = build(made(subject=subject, text="body"), ADA, sender, NOON)

    found = read(raw)

    assert [key for key in found.keys() if key not in ("From", "To", "Subject")] == [  # noqa: SIM118
        "Message-ID", DELIVERY_HEADER, "Date", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]  # fmt: skip
    assert content(found, "plain") == "body\n"
    assert str(found["Subject"]) == one_line(subject)
    assert found["From"].addresses[0].addr_spec == "news@shop.example"
    assert display_name(raw) == one_line(name)


def display_name(raw: bytes) -> str:
    """By the older interface: the newer one keeps blanks between encoded words of a name."""
    value = email.message_from_bytes(raw)["From"]
    name, _ = parseaddr(value.replace("\r\n", ""))
    return str(make_header(decode_header(name)))


def one_line(text: str) -> str:
    text = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return re.sub("[\ud800-\udfff]", "\ufffd", text).strip(" ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.com", "ada@example.com"),
        (" ada@example.com ", "ada@example.com"),
        ("a.b+c@mail.example.com", "a.b+c@mail.example.com"),
        ('"a b@c"@example.com', '"a b@c"@example.com'),
        ("jörg@example.com", "jörg@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@[127.0.0.1]", "ada@[127.0.0.1]"),
        ("ada@localhost", "ada@localhost"),
    ],
)
def test_addresses_are_read(text: str, expected: str) -> None:
    assert expected == str(read_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "@example.com", "ada@", "a b@example.com", "a..b@example.com", ".a@example.com",
        "ada@example..com", "ada@-x.com", "ada@exa mple.com", "ada@example.com\r\nRCPT TO:<b@c.d>",
        "ada@example.com>", "<ada@example.com>", "ada@example.com,bob@example.com", "\x00@a.b",
        "x" * 65 + "@example.com", "a@" + "x." * 200 + "com", "\ud800@example.com", "a@\ud800.com",
        "Ada <ada@example.com>", 'a"b@example.com', '"a\r\nb"@example.com', "a@" + "ü" * 300,
        "ada@example.com SIZE=1", "ada@例え。テスト。" + "あ" * 80,
    ],
)  # fmt: skip
def test_what_could_be_read_as_something_else_is_no_address(text: str) -> None:
    assert read_address(text) is None


@given(st.text(st.characters(codec=None), max_size=80))
def test_an_address_never_holds_what_ends_a_command(text: str) -> None:
    found = read_address(text)

    if found is not None:
        assert not re.search(r"[\x00-\x1f\x7f]", str(found))
        assert found.local.startswith('"') or not re.search(r"[\s<>]", str(found))
        str(found).encode()


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        ([998, 998, 1], "7bit"),
        ([998] * 5, "7bit"),
        ([1, 999, 1], "quoted-printable"),
        ([998, 999], "quoted-printable"),
        ([999], "quoted-printable"),
        ([0] * 2000, "7bit"),
        ([500, 497, 999, 1], "quoted-printable"),
    ],
)
def test_only_what_has_a_line_too_long_is_encoded(lines: list[int], encoding: str) -> None:
    text = "\n".join("x" * length for length in lines)
    raw = build(letter(text=text, html=""), ADA, SHOP, 0)

    assert f"Content-Transfer-Encoding: {encoding}".encode() in raw
