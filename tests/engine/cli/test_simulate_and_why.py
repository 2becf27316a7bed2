"""From a folder with events to a report, and from there to one person's story."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .test_check import BROKEN, write


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        check=False,
    )


def call(kind: str, person: str, minute: int, **more: Any) -> str:
    stamp = f"2026-03-01T09:{minute:02}:00Z"
    return json.dumps({"type": kind, "userId": person, "timestamp": stamp, **more})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with three people's orders; one line is wrong."""
    folder = write(tmp_path / "project")
    lines = []
    for number, person in enumerate(("ada", "bob", "eve")):
        if person != "eve":
            lines.append(
                call("identify", person, number, traits={"email": f"{person}@example.com"})
            )
        properties = {"order_id": f"o-{number}"}
        lines.append(
            call("track", person, 10 + number, event="Order Completed", properties=properties)
        )
    lines.append(call("track", "ada", 30, event="Nonsense"))
    (folder / "data").mkdir()
    (folder / "data" / "events.jsonl").write_text("\n".join(lines))
    return folder


def test_a_replay_gives_numbers_a_page_and_stories(project: Path, tmp_path: Path) -> None:
    done = run("simulate", project, "--out", "out", "--processes", 1, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "thanks" in done.stdout
    assert "refused events.jsonl:6: The tracking plan has no event" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "<script" not in page

    story = run("why", "ada", "--from", "out", cwd=tmp_path)
    assert story.returncode == 0
    assert "Thank you" in story.stdout
    reasons = json.loads(run("why", "eve", "--from", "out", "--json", cwd=tmp_path).stdout)
    sorts = [line["sort"] for day in reasons["days"] for line in day["lines"]]
    assert "not sent" in sorts


def test_the_numbers_are_there_for_programs(project: Path, tmp_path: Path) -> None:
    done = run("simulate", project, "--out", "out", "--json", "--processes", 2, cwd=tmp_path)

    data = json.loads(done.stdout)
    assert data["journeys"]["thanks"]["sent"] == {"email": 2}
    assert data["journeys"]["thanks"]["not_sent"] == {"unreachable": 1}
    assert [line["place"] for line in data["refused"]] == ["events.jsonl:6"]


def test_it_stops_when_it_is_told(project: Path, tmp_path: Path) -> None:
    options = ["--until", "2026-03-01T09:10:30Z", "--json", "--processes", 1]
    done = run("simulate", project, *options, cwd=tmp_path)

    assert json.loads(done.stdout)["journeys"]["thanks"]["sent"] == {"email": 1}


def test_mistakes_are_said_with_the_right_code(project: Path, tmp_path: Path) -> None:
    broken = write(tmp_path / "broken", **BROKEN)

    for arguments, code, said in (
        (("simulate", broken), 1, "1 error"),
        (("simulate", project, "--until", "tomorrow"), 2, "is not a time like"),
        (("simulate", write(tmp_path / "empty")), 2, "There are no events"),
        (("why", "ada", "--from", "nowhere"), 2, "run wayline simulate first"),
        (("why", "ada"), 2, "There is no store wayline.db"),
    ):
        done = run(*arguments, cwd=tmp_path)
        assert done.returncode == code, arguments
        assert said in done.stdout + done.stderr
        assert "Traceback" not in done.stderr


def test_somebody_unknown_has_no_story(project: Path, tmp_path: Path) -> None:
    run("simulate", project, "--out", "out", "--processes", 1, cwd=tmp_path)
    done = run("why", "adam", "--from", "out", cwd=tmp_path)

    assert done.returncode == 1
    assert 'Nobody called "adam"' in done.stderr
    assert "ada" in done.stderr
