"""A replay learns as it goes, hour by hour, and says what it has learnt."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from dsl.compiler import compile_folder
from dsl.machine import Project
from dsl.render import render
from engine.core.split import bucket
from engine.report.page import html_report
from engine.simulate.results import Results
from engine.simulate.show import print_tables
from engine.simulate.simulation import Simulation, parts_of, simulate, write_simulation
from engine.simulate.tally import as_data
from engine.simulate.work import Job
from engine.why import as_text, tell

PROJECT = """
tracking plan: shop
profile: {email: text}
events:
  visited: {from: Visited, did: visit}
  bought: {from: Bought, did: buy}
---
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
categories:
  service: {consent: not needed}
---
messages:
  one: {email: {subject: {en: One}, blocks: [{text: {en: One}}]}}
  two: {email: {subject: {en: Two}, blocks: [{text: {en: Two}}]}}
---
journey: offers
category: service
status: live
trigger: {event: visited}
steps:
  - id: moment
    wait until: best time on email within 5 hours
  - id: offer
    split:
      first: [{id: send_one, send: one, to: email}]
      second: [{id: send_two, send: two, to: email}]
    optimise for: did buy within 2 days after offer
"""
START = datetime.fromisoformat("2026-03-20T08:00:00+00:00")  # over a change of the clocks


def calls() -> list[dict[str, object]]:
    """Somebody every three hours. Who buys is told by a hash that leans towards the first path."""
    made: list[dict[str, object]] = []
    for number in range(100):
        person, came = f"u{number}", START + timedelta(hours=3 * number)
        call = {"userId": person, "timestamp": came.isoformat()}
        made.append(
            call
            | {
                "type": "identify",
                "messageId": f"i{number}",
                "traits": {"email": f"{person}@example.com"},
            }
        )
        made.append(
            call
            | {"type": "track", "messageId": f"v{number}", "event": "Visited", "properties": {}}
        )
        if bucket("offers/offer", person) < 0.4:
            when = (came + timedelta(hours=9)).isoformat()
            made.append(
                {
                    **call,
                    "timestamp": when,
                    "type": "track",
                    "messageId": f"b{number}",
                    "event": "Bought",
                    "properties": {},
                }
            )
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, text in enumerate(PROJECT.split("---")):
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    lines = "".join(json.dumps(call) + "\n" for call in calls())
    (tmp_path / "data" / "events.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path


def project_in(folder: Path) -> Project:
    compiled = compile_folder(folder)
    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    return compiled.project


def replayed(folder: Path, processes: int = 1) -> Simulation:
    project = project_in(folder)
    until = START + timedelta(days=20)
    job = Job(folder, (folder / "data" / "events.jsonl",), int(until.timestamp() * 1_000_000))
    return simulate(project, job, processes)


def test_it_learns_while_it_replays(folder: Path) -> None:
    learnt = replayed(folder).tally.journeys["offers"].learnt["offer"]

    first, second = learnt["first"], learnt["second"]
    assert list(learnt) == ["first", "second"]
    assert first.given + second.given == 100
    assert (first.known, second.known) == (first.given, second.given)
    assert first.given > 60
    assert first.rate > second.rate
    assert first.share + second.share == 1_000_000
    assert 50_000 <= second.share < 300_000


def test_people_stay_together_where_something_is_learnt(folder: Path) -> None:
    """Asked for two processes, one does it: half of the people know half as much."""
    one, two = replayed(folder), replayed(folder, processes=2)

    assert parts_of(one.project, 8) == 1
    assert as_data(one.tally) == as_data(two.tally)
    assert one.rows == two.rows


def test_what_was_learnt_is_shown(folder: Path) -> None:
    done = replayed(folder)
    shown, page = io.StringIO(), html_report(done)
    print_tables(Console(file=shown, width=200), done)

    data = as_data(done.tally)["journeys"]["offers"]["learnt"]["offer"]["first"]
    rate = f"{100 * data['rate']:.1f}%"
    assert data["known"] == data["given"]
    assert "What splits have learnt" in shown.getvalue()
    assert rate in shown.getvalue()
    assert "What offer has learnt" in page
    assert "did buy within 2 days after offer" in page
    assert rate in page


def test_a_story_says_why_a_path_was_given(folder: Path, tmp_path: Path) -> None:
    done = replayed(folder)
    write_simulation(tmp_path, done)
    results = Results(tmp_path)

    early, late = (
        [text for _, text in as_text(story) if "was given" in text]
        for person in ("u0", "u90")
        if (story := tell(results, person, results.names)) is not None
    )
    results.close()

    assert early[0].endswith("(offers/offer): 50 %, nothing learnt yet")
    assert "(offers/offer): learnt: " in late[0]
    assert " % at snapshot " in late[0]
