"""What people write, at the door: signed by the provider, durable before it is answered, once."""

from __future__ import annotations

from urllib.parse import urlencode

from channels.twilio.receipts import TwilioReceiver, signature
from channels.vonage.receipts import VonageReceiver
from engine.core.profile import Profile
from engine.store.protocol import Changes
from tests.channels.test_replies import by_sms
from tests.channels.told import by_vonage

from .conftest import NOW, Answer, Api, Start

CALLBACK = "https://journeys.shop.example/v1/receipts/sms"
RECEIVERS = {"sms": [TwilioReceiver(CALLBACK, ("token",)), VonageReceiver(("secret",))]}


def known(api: Api) -> Api:
    addresses = {"sms": "+49 151 12345678"}
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[Profile("ada", {}, addresses)]))
    return api


def by_twilio(api: Api, sid: str = "SM7", token: str = "token") -> Answer:
    sent = {"MessageSid": sid, "SmsStatus": "received", "From": "+4915112345678", "Body": "Yes"}
    signed = signature(token, CALLBACK, list(sent.items())).decode()
    headers = {
        "x-twilio-signature": signed,
        "content-type": "application/x-www-form-urlencoded",
    }
    return api.send("/v1/receipts/sms", urlencode(sent).encode(), headers)


def written(api: Api) -> list[str]:
    view = api.store.people(["ada"], ["message_replied"])["ada"]
    return [each.properties["text"] for each in view.history["message_replied"]]


def test_what_was_written_is_in_the_history_when_it_is_answered(start: Start) -> None:
    api = known(start(receivers=RECEIVERS))
    answer = by_twilio(api)

    assert (answer.status, answer.body.endswith(b"<Response/>")) == (200, True)
    assert answer.headers["content-type"].startswith("text/xml")
    assert written(api) == ["Yes"]
    assert api.woken == 1


def test_both_providers_of_a_channel_are_heard_at_one_address(start: Start) -> None:
    api = known(start(receivers=RECEIVERS))
    incoming = by_vonage(by_sms(text="No"), at=NOW // 1_000_000)
    answer = api.send("/v1/receipts/sms", incoming.body, incoming.headers)

    assert (answer.status, answer.body) == (200, b"")
    assert written(api) == ["No"]


def test_it_is_heard_once_however_often_it_is_told(start: Start) -> None:
    api = known(start(receivers=RECEIVERS))
    for _ in range(3):
        assert by_twilio(api).status == 200
    by_twilio(api, "SM8")

    assert written(api) == ["Yes", "Yes"]


def test_what_is_not_signed_by_the_provider_was_not_written(start: Start) -> None:
    api = known(start(receivers=RECEIVERS))

    assert by_twilio(api, token="other").status == 403
    assert written(api) == []


def test_whoever_nobody_knows_is_counted(start: Start) -> None:
    api = start(receivers=RECEIVERS)

    assert by_twilio(api).status == 200
    metrics = api.get("/metrics").body.decode()
    assert 'wayline_receipts_total{channel="sms",what="from nobody we know"} 1.0' in metrics
    assert api.woken == 0
