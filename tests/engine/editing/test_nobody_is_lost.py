"""Whatever is edited, and whenever: everybody at rest has a timer or waits for something that can
come, or has left with a reason.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsl.calendar import DAY, HOUR
from dsl.changes import Lost, OtherKind
from dsl.project import Folder
from engine.core.changes import Changes
from engine.core.run import Run
from engine.deploy import apply_plan, make_plan
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Batch, Store
from tests.engine.desk import OTHER
from tests.engine.scene import SHOP, Scene, journey

PEOPLE = ("ada", "bob", "eve")
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink a story takes minutes
IDS = ("one", "two", "three", "four")

_kinds = st.sampled_from(
    (
        "wait: 1 day",
        "wait: 5 hours",
        "wait: 0 days",
        "wait until: tomorrow at 09:00",
        "wait until: renewal_date at 10:00, if past: skip next step",
        "wait until: visits > 3, at most: 2 days",
        "wait for: viewed, at most: 1 day",
        "wait for: purchase, at most: 6 hours",
        "send: hello, to: email",
        "send: hello, to first of: [push, email], escalate after: 3 hours, unless: opened",
        "send: hello, to all of: [email, push]",
        "webhook: crm, at most: 3 hours",
        "webhook: crm, at most: 20 hours, if it fails: stop",
        "webhook: desk",
        "split: {left 50%: [{id: left, wait: 2 hours}], right 50%: [{id: right, wait: 9 hours}]}",
    )
)
_steps = st.lists(st.tuples(st.sampled_from(IDS), _kinds), max_size=4, unique_by=lambda s: s[0])
_insides = st.sampled_from(("move", "move", "stay"))
_statuses = st.sampled_from(("live", "live", "live", "paused"))
_goals = st.sampled_from(("", "goal: did buy since entry\n", "exit if: visits > 5\n"))
_versions = st.tuples(_steps, _insides, _statuses, _goals)


@st.composite
def _acts(draw: st.DrawFn) -> tuple[str, Any]:
    what = draw(st.sampled_from(("edit", "edit", "start", "view", "visit", "wait", "back")))
    match what:
        case "edit":
            return what, draw(_versions)
        case "wait":
            return what, draw(st.sampled_from((1, 5, 24, 50)))
        case "back":
            return what, draw(st.integers(1, 4))
        case _:
            return what, draw(st.sampled_from(PEOPLE))


def files(version: tuple[list[tuple[str, str]], str, str, str], words: str = "") -> dict[str, str]:
    steps, inside, status, goal = version
    lines = [f"  - {{id: {name}, {kind}}}" for name, kind in steps]
    head = f"{goal}people inside: {inside}\nstatus: {status}\n{words}"
    body = "\n".join([*lines, "  - {id: final, wait: 1 hour}"])
    policy = SHOP["policy.yaml"] + OTHER
    return {**SHOP, "policy.yaml": policy, "journeys/0.yaml": journey(body, head=head)}


def edited(scene: Scene, version: tuple[list[tuple[str, str]], str, str, str]) -> None:
    """Deploys another version. What is refused is put right as it is said, and deployed then."""
    plan = make_plan(scene.store, Folder(files(version), ()))
    if not plan.possible:
        lost = {
            group.step
            for found in plan.journeys
            for group in found.groups
            if isinstance(group.fate, Lost | OtherKind)
        }
        kept = [step for step in version[0] if step[0] not in lost]
        gone = "".join(
            f"  {step}: {'leave' if number % 2 else 'continue with final'}\n"
            for number, step in enumerate(sorted(lost - {"final"}))
        )
        words = f"removed steps:\n{gone}" if gone else ""
        plan = make_plan(scene.store, Folder(files((kept, *version[1:]), words), ()))
    assert plan.possible or plan.compiled.diagnostics, "nothing is refused without a word"
    if plan.possible and not plan.is_idle:
        assert apply_plan(scene.store, plan, scene.now) == "deployed"
        scene.deploy()


def act(scene: Scene, what: str, more: Any) -> None:
    match what, more:
        case "edit", tuple():
            edited(scene, more)
        case "back", int(number):
            found = scene.store.deployment(number)
            if found is not None:
                plan = make_plan(scene.store, Folder(found.files, ()))
                if plan.possible and not plan.is_idle:
                    assert apply_plan(scene.store, plan, scene.now) == "deployed"
                    scene.deploy()
        case "wait", int(hours):
            scene.after(hours * HOUR)
        case "start", str(name):
            scene.event("signed_up", name)
        case "view", str(name):
            scene.event("viewed", name)
        case "visit", str(name):
            scene.change(name, {"visits": 4})
        case _:
            raise AssertionError(what)
    scene.settle()


def check(scene: Scene) -> None:
    for name in PEOPLE:
        for run in scene.runs(name):
            if run.status == "live":
                machine = scene.program.machine_of(run)
                assert machine is not None
                assert run.version == machine.version or machine.status == "paused"
                assert run.state in machine.index or machine.status == "paused"
                assert run.timer is not None or run.frozen is not None, run
            else:
                assert run.outcome


def story(store: Store, acts: list[tuple[str, Any]], limit: int) -> tuple[Scene, list[Any]]:
    scene = Scene(store=store, limit=limit)
    scene.silent = True  # so that people rest in a call, until its time is over
    for name in PEOPLE:
        scene.person(name, visits=1, renewal_date="2026-03-05")
    edited(scene, ([("one", "wait: 1 day"), ("two", "send: hello, to: email")], "move", "live", ""))
    for name in PEOPLE:
        scene.event("signed_up", name)
    for what, more in acts:
        act(scene, what, more)
        check(scene)
    edited(scene, ([("one", "wait: 1 day")], "move", "live", ""))
    scene.settle()
    scene.after(400 * DAY)
    left = [[(run.status, run.outcome) for run in scene.runs(name)] for name in PEOPLE]
    told = [scene.story(name) for name in PEOPLE]
    sent = sorted(scene.sent)
    return scene, [left, told, sent]


@given(acts=st.lists(_acts(), max_size=7), limit=st.sampled_from((1, 1000)))
@settings(max_examples=60, deadline=None, phases=PHASES)
def test_everybody_leaves_in_the_end_and_rests_well_until_then(
    acts: list[tuple[str, Any]], limit: int
) -> None:
    scene, (left, _, _) = story(MemoryStore(), acts, limit)

    assert {status for runs in left for status, _ in runs} == {"closed"}
    for name in PEOPLE:
        made = [(each.run, each.step, each.channel) for each in scene.store.deliveries_of(name)]
        assert len(made) == len(set(made))
        contacts = scene.store.people([name], ())[name].profile.contacts
        assert [each for each in contacts if each.sent is None] == []


@given(acts=st.lists(_acts(), max_size=6))
@settings(max_examples=15, deadline=None, phases=PHASES)
def test_batches_of_one_and_a_file_tell_the_same_story(acts: list[tuple[str, Any]]) -> None:
    _, whole = story(MemoryStore(), acts, 1000)
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'wayline.db'}")
        try:
            _, parts = story(store, acts, 1)
        finally:
            store.close()

    assert parts == whole


class Dies(Exception):
    """The process ends here."""


def test_killed_in_the_middle_of_a_round_everybody_is_visited_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A batch dies before its commit, again and again; and the program is loaded anew each time."""
    scene = Scene(journey("  - {id: one, wait: 5 days}\n"), limit=2)
    people = [f"p{number}" for number in range(9)]
    for name in people:
        scene.person(name)
        scene.event("signed_up", name)
    monkeypatch.setattr(scene, "settle", lambda: None)
    scene.edit(journey("  - {id: one, wait: 2 days}\n"))
    deaths = iter([True, False, True, True, False] * 5)

    def unlucky(batch: Batch, changes: Changes, commit: object = None) -> None:
        if next(deaths):
            raise Dies
        real(batch, changes)

    with scene.store.batch() as batch:
        kind = type(batch)
    real = kind.commit
    monkeypatch.setattr(kind, "commit", unlucky)
    runs: list[Run] = []
    for _ in range(40):
        try:
            ran = scene.runner.run_once(scene.now, 2)
        except Dies:
            scene.deploy()
            continue
        if not ran.more:
            break
    runs = [scene.runs(name)[0] for name in people]

    assert {run.due for run in runs} == {scene.now + 2 * DAY}
    assert len({run.version for run in runs}) == 1
