"""Every store gives the audience that rules give person by person, whatever rule and people."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cache
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from channels.content.library import Library
from dsl.machine import Rule
from dsl.sql import LiveOnly
from engine.core.profile import Contact, Profile
from engine.core.program import Program
from engine.core.signals import Arrival, EventArrived, ProfileChanged
from engine.runner import Runner
from engine.store import open_store
from engine.store.postgres import asking
from engine.store.postgres.store import PostgresStore
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import commit, run
from tests.dsl.projects import compile_small
from tests.dsl.sql.crowd import Crowd, Somebody, crowd
from tests.dsl.sql.drawing import rules
from tests.dsl.sql.setting import HOLIDAYS, SETTING, compiled
from tests.dsl.sql.shop import PLAN
from tests.postgres import address_of, new_database

Shop: TypeAlias = tuple[Crowd, Sequence[Store]]

RULES = int(os.environ.get("WAYLINE_RULES", "120"))


@cache
def program() -> Program:
    """The shop of the drawn rules, without journeys."""
    project, setting = compile_small().project, SETTING()
    assert project is not None
    policy = replace(
        project.policy,
        holidays=HOLIDAYS,
        channels=setting.channels,
        categories=setting.categories,
        caps=(),
    )
    shop = replace(project, plan=PLAN, policy=policy, segments=setting.segments, machines={})
    return Program.of(shop, Library({}, ("en",), lambda _: "https://shop.example"))


def arrivals(name: str, who: Somebody, now: int) -> list[Arrival]:
    """What makes somebody known as they are."""
    attributes = {**who.attributes, "time_zone": who.zone}
    addresses = {channel: f"{name} {channel}" for channel in who.addresses}
    made: list[Arrival] = [ProfileChanged(f"{name} p", name, now, 0, attributes, addresses)]
    for (category, channel), said in who.consents.items():
        what = "consent_granted" if said > 0 else "consent_withdrawn"
        where, _, basis = channel.partition("/")
        given_ = {"category": category} | ({} if where == "*" else {"channel": where})
        given_ |= {"basis": basis, "sale": "o1"} if basis else {}
        event = who.events[0]._replace(name=what, occurred=abs(said)) if who.events else None
        if event is not None:
            made.append(
                EventArrived(
                    f"{name} {category}/{channel}", name, event._replace(properties=given_)
                )
            )
    made += [EventArrived(f"{name} {one.number}", name, one) for one in who.events]
    return [
        each._replace(event=each.event._replace(received=now))
        if isinstance(each, EventArrived)
        else each
        for each in made
    ]


def fill(store: Store, people: Crowd) -> None:
    """Everybody, through the real runner; and what journeys would have left behind."""
    for number, who in enumerate(people.people):
        store.append(arrivals(f"p{number}", who, people.now))
    Runner(store, program()).run_once(people.now)
    with store.batch() as batch:
        names = [f"p{number}" for number in range(len(people.people))]
        loaded = batch.load(names, people.now)
        changes = Changes()
        for name, who in zip(names, people.people, strict=True):
            contacts = tuple(
                Contact(f"{name} {n}", people.now, sent, channel, category, journey)
                for n, (channel, category, journey, sent) in enumerate(who.messages)
            )
            changes.profiles.append(loaded[name].profile.contacted(contacts))
            for journey in who.journeys:
                changes.runs.append(run(f"{name} {journey}", name, journey=journey))
        batch.commit(changes)


@pytest.fixture(scope="module")
def shops(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: URL
) -> Iterator[Callable[[int], Shop]]:
    """The people of a seed, and a store of each kind with them. They stay as they are."""
    made: dict[int, Shop] = {}

    def shop(seed: int) -> Shop:
        if seed not in made:
            file = tmp_path_factory.mktemp("stores") / "wayline.db"
            stores = [
                open_store("memory:"),
                open_store(f"sqlite:///{file}"),
                open_store(address_of(ends.enter_context(new_database(postgres_server)))),
            ]
            for store in stores:
                ends.callback(store.close)
            made[seed] = crowd(seed), stores
            for store in stores:
                fill(store, crowd(seed))
        return made[seed]

    with ExitStack() as ends:
        yield shop


@settings(max_examples=RULES, deadline=None, suppress_health_check=list(HealthCheck))
@given(rule=rules(room=3), seed=st.integers(0, 4))
def test_an_audience_is_everybody_of_whom_the_rule_is_true(
    shops: Callable[[int], Shop], rule: str, seed: int
) -> None:
    made = compiled(rule)
    people, stores = shops(seed)
    live = {f"p{n}" for n, holds in enumerate(people.live(made)) if holds}

    for store in stores:
        assert set(store.audience(made, program(), people.now)) == live, (rule, type(store))
        assert store.audience_size(made, program(), people.now) == len(live)
        assert _is_answered_by_sql(store, made, people.now), (rule, type(store))


def _is_answered_by_sql(store: Store, rule: Rule, now: int) -> bool:
    """Unless it cannot be said in SQL, or there is none."""
    if not isinstance(store, PostgresStore):
        return True
    asked = asking.ask(rule, program(), now)
    return isinstance(asked, LiveOnly) or store._answer(asked) is not None


@pytest.mark.parametrize("word", ["with\0nothing in it", "back\\slash"])
def test_what_postgresql_cannot_look_into_is_looked_into_here(postgres_url: str, word: str) -> None:
    with closing(open_store(postgres_url)) as store:
        attributes = {"ada": {"tier": word, "score": 5}, "bob": {"tier": "gold", "score": 6}}
        commit(store, Changes(profiles=[Profile(who, each) for who, each in attributes.items()]))

        assert set(store.audience(compiled("score is known"), program(), 1)) == {"ada", "bob"}
        assert set(store.audience(compiled('tier is not "gold"'), program(), 1)) == {"ada"}


def test_two_processes_may_ask_for_the_first_time_at_once(postgres_url: str) -> None:
    """The functions that rules call are made then."""
    with closing(open_store(postgres_url)) as store, ThreadPoolExecutor(2) as threads:
        commit(store, Changes(profiles=[Profile("ada", {"score": 5})]))
        made = compiled("score is known")
        answers = threads.map(lambda _: store.audience_size(made, program(), 1), range(4))

        assert list(answers) == [1, 1, 1, 1]
