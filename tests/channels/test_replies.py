"""What people write, as each provider tells it: who, what, when, and what it answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.phone import read_number
from channels.receipts import Answered, Incoming, NotGenuine, Receiver
from channels.replies import Reply, Wish
from channels.twilio.receipts import TwilioReceiver, signature
from channels.vonage.receipts import VonageReceiver
from channels.whatsapp.receipts import WhatsAppReceiver
from dsl.calendar import SECOND
from tests.channels.told import CALLBACK, NOW, SECONDS, by_meta, by_vonage, twilio
from tests.contracts.checker import Contract

META = WhatsAppReceiver(("app",), "word")
VONAGE = VonageReceiver(("secret",))


def replies(receiver: Receiver, incoming: Incoming) -> list[Reply | Wish]:
    found = receiver.read(incoming, NOW)
    assert isinstance(found, Answered), found
    assert not found.reports
    return list(found.replies)


# ----------------------------------------------------------------------------------------- Twilio


def written(**fields: str) -> Incoming:
    """As Twilio tells of a message that has come."""
    sent = {
        "MessageSid": "SM7",
        "SmsStatus": "received",
        "From": "+4915112345678",
        "To": "+4930123456",
        "Body": "Yes, please",
        "NumMedia": "0",
        **fields,
    }
    signed = signature("token", CALLBACK, list(sent.items())).decode()
    return Incoming("POST", "", {"x-twilio-signature": signed}, urlencode(sent).encode())


def test_an_sms_by_twilio() -> None:
    assert replies(twilio(), written()) == [
        Reply("sms", "+4915112345678", "SM7", "Yes, please", "+4930123456")
    ]
    assert replies(twilio(), written(Body="Stop")) == [
        Reply("sms", "+4915112345678", "SM7", "Stop", "+4930123456", answered=True)
    ]


def test_a_whatsapp_message_by_twilio_quotes_what_it_answers() -> None:
    incoming = written(
        From="whatsapp:+4915112345678",
        To="whatsapp:+4930123456",
        OriginalRepliedMessageSid="SM1",
        ButtonPayload="later",
        Body="Later",
    )

    assert replies(twilio(), incoming) == [
        Reply(
            *("whatsapp", "+4915112345678", "SM7", "Later", "+4930123456"),
            quoted="SM1",
            button="later",
        )
    ]


def test_twilio_hears_nothing_that_it_would_send_to_the_person() -> None:
    found = twilio().read(written(), NOW)

    assert isinstance(found, Answered)
    assert found.media == "text/xml"
    assert found.body.endswith("<Response/>")


@pytest.mark.parametrize(("told", "word"), [("STOP", "stop"), ("START", "start"), ("HELP", "help")])
def test_what_twilio_has_obeyed_itself(told: str, word: str) -> None:
    receiver = TwilioReceiver(CALLBACK, ("token",), answers=False)
    (found,) = replies(receiver, written(Body="Basta", OptOutType=told))
    (other,) = replies(receiver, written())

    assert isinstance(found, Reply)
    assert isinstance(other, Reply)
    assert (found.word, found.answered) == (word, True)
    assert (other.word, other.answered) == (None, False)


def test_what_others_write_in_twilios_name_is_refused() -> None:
    incoming = written()
    forged = Incoming("POST", "", incoming.headers, incoming.body.replace(b"Yes", b"No"))

    assert isinstance(twilio().read(forged, NOW), NotGenuine)


@pytest.mark.parametrize("sender", ["", "Shop", "+49", "12345"])
def test_who_has_no_number_has_not_written(sender: str) -> None:
    """Short codes and names write, too, and nobody can be answered there."""
    assert replies(twilio(), written(From=sender)) == []


# ----------------------------------------------------------------------------------------- Vonage


def by_sms(**more: Any) -> dict[str, Any]:
    told = {"channel": "sms", "message_type": "text", "message_uuid": "u7", "text": "Stop"}
    ends = {"from": "4915112345678", "to": "4930123456", "timestamp": "2026-01-01T12:00:00Z"}
    return told | ends | more


def test_an_sms_by_vonage() -> None:
    assert replies(VONAGE, by_vonage(by_sms())) == [
        Reply("sms", "+4915112345678", "u7", "Stop", "4930123456", NOW)
    ]


def test_a_whatsapp_message_by_vonage() -> None:
    reply = {"id": "slot-1", "title": "9am–10am"}
    told = by_sms(channel="whatsapp", text=None, reply=reply, context={"message_uuid": "u1"})

    assert replies(VONAGE, by_vonage(told)) == [
        Reply(
            *("whatsapp", "+4915112345678", "u7", "9am–10am", "4930123456", NOW),
            quoted="u1",
            button="slot-1",
        )
    ]


def test_vonages_own_example_of_an_sms_is_read() -> None:
    """Its schema gives an example of every field."""
    schema = Contract("vonage.json").document["components"]["schemas"]
    fields = schema["inboundMessageSMS"]["properties"]
    told = {name: fields[name]["example"] for name in ("text",)} | by_sms()
    for name, part in (("from", "FromNumber"), ("to", "ToNumber"), ("message_uuid", "MessageUuid")):
        told[name] = schema[part]["example"]
    told["text"] = fields["text"]["example"]
    (found,) = replies(VONAGE, by_vonage(told))

    assert isinstance(found, Reply)
    assert (found.text, found.key) == (fields["text"]["example"], told["message_uuid"])
    assert found.sender == f"+{told['from']}"


@pytest.mark.parametrize(
    "more", [{"from": "Shop"}, {"channel": "messenger"}, {"message_uuid": None}, {"from": None}]
)
def test_what_vonage_says_of_others_is_left(more: dict[str, Any]) -> None:
    assert replies(VONAGE, by_vonage(by_sms(**more))) == []


# ------------------------------------------------------------------------------------------- Meta


def examples() -> dict[str, Any]:
    document = Contract("whatsapp.json").document
    content = document["paths"]["/whatsapp/webhooks"]["post"]["requestBody"]["content"]
    found = content["application/json"]["examples"]
    return {name: each["value"] for name, each in found.items()}


SAID = {
    "Text Message": ("Does it come in another color?", "", ""),
    "Text Message with Context (Product Inquiry)": (
        *("Is this still available?", "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGA9wcm9kdWN0X2lucXVpcnkA"),
        "",
    ),
    "Text Message from Click to WhatsApp Ad": ("Hello! Can I get more info on this?", "", ""),
    "Reaction Message": (
        *("👍", "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI0RTJEOTc2ODVERUY5RDlGNkYA"),
        "",
    ),
    "Image Message": ("Taj Mahal", "", ""),
    "Location Message": ("", "", ""),
    "Contact Sharing Message": ("", "", ""),
    "Unsupported Message": ("", "", ""),
    "Button Message": (
        *("Unsubscribe", "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJFNjk2OTMwNEZCQjhGMzUyQUYA"),
        "Unsubscribe",
    ),
    "Interactive List Reply Message": (
        *(
            "Priority Mail Express",
            "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJGMzEyNzhENTZDMzNGODlDRDgA",
        ),
        "priority_express",
    ),
    "Interactive Button Reply Message": (
        *("Cancel", "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3MEM2RUJFNkI0RENGQTVDRjUA"),
        "cancel-button",
    ),
    "Order Message": ("", "", ""),
}
NOT_WRITTEN = {
    "System Message",
    "Group Create Message",
    "Group Settings Update",
    "Group Remove Participants",
}


def test_metas_examples_are_all_known() -> None:
    assert examples().keys() == SAID.keys() | NOT_WRITTEN


@pytest.mark.parametrize("name", SAID)
def test_what_metas_examples_say(name: str) -> None:
    text, quoted, button = SAID[name]
    (found,) = replies(META, by_meta(examples()[name]))

    assert isinstance(found, Reply)
    assert (found.channel, found.sender) == ("whatsapp", "+16505551234")
    assert (found.text, found.quoted, found.button) == (text, quoted, button)
    assert found.key.startswith("wamid.")
    assert found.occurred > 1_744_000_000 * SECOND
    assert not found.answered


@pytest.mark.parametrize("name", sorted(NOT_WRITTEN))
def test_what_only_tells_of_people_is_no_message_of_theirs(name: str) -> None:
    assert replies(META, by_meta(examples()[name])) == []


def test_what_was_written_to_another_number_of_the_app_is_not_for_us() -> None:
    told = by_meta(examples()["Text Message"])

    assert len(replies(WhatsAppReceiver(("app",), "w", "106540352242922"), told)) == 1
    assert replies(WhatsAppReceiver(("app",), "w", "106540352242923"), told) == []


def test_a_message_in_a_group_is_none_to_us() -> None:
    told = examples()["Text Message"]
    told["entry"][0]["changes"][0]["value"]["messages"][0]["group_id"] = "g1"

    assert replies(META, by_meta(told)) == []


def preference(**more: Any) -> dict[str, Any]:
    said = {
        "wa_id": "4915112345678",
        "detail": "User requested to stop marketing messages",
        "category": "marketing_messages",
        "value": "stop",
        "timestamp": SECONDS,
    } | more
    value = {"messaging_product": "whatsapp", "user_preferences": [said]}
    return {"entry": [{"changes": [{"field": "user_preferences", "value": value}]}]}


@pytest.mark.parametrize(("value", "stop"), [("stop", True), ("resume", False)])
def test_who_tells_meta_to_stop_marketing_tells_us(value: str, stop: bool) -> None:
    (found,) = replies(META, by_meta(preference(value=value)))

    assert isinstance(found, Wish)
    assert (found.sender, found.stop, found.occurred) == ("+4915112345678", stop, NOW)


@pytest.mark.parametrize("more", [{"value": "perhaps"}, {"category": "utility"}, {"wa_id": "x"}])
def test_other_preferences_are_left(more: dict[str, Any]) -> None:
    assert replies(META, by_meta(preference(**more))) == []


# -------------------------------------------------------------------------------- whatever comes

_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["body", "type", "id", "title", "payload", "text", "button_reply"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)
_NUMBERS = st.sampled_from(["4915112345678", "+4915112345678", "49", "", "x"]) | _ANYTHING
_KINDS = st.sampled_from(["text", "button", "interactive", "reaction", "image", "system"])
_MESSAGES = st.fixed_dictionaries(
    {},
    optional={
        "from": _NUMBERS,
        "id": st.text(max_size=4) | _ANYTHING,
        "timestamp": st.sampled_from(["1749416383", "²", "-1", "9" * 40]) | _ANYTHING,
        "type": _KINDS | _ANYTHING,
        "text": _ANYTHING,
        "button": _ANYTHING,
        "interactive": _ANYTHING,
        "reaction": _ANYTHING,
        "context": _ANYTHING,
        "channel": st.sampled_from(["sms", "whatsapp", "mms"]) | _ANYTHING,
        "message_uuid": st.text(max_size=4) | _ANYTHING,
        "reply": _ANYTHING,
        "wa_id": _NUMBERS,
        "value": st.sampled_from(["stop", "resume"]) | _ANYTHING,
        "category": st.just("marketing_messages") | _ANYTHING,
    },
)


@given(message=_MESSAGES, metadata=_ANYTHING)
def test_whatever_is_signed_is_a_reply_or_left(message: dict[str, Any], metadata: Any) -> None:
    """Nothing raises, and whoever has written has a number and a key."""
    value = {"messages": [message], "user_preferences": [message], "metadata": metadata}
    told = {"entry": [{"changes": [{"value": value}]}]}
    found = [*replies(META, by_meta(told)), *replies(VONAGE, by_vonage(message))]

    assert all(read_number(each.sender) == each.sender and each.key for each in found)
