"""The key tables: every key says what it means."""

from __future__ import annotations

import pytest

from dsl.diagnostics import Diagnostic
from dsl.files.journey import EventStart, JourneyFile
from dsl.files.policy import PolicyFile
from dsl.files.reading import read
from dsl.files.scenarios import SCRIPT, GivenPart, PastPart, ScenarioPart, ScenariosFile
from dsl.files.segments import SegmentsFile
from dsl.files.shape import Written
from dsl.files.steps import STEPS, SendStep, WaitStep
from dsl.files.tracking_plan import TrackingPlanFile
from dsl.yaml import Map
from tests.dsl.test_compose import read as read_yaml

TABLES: list[type[Written]] = [
    JourneyFile,
    EventStart,
    PolicyFile,
    SegmentsFile,
    TrackingPlanFile,
    *STEPS.values(),
    ScenariosFile,
    ScenarioPart,
    GivenPart,
    PastPart,
    *SCRIPT.values(),
]


@pytest.mark.parametrize("table", TABLES)
def test_every_key_says_what_it_means(table: type[Written]) -> None:
    assert [key for key, row in table.table().items() if not row.means] == []


def filled(table: type[Written], text: str) -> tuple[Written | None, list[Diagnostic]]:
    node, found = read_yaml(text)
    assert isinstance(node, Map)
    return read(table, node, "a place", found), found


def test_a_table_remembers_where_its_keys_stand() -> None:
    step, found = filled(SendStep, "id: hi\nsend: hello\nTo_First_Of: [push, email]\n")

    assert found == []
    assert isinstance(step, SendStep)
    assert (step.send, step.to_first_of, step.to) == ("hello", ("push", "email"), None)
    assert str(step.key_of("to_first_of")) == "To_First_Of"
    assert step.span_of("send").line == 2
    assert step.span_of("category").line == 1


def test_one_text_stands_for_a_list_of_one() -> None:
    journey, _ = filled(JourneyFile, "journey: x\neligible if: points > 1\nexit if: [a, b]\n")

    assert isinstance(journey, JourneyFile)
    assert (journey.eligible_if, journey.exit_if) == (("points > 1",), ("a", "b"))


def test_a_colon_in_an_item_of_a_list_is_told_as_such() -> None:
    _, found = filled(JourneyFile, 'journey: x\nexit if:\n  - name is "Note: x"\n')

    assert (found[0].code, found[0].span.line, found[0].span.column) == ("Y04", 3, 18)


def test_what_is_possible_is_said() -> None:
    _, found = filled(WaitStep, "id: a\nwait: 1 day\nzzz: b\n")

    assert found[0].hint == "Possible here: id, wait"
