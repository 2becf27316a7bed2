"""The pages of the catalogue about deploys show what they say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dsl.catalogue import completed, pages
from dsl.project import Folder
from engine.core.run import Run
from engine.deploy import make_plan, running
from engine.deploy.plan import apply_plan
from engine.deploy.reach import unreachable
from engine.store.memory import MemoryStore
from engine.store.protocol import Changes
from tests.engine.scene import Scene

BEFORE: Mapping[str, dict[str, str]] = {
    "E140": {"journey.yaml": "steps:\n  - {id: pause, wait: 1 day}\n"},
    "E141": {"journey.yaml": 'exit if: country is "de"\n'},
    "E142": {"journey.yaml": "steps:\n  - {id: hi, wait: 1 day}\n"},
    "W112": {},
}
INSIDE = {"E140": "pause", "E142": "hi"}


def codes(code: str, example: Mapping[str, str]) -> set[str]:
    """What is found when the example is deployed over what ran before, with somebody inside."""
    store = MemoryStore()
    for person in ("ada", "bob"):
        Scene(store=store).person(person)
    with store.batch() as batch:
        people = batch.load(["ada"], 0)
        tripled = people["ada"].profile._replace(attributes={"email": "a@example.com"})
        batch.commit(Changes(profiles=[tripled]))
    apply_plan(store, make_plan(store, Folder(completed(BEFORE[code]), ())), 0)
    found = running(store)
    assert found is not None
    machine = found.project.machines["first"]
    if code in INSIDE:
        run = Run("r1", "ada", "first", machine.version, "", 1, None, state=INSIDE[code])
        with store.batch() as batch:
            batch.load(["ada"], 0)
            batch.commit(Changes(runs=[run]))
    plan = make_plan(store, Folder(completed(example), ()))
    diagnostics = [*plan.compiled.diagnostics, *unreachable(store, plan, 1)]
    return {one.code for one in diagnostics}


@pytest.mark.parametrize("code", ["E140", "E141", "E142"])
def test_the_wrong_example_is_refused_and_the_right_one_is_not(code: str) -> None:
    assert codes(code, pages()[code].wrong) == {code}
    assert codes(code, pages()[code].right) == set()


def test_the_page_about_one_channel() -> None:
    """With somebody in the segment: three purchases, and no phone."""
    page = pages()["W112"]
    segments = {"segments.yaml": "segments:\n  loyal: {who: email is known}\n"}

    assert codes("W112", {**page.wrong, **segments}) == {"W112"}
    assert codes("W112", {**page.right, **segments}) == set()
