"""Letting go of what is over, in both databases: only of that, and nothing is mixed up by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dsl.calendar import DAY, HOUR
from engine.core.aside import Aside
from engine.core.decision import Decision
from engine.core.keeping import Keeping
from engine.core.knowing import number_of
from engine.core.learning import Assignment
from engine.core.profile import Contact, Profile
from engine.core.signals import Erased
from engine.keeper import Keeper
from engine.store import open_store
from engine.store.learnt import Verdict
from engine.store.old import Old
from engine.store.protocol import Changes, Settlement, Store
from engine.store.testing.samples import NUMBERLESS, commit, delivery, event, process, run

EVERYTHING = Keeping(events=0, story=0, texts=0, deliveries=0, looked_back={}, remembered={})
LATER = 10**9


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/wayline.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def old(store: Store) -> Old:
    found = store.old
    assert found is not None
    return found


def let_go(
    store: Store,
    keeping: Keeping = EVERYTHING,
    *,
    now: int = LATER,
    limit: int = 2,
    dry: bool = False,
) -> dict[str, int]:
    keeper = Keeper(store, dry=dry)
    gone: dict[str, int] = {}
    while (kept := keeper.run_once(keeping, now, limit)).more:
        for what, count in kept.gone.items():
            gone[what] = gone.get(what, 0) + count
    return {what: count for what, count in gone.items() if count}


def live(store: Store, person: str, *, at: int = 5) -> None:
    store.append([event(f"{person} e{at}", person, at)])
    process(store, at)
    accepted = delivery(f"{person} d{at}", person, decided=at, status="accepted")
    shut = run(f"{person} r{at}", person, status="closed", outcome="end", entered=at, left=at)
    decided = [Decision(person, at, "sent", "x"), Decision(person, at, "handed over", "x")]
    commit(
        store,
        Changes([Profile(person, {"n": 1})], [shut], [accepted], decisions=decided),
        [person],
    )


def test_all_that_is_over_goes_and_the_person_stays(store: Store) -> None:
    for person in ("ada", "bob"):
        live(store, person)

    gone = let_go(store)

    assert gone == {"arrivals": 2, "texts": 2, "deliveries": 2, "runs": 2, "decisions": 4}
    assert store.decisions("ada") == []
    assert store.deliveries_of("ada") == []
    assert store.people(["ada"], ["order"])["ada"].profile == Profile("ada", {"n": 1})
    assert let_go(store) == {}


def test_a_dry_run_counts_and_changes_nothing(store: Store) -> None:
    live(store, "ada")
    before = old(store).marks()

    assert let_go(store, dry=True) == let_go(store, dry=True)
    assert old(store).marks() == before
    assert len(store.decisions("ada")) == 2
    assert sum(let_go(store).values()) == 6


def test_numbers_that_went_are_not_given_again_so_nobody_is_told_of_anothers_past(
    store: Store,
) -> None:
    """All rows go; then somebody else's are written, who would get the same numbers."""
    live(store, "ada")
    let_go(store)
    live(store, "bob", at=7)
    commit(store, Changes(decisions=[Decision("ada", 9, "left", "end")]))

    assert store.decisions("ada") == [Decision("ada", 9, "left", "end")]
    assert [each.person for each in store.decisions("bob")] == ["bob", "bob"]
    assert store.deliveries_of("ada") == []
    assert [each.id for each in store.deliveries_of("bob")] == ["bob d7"]


def test_what_waits_and_what_is_open_stays(store: Store) -> None:
    store.append([event("e1"), event("e2", "bob")])
    waiting = delivery("d1", due=50)
    contact = Contact("d2", 5, None, "sms", "promotional", "welcome")
    commit(
        store,
        Changes([Profile("bob", contacts=(contact,))], [], [waiting, delivery("d2", "bob")]),
        ["ada", "bob"],
    )
    store.claim(20, 5, 30)
    commit(store, Changes(deliveries=[delivery("d3", "bob", status="accepted")]), ["bob"])

    gone = let_go(store)

    assert gone == {"texts": 1}, "a later delivery stays behind one that is open"
    assert len(process(store, 99)) == 2
    assert store.deliveries(["d1"])["d1"].parts
    assert [each.id for each in store.deliveries_of("bob")] == ["d2", "d3"]


def test_of_who_is_set_aside_nothing_goes(store: Store) -> None:
    live(store, "ada")
    commit(store, Changes(aside=[Aside("ada", 6, "raised")]))

    assert let_go(store) == {"texts": 1, "decisions": 2}
    assert [each.occurred for each in store.people(["ada"], ["order"])["ada"].history["order"]] == [
        5
    ]


def test_a_passage_that_matters_for_entering_again_stays_and_little_of_it(store: Store) -> None:
    trigger = event("e1").event
    for at in (3, 5):
        shut = run(f"r{at}", status="closed", outcome="end", left=at, key="k", trigger=trigger)
        commit(store, Changes(runs=[shut._replace(variables={"x": "private"})]))

    assert let_go(store, EVERYTHING._replace(remembered={"welcome": None})) == {"runs": 1}
    (kept,) = store.people(["ada"], ())["ada"].runs
    assert (kept.id, kept.left, kept.trigger, kept.variables) == ("r5", 5, None, {})
    assert let_go(store, EVERYTHING._replace(remembered={"welcome": LATER - 6})) == {"runs": 1}


def test_what_is_learnt_stays_learnt(store: Store) -> None:
    given = [
        Assignment(f"a{n}", "ada", "welcome", f"r{n}", "s", "s", "one", 1, 0.5, 5, 9)
        for n in (1, 2)
    ]
    commit(store, Changes([Profile("ada")], assignments=given))
    store.learnt.judge([Verdict("a1", "reached", 9)])
    for at in (10, 20, 30):
        store.learnt.keep(at, {"s": {"one": [at]}})
    live(store, "ada", at=6)

    gone = let_go(store)

    assert gone["assignments"] == 1
    assert gone["snapshots"] == 2
    assert [each.id for each in store.learnt.assignments("s")] == ["a2"]
    assert store.learnt.snapshots(["s"], 99)["s"].values == {"one": [30]}
    assert store.learnt.until() == 30
    assert "arrivals" not in gone, "what becomes of ada is asked of what she did since"


def test_it_goes_on_where_it_was_and_begins_again_when_something_else_is_kept(
    store: Store,
) -> None:
    keeping = EVERYTHING._replace(looked_back={"order": None})
    live(store, "ada")
    assert "arrivals" not in let_go(store, keeping)
    mark = old(store).marks()["log"]

    assert "arrivals" not in let_go(store, keeping, now=LATER + DAY)
    assert old(store).marks()["log"] == mark
    assert let_go(store, EVERYTHING, now=LATER + 2 * DAY)["arrivals"] == 1


def test_what_stayed_for_somebody_inside_goes_four_weeks_later(store: Store) -> None:
    live(store, "ada")
    commit(store, Changes(runs=[run("open", entered=2)]))
    assert "arrivals" not in let_go(store)
    commit(store, Changes(runs=[run("open", status="closed", outcome="end", left=9, entered=2)]))

    assert "arrivals" not in let_go(store, now=LATER + 27 * DAY)
    assert let_go(store, now=LATER + 28 * DAY)["arrivals"] == 1


def test_of_several_one_keeps_the_house(store: Store, url: str) -> None:
    other = open_store(url)

    assert Keeper(store).begin(LATER)
    assert not Keeper(other).begin(LATER + HOUR)
    assert Keeper(other).begin(LATER + HOUR + 1)
    other.close()


def test_somebody_is_forgotten_whole_after_part_of_them_went(store: Store) -> None:
    live(store, "ada")
    let_go(store, now=LATER, keeping=EVERYTHING._replace(story=LATER - 3, deliveries=LATER - 3))
    live(store, "ada", at=7)
    store.append([Erased("x", "ada", 20, NUMBERLESS)])
    with store.batch() as batch:
        (wish,) = batch.load(["ada"], 99)["ada"].pending
        assert isinstance(wish, Erased)
        batch.commit(Changes(processed=[wish.number], erased={"ada": wish.number}))

    assert store.deliveries(["ada d5", "ada d7"]) == {}
    assert old(store).decided(0, 9) == []
    assert [line.person for line in old(store).lines(0, 9)] == [""]
    assert let_go(store) == {"arrivals": 1}


def test_a_settlement_that_comes_too_late_for_what_went_is_skipped(store: Store) -> None:
    live(store, "ada")
    let_go(store)

    store.settle([Settlement("ada d5", "accepted", 30, 2)], [])

    assert store.deliveries(["ada d5"]) == {}


def test_what_became_open_meanwhile_stays_though_it_was_chosen_to_go(store: Store) -> None:
    store.append([event("e1")])
    given = Assignment("a1", "ada", "welcome", "r1", "s", "s", "one", 1, 0.5, 5, 9)
    commit(store, Changes(deliveries=[delivery("d1", due=50)], assignments=[given]))
    (open_,) = old(store).sent(0, 9)
    with store.batch() as batch:
        (waiting,) = batch.load(["ada"], 99)["ada"].pending

    assert open_.is_open
    assert old(store).drop("deliveries", [open_.number]) == 0
    assert old(store).silence([open_]) == 0
    assert old(store).drop("log", [number_of(waiting)]) == 0
    assert old(store).drop("assignments", [each.number for each in old(store).assigned(0, 9)]) == 0
    assert store.deliveries(["d1"])["d1"].parts
    assert len(process(store, 99)) == 1


def test_nothing_goes_that_the_way_to_something_older_leads_over(store: Store) -> None:
    """A delivery knows the one before it; the older one is still open, for whatever reason."""
    commit(store, Changes(deliveries=[delivery("d1", due=50)]))
    commit(store, Changes(deliveries=[delivery("d2", status="accepted")]))

    assert "deliveries" not in let_go(store, limit=9)
    assert [each.id for each in store.deliveries_of("ada")] == ["d1", "d2"]
