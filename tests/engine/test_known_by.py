"""People who are known by an address become somebody: from calls at the door to one person, in every
store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from dsl.calendar import HOUR, MINUTE
from engine.core.signals import Erased, MergeAsked
from engine.ingest import Intake, Sender
from engine.store import open_store
from engine.store.memory import MemoryStore
from engine.store.protocol import Store
from tests.engine.scene import SHOP, Scene, journey
from tests.postgres import address_of, emptied

MAIL = "email:ada@shop.example"
PHONE = "phone:+4930901820"
FILES = {"plan.yaml": SHOP["plan.yaml"] + "identifiers: email, phone, device\n"}
WELCOME = journey(
    "  - {id: greet, send: hello, to: push}\n  - {id: pause, wait: 7 days}\n",
    head="trigger: {event: signed_up}\nre-enter: never\ncategory: service",
)


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    match request.param:
        case "memory":
            made: Store = MemoryStore()
        case "sqlite":
            made = open_store(f"sqlite:///{tmp_path / 'wayline.db'}")
        case _:
            database: URL = request.getfixturevalue("postgres")
            made = emptied(address_of(database))
    yield made
    made.close()


class Door:
    """A daemon's door and what is behind it. Calls are said one after the other."""

    def __init__(self, store: Store) -> None:
        self.scene = Scene(WELCOME, files=FILES, store=store)
        self._intake = Intake(self.scene.program.project.plan)
        self._numbers = count()

    def say(self, *calls: dict[str, Any], browser: bool = False) -> None:
        named = [{"messageId": f"c{next(self._numbers)}", **each} for each in calls]
        sender = Sender("k/", browser=browser)
        taken = self._intake.take(named, self.scene.now, str, None, sender)
        assert taken.refused == []
        self.scene.store.append(taken.arrivals)
        self.scene.after(MINUTE)

    def names(self, person: str) -> list[str]:
        return sorted(each.person for each in self.scene.store.names(person))

    def told(self, person: str) -> list[str]:
        return self.scene.story(person, "joined", "not joined")


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


def told(user: str | None = None, anonymous: str | None = None, **traits: str) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "anonymousId": anonymous, "traits": traits}


def did(event: str, user: str | None = None, **traits: str) -> dict[str, Any]:
    return {"type": "track", "event": event, "userId": user, "context": {"traits": traits}}


def people(store: Store, names: Sequence[str]) -> dict[str, str]:
    """Who has gone into whom."""
    return {name: view.profile.identity.merged for name, view in store.people(names, ()).items()}


def test_who_was_known_by_an_address_is_whoever_says_it_later(door: Door) -> None:
    """A newsletter form, a call centre, and an account: one person, greeted once."""
    device = {"context": {"device": {"token": "tok-1"}}}
    door.say({**told(anonymous="7c1f", email="Ada@shop.example", first_name="Ada"), **device})
    door.say(did("signed_up", email="ada@shop.example"))
    door.say(told(phone="+49 30 901820", tier="gold"))
    door.say(told("ada", email="ada@SHOP.example", phone="0049 30 901820"))
    door.say(did("signed_up", "ada"))

    assert door.names("ada") == ["anonymous:7c1f", "device:tok-1", MAIL, PHONE]
    view = door.scene.store.people(["ada"], ["signed_up"])["ada"]
    assert view.profile.attributes["first_name"] == "Ada"
    assert view.profile.attributes["tier"] == "gold"
    assert len(view.history["signed_up"]) == 2
    assert [sent.split()[-2:] for sent in door.scene.sent] == [["hello", "push"]]
    assert door.told("ada")[-2:] == [f"joined {MAIL}", f"joined {PHONE}"]


def test_what_still_comes_by_the_address_alone_is_theirs(door: Door) -> None:
    door.say(told("ada", email="ada@shop.example"))
    door.say(did("viewed", email="ada@shop.example"), told(email="ada@shop.example", tier="gold"))

    view = door.scene.store.people(["ada"], ["viewed"])["ada"]
    assert len(view.history["viewed"]) == 1
    assert view.profile.attributes["tier"] == "gold"
    assert people(door.scene.store, [MAIL]) == {MAIL: "ada"}


def test_two_people_with_one_address_stay_two_and_it_is_told(door: Door) -> None:
    """A couple, or a mistake: nobody gets what the other one did, and both are written to there."""
    door.say(told("ada", email="ada@shop.example"), told("bob", email="ada@shop.example"))
    door.scene.after(HOUR)
    for _ in range(3):
        door.say(told("bob", email="ada@shop.example"))

    owners = [name for name in ("ada", "bob") if door.names(name)]
    assert len(owners) == 1
    assert people(door.scene.store, ["ada", "bob"]) == {"ada": "", "bob": ""}
    (other,) = {"ada", "bob"} - {*owners}
    assert door.told(other) == ["not joined it belongs to another person already"]
    for name in ("ada", "bob"):
        profile = door.scene.store.people([name], ())[name].profile
        assert profile.addresses["email"] == "ada@shop.example"


def test_whoever_takes_another_address_goes_by_both(door: Door) -> None:
    door.say(told("ada", email="ada@shop.example"))
    door.say(told(email="ada@home.example", first_name="Ada"))
    door.say(told("ada", email="ada@home.example"))

    assert door.names("ada") == ["email:ada@home.example", MAIL]
    view = door.scene.store.people(["ada"], ())["ada"]
    assert view.profile.attributes["first_name"] == "Ada"


def test_a_page_gives_nobody_an_address(door: Door) -> None:
    """Somebody types another's address into a form: they do not become them."""
    door.say(told("ada", email="ada@shop.example"))
    door.say(told(anonymous="evil", email="ada@shop.example"), browser=True)
    door.say({"type": "track", "event": "viewed", "anonymousId": "evil"}, browser=True)

    assert door.names("ada") == [MAIL]
    assert people(door.scene.store, ["anonymous:evil"]) == {"anonymous:evil": ""}


def test_a_flood_of_addresses_ends(door: Door) -> None:
    door.say(*(told("ada", email=f"a{number}@shop.example") for number in range(120)))

    assert len(door.names("ada")) == 100


def test_a_circle_of_addresses_ends(door: Door) -> None:
    """Everybody says everybody's: each address is somebody's, and nobody goes into anybody."""
    addresses = [f"{name}@shop.example" for name in ("ada", "bob", "eve")]
    door.say(*(told(name, email=mail) for name in ("ada", "bob", "eve") for mail in addresses))

    names = ("ada", "bob", "eve")
    assert people(door.scene.store, names) == dict.fromkeys(names, "")
    found = sorted(mail for name in names for mail in door.names(name))
    assert found == [f"email:{mail}" for mail in addresses]


def test_by_whichever_name_somebody_is_forgotten_no_address_is_left(door: Door) -> None:
    door.say(told("ada", "7c1f", email="ada@shop.example", phone="+4930901820"))
    door.say(did("viewed", email="ada@shop.example"))
    door.scene.take(Erased("wish", MAIL, door.scene.now, 0))
    door.scene.after(MINUTE)

    store = door.scene.store
    assert store.people(["ada", MAIL, PHONE, "anonymous:7c1f"], ()) == {}
    assert store.names("ada") == []
    door.say(told(email="ada@shop.example", tier="gold"))
    view = store.people([MAIL], ["viewed"])[MAIL]
    assert (view.history["viewed"], dict(view.profile.attributes)) == (
        [],
        {"email": "ada@shop.example", "tier": "gold"},
    )
    door.say(told("ada", email="ada@shop.example"))
    assert door.names("ada") == [MAIL]


@pytest.mark.parametrize("together", [True, False])
def test_who_is_asked_into_two_at_once_goes_into_the_first_and_takes_nobody_along(
    store: Store, together: bool
) -> None:
    """A server says of one device that it is Ada's, and then that it is Bob's: Ada is not Bob for
    that, be it said in one batch or in two.
    """
    scene = Scene(WELCOME, store=store)
    for name in ("ada", "bob", "anonymous:7c1f"):
        scene.person(name)
    asked = [
        MergeAsked(f"m{n}", "anonymous:7c1f", scene.now, 0, n, "alias") for n in ("ada", "bob")
    ]
    for group in [asked] if together else [asked[:1], asked[1:]]:
        scene.store.append(group)
        scene.after(MINUTE)

    assert [each.person for each in scene.store.names("ada")] == ["anonymous:7c1f"]
    assert scene.store.names("bob") == []
    assert scene.story("bob", "not joined") == ["not joined it belongs to another person already"]
    assert scene.story("ada", "joined", "not joined") == [f"joined {'anonymous:7c1f'}"]
