"""The nine promises of the architecture, whatever happens: looked for by state machines, which must
find each of them broken as soon as a guard of the engine is taken away.
"""

from __future__ import annotations

import re
import shutil

import pytest
from click.testing import CliRunner
from sqlalchemy import URL

from engine.cli.main import wayline
from tests.postgres import address_of
from tests.proof.examples import examples
from tests.proof.looking import InAFile, InMemory, look_for, on_a_server
from tests.proof.machine import Life
from tests.proof.mutations import MUTATIONS, mutated
from tests.proof.promises import PROMISES
from tests.proof.telling import keep, told

EXAMPLES = 120
IN_A_FILE = 3
ON_A_SERVER = 2


def keeps(machine: type[Life], count: int) -> None:
    found = look_for(machine, examples(count))
    with told():
        if found is not None:
            raise found


def test_every_promise_is_kept_whatever_happens() -> None:
    """Events late, repeated and out of order; workers that die; answers that are lost; deploys,
    pauses, a clock that steps backward.
    """
    keeps(InMemory, EXAMPLES // 4)


def test_so_it_is_in_a_file() -> None:
    """Where rules are asked in SQL as well."""
    keeps(InAFile, IN_A_FILE)


def test_so_it_is_on_a_server(postgres: URL) -> None:
    keeps(on_a_server(address_of(postgres)), ON_A_SERVER)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_promise_that_is_broken_is_found(name: str) -> None:
    mutation = MUTATIONS[name]
    machine: type[Life] = InAFile if mutation.in_a_file else InMemory
    count = IN_A_FILE if mutation.in_a_file else EXAMPLES

    with mutated(mutation):
        found = look_for(machine, count, same=True, fewest=False)

    assert found is not None
    assert found.number in mutation.breaks


def test_every_promise_is_shown_able_to_be_broken() -> None:
    assert sorted(PROMISES) == list(range(1, 10))
    assert {each for mutation in MUTATIONS.values() for each in mutation.breaks} == set(PROMISES)


def test_what_is_found_is_a_scenario_that_fails_until_it_is_mended() -> None:
    """Caps that nobody asks: the scenario says what may not be sent, and ``wayline test`` agrees."""
    with mutated(MUTATIONS["caps are not asked"]):
        found = look_for(InMemory, EXAMPLES, same=True)
        assert found is not None
        words = keep(found)
        (folder,) = re.findall(r"wayline test (\S+)$", words, re.MULTILINE)
        broken = CliRunner().invoke(wayline, ["test", folder])
    mended = CliRunner().invoke(wayline, ["test", folder])
    shutil.rmtree(folder)

    assert broken.exit_code == 1
    assert "nothing is sent" in broken.output
    assert "hello was sent on push" in broken.output
    assert mended.exit_code == 0, mended.output
