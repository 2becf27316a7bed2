"""A text that comes from a name cannot be answered, so it must say how to end it."""

from __future__ import annotations

import pytest

from engine.config import ChannelSettings, Settings
from engine.doctor.senders import stoppable
from tests.engine.scene import SHOP, compiled, journey

NAME = ChannelSettings.model_validate({"adapter": "twilio", "sender": "SHOP"})
NUMBER = ChannelSettings.model_validate({"adapter": "twilio", "sender": "+1 (212) 555-0100"})
CODE = ChannelSettings.model_validate({"adapter": "twilio", "sender": "70700"})
SERVICE = ChannelSettings.model_validate({"adapter": "twilio", "messaging_service": "MG1"})
STOP = "Hello from the shop. Stop: {{ unsubscribe_link }}"


def says(
    channel: ChannelSettings,
    text: str = "{en: Hello from the shop}",
    head: str = "",
    to: str = "sms",
) -> list[str]:
    files = {
        **SHOP,
        "policy.yaml": SHOP["policy.yaml"].replace("languages: en", "languages: en, de"),
        "messages.yaml": SHOP["messages.yaml"].replace("{en: Hello from the shop}", text),
        "journey.yaml": journey(f"  - {{id: greet, send: hello, to: {to}}}", head=head),
    }
    settings = Settings(channels={"sms": channel})
    return [found.says for found in stoppable(settings, compiled(files))]


def test_a_promotional_text_from_a_name_says_how_to_end_it() -> None:
    """The sender and the message are named."""
    (said,) = says(NAME)

    assert '"SHOP"' in said
    assert said.endswith(": hello.")


@pytest.mark.parametrize(
    ("text", "well"),
    [
        (f"{{en: '{STOP}'}}", True),
        (f"'{STOP}'", True),
        (f"{{en: '{STOP}', de: '{STOP}'}}", True),
        (f"{{en: '{STOP}', de: Hallo}}", False),
        ("{en: 'Hello {% if first_name %}{{ unsubscribe_link }}{% endif %}'}", False),
    ],
)
def test_in_every_language_and_in_any_case(text: str, *, well: bool) -> None:
    """Somebody gets the German one."""
    assert (says(NAME, text) == []) is well


def test_numbers_can_be_answered_and_what_is_no_advertising_need_not_be() -> None:
    """Numbers, short codes, and services that choose a number."""
    assert says(NUMBER) == says(CODE) == says(SERVICE) == []
    assert says(NAME, head="category: service") == []
    assert says(NAME, to="push") == []


def test_the_second_adapter_of_a_channel_sends_from_somewhere_too() -> None:
    """It takes over when the first one does not take a message."""
    first = NUMBER.model_copy(update={"otherwise": NAME})

    assert len(says(first)) == 1
