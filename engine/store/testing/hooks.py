"""Subscriptions: what happened is told behind a mark, once, and in its order."""

from __future__ import annotations

from engine.core.decision import Decision
from engine.core.hooks import Happening, Hook, Mark
from engine.core.signals import Erased
from engine.store.protocol import Changes, Store
from engine.store.testing.samples import NUMBERLESS, commit, event, process

__all__ = ["TestHooks"]


def _hook(identity: str = "h1", *sorts: str, at: int = 5, mark: Mark | None = None) -> Hook:
    wanted = sorts or ("*",)
    return Hook(identity, "https://shop.example/hook", wanted, at, mark or Mark())


def _told(store: Store, hook: Hook, limit: int = 100) -> list[Happening]:
    """All that is told, look by look. PostgreSQL takes a second look until nobody else writes."""
    found: list[Happening] = []
    for _ in range(50):
        happened, through = store.hooks.happened(hook, store.hooks.horizon(), limit)
        found += happened
        hook = hook._replace(mark=through._replace(words=0))
    return found


def _forget(store: Store, person: str) -> None:
    store.append([Erased(f"gone {person}", person, 20, NUMBERLESS)])
    with store.batch() as batch:
        (asked,) = batch.load([person], 50)[person].pending
        assert isinstance(asked, Erased)
        batch.commit(Changes(processed=[asked.number], erased={person: asked.number}))


class TestHooks:
    """Nothing is written for them but themselves."""

    def test_subscriptions_are_kept_changed_and_taken_away(self, store: Store) -> None:
        store.hooks.turn(lambda _: [_hook("b", at=2), _hook("a", "message.*", at=9)])
        store.hooks.turn(lambda known: [known[0]._replace(disabled="off", mark=Mark(3, 4))])

        assert [each.id for each in store.hooks.known()] == ["b", "a"]
        assert store.hooks.known()[0].mark == Mark(3, 4)
        assert store.hooks.known()[1].sorts == ("message.*",)
        store.hooks.remove("b")
        store.hooks.remove("nobody")
        assert [each.id for each in store.hooks.known()] == ["a"]

    def test_what_happened_is_told_in_the_order_of_each_kind(self, store: Store) -> None:
        store.append(
            [
                event("e1", name="message_sent", properties={"journey": "welcome"}),
                event("e2", name="order"),
                event("e3", "bob", name="consent_withdrawn", occurred=3),
                event("e4", name="segment gold best left"),
            ]
        )
        commit(
            store,
            Changes(
                decisions=[
                    Decision("ada", 7, "entered", "event", "welcome", "r1"),
                    Decision("ada", 8, "sent", "", "welcome", "r1", "hello", "email"),
                    Decision("ada", 9, "left", "end", "welcome", "r1"),
                ]
            ),
        )

        told = _told(store, _hook())

        assert [(each.id, each.sort, each.person, each.at) for each in told[:3]] == [
            ("e1", "message.sent", "ada", 10),
            ("e3", "consent.withdrawn", "bob", 3),
            ("e4", "segment.left", "ada", 10),
        ]
        assert told[0].data == {"journey": "welcome"}
        assert told[2].data == {"segment": "gold best"}
        assert [(each.id, each.sort, each.at) for each in told[3:]] == [
            ("r1/entered", "journey.entered", 7),
            ("r1/left", "journey.left", 9),
        ]
        assert [each.sort for each in _told(store, _hook("h", "journey.*", "message.sent"))] == [
            "message.sent",
            "journey.entered",
            "journey.left",
        ]

    def test_little_at_a_time_is_all_of_it_once(self, store: Store) -> None:
        store.append([event(f"e{n}", name="message_sent") for n in range(7)])
        decided = [Decision("ada", n, "entered", "", "j", f"r{n}") for n in range(5)]
        commit(store, Changes(decisions=decided))

        whole = [each.id for each in _told(store, _hook())]

        for limit in (1, 2, 3):
            assert sorted(each.id for each in _told(store, _hook(), limit)) == sorted(whole)

    def test_who_subscribes_is_told_of_what_happens_from_then_on(self, store: Store) -> None:
        store.append([event("e1", name="message_sent")])
        commit(store, Changes(decisions=[Decision("ada", 7, "entered", "event", "j", "r1")]))
        hook = _hook(mark=store.hooks.end())
        store.append([event("e2", name="message_sent")])
        commit(store, Changes(decisions=[Decision("ada", 8, "left", "end", "j", "r1")]))

        assert [each.id for each in _told(store, hook)] == ["e2", "r1/left"]

    def test_whoever_wants_it_is_told_that_somebody_was_forgotten(self, store: Store) -> None:
        """And nobody else keeps their name for that."""
        store.append([event("e1", name="message_sent"), event("e2", "bob")])
        process(store, 15)
        wanted = _hook("h1", "person.*")
        off = _hook("h3", "person.erased")._replace(disabled="off")
        store.hooks.turn(lambda _: [wanted, _hook("h2", "message.*"), off])
        _forget(store, "ada")

        (told,) = store.hooks.happened(wanted, store.hooks.horizon(), 9)[0]
        assert (told.sort, told.person, told.at) == ("person.erased", "ada", 20)
        for other in ("h2", "h3"):
            assert store.hooks.happened(_hook(other), Mark(), 9)[0] == []
        store.hooks.forget_words("h1", told.mark.words)
        assert store.hooks.happened(wanted, store.hooks.horizon(), 9)[0] == []
        _forget(store, "bob")
        assert [each.person for each in store.hooks.happened(wanted, Mark(), 9)[0]] == ["bob"]
        store.hooks.remove("h1")
        assert store.hooks.happened(wanted, Mark(), 9)[0] == []
