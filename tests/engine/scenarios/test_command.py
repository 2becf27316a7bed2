"""``wayline test``: what it prints and which exit code it leaves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from engine.cli.test import test as command
from engine.config import OperatorError
from tests.engine.scenarios.acting import PINGS, compiled, script

START, HELLO = "event: signed_up", "expect sent: hello"
GOOD = script(START, HELLO, name="a greeting")
BAD = script(START, "{expect sent: hello, on: email}", name="a letter")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path / "shop", compiled(GOOD, BAD).sources)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


def test_a_failure_shows_the_time_line_beside_what_was_expected(project: Path) -> None:
    done = run(project)

    assert done.exit_code == 1
    assert done.stdout.startswith(".F\n")
    told = done.stdout[done.stdout.index("FAILED") :].split("(0.")[0].rsplit("\n", 1)[0]
    assert (
        told
        == """\
FAILED  welcome: a letter
        tests/welcome.yaml:12

  Expected in line 15: hello is sent on email.
  But: it was sent on push.

  u1, on the clock of Europe/Berlin
  can be reached on email, push
  agreed to promotional

    Monday 2 March 2026
    09:59  consent granted: category promotional
    10:00  signed up
    10:00  entered welcome, by signed up
    10:00  sent hello on push: “Hello” (welcome/hi)
  ✗ 10:00  expected: hello is sent on email (line 15)
"""
    )
    assert "2 scenarios, 1 failed" in done.stdout


def test_words_choose_scenarios(project: Path) -> None:
    good = run(project, "-k", "GREETING welcome")
    none = run(project, "-k", "greeting letter")

    assert (good.exit_code, none.exit_code) == (0, 2)
    assert "1 scenario, all as expected" in good.stdout
    assert 'No scenario has "greeting letter" in its name, journey or file.' in none.output


def test_the_results_are_there_for_programs(project: Path) -> None:
    done = run(project, "--json", "--coverage")
    data = json.loads(done.stdout)

    assert (done.exit_code, data["ok"]) == (1, False)
    assert (data["passed"], data["failed"]) == (1, 1)
    good, bad = data["scenarios"]
    assert (good["outcome"], good["failures"], good["timeline"]) == ("passed", [], [])
    assert bad["failures"] == [
        {"line": 15, "expected": "hello is sent on email", "but": "it was sent on push"}
    ]
    assert (bad["journey"], bad["path"], bad["line"]) == ("welcome", "tests/welcome.yaml", 12)
    (coverage,) = data["coverage"]
    assert coverage["messages"] == {"all": 2, "reached": 1, "missing": ["named"]}
    assert "W150" in {each["code"] for each in data["diagnostics"]}


def test_build_servers_get_junit(project: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    done = run(project, "--junit", report)
    root = ET.fromstring(report.read_text(encoding="utf-8"))

    assert done.exit_code == 1
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (suite,) = root
    good, bad = suite
    assert suite.get("name") == "tests/welcome.yaml"
    assert (good.get("classname"), good.get("name")) == ("welcome", "a greeting")
    assert list(good) == []
    (failure,) = bad
    assert failure.get("message") == (
        "line 15: expected hello is sent on email, but it was sent on push"
    )
    assert "✗ 10:00" in (failure.text or "")


def test_coverage_is_told_with_its_warning(project: Path) -> None:
    done = run(project, "-k", "greeting", "--coverage")

    assert done.exit_code == 0
    assert "welcome: 1 scenario, 2 of 4 steps, 1 of 2 messages" in done.stdout
    assert "warning W150  journeys/welcome.yaml:1:1" in done.stdout


def test_mistakes_in_the_project_are_told_as_by_check(tmp_path: Path) -> None:
    files = dict(compiled(GOOD).sources)
    files["tests/welcome.yaml"] = files["tests/welcome.yaml"].replace("sent: hello", "sent: helo")
    project = written(tmp_path, files)
    said, data = run(project), run(project, "--json")

    assert (said.exit_code, data.exit_code) == (1, 1)
    assert 'There is no message called "helo".' in said.stdout
    assert "N13" in {each["code"] for each in json.loads(data.stdout)["diagnostics"]}


def test_what_cannot_work_is_said(tmp_path: Path, project: Path) -> None:
    files = {k: v for k, v in compiled(GOOD).sources.items() if not k.startswith("tests/")}
    empty = run(written(tmp_path / "untested", files))
    unwritable = run(project, "--junit", tmp_path / "nowhere" / "report.xml")

    assert (empty.exit_code, unwritable.exit_code) == (2, 2)
    assert "There are no scenarios in" in empty.output
    assert "cannot be written to" in unwritable.output
    assert isinstance(run(tmp_path / "missing").exception, OperatorError)


def test_a_scenario_of_a_file_with_strange_characters_can_be_reported(tmp_path: Path) -> None:
    strange = script(START, "expect nothing", name='"\\a <strange> & \\u0001 name"')
    project = written(tmp_path, compiled(strange, of=PINGS).sources)
    report = tmp_path / "report.xml"
    run(project, "--junit", report)

    case = ET.fromstring(report.read_text(encoding="utf-8"))[0][0]
    assert case.get("name") == "? <strange> & ? name"
