"""Whatever stands in a file, the checker answers with findings: no traceback, and no hanging."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dsl.compiler import compile_project
from dsl.render import render, to_json
from tests.dsl.projects import shop_files, small_files

SHOP_FILES = shop_files()
SMALL_FILES = small_files()

PIECES = st.sampled_from(
    [
        "journey: x",
        "steps:",
        "  - ",
        "wait: ",
        "if: ",
        "then:",
        "split: ",
        "a 50%: ",
        "trigger: ",
        "segments: ",
        "messages: ",
        "policy: ",
        "tracking plan: ",
        "events: ",
        "profile: ",
        "channels: ",
        "= 1 +",
        "{{ x }}",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "\n",
        "\n  ",
        "\t",
        '"',
        "'",
        "|",
        ">",
        "#",
        "&a",
        "*a",
        "!t",
        "<<: ",
        "---\n",
        "\ufeff",
        "\u2028",
        "\x00",
        "\ud800",
        "\U0001d538",
        "é",
        "3 per 7 days",
        "9" * 30,
        "0" * 5,
        "2026-02-31",
        "25:61",
        "in segment ",
        "did ",
        "not ",
        "and ",
    ]
)
ANYTHING = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=25).map("".join))


def check(files: dict[str, str]) -> None:
    """Compiles and shows; everything that stops a deploy has a place in a file."""
    compiled = compile_project(files)
    render(compiled.diagnostics, compiled.sources, colour=True).encode("utf-8", "replace")
    to_json(compiled.diagnostics)
    for one in compiled.diagnostics:
        assert one.span.line >= 1
        assert one.span.column >= 1
        assert one.span.width >= 1
        assert one.message
    if compiled.project is None:
        assert any(one.stops for one in compiled.diagnostics)


@given(ANYTHING)
@example("journey: x\nsteps: []")
@example("journey: x\ntrigger: [[]]")
@example("journey: x\nsteps: [[]]")
@example("journey: x\nsteps: [{}]")
@example("journey: []\nsteps: x")
@example("segments: x")
@example("segments: {a: [b]}")
@example("messages: [x]")
@example("message: {a: b}")
@example("modules: []")
@example("journey: x\nsteps: [{id: [a], wait: {b: c}}]")
@example("journey: x\nsteps: [{id: a, split: {x: y}}]")
@example("journey: x\nsteps: [{id: a, split: {'50%': [], ' 50%': [], ' ': []}}]")
@example("journey: x\nsteps: [{id: a, wait for: {x: y}}]")
@example("journey: x\nsteps: [{choose: [x, [], {}]}]")
@example("journey: x\ntrigger: {event: {}, where: []}")
def test_any_text_is_a_file(text: str) -> None:
    check({**SMALL_FILES, "more.yaml": text})


@given(st.sampled_from(sorted(SMALL_FILES)), ANYTHING)
@example("plan.yaml", "tracking plan: x\nprofile: y\nevents: [z]")
@example("plan.yaml", "tracking plan: x\nprofile: {a: '', b: ',', c: list of, d: one of}")
@example("plan.yaml", "tracking plan: x\nevents: {a: {has: [x], from: [], also: {}}, b: c}")
@example("policy.yaml", "policy: x\nchannels: {email: [x], push: y}\ncategories: {a: b, c: []}")
@example("policy.yaml", "policy: x\nquiet hours: [x, [], {from: ''}]\nfrequency caps: {a: b}")
@example("policy.yaml", "policy: x\nlanguages: ','\nholidays: [[]]\ntime zone: /etc/passwd")
@example("policy.yaml", "policy: x\ntime zone: 'a\0b'\nglobal holdout: {reshuffle: every}")
@example("policy.yaml", f"policy: x\ntime zone: {'a' * 5000}")
def test_any_text_can_stand_for_any_file(path: str, text: str) -> None:
    check({**SMALL_FILES, path: text})


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(SHOP_FILES)), st.data())
def test_a_file_torn_and_patched_is_still_only_a_file(path: str, data: st.DataObject) -> None:
    text = SHOP_FILES[path]
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 60)))
        text = text[:start] + data.draw(ANYTHING) + text[end:]

    check({**SHOP_FILES, path: text})


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("(" * 10_000 + "points > 1" + ")" * 10_000, "E"),
        ("not " * 10_000 + "points > 1", "E"),
        ("points > " + "-" * 10_000 + "1", "E"),
        ("points > 1" + " and points > 1" * 10_000, ""),
        ("points" + " + 1" * 10_000 + " > 1", ""),
        ("if points > 1 then 1 else " * 5_000 + "1 > 1", "E"),
        ("points > " + "9" * 100_000, "E"),
    ],
)
def test_ten_thousand_levels_in_a_rule(rule: str, code: str) -> None:
    start = time.thread_time()

    compiled = compile_project(small_files(f"goal: {rule}\nsteps: [{{stop: a}}]\n"))

    told = [one.code[0] for one in compiled.diagnostics]
    assert told == [code] if code else len(told) <= 1
    assert time.thread_time() - start < 20


def test_ten_thousand_levels_of_steps() -> None:
    steps = "[{if: points > 1, then: " * 10_000 + "[]" + "}]" * 10_000

    compiled = compile_project(small_files(f"steps: {steps}\n"))

    assert [one.code for one in compiled.diagnostics] == ["Y12"]
