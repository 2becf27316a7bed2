"""Twice as much to read is twice as much work: nobody's file grows to a standstill.

Work is counted in calls of functions, so that a slow machine says the same as a fast one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType

import pytest

from dsl.compiler import compile_project
from dsl.format import fixed, format_project, with_fixes
from dsl.lint import branches, caps
from dsl.render import render, to_json
from tests.dsl.projects import MESSAGES, PLAN, POLICY, small_files

SIZE = 20
MOST = 1.3  # times the work for the second twenty; three times, if it grows with the square

Files = Mapping[str, str]


def lines(pattern: str, count: int) -> str:
    return "".join(pattern.replace("#", str(n)) + "\n" for n in range(count))


def steps(pattern: str) -> Callable[[int], Files]:
    return lambda count: small_files("steps:\n" + lines(f"  - {pattern}", count))


def head(pattern: str) -> Callable[[int], Files]:
    return lambda count: small_files(lines(pattern, count) + "steps: [{stop: enough}]\n")


def file(text: str, pattern: str, name: str = "more") -> Callable[[int], Files]:
    return lambda count: small_files(**{name: text + lines(pattern, count)})


GROWING: Mapping[str, Callable[[int], Files]] = {
    "waits": steps("{id: s#, wait: 1 day}"),
    "waits without ids": steps("wait: 1 day"),
    "sends": steps("{id: s#, send: hello, to: email}"),
    "waits for": steps("{id: s#, wait for: purchase, at most: 1 day}"),
    "waits until": steps("{id: s#, wait until: points > #, at most: 1 day}"),
    "ifs": steps("{if: points > #, then: [{id: s#, wait: 1 day}]}"),
    "wrong verbs": steps("{wiat: 1 day}"),
    "wrong messages": steps("{id: s#, send: helo, to: email}"),
    "wrong keys": head("titel#: x"),
    "keys written twice": head("notes: x"),
    "a rule over many lines": lambda count: small_files(
        "goal: >\n" + lines("  points is # or", count) + "  points > 1\nsteps: [{stop: enough}]\n"
    ),
    "guards": lambda count: small_files(
        "exclude if:\n" + lines("  - points > #", count) + "steps: [{stop: enough}]\n"
    ),
    "variables": lambda count: small_files(
        "let:\n  v: 1\n" + lines("  v#: = v + #", count) + "steps: [{stop: enough}]\n"
    ),
    "cases": lambda count: small_files(
        "steps:\n  - choose:\n" + lines("      - {when: points is #, do: [{stop: a}]}", count)
    ),
    "paths": lambda count: small_files(
        "steps:\n  - id: s\n    split:\n" + lines("      p# 1%: [{stop: a}]", count)
    ),
    "attributes": file(PLAN.partition("events:")[0], "  a#: text", "plan"),
    "events": file(PLAN, "  e#: {has: {a: text}}", "plan"),
    "words of a kind": lambda count: small_files(
        plan=PLAN.replace("bronze / gold", " / ".join(f"w{n}" for n in range(count)))
    ),
    "categories": file(POLICY, "  c#: {consent: not needed}", "policy"),
    "caps": file(POLICY + "frequency caps:\n", "  - # per # days", "policy"),
    "segments": file("segments:\n", "  s#: {who: points > #}"),
    "segments in each other": lambda count: small_files(
        more="segments:\n  s0: {who: points > 1}\n"
        + "".join(f"  s{n}: {{who: in segment s{n - 1}}}\n" for n in range(1, count))
    ),
    "segments in a circle": lambda count: small_files(
        more="segments:\n"
        + "".join(f"  s{n}: {{who: in segment s{(n + 1) % count}}}\n" for n in range(count))
    ),
    "messages": file(MESSAGES, "  m#: {sms: {text: Hello}}", "messages"),
    "modules": file("modules:\n", "  m#: {blocks: [{text: Hello}]}"),
    "scenarios": file(
        "tests of: first\nscenarios:\n", "  - {scenario: s#, script: [{pass: 1 day}]}"
    ),
    "journeys": lambda count: (
        small_files()
        | {
            f"j{n}.yaml": f"journey: j{n}\ncategory: service\ntrigger: {{event: purchase}}\n"
            "exclude if: points > 1\nsteps: [{stop: enough}]\n"
            for n in range(count)
        }
    ),
    "comments": head("# a comment"),
    "lines of one text": lambda count: small_files(
        'notes: "' + lines("  and so on", count) + '"\nsteps: [{stop: enough}]\n'
    ),
}


def work(files: Files) -> int:
    """How many calls it takes to check files, to show what is found, to mend and to write them."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        compiled = compile_project(files)
        findings = with_fixes(compiled.diagnostics, compiled.sources)
        render(findings, compiled.sources)
        to_json(findings)
        fixed(compiled.sources, findings)
        format_project(files)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("what", GROWING)
def test_the_second_half_is_no_more_work_than_the_first(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "_MOST_ABOVE", 5)  # of which there are a hundred
    monkeypatch.setattr(caps, "_MOST_CAPS", 5)
    grown = GROWING[what]
    work(grown(2))  # what is made once
    none, half, whole = (work(grown(count)) for count in (2, SIZE, 2 * SIZE))

    assert (whole - half) / (half - none) < MOST, f"{none:,}, {half:,}, {whole:,} calls"


def test_a_case_is_held_against_the_nearest_ones_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing each with all above it would take minutes for a file of ten thousand."""
    asked = []
    monkeypatch.setattr(branches, "catches", lambda *_: asked.append(1))
    monkeypatch.setattr(branches, "_MOST_ABOVE", 5)

    compile_project(GROWING["cases"](30))

    assert len(asked) == 5 * 30 - (1 + 2 + 3 + 4 + 5)


def test_so_is_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(caps, "_covers", lambda *_: asked.append(1))
    monkeypatch.setattr(caps, "_MOST_CAPS", 5)

    compile_project(file(POLICY + "frequency caps:\n", "  - #1 per #1 days", "policy")(30))

    assert len(asked) == 5 * 4
