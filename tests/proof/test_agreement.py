"""The same life comes to the same end in every runtime: a random project, people to whom random
things happen, and nothing that a runtime is may be seen in what becomes of them.

``WAYLINE_TEST_EXAMPLES`` says how many lives are lived (``make fuzz`` lives many).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from dsl.calendar import MINUTE
from dsl.compiler import compile_project
from dsl.render import render
from engine.cli.main import wayline
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived
from engine.scenarios.play import play
from engine.scenarios.show import as_text
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Appended, Store
from tests.engine.scene import program_of
from tests.postgres import address_of, emptied
from tests.proof.examples import examples
from tests.proof.journeys import projects
from tests.proof.lives import START, Life, Move, World, lives
from tests.proof.outcomes import differences, outcome
from tests.proof.runtimes import Runtime, Told, at_once, live_on, record, simulated
from tests.proof.shop import POLICY, shop
from tests.proof.telling import Broken, Passage, Seen, scenario, told
from tests.proof.yaml import written

Turns = Sequence[int]

turns = st.lists(st.integers(0, 2), min_size=1, max_size=9)
rarely = st.integers(1, 40)  # rounds from one restart to the next


def few(count: int) -> settings:
    return settings(
        max_examples=examples(count),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        report_multiple_bugs=False,
    )


class Case:
    """A life that has been lived, and what came of it."""

    def __init__(self, files: Mapping[str, str], life: Life) -> None:
        self._files = files
        self.life = life
        self.program: Program = program_of(files)
        self.reference = MemoryStore()
        self.told: Told = record(Runtime(self.program, life.world, [self.reference]), life)
        self._expected = self._outcome(self.reference)

    def runtime(self, *stores: Store, limit: int = 1000, **more: object) -> Runtime:
        return Runtime(self.program, self.life.world, stores, limit=limit, **more)  # type: ignore[arg-type]

    def agrees(self, name: str, runtime: Runtime) -> None:
        """Lives on in another runtime, and compares."""
        live_on(runtime, self.told)
        self.compare(name, runtime.store)

    def compare(self, name: str, store: Store) -> None:
        seen = self._outcome(store)
        if seen != self._expected:
            parts = "\n".join(differences(self._expected, seen))
            words = f"{name} does not come to the same (- expected, + seen):\n{parts}"
            raise Broken(words, {**self._files, **self.scenarios()}, self._steps())

    def _outcome(self, store: Store) -> Mapping[str, object]:
        return outcome(store, self.life.people, self.program, self.told.end)

    def _steps(self) -> list[str]:
        return [*map(str, self.life.moves), str(self.life.world)]

    def scenarios(self) -> dict[str, str]:
        """What the simulator makes of everybody, journey by journey."""
        made = {}
        for who in self.life.people:
            for journey in self.program.project.machines:
                seen = Seen.of(self.reference, who, journey)
                arrivals = [
                    (at, each)
                    for at, group in self.told.arrivals
                    for each in group
                    if each.person == who
                ]
                passage = Passage(
                    self.program.project,
                    who,
                    journey,
                    START,
                    arrivals,
                    seen.deliveries,
                    sorted([*seen.wishes, *seen.others], key=lambda each: each[0]),
                    seen.paths,
                )
                made[f"tests/{who}_{journey}.yaml"] = scenario(passage, seen.unsaid)
        return made


def restarting(every: int, again: Callable[[], Sequence[Store]]) -> Callable[[], object]:
    """Other doors, every so many rounds."""
    rounds = cycle(range(every))
    return lambda: None if next(rounds) else again()


@contextmanager
def in_a_file() -> Iterator[Callable[[], Sequence[Store]]]:
    """Opens the same file again and again; what was open is closed as a process closes it."""
    with TemporaryDirectory() as folder:
        opened: list[Store] = []

        def reopen() -> Sequence[Store]:
            while opened:
                opened.pop().close()
            opened.append(open_store(f"sqlite:///{Path(folder) / 'wayline.db'}"))
            return [*opened]

        try:
            yield reopen
        finally:
            while opened:
                opened.pop().close()


def check_alone(files: Mapping[str, str], life: Life, order: Turns, every: int) -> None:
    """In one process: the simulator, the memory store, and a file."""
    case = Case(files, life)
    case.compare("The simulator", simulated(case.program, life.world, case.told))
    case.agrees("A batch for each person", case.runtime(MemoryStore(), limit=1))
    store = MemoryStore()
    case.agrees("Three by turns", case.runtime(store, store, store, limit=1, turns=order))
    store = MemoryStore()
    again = restarting(1, lambda: [store])
    case.agrees("A process for each batch", case.runtime(store, limit=1, restart=again))
    with in_a_file() as reopen:
        case.agrees(
            "A file that is closed now and then",
            case.runtime(
                *reopen(), limit=1 if every % 2 else 1000, restart=restarting(every, reopen)
            ),
        )


def check_shared(address: str, files: Mapping[str, str], life: Life, order: Turns) -> None:
    """On PostgreSQL: one worker, three that go at once, and three by turns."""
    case = Case(files, life)
    with ExitStack() as stack:

        def doors(count: int) -> Sequence[Store]:
            opened = [emptied(address), *[open_store(address) for _ in range(count - 1)]]
            for each in opened:
                stack.callback(each.close)
            return opened

        case.agrees("PostgreSQL", case.runtime(*doors(1)))
        one_by_one = case.runtime(*doors(3), limit=1, turns=order)
        case.agrees("Three by turns on PostgreSQL", one_by_one)
        if case.program.lessons:
            return  # what is learnt at the hour hangs on who is first, and is an input of a life
        case.agrees(
            "Three at once on PostgreSQL", case.runtime(*doors(3), limit=1, together=at_once)
        )


def test_in_one_process_it_makes_no_difference_who_plays_it() -> None:
    """The simulator, the memory store, SQLite; batches of one and of a thousand; one worker and
    three by turns; restarted between any two batches.
    """
    with told():
        few(10)(given(projects(), lives(), turns, rarely)(check_alone))()


def check_scenarios(files: Mapping[str, str], life: Life) -> None:
    case = Case(files, life)
    made = case.scenarios()
    compiled = compile_project({**files, **made})
    assert compiled.project is not None, render(compiled.diagnostics, compiled.sources)
    said = {path for path, text in made.items() if "Cannot be said" not in text}
    if len(case.program.project.machines) > 1:
        return  # they may start each other, and in a scenario there is only one
    for played in play(compiled.project, [s for s in compiled.scenarios if s.path in said]):
        told_there = "\n".join(line for _, line in as_text(played))
        assert not played.failures, f"{told_there}\n{made[played.scenario.path]}"


def test_wayline_test_comes_to_the_same_where_a_scenario_has_words_for_it() -> None:
    few(5)(given(projects(), lives())(check_scenarios))()


class Forgetful(MemoryStore):
    """Loses every purchase."""

    def append(self, arrivals: Sequence[Arrival]) -> Appended:
        kept = [
            a for a in arrivals if not (isinstance(a, EventArrived) and a.event.name == "purchase")
        ]
        return super().append(kept)


def test_a_difference_is_told_as_files_that_can_be_played_again() -> None:
    """The scenario says what the others do, so that it holds where nothing is lost."""
    head = {
        "journey": "journey_1",
        "category": "service",
        "status": "live",
        "trigger": {"event": "signed_up"},
        "goal": "did buy since entry",
    }
    steps = [{"id": "rest", "wait": "1 hour"}, {"id": "say", "send": "hello", "to": "push"}]
    files = {**shop(POLICY), "journeys/1.yaml": written({**head, "steps": steps})}
    moves = [
        Move(MINUTE, "ada", "event", "signed_up"),
        Move(MINUTE, "ada", "event", "purchase", {"total": 6000}),
    ]
    case = Case(files, Life(("ada",), moves, World((), ())))

    with pytest.raises(AssertionError) as caught, told():
        case.agrees("A store that forgets", case.runtime(Forgetful()))

    words = str(caught.value)
    (folder,) = re.findall(r"^Kept in (\S+)$", words, re.MULTILINE)
    assert "left', reason='goal'" in words
    assert f"wayline test {folder}" in words
    assert "  - event: purchase" in words.replace("      - ", "  - ")
    replayed = CliRunner().invoke(wayline, ["test", folder])
    assert replayed.exit_code == 0, replayed.output
    shutil.rmtree(folder)


@pytest.mark.slow
def test_on_a_shared_database_it_makes_no_difference_how_many_work_on_it(postgres: URL) -> None:
    """PostgreSQL: one worker, three by turns, three threads that claim shards."""
    address = address_of(postgres)

    def check(files: Mapping[str, str], life: Life, order: Turns) -> None:
        check_shared(address, files, life, order)

    with told():
        few(3)(given(projects(), lives(), turns)(check))()
