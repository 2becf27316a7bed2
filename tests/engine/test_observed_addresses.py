"""Anybody can say of a browser that it is somebody's, and leave an address there. Nobody is written to
at it who has one of their own.
"""

from __future__ import annotations

import itertools

import pytest

from dsl.calendar import DAY, MINUTE
from engine.core.joining import Known, join
from engine.core.origins import Origin
from engine.core.profile import Profile
from engine.core.signals import MergeAsked, ProfileChanged
from engine.store.memory import MemoryStore
from tests.engine.scene import Scene, journey

DEVICE = "anonymous:7c1f"
EVE, ADA = "eve@evil.example", "ada@shop.example"


@pytest.fixture
def scene() -> Scene:
    return Scene(journey("  - {id: a, send: hello, to: email}"), store=MemoryStore())


def leave(scene: Scene, person: str, address: str | None, origin: str = "observed") -> None:
    name = f"{person} {address} {scene.now}"
    scene.take(ProfileChanged(name, person, scene.now, 0, {}, {"email": address}, origin))
    scene.after(MINUTE)


def say_it_is(scene: Scene, person: str) -> None:
    scene.take(MergeAsked(f"{DEVICE} {person}", DEVICE, scene.now, 0, person, "browser"))
    scene.after(MINUTE)


def address(scene: Scene, person: str = "ada") -> str | None:
    found = scene.store.people([person], [])[person].profile.addresses.get("email")
    assert found is None or isinstance(found, str)
    return found


def test_an_address_left_before_takes_no_place(scene: Scene) -> None:
    leave(scene, "ada", ADA, "told")
    scene.after(DAY)
    leave(scene, DEVICE, EVE)
    say_it_is(scene, "ada")

    assert address(scene) == ADA


def test_an_address_left_afterwards_takes_no_place(scene: Scene) -> None:
    """It is handed on to whoever the device has become."""
    leave(scene, "ada", ADA, "told")
    say_it_is(scene, "ada")
    leave(scene, DEVICE, EVE)
    leave(scene, DEVICE, None)

    assert address(scene) == ADA


def test_an_address_left_there_fills_in_until_one_is_told(scene: Scene) -> None:
    leave(scene, DEVICE, EVE)
    scene.take(ProfileChanged("ada", "ada", scene.now, 0, {}, {}))
    say_it_is(scene, "ada")
    assert address(scene) == EVE

    leave(scene, "ada", ADA, "told")
    assert address(scene) == ADA


def test_whoever_is_not_known_may_correct_what_they_left(scene: Scene) -> None:
    leave(scene, DEVICE, "eve@evli.example")
    leave(scene, DEVICE, EVE)

    assert address(scene, DEVICE) == EVE


def test_in_whatever_order_devices_are_joined_what_was_told_counts() -> None:
    def known(name: str, mail: str, at: int, origin: str) -> Known:
        found = {"email address": Origin(at, origin)}
        return Known(Profile(name, addresses={"email": mail}), found, at)

    people = [
        known("ada", ADA, 5, "told"),
        known("anonymous:1", EVE, 9, "observed"),
        known("anonymous:2", "old@shop.example", 1, "told"),
        known("anonymous:3", "mallory@evil.example", 7, "observed"),
    ]
    ends = set()
    for first, *others in itertools.permutations(people):
        one = first
        for other in others:
            together = join(one, other, {})
            one = Known(together.profile, together.origins, min(one.heard, other.heard))
        ends.add((one.profile.addresses["email"], tuple(one.profile.identity.also)))

    assert ends == {(ADA, ("email old@shop.example",))}
