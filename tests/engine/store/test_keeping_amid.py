"""Letting go, forgetting and handing out while others work on the same people: each sees a whole,
and nobody is in anybody's way.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.core.decision import Decision
from engine.core.keeping import Keeping
from engine.core.knowing import number_of
from engine.core.profile import Profile
from engine.core.signals import Erased
from engine.keeper import Keeper
from engine.store import open_store
from engine.store.protocol import Changes, Store, StoreUnavailableError
from engine.store.testing.samples import NUMBERLESS, delivery, event, run

PEOPLE = [f"person {number}" for number in range(8)]
ROUNDS = 15
KEEPING = Keeping(events=0, story=0, texts=0, deliveries=0, looked_back={}, remembered={})


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: object) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/wayline.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


def _again(do: Callable[[], object]) -> None:
    """Databases may choose somebody else; whoever works on one asks again."""
    for _ in range(50):
        try:
            do()
        except StoreUnavailableError:
            continue
        return
    raise AssertionError("it never succeeds")


def _advance(store: Store, at: int) -> None:
    """Processes what has arrived. Whoever wishes it is forgotten, all others live on."""
    with store.batch() as batch:
        people = batch.load(batch.due(10**6, 100), 10**6)
        changes = Changes()
        for name, person in people.items():
            changes.processed += [number_of(each) for each in person.pending]
            wishes = [each.number for each in person.pending if isinstance(each, Erased)]
            if wishes:
                changes.forget(name, max(map(number_of, person.pending)))
                continue
            mark = f"{name} {at}"
            changes.profiles.append(Profile(name, {"at": at}))
            changes.runs.append(run(mark, name, status="closed", outcome="end", left=at))
            changes.deliveries.append(delivery(mark, name, status="accepted", decided=at))
            changes.decisions.append(Decision(name, at, "sent", mark))
        batch.commit(changes)


def test_all_at_once(url: str) -> None:
    stores = [open_store(url) for _ in range(4)]

    def live() -> None:
        for at in range(1, ROUNDS):
            _again(lambda at=at: stores[0].append([event(f"{p} {at}", p, at) for p in PEOPLE]))  # type: ignore[misc]
            _again(lambda at=at: _advance(stores[0], at))  # type: ignore[misc]

    def forget() -> None:
        for at in range(1, ROUNDS):
            wish = Erased(f"wish {at}", PEOPLE[at % 3], at, NUMBERLESS)
            _again(lambda wish=wish: stores[1].append([wish]))  # type: ignore[misc]

    def let_go() -> None:
        for _ in range(ROUNDS):
            keeper = Keeper(stores[2])
            more = True
            while more:
                try:
                    more = keeper.run_once(KEEPING, 10**6, 3).more
                except StoreUnavailableError:
                    break

    def hand_out() -> None:
        for at in range(ROUNDS * 4):
            found = stores[3].dossier(PEOPLE[at % len(PEOPLE)])
            if found is not None:
                ends = {each.id for each in found.view.runs}
                told = [each.reason for each in found.decisions]
                assert told == sorted(told, key=lambda words: int(words.split()[-1]))
                assert ends <= {f"{found.view.profile.id} {n}" for n in range(ROUNDS)}

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work) for work in (live, forget, let_go, hand_out)]:
            done.result()
    for _ in range(5):
        _advance(stores[0], ROUNDS)
    keeper = Keeper(stores[2])
    while keeper.run_once(KEEPING, 10**7, 100).more:
        pass
    for store in stores[1:]:
        store.close()

    left = [stores[0].dossier(person) for person in PEOPLE]
    assert [each.arrivals for each in left if each is not None and each.arrivals] == []
    assert [each.decisions for each in left if each is not None and each.decisions] == []
    assert all(each is not None for each in left[3:]), "whoever did not ask for it is still there"
    assert stores[0].old is not None
    assert stores[0].old.sent(0, 9) == []
    assert stores[0].old.lines(0, 9) == []
    stores[0].close()
