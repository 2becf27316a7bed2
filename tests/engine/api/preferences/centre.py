"""Ada, a link that she got, and forms that come back from the preference centre."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dsl.calendar import DAY
from engine.core.profile import Profile
from engine.core.signals import EventArrived
from engine.store.protocol import Changes
from tests.engine.api.conftest import NOW, Api, handed_over

__all__ = [
    "FORM",
    "NOTHING",
    "POLICY",
    "Fields",
    "changed",
    "chosen",
    "keep",
    "post",
    "proof",
    "ticks",
]

FORM = {"content-type": "application/x-www-form-urlencoded"}
POLICY = """
policy: shop
time zone: Europe/Berlin
languages: fr, en, de
currency: EUR
channels: {email: {}, push: {}, sms: {}}
categories:
  promotional:
    title: {fr: Nouveautés, en: News & offers, de: Neues}
  events: {consent: visits > 3}
  surveys: {consent: visits > 30}
  service: {consent: not needed}
"""


def keep(api: Api, language: object = "en", **more: Any) -> None:
    """Ada, who has agreed to news by e-mail, and a message that she got."""
    profile = Profile(
        "ada",
        {"language": language, "visits": 5},
        {"email": "mary.ada@example.com", "sms": "+447700900123", "push": "token-1"},
        {"promotional/email": NOW - DAY},
    )._replace(**more)
    delivery = handed_over(address="mary.ada@example.com")
    with api.store.batch() as batch:
        batch.commit(Changes(profiles=[profile], deliveries=[delivery]))


Fields = Sequence[tuple[str, str]]
NOTHING: Fields = [("limit_was", ""), ("limit", ""), ("pause", "keep")]
AS_IT_WAS: Fields = [
    *(("was", f"events/{channel}") for channel in ("email", "push", "sms")),
    *(("on", f"events/{channel}") for channel in ("email", "push", "sms")),
    *[("was", "promotional/email"), ("on", "promotional/email")],
    *[("limit_was", ""), ("limit", ""), ("pause", "keep")],
]


def changed(*more: tuple[str, str], without: Fields = ()) -> bytes:
    """The form as it was shown, but for this."""
    names = {name for name, _ in more if name not in ("on", "was")}
    kept = [each for each in AS_IT_WAS if each not in without and each[0] not in names]
    return urlencode([*kept, *more]).encode()


def post(api: Api, token: str, body: bytes) -> list[tuple[str, Mapping[str, Any]]]:
    """Sends a form, and what was said by it."""
    before = set(api.store.arrivals)
    answer = api.send(f"/preferences/{token}", body, FORM)
    assert (answer.status, answer.headers["location"]) == (303, "?said=saved")
    arrivals = [each for name, each in api.store.arrivals.items() if name not in before]
    events = [each.event for each in arrivals if isinstance(each, EventArrived)]
    assert {each.person for each in arrivals} <= {"ada"}
    assert {each.occurred for each in events} <= {NOW}
    return [(each.name, each.properties) for each in events]


def ticks(page: str) -> dict[str, bool]:
    found = re.findall(r'name="on" value="([^"]*)"( checked)?>', page)
    return {place: bool(checked) for place, checked in found}


def chosen(page: str, name: str) -> str:
    (select,) = re.findall(rf'<select name="{name}">(.*?)</select>', page)
    (text,) = re.findall(r"selected>([^<]*)<", select)
    assert isinstance(text, str)
    return text


def proof(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, without how."""
    assert said["method"] == "preference centre"
    assert said["source"] == "/preferences"
    assert said["actor"] == "themselves"
    return {k: v for k, v in said.items() if k not in ("method", "source", "wording", "actor")}
