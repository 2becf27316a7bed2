"""A rule says the same in SQL as it does live, for every person."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.sql import LiveOnly
from tests.dsl.sql.crowd import crowd
from tests.dsl.sql.drawing import rules
from tests.dsl.sql.setting import compiled

RULES = int(os.environ.get("WAYLINE_RULES", "250"))


@settings(max_examples=RULES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rules(room=4), st.integers(0, 25))
def test_a_rule_says_the_same_in_sql_of_forty_people(rule: str, seed: int) -> None:
    made, people = compiled(rule), crowd(seed)
    answers = people.in_sql(made)
    if isinstance(answers, LiveOnly):
        assert answers.reason == "it is nested too deeply", (rule, answers)
        return

    for who, live, said in zip(people.people, people.live(made), answers, strict=True):
        assert live is said, (rule, who)
