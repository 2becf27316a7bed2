"""A rule says the same in PostgreSQL as it does live, for every person."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from dsl.sql import LiveOnly
from tests.dsl.sql.crowd import Crowd, drawn, gather, on_server
from tests.dsl.sql.drawing import rules
from tests.dsl.sql.setting import compiled
from tests.postgres import new_database

RULES = int(os.environ.get("WAYLINE_RULES", "250"))


@pytest.fixture(scope="module")
def crowds(postgres_server: URL) -> Iterator[Callable[[int], Crowd]]:
    """The people of a seed, each crowd in a database of its own."""
    made: dict[int, Crowd] = {}
    with ExitStack() as ends:

        def crowd(seed: int) -> Crowd:
            if seed not in made:
                db = on_server(ends.enter_context(new_database(postgres_server)))
                ends.callback(db.dispose)
                made[seed] = gather(*drawn(seed), db)
                ends.callback(made[seed].connection.close)
            return made[seed]

        yield crowd


@settings(max_examples=RULES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules(room=4), seed=st.integers(0, 5))
def test_a_rule_says_the_same_in_postgresql_of_forty_people(
    crowds: Callable[[int], Crowd], rule: str, seed: int
) -> None:
    made, people = compiled(rule), crowds(seed)
    answers = people.in_sql(made)
    if isinstance(answers, LiveOnly):
        assert answers.reason.startswith("lower writes"), (rule, answers)
        return

    for who, live, said in zip(people.people, people.live(made), answers, strict=True):
        assert live is said, (rule, who)
