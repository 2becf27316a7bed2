"""People who become one: who has gone into whom, and that all of both is one person's then."""

from __future__ import annotations

from dsl.calendar import DAY, Instant
from engine.core.changes import Handed, Merge
from engine.core.decision import Decision
from engine.core.identity import Union
from engine.core.knowing import number_of
from engine.core.learning import Assignment
from engine.core.origins import Origin
from engine.core.profile import Identity, Profile
from engine.core.signals import Arrival, Erased, EventArrived, Joined, Left, MergeAsked
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, call, commit, delivery, due, event, run

__all__ = ["TestMerges"]

_MAIL = "email:ada@shop.example"
_DEVICE = "anonymous:7c1f"


def _asked(name: str, into: str, received: Instant = 10) -> MergeAsked:
    return MergeAsked(f"{name} into {into}", name, received, NUMBERLESS, into, "identify")


def _goes(store: Store, name: str, into: str, at: Instant = 20) -> int:
    """What the runner does with whoever is asked to go into another, who is not held: the number of
    what asked for it. Everything that waits behind it is handed on.
    """
    with store.batch() as batch:
        person = batch.load([name], at)[name]
        place = next(n for n, each in enumerate(person.pending) if isinstance(each, MergeAsked))
        asked = person.pending[place]
        assert isinstance(asked, MergeAsked)
        batch.hold([into])
        left = Left(person.profile, tuple(person.runs))
        joined = Joined(asked.id, into, at + 1, asked.number, name, asked.by, left)
        behind = [each._replace(person=into) for each in person.pending[place + 1 :]]
        arrivals: list[Arrival] = [joined, *behind]
        batch.commit(
            Changes(
                profiles=[Profile(name, identity=Identity(merged=into))],
                processed=[number_of(each) for each in person.pending[:place]],
                merges=[Merge(name, into, at, asked.by, asked.number)],
                handed=[Handed(name, each, at + 1) for each in arrivals],
            )
        )
    return asked.number


def _stays(store: Store, person: str, now: Instant = 30) -> list[Arrival]:
    """What the runner does with whoever stays: what waited for them, all of it processed."""
    with store.batch() as batch:
        pending = batch.load([person], now)[person].pending
        names = [each.name for each in pending if isinstance(each, Joined)]
        profile = Profile(person, {"is": "one"})
        batch.commit(
            Changes(
                profiles=[profile],
                processed=[number_of(each) for each in pending],
                joined=[(person, name) for name in names],
            )
        )
    return pending


def _become_one(store: Store, name: str, into: str = "ada", at: Instant = 20) -> int:
    store.append([_asked(name, into)])
    number = _goes(store, name, into, at)
    _stays(store, into, at + 10)
    return number


def _lived(person: str) -> Changes:
    """A life that left something in every place."""
    learnt = Assignment(f"{person} a", person, "welcome", "r", "split", "s", "p", 1, 0.5, 5, 900)
    return Changes(
        profiles=[Profile(person, {"name": person}, {"email": f"{person}@shop.example"})],
        runs=[
            run(f"{person} open", person, due=50),
            run(f"{person} shut", person, status="closed", outcome="end", left=5),
        ],
        deliveries=[delivery(f"{person} d1", person), delivery(f"{person} d2", person)],
        calls=[call(f"{person} c1", person, due=70)],
        decisions=[Decision(person, 1, "entered", person), Decision(person, 2, "sent", person)],
        assignments=[learnt],
        origins={person: {"name": Origin(3, "told")}},
    )


class TestMerges:
    """Two names of one person, or more."""

    def test_who_has_gone_into_whom_is_told_by_each_of_their_names(self, store: Store) -> None:
        device = _become_one(store, _DEVICE, _MAIL, 20)
        mail = _become_one(store, _MAIL, "ada", 40)
        _become_one(store, "device:tok", "bob", 60)

        assert store.names("ada") == [
            Merge(_DEVICE, _MAIL, 20, "identify", device),
            Merge(_MAIL, "ada", 40, "identify", mail),
        ]
        assert [each.person for each in store.names(_MAIL)] == [_DEVICE]
        assert store.names(_DEVICE) == store.names("nobody") == []
        views = store.people([_DEVICE, _MAIL, "ada"], ())
        merged = {name: view.profile.identity.merged for name, view in views.items()}
        assert merged == {_DEVICE: _MAIL, _MAIL: "ada", "ada": ""}

    def test_a_batch_learns_how_names_stand_to_each_other(self, store: Store) -> None:
        _become_one(store, _DEVICE, _MAIL, 20)
        _become_one(store, _MAIL, "ada", DAY)

        with store.batch() as batch:
            batch.load(["ada"], 2 * DAY)
            found = batch.unions([_DEVICE, _MAIL, "ada", "bob"], 100, alone=True)

        assert found == {
            _DEVICE: Union("ada", 2, 1, 0),
            _MAIL: Union("ada", 2, 1, 1),
            "ada": Union("ada", 2, 1, 2),
            "bob": Union("bob"),
        }

    def test_all_that_is_kept_under_a_name_is_the_persons(self, store: Store) -> None:
        for person in (_DEVICE, "ada", "bob"):
            said = {"category": "news"}
            store.append(
                [
                    event(f"{person} e", person, occurred=7),
                    event(f"{person} said", person, name="consent_granted", properties=said),
                ]
            )
            commit(store, _lived(person), [person])
            with store.batch() as batch:
                pending = batch.load([person], 20)[person].pending
                words = [e for e in pending if isinstance(e, EventArrived) and e.id[-4:] == "said"]
                done = [number_of(each) for each in pending]
                batch.commit(Changes(processed=done, consents=words))
        _become_one(store, _DEVICE)

        both = [_DEVICE, "ada"]
        view = store.people(["ada"], ["order"])["ada"]
        assert len(view.history["order"]) == 2
        assert {each.id for each in view.runs if each.status == "closed"} == {
            f"{name} shut" for name in both
        }
        assert {each.person for each in view.runs} == {"ada"}
        assert sorted(each.reason for each in store.decisions("ada")) == sorted(both * 2)
        ids = sorted(f"{name} d{n}" for name in both for n in (1, 2))
        assert sorted(each.id for each in store.deliveries_of("ada")) == ids
        assert {each.person for each in store.deliveries(ids).values()} == {"ada"}
        assert sorted(each.id for each in store.consents("ada")) == sorted(
            f"{n} said" for n in both
        )
        asked = {each.id: each.person for each in store.claim_calls(100, 10, 200)}
        assert asked == {f"{_DEVICE} c1": "ada", "ada c1": "ada", "bob c1": "bob"}
        dossier = store.dossier("ada")
        assert dossier is not None
        assert sorted(each.id for each in dossier.assignments) == sorted(f"{n} a" for n in both)

    def test_nothing_is_left_under_the_name_and_nothing_of_others_is_touched(
        self, store: Store
    ) -> None:
        for person in (_DEVICE, "ada", "bob"):
            commit(store, _lived(person), [person])
        _become_one(store, _DEVICE)

        gone = store.people([_DEVICE], ["order"])[_DEVICE]
        assert gone.profile == Profile(_DEVICE, identity=Identity(merged="ada"))
        assert gone.runs == []
        assert store.decisions(_DEVICE) == []
        assert store.deliveries_of(_DEVICE) == []
        assert store.consents(_DEVICE) == []
        assert store.numbers.people(f"{_DEVICE}@shop.example") == []
        with store.batch() as batch:
            assert batch.origins([_DEVICE]).get(_DEVICE, {}) == {}
        assert [each.id for each in store.deliveries_of("bob")] == ["bob d1", "bob d2"]
        assert [each.reason for each in store.decisions("bob")] == ["bob", "bob"]

    def test_until_the_other_has_it_what_is_left_behind_can_be_read(self, store: Store) -> None:
        commit(store, Changes(runs=[run("shut", _DEVICE, status="closed", left=5)]), [_DEVICE])
        store.append([event("e1", _DEVICE, 5)])
        with store.batch() as batch:
            pending = batch.load([_DEVICE], 9)[_DEVICE].pending
            batch.commit(Changes(processed=[number_of(each) for each in pending]))
        store.append([_asked(_DEVICE, "ada"), event("e2", _DEVICE, 12)])
        _goes(store, _DEVICE, "ada")
        store.append([event("e3", _DEVICE, 25)])

        with store.batch() as batch:
            batch.load(["ada"], 30)
            found = batch.behind([_DEVICE], ["order"], ["welcome"])[_DEVICE]

        assert [each.received for each in found.history["order"]] == [5]
        assert [each.id for each in found.closed] == ["shut"]

    def test_what_waited_waits_for_the_other_under_its_number(self, store: Store) -> None:
        store.append([_asked(_DEVICE, "ada"), event("e1", _DEVICE, 12), event("e2", _DEVICE, 12)])
        number = _goes(store, _DEVICE, "ada", 20)

        assert due(store, 20) == []
        assert due(store, 21) == ["ada"]
        pending = _stays(store, "ada")
        assert [type(each) for each in pending] == [Joined, EventArrived, EventArrived]
        assert [number_of(each) for each in pending] == [number, number + 1, number + 2]
        assert {each.person for each in pending} == {"ada"}
        joined = pending[0]
        assert isinstance(joined, Joined)
        assert (joined.name, joined.left and joined.left.profile.id) == (_DEVICE, _DEVICE)
        assert due(store, 1_000) == []

    def test_it_is_asked_for_once(self, store: Store) -> None:
        """Also when it has come to the other, or is there no more."""
        for _ in range(2):
            assert store.append([_asked(_DEVICE, "ada")]).accepted == (not _)
        _goes(store, _DEVICE, "ada")
        assert store.append([_asked(_DEVICE, "ada")]).repeats == {0}
        _stays(store, "ada")

        assert store.append([_asked(_DEVICE, "ada"), _asked(_DEVICE, "bob")]).repeats == {0}
        assert len(store.names("ada")) == 1

    def test_a_batch_that_is_given_up_has_joined_nobody(self, store: Store) -> None:
        store.append([_asked(_DEVICE, "ada")])
        with store.batch() as batch:
            batch.load([_DEVICE], 20)
            batch.hold(["ada"])

        assert store.names("ada") == []
        assert due(store, 20) == [_DEVICE]

    def test_forgetting_a_person_forgets_all_their_names(self, store: Store) -> None:
        for person in (_DEVICE, _MAIL, "ada", "bob"):
            commit(store, _lived(person), [person])
        _become_one(store, _DEVICE, _MAIL)
        _become_one(store, _MAIL, "ada", 40)
        store.append([Erased("x", "ada", 60, NUMBERLESS)])
        _forget(store, "ada")

        names = [_DEVICE, _MAIL, "ada"]
        assert store.people(names, ["order"]) == {}
        assert store.names("ada") == store.names(_MAIL) == []
        assert [store.dossier(name) for name in names] == [None] * 3
        assert store.deliveries([f"{name} d1" for name in names]) == {}
        assert [each.id for each in store.deliveries_of("bob")] == ["bob d1", "bob d2"]
        assert store.append([_asked(_DEVICE, _MAIL)]).accepted == 1, "as if never heard of"

    def test_who_goes_into_somebody_after_the_wish_is_not_forgotten(self, store: Store) -> None:
        commit(store, _lived(_DEVICE), [_DEVICE])
        commit(store, _lived("ada"))
        store.append([Erased("x", "ada", 10, NUMBERLESS), _asked(_DEVICE, "ada", 11)])
        _goes(store, _DEVICE, "ada")
        _forget(store, "ada")

        assert [each.person for each in store.names("ada")] == [_DEVICE]
        assert store.people([_DEVICE], ())[_DEVICE].profile.identity.merged == "ada"
        assert [type(each) for each in _stays(store, "ada")] == [Joined]
        assert len(store.deliveries_of("ada")) == 2


def _forget(store: Store, person: str) -> None:
    with store.batch() as batch:
        pending = batch.load([person], 1_000)[person].pending
        (wish,) = [each for each in pending if isinstance(each, Erased)]
        batch.commit(Changes(processed=[wish.number], erased={person: wish.number}))
