"""What is different between two versions of a journey, in words."""

from __future__ import annotations

import pytest

from dsl.changes import house_changes, journey_changes
from dsl.editing import names_since
from dsl.machine import Machine, Project
from tests.dsl.projects import PLAN, compile_small

STEPS = """\
steps:
  - {id: hi, send: hello, to: email}
  - {id: pause, wait: 2 days}
  - if: points > 5
    then: [{id: more, wait: 1 day}]
"""

AGAIN = (
    "~ Start Starts when a person buys. People may come back at any time. Until now: Starts when a"
    " person buys. Nobody enters twice."
)


def version(rest: str) -> tuple[Machine, Project]:
    project = compile_small(rest).project
    assert project is not None
    return project.machines["first"], project


def changes(before: str, after: str) -> list[str]:
    found = journey_changes(version(before), version(after))
    return [" ".join(filter(None, (each.sign, each.what, each.words))) for each in found]


def test_the_same_is_the_same_wherever_it_stands_in_the_file() -> None:
    assert changes(STEPS, f"# a word before\nnotes: nothing\n{STEPS}") == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2 days", "3 days", ["~ pause Waits 3 days. Until now: Waits 2 days."]),
        (
            "id: hi, send: hello, to: email",
            "id: hi, send: hello, to: email, when capped: skip",
            ["~ hi Sends hello by e-mail. Something smaller about it is different."],
        ),
        (
            "points > 5",
            "points > 9",
            ["- If points is more than 5.", "+ If points is more than 9."],
        ),
        (
            "    then: [{id: more, wait: 1 day}]",
            "    then: [{id: more, wait: 1 day}, {stop: enough}]",
            ["+ Leaves: enough."],
        ),
        (
            "    then: [{id: more, wait: 1 day}]",
            "    then: [{id: more, wait: 1 day}]\n    else: [{id: less, wait: 2 days}]",
            ["+ less Waits 2 days."],
        ),
        (
            "  - if: points > 5\n    then: [{id: more, wait: 1 day}]",
            "  - choose: [{when: points > 5, do: [{id: more, wait: 1 day}]}, {when: points > 2, do: [{stop: few}]}]",
            [
                "- If points is more than 5.",
                "+ The first of these that fits: points is more than 5; points is more than 2.",
                "+ Leaves: few.",
            ],
        ),
        (
            "  - {id: pause, wait: 2 days}\n",
            "",
            ["- pause Is gone. Waits 2 days."],
        ),
        (
            "steps:\n",
            "re-enter: any time\nsteps:\n",
            [AGAIN],
        ),
        (
            "steps:\n",
            "people inside: stay\nsteps:\n",
            ["+ When this changes people inside finish the version they entered."],
        ),
    ],
)
def test_a_change_is_told(old: str, new: str, said: list[str]) -> None:
    assert changes(STEPS, STEPS.replace(old, new, 1)) == said


def test_a_new_name_is_no_step_that_went_and_one_that_came() -> None:
    renamed = "renamed steps: {pause: rest}\n" + STEPS.replace("id: pause", "id: rest")

    assert changes(STEPS, renamed) == ["~ rest Was called pause."]
    assert changes(renamed, STEPS) == ["~ pause Was called rest."]


def test_what_has_no_words_is_not_kept_back() -> None:
    assert changes(STEPS, f"removed steps: {{gone: leave}}\n{STEPS}") == [
        "~ something that this list has no words for"
    ]


def test_names_are_taken_back_only_where_the_old_one_is_there_and_the_new_one_is_not() -> None:
    before = [("a", "b")]

    assert names_since([], before, ["a"]) == {"b": "a"}
    assert names_since([], before, ["a", "b"]) == {}
    assert names_since([], before, ["c"]) == {}
    assert names_since([("b", "c")], before, ["a", "c"]) == {"b": "c"}


def test_what_people_are_known_by_is_a_change_of_its_own() -> None:
    before, after = (
        compile_small(STEPS, plan=PLAN + more).project
        for more in ("", "identifiers: phone, email\nat the door: warn\n")
    )
    assert before is not None
    assert after is not None

    assert house_changes(before, before) == ()
    (change,) = house_changes(before, after)
    assert (change.sign, change.what, change.words) == (
        "~",
        "tracking plan",
        "at the door, identifiers.",
    )
    assert after.plan.identifiers == ("email", "phone")
