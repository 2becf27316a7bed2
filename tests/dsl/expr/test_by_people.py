"""Opens and clicks count if no machine made them, unless a rule asks itself who it was."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from dsl.calendar import DAY, HOUR
from dsl.catalogue import completed
from dsl.compiler import compile_project
from dsl.expr.context import Context, Happened
from dsl.machine import EventTrigger, Listen, Rule

NOW = 100 * DAY


def click(by: str | None, number: int, name: str = "message_clicked") -> Happened:
    at = NOW - number * HOUR
    properties = {"channel": "email", "step": "hi"} | ({} if by is None else {"by": by})
    return Happened(name, at, at, number, properties)


def somebody(clicks: Sequence[Happened]) -> Context:
    sent = Happened("message_sent", NOW - 9 * HOUR, NOW, 1, {"channel": "email"})
    return Context(
        now=NOW,
        zone=ZoneInfo("UTC"),
        history={
            "message_sent": [sent],
            "message_clicked": sorted(clicks, key=lambda each: each.occurred),
        },
    )


def rule(words: str) -> Rule:
    made = compile_project(completed({"segments.yaml": f"segments:\n  s: {{who: '{words}'}}\n"}))
    assert made.project is not None, made.diagnostics
    return made.project.segments["s"].who


@pytest.mark.parametrize(
    "words",
    [
        "did message_clicked",
        'did message_clicked where channel is "email"',
        "count of message_clicked > 0",
        "did message_sent followed by message_clicked within 2 days",
        "last message_clicked.time is known",
        "did message_clicked at least 1 time in the last 2 days",
    ],
)
def test_a_machine_does_not_count(words: str) -> None:
    holds = rule(words).holds

    assert not holds(somebody([click("machine", 1)]))
    assert holds(somebody([click("human", 1)]))
    assert holds(somebody([click("machine", 1), click("unverified", 2)]))
    assert holds(somebody([click(None, 1)]))  # before anybody asked who it was


@pytest.mark.parametrize(
    ("words", "by"),
    [
        ('did message_clicked where by is "machine"', ["machine"]),
        ('did message_clicked where by is "human"', ["human"]),
        ("did message_clicked where by is known", ["human", "machine", "unverified"]),
        ('did message_clicked where (channel is "email" and by is not "human")', ["machine", "unverified"]),
        ('all of message_clicked where by is "machine"', ["machine"]),
    ],
)  # fmt: skip
def test_a_rule_that_asks_who_it_was_is_taken_at_its_word(words: str, by: list[str]) -> None:
    holds = rule(words).holds

    assert [
        each for each in ("human", "machine", "unverified") if holds(somebody([click(each, 1)]))
    ] == by


JOURNEY = """\
trigger: {{event: message_clicked{}}}
steps:
  - id: hi
    send: hello
    to: email
  - id: seen
    wait for: message_opened
    at most: 2 days
"""


def test_a_machine_starts_nothing_and_ends_no_wait() -> None:
    made = compile_project(completed({"journey.yaml": JOURNEY.format("")}))
    assert made.project is not None, made.diagnostics
    (machine,) = made.project.machines.values()
    (way,) = machine.triggers
    (listen,) = [each for each in machine.code if isinstance(each, Listen)]

    assert isinstance(way, EventTrigger)
    for where, name in (
        (way.where, "message_clicked"),
        (listen.entries[0].where, "message_opened"),
    ):
        assert where is not None
        context = somebody([])
        for by, holds in (("machine", False), ("human", True), (None, True)):
            context.candidate = click(by, 1, name)
            assert where.holds(context) == holds


def test_a_journey_can_be_about_machines() -> None:
    written = JOURNEY.format(", where: 'by is \"machine\"'")
    made = compile_project(completed({"journey.yaml": written}))
    assert made.project is not None, made.diagnostics
    (machine,) = made.project.machines.values()
    (way,) = machine.triggers

    assert isinstance(way, EventTrigger)
    assert way.where is not None
    context = somebody([])
    context.candidate = click("machine", 1)
    assert way.where.holds(context)
