"""``wayline fmt`` and ``wayline check --fix``: which files are written, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from engine.cli.check import check
from engine.cli.fmt import fmt
from tests.dsl.projects import small_files

UNTIDY = "Steps:\n- send: hello\n  to: email\n"
TIDY = "steps:\n  - id: hello\n    send: hello\n    to: email\n"


def write(folder: Path, rest: str, **more: str) -> Path:
    for name, text in small_files(rest, **more).items():
        (folder / name).write_text(text)
    return folder


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False)  # type: ignore[arg-type]


def journey(folder: Path) -> str:
    return (folder / "journey.yaml").read_text().partition("trigger: {event: purchase}\n")[2]


def test_files_are_written_in_their_canonical_form(tmp_path: Path) -> None:
    result = run(fmt, str(write(tmp_path, UNTIDY)))
    again = run(fmt, str(tmp_path))

    assert result.exit_code == 0
    assert result.output == "changed journey.yaml\n1 file changed, 3 files in canonical form.\n"
    assert journey(tmp_path) == TIDY
    assert (again.exit_code, again.output) == (0, "4 files in canonical form.\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(small_files())


def test_check_writes_nothing_and_gives_code_1(tmp_path: Path) -> None:
    result = run(fmt, str(write(tmp_path, UNTIDY)), "--check")
    clean = run(fmt, str(write(tmp_path / ".", TIDY)), "--check")

    assert result.exit_code == 1
    assert "would change journey.yaml" in result.output
    assert clean.exit_code == 0


def test_diff_shows_what_would_change(tmp_path: Path) -> None:
    result = run(fmt, str(write(tmp_path, UNTIDY)), "--diff")

    assert result.exit_code == 0
    assert "-Steps:\n-- send: hello\n-  to: email\n+steps:\n+  - id: hello\n" in result.output
    assert journey(tmp_path) == UNTIDY


def test_a_file_with_a_wrong_layout_is_shown_and_left_alone(tmp_path: Path) -> None:
    folder = write(tmp_path, UNTIDY, segments="segments:\n\tvip: 1\n")
    result = run(fmt, str(folder))

    assert result.exit_code == 1
    assert "error Y01  segments.yaml:2:1" in result.output
    assert journey(tmp_path) == TIDY
    assert (tmp_path / "segments.yaml").read_text() == "segments:\n\tvip: 1\n"


def test_a_file_keeps_its_rights(tmp_path: Path) -> None:
    path = write(tmp_path, UNTIDY) / "journey.yaml"
    path.chmod(0o640)
    run(fmt, str(tmp_path))

    assert path.stat().st_mode & 0o777 == 0o640


def test_check_fix_puts_right_what_needs_no_thought(tmp_path: Path) -> None:
    folder = write(tmp_path, "eligible if: tier is “gold”\nsteps:\n  - wait: 1 day\n")
    result = run(check, str(folder), "--fix")

    assert result.exit_code == 0
    assert result.output.startswith("fixed journey.yaml\n")
    assert journey(tmp_path) == (
        'eligible if: tier is "gold"\nsteps:\n  - id: wait_1_day\n    wait: 1 day\n'
    )


def test_what_is_left_is_shown(tmp_path: Path) -> None:
    folder = write(tmp_path, "eligible if: teir is “gold”\nsteps:\n  - stop: x\n")
    result = run(check, str(folder), "--fix", "--json")
    told = json.loads(result.output)

    assert result.exit_code == 1
    assert told["fixed"] == ["journey.yaml"]
    assert [(one["code"], one["fix"]["title"]) for one in told["diagnostics"]] == [
        ("N01", 'Write "tier"')
    ]
