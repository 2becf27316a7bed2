"""Addresses in what is told of a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.ingest.reading import CONTROL, Wrong

__all__ = ["EMAIL", "PHONE", "addresses_in"]

EMAIL = re.compile(r"[^\s@<>,;\x00-\x1f]{1,64}@[^\s@<>,;\x00-\x1f]{1,255}")
PHONE = re.compile(r"\+?[0-9 ()./-]{5,32}")


def addresses_in(traits: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, str | None]:
    """By channel; None takes one away."""
    addresses: dict[str, str | None] = {}
    if "email" in traits:
        error = '"email" is not an e-mail address, such as ada@shop.example.'
        addresses["email"] = _address(traits["email"], EMAIL, error)
    if "phone" in traits:
        error = '"phone" is not a telephone number, such as +49 30 901820.'
        phone = _address(traits["phone"], PHONE, error)
        addresses["sms"] = addresses["whatsapp"] = phone
    device = context.get("device")
    if isinstance(device, dict) and "token" in device:
        token = device["token"]
        if token is not None and (not isinstance(token, str) or CONTROL.search(token)):
            raise Wrong('"context.device.token" must be text.')
        addresses["push"] = token or None
    return addresses


def _address(value: object, form: re.Pattern[str], error: str) -> str | None:
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    if not form.fullmatch(text):
        raise Wrong(error)
    return text
