"""Results as people read them: what was expected, what came, and the person's time line with both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from dsl.calendar import Instant, local
from engine.scenarios.result import Check, Played

__all__ = ["as_data", "as_text", "summary"]


def as_text(played: Played) -> Iterator[tuple[str, str]]:
    """A scenario that failed, line by line, each with its sort: ``failed``, ``expected``, ``but``,
    ``title``, ``day``, ``held``, ``missed`` or that of a line of a story.
    """
    scenario = played.scenario
    yield "failed", f"FAILED  {scenario.journey}: {scenario.name}"
    yield "place", f"        {scenario.path}:{scenario.line}"
    for check in played.failures:
        yield "expected", f"\n  Expected in line {check.line}: {_sentence(check.expected)}"
        yield "but", f"  But: {_sentence(check.but)}"
    if played.story is not None:
        yield "title", f"\n  {played.story.person}, on the clock of {played.story.zone.key}"
        for known in played.story.about:
            yield "about", f"  {known}"
        yield from _timeline(played)


def _timeline(played: Played) -> Iterator[tuple[str, str]]:
    story = played.story
    assert story is not None
    rows: list[tuple[Instant, str, str]] = [(each.at, each.sort, each.text) for each in story.lines]
    rows += [(at, "before", text) for at, text in _before(played)]
    rows += [(check.at, *_mark(check)) for check in played.checks]
    rows.sort(key=lambda row: row[0])  # stable: what happened stands before what was expected
    stamped = [(local(at, story.zone), sort, text) for at, sort, text in rows]
    for day, lines in groupby(stamped, key=lambda row: row[0].date()):
        yield "day", f"\n    {day:%A} {day.day} {day:%B %Y}"
        for moment, sort, text in lines:
            margin = {"held": "✓", "missed": "✗"}.get(sort, " ")
            yield sort, f"  {margin} {moment:%H:%M}  {text}"


def _before(played: Played) -> Iterator[tuple[Instant, str]]:
    """Messages of the past: nobody decided them here, so no story tells of them."""
    for past in played.scenario.given.history:
        if past.event in ("message_sent", "message_failed"):
            said = ", ".join(f"{name} {value}" for name, value in past.properties.items())
            words = past.event.replace("_", " ")
            yield past.occurred, f"given: {words}: {said}" if said else f"given: {words}"


def _mark(check: Check) -> tuple[str, str]:
    if check.held:
        return "held", f"as expected: {check.expected}"
    return "missed", f"expected: {check.expected} (line {check.line})"


def _sentence(words: str) -> str:
    return words if words.endswith(".") else f"{words}."


def summary(played: Sequence[Played]) -> str:
    """How many passed and failed, and how fast."""
    failed = sum(each.outcome == "failed" for each in played)
    seconds = sum(each.seconds for each in played)
    many = "1 scenario" if len(played) == 1 else f"{len(played)} scenarios"
    said = f"{many}, {failed} failed" if failed else f"{many}, all as expected"
    return f"{said} ({seconds:.2f} s)."


def as_data(played: Played) -> Mapping[str, Any]:
    """One scenario for programs."""
    scenario = played.scenario
    return {
        "journey": scenario.journey,
        "scenario": scenario.name,
        "path": scenario.path,
        "line": scenario.line,
        "outcome": played.outcome,
        "seconds": round(played.seconds, 6),
        "failures": [
            {"line": each.line, "expected": each.expected, "but": each.but}
            for each in played.failures
        ],
        "timeline": [] if played.story is None else [text for _, text in _timeline(played)],
    }
