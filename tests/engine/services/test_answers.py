"""Answers of web services: what is promised and right gets in, and nothing else."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dsl.calendar import Duration
from dsl.kinds import Instant, ListOf, Money, Record, Text, Whole, YesNo
from dsl.machine import Service
from engine.services.answers import read_answer

SERVICE = Service(
    "crm",
    "https://crm.example.com",
    "",
    Duration(micros=1),
    {
        "ticket": Text(),
        "score": Whole(),
        "limit": Money("EUR"),
        "open": YesNo(),
        "until": Instant(),
        "items": ListOf(Text()),
        "person": Record((("name", Text()),)),
    },
)


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ({}, {}),
        ({"ticket": "T-1", "score": 7}, {"ticket": "T-1", "score": 7}),
        ({"ticket": "T-1", "debug": True}, {"ticket": "T-1"}),
        ({"ticket": 7, "score": "7"}, {"score": 7}),
        ({"ticket": None, "score": 7.5}, {}),
        ({"ticket": "", "items": []}, {}),
        ({"limit": 139.12, "open": False}, {"limit": 13912, "open": False}),
        ({"until": "2026-03-01 10:00"}, {"until": 1_772_355_600_000_000}),
        ({"until": "2026-03-01T09:00:00Z"}, {"until": 1_772_355_600_000_000}),
        ({"items": ["a", "", "b"]}, {"items": ["a", "b"]}),
        ({"items": "a"}, {}),
        ({"items": ["a", 7]}, {}),
        ({"person": {"name": "Ada", "age": 36}}, {"person": {"name": "Ada"}}),
        ({"person": {"name": ["Ada"]}, "score": 1}, {"score": 1}),
        ({"ticket": "a\x00b"}, {}),
    ],
)
def test_an_answer_is_read(said: dict[str, Any], values: dict[str, Any]) -> None:
    assert read_answer(SERVICE, said, ZoneInfo("Europe/Berlin")) == values
