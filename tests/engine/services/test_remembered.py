"""Answers of web services that serve again."""

from __future__ import annotations

from types import MappingProxyType

from channels.services import ScriptedServices
from dsl.calendar import HOUR, MINUTE, Duration
from dsl.machine import Service
from engine.services.remembered import Remembered
from tests.dsl.projects import POLICY, compile_small
from tests.engine.fetching import PAIR, stage, texts
from tests.engine.fetching import POLICY as SHOP

NOW = 1_772_366_400_000_000


def service(name: str = "reco", minutes: int | None = 10) -> Service:
    good = None if minutes is None else Duration(micros=minutes * MINUTE)
    usual = Duration(micros=MINUTE)
    return Service(name, "https://a.example", "", usual, MappingProxyType({}), good)


def test_an_answer_is_good_for_as_long_as_its_service_says() -> None:
    remembered = Remembered()
    remembered.keep(service(), {"product": "tea", "n": 1}, {"items": ["pot"]}, NOW)

    assert remembered.find(service(), {"n": 1, "product": "tea"}, NOW + 10 * MINUTE - 1) == {
        "items": ["pot"]
    }
    assert remembered.find(service(), {"n": 1, "product": "tea"}, NOW + 10 * MINUTE) is None
    assert remembered.find(service(), {"product": "pot", "n": 1}, NOW) is None
    assert remembered.find(service("other"), {"product": "tea", "n": 1}, NOW) is None


def test_nothing_is_remembered_without_a_word() -> None:
    remembered = Remembered()
    remembered.keep(service(minutes=None), {}, {"items": []}, NOW)

    assert remembered.find(service(minutes=None), {}, NOW) is None


def test_the_oldest_goes_when_there_are_too_many() -> None:
    remembered = Remembered(most=2)
    for product in ("a", "b", "c"):
        remembered.keep(service(), {"product": product}, {"of": product}, NOW)

    found = [remembered.find(service(), {"product": each}, NOW) for each in ("a", "b", "c")]
    assert found == [None, {"of": "b"}, {"of": "c"}]


def test_what_a_service_is_told_of_a_person_is_not_kept() -> None:
    remembered = Remembered()
    remembered.keep(service(), {"email": "ada@private.example"}, {"items": []}, NOW)

    assert "ada@private" not in repr(vars(remembered))


def test_two_messages_that_ask_the_same_ask_once() -> None:
    def questions(policy: str) -> int:
        services = ScriptedServices(answer=lambda _: PAIR)
        scene = stage(services=services, policy=policy)
        for _ in range(2):
            scene.event("signed_up")
        assert len(texts(scene)) == 2
        return len(services.questions)

    once = SHOP.replace(
        "gives up after: 1 second", "gives up after: 1 second\n    good for: 1 hour"
    )
    assert questions(SHOP) == 2
    assert questions(once) == 1


def test_an_answer_is_good_for_a_day_at_most() -> None:
    def told(length: str) -> list[str]:
        own = f"webhooks: {{reco: {{address: 'https://a.example', good for: {length}}}}}\n"
        compiled = compile_small(policy=POLICY + own)
        if compiled.project is not None:
            good = compiled.project.policy.services["reco"].good_for
            assert good == Duration(micros=HOUR)
        return [one.code for one in compiled.diagnostics if one.code == "S10"]

    assert told("1 hour") == []
    assert told("2 days") == ["S10"]
    assert told("25 hours") == ["S10"]
