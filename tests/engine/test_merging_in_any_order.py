"""Merging in any order gives the same person: whoever goes into whom first, and however many merges
are asked for at once.

``WAYLINE_TEST_EXAMPLES`` says how many lives are lived.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from dsl.calendar import DAY, HOUR, MINUTE, Instant
from dsl.expr.context import Happened
from engine.core.consent import Coverage, coverage_of, stand
from engine.core.joining import Known, join
from engine.core.knowing import received_at
from engine.core.origins import Origin, address_of
from engine.core.profile import Contact, Preferences, Profile, Trouble
from engine.core.signals import Arrival, EventArrived, MergeAsked, ProfileChanged
from engine.runner import Runner
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import SHOP, compiled, journey, program_of
from tests.postgres import address_of as at_address
from tests.postgres import emptied
from tests.proof.examples import examples

START: Instant = 1_772_442_000_000_000  # 2026-03-02 09:00 UTC
WINNER = "ada"
DEVICES = ("anonymous:1", "anonymous:2", "anonymous:3")
ADDRESSES = ("device:tok", "phone:+4930901820", "email:ada@shop.example")
"""From what says least of a person to what says most."""

PROJECT = {
    **SHOP,
    "segments.yaml": "segments:\n  buyers: {who: did buy}\n",
    "journeys/0.yaml": journey(
        "  - {id: pause, wait: 20 days}\n  - {id: tell, send: hello, to: email}\n"
    ),
    "journeys/1.yaml": journey(
        "  - {id: greet, send: hello, to: email}\n  - {id: rest, wait: 20 days}\n",
        "cart",
        head="trigger: {event: cart_updated}\none per: trigger.cart_id",
    ),
    "journeys/2.yaml": journey(
        "  - {id: rest, wait: 20 days}\n", "club", head="trigger: {enters segment: buyers}"
    ),
}


def few(number: int) -> settings:
    return settings(
        max_examples=examples(number),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        report_multiple_bugs=False,
    )


# ------------------------------------------------------------------------- what is known of them

_instants = st.integers(1, 9)
_values = st.sampled_from(("a", "b", None))
_addresses = st.sampled_from(("x@example.com", "y@example.com", "z@example.com", None))
_keys = st.sampled_from(
    ("news/email", "news/*", "*/email", "*/*", "offers/email", "offers/email/existing customer")
)


@st.composite
def _known(draw: st.DrawFn, name: str, heard: int) -> Known:
    attributes = draw(
        st.dictionaries(st.sampled_from(("tier", "city")), st.tuples(_values, _instants))
    )
    addresses = draw(
        st.dictionaries(st.sampled_from(("email", "push")), st.tuples(_addresses, _instants))
    )
    origins = {key: Origin(at) for key, (_, at) in attributes.items()}
    origins |= {address_of(key): Origin(at) for key, (_, at) in addresses.items()}
    consents = {
        key: at if key.endswith("customer") else at * sign
        for key, (at, sign) in draw(
            st.dictionaries(_keys, st.tuples(_instants, st.sampled_from((1, -1))), max_size=4)
        ).items()
    }
    places = st.sampled_from(("email x@example.com", "email y@example.com"))
    trouble = draw(
        st.dictionaries(
            places,
            st.builds(
                lambda soft, since, lifted: Trouble(
                    tuple(sorted(soft)),
                    since if since > lifted else 0,
                    "why" * (since > lifted),
                    "",
                    lifted,
                ),
                st.sets(_instants, max_size=2),
                st.integers(0, 9),
                st.integers(0, 9),
            ),
        )
    )
    profile = Profile(
        name,
        {key: value for key, (value, _) in attributes.items() if value is not None},
        {key: value for key, (value, _) in addresses.items() if value is not None},
        consents,
        tuple(
            Contact(f"{name}{at}", at, None, "email", "news", "welcome")
            for at in sorted(draw(st.sets(_instants, max_size=3)))
        ),
        frozenset(place for place, each in trouble.items() if each.since),
        draw(st.dictionaries(st.sampled_from(("buyers", "vip")), st.booleans())),
        preferences=draw(
            st.builds(
                Preferences,
                st.none() | st.integers(0, 3),
                st.none() | _instants,
                _instants,
            )
            | st.just(Preferences())
        ),
        trouble=trouble,
    )
    return Known(profile, origins, heard)


def _coverages() -> Mapping[tuple[str, str], Coverage]:
    policy = compiled(
        {
            **SHOP,
            "policy.yaml": SHOP["policy.yaml"].replace(
                "  promotional: {consent: required}\n",
                "  promotional: {consent: required}\n  news: {consent: required}\n"
                "  offers: {consent: required, existing customers: yes}\n",
            ),
        }
    ).policy
    return {
        (name, channel): coverage_of(category, channel)
        for name, category in policy.categories.items()
        for channel in ("email", "push", "sms")
    }


COVERAGES = _coverages()


def _one(people: Sequence[Known]) -> tuple[Profile, Mapping[str, Origin]]:
    """Everybody has gone into the first, in this order."""
    first = people[0]
    for other in people[1:]:
        together = join(first, other, COVERAGES)
        first = Known(together.profile, together.origins, first.heard)
    return first.profile, first.origins


def _as_it_counts(
    found: tuple[Profile, Mapping[str, Origin]],
) -> tuple[Profile, Mapping[str, Origin]]:
    """By which of two words something is refused makes no difference."""
    profile, origins = found
    return profile._replace(consents=_stances(profile.consents)), origins


def _stances(consents: Mapping[str, int]) -> Mapping[str, int]:
    """What counts for each category on each channel."""
    return {f"{c}/{on}": stand(consents, each) for (c, on), each in COVERAGES.items()}


@given(
    st.tuples(_known("ada", 3), _known("bob", 1), _known("eve", 2)),
    st.permutations((1, 2)),
)
@few(12)
def test_what_is_known_of_three_is_the_same_in_any_order(
    people: tuple[Known, Known, Known], order: Sequence[int]
) -> None:
    one = _one(people)
    other = _one([people[0], *(people[place] for place in order)])
    pair = join(people[1], people[2], COVERAGES)
    by_way = _one([people[0], Known(pair.profile, pair.origins, people[1].heard)])

    assert _as_it_counts(other) == _as_it_counts(one)
    assert _as_it_counts(by_way) == _as_it_counts(one)


@given(st.tuples(_known("ada", 3), _known("bob", 1), _known("eve", 2)))
@few(12)
def test_nothing_may_be_sent_that_one_of_them_has_refused(
    people: tuple[Known, Known, Known],
) -> None:
    """And what nobody has refused and somebody has agreed to may be."""
    profile, _ = _one(people)

    for coverage in COVERAGES.values():
        stood = [stand(each.profile.consents, coverage) for each in people]
        now = stand(profile.consents, coverage)
        if min(stood) < 0:
            assert now <= 0
        elif not any(at < 0 for each in people for at in each.profile.consents.values()):
            assert (now > 0) == (max(stood) > 0)


# ---------------------------------------------------------------------------- by the whole engine


Names: TypeAlias = tuple[str, str, str]
Merges: TypeAlias = Sequence[tuple[int, int]]
"""Who goes into whom: the names by their places, 3 is the winner."""


class Deed(NamedTuple):
    """``after`` so long somebody does something, by which of their names; 0 is the winner."""

    after: Instant
    who: int
    what: str
    values: Mapping[str, Any]


_deeds = st.builds(
    lambda after, who, deed: Deed(after, who, *deed),
    st.sampled_from((MINUTE, HOUR, DAY)),
    st.integers(0, 3),
    st.one_of(
        st.just(("signed_up", {})),
        st.tuples(
            st.just("purchase"), st.fixed_dictionaries({"total": st.sampled_from((1000, 4000))})
        ),
        st.tuples(
            st.just("cart_updated"),
            st.fixed_dictionaries({"cart_id": st.sampled_from("ab"), "value": st.just(1000)}),
        ),
        st.tuples(
            st.sampled_from(("consent_granted", "consent_withdrawn")),
            st.sampled_from(
                ({"category": "promotional"}, {"category": "promotional", "channel": "email"})
            ),
        ),
        st.tuples(
            st.just("change"),
            st.fixed_dictionaries({"tier": st.sampled_from(("gold", "silver", None))}),
        ),
        st.tuples(
            st.just("move"),
            st.fixed_dictionaries(
                {"email": st.sampled_from(("a@example.com", "b@example.com", None))}
            ),
        ),
    ),
)


def _arrivals(deeds: Sequence[Deed], names: Names) -> list[Arrival]:
    at, arrivals = START, list[Arrival]()
    for number, (after, place, what, values) in enumerate(deeds):
        at += after
        name, who = f"{number}", (WINNER, *names)[place]
        match what:
            case "change":
                arrivals.append(ProfileChanged(name, who, at, 0, values, {}))
            case "move":
                arrivals.append(ProfileChanged(name, who, at, 0, values, values))
            case _:
                arrivals.append(EventArrived(name, who, Happened(what, at, at, 0, values)))
    return arrivals


PROGRAM = program_of(PROJECT)


def _live(
    store: Store, deeds: Sequence[Deed], names: Names, merges: Merges, limit: int, gap: Instant
) -> Any:
    """Everything happens, and then these merges, with a gap between them or at one instant. Nothing
    is handed over, so what was decided is all there is to see.
    """
    runner = Runner(store, PROGRAM)
    now = START
    for arrival in _arrivals(deeds, names):
        now = received_at(arrival)
        _take(runner, store, [arrival], now, limit)
    by = "alias" if names == DEVICES else "identify"
    called = (*names, WINNER)
    asked = [
        MergeAsked(f"merge {one}", called[one], now + gap * number, 0, called[other], by)
        for number, (one, other) in enumerate(merges, 1)
    ]
    for group in [asked] if not gap else [[each] for each in asked]:
        _take(runner, store, group, group[0].received, limit)
    view = store.people([WINNER], tuple(PROGRAM.project.plan.events))[WINNER]
    identity = view.profile.identity._replace(heard=0)  # as each store counts
    told = [d for d in store.decisions(WINNER) if d.what not in ("joined", "left")]
    return {
        "profile": view.profile._replace(
            wake=None, woken=None, identity=identity, consents=_stances(view.profile.consents)
        ),
        "history": {
            name: [(each.occurred, each.received, each.properties) for each in happened]
            for name, happened in view.history.items()
            if not name.startswith("consent_")
        },
        "runs": sorted(
            (run.id, run.person, run.status, run.outcome, run.state, run.unit, sorted(run.steps))
            for run in view.runs
        ),
        "decisions": sorted((d.what, d.reason, d.run, d.step) for d in told),
        "deliveries": sorted(each.id for each in store.deliveries_of(WINNER)),
        "names": {each.person for each in store.names(WINNER)},
        "left": [store.people([name], ())[name].runs for name in names],
    }


def _take(
    runner: Runner, store: Store, arrivals: Sequence[Arrival], now: Instant, limit: int
) -> None:
    """A merge takes a microsecond for each person it goes by."""
    store.append(arrivals)
    for at in range(now, now + len(DEVICES) + 2):
        while runner.run_once(at, limit).people:
            pass


STAR: Merges = ((0, 3), (1, 3), (2, 3))
CHAIN: Merges = ((0, 1), (1, 2), (2, 3))
FORK: Merges = ((0, 3), (1, 2), (2, 3))


def _check(
    make: Callable[[], Store], deeds: Sequence[Deed], names: Names, order: Sequence[int], gap: int
) -> None:
    expected = _live(MemoryStore(), deeds, names, STAR, 1000, MINUTE)
    assert expected["names"] == {*names}
    merges = [STAR[place] for place in order]
    for other, size, between in (
        (merges, 1, gap),
        (merges, 1000, 0),
        (CHAIN, 1000, 0),
        (CHAIN, 1, gap),
        (FORK, 1000, gap),
    ):
        store = make()
        try:
            found = _live(store, deeds, names, other, size, between)
            assert found == expected, (names, other, size, between)
        finally:
            store.close()


_lives = (
    st.lists(_deeds, min_size=4, max_size=14),
    st.sampled_from((DEVICES, ADDRESSES)),
    st.permutations(range(3)),
    st.sampled_from((MINUTE, DAY)),
)


@given(*_lives)
@few(30)
def test_the_engine_makes_the_same_person_in_any_order(
    deeds: Sequence[Deed], names: Names, order: Sequence[int], gap: Instant
) -> None:
    _check(MemoryStore, deeds, names, order, gap)


@given(*_lives)
@few(1)
def test_a_file_makes_the_same_person_in_any_order(
    deeds: Sequence[Deed], names: Names, order: Sequence[int], gap: Instant
) -> None:
    with TemporaryDirectory() as folder:
        numbers = count()
        _check(
            lambda: open_store(f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}"),
            deeds,
            names,
            order,
            gap,
        )


@pytest.mark.slow
def test_a_shared_database_makes_the_same_person_in_any_order(postgres: URL) -> None:
    address = at_address(postgres)

    def check(deeds: Sequence[Deed], names: Names, order: Sequence[int], gap: Instant) -> None:
        _check(lambda: emptied(address), deeds, names, order, gap)

    few(2)(given(*_lives)(check))()
