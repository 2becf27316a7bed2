"""``wayline check``: what is wrong, where, and an exit code a script can use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli.check import check
from engine.config import OperatorError

PROJECT: Mapping[str, str] = {
    "plan.yaml": """\
tracking plan: shop
profile:
  email: text, personal
events:
  purchase:
    from: Order Completed
    has: {order_id: "code, required"}
""",
    "policy.yaml": """\
policy: shop
time zone: Europe/Berlin
languages: en
currency: EUR
channels:
  email: {reachable when: email is known}
categories:
  service: {consent: not needed, because: They have ordered something}
""",
    "messages.yaml": """\
messages:
  receipt:
    email:
      subject: {en: Thank you}
      blocks: [{text: {en: We have your order.}}]
""",
    "journeys/thanks.yaml": """\
journey: thanks
category: service
status: live
trigger: {event: purchase}
steps:
  - send: receipt
    id: receipt
    to: email
""",
}


def write(folder: Path, **changes: str) -> Path:
    for name, text in {**PROJECT, **changes}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(check, list(arguments), catch_exceptions=False)


BROKEN = {"journeys/thanks.yaml": PROJECT["journeys/thanks.yaml"].replace("purchase", "purchas")}


def test_a_project_without_mistakes(tmp_path: Path) -> None:
    result = run(str(write(tmp_path)))

    assert (result.exit_code, result.output) == (0, "shop: 1 journey, no mistakes.\n")


def test_a_mistake_is_shown_with_its_place_and_gives_code_1(tmp_path: Path) -> None:
    result = run(str(write(tmp_path, **BROKEN)))

    assert result.exit_code == 1
    assert "journeys/thanks.yaml:4:18" in result.output
    assert "   4 | trigger: {event: purchas}" in result.output
    assert "purchase" in result.output
    assert result.output.endswith("1 error, 0 warnings.\n")
    assert "\x1b" not in result.output


def test_as_json_a_program_can_read_it(tmp_path: Path) -> None:
    good = json.loads(run(str(write(tmp_path / "good")), "--json").output)
    result = run(str(write(tmp_path / "bad", **BROKEN)), "--json")
    bad = json.loads(result.output)

    assert (good["ok"], good["project"], good["diagnostics"]) == (True, "shop", [])
    assert (bad["ok"], bad["errors"], result.exit_code) == (False, 1, 1)
    (found,) = bad["diagnostics"]
    assert found["path"] == "journeys/thanks.yaml"
    assert found["range"]["start"] == {"line": 4, "column": 18}


def test_a_file_that_is_no_text_is_a_mistake_of_the_project(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "more.yaml").write_bytes(b"journey: \xff\xfe")
    result = run(str(folder))

    assert result.exit_code == 1
    assert "more.yaml:1" in result.output
    assert "UTF-8" in result.output


def test_a_folder_without_a_project_is_a_mistake_of_the_call(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="There is no folder"):
        run(str(tmp_path / "none"))
    with pytest.raises(OperatorError, match="it has no YAML files"):
        run(str(tmp_path))


def test_a_reader_that_goes_away_is_no_bug(tmp_path: Path) -> None:
    """``wayline check | head -0``"""
    script = "from engine.cli import main; main()"
    write(tmp_path, **BROKEN)
    with subprocess.Popen(
        [sys.executable, "-c", script, "check", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert "Traceback" not in said
    assert process.returncode == 1


def test_a_date_that_is_over_is_told(tmp_path: Path) -> None:
    journey = PROJECT["journeys/thanks.yaml"].replace(
        "{event: purchase}", "{schedule: once on 2001-11-28 at 08:00, for: everybody}"
    )
    changes = {
        "journeys/thanks.yaml": journey,
        "segments.yaml": "segments: {everybody: {who: email is known}}\n",
    }
    result = run(str(write(tmp_path, **changes)))

    assert result.exit_code == 0
    assert "warning W152  journeys/thanks.yaml:4:29\n" in result.output
    assert "The date is in the past: 2001-11-28." in result.output
