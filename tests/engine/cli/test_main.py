"""The command itself: help, exit codes, and what is loaded when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli import main
from engine.cli.main import wayline
from engine.config import OperatorError


def run(
    *arguments: str, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """``wayline`` as a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), **environment},
    )


def test_the_version_is_printed_for_people_and_programs() -> None:
    plain, data = run("version"), run("version", "--json")

    assert plain.stdout.startswith("wayline 0.")
    assert set(json.loads(data.stdout)) == {"wayline", "python"}
    assert (plain.returncode, data.returncode) == (0, 0)


def test_help_lists_every_command_and_the_exit_codes() -> None:
    text = run("--help").stdout

    for command in ("check", "simulate", "serve", "why", "send-event", "version"):
        assert f"  {command} " in text
    assert "3  a bug in Wayline" in text


def test_every_command_explains_itself() -> None:
    for command in wayline.commands or ("check", "serve", "send-event", "version"):
        answer = run(command, "--help")
        assert answer.returncode == 0, answer.stderr
        assert answer.stdout.startswith(f"Usage: wayline {command}")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("check", "--nonsense"),
        ("check", "/nowhere/at/all"),
        ("serve", "--port", "70000"),
        ("serve", "--store", "mysql://x"),
        ("send-event", "Order Completed"),
        ("send-event", "X", "--user", "ada", "-p", "novalue"),
        ("send-event", "X", "--user", "ada", "--url", "ftp://x"),
        ("send-event", "X", "--user", "ada", "--url", "http://127.0.0.1:9"),
    ],
)
def test_a_call_that_cannot_work_is_said_and_has_code_2(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    answer = run(*arguments, cwd=tmp_path)

    assert answer.returncode == 2
    assert "Error: " in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_a_bug_of_ours_is_loud_and_has_code_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(wayline, "main", broken)
    with pytest.raises(SystemExit) as leaving:
        main()

    assert leaving.value.code == 3
    said = capsys.readouterr().err
    assert "ZeroDivisionError: of all things" in said
    assert "This is a bug in Wayline" in said


def test_an_operators_mistake_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def mistaken(**_: object) -> None:
        raise OperatorError("Do it like this.")

    monkeypatch.setattr(wayline, "main", mistaken)
    with pytest.raises(SystemExit) as leaving:
        main()

    assert leaving.value.code == 2
    assert capsys.readouterr().err == "Error: Do it like this.\n"


def test_small_commands_load_nothing_large() -> None:
    """The time they take is the time of what they import."""
    script = (
        "import sys\n"
        "from engine.cli.main import wayline\n"
        "wayline.main(['version'], standalone_mode=False)\n"
        "heavy = ('starlette', 'uvicorn', 'sqlalchemy', 'lark', 'pydantic', 'rich', 'jinja2')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert answer.stdout.splitlines()[1:] == ["[]"]
