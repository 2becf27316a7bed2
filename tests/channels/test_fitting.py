"""What is let through when a message is built, every adapter of the channel takes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from channels.apns.adapter import ApnsDialect
from channels.content.limits import push_bytes
from channels.fcm.adapter import FcmDialect
from channels.http.transport import Request
from channels.message import Message
from channels.twilio.adapter import TwilioDialect
from channels.webpush.adapter import WebPushDialect
from channels.whatsapp.adapter import WhatsAppDialect
from dsl.fits import APPROVED_LETTERS, FREE_LETTERS, PUSH_BYTES
from dsl.sms import MOST_PARTS, measure
from tests.channels.apns import test_apns as apns
from tests.channels.fcm import test_fcm as fcm
from tests.channels.twilio import test_twilio as twilio
from tests.channels.webpush import test_webpush as webpush
from tests.channels.whatsapp import test_whatsapp as whatsapp

WORDS = st.text(st.sampled_from('aé"\\\n😀ж/<'), min_size=1, max_size=3)
DELIVERY = "d" * 64


def _filled(words: str, link: bool) -> dict[str, str]:
    """A notification as large as one may be."""
    parts = {"title": "Hi", "body": words}
    if link:
        parts |= {"link": "https://shop.example/a", "image": "https://shop.example/a.png"}
    while push_bytes(parts | {"body": parts["body"] + words}) <= PUSH_BYTES:
        parts["body"] += words
    return parts


@given(WORDS, st.booleans())
@settings(max_examples=15)
def test_a_push_that_is_built_reaches_every_device(words: str, link: bool) -> None:
    parts = _filled(words, link)

    def message(address: str) -> Message:
        return Message(DELIVERY, "push", address, "news", "welcome", "hello", parts)

    assert isinstance(ApnsDialect(apns.of()).request(message(apns.TOKEN)), Request)
    browser = message(webpush.subscription())
    assert isinstance(WebPushDialect(webpush.of()).request(browser), Request)


def test_a_push_that_is_built_goes_through_firebase(tmp_path: Path) -> None:
    parts = _filled('"é', True)
    message = Message(DELIVERY, "push", "token-1", "news", "welcome", "hello", parts)

    assert isinstance(FcmDialect(fcm.of(tmp_path)).request(message), Request)


def test_a_text_message_that_is_built_goes_through_twilio() -> None:
    longest = "x" * 153 * MOST_PARTS

    assert measure(longest).parts == MOST_PARTS
    dialect = TwilioDialect(twilio.settings())
    assert isinstance(dialect.request(twilio.message(text=longest)), Request)
    assert not isinstance(dialect.request(twilio.message(text="x" * 1601)), Request)


def test_what_is_built_for_whatsapp_goes_through_meta() -> None:
    dialect = WhatsAppDialect(whatsapp.of())
    for more in ({"text": "x" * FREE_LETTERS}, {"text": "x" * APPROVED_LETTERS, "template": "t"}):
        message = Message(DELIVERY, "whatsapp", "+4915112345678", "news", "welcome", "hello", more)
        assert isinstance(dialect.request(message), Request)
