"""The command ``wayline`` itself: which commands there are, and what their exit codes mean.

Commands are imported when they run, so that ``wayline version`` does not load a web server.
"""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, NoReturn

import click

__all__ = ["BUG", "FOUND", "OK", "OPERATOR", "main", "wayline"]

OK, FOUND, OPERATOR, BUG = 0, 1, 2, 3


class _Command(NamedTuple):
    module: str
    name: str
    summary: str


_COMMANDS: Mapping[str, _Command] = MappingProxyType(
    {
        "init": _Command("init", "init", "Begin a project with journeys of the library."),
        "check": _Command(
            "check", "check", "Find mistakes in a project, with the place and a hint."
        ),
        "test": _Command("test", "test", "Play scenarios, and say what did not go as expected."),
        "fmt": _Command("fmt", "fmt", "Write the files of a project in their canonical form."),
        "lsp": _Command(
            "lsp", "lsp", "Serve an editor: findings as you type, completion, renaming."
        ),
        "schema": _Command("schema", "schema", "Print what files are made of, for editors."),
        "explain": _Command("explain", "explain", "Tell a journey, or a finding, in words."),
        "graph": _Command("graph", "graph", "Draw a journey as SVG or Mermaid."),
        "preview": _Command("preview", "preview", "Show a message as people will see it."),
        "plan-from-events": _Command(
            "plan_from_events",
            "plan_from_events",
            "Draft a tracking plan from events that were sent elsewhere.",
        ),
        "simulate": _Command("simulate", "simulate", "Replay events on a simulated clock."),
        "plan": _Command("plan", "plan", "Compare a project with what runs. Changes nothing."),
        "deploy": _Command("deploy", "deploy", "Let a project run, after its plan has been shown."),
        "serve": _Command("serve", "serve", "Run journeys: events in, messages out."),
        "why": _Command("why", "why", "Tell one person's story, and why they got what they got."),
        "consent": _Command(
            "consent", "consent", "Tell what one person agreed to, and what may be sent to them."
        ),
        "audience": _Command(
            "audience", "audience", "Count the people in segments, or name those in one."
        ),
        "segment": _Command(
            "segment", "segment", "Look into a segment, or settle anew who is in it."
        ),
        "send-event": _Command("send_event", "send_event", "Send an event to a running daemon."),
        "keys": _Command("keys", "keys", "Make, list, rotate and revoke keys of the API."),
        "webhooks": _Command("webhooks", "webhooks", "Have others told of what happens here."),
        "doctor": _Command(
            "doctor", "doctor", "Look at what a daemon stands on, and say what to put right."
        ),
        "import": _Command(
            "import_file", "import_file", "Bring in people, their past and their consents."
        ),
        "tracking": _Command(
            "tracking", "tracking", "Say what was sent and does not fit the tracking plan."
        ),
        "erase": _Command("erase", "erase", "Have a running daemon forget people."),
        "merge": _Command("merge", "merge", "Make two people one who turned out to be."),
        "take-out": _Command("take_out", "take_out", "Take a person out of a journey."),
        "export": _Command("export", "export", "Write all that is known of a person, as JSON."),
        "audit": _Command("audit", "audit", "Say who read or changed what of whom."),
        "openapi": _Command("openapi", "openapi", "Print the description of the HTTP API."),
        "db": _Command("db", "db", "Look after a store: upgrade, check, export, import."),
        "bounce": _Command("bounce", "bounce", "Pass on a mail that came back."),
        "suppressions": _Command(
            "suppressions", "suppressions", "List addresses that are not written to, or lift one."
        ),
        "complaints": _Command(
            "complaints", "complaints", "Say how many people call messages spam, and go on."
        ),
        "set-aside": _Command(
            "set_aside", "set_aside", "List or release people whom a bug has stopped."
        ),
        "version": _Command("version", "version", "Print the version."),
    }
)

_EPILOG = """\b
Exit codes:
  0  all is well
  1  a mistake was found in the project
  2  the command was called, or set up, in a way that cannot work
  3  a bug in Wayline
"""


class _Wayline(click.Group):
    """Lists commands without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = _COMMANDS.get(cmd_name)
        if found is None:
            return None
        command = getattr(importlib.import_module(f"engine.cli.{found.module}"), found.name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.summary) for name, each in _COMMANDS.items()])


@click.group(cls=_Wayline, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
def wayline() -> None:
    """Customer journeys as code: checked, simulated, run and explained."""


_MANY = 50_000  # what is made between two looks for garbage in circles; Python's own is 700


def main() -> NoReturn:
    """The entry point. Turns what went wrong into words and an exit code."""
    gc.set_threshold(_MANY)  # a project is many small things that stay: a tenth of a check's time
    try:
        code = wayline.main(prog_name="wayline", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.ClickException as mistake:
        mistake.show()
        code = OPERATOR
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except Exception as error:  # noqa: BLE001 - the last place before the user
        code = _explained(error)
    sys.exit(code if isinstance(code, int) else OK)


def _explained(error: Exception) -> int:
    from channels.settings import SettingsError
    from engine.operator import OperatorError
    from engine.store.protocol import StoreError

    if isinstance(error, OperatorError | StoreError | SettingsError):
        click.echo(f"Error: {error}", err=True)
        return OPERATOR
    traceback.print_exception(error)
    click.echo("This is a bug in Wayline. Please report it with the lines above.", err=True)
    return BUG
