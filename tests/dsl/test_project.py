"""Files become a project by what stands in their first line, wherever they lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dsl.compiler import compile_folder, compile_project
from dsl.machine import After, EventTrigger, Machine, Project
from dsl.project import read_folder
from tests.dsl.projects import HEAD, PLAN, POLICY, STEPS, compile_small, small_files


def codes(files: dict[str, str]) -> list[tuple[str, str, int]]:
    return [(one.code, one.span.path, one.span.line) for one in compile_project(files).diagnostics]


def project_of(rest: str = STEPS, **changed: str) -> Project:
    project = compile_small(rest, **changed).project
    assert project is not None
    return project


def machine_of(rest: str = STEPS, **changed: str) -> Machine:
    return project_of(rest, **changed).machines["first"]


def test_folders_are_the_authors_own(tmp_path: Path) -> None:
    for number, (name, text) in enumerate(small_files().items()):
        file = tmp_path / f"folder {number}" / "deep" / name.replace(".yaml", ".yml")
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")

    compiled = compile_folder(tmp_path)

    assert compiled.diagnostics == ()
    assert compiled.project is not None


def test_hidden_folders_and_other_files_are_left_out(tmp_path: Path) -> None:
    for path in (".git/a.yaml", "notes.txt", ".hidden.yaml", "a/.venv/b.yml"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("x: [", encoding="utf-8")

    assert read_folder(tmp_path).files == {}


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"journey: caf\xe9\n", "Y11", 1),
        (b"a: 1\nb: \xff\xfe", "Y11", 2),
        ("journey: x".encode("utf-16"), "Y11", 1),
        (b"\x00\x01\x02", "Y11", 1),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Y11", 1),
        (b"#" * 5_000_000, "Y12", 1),
        (b"#" * 9_000_000, "Y12", 1),
        (b"", "S01", 1),
    ],
)
def test_what_is_no_text_is_told_and_the_rest_is_read(
    tmp_path: Path, raw: bytes, code: str, line: int
) -> None:
    for name, text in small_files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "zzz.yaml").write_bytes(raw)

    compiled = compile_folder(tmp_path)

    told = [(one.code, one.span.path, one.span.line) for one in compiled.diagnostics]
    assert told == [(code, "zzz.yaml", line)]
    assert compiled.project is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")

    assert [one.code for one in read_folder(tmp_path).refused] == ["Y11"]


def test_a_byte_order_mark_and_foreign_line_ends_change_nothing() -> None:
    plain = small_files("goal: pionts > 3\n" + STEPS)
    foreign = {path: "\ufeff" + text.replace("\n", "\r\n") for path, text in plain.items()}

    assert codes(foreign) == codes(plain) == [("N01", "journey.yaml", 4)]


def test_a_project_needs_a_tracking_plan_and_a_policy() -> None:
    assert codes({}) == [("S14", "policy.yaml", 1), ("S14", "tracking_plan.yaml", 1)]
    assert codes({"a.yaml": PLAN}) == [("S14", "policy.yaml", 1)]


def test_there_is_one_of_each() -> None:
    files = small_files()
    again = {**files, "z/plan.yaml": PLAN, "z/policy.yaml": POLICY, "z/journey.yaml": HEAD + STEPS}

    assert codes(again) == [
        ("S14", "z/journey.yaml", 1),
        ("S14", "z/plan.yaml", 1),
        ("S14", "z/policy.yaml", 1),
    ]


@pytest.mark.parametrize(
    "text", ["journy: x", "title: x\njourney: y", "- a\n- b", "words", "{}", "# comment\n"]
)
def test_a_file_says_first_what_it_is(text: str) -> None:
    assert codes({**small_files(), "x.yaml": text}) == [("S01", "x.yaml", 1)]


def test_the_head_of_a_journey() -> None:
    machine = machine_of(
        """\
title: The first one
priority: 70
status: live
one per: trigger.order_id
if already inside: restart
re-enter: after 7 days since leaving
eligible if: [points > 1, email is known]
exclude if: [tier is "gold", points > 100]
goal: did buy since entry
goal within: 7 days
exit if: email is missing
holdout: 12.5%
frequency caps: 3 per 7 days
let: {base: 5, double: = base * 2}
"""
        + STEPS
    )

    assert (machine.title, machine.priority, machine.status) == ("The first one", 70, "live")
    assert machine.key is not None
    assert machine.key.text == "trigger.order_id"
    assert (machine.if_inside, type(machine.re_enter)) == ("restart", After)
    assert [rule.text for rule in machine.eligible] == ["points > 1", "email is known"]
    assert [rule.place for rule in machine.exclude] == ["journey.yaml:11", "journey.yaml:11"]
    assert [rule.text for rule in machine.exits] == ["email is missing"]
    assert machine.goal is not None
    assert machine.goal_within is not None
    assert str(machine.holdout) == "0.125"
    assert [cap.count for cap in machine.caps] == [3]
    assert [name for name, _ in machine.variables] == ["base", "double"]
    assert machine.index == {"hi": 0}
    assert machine.reads.attributes == {"points", "email", "tier"}
    assert machine.reads.events == {"purchase"}
    assert machine.reads.trigger


def test_what_a_journey_does_not_say_is_the_safe_thing() -> None:
    machine = machine_of()

    assert (machine.status, machine.priority, machine.if_inside) == ("draft", 50, "ignore")
    assert type(machine.re_enter).__name__ == "Never"
    assert machine.holdout == 0
    assert machine.key is None
    assert machine.goal is None


def test_several_events_can_start_a_journey_and_share_what_both_have() -> None:
    text = HEAD.replace(
        "{event: purchase}", "[{event: purchases, where: total > 5 EUR}, {event: refund}]"
    )
    both = compile_small(journey=f"{text}one per: trigger.order_id\n{STEPS}")
    one = compile_small(journey=f"{text}one per: trigger.total\n{STEPS}")

    assert both.project is not None
    ways = both.project.machines["first"].triggers
    events = [way.event for way in ways if isinstance(way, EventTrigger)]
    assert events == ["purchase", "refund"]
    assert [one.code for one in one.diagnostics] == ["N02"]


def test_the_modules_of_a_message_count_among_what_its_journey_reads() -> None:
    messages = """\
messages:
  hello:
    email: {subject: Hello, blocks: [{if: did purchase in the last 9 days, show: [{text: Hi}]}]}
"""

    assert machine_of(messages=messages).reads.events == {"purchase"}


def test_versions_change_with_the_meaning_and_with_nothing_else() -> None:
    first = project_of()
    same = project_of()
    later = project_of("title: Other\n" + STEPS)
    words = project_of(
        messages="message: hello\nemail: {subject: Hi, blocks: [{text: Other words.}]}\n"
    )

    assert first.version == same.version
    assert first.machines["first"].version == same.machines["first"].version
    assert first.machines["first"].version != later.machines["first"].version
    assert first.version != later.version
    assert first.version != words.version
    assert first.machines["first"].version == words.machines["first"].version


def test_the_policy_as_it_is_written() -> None:
    policy = project_of(
        policy=POLICY
        + """\
holidays: 2026-12-25, 2026-12-26
quiet hours:
  - {on: "push, sms", from: "21:00 to 08:00"}
  - {on: sms, days: [Saturday, sunday], from: "00:00 to 23:59"}
frequency caps: [1 per day on push, 4 per 7 days about promotional]
arbitration: {about: promotional, collect for: 15 minutes}
global holdout: {share: 5%, reshuffle: every 3 months}
late events: {accept for waits: 1 hour}
"""
    ).policy

    assert {str(day) for day in policy.holidays} == {"2026-12-25", "2026-12-26"}
    night, weekend = policy.quiet
    assert (night.channels, night.days) == (frozenset({"push", "sms"}), None)
    assert (night.start, night.end) == (21 * 60, 8 * 60)
    assert (weekend.channels, weekend.days) == (frozenset({"sms"}), frozenset({5, 6}))
    assert (weekend.start, weekend.end) == (0, 23 * 60 + 59)
    assert [(cap.count, cap.channel, cap.category) for cap in policy.caps] == [
        (1, "push", None),
        (4, None, "promotional"),
    ]
    assert policy.arbitration is not None
    assert policy.arbitration.collect.micros == 15 * 60 * 1_000_000
    assert (str(policy.holdout), policy.reshuffle and policy.reshuffle.months) == ("0.05", 3)
    assert policy.accept_for_waits.micros == 3_600_000_000
    assert policy.ignore_for_starts.micros == 24 * 3_600_000_000
    assert policy.categories["service"].when_unknown == "retry once"
    assert policy.categories["promotional"].when_unknown == "hold"
    assert policy.categories["service"].ignores == {"frequency caps", "quiet hours"}


def test_the_tracking_plan_as_it_is_written() -> None:
    plan = project_of(
        plan=PLAN
        + """\
  cart_updated:
    has:
      items:
        - {sku: "code, required", price: money EUR}
      address: {city: text}
      tags: list of text
"""
    ).plan

    event = plan.events["cart_updated"]
    assert event.source == "cart_updated"
    assert plan.attributes["email"].personal
    assert plan.event_called("purchases") is plan.event_called("buy") is plan.events["purchase"]
    assert plan.events["purchase"].source == "Order Completed"
    assert plan.events["purchase"].properties["total"].required
    assert repr(event.properties["items"].kind) == (
        "ListOf(item=Record(fields=(('sku', Code()), ('price', Money(currency='EUR')))))"
    )
    assert repr(event.properties["address"].kind) == "Record(fields=(('city', Text()),))"
    assert repr(event.properties["tags"].kind) == "ListOf(item=Text())"
    assert "message_sent" in plan.events


def test_a_segment_with_a_list_needs_all_of_it() -> None:
    project = project_of(
        segments="segments: {vip: {title: The best, who: [points > 3, did buy]}}\n"
    )

    vip = project.segments["vip"]
    assert (vip.title, vip.who.text) == ("The best", "(points > 3) and (did buy)")
    assert vip.who.reads.attributes == {"points"}
    assert vip.who.reads.events == {"purchase"}
