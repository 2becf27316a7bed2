"""A replay decides what production would decide, and the same in one process or in two."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dsl.calendar import Instant, from_datetime
from dsl.compiler import compile_folder
from dsl.machine import Project
from dsl.render import render
from engine.core.decision import Decision
from engine.ingest import Intake
from engine.report.page import html_report
from engine.simulate.results import Results
from engine.simulate.script import find_scripts, read_script
from engine.simulate.show import print_tables
from engine.simulate.simulation import Simulation, simulate, write_simulation
from engine.simulate.tally import Tally, as_data
from engine.simulate.work import Job, Progress
from engine.why import tell

PROJECT = {
    "plan.yaml": """
tracking plan: shop
profile:
  first_name: text, personal
  email: text, personal
  time_zone: text
events:
  visited:
    from: Visited
    did: visit
  bought:
    from: Bought
    did: buy
    has: {total: "money EUR, required"}
""",
    "policy.yaml": """
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
  push: {reachable when: yes}
categories:
  promotional: {consent: required}
  service: {consent: not needed, ignores: "frequency caps, quiet hours, holdout, arbitration"}
quiet hours:
  - {on: push, from: 21:00 to 08:00}
frequency caps:
  - 1 per day on push
when capped: next channel
when quiet: wait up to 12 hours
when unreachable: next channel
""",
    "texts.yaml": """
messages:
  hello:
    push: {title: {en: Hello}, body: {en: "Hello {{ first_name }}"}}
    email: {subject: {en: "Hello {{ first_name }}"}, blocks: [{text: {en: Good day}}, {use: footer}]}
""",
    "modules.yaml": """
modules:
  footer:
    required in: email
    blocks: [{text: {en: "No more: {{ unsubscribe_link }}"}}]
""",
    "welcome.yaml": """
journey: welcome
category: promotional
priority: 60
status: live
trigger: {event: visited}
if already inside: restart
re-enter: any time
goal: did buy since entry
goal within: 30 days
holdout: 30%
steps:
  - {id: pause, wait: 2 hours}
  - id: greet
    send: hello
    to first of: [push, email]
  - {id: later, wait: 3 days}
  - id: again
    send: hello
    to: email
""",
}


def lines(*calls: dict[str, Any] | str) -> str:
    return "".join((call if isinstance(call, str) else json.dumps(call)) + "\n" for call in calls)


def track(person: str, event: str, when: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": event,
        "userId": person,
        "messageId": f"{person}-{event}-{when}",
        "timestamp": when,
        "properties": properties,
    }


def identify(person: str, when: str, **traits: Any) -> dict[str, Any]:
    return {
        "type": "identify",
        "userId": person,
        "messageId": f"{person}-identify-{when}",
        "timestamp": when,
        "traits": traits,
        "context": {"device": {"token": f"token-{person}"}},
    }


def agrees(person: str, when: str) -> list[dict[str, Any]]:
    return [
        track(person, "consent_granted", when, category="promotional", channel=channel)
        | {"messageId": f"{person}-agrees-{channel}"}
        for channel in ("email", "push")
    ]


def crowd(size: int = 40) -> list[dict[str, Any]]:
    """People who come, come back and buy at all hours of a few days."""
    calls: list[dict[str, Any]] = []
    start = datetime.fromisoformat("2026-03-26T00:00:00+00:00")  # over a change of the clocks
    for number in range(size):
        person = f"u{number}"
        first = start + timedelta(hours=number * 5 % 97, minutes=number * 13 % 60)
        calls.append(identify(person, first.isoformat(), email=f"{person}@example.com"))
        if number % 3:
            calls[-1]["traits"]["first_name"] = f"Ada{number}"
        if number % 4:
            calls += agrees(person, first.isoformat())
        for visit in range(number % 5):
            when = first + timedelta(hours=visit * 26 + 1)
            calls.append(track(person, "Visited", when.isoformat()))
        if number % 6 == 0:
            when = first + timedelta(hours=30)
            calls.append(track(person, "Bought", when.isoformat(), total=number + 0.5))
    calls.append(track("u0", "Visited", (start + timedelta(days=40)).isoformat()))
    return calls


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return tmp_path


def project_in(folder: Path) -> Project:
    compiled = compile_folder(folder)
    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    return compiled.project


def replayed(folder: Path, calls: Iterable[dict[str, Any] | str], **job: Any) -> Simulation:
    (folder / "data" / "events.jsonl").write_text(lines(*calls), encoding="utf-8")
    processes = job.pop("processes", 1)
    return simulate(project_in(folder), Job(folder, tuple(find_scripts(folder)), **job), processes)


def at(text: str) -> Instant:
    return from_datetime(datetime.fromisoformat(text))


# --------------------------------------------------------------------------------- the script


def test_people_are_read_before_what_they_did(folder: Path) -> None:
    for name in ("orders.jsonl.gz", "people.jsonl", "visits.ndjson", "notes.txt"):
        (folder / "data" / name).write_bytes(b"")

    assert [path.name for path in find_scripts(folder)] == [
        "people.jsonl",
        "orders.jsonl.gz",
        "visits.ndjson",
    ]


def test_what_cannot_be_taken_is_named_by_its_line(folder: Path) -> None:
    path = folder / "data" / "events.jsonl.gz"
    text = lines(
        track("u1", "Visited", "2026-03-01T10:00:00Z"),
        "{not json",
        "[1, 2]",
        {"type": "track", "event": "Visited", "userId": "u1"},
        track("u1", "Visited", "2026-03-01T10:00:00"),
        track("u1", "Visitd", "2026-03-01T10:00:00Z"),
        track("u1", "message_sent", "2026-03-01T10:00:00Z"),
        track("u1", "Bought", "2026-03-01T10:00:00Z"),
        "",
        {**track("u1", "Visited", "2026-03-01T10:00:00Z"), "userId": None},
    )
    path.write_bytes(gzip.compress(text.encode()))
    project = project_in(folder)

    script = read_script([path], Intake(project.plan, project.policy.categories))

    assert len(script.arrivals) == 1
    places = [line.place for line in script.refused]
    assert places == [f"events.jsonl.gz:{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10)]
    errors = [line.error for line in script.refused]
    assert errors[0] == "This line is not JSON."
    assert "timestamp" in errors[2]
    assert "timestamp" in errors[3]
    assert 'Did you mean "Visited"?' in errors[4]
    assert "reserved" in errors[5]


def test_lines_may_be_in_any_order(folder: Path) -> None:
    calls = crowd(12)

    forwards = replayed(folder, calls)
    backwards = replayed(folder, reversed(calls))

    assert as_data(backwards.tally)["journeys"] == as_data(forwards.tally)["journeys"]


def test_an_empty_script_is_no_mistake(folder: Path) -> None:
    found = replayed(folder, [])

    assert found.tally == Tally()
    assert html_report(found)


# ------------------------------------------------------------------------------------ the loop


def decisions(found: Simulation, folder: Path, person: str) -> list[Decision]:
    write_simulation(folder / "out", found)
    results = Results(folder / "out")
    try:
        return results.decisions(person)
    finally:
        results.close()


def test_the_clock_stops_at_every_instant_at_which_something_happens(folder: Path) -> None:
    calls = [
        identify("u1", "2026-03-01T19:00:00+00:00", email="u1@example.com", first_name="Ada"),
        *agrees("u1", "2026-03-01T19:00:00+00:00"),
        track("u1", "Visited", "2026-03-01T19:00:00+00:00"),  # 20:00 in Berlin, and 2 hours on
        track("u2", "Visited", "2026-03-20T12:00:00+00:00"),
    ]
    (folder / "welcome.yaml").write_text(PROJECT["welcome.yaml"].replace("holdout: 30%\n", ""))

    told = decisions(replayed(folder, calls), folder, "u1")

    assert [(each.what, each.reason, each.channel, each.at) for each in told] == [
        ("entered", "visited", "", at("2026-03-01T20:00:00+01:00")),
        ("waits", "quiet", "push", at("2026-03-01T22:00:00+01:00")),
        ("sent", "hello", "push", at("2026-03-02T08:00:00+01:00")),
        ("handed over", "hello", "push", at("2026-03-02T08:00:00+01:00")),
        ("sent", "hello", "email", at("2026-03-05T08:00:00+01:00")),
        ("left", "end", "", at("2026-03-05T08:00:00+01:00")),
        ("handed over", "hello", "email", at("2026-03-05T08:00:00+01:00")),
    ]


def test_nothing_happens_after_the_end(folder: Path) -> None:
    end = at("2026-03-28T12:00:00+00:00")

    found = replayed(folder, crowd(), until=end)

    assert found.end == end
    assert found.tally.journeys["welcome"].inside > 0
    latest = max(d.at for n in range(40) for d in decisions(found, folder, f"u{n}") or [_never()])
    assert 0 < latest <= end


def _never() -> Decision:
    return Decision("", 0, "left", "")


def test_one_process_or_three_give_the_same_result(folder: Path) -> None:
    alone = replayed(folder, [*crowd(), "{not json"])
    together = replayed(folder, [*crowd(), "{not json"], processes=3)

    assert together.tally == alone.tally
    assert together.rows == alone.rows
    assert together.refused == alone.refused
    assert html_report(together) == html_report(alone)


def test_a_part_that_fails_is_heard_of(folder: Path) -> None:
    project = project_in(folder)
    (folder / "data" / "events.jsonl").write_text(lines(*crowd(5)))
    (folder / "welcome.yaml").write_text("journey: welcome\nsteps: nonsense\n")

    with pytest.raises(RuntimeError, match="a part of the simulation ended"):
        simulate(project, Job(folder, tuple(find_scripts(folder))), 2)


def test_progress_only_grows_and_ends_at_the_end(folder: Path) -> None:
    heard: list[Progress] = []
    (folder / "data" / "events.jsonl").write_text(lines(*crowd()))

    found = simulate(project_in(folder), Job(folder, tuple(find_scripts(folder))), 1, heard.append)

    assert [each.done for each in heard] == sorted(each.done for each in heard)
    assert heard[-1].done == 1
    sent = sum(found.tally.journeys["welcome"].sent.values())
    assert heard[-1].messages == sent > 0


# ----------------------------------------------------------------------------------- the rest


def test_everybodys_story_can_be_told_afterwards(folder: Path) -> None:
    found = replayed(folder, crowd())
    write_simulation(folder / "out", found)

    results = Results(folder / "out")
    story = tell(results, "u13", results.names)
    nobody = tell(results, "nobody", results.names)
    close = results.some_people("u13x")
    results.close()

    assert nobody is None
    assert "u13" in close
    assert story is not None
    told = [line.text for line in story.lines]
    assert told[0].startswith("consent granted: category promotional")
    assert any(text.startswith("sent hello on") and "“Hello" in text for text in told)
    assert "example.com" not in str(story)


def test_without_results_there_is_no_story(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Results(tmp_path)


def test_into_a_pipe_the_tables_are_plain_and_whole(folder: Path) -> None:
    text = io.StringIO()

    print_tables(Console(file=text, width=40), replayed(folder, crowd()))

    printed = text.getvalue()
    assert "\x1b" not in printed
    assert printed.isascii()
    assert "left by goal" in printed
    assert "…" not in printed


def test_the_report_stands_alone(folder: Path) -> None:
    page = html_report(replayed(folder, [*crowd(), "{not json"]))

    assert "<script" not in page
    for outside in ("http://", "https://", "url(", "@import", "src="):
        assert outside not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "events.jsonl:" in page
    assert page.count("<svg") == 2


def test_what_people_wrote_does_no_harm_in_the_report(folder: Path) -> None:
    text = PROJECT["welcome.yaml"].replace("journey: welcome\n", "journey: welcome\ntitle: <b>&\n")
    (folder / "welcome.yaml").write_text(text)

    page = html_report(replayed(folder, crowd(3)))

    assert "<b>&" not in page
    assert "&lt;b&gt;&amp;" in page
