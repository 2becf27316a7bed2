"""Who e-mails are from, as operators write it."""

from __future__ import annotations

import pytest

from channels.email.sender import SenderSettings


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("Shop <news@shop.example>", "Shop", "news@shop.example"),
        ('"Der Laden, GmbH" <news@shop.example>', "Der Laden, GmbH", "news@shop.example"),
        (r'"The \"Best\" Shop" <news@shop.example>', 'The "Best" Shop', "news@shop.example"),
        ("Café Blüte <news@shop.example>", "Café Blüte", "news@shop.example"),
        ("news@shop.example", "", "news@shop.example"),
    ],
)
def test_a_sender_is_read_as_it_is_written(written: str, name: str, address: str) -> None:
    sender = SenderSettings.model_validate({"from": written}).sender()

    assert (sender.name, str(sender.address)) == (name, address)


def test_a_sender_without_an_address_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="has no e-mail address"):
        SenderSettings.model_validate({"from": "Shop"})
