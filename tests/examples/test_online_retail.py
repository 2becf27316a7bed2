"""The example is what it says: real orders, people made up and labelled so, a project without mistakes."""

from __future__ import annotations

import gzip
import importlib.util
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.email.settings import SmtpSettings
from dsl.compiler import Compiled, compile_folder
from dsl.machine import Emit, Listen, Send, SetProfile, Split, Timer, Until
from dsl.render import render
from engine.config import read_settings

SHOP = Path(__file__).resolve().parents[2] / "examples" / "online_retail"
ORDERS = SHOP / "data" / "orders.jsonl.gz"
PEOPLE = SHOP / "data" / "people-made-up.jsonl.gz"
LONDON = ZoneInfo("Europe/London")


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_folder(SHOP)


# ------------------------------------------------------------------------------------ the data


def test_the_orders_are_all_there() -> None:
    events: Counter[str] = Counter()
    people = set()
    for order in lines(ORDERS):
        events[order["event"]] += 1
        people.add(order["userId"])

    assert events == {"Order Completed": 18_536, "Order Refunded": 3_654}
    assert len(people) == 4_372


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("people", SHOP / "people.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_people_can_be_made_up_again(generator: ModuleType) -> None:
    assert generator.people(lines(ORDERS)) == list(lines(PEOPLE))


def test_everybody_is_labelled_as_made_up() -> None:
    told = [call["traits"] for call in lines(PEOPLE) if call["type"] == "identify"]

    assert len(told) == 4_372
    assert all(traits["made_up"] is True for traits in told)


def test_no_address_can_belong_to_anybody() -> None:
    fictitious = ("+447700900", "+4917139200", "+336399800")
    for call in lines(PEOPLE):
        traits = call.get("traits", {})
        host = traits.get("email", "@example.com").split("@")[1]
        assert host in ("example.com", "example.org", "example.net")
        assert traits.get("phone", "+447700900000").startswith(fictitious)
        token = call.get("context", {}).get("device", {}).get("token", "made-up-")
        assert token.startswith("made-up-")


def test_time_zones_and_languages_are_those_of_the_country() -> None:
    zones = {ZoneInfo(call["traits"]["time_zone"]).key for call in told_with("time_zone")}
    german = {call["traits"]["language"] for call in told_with("country") if is_in(call, "DE")}
    french = {call["traits"]["language"] for call in told_with("country") if is_in(call, "FR")}

    assert len(zones) > 30
    assert (german, french) == ({"de"}, {"fr"})


def told_with(trait: str) -> list[dict[str, Any]]:
    return [call for call in lines(PEOPLE) if trait in call.get("traits", {})]


def is_in(call: dict[str, Any], country: str) -> bool:
    return bool(call["traits"]["country"] == country)


# --------------------------------------------------------------------------------- the project


def test_the_project_has_no_mistakes_and_no_warnings(compiled: Compiled) -> None:
    assert render(compiled.diagnostics, compiled.sources) == ""
    assert compiled.project is not None


def test_every_construct_that_is_built_is_shown(compiled: Compiled) -> None:
    assert compiled.project is not None
    machines = compiled.project.machines.values()
    kinds = {type(step) for machine in machines for step in machine.code}
    sends = [step for m in machines for step in m.code if isinstance(step, Send)]

    assert {Timer, Until, Listen, Send, Split, SetProfile, Emit} <= kinds
    assert any(send.every for send in sends)
    assert any(choice.when for send in sends for choice in send.choices)
    assert {channel.channel for send in sends for channel in send.choices} == {
        "email",
        "push",
        "sms",
    }
    assert sum(machine.holdout > 0 for machine in machines) >= 3
    assert sum(bool(machine.caps) for machine in machines) >= 3
    assert sum(bool(machine.exclude) for machine in machines) >= 3
    assert sum(machine.goal is not None for machine in machines) >= 3


def test_every_text_is_there_in_three_languages(compiled: Compiled) -> None:
    assert not [one for one in compiled.diagnostics if one.code == "W120"]
    assert compiled.project is not None
    assert compiled.project.policy.languages == ("en", "de", "fr")


def test_it_can_be_served_as_it_is() -> None:
    settings = read_settings(SHOP / "wayline.toml", {})

    assert set(settings.channels) == {"email", "push", "sms"}
    assert {channel.adapter for channel in settings.channels.values()} == {"file"}


def test_the_mail_server_in_the_comment_is_one_that_can_be_set_up(tmp_path: Path) -> None:
    text = (SHOP / "wayline.toml").read_text(encoding="utf-8")
    commented = text[text.index("# [channels.email]") :].splitlines()
    path = tmp_path / "wayline.toml"
    path.write_text("\n".join(line.removeprefix("# ") for line in commented), encoding="utf-8")

    settings = read_settings(path, {"SMTP_PASSWORD": "not a real one"})

    smtp = settings.channels["email"]
    assert smtp.adapter == "smtp"
    SmtpSettings.model_validate(dict(smtp.of_adapter))
