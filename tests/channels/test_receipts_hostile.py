"""Receivers of every provider, before whatever may come: nothing changes unnoticed, nothing raises."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.postmark.receipts import PostmarkReceiver
from channels.receipts import Answered, Incoming, NotGenuine, Receiver
from channels.sendgrid.receipts import SendGridReceiver
from channels.vonage.receipts import VonageReceiver
from channels.whatsapp.receipts import WhatsAppReceiver
from tests.channels.told import (
    NOW,
    by_meta,
    by_postmark,
    by_sendgrid,
    by_twilio,
    by_vonage,
    event,
    key,
    public,
    reports,
    status,
    statuses,
    twilio,
    vonage,
)

RECEIVERS: dict[str, tuple[Receiver, Incoming]] = {
    "twilio": (twilio(), by_twilio(MessageStatus="read")),
    "sendgrid": (SendGridReceiver((public(key()),)), by_sendgrid(event("open"))),
    "vonage": (VonageReceiver(("secret",)), by_vonage(vonage("read"))),
    "whatsapp": (WhatsAppReceiver(("app",), "w"), by_meta(statuses(status("read")))),
}


@pytest.mark.parametrize("name", RECEIVERS)
def test_one_changed_byte_is_enough(name: str) -> None:
    receiver, incoming = RECEIVERS[name]
    assert len(reports(receiver, incoming)) == 1
    for place in range(0, len(incoming.body), 7):
        body = bytearray(incoming.body)
        body[place] ^= 1
        assert isinstance(receiver.read(replace(incoming, body=bytes(body)), NOW), NotGenuine)


@given(
    method=st.sampled_from(["GET", "POST"]),
    query=st.text(max_size=30),
    headers=st.dictionaries(
        st.sampled_from(
            [
                *("authorization", "x-twilio-signature", "x-hub-signature-256"),
                "x-twilio-email-event-webhook-signature",
                "x-twilio-email-event-webhook-timestamp",
            ]
        ),
        st.text(max_size=40),
    ),
    body=st.binary(max_size=60),
)
def test_whatever_comes_is_answered(
    method: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    incoming = Incoming(method, query, headers, body)
    for receiver, _ in RECEIVERS.values():
        assert isinstance(receiver.read(incoming, NOW), Answered | NotGenuine)


def _json() -> st.SearchStrategy[Any]:
    names = (
        "status",
        "entry",
        "changes",
        "value",
        "statuses",
        "event",
        "errors",
        "timestamp",
        "type",
    )
    leaves = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*names, "wayline_delivery"]), inner, max_size=4)
        ),
        max_leaves=12,
    )


@given(told=_json())
def test_whatever_is_signed_is_read_or_left(told: Any) -> None:
    for receiver, incoming in (
        (RECEIVERS["whatsapp"][0], by_meta(told)),
        (RECEIVERS["sendgrid"][0], by_sendgrid(*(told if isinstance(told, list) else [told]))),
        (PostmarkReceiver(("a:b",)), replace(by_postmark("a:b"), body=orjson.dumps(told))),
    ):
        assert isinstance(receiver.read(incoming, NOW), Answered)


def test_a_key_of_another_kind_is_none() -> None:
    with pytest.raises(ValueError, match=r".+"):
        SendGridReceiver((b64encode(b64decode("AAAA")).decode(),))
