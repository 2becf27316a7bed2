"""The script of a replay: what was told long ago, read so that a year of it fits into memory."""

from __future__ import annotations

import json
from pathlib import Path

from dsl.compiler import compile_project
from engine.core.signals import EventArrived
from engine.ingest import Intake
from engine.simulate.script import read_script

FILES = {
    "plan.yaml": """
tracking plan: shop
events:
  counted: {from: Counted, has: {it: whole number}}
  said: {from: Said, has: {it: yes/no}}
""",
    "policy.yaml": """
policy: shop
time zone: UTC
languages: en
currency: EUR
channels: {sms: {reachable when: yes}}
categories: {news: {consent: required}}
""",
}


def line(event: str, it: object) -> str:
    told = {"type": "track", "event": event, "userId": "u1", "properties": {"it": it}}
    return json.dumps({**told, "timestamp": "2026-03-01T10:00:00Z"}) + "\n"


def test_what_is_equal_is_kept_once_and_yes_is_not_one(tmp_path: Path) -> None:
    """A year of the same things bought over and over fits into memory."""
    path = tmp_path / "events.jsonl"
    path.write_text(2 * (line("Counted", 1) + line("Said", True)))
    project = compile_project(FILES).project
    assert project is not None

    script = read_script([path], Intake(project.plan, project.policy.categories))

    told = [each.event.properties for _, each in script.arrivals if isinstance(each, EventArrived)]
    assert [type(each["it"]) for each in told] == [int, bool, int, bool]
    assert told[0] is told[2]
    assert told[1] is told[3]
