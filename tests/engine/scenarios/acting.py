"""Journeys of the engine's small shop, and scenarios of them that are really played."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from dsl.compiler import Compiled, compile_project
from dsl.render import render
from engine.scenarios.play import play
from engine.scenarios.result import Played
from tests.engine.scene import SHOP, journey

__all__ = ["GIVEN", "PINGS", "acted", "compiled", "failures", "script"]

GIVEN = """
clock: 2026-03-02 10:00 Europe/Berlin
profile: {email: ada@example.com, first_name: Ada}
channels: email, push
history: [{event: consent_granted, with: {category: promotional}}]
"""

PINGS = journey(
    """
  - {id: hi, send: hello, to first of: [push, email]}
  - {id: pause, wait: 1 hour}
  - {id: again, send: named, to: email}
  - {id: rest, wait: 1 day}
"""
)
"""Says hello at once, and by name an hour later."""


def script(*lines: str, given: str = "", examples: str = "", name: str = "one") -> str:
    """One scenario with these lines."""
    text = f"- scenario: {name}\n"
    if given:
        text += f"  given:\n{indent(given.strip(), '    ')}\n"
    text += "  script:\n" + "".join(
        indent(f"- {line.strip()}" if "\n" not in line else line.strip("\n"), "    ") + "\n"
        for line in lines
    )
    if examples:
        text += f"  examples:\n{indent(examples.strip(), '    ')}\n"
    return text


def compiled(
    *scenarios: str, of: str = PINGS, given: str = GIVEN, files: Mapping[str, str] | None = None
) -> Compiled:
    """The shop with one journey called ``welcome`` and its scenarios, without mistakes."""
    tests = f"tests of: welcome\ngiven:\n{indent(given.strip(), '  ')}\nscenarios:\n"
    tests += indent("".join(scenarios), "  ")
    made = compile_project(
        {**SHOP, "journeys/welcome.yaml": of, "tests/welcome.yaml": tests, **(files or {})}
    )
    assert made.project is not None, render(made.diagnostics, made.sources)
    return made


def acted(
    *scenarios: str, of: str = PINGS, given: str = GIVEN, files: Mapping[str, str] | None = None
) -> list[Played]:
    """The scenarios, played."""
    made = compiled(*scenarios, of=of, given=given, files=files)
    assert made.project is not None
    return play(made.project, made.scenarios)


def failures(
    *lines: str,
    of: str = PINGS,
    given: str = "",
    files: Mapping[str, str] | None = None,
) -> list[tuple[str, str]]:
    """What one scenario with these lines expected, and what came instead."""
    (played,) = acted(script(*lines, given=given), of=of, files=files)
    return [(each.expected, each.but) for each in played.failures]
